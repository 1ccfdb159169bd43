"""What is wrong with an answer, told beside its question and in a summary with links."""

from typing import Any

import pytest

from tests.form.conftest import Visit
from tests.form.kit import ALONE, OPTIONS, coding, extension, one

Json = dict[str, Any]


@pytest.mark.parametrize(
    ("item", "fields", "fault"),
    [
        (one("decimal"), {"q": "1,000"}, "Write a number"),
        (one("decimal"), {"q": "abc"}, "Write a number"),
        (one("integer"), {"q": "1.5"}, "Write a whole number"),
        (one("integer"), {"q": "99999999999"}, "Write a whole number"),
        (one("date"), {"q": "2026-02-30"}, "Write a date that exists"),
        (one("date"), {"q": "30.11.2026"}, "Write a date that exists"),
        (one("time"), {"q": "25:00"}, "Give a time"),
        (one("choice", answerOption=OPTIONS), {"q": "z"}, "Choose one of the options shown"),
        (one("choice", answerOption=OPTIONS), {"q": ["a", "b"]}, "Give one answer only"),
        (
            one("choice", repeats=True, answerOption=[*OPTIONS, coding("none", extension=[ALONE])]),
            {"q": ["a", "none"]},
            "“None” cannot stand beside",
        ),
        (
            one("open-choice", answerOption=OPTIONS),
            {"q": "a", "q:other": "b"},
            "Give one answer only",
        ),
        (one("string", maxLength=3), {"q": "four"}, "at most 3 characters"),
        (
            one("string", extension=[extension("minLength", valueInteger=3)]),
            {"q": "ab"},
            "at least 3 characters",
        ),
        (
            one("integer", extension=[extension("minValue", valueInteger=18)]),
            {"q": "17"},
            "smallest value here is 18",
        ),
        (
            one("decimal", extension=[extension("maxValue", valueDecimal=2.5)]),
            {"q": "2.6"},
            "largest value here is 2.5",
        ),
        (
            one("decimal", extension=[extension("maxDecimalPlaces", valueInteger=1)]),
            {"q": "2.66"},
            "at most 1 digits",
        ),
        (
            one("string", extension=[extension("regex", valueString="[0-9]{3}")]),
            {"q": "12"},
            "in the form that is asked for",
        ),
        (
            one(
                "quantity",
                extension=[
                    extension("questionnaire-unitOption", valueCoding={"code": c}) for c in "ab"
                ],
            ),
            {"q": "1"},
            "Choose a unit",
        ),
    ],
)
def test_a_fault_stands_beside_its_question_and_in_the_summary_and_nothing_is_lost(
    visit: Visit, item: Json, fields: Json, fault: str
) -> None:
    person = visit([item])
    person.open("/forms/any")
    page = person.press(**fields)

    assert page.status == 422
    assert page.text.count(fault) == 2
    assert "#q.q" in page.links
    assert 'aria-invalid="true"' in page.html
    for name, value in fields.items():
        if value != "z":
            assert page.fields[name] == ([value] if isinstance(value, str) else value)
