"""What changes the identifier of an evaluation, and what does not."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest

from cds.core.model import Assessment, Deviation
from cds.core.pack import Pack
from cds.fhir.context import TRANSACTION, EmissionContext
from cds.fhir.emit import decision_resources, emit
from cds.wire import parse_own, write

MakeContext = Callable[..., EmissionContext]
MakeAssessment = Callable[..., Assessment]
LATER = "2027-01-01T00:00:00Z"
LASTING = "6f0a3f0e-3a56-5c0e-a9d5-0f7c7a3d6d0b"
RECORD = {"used": ("Observation/1",), "record": "a" * 64}


@pytest.fixture
def identifiers(
    pack: Pack, make_assessment: MakeAssessment, make_context: MakeContext
) -> Callable[..., list[str]]:
    def identifiers(assessment: dict[str, Any] | None = None, **context: Any) -> list[str]:
        bundle = emit(make_assessment("S1", **(assessment or {})), pack, make_context(**context))
        return [entry["resource"]["id"] for entry in bundle["entry"]]

    return identifiers


Identifiers = Callable[..., list[str]]


@pytest.mark.parametrize(
    ("usual", "other"),
    [
        ({}, {"response": {"status": "amended"}}),
        ({}, {"fingerprint": "0" * 64}),
        ({}, RECORD),
        (RECORD, {**RECORD, "record": "b" * 64}),
        (RECORD, {**RECORD, "now": LATER}),
        ({}, {"subject": {"reference": "Patient/other"}}),
        (
            {},
            {
                "assessment": {
                    "deviations": (
                        Deviation("strict", value=False, rules=(), link_ids=(), text="t"),
                    )
                }
            },
        ),
    ],
)
def test_whatever_may_change_the_decision_changes_the_identifier(
    identifiers: Identifiers, usual: dict[str, Any], other: dict[str, Any]
) -> None:
    left, right = identifiers(**usual), identifiers(**other)

    assert left[0] != right[0]
    assert left[1] != right[1]


@pytest.mark.parametrize(
    "other",
    [
        {"now": LATER},
        {"recipient": {"reference": "Group/1"}},
        {"bundle": TRANSACTION},
        {"record": "a" * 64},
    ],
)
def test_what_does_not_change_the_decision_does_not_change_the_identifier(
    identifiers: Identifiers, other: dict[str, Any]
) -> None:
    assert identifiers()[:2] == identifiers(**other)[:2]


def test_each_run_has_its_own_provenance(identifiers: Identifiers) -> None:
    assert identifiers()[2] != identifiers(now=LATER)[2]


def test_anyone_can_make_the_identifiers_again(identifiers: Identifiers, pack: Pack) -> None:
    space = uuid.uuid5(uuid.NAMESPACE_URL, f"{pack.identity.base}/id")
    name = f"{pack.id}\n{pack.version}\n{pack.hash}\n{'0' * 64}"
    evaluation = uuid.uuid5(space, name)

    found = identifiers(fingerprint="0" * 64)

    assert found[:2] == [str(evaluation), str(uuid.uuid5(space, f"{evaluation}|clinician"))]


@pytest.mark.parametrize("fired", ["S1", "S10"])
def test_a_decision_may_be_told_under_another_name_and_is_else_the_same(
    pack: Pack, make_assessment: MakeAssessment, make_context: MakeContext, fired: str
) -> None:
    assessment, context = make_assessment(fired), make_context(**RECORD)
    bundle = emit(assessment, pack, context)
    emitted = [entry["resource"] for entry in bundle["entry"]][:-1]  # but for the Provenance

    own = parse_own(write(decision_resources(assessment, pack, context)))
    named = parse_own(write(decision_resources(assessment, pack, context, LASTING)))

    assert own == emitted
    assert named[0]["id"] == LASTING
    names = dict(zip(_ids(emitted), _ids(named), strict=True))
    assert named == parse_own(_renamed(write(emitted), names))
    assert set(names).isdisjoint(names.values())


def _ids(resources: list[dict[str, Any]]) -> list[str]:
    return [one["id"] for one in resources]


def _renamed(text: bytes, names: dict[str, str]) -> bytes:
    for old, new in names.items():
        text = text.replace(old.encode(), new.encode())
    return text
