"""Forms of odd shapes in a real browser: what a field is called takes nothing from the page."""

from pathlib import Path
from typing import Any

import pytest

from cds.flows.assess import Assessor
from cds.web.form.export import exported
from cds.web.form.offered import offered
from tests.form.conftest import with_items
from tests.form.driving import Drive
from tests.form.kit import OPTIONS, coding, control, extension, one
from tests.form.test_languages import right_to_left

pytestmark = pytest.mark.slow

WHEN = {"question": "action", "operator": "=", "answerCoding": {"system": "urn:x", "code": "a"}}
UNITS = [
    extension("questionnaire-unitOption", valueCoding={"code": code, "display": code})
    for code in ("kg", "lb")
]
NAMES = ("elements", "hidden", "reset", "querySelectorAll", "addEventListener", "who", "do")
ITEMS: list[dict[str, Any]] = [
    one("choice", "action", answerOption=[*OPTIONS, coding("d", "A very long option " * 6)]),
    one("string", "later", enableWhen=[WHEN]),
    one("group", "names", item=[one("string", name) for name in NAMES]),
    one(
        "group",
        "rows",
        repeats=True,
        item=[one("quantity", extension=UNITS), one("date", "day"), one("time", "hour")],
    ),
    one("open-choice", "open", answerOption=OPTIONS, repeats=True),
    one("integer", "slide", extension=[control("slider")], prefix="7."),
    one("choice", "down", answerOption=OPTIONS, extension=[control("drop-down")]),
    one("text", "words", readOnly=True, initial=[{"valueString": "as it is"}]),
    one("choice", "far", answerValueSet="https://example.org/ValueSet/elsewhere"),
]


@pytest.mark.parametrize("look", [{}, {"viewport": {"width": 320, "height": 640}}])
def test_names_of_properties_take_nothing_from_the_page(
    drive: Drive, tmp_path: Path, look: Any
) -> None:
    engines = Assessor([with_items(ITEMS)]).engines
    file = tmp_path / "odd.html"
    file.write_bytes(exported(offered(engines, {}, ["en"], "112")["any"]["en"]))

    found = drive(
        "walk",
        url=file.as_uri(),
        name=f"odd-{len(look)}",
        steps=[
            ["look", "first"],
            ["check", "action", "a"],
            ["click", "button[value^='add:rows']"],
            ["look", "answered"],
            ["click", "#send"],
            ["click", "#send"],
            ["look", "result"],
            ["click", "#again"],
            ["look", "again"],
        ],
        options=look,
    )

    assert found["found"] == []
    assert max(found["wide"]) <= 0
    if not look:
        assert "Ask later" not in found["texts"]["first"]
        assert "Ask later" in found["texts"]["answered"]
        assert "number 2" in found["texts"]["answered"]
    assert "Result" in found["texts"]["result"]
    assert "Ask later" in found["texts"]["again"] or look


def test_a_page_from_right_to_left_is_heard(drive: Drive, tmp_path: Path) -> None:
    file = tmp_path / "mirrored.html"
    file.write_bytes(exported(right_to_left()))
    steps = [
        ["look", "first"],
        ["check", "safety.consciousness", "none"],
        ["check", "safety.urine", "none-new"],
        ["look", "alarm"],
        ["click", "#send"],
        ["look", "result"],
    ]
    found = drive("walk", url=file.as_uri(), name="rtl", steps=steps, options={})

    assert found["found"] == []
    assert max(found["wide"]) <= 0
