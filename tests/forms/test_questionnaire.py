"""A form compiled once, and the faults of the form itself."""

from typing import Any

import pytest

from cds.forms.form.every_item import every_item
from cds.forms.questionnaire import compile_questionnaire
from cds.forms.validate import validate


def _form(*items: object) -> dict[str, Any]:
    return {
        "resourceType": "Questionnaire",
        "url": "http://example.org/q",
        "version": "1",
        "item": list(items),
    }


def test_items_know_their_parent_children_order_and_options() -> None:
    exclusive = {
        "url": "http://hl7.org/fhir/StructureDefinition/questionnaire-optionExclusive",
        "valueBoolean": True,
    }
    options = [
        {"valueCoding": {"system": "urn:s", "code": "a"}},
        {"valueCoding": {"code": "none"}, "extension": [exclusive]},
    ]
    form = compile_questionnaire(
        _form(
            {
                "linkId": "g",
                "type": "group",
                "item": [{"linkId": "c", "type": "choice", "answerOption": options}],
            },
            {"linkId": "last", "type": "string"},
        )
    )

    question = form.by_link_id["c"]

    assert (form.url, form.version) == ("http://example.org/q", "1")
    assert question.parent is form.by_link_id["g"]
    assert form.by_link_id["g"].children == (question,)
    assert list(form.by_link_id) == ["g", "c", "last"]
    assert set(question.codings) == {("urn:s", "a"), (None, "none")}
    assert question.exclusive == {"none"}
    assert form.faults == ()


WHEN = {"operator": "=", "answerBoolean": True}


@pytest.mark.parametrize(
    ("items", "rule", "path"),
    [
        ([{"type": "string"}], "questionnaireItem", "Questionnaire.item[0]"),
        ([{"linkId": "a", "type": "nonsense"}], "questionnaireItem", "Questionnaire.item[0]"),
        (
            [{"linkId": "a", "type": "string"}, {"linkId": "a", "type": "string"}],
            "questionnaireItem",
            "Questionnaire.item[1]",
        ),
        (
            [{"linkId": "a", "type": "string", "enableWhen": [{"question": "b", **WHEN}]}],
            "enableWhen",
            "Questionnaire.item[0].enableWhen[0]",
        ),
        (
            [{"linkId": "a", "type": "boolean", "enableWhen": [{"question": "a", **WHEN}]}],
            "enableWhen",
            "Questionnaire.item[0].enableWhen[0]",
        ),
        (
            [
                {"linkId": "a", "type": "string", "enableWhen": [{"question": "b"}]},
                {"linkId": "b", "type": "string"},
            ],
            "enableWhen",
            "Questionnaire.item[0].enableWhen[0]",
        ),
        (
            [
                {"linkId": "b", "type": "string"},
                {"linkId": "a", "type": "string", "enableWhen": [{"question": "b", **WHEN}]},
            ],
            "enableWhen",
            "Questionnaire.item[1].enableWhen[0]",
        ),
        (
            [
                {"linkId": "b", "type": "boolean"},
                {"linkId": "a", "type": "string", "enableWhen": [{"question": "b", **WHEN}] * 2},
            ],
            "enableWhen",
            "Questionnaire.item[1]",
        ),
        (
            [
                {"linkId": "b", "type": "boolean"},
                {
                    "linkId": "a",
                    "type": "string",
                    "enableWhen": [{"question": "b", "operator": "exists", "answerString": "x"}],
                },
            ],
            "enableWhen",
            "Questionnaire.item[1].enableWhen[0]",
        ),
    ],
)
def test_a_fault_of_the_form_is_the_forms(items: list[Any], rule: str, path: str) -> None:
    faults = compile_questionnaire(_form(*items)).faults

    assert [(fault.source, fault.rule, fault.expression) for fault in faults] == [
        ("questionnaire", rule, path)
    ]


@pytest.mark.parametrize(
    "junk",
    [
        None,
        1,
        "x",
        [],
        {},
        {"item": 3},
        {"item": [None, 1, {"linkId": 1}]},
        {"item": [{"linkId": "a", "item": {}}]},
    ],
)
def test_any_json_can_be_compiled(junk: Any) -> None:
    assert compile_questionnaire(junk).raw is not None


def test_a_bottomless_form_is_cut_off_and_said() -> None:
    item: dict[str, Any] = {"linkId": "0", "type": "group"}
    for depth in range(1, 200):
        item = {"linkId": str(depth), "type": "group", "item": [item]}

    form = compile_questionnaire(_form(item))

    assert [fault.rule for fault in form.faults] == ["questionnaireTooDeep"]


def test_items_come_in_document_order_whatever_stands_among_them() -> None:
    form = {
        "item": [
            {"linkId": "a", "item": [{"linkId": "b"}, 1]},
            None,
            {"item": "x"},
            {"linkId": "c"},
        ]
    }

    assert [item.get("linkId") for item in every_item(form)] == ["a", "b", None, "c"]


def test_an_item_counts_where_an_earlier_version_had_it() -> None:
    inner = {"linkId": "b", "type": "string"}
    form = {
        "item": [
            {
                "linkId": "g",
                "type": "group",
                "item": [{"linkId": "new", "type": "group", "item": [inner]}],
            },
            {
                "linkId": "rows",
                "type": "group",
                "repeats": True,
                "item": [{"linkId": "r", "type": "string"}],
            },
            {"linkId": "q", "type": "string"},
        ]
    }
    moved = [{"b": "g"}, {"b": "", "r": "", "gone": "g"}, {"b": "rows"}, {"b": "q"}, {"b": "none"}]

    compiled = compile_questionnaire(form, moved)
    places = compiled.by_link_id
    has = [name for name, place in places.items() if compiled.has(places["b"], place)]
    has += ["outside"] if compiled.has(places["b"], None) else []

    assert has == ["g", "new", "outside"]
    assert not compiled.has(places["r"], None)


@pytest.mark.parametrize(
    ("named", "severity"), [("", "warning"), ("|1", "warning"), ("|2", "error")]
)
def test_only_a_response_that_names_this_version_must_have_its_places(
    named: str, severity: str
) -> None:
    question = {"linkId": "b", "type": "string", "text": "B"}
    inner = {"linkId": "new", "type": "group", "item": [question]}
    groups = [{"linkId": "g", "type": "group", "item": [inner]}]
    form = {"resourceType": "Questionnaire", "url": "http://example.org/q", "version": "2"}
    compiled = compile_questionnaire({**form, "status": "active", "item": groups}, [{"b": "g"}])
    answer = {"linkId": "b", "answer": [{"valueString": "x"}]}
    response = {"resourceType": "QuestionnaireResponse", "status": "completed"}
    response |= {"questionnaire": f"{form['url']}{named}"}

    found = validate({**response, "item": [{"linkId": "g", "item": [answer]}]}, compiled)
    elsewhere = validate({**response, "item": [answer]}, compiled)

    assert ("earlierPlace", severity) in {(one.rule, one.severity) for one in found}
    assert "wrongPlace" not in {one.rule for one in found}
    assert ("wrongPlace", "error") in {(one.rule, one.severity) for one in elsewhere}
