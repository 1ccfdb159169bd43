"""Every rule on both sides: what breaks it is reported once, in its place; what keeps it is not."""

from decimal import Decimal
from typing import Any, NamedTuple

import pytest

from cds.forms.issues import Issue
from cds.forms.rules import RULES
from cds.forms.support import Support
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


def coding(code: str, system: str | None = "s", **more: Any) -> Json:
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

CASES = [
    # structure
    Case("structure", form(q()), response(a("x")), response(a("x"), status="done"), f"{QR}.status"),
    Case("structure", form(q()), response(a("x")), response(a("x"), status=None), QR),
    Case(
        "structure",
        form(q()),
        response(a("x", definition="http://x")),
        response(a("x", type="string")),
        f"{QR}.item[0]",
    ),
    Case(
        "structure",
        form(q()),
        response(a("x")),
        response({"linkId": "q", "answer": {"valueString": "x"}}),
        f"{QR}.item[0].answer",
    ),
    Case(
        "structure",
        form(q()),
        response(a("x")),
        response(a({"valueString": "x", "valueInteger": 1})),
        f"{QR}.item[0].answer[0]",
    ),
    Case("structure", form(), response(), response(nonsense=1), QR),
    Case(
        "structure",
        form(),
        response(),
        response(extension=[{"valueString": "x"}]),
        f"{QR}.extension[0]",
    ),
    Case(
        "value",
        form(q("integer")),
        response(a({"valueInteger": 1})),
        response(a({"valueInteger": "1"})),
        f"{ANSWER}(integer)",
    ),
    Case(
        "value",
        form(q("date")),
        response(a({"valueDate": "2024-02-29"})),
        response(a({"valueDate": "2023-02-29"})),
        f"{ANSWER}(date)",
    ),
    Case(
        "value",
        form(q("time")),
        response(a({"valueTime": "10:00:00"})),
        response(a({"valueTime": "10:00"})),
        f"{ANSWER}(time)",
    ),
    Case(
        "value",
        form(q("dateTime")),
        response(a({"valueDateTime": "2024-01-01T10:00:00+02:00"})),
        response(a({"valueDateTime": "2024-01-01T10:00:00"})),
        f"{ANSWER}(dateTime)",
    ),
    Case(
        "value", form(), response(authored="2024"), response(authored="yesterday"), f"{QR}.authored"
    ),
    Case(
        "noLinkId",
        form(q()),
        response(a("x")),
        response(a("x"), {"answer": [{"valueString": "x"}]}),
        f"{QR}.item[1]",
    ),
    Case(
        "invalidLinkId",
        form(q()),
        response(a("x")),
        response(a("x"), a("x", link_id="other")),
        f"{QR}.item[1]",
    ),
    Case(
        "wrongPlace",
        form(GROUP),
        response({"linkId": "g", "item": [a("x")]}),
        response(a("x")),
        f"{QR}.item[0]",
    ),
    Case(
        "order",
        form(q(), q("string", "r")),
        response(a("x"), a("y", link_id="r")),
        response(a("y", link_id="r"), a("x")),
        f"{QR}.item[1]",
    ),
    Case(
        "itemUnderQuestion",
        form(q(item=[q("string", "r")])),
        response(a({"valueString": "x", "item": [a("y", link_id="r")]})),
        response(a("x", item=[a("y", link_id="r")])),
        f"{QR}.item[0]",
    ),
    Case(
        "groupShouldNotHaveAnswers",
        form(GROUP),
        response({"linkId": "g", "item": [a("x")]}),
        response(a("x", link_id="g")),
        f"{QR}.item[0]",
    ),
    Case(
        "displayAnswer",
        form(q("display")),
        response({"linkId": "q"}),
        response(a("x")),
        f"{QR}.item[0]",
    ),
    Case("invalidType", form(q("question")), response(), response(a("x")), f"{QR}.item[0]"),
    Case("repeats", form(q()), response(a("x")), response(a("x", "y")), f"{QR}.item[0]"),
    Case(
        "repeats",
        form(q(repeats=True)),
        response(a("x", "y")),
        response(a("x"), a("y")),
        f"{QR}.item[1]",
    ),
    Case(
        "repeats",
        form({**GROUP}),
        response({"linkId": "g", "item": [a("x")]}),
        response(*[{"linkId": "g", "item": [a("x")]}] * 2),
        f"{QR}.item[1]",
    ),
    Case(
        "text",
        form(q()),
        response(a("x", text=" The\nquestion ")),
        response(a("x", text="Another question")),
        f"{QR}.item[0].text",
        "warning",
    ),
    Case(
        "emptyAnswer",
        form(q()),
        response(a("x")),
        response({"linkId": "q", "answer": []}),
        f"{QR}.item[0]",
    ),
    Case(
        "emptyAnswer",
        form(q(repeats=True)),
        response(a("x")),
        response(a("x", {})),
        f"{QR}.item[0].answer[1]",
    ),
    # presence and enablement
    Case("required", form(q(required=True)), response(a("x")), response(), QR),
    Case(
        "required",
        form(q(required=True)),
        response(a("x")),
        response({"linkId": "q"}),
        f"{QR}.item[0]",
    ),
    Case(
        "required",
        form(q(required=True)),
        response(a("x")),
        response(status="in-progress"),
        QR,
        "warning",
    ),
    Case(
        "required",
        form({**GROUP, "required": True}),
        response({"linkId": "g", "item": [a("x")]}),
        response(),
        QR,
    ),
    Case(
        "required",
        form({**GROUP, "required": True}),
        response({"linkId": "g", "item": [a("x")]}),
        response({"linkId": "g", "item": [{"linkId": "q"}]}),
        f"{QR}.item[0]",
    ),
    Case(
        "required",
        form({**GROUP, "item": [q(required=True)]}),
        response(),
        response({"linkId": "g"}),
        f"{QR}.item[0]",
    ),
    Case(
        "required",
        form(q(item=[q("string", "r", required=True)])),
        response(),
        response(a("x")),
        f"{QR}.item[0].answer[0]",
    ),
    Case("required", DEPENDENT, response(a(NO, link_id="if")), response(a(YES, link_id="if")), QR),
    Case(
        "minCount",
        form(
            q(
                repeats=True,
                required=True,
                extension=[x(CORE + "questionnaire-minOccurs", valueInteger=2)],
            )
        ),
        response(a("x", "y")),
        response(a("x")),
        f"{QR}.item[0]",
    ),
    Case(
        "maxCount",
        form(q(repeats=True, extension=[x(CORE + "questionnaire-maxOccurs", valueInteger=2)])),
        response(a("x", "y")),
        response(a("x", "y", "z")),
        f"{QR}.item[0]",
    ),
    Case(
        "maxCount",
        form(
            {
                **GROUP,
                "repeats": True,
                "extension": [x(CORE + "questionnaire-maxOccurs", valueInteger=1)],
            }
        ),
        response({"linkId": "g", "item": [a("x")]}),
        response(*[{"linkId": "g", "item": [a("x")]}] * 2),
        QR,
    ),
    Case(
        "notEnabled",
        DEPENDENT,
        response(a(YES, link_id="if"), a("x")),
        response(a(NO, link_id="if"), a("x")),
        f"{QR}.item[1]",
    ),
    Case(
        "notEnabled",
        form(q("boolean", "if"), {**GROUP, "enableWhen": IF_YES}),
        response(a(NO, link_id="if")),
        response({"linkId": "g", "item": [a("x")]}),
        f"{QR}.item[0]",
    ),
    Case(
        "enableWhenExpression",
        form(
            q(
                extension=[
                    x(
                        SDC + "enableWhenExpression",
                        valueExpression={"language": "text/fhirpath", "expression": "true"},
                    )
                ]
            )
        ),
        response(a("x")),
        response(a("x")),
        f"{QR}.item[0]",
        "warning",
    ),
    Case(
        "readOnly",
        form(q(readOnly=True, initial=[{"valueString": "x"}])),
        response(a("x")),
        response(a("y")),
        f"{ANSWER}(string)",
        "warning",
    ),
    # values
    Case(
        "invalidAnswerType",
        form(q("integer")),
        response(a({"valueInteger": 1})),
        response(a({"valueDecimal": Decimal("1.0")})),
        f"{ANSWER}(decimal)",
    ),
    Case(
        "invalidAnswerType",
        form(q("url")),
        response(a({"valueUri": "http://x.org"})),
        response(a("http://x.org")),
        f"{ANSWER}(string)",
    ),
    Case(
        "invalidAnswerType",
        form(q("choice", answerOption=ABC)),
        response(a(coding("a"))),
        response(a("a")),
        f"{ANSWER}(string)",
    ),
    Case(
        "invalidAnswerOption",
        form(q("choice", answerOption=ABC)),
        response(a(coding("a", display="Whatever"))),
        response(a(coding("d"))),
        f"{ANSWER}(Coding)",
    ),
    Case(
        "invalidAnswerOption",
        form(q("choice", answerOption=ABC)),
        response(a(coding("a"))),
        response(a(coding("a", None))),
        f"{ANSWER}(Coding)",
    ),
    Case(
        "invalidAnswerOption",
        form(q("choice", answerOption=[{"valueInteger": 1}])),
        response(a({"valueInteger": 1})),
        response(a({"valueInteger": 2})),
        f"{ANSWER}(integer)",
    ),
    Case(
        "invalidAnswerOption",
        form(q("open-choice", answerOption=[coding("a", display="An A")])),
        response(a("other")),
        response(a("an a")),
        f"{ANSWER}(string)",
        "warning",
    ),
    Case(
        "exclusiveAnswerOption",
        form(q("choice", repeats=True, answerOption=[*ABC, NONE])),
        response(a(coding("a"), coding("b"))),
        response(a(coding("none"), coding("a"))),
        f"{ANSWER}(Coding)",
    ),
    Case(
        "maxLength",
        form(q("text", maxLength=3)),
        response(a("äöü")),
        response(a("four")),
        f"{ANSWER}(string)",
    ),
    Case(
        "minLength",
        form(q(extension=[x(CORE + "minLength", valueInteger=3)])),
        response(a("abc")),
        response(a("ab")),
        f"{ANSWER}(string)",
    ),
    Case(
        "regex",
        form(q(extension=[x(CORE + "regex", valueString="[a-z]+")])),
        response(a("abc")),
        response(a("abc1")),
        f"{ANSWER}(string)",
    ),
    Case(
        "regexNotChecked",
        form(q(extension=[x(CORE + "regex", valueString="(?=a).*")])),
        response(),
        response(a("b")),
        f"{ANSWER}(string)",
        "warning",
    ),
    Case(
        "invalidNewLine",
        form(q()),
        response(a("one line")),
        response(a("two\nlines")),
        f"{ANSWER}(string)",
        "warning",
    ),
    Case(
        "minValue",
        form(q("integer", extension=[x(CORE + "minValue", valueInteger=3)])),
        response(a({"valueInteger": 3})),
        response(a({"valueInteger": 2})),
        f"{ANSWER}(integer)",
    ),
    Case(
        "maxValue",
        form(q("decimal", extension=[x(CORE + "maxValue", valueDecimal=Decimal("1.5"))])),
        response(a({"valueDecimal": Decimal("1.50")})),
        response(a({"valueDecimal": Decimal("1.51")})),
        f"{ANSWER}(decimal)",
    ),
    Case(
        "maxValue",
        form(q("date", extension=[x(CORE + "maxValue", valueDate="2022-06")])),
        response(a({"valueDate": "2022-06-30"})),
        response(a({"valueDate": "2022-07-01"})),
        f"{ANSWER}(date)",
    ),
    Case(
        "minValue",
        form(q("time", extension=[x(CORE + "minValue", valueTime="08:00:00")])),
        response(a({"valueTime": "08:00:00"})),
        response(a({"valueTime": "07:59:59"})),
        f"{ANSWER}(time)",
    ),
    Case(
        "maxDecimalPlaces",
        form(q("decimal", extension=[x(CORE + "maxDecimalPlaces", valueInteger=2)])),
        response(a({"valueDecimal": Decimal("1.10")})),
        response(a({"valueDecimal": Decimal("1.100")})),
        f"{ANSWER}(decimal)",
    ),
    Case(
        "maxValue",
        form(q("quantity", extension=KG_LIMITS)),
        response(a(quantity(50000, "g"))),
        response(a(quantity(50001, "g"))),
        f"{ANSWER}(Quantity)",
    ),
    Case(
        "minValue",
        form(q("quantity", extension=KG_LIMITS[:1])),
        response(a(quantity(5, "kg"))),
        response(a(quantity(11, "[lb_av]"))),
        f"{ANSWER}(Quantity)",
    ),
    Case(
        "minValueIncompatUnits",
        form(q("quantity", extension=KG_LIMITS[:1])),
        response(a(quantity(5, "kg"))),
        response(a(quantity(5, "km"))),
        f"{ANSWER}(Quantity)",
    ),
    Case(
        "maxValueIncompatUnits",
        form(q("quantity", extension=KG_LIMITS[1:])),
        response(a(quantity(5, "kg"))),
        response(a(quantity(5))),
        f"{ANSWER}(Quantity)",
    ),
    Case(
        "invalidUnit",
        form(
            q(
                "quantity",
                extension=[
                    x(CORE + "questionnaire-unitOption", valueCoding={"system": UCUM, "code": "kg"})
                ],
            )
        ),
        response(a(quantity(5, "kg"))),
        response(a(quantity(5, "g"))),
        f"{ANSWER}(Quantity)",
    ),
    Case(
        "invalidAttachmentType",
        form(q("attachment", extension=[x(CORE + "mimeType", valueCode="image/*")])),
        response(a({"valueAttachment": ATTACHED})),
        response(a({"valueAttachment": {"contentType": "text/plain"}})),
        f"{ANSWER}(Attachment)",
    ),
    Case(
        "maxAttachmentSize",
        form(q("attachment", extension=[x(CORE + "maxSize", valueDecimal=3)])),
        response(a({"valueAttachment": ATTACHED})),
        response(a({"valueAttachment": {"data": "YWJjZA=="}})),
        f"{ANSWER}(Attachment)",
    ),
    Case(
        "attachmentSizeInconsistent",
        form(q("attachment")),
        response(a({"valueAttachment": {**ATTACHED, "size": 3}})),
        response(a({"valueAttachment": {**ATTACHED, "size": 4}})),
        f"{ANSWER}(Attachment)",
    ),
    Case(
        "invalidRefValue",
        form(q("reference")),
        response(a({"valueReference": {"reference": "https://x.org/fhir/Patient/1"}})),
        response(a({"valueReference": {"reference": "no reference"}})),
        f"{ANSWER}(Reference)",
    ),
    Case(
        "invalidRefValue",
        form(q("reference")),
        response(
            a({"valueReference": {"reference": "urn:uuid:c757873d-ec9a-4326-a141-556f43239520"}})
        ),
        response(a({"valueReference": {"reference": "#nowhere"}})),
        f"{ANSWER}(Reference)",
    ),
    Case(
        "invalidRefResourceType",
        form(q("reference")),
        response(a({"valueReference": {"reference": "Patient/1"}})),
        response(a({"valueReference": {"reference": "Chicken/1"}})),
        f"{ANSWER}(Reference)",
    ),
    Case(
        "invalidRefResourceTypeRestriction",
        form(
            q(
                "reference",
                extension=[x(CORE + "questionnaire-referenceResource", valueCode="Patient")],
            )
        ),
        response(a({"valueReference": {"reference": "Patient/1"}})),
        response(a({"valueReference": {"reference": "Group/1"}})),
        f"{ANSWER}(Reference)",
    ),
    Case(
        "invalidUrlValue",
        form(q("url")),
        response(a({"valueUri": "urn:uuid:c757873d-ec9a-4326-a141-556f43239520"})),
        response(a({"valueUri": "urn:uuid:c757873d"})),
        f"{ANSWER}(uri)",
    ),
    Case(
        "modifierExtension",
        form(q()),
        response(a("x")),
        response(a("x", modifierExtension=[x("http://x.org", valueBoolean=True)])),
        f"{QR}.item[0]",
        "warning",
    ),
    # which form
    Case(
        "questionnaireMismatch",
        form(q()),
        response(questionnaire=f"{URL}|1"),
        response(questionnaire="http://example.org/other"),
        f"{QR}.questionnaire",
    ),
    Case(
        "questionnaireVersion",
        form(q()),
        response(questionnaire=f"{URL}|1"),
        response(questionnaire=f"{URL}|2"),
        f"{QR}.questionnaire",
        "warning",
    ),
    Case(
        "questionnaireInactive",
        form(effectivePeriod={"start": "2026-05"}),
        response(authored="2026-05-01"),
        response(authored="2026-04-30"),
        f"{QR}.authored",
        "warning",
    ),
    Case(
        "questionnaireInactive",
        form(effectivePeriod={"end": "2026-05"}),
        response(authored="2026-05-31"),
        response(authored="2026-06-01"),
        f"{QR}.authored",
        "warning",
    ),
    Case(
        "subjectType",
        form(subjectType=["Patient"]),
        response(),
        response(subject={"reference": "Group/1"}),
        f"{QR}.subject",
        "warning",
    ),
    Case("questionnaireRetired", form(), response(), response(), f"{QR}.questionnaire", "warning"),
]


