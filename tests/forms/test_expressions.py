"""FHIRPath of forms: constraints, enablement, calculation, bounds; and what stops a runaway."""

import resource
from typing import Any

import pytest

from cds.forms.fhirpath import client as fhirpath
from cds.forms.issues import Issue
from cds.forms.validate import validate

Json = dict[str, Any]
CORE = "http://hl7.org/fhir/StructureDefinition/"
SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-"
URL = "http://example.org/q"
QR = "QuestionnaireResponse"


def _expression(text: str, **more: str) -> Json:
    return {"language": "text/fhirpath", "expression": text, **more}


def _variable(name: str, text: str) -> Json:
    return {"url": CORE + "variable", "valueExpression": _expression(text, name=name)}


def _enable(text: str) -> Json:
    return {"url": SDC + "enableWhenExpression", "valueExpression": _expression(text)}


def _constraint(expression: str, severity: str = "error") -> Json:
    parts: list[Json] = [
        {"url": "key", "valueId": "k1"},
        {"url": "severity", "valueCode": severity},
        {"url": "expression", "valueString": expression},
        {"url": "human", "valueString": "Must hold"},
    ]
    return {"url": CORE + "questionnaire-constraint", "extension": parts}


def _form(*items: Json, **more: Any) -> Json:
    return {
        "resourceType": "Questionnaire",
        "url": URL,
        "status": "active",
        "item": list(items),
        **more,
    }


def _found(form: Json, *items: Json) -> list[Issue]:
    response = {
        "resourceType": QR,
        "questionnaire": URL,
        "status": "completed",
    } | ({"item": list(items)} if items else {})
    return [issue for issue in validate(response, form) if issue.severity != "information"]


def _q(type_: str = "integer", link_id: str = "q", *extensions: Json, **more: Any) -> Json:
    return {"linkId": link_id, "type": type_, "extension": list(extensions), **more}


def _a(value: Any, link_id: str = "q", key: str = "valueInteger") -> Json:
    return {"linkId": link_id, "answer": [{key: value}]}


def test_a_failed_constraint_of_an_item_carries_its_key() -> None:
    form = _form(_q("integer", "q", _constraint("answer.value > 3")))

    assert _found(form, _a(4)) == []
    (issue,) = _found(form, _a(3))
    assert (issue.rule, issue.severity, issue.expression) == ("invariant", "error", f"{QR}.item[0]")
    assert issue.constraint == (URL, "k1")
    assert issue.text.endswith("Must hold")
    assert issue.diagnostics == "answer.value > 3"


def test_the_severity_of_a_constraint_is_its_own() -> None:
    issues = _found(_form(_q(), extension=[_constraint("item.count() = 5", "warning")]), _a(1))

    assert [(issue.rule, issue.severity, issue.expression) for issue in issues] == [
        ("invariant", "warning", QR)
    ]


def test_a_target_constraint_holds_its_expression_in_an_expression() -> None:
    parts: list[Json] = [
        {"url": "key", "valueId": "t"},
        {"url": "expression", "valueExpression": _expression("answer.value < 3")},
    ]
    target = {"url": CORE + "targetConstraint", "extension": parts}

    assert [issue.rule for issue in _found(_form(_q("integer", "q", target)), _a(3))] == [
        "invariant"
    ]


@pytest.mark.parametrize(
    "broken",
    [
        "answer.((",
        "answer.value > 1 oops",
        "nonsense()",
        "%patient.name",
        "",
        "answer.valueInteger > 1",
        "answer.nonsense.exists()",
        "Patient.name.exists()",
    ],
)
def test_a_broken_constraint_is_a_warning_and_never_a_pass(broken: str) -> None:
    issues = _found(_form(_q("integer", "q", _constraint(broken))), _a(3))

    assert [(issue.rule, issue.severity, issue.source) for issue in issues] == [
        ("invariantExecution", "warning", "questionnaire")
    ]


@pytest.mark.parametrize(
    ("expression", "enabled"),
    [
        ("%resource.item.where(linkId='c').answer.value = 1", True),
        ("%resource.item.where(linkId='c').answer.value = 2", False),
        ("%context.linkId = 'q'", True),
        ("%qitem.type = 'integer' and %questionnaire.item.count() = 2", True),
        ("%c1 = 1", True),
        ("%c2 = 3", True),
        ("%resource.item.where(linkId='nowhere').answer.value", False),
    ],
)
def test_an_expression_enables_an_item(expression: str, enabled: bool) -> None:
    controlled = _q("integer", "q", _variable("c2", "%c1 + 2"), _enable(expression))
    form = _form(
        _q("integer", "c"),
        controlled,
        extension=[_variable("c1", "item.where(linkId='c').answer.value")],
    )

    rules = [issue.rule for issue in _found(form, _a(1, "c"), _a(5))]
    assert rules == ([] if enabled else ["notEnabled"])


def test_a_required_item_is_demanded_only_where_its_expression_enables_it() -> None:
    form = _form(
        _q("integer", "c"),
        _q(
            "integer",
            "q",
            _enable("%resource.item.where(linkId='c').answer.value = 1"),
            required=True,
        ),
    )

    assert [issue.rule for issue in _found(form, _a(1, "c"))] == ["required"]
    assert _found(form, _a(2, "c")) == []


