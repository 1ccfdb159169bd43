"""Why a decision is what it is: every rule, and alternatives that are true when assessed anew."""

import copy
import json
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cds import wire
from cds.core.model import State
from cds.core.why import Alternative
from cds.flows.deciding.assessed import Assessed
from cds.flows.explaining.again import Again
from cds.flows.explaining.explain import Branch, Explanation, as_document, explain
from tests.replies import CALM, Json, assessor_of, coding, decide, question, reply, with_answer
from tests.strategies import Given, engine_of, given_answers, pack_of

BRANCH = {
    "type": "object",
    "properties": {
        "what": {"type": "string", "minLength": 1},
        "value": {"enum": [True, False, None]},
        "parts": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/branch"}},
    },
    "required": ["what", "value"],
    "additionalProperties": False,
}
CHANGE = {
    "type": ["object", "null"],
    "properties": {
        "level": {"enum": [level.code for level in pack_of("cramps").rules.levels]},
        "changes": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "properties": {
                    "linkId": {"type": "string"},
                    "answer": {"type": "array", "items": {"type": "string"}},
                },
                "required": ["linkId", "answer"],
                "additionalProperties": False,
            },
        },
    },
    "required": ["level", "changes"],
    "additionalProperties": False,
}
SCHEMA = {
    "$defs": {"branch": BRANCH},
    "type": "object",
    "properties": {
        "schema": {"const": "cramp-cds/explanation/1"},
        "decision": {"type": "object"},
        "rules": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "rule": {"type": "string"},
                    "state": {"enum": ["flagged", "open", "ruled-out"]},
                    "level": {"type": "string"},
                    "basis": {"enum": ["seed", "external", "engineering"]},
                    "sources": {"type": "array", "items": {"type": "string"}},
                    "reading": {"type": "string"},
                    "when": {"$ref": "#/$defs/branch"},
                },
                "required": ["rule", "state", "level", "basis", "sources", "reading", "when"],
                "additionalProperties": False,
            },
        },
        "facts": {"type": "array"},
        "higher": CHANGE,
        "lower": CHANGE,
    },
    "required": ["schema", "decision", "rules", "facts", "higher", "lower"],
    "additionalProperties": False,
}


def explained(response: Json, **more: Any) -> Explanation:
    return explain(assessor_of(), decide(response, **more))


def resent(assessed: Assessed, alternative: Alternative) -> Assessed:
    """The decision on the response that its sender would have sent instead."""
    engine = engine_of("cramps", short=assessed.context.form.short)
    changed = Again(assessed.response, engine).changed(dict(alternative.changes))
    return decide(changed)


@settings(max_examples=8)
@given(given_answers("cramps"), st.sampled_from(["completed", "in-progress", "amended"]))
def test_an_alternative_is_true_when_the_changed_response_is_assessed(
    answers: Given, status: str
) -> None:
    explanation = explained(reply(answers, status=status))
    now = explanation.assessed.level.rank

    for direction, alternative in ((1, explanation.higher), (-1, explanation.lower)):
        if alternative is not None:
            after = resent(explanation.assessed, alternative)
            assert after.level == alternative.level
            assert (after.level.rank - now) * direction > 0


def test_the_answers_of_an_alternative_can_be_given_by_hand() -> None:
    """Without the machinery of the explanation: the same answers, written as a new response."""
    explanation = explained(reply({"safety.nerve": "leg-weakness"}))

    assert explanation.higher is not None
    assert explanation.lower is not None
    for alternative in (explanation.higher, explanation.lower):
        changes = {link_id: list(codes) for link_id, codes in alternative.changes}
        given_ = {"safety.nerve": "leg-weakness", **changes}
        assert decide(reply(given_)).level == alternative.level


def test_an_alarm_without_an_exception_needs_its_fault_mended() -> None:
    """Faults stay what they are while other answers change."""
    exception = {"safety.urine": "none-usual-on-dialysis", "history.hemodialysis": "yes"}
    faulty = with_answer(reply(exception), "history.hemodialysis", coding("yes", None))

    explanation = explained(faulty)

    assert explanation.assessed.level.code == "emergency-911"
    assert explanation.lower is not None
    assert resent(explanation.assessed, explanation.lower).level == explanation.lower.level
    assert explanation.lower.level.rank < explanation.assessed.level.rank


def test_a_follow_up_goes_with_the_answer_that_led_to_it() -> None:
    changes = {"safety.nerve": "leg-weakness", "safety.nerve-course": "new-or-worse"}

    explanation = explained(reply(changes))

    assert explanation.lower is not None
    assert [link_id for link_id, _ in explanation.lower.changes] == ["safety.nerve"]
    assert explanation.lower.level.code == "urgent"


@pytest.mark.parametrize(
    ("response", "higher", "lower"),
    [
        (reply(), "routine", None),
        (reply({"safety.consciousness": "unresponsive-now"}), None, "self-care"),
        (reply(short=True), "urgent", None),
        (reply({"safety.limb": None, "safety.nerve": None}), "urgent", "self-care"),
        (reply(status="in-progress"), "urgent", None),
    ],
)
def test_both_directions_are_shown_where_they_exist(
    response: Json, higher: str | None, lower: str | None
) -> None:
    explanation = explained(response)

    assert (explanation.higher.level.code if explanation.higher else None) == higher
    assert (explanation.lower.level.code if explanation.lower else None) == lower