@pytest.mark.parametrize(
    "case",
    [case for case in CASES if case.good != case.bad],
    ids=lambda case: f"{case.rule}-{case.at}",
)
def test_a_rule_is_kept_or_broken(case: Case) -> None:
    assert found(case.form, case.good) == []

    issues = found(case.form, case.bad)

    assert [(issue.rule, issue.expression) for issue in issues] == [(case.rule, case.at)]
    assert issues[0].severity == (case.severity or RULES[case.rule].severity)
    assert issues[0].code == RULES[case.rule].code


def test_a_retired_form_is_a_warning_and_a_draft_is_told() -> None:
    assert [issue.rule for issue in found(form(status="retired"), response())] == [
        "questionnaireRetired"
    ]
    assert [issue.rule for issue in validate(response(), form(status="draft"))] == [
        "questionnaireDraft"
    ]


def test_information_is_given_on_what_should_be_there() -> None:
    issues = validate(response(subject=None, author=None, questionnaire=None), form())

    assert {(issue.rule, issue.severity) for issue in issues} == {
        ("subject", "information"),
        ("authored", "information"),
        ("questionnaireMissing", "information"),
    }


def test_r5_demands_the_canonical() -> None:
    issues = found(form(), response(questionnaire=None), fhir_version="5.0")

    assert [(issue.rule, issue.severity) for issue in issues] == [("questionnaireMissing", "error")]


