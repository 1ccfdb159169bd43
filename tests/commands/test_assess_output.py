"""`assess` as a command: streams, files, whom it is about, the site."""

import json
from pathlib import Path
from typing import Any

import pytest

from cds.commands.told import Told
from tests.commands.assess_kit import FORMATS, NOW, Call, Write
from tests.replies import ALARM, reply

# ── Outputs ──


def test_one_input_is_one_line_and_several_are_one_line_each(call: Call, write: Write) -> None:
    one, other = write("a.json", reply()), write("b.json", reply(ALARM))

    for form in ("json", "fhir"):
        assert call("assess", one, "--format", form).out.count(b"\n") == 1
        done = call("assess", one, other, "--format", form)
        assert done.out.count(b"\n") == 2
        assert done.out.endswith(b"\n")


def test_a_single_decision_begins_with_its_level_and_several_with_their_names(
    call: Call, write: Write
) -> None:
    one, other = write("a.json", reply()), write("b.json", reply(ALARM))

    assert call("assess", one).text.startswith(".   SELF-CARE")
    several = call("assess", one, other).text
    assert several.startswith(f"== {one}\n.   SELF-CARE")
    assert f"\n\n== {other}\n!!  EMERGENCY" in several


@pytest.mark.parametrize("form", FORMATS)
def test_a_result_goes_whole_into_a_file(
    call: Call, write: Write, tmp_path: Path, form: str
) -> None:
    path, out = write("r.json", reply(ALARM)), tmp_path / "out"

    done = call("assess", path, "--format", form, "--now", NOW, "-o", out)

    assert done.out == b""
    assert out.read_bytes() == call("assess", path, "--format", form, "--now", NOW).out


def test_nothing_half_written_is_left_when_it_breaks_off(
    call: Call, write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Told._rendered
    path = write("r.ndjson", b"\n".join([json.dumps(reply()).encode()] * 3))
    out = write("out.json", b"old")
    count = iter(range(3))

    def breaking(*args: Any) -> bytes:
        if next(count) == 1:
            raise ZeroDivisionError
        return whole(*args)

    monkeypatch.setattr(Told, "_rendered", breaking)

    assert call("assess", path, "--format", "fhir", "-o", out).code == 4
    assert out.read_bytes() == b"old"
    assert sorted(one.name for one in tmp_path.iterdir()) == ["out.json", "r.ndjson"]


def test_a_file_that_cannot_be_written_is_named(call: Call, write: Write, tmp_path: Path) -> None:
    done = call("assess", write("r.json", reply()), "-o", tmp_path / "no" / "out.json")

    assert done.code == 3
    assert "cannot be written" in done.err


def test_a_transaction_can_be_sent_as_it_is(call: Call, write: Write) -> None:
    done = call(
        "assess", write("r.json", reply(ALARM)), "--format", "fhir", "--bundle", "transaction"
    )

    assert done.json["type"] == "transaction"
    for entry in done.json["entry"]:
        assert entry["request"]["method"] == "POST"
        assert entry["fullUrl"].startswith("urn:uuid:")


# ── Whom it is about ──


def test_without_a_subject_json_and_text_are_given_and_fhir_is_refused(
    call: Call, write: Write
) -> None:
    path = write("r.json", reply(ALARM, subject=None))

    assert call("assess", path).code == 0
    assert call("assess", path, "--format", "json").json["level"] == "emergency-911"
    refused = call("assess", path, "--format", "fhir")
    assert (refused.code, refused.json["resourceType"]) == (1, "OperationOutcome")
    assert refused.json["issue"][0]["diagnostics"] == "QuestionnaireResponse.subject"
    given = call("assess", path, "--format", "fhir", "--subject", "Patient/7")
    assert given.code == 0
    assert given.json["entry"][0]["resource"]["subject"]["reference"] == "Patient/7"


def test_a_subject_that_is_not_the_response_s_is_refused(call: Call, write: Write) -> None:
    done = call("assess", write("r.json", reply()), "--subject", "Patient/7", "--format", "fhir")

    assert (done.code, done.json["issue"][0]["diagnostics"]) == (3, "--subject")


def test_a_record_of_another_patient_is_refused(call: Call, write: Write) -> None:
    other = {"resourceType": "Patient", "id": "other"}
    record = write("record.json", {"resourceType": "Bundle", "entry": [{"resource": other}]})

    done = call("assess", write("r.json", reply()), "--record", record, "--format", "json")

    assert (done.code, done.json["schema"]) == (3, "cramp-cds/fault/1")


@pytest.mark.parametrize("data", [b"{", b"[]x", b"\xff"])
def test_a_record_that_cannot_be_read_is_three(call: Call, write: Write, data: bytes) -> None:
    done = call("assess", write("r.json", reply()), "--record", write("record.json", data))

    assert (done.code, done.out) == (3, b"")


def test_a_record_that_is_not_there_is_three(call: Call, write: Write, tmp_path: Path) -> None:
    done = call("assess", write("r.json", reply()), "--record", tmp_path / "no.json")

    assert done.code == 3
    assert "no.json" in done.err


# ── The site ──


def test_an_unknown_key_of_the_configuration_is_two_with_the_nearest(
    call: Call, write: Write
) -> None:
    config = write("unknown.toml", b"[site]\nstrict_sed = false\n")

    done = call("assess", write("r.json", reply()), "--config", config)

    assert (done.code, done.out) == (2, b"")
    assert "strict_sed" in done.err
    assert "strict_seed" in done.err


@pytest.mark.parametrize(
    ("option", "changes", "rule"),
    [
        ("safety_net", {"safety.limb": "cold-pale-or-blue"}, "E12"),
        ("strict_seed", {"safety.pelvic-mass": "yes"}, "U2"),
        ("safety_net", {}, None),
    ],
)
def test_a_deviation_is_printed_in_every_output(
    call: Call, write: Write, option: str, changes: dict[str, str], rule: str | None
) -> None:
    config = write(f"{option}.toml", f"[site]\n{option} = false\n".encode())
    path = write("r.json", reply(changes))

    text = call("assess", path, "--config", config)
    explained = call("explain", path, "--config", config)
    document = call("assess", path, "--config", config, "--format", "json").json
    bundle = call("assess", path, "--config", config, "--format", "fhir").json

    said = f"Site option {option} = false"
    assert said in text.text
    assert said in explained.text
    assert [one["option"] for one in document["deviations"]] == [option]
    assert document["deviations"][0]["rules"] == ([rule] if rule else [])
    notes = [note["text"] for note in bundle["entry"][0]["resource"]["note"]]
    # Notes are Markdown, in which an underscore is escaped.
    assert any(said in note.replace("\\", "") for note in notes)
    assert said in bundle["entry"][0]["resource"]["text"]["div"]
