"""A record of another patient is refused; the same patient may be named in several ways."""

from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds.core.model import Presence
from cds.errors import ResponseError
from cds.record import walk
from cds.record.facts import facts_of
from cds.record.rules import RecordRules
from cds.record.subject import NOBODY, Subjects
from cds.record.whose import as_they_came

Json = dict[str, Any]
UUID = "urn:uuid:0f9c6e0a-6a0e-4e5c-9d9e-1d1f3b0a7c11"
EHR, OTHER = "https://ehr.example.org/fhir", "https://other.example.org/fhir"


def patient(identifier: str, full_url: str | None = None) -> Json:
    resource = {"resourceType": "Patient", "id": identifier, "birthDate": "1970-01-01"}
    return resource if full_url is None else {"fullUrl": full_url, "resource": resource}


def about(reference: str, key: str = "subject") -> Json:
    return {"resourceType": "Condition", "id": "c", key: {"reference": reference}}


@pytest.mark.parametrize(
    ("subject", "record"),
    [
        ("Patient/1", [patient("1"), about("Patient/1")]),
        ("Patient/1", [about("Patient/1/_history/4")]),
        (f"{EHR}/Patient/1", [patient("1"), about("Patient/1")]),
        ("Patient/1", [patient("1"), about(f"{EHR}/Patient/1")]),
        (f"{EHR}/Patient/1", [about(f"{EHR}/Patient/1")]),
        ("Patient/1", [patient("1", UUID), about(UUID)]),
        (UUID, [patient("1", UUID), about("Patient/1")]),
        ("Patient/0f9c6e0a-6a0e-4e5c-9d9e-1d1f3b0a7c11", [about(UUID)]),
        ("Patient/1", [patient("1", f"{EHR}/Patient/1"), about("Patient/1")]),
        ("Patient/1", [about("#contained"), about("Patient?identifier=x|1"), about("Group/7")]),
        ("Patient/1", []),
        (None, [patient("1"), about("Patient/1", "patient")]),
        (None, [about("Patient/1"), about("Patient/1")]),
    ],
)
def test_one_patient_may_be_named_in_several_ways(
    subject: str | None, record: list[Json], rules: RecordRules, now: datetime
) -> None:
    facts_of(record, rules, now=now, patient=subject)
    facts_of(reversed(record), rules, now=now, patient=subject)


@pytest.mark.parametrize(
    ("subject", "record"),
    [
        ("Patient/1", [patient("2")]),
        ("Patient/1", [about("Patient/2")]),
        ("Patient/1", [patient("2", UUID), about(UUID)]),
        ("Patient/1", [about(UUID)]),
        (f"{EHR}/Patient/1", [about(f"{OTHER}/Patient/1")]),
        (f"{EHR}/Patient/1", [patient("1", f"{OTHER}/Patient/1")]),
        (UUID, [patient("1"), about("Patient/1")]),
        (None, [about("Patient/1"), about("Patient/2")]),
        (None, [patient("1"), patient("2")]),
    ],
)
def test_a_record_of_another_patient_is_refused(
    subject: str | None, record: list[Json], rules: RecordRules, now: datetime
) -> None:
    for order in (record, record[::-1]):
        with pytest.raises(ResponseError) as caught:
            facts_of(order, rules, now=now, patient=subject)

        assert caught.value.where.startswith("record: ")
        assert "another patient" in caught.value.problem
        assert "birthDate" not in str(caught.value)


def diabetes(reference: str, identifier: str) -> Json:
    code = {"coding": [{"system": "http://snomed.info/sct", "code": "73211009"}]}
    return {**about(reference), "id": identifier, "code": code}


@pytest.mark.parametrize("key", ["subject", "patient"])
def test_of_a_file_of_many_patients_only_the_subjects_part_counts(
    key: str, rules: RecordRules, now: datetime
) -> None:
    mine, other = diabetes("Patient/1", "mine"), diabetes("Patient/2", "other")
    other[key] = other.pop("subject")
    record = [patient("2"), other, patient("1"), mine]

    for order in (record, record[::-1]):
        facts = facts_of(order, rules, now=now, patient="Patient/1")

        assert facts.used == ("Condition/mine",)
        assert facts.account is not None
        assert (facts.account.looked_at, facts.account.others) == (4, 2)


def test_what_is_measured_on_no_patient_is_not_the_patients(
    rules: RecordRules, now: datetime
) -> None:
    potassium = {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "2823-3"}]},
        "subject": {"reference": "Group/g"},
        "valueQuantity": {"value": 2, "unit": "mmol/L"},
    }

    assert facts_of([patient("1"), potassium], rules, now=now, patient="Patient/1").used == ()


def test_a_second_date_of_birth_silences_no_alarm(rules: RecordRules, now: datetime) -> None:
    twice = [patient("1"), {**patient("1"), "birthDate": "2020-01-01"}]
    potassium = {
        "resourceType": "Observation",
        "id": "k",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "2823-3"}]},
        "valueQuantity": {"value": 2, "unit": "mmol/L"},
    }

    facts = facts_of([*twice, potassium], rules, now=now, patient="Patient/1")

    assert facts.facts["potassium.critical"].presence is Presence.PRESENT


REFERENCES = ["Patient/1", "Patient/2", "Patient/1/_history/4", f"{EHR}/Patient/1", UUID, "Group/7"]


@given(
    st.sampled_from([*REFERENCES, "Patient/\u00e4", None]),
    st.lists(
        st.builds(patient, st.sampled_from(["1", "2", "\u00e4"]), st.sampled_from([None, UUID]))
        | st.builds(about, st.sampled_from(REFERENCES)),
        max_size=3,
    ),
)
def test_a_record_that_is_let_pass_at_a_glance_would_pass_a_comparison(
    subject: str | None, record: list[Json]
) -> None:
    subjects = Subjects()
    for resource, full_url in walk.resources_of(record):
        name = walk.resource_name(resource, full_url)
        if resource["resourceType"] == "Patient":
            subjects.patient(resource, full_url, name)
        else:
            subjects.note(resource["subject"]["reference"], name)

    plain = as_they_came(record, subject)
    if plain is not None and plain.alone:
        assert subjects.others(subject) == NOBODY
