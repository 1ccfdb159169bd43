"""`assess --against`: one input, two versions of the pack, and why they differ."""

import json
import random
from pathlib import Path
from typing import Any

import pytest

from cds.flows.assess import Assessor
from cds.flows.explaining.against import Against, Versions
from cds.knowledge.proofs.questions import questions_of_form
from cds.knowledge.proofs.random_answers import valid_answers
from cds.knowledge.proofs.witness import _response as response_of
from cds.knowledge.read.pack import find_pack, pack_folders
from tests.commands.assess_kit import NOW, Call, Write
from tests.replies import NOW as INSTANT
from tests.replies import reply

FOLDER = pack_folders()["cramps"]
PACK = find_pack("cramps")
RELEASED = sorted(one.name for one in (FOLDER / "released").iterdir())
TRUNK = {"history.site": ["trunk"]}


def compared(call: Call, write: Write, response: Any, *more: object) -> Any:
    done = call("assess", write("r.json", response), "--now", NOW, "--format", "json", *more)
    assert done.code in {0, 1}, done.err
    (document,) = done.lines
    return document


def test_the_document_says_which_level_and_finding_differ_and_why(call: Call, write: Write) -> None:
    found = compared(call, write, reply(TRUNK), "--against", "1.0.0")

    assert found["schema"] == "cramp-cds/comparison/1"
    assert (found["pack"]["version"], found["against"]["version"]) == (PACK.version, "1.0.0")
    assert found["moved"] == "higher"
    assert found["level"] == {"pack": "urgent", "against": "self-care"}
    assert found["findings"] == [
        {
            "rule": "U8",
            "level": {"pack": "urgent", "against": None},
            "because": [{"linkId": "history.site", "answer": "trunk"}],
        }
    ]
    assert any("U8 fires only in" in one for one in found["why"])


def test_the_text_says_who_decides_and_shows_both(call: Call, write: Write) -> None:
    done = call("assess", write("r.json", reply(TRUNK)), "--now", NOW, "--against", "1.0.0")

    first, second, third = done.text.splitlines()[:3]
    assert first.startswith(PACK.version)
    assert "URGENT" in first
    assert second.startswith("1.0.0")
    assert third == f"{PACK.version} decides; beside 1.0.0: more urgent"


def test_where_nothing_differs_nothing_is_told(call: Call, write: Write) -> None:
    found = compared(call, write, reply(), "--against", "1.1.0")

    assert found["moved"] == "same"
    assert found["findings"] == found["open"] == found["why"] == []


def test_what_was_not_asked_then_is_open_in_the_newer_version_only(
    call: Call, write: Write
) -> None:
    url = f"{PACK.full.url}|1.0.0"
    found = compared(call, write, reply(questionnaire=url), "--against", "1.0.0")

    assert found["level"] == {"pack": "indeterminate", "against": "self-care"}
    assert {"linkId": "safety.urine", "why": {"pack": "not-asked", "against": None}} in found[
        "open"
    ]
    assert any("safety.urine is not-asked in" in one for one in found["why"])


def test_an_option_that_the_older_version_lacks_is_a_fault_there_and_never_calm(
    call: Call, write: Write
) -> None:
    brown = reply({"safety.urine": "brown-red-or-cola"})
    found = compared(call, write, brown, "--against", "1.0.0")

    assert found["level"] == {"pack": "emergency-evaluation", "against": "indeterminate"}
    assert found["moved"] == "higher"
    assert any("cannot rely on every answer: safety.urine" in one for one in found["why"])


def test_a_record_counts_in_both_by_their_own_limits(call: Call, write: Write) -> None:
    glucose = {
        "resourceType": "Observation",
        "id": "g",
        "status": "final",
        "subject": {"reference": "Patient/example"},
        "code": {"coding": [{"system": "http://loinc.org", "code": "2345-7"}]},
        "effectiveDateTime": "2026-11-20T08:00:00Z",
        "valueQuantity": {"value": 612, "unit": "mg/dL"},
    }
    adult = {"resourceType": "Patient", "id": "example", "birthDate": "1960-05-05"}
    entries = [{"resource": one} for one in (adult, glucose)]
    record = write(
        "record.json", {"resourceType": "Bundle", "type": "collection", "entry": entries}
    )

    found = compared(call, write, reply(), "--record", record, "--against", "1.1.0")

    assert found["level"]["pack"] == "emergency-evaluation"
    assert found["level"]["against"] != "emergency-evaluation"
    assert "E18" in {one["rule"] for one in found["findings"]}


def test_the_version_may_be_a_folder_and_must_be_one_of_the_pack(call: Call, write: Write) -> None:
    folder = FOLDER / "released" / "1.1.0"
    found = compared(call, write, reply(TRUNK), "--against", folder)
    assert found["against"]["version"] == "1.1.0"

    boiler = Path(__file__).parents[1] / "packs" / "boiler"
    other = call("assess", write("r.json", reply()), "--against", boiler)
    assert other.code == 2
    assert "not of cramps" in other.err


def test_a_version_that_is_not_there_and_a_bundle_are_wrong_calls(call: Call, write: Write) -> None:
    path = write("r.json", reply())

    unknown = call("assess", path, "--against", "1.0.7")
    assert unknown.code == 2
    assert "Known: 1.0.0, 1.1.0, " in unknown.err
    assert call("assess", path, "--against", "1.0.0", "--format", "fhir").code == 2


def test_several_inputs_are_summed_up(call: Call, write: Write) -> None:
    lines = "\n".join(json.dumps(one) for one in (reply(TRUNK), reply(), reply(TRUNK)))
    path = write("batch.ndjson", lines.encode())

    done = call("assess", path, "--now", NOW, "--against", "1.0.0", "--format", "json")

    assert "assess: beside the other version: 2 higher, 1 same" in done.err.splitlines()


@pytest.mark.parametrize("version", [one for one in RELEASED if one != PACK.version])
def test_both_sides_are_what_each_version_decides_alone(version: str) -> None:
    """The law: no comparison invents or hides a level, finding or gap of one of the two."""
    assessor = Assessor([PACK])
    other = Versions(assessor, [FOLDER]).beside("cramps", version)
    questions = questions_of_form(PACK.full, PACK.unknown, PACK.fail_safe)
    chance = random.Random(16)  # noqa: S311 - chosen answers, nothing secret
    for _ in range(30):
        response = response_of(PACK.full, valid_answers(questions, chance))
        against = Against(*(one.assess(response, now=INSTANT) for one in (assessor, other)))
        told = against.document()

        for side, assessed in zip(("pack", "against"), against, strict=True):
            whole = assessed.document()
            assert told["level"][side] == whole["level"]
            fired = {one["rule"]: one["level"] for one in whole["findings"]}
            for one in told["findings"]:
                assert one["level"][side] == fired.get(one["rule"])
        differs = {one["rule"] for one in told["findings"]}
        levels = [{one.rule.id: one.level.code for one in each.findings} for each in against]
        assert differs == {
            rule
            for rule in {**levels[0], **levels[1]}
            if levels[0].get(rule) != levels[1].get(rule)
        }
        assert bool(told["why"]) is against.differs


def test_site_options_hold_in_both() -> None:
    pelvic = reply({"safety.pelvic-mass": "yes"})
    assessor = Assessor([PACK], {"strict_seed": False})
    other = Versions(assessor, [FOLDER]).beside("cramps", "1.0.0")

    levels = [one.assess(pelvic, now=INSTANT).level.code for one in (assessor, other)]

    assert levels == ["urgent", "urgent"]