@pytest.mark.parametrize(
    ("canonical", "rule", "severity"),
    [
        ("http://nowhere.example/q", "questionnaireNotFound", "warning"),
        ("#nothing", "questionnaireNotFound", "warning"),
        ("http://hl7.org/fhir/ValueSet/yesnodontknow", "questionnaireWrongType", "error"),
        (None, "questionnaireMissing", "warning"),
    ],
)
def test_a_form_that_cannot_be_had_is_said(canonical: str | None, rule: str, severity: str) -> None:
    issues = found(None, response(a("x"), questionnaire=canonical))

    assert [(issue.rule, issue.severity) for issue in issues] == [(rule, severity)]


def test_the_form_is_found_in_the_support_and_among_the_contained() -> None:
    contained = {**form(q(required=True)), "id": "f"}

    assert [
        issue.rule for issue in found(None, response(), support=Support([form(q(required=True))]))
    ] == ["required"]
    assert [
        issue.rule for issue in found(None, response(questionnaire="#f", contained=[contained]))
    ] == ["required"]


def test_a_translation_of_the_text_is_as_good() -> None:
    translation = x(
        CORE + "translation",
        extension=[x("lang", valueCode="de"), x("content", valueString="Die Frage")],
    )

    assert (
        found(form(q(_text={"extension": [translation]})), response(a("x", text="Die Frage"))) == []
    )


