"""Pairs of a form and a response whose verdict is easily got wrong: valid, or which rules break."""

from typing import Any, NamedTuple

import pytest

from tests.forms.rule_kit import CORE, SDC, YES, a, coding, form, found, q, quantity, response, x

Json = dict[str, Any]
HIDDEN = x(CORE + "questionnaire-hidden", valueBoolean=True)
ALONE = x(CORE + "questionnaire-optionExclusive", valueBoolean=True)
NO = {"valueBoolean": False}
IF_C = [{"question": "c", "operator": "=", "answerBoolean": True}]


class Verdict(NamedTuple):
    """What a pair should get: the rules of its errors and warnings."""

    name: str
    form: Json
    response: Json
    rules: tuple[str, ...] = ()
    fhir_version: str = "4.0"


def _group(*items: Json, link_id: str = "g", **more: Any) -> Json:
    return {"linkId": link_id, "type": "group", "item": list(items), **more}


def _in(*items: Json, link_id: str = "g") -> Json:
    return {"linkId": link_id, "item": list(items)}


def _c(answer: Json) -> Json:
    return {"linkId": "c", "answer": [answer]}


def _limited(type_: str, least: str | None, most: str | None, kind: str = "") -> Json:
    name = f"value{(kind or type_)[:1].upper()}{(kind or type_)[1:]}"
    limits = (("minValue", least), ("maxValue", most))
    listed = [x(CORE + url, **{name: limit}) for url, limit in limits if limit]
    return form(q(type_, extension=listed))


def _moment(text: str) -> Json:
    return response(a({"valueDateTime": text}))


def _attached(**more: Any) -> Json:
    return response(a({"valueAttachment": {"contentType": "image/png", "data": "YWJj", **more}}))


def _reference(**more: Any) -> Json:
    return {"valueReference": more}


def _depends(**answer: Any) -> Json:
    when = [{"question": "r", "operator": "=", **answer}]
    return form(q("reference", "r"), q(enableWhen=when))


def _answered(**reference: Any) -> Json:
    return response({"linkId": "r", "answer": [_reference(**reference)]}, a("x"))


HIDDEN_GROUP = form(_group(q(required=True), q("string", "o"), extension=[HIDDEN]))
SHOWN_GROUP = form(_group(q(required=True), q("string", "o")))
PER_GROUP = form(_group(q("boolean", "c"), q(enableWhen=IF_C, required=True), repeats=True))
DEEP = form(
    _group(q("boolean", "c"), _group(q(enableWhen=IF_C), link_id="h", repeats=True), repeats=True)
)
PER_ANSWER = form(q("boolean", "c", item=[q(enableWhen=IF_C, required=True)]))
NOTHING_ASKED = form(
    q("boolean", "c"), _group(_group(q(enableWhen=IF_C), link_id="h"), required=True)
)
DISABLED_GROUP = form(q("boolean", "c"), _group(q(required=True), enableWhen=IF_C))
TEXT_ALONE = form(
    q(
        "choice",
        repeats=True,
        answerOption=[{"valueString": "no", "extension": [ALONE]}, {"valueString": "a"}],
    )
)
BY_NAME = form(q("choice", answerOption=[_reference(display="A")]))
UNTIL_JUNE = _limited("dateTime", None, "2022-06-30")
FROM_JUNE = _limited("dateTime", "2022-06-30", None)
UNTIL_DAY = _limited("dateTime", None, "2022-06-30", "date")
TWO = [{"question": name, "operator": "=", "answerString": "x"} for name in ("one", "two")]
HOW_MANY = form(q("string", "one"), q("string", "two"), q(enableWhen=TWO))
KILOS = x(SDC + "minQuantity", valueQuantity={"value": 5, "unit": "kg"})

