"""Records find their responses, however the export cut them up; what finds none is counted."""

import json
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cds import wire
from cds.flows.bulk.decide import Decider, Options
from cds.flows.bulk.join import gather, in_input_order
from cds.flows.bulk.spill import Piece, read_slot, write_spill
from cds.flows.bulk.spread import spread_part
from tests.bulk.conftest import NOW, lines_in, put
from tests.flows.made_up import members
from tests.replies import assessor_of

Run = Callable[..., Any]
Json = dict[str, Any]
SOME = members("messy")[:6]


def decided(parts: list[list[bytes]], slots: int) -> dict[str, bytes]:
    """The decision on each response, by its id, of lines that lie in these parts."""
    spreads = [
        spread_part(enumerate(lines, 1), number, slots) for number, lines in enumerate(parts)
    ]
    decider = Decider(assessor_of(), Options(SOME[0].now))
    found: dict[str, bytes] = {}
    for slot in range(slots):
        pieces = [piece for one in spreads for piece in one.slots[slot]]
        made, _ = gather(pieces, decider, lambda _: "in", lambda _: [])
        for inner in made.values():
            for line in in_input_order(inner).get("decisions", []):
                document = json.loads(line)
                kept = {key: document[key] for key in document if key not in {"input", "line"}}
                found[document["response"]["id"]] = wire.write(kept)
    return found


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_how_lines_are_cut_into_parts_and_slots_changes_no_decision(data: st.DataObject) -> None:
    lines = [wire.write(one) for member in SOME for one in member.own]
    shuffled = data.draw(st.permutations(lines))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(lines)), max_size=4)))
    parts = [shuffled[a:b] for a, b in zip([0, *cuts], [*cuts, len(lines)], strict=True)]

    found = decided(parts, data.draw(st.integers(1, 9)))

    plain = decided([lines], 1)
    assert {name: _settled(one) for name, one in found.items()} == {
        name: _settled(one) for name, one in plain.items()
    }
    assert len(found) == len(SOME)


def _settled(document: bytes) -> Json:
    """A decision without what follows the order of the record: notes and reasons as sets."""
    value = json.loads(document)
    return {
        "level": value["level"],
        "findings": [one["rule"] for one in value["findings"]],
        "open": sorted(json.dumps(one, sort_keys=True) for one in value["open"]),
        "issues": value["issues"],
    }


@settings(max_examples=20, deadline=None)
@given(
    st.lists(
        st.lists(
            st.builds(
                Piece,
                st.integers(0, 9),
                st.integers(0, 9),
                st.integers(0, 2**40),
                st.text(max_size=9),
                st.binary(max_size=40),
            ),
            max_size=4,
        ),
        min_size=1,
        max_size=5,
    )
)
def test_what_is_spilled_comes_back_slot_by_slot(slots: list[list[Piece]]) -> None:
    import tempfile  # noqa: PLC0415 - Hypothesis wants a folder an example

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "spill"
        write_spill(path, slots)

        assert [list(read_slot(path, number)) for number in range(len(slots))] == slots


def test_what_finds_nothing_beside_it_is_counted_and_told(bulk: Run, tmp_path: Path) -> None:
    one, two, three = members("messy")[:3]
    folder = put(
        tmp_path / "in",
        QuestionnaireResponse=[one.response, two.response],
        Observation=[*one.record, *three.record],
        Patient=[one.patient, three.patient],
        Practitioner=[one.treated[0]],
    )

    done = bulk(folder, "-o", tmp_path / "out")

    summary = json.loads((tmp_path / "out" / "summary.json").read_bytes())
    assert summary["without-record"] == 1
    assert summary["patients-without-response"] == 1
    assert summary["of-no-patient"] == 1
    assert summary["with-record"] == 1
    for said in ("response without a record", "patient without a response"):
        assert f"1 {said}" in done.err


def test_two_patients_under_one_id_are_told(bulk: Run, tmp_path: Path) -> None:
    one, two = members("messy")[:2]
    folder = put(
        tmp_path / "in",
        QuestionnaireResponse=[one.response],
        Patient=[one.patient, one.patient, {**two.patient, "id": one.patient["id"]}],
    )

    done = bulk(folder, "-o", tmp_path / "out")

    assert done.code == 1
    assert "1 id that two patients share" in done.err
    (fault,) = lines_in(tmp_path / "out" / "faults.ndjson")
    assert (fault["kind"], fault["line"]) == ("two-patients", 3)


def test_an_id_that_many_people_have_is_one_id_and_each_of_them_is_told(
    bulk: Run, tmp_path: Path
) -> None:
    people = [one.patient | {"id": "same"} for one in members("messy")[:4]]
    folder = put(
        tmp_path / "in", QuestionnaireResponse=[members("messy")[0].response], Patient=people
    )

    done = bulk(folder, "-o", tmp_path / "out")

    assert "1 id that two patients share" in done.err
    faults = lines_in(tmp_path / "out" / "faults.ndjson")
    assert [(one["kind"], one["line"]) for one in faults] == [
        ("two-patients", n) for n in (2, 3, 4)
    ]


@pytest.mark.parametrize("files", [1, 2])
def test_a_response_that_is_given_twice_is_decided_on_twice(
    bulk: Run, tmp_path: Path, files: int
) -> None:
    one = members("messy")[0]
    folder = put(
        tmp_path / "in", QuestionnaireResponse=[one.response] * (3 - files), Patient=[one.patient]
    )
    if files > 1:
        shutil.copy(folder / "QuestionnaireResponse.ndjson", folder / "Again.ndjson")

    bulk(folder, "-o", tmp_path / "out")

    first, second = lines_in(tmp_path / "out" / "decisions.ndjson")
    assert first["response"] == second["response"]
    assert (first["input"], first["line"]) != (second["input"], second["line"])


