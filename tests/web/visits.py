"""Visits with made-up responses, and the cards that they give."""

import copy
from datetime import UTC, datetime, timedelta
from typing import Any

from cds.fhir.primitives import instant
from cds.flows.assess import Assessor
from cds.flows.hooks import Verdict, Visit, consider
from cds.flows.synthetic.hook_samples import conditions
from cds.flows.synthetic.samples import samples, scenarios_of
from cds.knowledge.read.pack import find_pack, pack_folders
from cds.web.cards.cards import draw
from cds.web.cards.sheet import CardPlace

Json = dict[str, Any]
NOW = datetime(2026, 11, 20, 16, 30, tzinfo=UTC)
PACK = find_pack("cramps")
ASSESSOR = Assessor([PACK])
KNOWN = scenarios_of(pack_folders()[PACK.id], PACK)
EHR = "https://ehr.example.org/fhir"
INDICATORS = ("", "info", "warning", "critical")
PLACE = CardPlace("cramps-patient-view", "instance", "https://cds.example.org")


def response_of(scenario: str, hours: float | None = 1, status: str | None = None) -> Json:
    """The answers of a scenario, authored so many hours ago; None: undated."""
    (sample,) = samples(KNOWN, PACK, scenario, 1, 0)
    made: Json = copy.deepcopy(dict(sample.response))
    made.pop("authored", None)
    if hours is not None:
        made["authored"] = instant(NOW - timedelta(hours=hours))
    return made if status is None else {**made, "status": status}


def empty(hours: float | None, status: str) -> Json:
    """As fillers write it when nothing was answered."""
    made = response_of("no-urine", hours, status)
    return {**made, "item": [{"linkId": "safety"}]}


def verdict_of(*responses: Json, **more: Any) -> Verdict:
    patient = "example-0-0"
    visit = Visit(patient, NOW, responses, conditions(PACK, patient), bases=[EHR], **more)
    return consider(PACK, ASSESSOR, visit)


def cards_of(verdict: Verdict) -> list[Json]:
    return list(draw(verdict, PLACE).cards)


def shown_in(verdict: Verdict) -> int:
    return max((INDICATORS.index(card["indicator"]) for card in cards_of(verdict)), default=0)
