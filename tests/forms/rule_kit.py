"""What the tests of the rules share: short words for forms and responses; how a rule is tried."""

from typing import Any, NamedTuple

from cds.forms.checks.rules import RULES
from cds.forms.issues import Issue
from cds.forms.validate import validate

Json = dict[str, Any]
CORE = "http://hl7.org/fhir/StructureDefinition/"
SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-"
UCUM = "http://unitsofmeasure.org"
URL = "http://example.org/Questionnaire/q"
QR = "QuestionnaireResponse"


def form(*items: Json, **more: Any) -> Json:
    return {
        "resourceType": "Questionnaire",
        "url": URL,
        "version": "1",
        "status": "active",
        "item": list(items),
        **more,
    }


def response(*items: Json, **more: Any) -> Json:
    made = {
        "resourceType": QR,
        "questionnaire": URL,
        "status": "completed",
        "item": list(items),
        "subject": {"reference": "Patient/1"},
        "author": {"reference": "Patient/1"},
        "authored": "2026-05-01T10:00:00Z",
    } | more
    return {key: value for key, value in made.items() if value is not None and value != []}


def q(type_: str = "string", link_id: str = "q", /, **more: Any) -> Json:
    return {"linkId": link_id, "text": "The question", "type": type_, **more}


def a(*answers: Any, link_id: str = "q", **more: Any) -> Json:
    return {
        "linkId": link_id,
        "answer": [
            value if isinstance(value, dict) else {"valueString": value} for value in answers
        ],
        **more,
    }


def x(url: str, /, **value: Any) -> Json:
    return {"url": url, **value}


def coding(code: str, system: str | None = "urn:s", **more: Any) -> Json:
    return {"valueCoding": {**({"system": system} if system else {}), "code": code, **more}}


def quantity(value: Any, code: str | None = None, **more: Any) -> Json:
    units = {"system": UCUM, "code": code} if code else {}
    return {"valueQuantity": {"value": value, **units, **more}}


def found(form_: Json | None, response_: Json, **more: Any) -> list[Issue]:
    return [
        issue for issue in validate(response_, form_, **more) if issue.severity != "information"
    ]


class Case(NamedTuple):
    """A form with a response that keeps the rule and one that breaks it."""

    rule: str
    form: Json
    good: Json
    bad: Json
    at: str
    severity: str | None = None


def is_kept_or_broken(case: Case) -> None:
    """The good response has no issue, the bad one just this one, as the table of rules has it."""
    assert found(case.form, case.good) == []

    issues = found(case.form, case.bad)

    assert [(issue.rule, issue.expression) for issue in issues] == [(case.rule, case.at)]
    assert issues[0].severity == (case.severity or RULES[case.rule].severity)
    assert issues[0].code == RULES[case.rule].code


ANSWER = f"{QR}.item[0].answer[0].value.ofType"
GROUP = {"linkId": "g", "type": "group", "item": [q()]}
ABC = [coding(code) for code in "abc"]
NONE = {
    **coding("none"),
    "extension": [x(CORE + "questionnaire-optionExclusive", valueBoolean=True)],
}
IF_YES = [{"question": "if", "operator": "=", "answerBoolean": True}]
DEPENDENT = form(q("boolean", "if"), q(enableWhen=IF_YES, required=True))
YES, NO = {"valueBoolean": True}, {"valueBoolean": False}
ATTACHED = {"contentType": "image/png", "data": "YWJj"}
KG_LIMITS = [
    x(SDC + "minQuantity", valueQuantity={"value": 5, "system": UCUM, "code": "kg"}),
    x(SDC + "maxQuantity", valueQuantity={"value": 50, "system": UCUM, "code": "kg"}),
]


def amount(value: int, comparator: str | None = None, code: str = "kg") -> Json:
    made: Json = {"value": value, "system": UCUM, "code": code}
    return {"valueQuantity": made | ({"comparator": comparator} if comparator else {})}