def test_a_line_of_the_record_that_cannot_be_read_is_a_fault_and_hides_nothing_else(
    bulk: Run, tmp_path: Path
) -> None:
    member = next(m for m in members("messy") if m.scenario.name == "potassium-critical")
    folder = put(tmp_path / "in", QuestionnaireResponse=[member.response], Observation=[])
    lines = [wire.write(one) for one in (member.patient, *member.record)]
    twice = lines[-1][:-1] + b',"status":"final"}'
    (folder / "Observation.ndjson").write_bytes(b"\n".join([*lines, twice]))

    done = bulk(folder, "-o", tmp_path / "out")

    assert done.code == 1
    (fault,) = lines_in(tmp_path / "out" / "faults.ndjson")
    assert (fault["kind"], fault["line"]) == ("record-unreadable", len(lines) + 1)
    (decision,) = lines_in(tmp_path / "out" / "decisions.ndjson")
    assert decision["findings"]


def order_of(member: Any, reference: str) -> Json:
    return {
        "resourceType": "MedicationRequest",
        "id": "order",
        "status": "active",
        "intent": "order",
        "subject": {"reference": f"Patient/{member.patient['id']}"},
        "medicationReference": {"reference": reference},
    }


def test_a_medication_of_another_file_is_followed(bulk: Run, tmp_path: Path) -> None:
    member = members("everyday")[0]
    coding = {"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": "4603"}
    medication = {"resourceType": "Medication", "id": "m1", "code": {"coding": [coding]}}
    folder = put(
        tmp_path / "in",
        QuestionnaireResponse=[member.response],
        Patient=[member.patient],
        MedicationRequest=[order_of(member, "Medication/m1")],
        Medication=[medication, {**medication, "id": "m2"}],
    )

    bulk(folder, "-o", tmp_path / "out")

    (decision,) = lines_in(tmp_path / "out" / "decisions.ndjson")
    reasons = [because for one in decision["findings"] for because in one["because"]]
    assert "medicine.diuretic" in {one.get("fact") for one in reasons}


def test_references_with_the_address_of_the_server_find_their_patient(
    bulk: Run, tmp_path: Path
) -> None:
    member = next(m for m in members("messy") if m.scenario.name == "potassium-critical")
    base = "https://ehr.example.org/fhir"

    def absolute(resource: Json) -> Json:
        text = wire.write(resource).replace(b'"Patient/', f'"{base}/Patient/'.encode())
        found: Json = wire.read(text)
        return found

    folder = put(
        tmp_path / "in",
        QuestionnaireResponse=[absolute(member.response)],
        Patient=[member.patient],
        Observation=[absolute(one) for one in member.record],
    )

    bulk(folder, "-o", tmp_path / "out")

    (row,) = lines_in(tmp_path / "out" / "responses.ndjson")
    assert row["record"] is True
    assert row["age_band"] is not None


def test_a_bundle_of_records_alone_is_taken_apart(bulk: Run, tmp_path: Path) -> None:
    member = members("everyday")[0]
    entries = [{"resource": one} for one in (member.patient, *member.record)]
    bundle = {"resourceType": "Bundle", "type": "searchset", "entry": entries}
    folder = put(tmp_path / "in", QuestionnaireResponse=[member.response], Bundle=[bundle])

    bulk(folder, "-o", tmp_path / "out")

    (row,) = lines_in(tmp_path / "out" / "responses.ndjson")
    assert row["record"] is True


def test_a_bundle_whose_entries_refer_by_full_url_is_read_as_one(bulk: Run, tmp_path: Path) -> None:
    lines, expected, now = [], [], datetime.fromisoformat(NOW)
    for member in members("messy")[:40]:
        name = f"Patient/{member.patient['id']}"
        urn = f"urn:uuid:{uuid5(NAMESPACE_URL, name)}"
        found = assessor_of().assess(member.response, now=now, record=list(member.own[:-1]))
        expected.append(
            (found.level.code, sorted(row.rule.id for row in found.assessment.findings))
        )
        entries = [
            {"fullUrl": urn if one is member.patient else f"urn:uuid:{number}", "resource": one}
            for number, one in enumerate(member.own)
        ]
        bundle = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
        lines.append(wire.write(bundle).replace(f'"{name}"'.encode(), f'"{urn}"'.encode()))
    (tmp_path / "in.ndjson").write_bytes(b"\n".join(lines))

    bulk(tmp_path / "in.ndjson", "-o", tmp_path / "out")

    rows = lines_in(tmp_path / "out" / "responses.ndjson")
    assert [(row["level"], sorted(row["rules"])) for row in rows] == expected
    assert "A1" in {rule for _, rules in expected for rule in rules}  # somebody is under 18
    assert all(row["age_band"] for row in rows)


def test_a_bundle_that_says_that_more_follows_reassures_nobody(bulk: Run, tmp_path: Path) -> None:
    member = members("everyday")[0]
    entries = [{"resource": one} for one in member.own]
    link = [{"relation": "next", "url": "https://ehr.example.org/fhir?page=2"}]
    bundle = {"resourceType": "Bundle", "type": "searchset", "link": link, "entry": entries}
    (tmp_path / "in.ndjson").write_bytes(wire.write(bundle))

    bulk(tmp_path / "in.ndjson", "-o", tmp_path / "out")

    (decision,) = lines_in(tmp_path / "out" / "decisions.ndjson")
    assert [one["what"] for one in decision["record"]["missing"]] == ["the next page of the record"]