VERDICTS = [
    Verdict("a hidden group", HIDDEN_GROUP, response(_in(a("x", link_id="o")))),
    Verdict("a shown group", SHOWN_GROUP, response(_in(a("x", link_id="o"))), ("required",)),
    Verdict("each repetition", PER_GROUP, response(_in(_c(YES), a("x")), _in(_c(NO)))),
    Verdict("its own repetition", PER_GROUP, response(_in(_c(YES)), _in(_c(NO))), ("required",)),
    Verdict(
        "not the other repetition",
        PER_GROUP,
        response(_in(_c(YES), a("x")), _in(_c(NO), a("x"))),
        ("notEnabled",),
    ),
    Verdict(
        "a group in a group",
        DEEP,
        response(_in(_c(YES), _in(a("x"), link_id="h"), _in(a("y"), link_id="h")), _in(_c(NO))),
    ),
    Verdict(
        "a group in another group",
        DEEP,
        response(_in(_c(YES)), _in(_c(NO), _in(a("x"), link_id="h"))),
        ("notEnabled",),
    ),
    Verdict("under its own condition", PER_ANSWER, response(_c({**YES, "item": [a("x")]}))),
    Verdict("not under its condition", PER_ANSWER, response(_c(NO))),
    Verdict("missing below", PER_ANSWER, response(_c(YES)), ("required",)),
    Verdict("below no", PER_ANSWER, response(_c({**NO, "item": [a("x")]})), ("notEnabled",)),
    Verdict("a disabled group", DISABLED_GROUP, response(_c(NO))),
    Verdict("in it", DISABLED_GROUP, response(_c(NO), _in(a("x"))), ("notEnabled",)),
    Verdict("nothing asked in a required group", NOTHING_ASKED, response(_c(NO))),
    Verdict("something asked in it", NOTHING_ASKED, response(_c(YES)), ("required",)),
    Verdict("nothing in it", DISABLED_GROUP, response(_c(NO), {"linkId": "g"})),
    Verdict(
        "how many, one", HOW_MANY, response(a("x", link_id="one"), a("v")), ("enableWhen",) * 2
    ),
    Verdict(
        "how many, both",
        HOW_MANY,
        response(a("x", link_id="one"), a("x", link_id="two"), a("v")),
        ("enableWhen",),
    ),
    Verdict("how many, none", HOW_MANY, response(a("v")), ("enableWhen", "notEnabled")),
    Verdict(
        "by reference",
        _depends(answerReference={"reference": "A/1"}),
        _answered(reference="A/1"),
        ("invalidRefResourceType",),
    ),
    Verdict(
        "by display",
        _depends(answerReference={"display": "A"}),
        _answered(display="B"),
        ("notEnabled",),
    ),
    Verdict("same display", _depends(answerReference={"display": "A"}), _answered(display="A")),
    Verdict("an option by name", BY_NAME, response(a(_reference(display="A")))),
    Verdict(
        "another name", BY_NAME, response(a(_reference(display="B"))), ("invalidAnswerOption",)
    ),
    Verdict("a text alone", TEXT_ALONE, response(a("no"))),
    Verdict("a text beside", TEXT_ALONE, response(a("a", "no")), ("exclusiveAnswerOption",)),
    Verdict("late on that day", UNTIL_JUNE, _moment("2022-06-30T23:00:00-05:00")),
    Verdict("late on the day", UNTIL_DAY, _moment("2022-06-30T23:00:00-05:00")),
    Verdict("early next day", UNTIL_JUNE, _moment("2022-07-01T01:00:00+05:00"), ("maxValue",)),
    Verdict("early on that day", FROM_JUNE, _moment("2022-06-30T01:00:00+05:00")),
    Verdict("late the day before", FROM_JUNE, _moment("2022-06-29T23:00:00-05:00"), ("minValue",)),
    Verdict("R4 has no height", form(q("attachment")), _attached(height=3), ("structure",)),
    Verdict("R5 has height", form(q("attachment")), _attached(height=3), (), "5.0"),
    Verdict("R4 counts in numbers", form(q("attachment")), _attached(size="3"), ("value",)),
    Verdict("R5 counts in text", form(q("attachment")), _attached(size="3"), (), "5.0"),
    Verdict(
        "units by their text",
        form(q("quantity", extension=[KILOS])),
        response(a(quantity(6, unit="kg"))),
    ),
    Verdict(
        "too few by their text",
        form(q("quantity", extension=[KILOS])),
        response(a(quantity(4, unit="kg"))),
        ("minValue",),
    ),
    Verdict(
        "an open choice takes no other code",
        form(q("open-choice", answerOption=[coding("a")])),
        response(a(coding("z"))),
        ("invalidAnswerOption",),
    ),
]


@pytest.mark.parametrize("case", VERDICTS, ids=[case.name for case in VERDICTS])
def test_a_pair_gets_its_verdict(case: Verdict) -> None:
    issues = found(case.form, case.response, fhir_version=case.fhir_version)

    assert sorted(issue.rule for issue in issues) == sorted(case.rules)