def test_no_change_is_proposed_to_a_question_that_is_not_asked() -> None:
    explanation = explained(reply({"history.hemodialysis": "yes"}))

    assert explanation.higher is not None
    assert "safety.nerve-course" not in dict(explanation.higher.changes)


@given(given_answers("cramps"))
@settings(max_examples=6)
def test_the_tree_of_every_rule_agrees_with_its_state(answers: Given) -> None:
    truth = {State.FLAGGED: True, State.OPEN: None, State.RULED_OUT: False}
    explanation = explained(reply(answers))

    assert {one.rule.id for one in explanation.rules} == {
        rule.id for rule in pack_of("cramps").rules.rules
    }
    for one in explanation.rules:
        assert one.tree.truth is truth[one.state], one.rule.id
    flagged = [one.rule.id for one in explanation.rules if one.state is State.FLAGGED]
    assert flagged == [finding.rule.id for finding in explanation.assessed.findings]


def _leaves(branch: Branch) -> list[Branch]:
    return [leaf for part in branch.parts for leaf in _leaves(part)] or [branch]


def test_every_leaf_says_what_it_asks_for_and_keeps_its_condition() -> None:
    for one in explained(reply()).rules:
        for leaf in _leaves(one.tree):
            assert leaf.leaf is not None
            assert leaf.what


def test_a_record_shows_its_facts_with_value_and_date() -> None:
    potassium = {
        "resourceType": "Observation",
        "id": "k",
        "status": "final",
        "subject": {"reference": "Patient/example"},
        "code": {"coding": [{"system": "http://loinc.org", "code": "2823-3"}]},
        "effectiveDateTime": "2026-11-20T08:00:00Z",
        "valueQuantity": {"value": 6.6, "unit": "mmol/L"},
        "interpretation": [
            {
                "coding": [
                    {
                        "system": "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation",
                        "code": "HH",
                    }
                ]
            }
        ],
    }

    document = as_document(explained(reply(), record=[wire.read(wire.write(potassium))]))

    jsonschema.validate(wire_back(document), SCHEMA)
    critical = next(one for one in document["facts"] if one["fact"] == "potassium.critical")
    assert critical["state"] == "present"
    assert wire_back(critical["evidence"]) == [
        {"record": "Observation/k", "value": 6.6, "unit": "mmol/L", "date": "2026-11-20T08:00:00Z"}
    ]
    assert next(one for one in document["rules"] if one["rule"] == "E7")["state"] == "flagged"


def wire_back(value: Any) -> Any:
    """The value as a reader of the JSON sees it."""
    return json.loads(wire.write(value))


@given(given_answers("cramps"))
@settings(max_examples=6)
def test_the_document_keeps_its_schema(answers: Given) -> None:
    document = wire_back(as_document(explained(reply(answers))))

    jsonschema.validate(document, SCHEMA)
    assert document["decision"] == wire_back(decide(reply(answers)).document())


# ── The changed response ──


def test_a_changed_response_keeps_everything_else() -> None:
    response = reply({"safety.urine": None}, meta={"versionId": "1"})
    question(response, "history.site")["extension"] = [{"url": "https://x.example"}]
    before = copy.deepcopy(response)

    changed = Again(response, engine_of("cramps")).changed({"safety.urine": ("usual",)})

    assert response == before
    asked = [one["linkId"] for one in changed["item"][0]["item"]]
    assert asked[:3] == ["safety.consciousness", "safety.urine", "safety.circulation"]
    assert changed["meta"] == {"versionId": "1"}
    assert changed["item"][1] == response["item"][1]


def test_a_change_makes_the_group_that_it_needs_and_takes_the_one_that_it_empties() -> None:
    engine = engine_of("cramps")
    empty = Again({"resourceType": "QuestionnaireResponse", "status": "completed"}, engine)
    made = empty.changed({"safety.consciousness": ("none",)})
    assert [group["linkId"] for group in made["item"]] == ["safety"]

    late = {**reply(), "item": [reply()["item"][1]]}
    whole = Again(late, engine).changed({"safety.consciousness": ("none",)})
    assert [group["linkId"] for group in whole["item"]] == ["safety", "history"]

    only = reply(_only("safety.consciousness"))
    again = Again(only, engine)
    assert again.changed({"safety.consciousness": ()})["item"] == []


def _only(link_id: str) -> dict[str, Any]:
    return dict.fromkeys(CALM) | {link_id: CALM[link_id]}


@pytest.mark.parametrize("link_id", [[], {}, 5, None, "odd"])
def test_a_response_with_an_odd_item_can_be_explained(link_id: Any) -> None:
    response = reply({"safety.urine": None})
    response["item"][0]["item"].insert(1, {"linkId": link_id, "item": [5, None]})

    explanation = explained(response)

    assert explanation.higher is not None
    assert explanation.lower is None  # the fault stays, whatever else is answered


def test_an_answer_that_comes_to_contradict_is_counted_among_the_faults() -> None:
    response = reply({"safety.nerve": "saddle-numbness"})
    course = {"linkId": "safety.nerve-course", "answer": [coding("new-or-worse")]}
    response["item"][0]["item"].insert(5, course)

    explanation = explained(response)

    # "None of these" beside an answer about the course blocks: so far down, and no further.
    assert explanation.lower is not None
    assert explanation.lower.level.code == "urgent"