def test_an_optional_group_that_is_absent_excuses_its_required_items() -> None:
    assert found(form({**GROUP, "item": [q(required=True)]}), response()) == []


def test_a_hidden_item_is_checked_but_not_demanded() -> None:
    hidden = form(
        q("integer", required=True, extension=[x(CORE + "questionnaire-hidden", valueBoolean=True)])
    )

    assert found(hidden, response()) == []
    assert [issue.rule for issue in found(hidden, response(a("x")))] == ["invalidAnswerType"]


def test_what_hangs_below_a_misplaced_item_is_not_reported_again() -> None:
    issues = found(
        form({**GROUP, "item": [q(required=True)]}),
        response({"linkId": "h", "item": [a("x"), a("z", link_id="z")]}),
    )

    assert [issue.rule for issue in issues] == ["invalidLinkId"]


def test_a_repeated_group_stands_together() -> None:
    two = form({**GROUP, "repeats": True}, q("string", "r"))
    group = {"linkId": "g", "item": [a("x")]}

    assert found(two, response(group, group, a("y", link_id="r"))) == []
    assert [issue.rule for issue in found(two, response(group, a("y", link_id="r"), group))] == [
        "order"
    ]


def test_a_value_is_not_in_the_text_but_in_found() -> None:
    issue = found(form(q(maxLength=3)), response(a("secret")))[0]

    assert "secret" not in f"{issue.text}{issue.diagnostics}{issue.help}"
    assert issue.found == "secret"


def test_the_short_text_is_the_prompt() -> None:
    item = q(maxLength=1, extension=[x(SDC + "shortText", valueString="Short")])

    assert found(form(item), response(a("abc")))[0].text.startswith("Short: ")


def test_every_rule_has_a_severity_and_advice() -> None:
    assert all(rule.severity in {"error", "warning", "information"} for rule in RULES.values())
    assert all(rule.help for name, rule in RULES.items() if name != "ok")


def test_r5_answer_constraint_decides_on_free_answers() -> None:
    def rules(constraint: str | None, answer: Any) -> list[str]:
        item = q(
            "coding", answerOption=ABC, **({"answerConstraint": constraint} if constraint else {})
        )
        return [issue.rule for issue in found(form(item), response(a(answer)), fhir_version="5.0")]

    assert rules(None, coding("d")) == ["invalidAnswerOption"]
    assert rules("optionsOnly", coding("d")) == ["invalidAnswerOption"]
    assert rules("optionsOrType", coding("d")) == []
    assert rules("optionsOrString", "free") == []
    assert rules("optionsOnly", "free") == ["invalidAnswerType"]