@pytest.mark.parametrize("expression", ["%nobody = 1", "iif(", "%patient.gender = 'female'"])
def test_an_expression_that_cannot_be_evaluated_decides_nothing(expression: str) -> None:
    form = _form(_q("integer", "q", _enable(expression), required=True))

    for items in ([_a(1)], []):
        assert [(issue.rule, issue.severity) for issue in _found(form, *items)] == [
            ("enableWhenExpression", "warning")
        ]


def test_another_language_is_not_supported() -> None:
    cql = {
        "url": SDC + "enableWhenExpression",
        "valueExpression": {"language": "text/cql", "expression": "true"},
    }

    (issue,) = _found(_form(_q("integer", "q", cql)), _a(1))
    assert (issue.rule, issue.code) == ("enableWhenExpression", "not-supported")


def test_a_calculated_answer_is_compared() -> None:
    calculated = {
        "url": SDC + "calculatedExpression",
        "valueExpression": _expression("%resource.item.where(linkId='a').answer.value * 2"),
    }
    form = _form(_q("integer", "a"), _q("integer", "b", calculated))

    assert _found(form, _a(2, "a"), _a(4, "b")) == []
    (issue,) = _found(form, _a(2, "a"), _a(5, "b"))
    assert (issue.rule, issue.severity, issue.expression) == (
        "calculatedExpression",
        "warning",
        f"{QR}.item[1].answer[0].value.ofType(integer)",
    )


def test_a_limit_may_be_an_expression() -> None:
    limit = {
        "url": CORE + "maxValue",
        "_valueDate": {
            "extension": [
                {"url": CORE + "cqf-expression", "valueExpression": _expression("today()")}
            ]
        },
    }
    form = _form(_q("date", "q", limit))

    assert _found(form, _a("2020-01-01", key="valueDate")) == []
    assert [issue.rule for issue in _found(form, _a("2999-01-01", key="valueDate"))] == ["maxValue"]


def test_a_limit_that_cannot_be_worked_out_is_said() -> None:
    limit = {
        "url": CORE + "maxValue",
        "_valueDate": {
            "extension": [
                {"url": CORE + "cqf-expression", "valueExpression": _expression("nonsense()")}
            ]
        },
    }

    assert [
        issue.rule
        for issue in _found(_form(_q("date", "q", limit)), _a("2020-01-01", key="valueDate"))
    ] == ["limitNotChecked"]


def _computed() -> float:
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime


@pytest.mark.parametrize(
    "runaway",
    [
        "'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab'.matches('^(a+)+$')",
        "(0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9).repeat($this + 1).count() > 0",
    ],
)
def test_a_runaway_expression_is_killed(runaway: str) -> None:
    started = _computed()
    issues = _found(_form(_q("integer", "q", _constraint(runaway))), _a(3))
    assert [issue.rule for issue in issues] == ["invariantExecution"]
    assert _computed() - started < 2
    assert [
        issue.rule
        for issue in _found(_form(_q("integer", "q", _constraint("answer.value > 3"))), _a(3))
    ] == ["invariant"]


def test_many_runaway_expressions_share_one_time_limit() -> None:
    runaway = _constraint("'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab'.matches('^(a+)+$')")
    form = _form(*(_q("integer", f"q{index}", runaway) for index in range(20)))
    started = _computed()

    issues = _found(form, *(_a(1, f"q{index}") for index in range(20)))

    assert {issue.rule for issue in issues} == {"invariantExecution"}
    assert len(issues) == 20
    # One by one they would take 20 times half a second.
    assert _computed() - started < 9


def test_what_an_expression_prints_goes_nowhere(capfd: pytest.CaptureFixture[str]) -> None:
    _found(_form(_q("integer", "q", _constraint("answer.trace('secret').count() = 1"))), _a(3))

    assert capfd.readouterr() == ("", "")


def test_the_process_can_be_stopped_and_starts_again() -> None:
    fhirpath.stop()

    assert _found(_form(_q("integer", "q", _constraint("true"))), _a(3)) == []
    fhirpath.stop()


@pytest.mark.parametrize(
    "failing", ["-answer.value", "answer.value * 2 > 1", "answer.take(answer.value)"]
)
def test_a_failing_expression_tells_no_answer(failing: str) -> None:
    form = _form(_q("string", "q", _constraint(failing)))

    (issue,) = _found(form, _a("a secret", key="valueString"))

    assert issue.rule == "invariantExecution"
    assert "secret" not in f"{issue.text}{issue.diagnostics}"


def test_a_problem_of_the_expression_itself_is_named() -> None:
    told = {"answer.((": "syntax error at 1:8", "%no": "variable %no is not", "no()": "no() is"}
    for text, problem in told.items():
        assert problem in _found(_form(_q("integer", "q", _constraint(text))), _a(3))[0].text


def test_a_missing_item_is_told_of_where_nobody_can_tell_whether_it_is_asked() -> None:
    asked = _q("integer", "q", _enable("%nobody = 1"), required=True)
    group = {"linkId": "g", "type": "group", "repeats": True, "item": [_q("integer", "a"), asked]}
    without = {"linkId": "g", "item": [_a(1, "a")]}

    for items in ([without], [{"linkId": "g", "item": [_a(1, "a"), _a(1)]}, without]):
        assert [issue.rule for issue in _found(_form(group), *items)] == ["enableWhenExpression"]
