"""Medications that stand by themselves, and Bundles of records: found, exact, or in doubt."""

import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds import wire
from cds.flows.bulk.shared import Index, write_index
from cds.flows.bulk.spill import Piece
from cds.flows.bulk.spread import BROKEN, DOUBT, pieces_of
from tests.bulk.conftest import lines_in, put
from tests.bulk.test_bulk_join import order_of
from tests.flows.made_up import members

Run = Callable[..., Any]
Json = dict[str, Any]
IDS = st.text(max_size=3)


@given(
    st.lists(st.builds(Piece, st.just(0), st.just(0), st.just(1), IDS, st.binary(max_size=9))),
    st.sets(IDS),
)
def test_what_is_indexed_is_found_under_its_id(pieces: list[Piece], wanted: set[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a #?%é index"
        write_index(path, pieces)
        found = list(Index(path).texts(wanted))
        assert [one.name for one in Path(folder).iterdir()] == [path.name]

    assert found == [one.text for id_ in sorted(wanted) for one in pieces if one.key == id_]


@pytest.mark.parametrize("in_a_bundle", [False, True])
def test_an_unsound_medication_is_told_once_and_puts_those_in_doubt_who_take_it(
    bulk: Run, tmp_path: Path, in_a_bundle: bool
) -> None:
    some = members("everyday")[:3]
    folder = put(
        tmp_path / "in",
        QuestionnaireResponse=[one.response for one in some],
        Patient=[one.patient for one in some],
        MedicationRequest=[order_of(one, "Medication/m1") for one in some[:2]],
    )
    twice = b'{"resourceType":"Medication","id":"m1","status":"active","status":"active"}'
    if in_a_bundle:
        twice = b'{"resourceType":"Bundle","entry":[{"resource":' + twice + b"}]}"
    (folder / "Medication.ndjson").write_bytes(twice + b"\n")

    done = bulk(folder, "-o", tmp_path / "out")

    assert done.code == 1
    (fault,) = lines_in(tmp_path / "out" / "faults.ndjson")
    assert (fault["kind"], fault["line"]) == ("unreadable", 1)
    assert fault["input"].endswith("Medication.ndjson")
    decisions = lines_in(tmp_path / "out" / "decisions.ndjson")
    assert [bool(one["record"]["missing"]) for one in decisions] == [True, True, False]


def test_an_unsound_bundle_is_told_and_puts_its_patients_in_doubt(
    bulk: Run, tmp_path: Path
) -> None:
    some = members("everyday")[:2]
    folder = put(
        tmp_path / "in",
        QuestionnaireResponse=[one.response for one in some],
        Patient=[one.patient for one in some],
    )
    entry = b'{"resource":' + wire.write(some[0].patient) + b"}"
    unsound = b'{"resourceType":"Bundle","type":"batch","type":"batch","entry":[' + entry + b"]}"
    (folder / "Bundle.ndjson").write_bytes(unsound)

    done = bulk(folder, "-o", tmp_path / "out")

    assert done.code == 1
    (fault,) = lines_in(tmp_path / "out" / "faults.ndjson")
    assert fault["input"].endswith("Bundle.ndjson")
    decisions = lines_in(tmp_path / "out" / "decisions.ndjson")
    assert [bool(one["record"]["missing"]) for one in decisions] == [True, False]


def test_the_digits_of_a_bundle_are_kept() -> None:
    value = "5.10000000000000000000000001"
    result = '{"resourceType":"Observation","valueQuantity":{"value":' + value + "}}"
    bundle = '{"resourceType":"Bundle","entry":[{"resource":' + result + "}]}"

    ((_, piece),) = pieces_of(bundle.encode())

    assert value in piece.decode()
    assert json.loads(piece)["resourceType"] == "Observation"


CUT = {
    "slashes": '{"resourceType":"Condition","subject":{"reference":"Patient\\/p1"},"code',
    "contact": '{"contact":[{"id":"c1"}],"id":"p9","resourceType":"Patient","name',
    "answer": '{"contained":[{"id":"x","resourceType":"Patient"}],"resourceType":"%s","item',
    "bundle": '{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"%s"}},{"resource":'
    '{"resourceType":"Condition","subject":{"reference":"Patient/p1"',
}


@pytest.mark.parametrize(
    ("name", "doubted"),
    [("slashes", {"p1"}), ("contact", {"c1", "p9"}), ("answer", set()), ("bundle", {"p1"})],
)
def test_a_line_that_nobody_can_read_puts_in_doubt_whom_it_may_be_about(
    name: str, doubted: set[str]
) -> None:
    line = CUT[name].replace("%s", "QuestionnaireResponse")

    pieces = list(pieces_of(line.encode()))

    assert pieces[0] == (BROKEN, line.encode())
    assert {key[1:] for key, _ in pieces[1:] if key[0] == DOUBT} == doubted


def test_whom_only_a_broken_line_names_is_no_patient_without_a_response(
    bulk: Run, tmp_path: Path
) -> None:
    entries = "".join(
        f'{{"resource":{{"resourceType":"Observation","encounter":{{"reference":"urn:uuid:{one}"}}}}}},'
        for one in range(20)
    )
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "Bundle.ndjson").write_text('{"resourceType":"Bundle","entry":[' + entries)

    bulk(tmp_path / "in", "-o", tmp_path / "out")

    summary = json.loads((tmp_path / "out" / "summary.json").read_bytes())
    assert summary["patients-without-response"] == 0
