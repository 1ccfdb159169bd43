"""What is passed over quickly says what it would say if it were looked at closely."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from cds.core.model import Facts
from cds.core.sides import sides_of
from cds.errors import ResponseError
from cds.record.facts import facts_of
from cds.record.fingerprint import record_fingerprint
from cds.record.rules import RecordRules

Json = dict[str, Any]
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
LOINC, SNOMED = "http://loinc.org", "http://snomed.info/sct"
# Two codes of one analyte, a test that is not listed in two systems, and one that tells a state.
CODES = [(LOINC, "2823-3"), (LOINC, "6298-4"), (LOINC, "718-7"), ("x", "718-7"), (LOINC, "82810-3")]
PROBLEMS = [(SNOMED, "73211009"), (SNOMED, "38341003"), (None, "73211009"), ("x", "73211009")]
PREGNANT = {"coding": [{"system": SNOMED, "code": "77386006"}]}
HIGH = {"valueQuantity": {"value": 9, "unit": "mmol/L"}}
ODD: st.SearchStrategy[Any] = st.sampled_from([None, "", 0, [], {}, "x", ["x"], {"value": 2}, [{}]])
MORE: st.SearchStrategy[Json] = st.sampled_from(
    [
        *({"interpretation": [{"coding": [{"code": flag}]}]} for flag in ("HH", "LL", "H", "N")),
        {"hasMember": [], "valueQuantity": {}},
        {"component": [{"code": {"coding": [{"system": LOINC, "code": "2823-3"}]}}]},
        {"effectiveDateTime": "", "effectiveInstant": "2026-11-21T11:00:00Z"},
        {"valueQuantity": "9"},
        {"valueCodeableConcept": PREGNANT},
        {},
        {},
    ]
)


def concept(pair: tuple[str | None, str]) -> Json:
    return {"coding": [{"system": pair[0], "code": pair[1]}]}


def result(pair: tuple[str | None, str], hours: int, identifier: str) -> Json:
    return {
        "resourceType": "Observation",
        "id": identifier,
        "status": "final",
        "code": concept(pair),
        "effectiveDateTime": (NOW - timedelta(hours=hours)).isoformat(),
        "valueQuantity": {"value": 4, "unit": "mmol/L"},
    }


@st.composite
def results(draw: st.DrawFn) -> Json:
    hours, identifier = draw(st.sampled_from([1, 30, 47, 49])), draw(st.sampled_from("abcdefgh"))
    return {**result(draw(st.sampled_from(CODES)), hours, identifier), **draw(MORE)}


@st.composite
def problems(draw: st.DrawFn) -> Json:
    return {
        "resourceType": draw(st.sampled_from(["Condition", "Procedure"])),
        "id": draw(st.sampled_from("abcdefgh")),
        "status": draw(st.sampled_from(["completed", "not-done"])),
        "code": concept(draw(st.sampled_from([*PROBLEMS, (SNOMED, "302497006")]))),
    }


@st.composite
def records(draw: st.DrawFn) -> list[Json]:
    """A usual result of each test, and resources that are not as usual, with something odd."""
    record: list[Json] = draw(st.lists(results() | problems(), max_size=6))
    for one in record:
        key = draw(st.sampled_from(["status", "id", "code", "effectiveDateTime", None, None, None]))
        if key is not None:
            one[key] = draw(ODD)
    return [*(result(pair, 170, pair[1]) for pair in CODES), *record]


@example(
    record=[
        result(CODES[2], 170, "a"),
        {**result(CODES[2], 100, "b"), "interpretation": [{"coding": [{"code": "HH"}]}]},
        {**result(CODES[2], 1, "c"), "valueQuantity": "9"},
    ]
)
@given(record=records())
def test_a_short_way_through_a_record_says_what_the_long_way_says(
    record: list[Json], rules: RecordRules
) -> None:
    # A second coding without a code means nothing, but closes every short way.
    long = [{**one, "code": _longer(one["code"])} for one in record]

    assert read(record, rules) == read(long, rules)


@given(record=records())
def test_what_was_found_is_all_that_the_record_says(record: list[Json], rules: RecordRules) -> None:
    facts = read([*record, {**result(CODES[0], 1, "new"), **HIGH}], rules)

    assert sides_of(facts) == sides_of(facts._replace(found=None))
    assert sides_of(facts)[0]


def _longer(code: Any) -> Any:
    whole = isinstance(code, dict) and "coding" in code
    return {**code, "coding": [*code["coding"], {}]} if whole else code


def read(record: list[Json], rules: RecordRules) -> Facts:
    patient = {"resourceType": "Patient", "id": "p", "birthDate": "1970-01-01"}
    # What has no id is named by the fullUrl, for by its content the two would differ.
    entries = [{"fullUrl": f"urn:uuid:{at}", "resource": one} for at, one in enumerate(record)]
    return facts_of([patient, *entries], rules, now=NOW, patient="Patient/p")


BESIDE: st.SearchStrategy[Json] = st.sampled_from(
    [
        *({"status": one} for one in ("cancelled", "entered-in-error", "preliminary", "x", None)),
        *({"text": {"status": one, "div": "Critical"}} for one in ("generated", "additional")),
        *({"category": [{"coding": [{"code": one}]}]} for one in ("laboratory", "survey", "x")),
        *({key: "Critical potassium"} for key in ("valueString", "comments", "comment")),
        {"category": "exam"},
        {"dataAbsentReason": {"text": "Critical, see the call"}},
        {"note": [{"text": "Panic value"}]},
        {"focus": [{"reference": "Person/1"}]},
        {"modifierExtension": [{"url": "x"}]},
        {"implicitRules": "x"},
        {"referenceRange": [{"low": {"value": 5, "unit": "mmol/L"}}]},
        {"hasMember": [{"reference": "Observation/gone"}]},
        {"derivedFrom": [{"reference": "Observation/gone"}]},
        {"effectiveDateTime": "2026-11"},
    ]
)


@example(record=[result(CODES[0], 1, "a")], beside=[{"note": [{"text": "Panic value"}]}])
@example(record=[result(CODES[2], 1, "a")], beside=[{"text": {"div": "Critical"}}])
@given(record=st.lists(results(), min_size=1, max_size=5), beside=st.lists(BESIDE, max_size=3))
def test_a_plain_result_says_what_it_says_when_it_is_looked_at_closely(
    record: list[Json], beside: list[Json], rules: RecordRules
) -> None:
    for one, more in zip(record, beside, strict=False):
        one.update(more)
    # An extension that is empty means nothing, but is not what the usual result has.
    closely = [{**one, "extension": []} for one in record]

    assert read(record, rules) == read(closely, rules)


SUBJECTS = ["Patient/p", "Patient/q", "https://ehr.example.org/fhir/Patient/p", "Group/1", None]
STRANGE: st.SearchStrategy[Any] = st.sampled_from(
    [
        {"resourceType": "Patient", "id": "q", "birthDate": "1990"},
        {"resourceType": "Bundle", "id": "b", "link": [{"relation": "next", "url": "x"}]},
        {"resourceType": "OperationOutcome", "id": "x", "issue": [{"severity": "error"}]},
        {"resourceType": "observation", "id": "c"},
        {"resource": result(CODES[0], 1, "z"), "fullUrl": "https://ehr.example.org/Observation/z"},
        {"request": {"method": "DELETE", "url": "Observation/a"}},
        *(None, "x", {}, []),
    ]
)


@st.composite
def handed_in(draw: st.DrawFn) -> list[Any]:
    """A patient and entries, perhaps of others, with anything that is no plain resource."""
    record: list[Json] = draw(st.lists(results() | problems(), max_size=5))
    for one in record:
        subject = draw(st.sampled_from(SUBJECTS))
        one.update({} if subject is None else {"subject": {"reference": subject}})
        one["id"] = draw(st.sampled_from(["a", "b", "c", "d", "e", "", None, 7]))
    own = [{"resourceType": "Patient", "id": "p", "birthDate": "1970-01-01"}]
    return [*own, *record, *draw(st.lists(STRANGE, max_size=2))]


def said_by(record: Any, patient: str | None, rules: RecordRules) -> object:
    """The facts, with the hash of what was used; or whose resource it is that nobody asked for."""
    try:
        facts = facts_of(record, rules, now=NOW, patient=patient)
    except ResponseError as error:
        return str(error)
    return facts, record_fingerprint(record, facts)


@example(record=[result(CODES[0], 1, "a"), result(CODES[0], 30, "a")], patient=None)
@example(
    record=[
        {"resourceType": "Patient", "id": "p", "subject": {"reference": "Group/1"}},
        {**result(CODES[0], 1, "a"), "subject": {"reference": "Patient/p"}},
    ],
    patient="Patient/p",
)
@given(record=handed_in(), patient=st.sampled_from(["Patient/p", "Patient/q", "Group/1", None]))
def test_a_list_of_plain_resources_says_what_it_says_when_each_is_walked_through(
    record: list[Any], patient: str | None, rules: RecordRules
) -> None:
    walked = tuple(record)  # no list, so anything could come out of it

    assert said_by(record, patient, rules) == said_by(walked, patient, rules)


@example(record=[{"request": {"method": "DELETE"}, "resource": result(CODES[0], 1, "a")}])
@given(record=handed_in())
def test_an_entry_that_only_holds_a_resource_says_what_one_that_was_asked_for_says(
    record: list[Any], rules: RecordRules
) -> None:
    entries = [
        one if isinstance(one, dict) and "resourceType" not in one else {"resource": one}
        for one in record
    ]
    # A response that says nothing is none, but is not what an entry has that was not asked for.
    answered = [{**one, "response": {}} for one in entries]

    assert said_by(entries, None, rules) == said_by(answered, None, rules)
    bundles = [[{"resourceType": "Bundle", "entry": one}] for one in (entries, answered)]
    assert said_by(bundles[0], None, rules) == said_by(bundles[1], None, rules)
