"""Any Questionnaire as a page: every type of item, group, repetition, condition and limit."""

from typing import Any

import pytest

from tests.form.conftest import Visit
from tests.form.kit import OPTIONS, answers, coding, control, extension, one, response_of
from tests.form.person import summary_of

Json = dict[str, Any]


@pytest.mark.parametrize(
    ("item", "fields", "answer"),
    [
        (one("boolean"), {"q": "false"}, {"valueBoolean": False}),
        (one("decimal"), {"q": "12.50"}, {"valueDecimal": 12.5}),
        (one("decimal"), {"q": "12,5"}, {"valueDecimal": 12.5}),
        (one("decimal"), {"q": "−3"}, {"valueDecimal": -3}),
        (one("integer"), {"q": " 7 "}, {"valueInteger": 7}),
        (one("date"), {"q": "2026-11"}, {"valueDate": "2026-11"}),
        (one("date"), {"q": "2026"}, {"valueDate": "2026"}),
        (
            one("dateTime"),
            {"q": "2026-11-30T10:00", "q:zone": "+01:00"},
            {"valueDateTime": "2026-11-30T10:00:00+01:00"},
        ),
        (one("time"), {"q": "14:30"}, {"valueTime": "14:30:00"}),
        (one("string"), {"q": "a <b> & c"}, {"valueString": "a <b> & c"}),
        (one("text"), {"q": "two\r\nlines"}, {"valueString": "two\nlines"}),
        (one("url"), {"q": "https://example.org/x"}, {"valueUri": "https://example.org/x"}),
        (one("choice", answerOption=OPTIONS), {"q": "b"}, OPTIONS[1]),
        (
            one("choice", answerOption=OPTIONS, extension=[control("drop-down")]),
            {"q": "c"},
            OPTIONS[2],
        ),
        (
            one("choice", answerOption=[{"valueInteger": 3}, {"valueInteger": 5}]),
            {"q": "5"},
            {"valueInteger": 5},
        ),
        (
            one("choice", answerOption=[{"valueString": "x y"}]),
            {"q": "x y"},
            {"valueString": "x y"},
        ),
        (
            one("choice", answerOption=[{"valueDate": "2026-01-01"}]),
            {"q": "2026-01-01"},
            {"valueDate": "2026-01-01"},
        ),
        (one("open-choice", answerOption=OPTIONS), {"q:other": "mine"}, {"valueString": "mine"}),
        (one("open-choice"), {"q:other": "mine"}, {"valueString": "mine"}),
        (
            one("quantity"),
            {"q": "3.5", "q:unit": "cups"},
            {"valueQuantity": {"value": 3.5, "unit": "cups"}},
        ),
        (
            one(
                "quantity",
                extension=[
                    extension(
                        "questionnaire-unit",
                        valueCoding={
                            "system": "http://unitsofmeasure.org",
                            "code": "kg",
                            "display": "kg",
                        },
                    )
                ],
            ),
            {"q": "70"},
            {
                "valueQuantity": {
                    "value": 70,
                    "unit": "kg",
                    "system": "http://unitsofmeasure.org",
                    "code": "kg",
                }
            },
        ),
        (
            one(
                "quantity",
                extension=[
                    extension(
                        "questionnaire-unitOption",
                        valueCoding={
                            "system": "http://unitsofmeasure.org",
                            "code": c,
                            "display": c,
                        },
                    )
                    for c in ("kg", "g")
                ],
            ),
            {"q": "70", "q:unit": "g"},
            {
                "valueQuantity": {
                    "value": 70,
                    "unit": "g",
                    "system": "http://unitsofmeasure.org",
                    "code": "g",
                }
            },
        ),
        (one("reference"), {"q": "Dr. Example"}, {"valueReference": {"display": "Dr. Example"}}),
    ],
)
def test_every_type_of_question_is_answered(
    visit: Visit, item: Json, fields: Json, answer: Json
) -> None:
    person = visit([item])
    assert "Ask q" in person.open("/forms/any").text
    page = person.press(**fields)

    assert page.status == 200, summary_of(page)
    assert answers(response_of(person), "q") == [answer]
    # And it stands in the field when the person comes back.
    again = person.open("/forms/any")
    for name, value in fields.items():
        if name != "q:zone":
            assert again.fields[name] == [value.replace("\r\n", "\n")]


def test_a_condition_on_any_operator_shows_its_question(visit: Visit) -> None:
    items = [
        one("integer", "age"),
        one(
            "string",
            "grown",
            enableWhen=[{"question": "age", "operator": ">=", "answerInteger": 18}],
        ),
        one(
            "string",
            "child",
            enableWhen=[{"question": "age", "operator": "<", "answerInteger": 18}],
        ),
        one(
            "string",
            "blank",
            enableWhen=[{"question": "age", "operator": "exists", "answerBoolean": False}],
        ),
    ]
    person = visit(items)

    assert person.open("/forms/any").hidden == {"grown", "child"}
    assert person.press("draft", age="20").status == 204
    assert person.open("/forms/any").hidden == {"child", "blank"}


