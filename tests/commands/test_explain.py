"""`explain` as a command: readable at a glance, whole where asked, true in both formats."""

import json
from typing import Any

import pytest

from tests.commands.assess_kit import Call, Write
from tests.replies import coding, reply, with_answer
from tests.strategies import pack_of

RULES = [rule.id for rule in pack_of("cramps").rules.rules]
NERVE = {"safety.nerve": "leg-weakness", "safety.nerve-course": "new-or-worse"}


def test_what_fires_comes_first_then_what_would_change_it_then_the_rest(
    call: Call, write: Write
) -> None:
    text = call("explain", write("r.json", reply(NERVE))).text

    heads = [line for line in text.splitlines() if line and not line.startswith(" ")]
    assert heads[:-2] == [
        "!   EMERGENCY: Immediate evaluation in an emergency setting",
        "Rules that fire",
        "What would change the level",
        "Rules open only because the record does not say (--rule ID shows one whole)",
        "Ruled out by the answers (--rule ID shows one whole)",
    ]
    assert heads[-2].startswith("Intended use: ")


@pytest.mark.parametrize(
    "response",
    [
        reply(),
        reply(NERVE),
        reply({"safety.limb": None}),
        reply(short=True),
        reply(status="stopped"),
    ],
)
def test_every_rule_is_there_once_with_its_state_and_no_line_is_too_long(
    call: Call, write: Write, response: Any
) -> None:
    text = call("explain", write("r.json", response)).text

    named = [line.split()[0] for line in text.splitlines() if line[:2] == "  " and line[2] != " "]
    assert sorted(one for one in named if one in RULES) == sorted(RULES)
    for rule in RULES:
        line = next(one for one in text.splitlines() if one.startswith(f"  {rule:<4}"))
        joined = text[text.index(line) :][:200]
        assert any(state in joined for state in ("flagged", "open", "ruled-out"))
    assert max(map(len, text.splitlines())) <= 100


def test_a_condition_is_said_in_words_beside_its_link_id(call: Call, write: Write) -> None:
    text = call("explain", write("r.json", reply(NERVE))).text

    flat = " ".join(text.split())
    assert (
        "Is there any change in feeling, strength or control? “A leg is numb or tingles” or" in flat
    )
    assert "(safety.nerve = leg-numbness-or-tingling or leg-weakness): true" in flat
    assert "source seed, 003:21, 003:23" in flat
    assert "Where nobody says how long it has been there, it counts as new." in flat


def test_the_changes_are_said_in_words(call: Call, write: Write) -> None:
    flat = " ".join(call("explain", write("r.json", reply(NERVE))).text.split())

    assert "more urgent, emergency-911: if these answers were different" in flat
    assert "“Yes, but awake now” (safety.consciousness = fainted-recovered)" in flat
    assert "less urgent, urgent: if these answers were different" in flat
    assert "(safety.nerve = " in flat.partition("less urgent, urgent")[2]


def test_where_no_change_leads_anywhere_that_is_said(call: Call, write: Write) -> None:
    text = call("explain", write("r.json", reply(short=True))).text

    assert "  less urgent: no change of answers would do this" in text


def test_one_rule_is_shown_whole(call: Call, write: Write) -> None:
    path = write("r.json", reply())

    done = call("explain", path, "--rule", "E3")

    assert done.code == 0
    assert "safety.urine = none-new" in done.text
    assert "E1 " not in done.text
    assert [one["rule"] for one in call("explain", path, "--rule", "E3", "--format", "json").json["rules"]] == ["E3"]  # fmt: skip  # noqa: E501


def test_an_unknown_rule_is_two_with_the_nearest(call: Call, write: Write) -> None:
    done = call("explain", write("r.json", reply()), "--rule", "E33")

    assert (done.code, done.out) == (2, b"")
    assert "Did you mean 'E3'?" in done.err


def test_faults_of_the_response_are_shown(call: Call, write: Write) -> None:
    bad = with_answer(reply(), "safety.urine", coding("Zyxxy"))

    done = call("explain", write("r.json", bad))

    assert done.code == 0
    assert "Faults of the response" in done.text
    assert "Zyxxy" not in done.text


def test_the_json_is_one_line_a_response(call: Call, write: Write) -> None:
    path = write("r.ndjson", b"\n".join(json.dumps(reply(one)).encode() for one in ({}, NERVE)))

    done = call("explain", path, "--format", "json")

    assert [one["schema"] for one in done.lines] == ["cramp-cds/explanation/1"] * 2
    assert [one["decision"]["level"] for one in done.lines] == ["self-care", "emergency-evaluation"]
    assert "== " in call("explain", path).text


def test_standard_input_is_taken_and_what_is_no_response_is_three(call: Call) -> None:
    assert call("explain", "-", stdin=json.dumps(reply()).encode()).code == 0
    for data in (b"", b"{", b"[]", b'{"resourceType": "Patient"}'):
        assert call("explain", "-", stdin=data).code == 3


def test_a_record_is_shown_with_its_dates_and_what_it_does_not_say(
    call: Call, write: Write
) -> None:
    path = write("b.json", call("sample", "bundle", "--scenario", "potassium-critical").json)

    text = call("explain", path, "--record", path, "--now", "2026-11-20T16:00:00Z").text

    flat = " ".join(text.split())
    assert "Potassium at a critical value (potassium.critical): present; Observation/" in flat
    assert "2026-11-20T12:00:00Z" in flat
    assert "The record does not say: sodium.critical" in flat


def test_a_file_is_needed(call: Call) -> None:
    assert call("explain").code == 2
