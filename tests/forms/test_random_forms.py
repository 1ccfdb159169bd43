"""For any form: a valid response is accepted, one fault is reported with its rule and place."""

import copy
from collections.abc import Callable
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from cds.forms.checks.checks import all_issues
from cds.forms.issues import Issue
from cds.forms.questionnaire import compile_questionnaire
from cds.forms.support import Support
from cds.forms.validate import validate

Json = dict[str, Any]
VALUES: dict[str, tuple[str, Any]] = {
    "boolean": ("valueBoolean", True),
    "integer": ("valueInteger", 4),
    "decimal": ("valueDecimal", 2),
    "string": ("valueString", "some"),
    "text": ("valueString", "lines\nof text"),
    "date": ("valueDate", "2024-02"),
    "dateTime": ("valueDateTime", "2024-02-03T04:05:06Z"),
    "time": ("valueTime", "11:12:13"),
    "url": ("valueUri", "http://example.org/x"),
    "choice": ("valueCoding", {"system": "urn:s", "code": "a"}),
    "open-choice": ("valueString", "free"),
    "quantity": ("valueQuantity", {"value": 3, "unit": "kg"}),
    "attachment": ("valueAttachment", {"contentType": "text/plain", "data": "YQ=="}),
    "reference": ("valueReference", {"reference": "Patient/1"}),
}
OPTIONS = [{"valueCoding": {"system": "urn:s", "code": code}} for code in "ab"]
CONTROL = "control"


@st.composite
def _items(draw: st.DrawFn, depth: int, path: str) -> list[Json]:
    made = []
    for index in range(draw(st.integers(1, 3))):
        link_id = f"{path}.{index}"
        type_ = draw(st.sampled_from(["group", "display", *VALUES]))
        item: Json = {"linkId": link_id, "type": type_, "text": f"Text {link_id}"}
        if type_ != "display":
            item |= {"required": draw(st.booleans()), "repeats": draw(st.booleans())}
        if type_ in {"choice", "open-choice"}:
            item["answerOption"] = OPTIONS
        if draw(st.integers(0, 3)) == 0:
            shown = draw(st.booleans())
            item["enableWhen"] = [{"question": CONTROL, "operator": "=", "answerBoolean": shown}]
        if type_ == "group" or (type_ != "display" and depth and draw(st.integers(0, 3)) == 0):
            below = (
                draw(_items(depth - 1, link_id))
                if depth
                else [{"linkId": f"{link_id}.leaf", "type": "string"}]
            )
            item["item"] = below
        made.append(item)
    return made


def _enabled(item: Json) -> bool:
    return all(when["answerBoolean"] is True for when in item.get("enableWhen", ()))


@st.composite
def _filled(draw: st.DrawFn, items: list[Json]) -> list[Json]:
    """Response items that answer what is required, and some of the rest."""
    made = []
    for item in items:
        if not _enabled(item) or (not item.get("required") and draw(st.integers(0, 3)) == 0):
            continue
        times = draw(st.integers(1, 2)) if item.get("repeats") else 1
        node: Json = {"linkId": item["linkId"]} | (
            {"text": item["text"]} if "text" in item and draw(st.booleans()) else {}
        )
        if item["type"] == "group":
            nodes = [
                {**node, "item": below}
                for _ in range(times)
                if (below := draw(_filled(item["item"])))
            ]
            if item.get("required"):
                # A required group needs an answer below it; one without is left out of the law.
                assume(all(_answered(one) for one in nodes) and nodes)
            made.extend(nodes)
        elif item["type"] == "display":
            made.append(node)
        else:
            answers = [_answer(item, draw(_filled(item.get("item", [])))) for _ in range(times)]
            made.append({**node, "answer": answers})
    return made


def _answered(node: Json) -> bool:
    return "answer" in node or any(_answered(one) for one in node.get("item", ()))


def _answer(item: Json, below: list[Json]) -> Json:
    key, value = VALUES[item["type"]]
    return {key: copy.deepcopy(value)} | ({"item": below} if below else {})


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Json, Json]:
    """A form and a valid response to it."""
    items = [{"linkId": CONTROL, "type": "boolean", "required": True}, *draw(_items(2, "i"))]
    form = {
        "resourceType": "Questionnaire",
        "url": "http://example.org/q",
        "status": "active",
        "item": items,
    }
    first = {"linkId": CONTROL, "answer": [{"valueBoolean": True}]}
    response = {
        "resourceType": "QuestionnaireResponse",
        "questionnaire": "http://example.org/q",
        "status": "completed",
        "authored": "2024-01-01T00:00:00Z",
        "subject": {"reference": "Patient/1"},
        "author": {"reference": "Patient/1"},
        "item": [first, *draw(_filled(items[1:]))],
    }
    return form, response


def _faults(form: Json, response: Json) -> list[Issue]:
    return [issue for issue in validate(response, form) if issue.severity in {"error", "fatal"}]


