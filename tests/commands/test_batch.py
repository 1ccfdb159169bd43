"""A batch of `assess`: which input a line speaks of, what failed, and what it all came to."""

import json

import pytest
from jsonschema import Draft202012Validator

from cds.schemas.published import names, schema
from tests.commands.assess_kit import NOW, Call, Write
from tests.replies import ALARM, reply


def batch(write: Write) -> str:
    lines = [json.dumps(reply()), "", "{not json}", json.dumps(reply(ALARM, subject=None))]
    return str(write("batch.ndjson", "\n".join(lines).encode()))


def test_each_line_says_its_input_line_and_subject(call: Call, write: Write) -> None:
    path = batch(write)

    lines = call("assess", path, "--format", "json", "--now", NOW).lines

    assert [(one["input"], one["line"], one.get("subject")) for one in lines] == [
        (path, 1, "Patient/example"),
        (path, 3, None),
        (path, 4, None),
    ]
    assert [one["schema"] for one in lines] == [
        "cramp-cds/assessment/1",
        "cramp-cds/fault/1",
        "cramp-cds/assessment/1",
    ]


def test_a_line_that_failed_says_what_and_what_to_do_and_is_counted(
    call: Call, write: Write
) -> None:
    done = call("assess", batch(write), "--format", "json", "--now", NOW)

    assert done.code == 3
    fault = done.lines[1]
    assert fault["text"]
    assert fault["help"]
    assert "not json" not in json.dumps(fault)
    assert done.err == ("assess: 3 responses: 1 emergency-911, 1 self-care, 1 not assessed\n")


def test_statistics_count_the_rules(call: Call, write: Write) -> None:
    done = call("assess", write("r.json", reply(ALARM)), "--statistics", "--now", NOW)

    assert done.err.splitlines()[0].startswith("assess: 1 response: 1 emergency-911")
    assert "1  E3" in done.err.splitlines()


def test_one_input_is_not_summed_up(call: Call, write: Write) -> None:
    assert call("assess", write("r.json", reply()), "--now", NOW).err == ""


@pytest.mark.parametrize("name", names())
def test_every_schema_is_one_and_takes_nothing_that_it_does_not_name(name: str) -> None:
    found = schema(name)

    Draft202012Validator.check_schema(found)
    assert found["$id"].endswith(f"/{name}.json")
    assert not Draft202012Validator(found).is_valid(
        {"schema": found["properties"]["schema"]["const"], "odd": 1}
    )