def test_a_group_repeats_and_each_row_has_its_own_conditions(visit: Visit) -> None:
    only = [{"question": "dose", "operator": "exists", "answerBoolean": True}]
    group = one(
        "group",
        "drug",
        repeats=True,
        item=[one("string", "dose"), one("string", "why", enableWhen=only)],
    )
    person = visit([group])
    person.open("/forms/any")
    page = person.press("add:drug~0", **{"dose~0": "1 g"})

    assert {"dose~0", "dose~1"} <= set(page.fields)
    page = person.press(**{"why~0": "pain", "dose~1": ""})
    response = response_of(person)
    assert [group["linkId"] for group in response["item"]] == ["drug"]
    assert answers(response, "why") == [{"valueString": "pain"}]


def test_a_question_repeats_in_rows(visit: Visit) -> None:
    person = visit([one("string", repeats=True)])
    person.open("/forms/any")
    person.press("add:q~0", **{"q~0": "first"})
    person.press(**{"q~1": "second"})

    assert answers(response_of(person), "q") == [
        {"valueString": "first"},
        {"valueString": "second"},
    ]


def test_a_question_below_an_answer_stands_under_it(visit: Visit) -> None:
    person = visit([one("boolean", item=[one("string", "more")])])
    assert person.open("/forms/any").hidden == {"more"}
    person.press("draft", q="true")
    person.open("/forms/any")
    person.press(q="true", more="because")

    (item,) = response_of(person)["item"]
    assert item["answer"][0]["item"][0]["answer"] == [{"valueString": "because"}]


def test_help_prefix_and_display_are_shown_and_hidden_items_are_not(visit: Visit) -> None:
    items = [
        one("display", "intro", prefix="§"),
        one("string", prefix="1.", item=[one("display", "tip", extension=[control("help")])]),
        one("string", "secret", extension=[extension("questionnaire-hidden", valueBoolean=True)]),
        one("string", "fixed", readOnly=True, initial=[{"valueString": "as it is"}]),
    ]
    person = visit(items)
    page = person.open("/forms/any")

    assert "§ Ask intro" in page.text
    assert "1. Ask q" in page.text
    assert "Ask tip" in page.text
    assert "Ask secret" not in page.html
    person.press(q="x", fixed="changed by hand")
    assert answers(response_of(person), "fixed") == [{"valueString": "as it is"}]


def test_what_the_form_fills_in_is_there_and_can_be_changed(visit: Visit) -> None:
    items = [
        one("choice", answerOption=[coding("a"), coding("b", initialSelected=True)]),
        one("integer", "n", initial=[{"valueInteger": 4}]),
    ]
    person = visit(items)
    page = person.open("/forms/any")

    assert (page.fields["q"], page.fields["n"]) == (["b"], ["4"])
    person.press(n="")
    assert answers(response_of(person), "n") == []


def test_a_file_is_kept_with_its_type_and_size(visit: Visit) -> None:
    person = visit([one("attachment")])
    page = person.open("/forms/any")
    assert 'enctype="multipart/form-data"' in page.html
    fields = {name: values[0] for name, values in page.fields.items()}
    answer = person.caller.request(
        "POST",
        "/forms/any",
        data={**fields, "do": "send"},
        files={"q": ("note.txt", b"hello", "text/plain")},
        headers={"cookie": "; ".join(f"{k}={v}" for k, v in person.cookies.items())},
    )

    assert answer.status_code == 303
    expected = {"contentType": "text/plain", "data": "aGVsbG8=", "size": 5, "title": "note.txt"}
    assert answers(response_of(person), "q") == [{"valueAttachment": expected}]


def test_texts_of_the_form_and_of_the_person_are_never_markup(visit: Visit) -> None:
    evil = "<img src=x onerror=alert(1)>\"'&"
    options = [coding("a", evil)]
    person = visit(
        [one("choice", text=evil, answerOption=options), one("text", "t"), one("integer", "n")]
    )
    page = person.open("/forms/any")
    assert "<img" not in page.html
    page = person.press(q="a", t=f"</textarea>{evil}", n=evil)

    assert page.status == 422
    assert "<img" not in page.html
    assert page.fields["t"] == [f"</textarea>{evil}"]
    page = person.press(n="1")
    assert "<img" not in page.html
    assert "This result" in page.html or "this result" in page.html


@pytest.mark.parametrize(
    "content",
    [
        {"compose": {"include": [{"system": "urn:x", "concept": [{"code": "k", "display": "K"}]}]}},
        {"expansion": {"contains": [{"system": "urn:x", "code": "k", "display": "K"}]}},
    ],
)
def test_the_codes_of_a_contained_value_set_can_be_chosen(visit: Visit, content: Json) -> None:
    contained = [{"resourceType": "ValueSet", "id": "v", "status": "active", **content}]
    person = visit([one("choice", answerValueSet="#v")], contained=contained)
    page = person.open("/forms/any")

    assert page.options["q"][0] == "k"
    person.press(q="k")
    expected = {"valueCoding": {"system": "urn:x", "code": "k", "display": "K"}}
    assert answers(response_of(person), "q") == [expected]
