"""The law of the cards in wide worlds.

Several responses, records and orders that are not understood, refusals, other languages.
"""

from collections.abc import Iterator
from datetime import timedelta
from random import Random

import pytest

from cds.core.account import Missing
from cds.fhir.primitives import instant
from cds.flows.deciding.translator import Translators
from cds.flows.hooks import Verdict, Visit, consider, verdict_in
from cds.flows.synthetic.hook_samples import conditions
from cds.flows.synthetic.samples import samples
from cds.knowledge.read.pack import pack_folders
from cds.web.cards.stationery import INPUT
from tests.web.test_card_law import PLACES, law, written
from tests.web.test_not_read_card import KINDS, PATIENT
from tests.web.visits import ASSESSOR, EHR, KNOWN, NOW, PACK, Json, empty

TRANSLATORS = Translators([PACK], {PACK.hash: pack_folders()[PACK.id]})
LANGUAGES = TRANSLATORS.languages(PACK)
STATUSES = ("completed", "completed", "amended", "in-progress", "stopped", "entered-in-error")
HOURS = (0.5, 3.0, 30.0, 71.0, 73.0, 9000.0, -2.0, None)
WHYS = ("", "", "", "server error, 503", "not reached", "not answered in time", "refused, 400")
MEDICINES = (("furosemide", "C03CA01"), ("atorvastatin", "C10AA05"), ("salbutamol", "R03AC02"))
WIDE = 2_500
FEW = 100


def _responses(draw_: Random, number: int) -> Iterator[Json]:
    for place in range(draw_.choice((0, 1, 1, 2, 3, 5))):
        hours, status = draw_.choice(HOURS), draw_.choice(STATUSES)
        if draw_.random() < 0.15:
            yield empty(hours, status)
            continue
        (sample,) = samples(KNOWN, PACK, "random", 1, 1_000 * number + place)
        made = {**sample.response, "status": status, "id": f"r{place}"}
        made.pop("authored", None)
        when = None if hours is None else instant(NOW - timedelta(hours=hours))
        yield {**made, "subject": {"reference": f"Patient/{PATIENT}"}} | (
            {"authored": when} if when else {}
        )


def _order(draw_: Random, number: int) -> Json:
    name, code = draw_.choice(MEDICINES)
    words = f"{name} {number} mg {'modified release tablets ' * draw_.choice((0, 1, 4))}".strip()
    coding = {"system": "http://www.whocc.no/atc", "code": code}
    return {
        "resourceType": "MedicationRequest",
        "id": f"d{number}",
        "status": "draft",
        "intent": "order",
        "subject": {"reference": f"Patient/{PATIENT}"},
        "medicationCodeableConcept": {"text": words, "coding": [coding]},
    }


def world(number: int) -> Verdict:
    """One visit, the same for the same number."""
    chance = Random(f"wide/{number}")  # noqa: S311 - made-up visits, nothing secret
    record = list(conditions(PACK, PATIENT)) if chance.random() < 0.8 else []
    for place, kind in enumerate(KINDS):
        record += [kind(100 * place + one) for one in range(chance.choice((0, 0, 0, 1, 3, 14)))]
    unread = chance.choice(WHYS)
    had = not unread or chance.random() < 0.5
    visit = Visit(
        PATIENT,
        NOW,
        list(_responses(chance, number)) if had else None,
        record,
        unread=unread,
        searchable=chance.random() < 0.9,
        missing=[Missing("labs", chance.choice(WHYS[3:]))] if chance.random() < 0.2 else [],
        foreign=["responses", "labs"] if chance.random() < 0.1 else [],
        orders=[_order(chance, one) for one in range(chance.choice((0, 0, 1, 3, 40)))],
        bases=[EHR],
    )
    verdict = consider(PACK, ASSESSOR, visit)
    translator = TRANSLATORS.translator(PACK, LANGUAGES[number % len(LANGUAGES)])
    assert translator is not None
    return verdict_in(verdict, translator)


def _broken(numbers: range) -> list[tuple[int, str]]:
    found = []
    for number in numbers:
        verdict = world(number)
        cards = written(verdict, PLACES[number % len(PLACES)])
        found += [(number, fault) for fault in law(verdict, cards)]
    return found


def test_wide_worlds_keep_the_law() -> None:
    assert _broken(range(FEW)) == []


@pytest.mark.slow
def test_thousands_of_wide_worlds_keep_the_law() -> None:
    assert _broken(range(FEW, WIDE)) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_of_card_says_what_it_is_and_whether_its_words_were_reviewed(
    language: str,
) -> None:
    seen = set()
    for number in range(LANGUAGES.index(language), 3 * FEW, len(LANGUAGES)):
        verdict = world(number)
        say = verdict.pack.say
        for card in written(verdict, PLACES[0]):
            assert say(INPUT) in card["detail"]
            assert say.unreviewed in card["detail"]
            seen.add(card["source"]["topic"]["code"])
    assert seen > {"alarm", "order", "not-available", "not-assessed", "outdated", "other-patient"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_however_many_orders_there_are_the_words_of_the_pack_stand_whole(language: str) -> None:
    translator = TRANSLATORS.translator(PACK, language)
    assert translator is not None
    chance = Random(language)  # noqa: S311 - made-up orders
    for many in (1, 2, 7, 60):
        orders = [_order(chance, number) for number in range(many)]
        visit = Visit(PATIENT, NOW, [], conditions(PACK, PATIENT), orders=orders)
        verdict = verdict_in(consider(PACK, ASSESSOR, visit), translator)
        for card in written(verdict, PLACES[0]):
            if card["source"]["topic"]["code"] == "order":
                assert (verdict.pack.cards.order_text or "") in card["detail"]
