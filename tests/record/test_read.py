"""Bundles of any type and size, NDJSON, single resources: what comes out, and what is refused."""

import io
import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds import wire
from cds.core.model import Facts
from cds.errors import Unreadable
from cds.record import read
from cds.record.entries import entries_of
from cds.record.fingerprint import record_fingerprint
from cds.record.read import read_record

Json = dict[str, Any]
PATIENT = {"resourceType": "Patient", "id": "p"}
OBSERVATION = {
    "resourceType": "Observation",
    "id": "o",
    "valueQuantity": {"value": Decimal("1.50")},
}


def bundle(kind: str, *resources: Json) -> bytes:
    entries = [{"fullUrl": f"urn:uuid:{one['id']}", "resource": one} for one in resources]
    return wire.write({"resourceType": "Bundle", "type": kind, "entry": entries})


@pytest.mark.parametrize("kind", ["searchset", "collection", "document", "batch-response"])
def test_a_bundle_of_any_type_gives_its_entries(kind: str) -> None:
    entries = list(read_record(bundle(kind, PATIENT, OBSERVATION)))

    assert [one["resource"]["id"] for one in entries] == ["p", "o"]
    assert entries[1]["fullUrl"] == "urn:uuid:o"
    assert str(entries[1]["resource"]["valueQuantity"]["value"]) == "1.50"


def test_lines_give_a_resource_each_and_a_line_may_be_a_bundle() -> None:
    lines = [wire.write(PATIENT), b"", bundle("searchset", OBSERVATION), wire.write(OBSERVATION)]

    found = list(read_record(b"\n".join(lines) + b"\n"))

    assert [one.get("id") or one["resource"]["id"] for one in found] == ["p", "o", "o"]
    assert list(read_record(io.BytesIO(b"\r\n".join(lines)))) == found


@pytest.mark.parametrize("indent", [None, 2])
def test_one_resource_is_a_record_too(indent: int | None) -> None:
    assert list(read_record(json.dumps(PATIENT, indent=indent).encode())) == [PATIENT]
    assert list(read_record(json.dumps(PATIENT, indent=indent).encode() + b"\n")) == [PATIENT]
    assert list(read_record(b'{"resourceType": "Bundle"}')) == []


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "empty"),
        (b" \n ", "empty"),
        (b"[]", "not a FHIR resource"),
        (b'"x"', "not a FHIR resource"),
        (b'{"resourceType": 3}', "not a FHIR resource"),
        (b'{"resourceType": "Bundle", "entry": {}}', "not a list"),
        (b'{"resourceType": "Bundle", "entry": [', ""),
        (b'{"resourceType": "Patient", "id": "a", "id": "b"}', "twice"),
        (b'{"resourceType": "Patient"}\n{"resourceType": "Pat', ""),
    ],
)
def test_what_is_not_a_record_is_refused_with_its_place(data: bytes, problem: str) -> None:
    with pytest.raises(Unreadable) as caught:
        list(read_record(data))

    assert caught.value.where.startswith("record")
    assert problem in caught.value.problem


LARGE = {
    b'{"resourceType":"Bundle","entry":[{"a":1,"a":2}]}': "twice",
    b'{"resourceType":"Bundle","entry":[{"a":NaN}]}': "",
    b'{"resourceType":"Bundle","entry":[{"a":1},7]}': "not a FHIR Bundle",
    b'{"resourceType":"Bundle","entry":[{"a":1}': "",
    b'{"resourceType":"Bundle","entry":[{"a":1}],"entry":[]}': "twice",
    b'{"resourceType":"Bundle","entry":[{"a":1}]}{}': "",
    b'{"resourceType":"Patient","entry":[{"a":1}]}': "not a FHIR Bundle",
    b'{"entry":[{"a":1}]}': "not a FHIR Bundle",
    b'[{"resourceType":"Bundle"}]': "not a FHIR Bundle",
    b'{"resourceType":"Bundle","x":' + b"[" * 70 + b"]" * 70 + b"}": "nested",
    b'{"resourceType":"Bundle","entry":[{"a":1e9999}]}': "number",
    b"}" * 9: "",
    b'"' * 9: "",
}


@pytest.mark.parametrize("data", LARGE)
def test_a_large_bundle_is_read_as_strictly_as_a_small_one(
    data: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read, "AT_ONCE", 8)

    with pytest.raises(Unreadable) as caught:
        list(read_record(data))

    assert LARGE[data] in caught.value.problem


texts = st.text(alphabet='ab"\\{}[],:\n é', max_size=6)
keys = st.text(max_size=3)


def test_one_large_resource_is_a_record_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read, "AT_ONCE", 8)

    assert list(read_record(wire.write(OBSERVATION))) == [OBSERVATION]


scalars = st.none() | st.booleans() | st.integers(-9, 9) | texts
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=8,
)


class Trickle(io.BytesIO):
    """A stream that gives a few bytes at a time."""

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(3 if size is None or size > 0 else size)


@given(
    before=values,
    entries=st.lists(st.dictionaries(st.text(max_size=4), values, max_size=3), max_size=4),
    after=values,
    indent=st.sampled_from([None, 1]),
    ascii_only=st.booleans(),
)
def test_a_bundle_cut_in_any_place_gives_the_entries_that_it_has(
    before: object, entries: list[Json], after: object, indent: int | None, ascii_only: bool
) -> None:
    document = {
        "x": before,
        "resourceType": "Bundle",
        "meta": {"entry": [{"not": "this"}]},
        "entry": entries,
        "y": after,
    }
    data = json.dumps(document, indent=indent, ensure_ascii=ascii_only).encode()

    assert list(entries_of(data[:5], Trickle(data[5:]), "record")) == entries


@pytest.mark.parametrize("depth", [1, 11, 12, 13, 40])
@pytest.mark.parametrize("cut", [1, 60, 10_000])
def test_an_entry_of_any_depth_is_cut_out_whole(depth: int, cut: int) -> None:
    entry: Json = {"deep": "}]"}
    for level in range(depth):
        entry = {"deep": [entry], "then": "{"} if level % 2 else {"deep": entry}
    data = wire.write({"resourceType": "Bundle", "entry": [entry, OBSERVATION, entry]})

    found = list(entries_of(data[:cut], io.BytesIO(data[cut:]), "record"))

    assert found == [entry, OBSERVATION, entry]


def test_the_fingerprint_is_of_what_was_used_only(
    lab: Callable[..., Json], found: Callable[..., Facts], adult: Json
) -> None:
    potassium, height = lab("2823-3", "2.5"), lab("8302-2", "180", "cm", identifier="h")
    taller = lab("8302-2", "190", "cm", identifier="h")
    lower = lab("2823-3", "2.4")

    def hashed(*resources: Json) -> str | None:
        return record_fingerprint([adult, *resources], found(*resources))

    assert hashed(height) is None
    assert hashed(potassium, height) == hashed(taller, potassium) == hashed(potassium)
    assert hashed(potassium) != hashed(lower)
    older = {**adult, "birthDate": "1950-01-01"}
    assert record_fingerprint([older, potassium], found(potassium)) != hashed(potassium)


def test_a_resource_without_a_name_gets_one_from_its_content(
    lab: Callable[..., Json], found: Callable[..., Facts]
) -> None:
    nameless = {key: value for key, value in lab("2823-3", "2.5").items() if key != "id"}

    facts = found(nameless)

    assert facts.used[0].startswith("urn:uuid:")
    assert record_fingerprint([nameless], facts) is not None
    assert found({"fullUrl": "urn:uuid:1-2", "resource": nameless}).used == ("urn:uuid:1-2",)
