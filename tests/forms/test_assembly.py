"""Forms that are put together from parts (SDC's subQuestionnaire)."""

from typing import Any

from cds.forms.support import Support
from tests.forms.rule_kit import CORE, SDC, a, coding, form, found, q, response, x

Json = dict[str, Any]
SUB = "http://example.org/Questionnaire/sub"
GIVEN = [a("x"), a("y", link_id="s"), a("z", link_id="z")]


def _part(canonical: str = SUB, link_id: str = "part", /, *extensions: Json) -> Json:
    stands_for = x(SDC + "subQuestionnaire", valueCanonical=canonical)
    return {"linkId": link_id, "type": "display", "extension": [stands_for, *extensions]}


def _sub(*items: Json, url: str = SUB, **more: Any) -> Json:
    return {**form(*items), "url": url, **more}


def _prefix(text: str) -> Json:
    return x(CORE + "variable", valueExpression={"name": "linkIdPrefix", "expression": text})


WHOLE = form(q(), _part(), q("string", "z"))
INNER = _sub(q("string", "s", required=True), q("integer", "n"))


def _rules(form_: Json, given: Json, *support: Json) -> list[str]:
    return [issue.rule for issue in found(form_, given, support=Support(support))]


def test_the_items_of_a_part_are_judged_in_its_place() -> None:
    assert _rules(WHOLE, response(*GIVEN), INNER) == []
    assert _rules(WHOLE, response(GIVEN[0], GIVEN[2]), INNER) == ["required"]
    assert _rules(WHOLE, response(*GIVEN[:2], a("x", link_id="n")), INNER) == ["invalidAnswerType"]
    assert _rules(WHOLE, response(*GIVEN[:2], a("x", link_id="?")), INNER) == ["invalidLinkId"]
    assert _rules(WHOLE, response(GIVEN[1], GIVEN[0]), INNER) == ["order"]


def test_a_part_that_is_not_at_hand_is_told_and_its_items_are_not_refused() -> None:
    assert _rules(WHOLE, response(*GIVEN)) == ["expressionNotChecked"]
    assert _rules(form(q()), response(*GIVEN[:2])) == ["invalidLinkId"]


def test_parts_stand_in_groups_and_in_parts_and_among_the_contained() -> None:
    inner = {**_sub(q("string", "s")), "id": "inner"}
    middle = _sub(_part("#inner"), url="http://example.org/middle")
    group = {"linkId": "g", "type": "group", "item": [_part("http://example.org/middle|1")]}
    given = {"linkId": "g", "item": [a("y", "two", link_id="s")]}

    assert _rules(form(group, contained=[inner]), response(given), middle) == ["repeats"]


def test_a_part_that_leads_back_to_itself_is_told() -> None:
    circle = _sub(q("string", "s"), _part(SUB, "again"))

    assert _rules(WHOLE, response(*GIVEN), circle) == ["expressionNotChecked"]


def test_a_prefix_keeps_two_of_the_same_part_apart() -> None:
    when = [{"question": "c", "operator": "=", "answerBoolean": True}]
    part = _sub(q("boolean", "c"), q("string", "s", enableWhen=when, required=True))
    whole = form(_part(SUB, "1", _prefix("'a.'")), _part(SUB, "2", _prefix("'b.'")))
    first = [{"linkId": "a.c", "answer": [{"valueBoolean": True}]}, a("x", link_id="a.s")]

    assert _rules(whole, response(*first), part) == []
    assert _rules(whole, response(first[0]), part) == ["required"]
    assert _rules(whole, response(*first, a("x", link_id="b.s")), part) == ["notEnabled"]
    assert _rules(whole, response(a("x", link_id="s")), part) == ["invalidLinkId"]


def test_a_part_brings_its_value_sets_variables_and_constraints() -> None:
    def holds(code: str) -> Json:
        include = {"system": "urn:s", "concept": [{"code": code}]}
        return {"resourceType": "ValueSet", "id": "vs", "compose": {"include": [include]}}

    rule = x(
        CORE + "targetConstraint",
        extension=[
            x("key", valueId="k"),
            x("severity", valueCode="error"),
            x("human", valueString="The sum is wrong."),
            x(
                "expression",
                valueExpression={"language": "text/fhirpath", "expression": "%two = 3"},
            ),
        ],
    )
    two = x(
        CORE + "variable",
        valueExpression={"name": "two", "language": "text/fhirpath", "expression": "2"},
    )
    mine, theirs = q("choice", answerValueSet="#vs"), q("choice", "t", answerValueSet="#vs")
    part = _sub(theirs, contained=[holds("b")], extension=[two, rule])
    whole = form(mine, _part(), contained=[holds("a")])
    given = response(a(coding("a")), {**a(coding("b")), "linkId": "t"})
    wrong = response(a(coding("b")), {**a(coding("a")), "linkId": "t"})

    assert _rules(whole, given, part) == ["invariant"]
    assert _rules(whole, wrong, part) == ["invalidCoding", "invalidCoding", "invariant"]


def test_parts_that_multiply_end_in_time() -> None:
    parts = [
        _sub(*[_part(f"{SUB}{n + 1}", f"{n}.{k}") for k in range(10)], url=f"{SUB}{n}")
        for n in range(12)
    ]

    assert "tooCostly" in _rules(form(_part(f"{SUB}0")), response(a("x")), *parts)
