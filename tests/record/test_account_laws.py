"""Laws of the account: each resource has one state, and one more takes nothing away."""

from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds.record.facts import facts_of
from cds.record.rules import RecordRules
from cds.record.versions import Matter, newest
from tests.record.resources import Json, account_of, condition, order
from tests.record.test_account import states
from tests.record.test_laws import junk, observations

TEXTS = ["Dialysis", "Critical potassium 7.2", "Hypokalemia", "Diabetes", "Furosemide", "Walk", ""]
KINDS = [
    *("Flag", "ServiceRequest", "CarePlan", "DocumentReference", "Condition", "List", "Basic"),
    *("Procedure", "QuestionnaireResponse", "Binary", "Task", "DiagnosticReport", "Composition"),
]
HYPERTENSION = {"coding": [{"system": "http://snomed.info/sct", "code": "38341003"}]}


@st.composite
def others(draw: st.DrawFn) -> Json:
    """Resources of other kinds, with words in one of their elements."""
    text = draw(st.sampled_from(TEXTS))
    key, value = draw(
        st.sampled_from(
            [
                ("code", {"text": text}),
                ("title", text),
                ("note", [{"text": text}]),
                ("entry", [{"item": {"reference": "Condition/gone", "display": text}}]),
                ("extension", [{"url": "x", "valueString": text}]),
                ("evidence", [{"code": [{"text": text}]}]),
                ("text", {"div": f"<div>{text}</div>"}),
                ("contentType", "application/fhir+json"),
                ("item", [{"text": text, "answer": [{"valueBoolean": True}]}]),
                ("component", [{"component": [{"code": {"text": text}, "valueString": text}]}]),
                ("section", [{"entry": [{"resourceType": "Flag", "code": {"text": text}}]}]),
            ]
        )
    )
    return {
        "resourceType": draw(st.sampled_from(KINDS)),
        "id": draw(st.text("abc", min_size=1, max_size=2)),
        "status": draw(st.sampled_from(["active", "completed", "current", "on-hold", None])),
        **draw(st.sampled_from([{}, {"code": HYPERTENSION}])),
        "date": draw(st.sampled_from(["2026-11-20", "2020", None])),
        key: value,
    }


single = (
    observations()
    | st.builds(condition, st.sampled_from(["73211009", "38341003", "43339004"]))
    | st.builds(lambda text, status: order(text=text) | {"status": status}, st.sampled_from(
        ["Furosemide 40 mg", "Amlodipine 5 mg", "", None]), st.sampled_from(
        ["active", "stopped", "unknown", None]))
    | st.fixed_dictionaries({"resourceType": st.sampled_from(["Observation", "Encounter"])})
    | others()
    | st.dictionaries(st.sampled_from(["code", "status", "valueQuantity"]), junk).map(
        lambda one: {**one, "resourceType": "Observation", "id": "junk"})
)  # fmt: skip


@st.composite
def inside(draw: st.DrawFn) -> Json:
    """The same inside another resource, which is one all the same."""
    kind = draw(st.sampled_from(["DiagnosticReport", "Basic", "Observation", "MedicationDispense"]))
    inner = draw(st.lists(single, min_size=1, max_size=2))
    return {"resourceType": kind, "id": draw(st.text("abc", min_size=1)), "contained": inner}


anything = single | inside()


@given(record=st.lists(anything, max_size=6), more=anything)
def test_each_resource_has_one_state_and_one_more_is_one_more(
    record: list[Json], more: Json, rules: RecordRules, now: datetime
) -> None:
    before, after = (
        facts_of(one, rules, now=now, patient="Patient/p") for one in (record, [*record, more])
    )

    for facts, resources in ((before, record), (after, [*record, more])):
        looked_at, *sums = states(facts)
        assert looked_at == sum(sums) == len(resources)
        assert min(sums, default=0) >= 0


