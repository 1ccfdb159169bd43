"""Feedback is logged once, whatever the client calls its reasons, and counted per rule."""

from collections.abc import Callable

import pytest

from cds.errors import RequestError
from cds.store.decisions import DecisionLog
from cds.store.model import Decision, Feedback, Rate, Rates, Receipt, Verified
from cds.store.verify import verify
from cds.store.writing import opened_content

Decide = Callable[..., Decision]
Say = Callable[..., Feedback]


def test_the_same_feedback_again_is_not_logged_again(
    log: DecisionLog, decide: Decide, say: Say
) -> None:
    log.append(decide(1))

    assert log.feedback([say(), say()]) == Receipt(stored=1, repeated=1, unknown=())
    assert log.feedback([say()]) == Receipt(stored=0, repeated=1, unknown=())
    assert log.head().sequence == 2
    assert verify(log) == Verified(log.head(), erased=0)


def test_a_card_that_was_never_shown_is_logged_and_named(log: DecisionLog, say: Say) -> None:
    receipt = log.feedback([say("nobody"), say("nobody", "overridden"), say("else")])

    assert receipt == Receipt(stored=3, repeated=0, unknown=("nobody", "else"))
    assert log.rates() == Rates(rules=(), unknown=2)


def test_a_foreign_reason_is_counted_and_its_words_are_encrypted(
    log: DecisionLog, decide: Decide, say: Say
) -> None:
    log.append(decide(1))
    item = say(
        outcome="overridden",
        reason_code="their-own",
        reason_system="https://ehr.example.org/reasons",
        reason_display="The words of the client",
        comment="patient says it is fine",
    )

    log.feedback([item])

    *_, (entry, key) = log.entries()
    assert log.rates().rules[0].reasons == (("their-own", 1),)
    assert "fine" not in entry.details
    assert opened_content(entry, key) == (b"The words of the client", b"patient says it is fine")


def test_the_latest_word_on_a_card_counts(log: DecisionLog, decide: Decide, say: Say) -> None:
    log.append(decide(1))
    log.feedback([say(outcome="overridden"), say(outcome="accepted")])

    assert log.rates().rules == (Rate("R1", 1, 1, 0, ()),)


def test_rates_count_shown_accepted_and_overridden_cards_of_each_rule(
    log: DecisionLog, decide: Decide, say: Say
) -> None:
    for number in range(1, 6):
        cards = {f"card-{number}": ("R1", "R1") if number % 2 else ("R1", "E2")}
        log.append(decide(number, cards=cards))
    log.feedback(
        [
            say("card-1"),
            say("card-2", "overridden", reason_code="known"),
            say("card-4", "overridden"),
        ]
    )

    rates = log.rates()

    assert rates.rules == (
        Rate("E2", 2, 0, 2, (("(none given)", 1), ("known", 1))),
        Rate("R1", 5, 1, 2, (("(none given)", 1), ("known", 1))),
    )
    assert (rates.rules[1].acceptance, rates.rules[0].override) == (1 / 3, 1.0)
    assert Rate("X", 3, 0, 0, ()).acceptance is None


@pytest.mark.parametrize("field", ["client", "service"])
def test_one_clients_feedback_does_not_count_for_anothers_cards(
    log: DecisionLog, decide: Decide, say: Say, field: str
) -> None:
    log.append(decide(1))

    receipt = log.feedback([say(**{field: "other"})])

    assert receipt.unknown == ("card-1",)
    assert log.rates() == Rates((Rate("R1", 1, 0, 0, ()),), unknown=1)


@pytest.mark.parametrize(
    ("field", "where"),
    [
        ("card", "card"),
        ("outcome_timestamp", "outcomeTimestamp"),
        ("reason_code", "reason.code"),
        ("reason_system", "reason.system"),
    ],
)
def test_feedback_that_no_column_can_hold_is_the_senders_fault(
    log: DecisionLog, say: Say, field: str, where: str
) -> None:
    with pytest.raises(RequestError) as caught:
        log.feedback([say("card-2"), say(**{field: "a\x1bb"})])

    assert (caught.value.status, caught.value.where) == (400, where)
    assert log.head().sequence == 0


def test_a_comment_of_any_characters_is_kept(log: DecisionLog, say: Say) -> None:
    log.feedback([say(comment="\x00\ud800 né\n")])

    [(entry, key)] = log.entries()
    assert opened_content(entry, key) == (b"", "\x00? né\n".encode())
