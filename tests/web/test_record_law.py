"""One more resource of the record, in any spelling, never silences a card."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cds.core.account import CONDITION, MEDICINE, PROCEDURE, Missing
from cds.core.model import Evidence, Fact, Presence
from cds.core.scoring import score
from cds.fhir.primitives import instant
from cds.flows.hooks import Verdict, Visit, consider
from cds.flows.synthetic.hook_samples import conditions
from cds.flows.synthetic.samples import samples
from cds.record.compile import compile_record
from tests.web.visits import ASSESSOR, KNOWN, NOW, PACK, Json, response_of, shown_in

SUBJECT = {"reference": "Patient/example-0-0"}
RESULTS = st.fixed_dictionaries(
    {
        "resourceType": st.just("Observation"),
        "id": st.uuids().map(str),
        "status": st.sampled_from(["final", "preliminary", "cancelled", "unknown", "nonsense"]),
        # Never the potassium of the record: a newer one of the same test may replace it.
        "code": st.sampled_from(
            [
                {"coding": [{"system": "http://loinc.org", "code": code}]}
                for code in ("2951-2", "17861-6", "2345-7", "718-7", "99999-9")
            ]
            + [{"text": "a test"}, {}, 7]
        ),
        "subject": st.sampled_from([SUBJECT, {"reference": "Patient/other"}, {}, None]),
        "effectiveDateTime": st.sampled_from([instant(NOW - timedelta(hours=2)), "2026", "", 3]),
        "valueQuantity": st.sampled_from(
            [{"value": 140, "unit": "mmol/L"}, {"value": 1, "unit": "furlong"}, {}, None, "x"]
        ),
        "interpretation": st.sampled_from([None, [{"coding": [{"code": "HH"}]}], [{}], "N"]),
    }
)
OTHERS = st.sampled_from(
    [
        {"resourceType": "OperationOutcome", "issue": [{"severity": "warning"}]},
        {"resourceType": "MedicationRequest", "id": "m", "status": "active", "subject": SUBJECT},
        {"resourceType": "Condition", "id": "c", "code": {"text": "x"}, "subject": SUBJECT},
        {"resourceType": "Patient", "id": "example-0-0", "birthDate": "2019"},
        {"resourceType": "Basic"},
        {"resourceType": "Flag", "code": {"text": "Critical potassium"}, "subject": SUBJECT},
        {"resourceType": "CarePlan", "id": "d", "title": "Diabetes", "subject": SUBJECT},
        {"resourceType": "Condition", "id": "d", "code": {"text": "Diabetes"}, "subject": SUBJECT},
        {"resourceType": "List", "entry": [{"item": {"reference": "Condition/gone"}}]},
        {},
    ]
)


def _verdict(response: Json | None, record: list[Json], **more: Any) -> Verdict:
    responses = [] if response is None else [response]
    known = [*conditions(PACK, "example-0-0"), *record]
    return consider(PACK, ASSESSOR, Visit("example-0-0", NOW, responses, known, **more))


def _potassium() -> list[Json]:
    (sample,) = samples(KNOWN, PACK, "potassium-critical", 1, 0)
    return [{**one, "subject": SUBJECT} for one in sample.record]


@pytest.mark.parametrize("scenario", ["no-urine", "everyday-night-cramp", "incomplete", None])
@pytest.mark.parametrize("critical", [True, False])
@settings(max_examples=settings().max_examples // 12, deadline=None)
@given(some=st.lists(RESULTS | OTHERS, max_size=3), more=RESULTS | OTHERS)
def test_one_more_resource_never_lowers_what_is_shown(
    scenario: str | None, critical: bool, some: list[Json], more: Json
) -> None:
    response = None if scenario is None else response_of(scenario)
    record = [*(_potassium() if critical else []), *some]

    before, after = _verdict(response, record), _verdict(response, [*record, more])

    assert shown_in(after) >= shown_in(before)


@pytest.mark.parametrize("scenario", ["no-urine", "everyday-night-cramp", "incomplete", None])
def test_what_did_not_come_never_lowers_what_is_shown(scenario: str | None) -> None:
    response = None if scenario is None else response_of(scenario)
    missing = (Missing("labs", "not sent"),)

    whole = _verdict(response, [])
    partial = _verdict(response, [], missing=missing)

    assert shown_in(partial) >= max(1, shown_in(whole))


def test_what_is_told_of_other_entries_raises_the_level_once_it_is_a_fact() -> None:
    """Else a fact that takes the place of what was only told could lower a level."""
    rules = compile_record(PACK.record)
    read = ASSESSOR.read(response_of("everyday-night-cramp"))
    silent = ASSESSOR.facts(PACK, [], now=NOW, subject="Patient/example-0-0")
    named = [fact for kind in (CONDITION, MEDICINE, PROCEDURE) for fact in rules.kinds[kind]]

    ranks = {}
    for fact in named:
        shown = Fact(fact, Presence.PRESENT, (Evidence("Condition/c", "c", None, None, "code"),))
        known = silent._replace(facts={**silent.facts, fact: shown}, found=None)
        ranks[fact] = score(read.engine.scorer, read.answers, known).level.rank

    raised = min(level.rank for level in PACK.rules.levels if level.code == "routine")
    assert {fact for fact, rank in ranks.items() if rank < raised} == rules.not_elsewhere
