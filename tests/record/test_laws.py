"""What holds for every record: order does not matter, junk never crashes, alarms stay."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from operator import eq, ge, gt, le, lt
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from cds.core.model import Facts, Presence
from cds.record.facts import facts_of
from cds.record.rules import RecordRules
from cds.record.span import span_of

Json = dict[str, Any]
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
UNITS = ["mmol/L", "mg/dL", "mEq/L", "MMOL/L", "", None]
CODES = ["2823-3", "2951-2", "2601-3", "2345-7", "2160-0", "718-7", "32309-7"]
FLAGS = ["HH", "LL", "AA", "H", "L", "A", "N", "POS"]


@st.composite
def observations(draw: st.DrawFn) -> Json:
    value = draw(st.decimals("0", "200", places=1) | st.none())
    unit = draw(st.sampled_from(UNITS))
    comparator = draw(st.sampled_from([None, None, None, "<", ">", "<=", ">="]))
    quantity = {"value": value, "unit": unit, "comparator": comparator}
    hours = draw(st.sampled_from([-5, 0, 1, 47, 48, 49, 160, 168, 169, 400, None]))
    flags = draw(st.lists(st.sampled_from(FLAGS), max_size=2))
    resource: Json = {
        "resourceType": "Observation",
        "id": draw(st.text("abc", min_size=1, max_size=3)),
        "status": draw(st.sampled_from(["final", "final", "amended", "preliminary", "cancelled"])),
        "code": {"coding": [{"system": "http://loinc.org", "code": draw(st.sampled_from(CODES))}]},
        "valueQuantity": {key: word for key, word in quantity.items() if word is not None},
        "interpretation": [{"coding": [{"code": flag}]} for flag in flags],
    }
    if hours is not None:
        resource["effectiveDateTime"] = (NOW - timedelta(hours=hours)).isoformat()
    return resource


births = st.sampled_from([None, "1970-01-01", "2015-06-01", "2008-11"])


def read(resources: list[Json], rules: RecordRules, birth: str | None) -> Facts:
    patient = {"resourceType": "Patient", "id": "p", "birthDate": birth}
    return facts_of([patient, *resources], rules, now=NOW, patient="Patient/p")


@given(resources=st.lists(observations(), max_size=6), birth=births, random=st.randoms())
def test_neither_order_nor_repetition_changes_a_word(
    resources: list[Json], birth: str | None, random: Any, rules: RecordRules
) -> None:
    shuffled = [*resources, *resources]
    random.shuffle(shuffled)

    twice, once = read(shuffled, rules, birth), read(resources, rules, birth)
    assert twice._replace(account=None) == once._replace(account=None)
    assert twice.account is not None
    assert once.account is not None
    assert twice.account.replaced - once.account.replaced == len(resources)
    assert twice.account.unheard == once.account.unheard


@given(values=st.permutations(["2.0", "4.0", "4.00", "6.9"]), birth=births)
def test_what_one_result_says_twice_is_heard_in_an_order_of_its_own(
    values: list[str], birth: str | None, rules: RecordRules, lab: Callable[..., Json]
) -> None:
    said = [
        repr(read([lab("2823-3", one) for one in order], rules, birth))
        for order in (values, sorted(values))
    ]

    assert said[0] == said[1]


@given(resources=st.lists(observations(), max_size=5), birth=births)
def test_the_short_way_through_a_plain_result_says_the_same(
    resources: list[Json], birth: str | None, rules: RecordRules
) -> None:
    short = [
        {key: value for key, value in one.items() if value or key != "interpretation"}
        for one in resources
    ]
    # The same code twice means nothing else, but is looked at closely.
    long = [{**one, "code": {"coding": one["code"]["coding"] * 2}} for one in short]

    assert read(short, rules, birth) == read(long, rules, birth)


@given(resources=st.lists(observations(), max_size=5), birth=births)
def test_nothing_is_absent_without_a_recent_final_value_that_says_so(
    resources: list[Json], birth: str | None, rules: RecordRules
) -> None:
    by_name: dict[str, list[Json]] = {}
    for one in resources:
        by_name.setdefault(f"Observation/{one['id']}", []).append(one)

    for fact in read(resources, rules, birth).facts.values():
        if fact.presence is Presence.ABSENT:
            (evidence,) = fact.evidence
            same = (
                o for o in by_name[evidence.record] if o.get("effectiveDateTime") == evidence.date
            )
            assert any(one["status"] in {"final", "amended"} for one in same)
            assert evidence.date is not None
            assert timedelta(0) <= NOW - datetime.fromisoformat(evidence.date) <= timedelta(days=7)


@given(
    resources=st.lists(observations(), max_size=4),
    birth=births,
    flag=st.sampled_from(["HH", "LL", "AA"]),
)
def test_a_critical_flag_of_today_alarms_whatever_else_the_record_says(
    resources: list[Json], birth: str | None, flag: str, rules: RecordRules
) -> None:
    flagged = {
        "resourceType": "Observation",
        "id": "flagged",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "2823-3"}]},
        "interpretation": [{"coding": [{"code": flag}]}],
        "effectiveDateTime": "2026-11-21T11:59:00Z",
    }

    fact = read([*resources, flagged], rules, birth).facts["potassium.critical"]

    assert fact.presence is Presence.PRESENT
    assert "Observation/flagged" in {one.record for one in fact.evidence}


@given(resources=st.lists(observations(), max_size=5), birth=births)
def test_everything_that_is_named_was_used(
    resources: list[Json], birth: str | None, rules: RecordRules
) -> None:
    facts = read(resources, rules, birth)

    named = {note.about for note in facts.notes} | {one.record for one in facts.open}
    named |= {one.record for fact in facts.facts.values() for one in fact.evidence}
    assert named <= set(facts.used)
    own = {f"Observation/{one['id']}" for one in resources}
    assert set(facts.used) - own <= {"Patient/p"}
    assert set(facts.facts) == set(rules.words)


@given(
    value=st.decimals("0", "10", places=1),
    comparator=st.sampled_from([None, "<", "<=", ">", ">="]),
    limit=st.decimals("0", "10", places=1),
)
def test_a_bound_reaches_what_one_of_its_values_reaches(
    value: Decimal, comparator: str | None, limit: Decimal
) -> None:
    step = Decimal("0.05")
    near = {one + by for one in (value, limit) for by in (-20, -step, 0, step, 20)}
    allowed = {None: eq, "<": lt, "<=": le, ">": gt, ">=": ge}[comparator]
    possible = [one for one in near if allowed(one, value)]
    span = span_of(value, comparator)

    assert span.reaches_down(limit, at=True) is any(one <= limit for one in possible)
    assert span.reaches_up(limit, at=True) is any(one >= limit for one in possible)
    assert span.reaches_down(limit, at=False) is any(one < limit for one in possible)
    assert span.reaches_up(limit, at=False) is any(one > limit for one in possible)


KEYS = st.sampled_from(
    [
        "resourceType",
        "id",
        "status",
        "code",
        "coding",
        "system",
        "valueQuantity",
        "value",
        "unit",
        "subject",
        "reference",
        "component",
        "interpretation",
        "category",
        "text",
        "effectiveDateTime",
        "effectivePeriod",
        "end",
        "medicationCodeableConcept",
        "medicationReference",
        "contained",
        "ingredient",
        "clinicalStatus",
        "birthDate",
        "referenceRange",
        "low",
        "high",
        "comparator",
        "valueCodeableConcept",
        "entry",
        "resource",
        "fullUrl",
        "search",
    ]
)
WORDS = st.sampled_from(
    [
        "Observation",
        "Condition",
        "MedicationRequest",
        "Procedure",
        "Patient",
        "Medication",
        "DiagnosticReport",
        "Bundle",
        "final",
        "active",
        "completed",
        "http://loinc.org",
        "2823-3",
        "mmol/L",
        "HH",
        "82810-3",
        "#a",
        "<",
        "2026-11-21T10:00:00Z",
        "http://snomed.info/sct",
        "73211009",
        "E11.9",
        "http://unitsofmeasure.org",
    ]
)
NUMBERS = st.integers() | st.decimals() | st.floats()
junk = st.recursive(
    WORDS | st.none() | st.booleans() | NUMBERS | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=12,
)
resources = st.dictionaries(KEYS, junk, min_size=1, max_size=8)


# To make up such records takes longer than to read them: fewer here, as many per second.
@settings(max_examples=settings().max_examples * 2 // 5)
@given(record=st.lists(resources, max_size=4))
def test_no_shape_of_json_crashes_the_reading(record: list[Json], rules: RecordRules) -> None:
    facts = facts_of(record, rules, now=NOW, patient=None) if _of_one(record) else None

    assert facts is None or set(facts.facts) == set(rules.words)


def _of_one(record: list[Json]) -> bool:
    """Junk that names two patients is refused, which is another test's matter."""
    return "Patient" not in str(record)
