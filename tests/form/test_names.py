"""What a field is called and holds: a question takes no name from the page, and loses none."""

from urllib.parse import unquote

from tests.form.conftest import Visit
from tests.form.kit import answers, extension, one, response_of


def test_an_initial_quantity_is_its_number(visit: Visit) -> None:
    kg = {"system": "http://unitsofmeasure.org", "code": "kg"}
    unit = extension("questionnaire-unit", valueCoding={**kg, "display": "kg"})
    initial = [{"valueQuantity": {"value": 3, "unit": "kg", **kg}}]
    person = visit([one("quantity", initial=initial, extension=[unit])])

    assert person.open("/forms/any").fields["q"] == ["3"]
    person.press()
    assert answers(response_of(person), "q") == [
        {"valueQuantity": {"value": 3, "unit": "kg", **kg}}
    ]


OWN_NAMES = ("token", "version", "signs", "meant", "who", "do")


def test_a_question_called_like_a_field_of_the_page_is_a_question(visit: Visit) -> None:
    names = [*OWN_NAMES, "action", "elements", "a b", "/93/1", "a%2Fb", "ü:x~1"]
    person = visit([one("string", name) for name in names])
    page = person.open("/forms/any")
    asked = {name for name, values in page.fields.items() if values == [""]} - {"meant", "signs"}
    assert len(asked) == len(names)

    person.press(**{name: f"to {unquote(name)}" for name in asked})

    response = response_of(person)
    for name in names:
        assert answers(response, name) == [{"valueString": f"to {name}"}]