persons = st.builds(
    lambda birth, gender: {
        "resourceType": "Patient",
        "id": "p",
        "birthDate": birth,
        "gender": gender,
    },
    st.sampled_from(["1970-01-01", "2015-06-01", "1970", "x", None]),
    st.sampled_from(["male", "female", None]),
)
outcomes = st.sampled_from([{"resourceType": "OperationOutcome"}, {"resourceType": "Bundle"}])
RANKS = {"routine": 1, "indeterminate": 2}


def _versions(record: list[Json]) -> int:
    """How many resources are older versions of others."""
    return newest(((one, None) for one in record), ()).replaced


@given(record=st.lists(anything | persons, max_size=6), more=anything | persons | outcomes)
def test_one_more_entry_takes_nothing_away_unless_it_replaces_one(
    record: list[Json], more: Json, rules: RecordRules, now: datetime, present: Any
) -> None:
    before, after = (
        facts_of(one, rules, now=now, patient="Patient/p") for one in (record, [*record, more])
    )

    # A result may be a newer one of the same test; the same id again may be a newer version. They
    # are counted by themselves: what only repeated what the older one showed is told again then.
    if _versions([*record, more]) > _versions(record):
        return
    results = [one for one in record if one["resourceType"] == "Observation"]
    if more["resourceType"] == "Observation":
        alone, beside = (
            account_of(facts_of(one, rules, now=now, patient="Patient/p")).replaced
            for one in (results, [*results, more])
        )
        if beside > alone:
            return
    assert present(before) <= present(after)
    floors = [[RANKS[one.level] for one in facts.floors] for facts in (before, after)]
    # A floor for want of an age goes when the age makes the value an alarm.
    raised = present(before) < present(after)
    assert max(floors[0], default=0) <= max(floors[1], default=0) or raised


_CODES = st.sampled_from(
    [{"text": "Kalium"}, {"text": "Troponin"}, {"coding": [{"code": "9999-9"}]}, {}]
    + [{"coding": [{"system": "http://loinc.org", "code": code}]} for code in ("2823-3", "6299-2")]
)
_VALUES: st.SearchStrategy[Json] = st.sampled_from(
    [{"valueQuantity": {"value": 6917.25, "unit": unit}} for unit in ("mmol/L", "stone", "")]
    + [{"valueString": "6917"}, {"valueQuantity": {"value": 6917}}, {}]
)
_FLAGS = st.sampled_from(["CRIT", "HH", "zz", ""])


@st.composite
def _part(draw: st.DrawFn) -> Json:
    flag = draw(_FLAGS)
    flagged = {"interpretation": [{"coding": [{"system": "x", "code": flag}]}]} if flag else {}
    return {"code": draw(_CODES), **draw(_VALUES), **flagged}


@given(part=_part(), parts=st.lists(_part(), max_size=3))
def test_the_name_of_what_was_not_heard_holds_no_value(
    part: Json, parts: list[Json], rules: RecordRules, now: datetime
) -> None:
    """Where values are not shown, names are."""
    head = {"resourceType": "Observation", "id": "o", "status": "final"}
    when = {"effectiveDateTime": "2026-11-21T08:00:00Z"}

    facts = facts_of([{**head, **when, **part, "component": parts}], rules, now=now, patient=None)

    for one in account_of(facts).unheard:
        assert "6917" not in one.what
        names = one.what.split("; ")
        assert len(set(names)) == len(names)


def test_many_results_under_one_id_are_not_each_compared_with_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A body of four thousand took eighteen seconds, in which no other large call was answered."""
    compared: list[Matter] = []
    may_be = Matter.may_be

    def counted(self: Matter, other: Matter) -> bool:
        compared.append(self)
        return may_be(self, other)

    monkeypatch.setattr(Matter, "may_be", counted)
    many = [_one_of_many(f"{number}") for number in range(600)]

    found = newest([*many, *many], ())

    assert len(compared) < 100 * len(many)
    assert len(found.entries) == len(many)


def _one_of_many(code: str) -> tuple[Json, None]:
    return {"resourceType": "Observation", "id": "a", "code": {"coding": [{"code": code}]}}, None
