"""What is plain at a walk is sound, and nothing that the checks refuse is plain."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds.forms.checks.checks import all_issues
from cds.forms.elements.narrative import narrative_problem
from cds.forms.questionnaire import Questionnaire, compile_questionnaire
from cds.forms.reader.plain_narrative import is_plain_narrative
from cds.forms.reader.reader import reader_of
from cds.forms.support import Support
from cds.forms.validate import validate
from tests.forms.rule_kit import CORE, a, coding, form, q, quantity, response, x

Json = dict[str, Any]


def is_plain(form: Questionnaire, response: Json) -> bool:
    walk = reader_of(form).walk(response)
    return walk is not None and walk.plain


def _asked(type_: str, *extensions: Json, **more: Any) -> Json:
    return q(type_, extension=list(extensions), **more)


def _limits(kind: str, least: Any, most: Any) -> tuple[Json, Json]:
    return (x(CORE + "minValue", **{kind: least}), x(CORE + "maxValue", **{kind: most}))


PATIENTS = x(CORE + "questionnaire-referenceResource", valueCode="Patient")
FORMAT = (x(CORE + "regex", valueString="[a-z]+"), x(CORE + "minLength", valueInteger=2))
DAYS = _limits("valueDate", "2020-03", "2022-06-30")
HOURS = _limits("valueTime", "08:00:00", "17:00:00")
# An item, answers that are sound, answers that are not.
LOOKS: dict[str, tuple[Json, list[Json], list[Json]]] = {
    "places": (
        _asked("decimal", x(CORE + "maxDecimalPlaces", valueInteger=2)),
        [{"valueDecimal": one} for one in (5, Decimal("1.50"), Decimal("5.0"))],
        [{"valueDecimal": one} for one in (Decimal("1.500"), Decimal("1E-3"), True, "1.5")],
    ),
    "numbers": (
        _asked("integer", *_limits("valueInteger", 1, 5)),
        [{"valueInteger": one} for one in (1, 5)],
        [{"valueInteger": one} for one in (0, 6, Decimal("1.0"), 2**31)],
    ),
    "format": (
        _asked("string", *FORMAT, maxLength=4),
        [{"valueString": one} for one in ("ab", "abcd")],
        [{"valueString": one} for one in ("a", "abcde", "ab1", "AB", "ab\n")],
    ),
    "days": (
        _asked("date", *DAYS),
        [{"valueDate": one} for one in ("2020-03-01", "2022-06-30", "2021")],
        [{"valueDate": one} for one in ("2020-02-29", "2022-07-01", "2019", "2021-02-30", 2021)],
    ),
    "moments": (
        _asked("dateTime", *DAYS),
        [{"valueDateTime": "2022-06-30T23:00:00-05:00"}, {"valueDateTime": "2021"}],
        [{"valueDateTime": "2022-07-01T01:00:00+05:00"}, {"valueDateTime": "2021-01-01T10:00"}],
    ),
    "hours": (
        _asked("time", *HOURS),
        [{"valueTime": "08:00:00"}, {"valueTime": "17:00:00"}],
        [{"valueTime": "07:59:59"}, {"valueTime": "17:00:00.1"}, {"valueTime": "10:00"}],
    ),
    "other limits": (
        _asked("time", *_limits("valueDate", "2020", "2021")),
        [],
        [],
    ),
    "references": (
        _asked("reference", PATIENTS),
        [{"valueReference": {"reference": "Patient/1"}}],
        [
            {"valueReference": one}
            for one in (
                {"reference": "Group/1"},
                {"reference": "Nothing/1"},
                {"reference": "Patient/"},
                {"reference": "Patient/1", "type": 1},
                {"display": 1},
            )
        ],
    ),
    "any reference": (
        _asked("reference"),
        [{"valueReference": {"reference": "Group/1"}}],
        [{"valueReference": {"reference": "Nothing/1"}}],
    ),
    "urls": (
        _asked("url"),
        [{"valueUri": "https://example.org:8080/a/b"}],
        [{"valueUri": one} for one in ("http://", "a b", "urn:uuid:x", "", 1)],
    ),
    "quantities": (
        _asked("quantity"),
        [quantity(5, "kg"), quantity(Decimal("1.5"), unit="kg")],
        [quantity("5", "kg"), quantity([], "kg"), quantity(5, unit=""), quantity(5, unit=[])],
    ),
    "booleans": (
        _asked("boolean"),
        [{"valueBoolean": False}],
        [{"valueBoolean": 1}, {"valueBoolean": "false"}],
    ),
    "codes": (
        _asked("choice", answerOption=[coding("a")], answerConstraint="optionsOnly"),
        [coding("a"), coding("a", display="An A")],
        [coding("b"), coding("a", None), coding("a", display="")],
    ),
}


@pytest.mark.parametrize("name", LOOKS)
def test_what_is_sound_is_plain_and_nothing_else(name: str) -> None:
    item, sound, unsound = LOOKS[name]
    compiled = compile_questionnaire(form(item))

    for answer in sound:
        assert is_plain(compiled, response(a(answer))), answer
        assert all_issues(response(a(answer)), compiled, Support()) == [], answer
    for answer in unsound:
        assert not is_plain(compiled, response(a(answer))), answer
        assert all_issues(response(a(answer)), compiled, Support()) != [], answer


# Nothing that the form offers; of some, FHIR itself has something to say too.
WRONG: list[Json] = [
    *(coding("b", system) for system in ("http://s", "s", "http://s/ValueSet/x", None)),
    *(coding("b", "http://s", display=one) for one in ("B", " ", "", None, "a\x07b", 1)),
    coding(" b", "http://s"),
    coding("b", "http://s", version=1),
    {**coding("b", "http://s"), "id": "-" * 65},
    coding("a", display=None),
    coding("c", display=None),
    {"valueCoding": {"system": "http://s"}},
    {"valueCoding": {}},
    {},
]


@pytest.mark.parametrize("answer", WRONG)
def test_a_wrong_option_is_judged_as_in_the_tree(answer: Json) -> None:
    offered = [coding("a"), coding("c", display="A C")]
    compiled = compile_questionnaire(form(_asked("choice", answerOption=offered)))

    for around in ({}, {"text": "The question"}, {"text": "The question", "id": "i1"}):
        whole = response(a(answer, **around))
        assert not is_plain(compiled, whole)
        found = validate(whole, compiled)
        assert sorted(map(repr, found)) == sorted(map(repr, all_issues(whole, compiled, Support())))
        assert found


@pytest.mark.parametrize(
    "item",
    [
        _asked("string", x(CORE + "minValue", valueInteger=1)),
        _asked("string", x(CORE + "regex", valueString="(?=a).")),
        _asked("string", x(CORE + "regex", valueCode=1)),
        _asked("string", x(CORE + "minLength", valueString="2")),
        _asked("boolean", *FORMAT),
        _asked("date", x(CORE + "minValue", valueInteger=1)),
        _asked("date", {"url": CORE + "minValue", "_valueDate": {}}),
        _asked("reference", x(CORE + "maxDecimalPlaces", valueInteger=1)),
        _asked("decimal", maxLength=3),
        _asked("choice", answerValueSet="#x"),
        _asked("coding", answerOption=[coding("a")], answerConstraint="optionsOrType"),
        _asked("attachment"),
    ],
)
def test_what_a_walk_cannot_judge_it_leaves_to_the_checks(item: Json) -> None:
    compiled = compile_questionnaire(form(item))

    assert not is_plain(compiled, response(a("x")))


NAME = {"system": "https://forms.example/id", "value": "9d0c"}
XHTML = '<div xmlns="http://www.w3.org/1999/xhtml"'
LABEL = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": "HTEST"}


def _told(div: object, status: str = "generated", **more: Any) -> Json:
    return {"text": {"status": status, "div": div, **more}}


# Narratives as systems write them, at a glance and read.
NARRATIVES = (
    f"{XHTML}>Words alone</div>",
    f"{XHTML}><p>Ada</p></div>",
    f'{XHTML} xml:lang="en" lang="en"><h2>Cramps</h2> <p>\n Ada &lt; 40</p></div>',
    f"{XHTML}><p><b>Ada</b>: <i>no</i></p><table><tr><td>1</td></tr></table></div>",
    f"{XHTML}><p> </p><b>x</b></div>",
)
FAULTY_NARRATIVES = (
    "",
    "words",
    "<div><p>no namespace</p></div>",
    f"{XHTML}></div>",
    f"{XHTML}><p> \n\t</p></div>",
    f"{XHTML}><p>Ada</b></div>",
    f"{XHTML}><p>Ada</p></div><p>x</p>",
    f"{XHTML}><p>Ada & Bob</p></div>",
    f"{XHTML}><p>]]></p></div>",
    f"{XHTML}><p>\x01</p></div>",
    f"{XHTML}><p>\ud800</p></div>",
    f"{XHTML}><p>\uffff</p></div>",
    f"{XHTML}><script>x</script></div>",
    f'{XHTML} lang="en" lang="de"><p>Ada</p></div>',
    f'{XHTML}><a href="javascript:x">Ada</a></div>',
    7,
    None,
)
# What a form filler writes around its items: sound, and as plain as the rest.
HEADS: list[Json] = [
    {"identifier": NAME},
    {"subject": {"type": "Patient", "display": "Not identified"}},
    {"subject": {"reference": "Patient/1", "display": "Ada"}, "identifier": NAME},
    {"source": {"reference": "Patient/1"}},
    {"language": "de-CH"},
    {"meta": {"source": "#a-server-7", "security": [{**LABEL, "display": "test health data"}]}},
    *map(_told, NARRATIVES),
    _told(NARRATIVES[1], "additional"),
]
# The same with a fault, or with what the checks must look at.
FAULTY_HEADS: list[Json] = [
    {"identifier": [NAME]},
    {"identifier": {**NAME, "value": " "}},
    {"identifier": {**NAME, "value": 7}},
    {"identifier": {**NAME, "system": "not an address"}},
    {"identifier": {"system": NAME["system"]}},
    {"identifier": {**NAME, "_value": {"id": ""}}},
    {"identifier": {}},
    {"subject": {"type": "Patient", "display": ""}},
    {"subject": {"type": "Nobody", "display": "Ada"}},
    {"subject": {"type": "Patient", "display": "Ada", "identifier": {}}},
    {"subject": {"display": "Ada"}},
    {"subject": {"type": "Patient", "reference": 7}},
    {"source": {"reference": "Group/1"}},
    {"source": [{"reference": "Patient/1"}]},
    {"language": "not a language"},
    {"language": ""},
    {"meta": {"source": "with a blank"}},
    {"meta": {"source": ""}},
    {"meta": {"security": LABEL}},
    {"meta": {"security": []}},
    {"meta": {"security": [{**LABEL, "code": " "}]}},
    {"meta": {"tag": [{**LABEL, "system": "https://forms.example/ValueSet/tags"}]}},
    *map(_told, FAULTY_NARRATIVES),
    _told(NARRATIVES[1], "made"),
    _told(NARRATIVES[1], _div={"id": ""}),
    {"text": {"status": "generated"}},
    {"text": {}},
    {"text": [NARRATIVES[1]]},
]


@pytest.mark.parametrize("head", [*HEADS, *FAULTY_HEADS])
def test_a_head_is_plain_only_where_the_checks_have_nothing_to_say(head: Json) -> None:
    compiled = compile_questionnaire(form(q("string")))
    whole = response({"linkId": "q", "answer": [{"valueString": "x"}]}, **head)
    said = [one for one in all_issues(whole, compiled, Support()) if one.severity != "warning"]

    assert is_plain(compiled, whole) == (head in HEADS)
    if head in HEADS:
        assert said == []


@pytest.mark.parametrize("narrative", FAULTY_NARRATIVES)
def test_every_faulty_narrative_is_one_to_the_checks_too(narrative: object) -> None:
    compiled = compile_questionnaire(form(q("string")))
    whole = response({"linkId": "q", "answer": [{"valueString": "x"}]}, **_told(narrative))

    assert [one for one in all_issues(whole, compiled, Support()) if one.severity != "warning"]


_PIECES = ["<p>", "</p>", "<b>", "</b>", "<i>", "</i>", " ", "\n", "Ada", "&", "<", ">", "\u00a0"]


@given(st.lists(st.one_of(st.sampled_from(_PIECES), st.text(max_size=2)), max_size=8))
def test_a_narrative_that_is_plain_is_one_that_reading_finds_nothing_in(pieces: list[str]) -> None:
    div = f"{XHTML}>{''.join(pieces)}</div>"

    assert is_plain_narrative(_told(div)["text"]) == (narrative_problem(div) == "")
