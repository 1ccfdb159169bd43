"""The account of what was handed in, in numbers and sentences."""

import pytest

from cds.core.account import (
    CONDITION,
    MEDICINE,
    MOST_NAMED,
    OTHER,
    RESULT,
    Account,
    Missing,
    Unheard,
    rest_sentence,
    sentence,
    sentences,
    told,
)

SODIUM = Unheard("Observation/1", RESULT, "Sodium", "no-value", "150 mmol/L", "2026-11-20")
AGAIN = SODIUM._replace(record="Observation/2", value="151 mmol/L")
NEITHER = Missing("MedicationRequest", "the server did not answer")


def test_an_empty_account_has_looked_at_nothing() -> None:
    assert Account() == Account(0, 0, 0, 0, (), (), 0)
    assert not SODIUM.critical


@pytest.mark.parametrize(
    ("account", "whole"),
    [
        (Account(3, 3), True),
        (Account(3, 2, unheard=(SODIUM,)), False),
        (Account(3, 3, missing=(NEITHER,)), False),
        (Account(3, 2, unheard=(SODIUM,), missing=(NEITHER,)), False),
    ],
)
def test_an_account_is_whole_if_all_came_and_was_understood(account: Account, whole: bool) -> None:
    assert account.whole is whole


@pytest.mark.parametrize(
    ("account", "line"),
    [
        (Account(0), "Record: 0 resources looked at, 0 used."),
        (Account(1, 1), "Record: 1 resource looked at, 1 used."),
        (Account(2, 1), "Record: 2 resources looked at, 1 used."),
        (
            Account(4, 1, 0, 2, (SODIUM,), (NEITHER,), 2),
            (
                "Record: 4 resources looked at, 1 used, 2 about another person, 1 not read,"
                " not complete."
            ),
        ),
    ],
)
def test_the_sums_in_words(account: Account, line: str) -> None:
    assert account.line == line


def test_equal_entries_are_told_once_with_their_count() -> None:
    one, other = told([SODIUM, AGAIN, SODIUM._replace(critical=True)]).named

    assert (one.first, one.times) == (SODIUM, 2)
    assert other.times == 1
    assert sentence(one, values=False) == (
        "Sodium (Observation/1) and 1 more like it: it has no value that can be read;"
        " look at the result."
    )
    assert " more like it" not in sentence(other)
    assert sentence(other).startswith("Flagged critical: Sodium 150 mmol/L 2026-11-20 (")


def test_values_are_shown_unless_they_may_not_be() -> None:
    account = Account(1, unheard=(SODIUM,))

    assert "150 mmol/L" in sentence(told([SODIUM]).named[0])
    assert "150 mmol/L" in sentences(account)[0]
    assert "150 mmol/L" not in sentences(account, values=False)[0]


def test_ten_are_named_and_the_rest_is_counted_by_kind() -> None:
    assert MOST_NAMED == 10
    kinds = (RESULT, RESULT, MEDICINE, CONDITION, OTHER)
    many = [SODIUM._replace(kind=kinds[at % 5], what=f"W{at}") for at in range(15)]

    assert len(told(many).named) == 10
    assert told(many).rest == {RESULT: 2, MEDICINE: 1, CONDITION: 1, OTHER: 1}
    assert told(many[:10]).rest == {}


def test_the_rest_in_words() -> None:
    assert rest_sentence({}) is None
    assert rest_sentence({RESULT: 1, MEDICINE: 2, OTHER: 1}) == (
        "Not read besides: 1 result, 2 medicines, 1 other entry."
    )


def test_the_account_in_sentences_is_the_gravest_first() -> None:
    account = Account(12, 0, unheard=(SODIUM, AGAIN._replace(what="Potassium")), missing=(NEITHER,))

    said = sentences(account, 1)

    assert [one.partition(" ")[0] for one in said] == ["Sodium", "Not", "Not", "Record:"]
    assert said[1] == "Not read besides: 1 result."
    assert said[2].startswith("Not available: MedicationRequest (the server did not answer).")