def _nodes(items: list[Json], where: str) -> list[tuple[Json, str, list[Json]]]:
    """Every response item with its expression and the list that it stands in."""
    found = []
    for index, node in enumerate(items):
        here = f"{where}.item[{index}]"
        found.append((node, here, items))
        found.extend(_nodes(node.get("item", []), here))
        for at, answer in enumerate(node.get("answer", [])):
            found.extend(_nodes(answer.get("item", []), f"{here}.answer[{at}]"))
    return found


@given(pairs())
def test_a_valid_response_to_any_form_is_accepted(pair: tuple[Json, Json]) -> None:
    form, response = pair

    assert validate(response, form) == []
    assert all_issues(response, compile_questionnaire(form), Support()) == []


def _unknown_link_id(node: Json, _: Json) -> str:
    node["linkId"] = "nowhere"
    return "invalidLinkId"


def _wrong_type(node: Json, item: Json) -> str | None:
    if "answer" not in node:
        return None
    node["answer"][0] = {"valueInteger": 1} if item["type"] != "integer" else {"valueBoolean": True}
    return "invalidAnswerType"


def _second_answer(node: Json, item: Json) -> str | None:
    if "answer" not in node or item.get("repeats"):
        return None
    node["answer"].append(copy.deepcopy(node["answer"][0]))
    return "repeats"


def _unknown_element(node: Json, _: Json) -> str:
    node["nonsense"] = 1
    return "structure"


def _answer_on_group(node: Json, item: Json) -> str | None:
    if item["type"] not in {"group", "display"}:
        return None
    node["answer"] = [{"valueString": "x"}]
    return "groupShouldNotHaveAnswers" if item["type"] == "group" else "displayAnswer"


def _wrong_option(node: Json, item: Json) -> str | None:
    if item["type"] != "choice" or "answer" not in node:
        return None
    node["answer"][0]["valueCoding"]["code"] = "z"
    return "invalidAnswerOption"


FAULTS: tuple[Callable[[Json, Json], str | None], ...] = (
    _unknown_link_id,
    _wrong_type,
    _second_answer,
    _unknown_element,
    _answer_on_group,
    _wrong_option,
)


def _definitions(items: list[Json]) -> dict[str, Json]:
    found = {}
    for item in items:
        found[item["linkId"]] = item
        found |= _definitions(item.get("item", []))
    return found


@given(pairs(), st.data())
def test_one_fault_is_reported_with_its_rule_and_place(
    pair: tuple[Json, Json], data: st.DataObject
) -> None:
    form, response = pair
    node, here, _ = data.draw(
        st.sampled_from(_nodes(response["item"][1:], "QuestionnaireResponse") or [({}, "", [])])
    )
    assume(node)
    here = here.replace("item[", "item[", 1)
    item = _definitions(form["item"])[node["linkId"]]
    # What a fault takes away with it (a required answer) is another cause; such places are left out.  # noqa: E501
    below = _definitions(item.get("item", []))
    assume(not any(one.get("required") for one in below.values()))
    was_required = item.get("required")

    rule = data.draw(st.sampled_from(FAULTS))(node, item)
    assume(rule is not None)
    faults = _faults(form, response)

    first, _, rest = here.removeprefix("QuestionnaireResponse.item[").partition("]")
    place = f"QuestionnaireResponse.item[{int(first) + 1}]{rest}"
    assert any(fault.rule == rule and fault.expression.startswith(place) for fault in faults)
    assert (
        {fault.rule for fault in faults} <= {rule, "required"}
        if was_required or rule == "invalidLinkId"
        else {rule}
    )


@given(pairs(), st.data())
def test_a_missing_required_answer_is_reported_where_it_should_stand(
    pair: tuple[Json, Json], data: st.DataObject
) -> None:
    form, response = pair
    known = _definitions(form["item"])
    required = [
        entry
        for entry in _nodes(response["item"], "QuestionnaireResponse")
        if known[entry[0]["linkId"]].get("required")
    ]
    node, here, siblings = data.draw(st.sampled_from(required))
    same = [one for one in siblings if one["linkId"] == node["linkId"]]
    siblings[:] = [one for one in siblings if one["linkId"] != node["linkId"]]
    assume(siblings and len(same) == 1)
    if node["linkId"] == CONTROL:
        return

    faults = _faults(form, response)

    parent = here.rpartition(".item[")[0]
    assert ("required", parent, node["linkId"]) in {
        (one.rule, one.expression, one.link_id) for one in faults
    } or any(one.rule == "required" and parent.startswith(one.expression) for one in faults)


@given(pairs())
def test_an_answer_to_a_disabled_item_is_reported_once(pair: tuple[Json, Json]) -> None:
    form, response = pair
    response["item"][0]["answer"] = [{"valueBoolean": False}]
    conditioned = [
        (node, here)
        for node, here, _ in _nodes(response["item"], "QuestionnaireResponse")
        if _definitions(form["item"])[node["linkId"]].get("enableWhen")
        and ("answer" in node or "item" in node)
    ]
    topmost = [
        here
        for _, here in conditioned
        if not any(here.startswith(f"{other}.") for _, other in conditioned)
    ]

    faults = [fault for fault in _faults(form, response) if fault.rule == "notEnabled"]

    assert [fault.expression for fault in faults] == topmost
