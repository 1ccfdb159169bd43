"""`assess` as a command: the decision document."""

import copy
import json
import os
from pathlib import Path

import pytest

from tests.commands.assess_kit import NOW, Call, Write
from tests.replies import ALARM, CALM, decide, reply

# ── The decision document ──


def test_the_document_has_the_promised_keys_in_their_order(call: Call, write: Write) -> None:
    document = call("assess", write("r.json", reply(ALARM)), "--format", "json").json

    assert list(document) == [
        "schema", "input", "subject", "pack", "response", "level", "complete", "findings", "open",
        "causes", "notes", "deviations", "issues",
    ]  # fmt: skip
    assert document["schema"] == "cramp-cds/assessment/1"
    assert document["response"] == {
        "id": "r1",
        "status": "completed",
        "authored": "2026-11-20T15:00:00Z",
    }
    assert list(document["findings"][0]) == [
        "rule", "finding", "level", "basis", "sources", "because",
    ]  # fmt: skip
    assert document["findings"][0]["because"] == [{"linkId": "safety.urine", "answer": "none-new"}]


def test_what_the_response_does_not_say_is_left_out_of_the_document(
    call: Call, write: Write
) -> None:
    path = write("r.json", reply(id=None, authored=None))

    assert call("assess", path, "--format", "json").json["response"] == {"status": "completed"}


def test_the_bytes_do_not_hang_on_the_place_or_the_process(
    call: Call, write: Write, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = write("r.json", reply(ALARM))
    here = call("assess", path, "--format", "fhir", "--now", NOW).out
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TZ", "Pacific/Auckland")

    there = call("assess", os.path.relpath(path), "--format", "fhir", "--now", NOW).out

    assert there == here


def test_each_document_keeps_what_the_flow_decides(
    call: Call, write: Write, tmp_path: Path
) -> None:
    for changes in ({}, ALARM, dict.fromkeys(CALM)):
        response = copy.deepcopy(reply(changes))

        done = call("assess", write("r.json", response), "--format", "json")

        place = {"input": str(tmp_path / "r.json"), "subject": "Patient/example"}
        assert done.json == place | json.loads(json.dumps(decide(response).document()))
