"""`pack show`: a pack as a clinician reads it, with nothing left out."""

import pytest

from cds.knowledge.shown.show import show_lines
from cds.knowledge.shown.words import Words
from tests.strategies import pack_of

WIDE = 100


def flat(name: str) -> str:
    """The page as one line, so that a wrapped sentence is found."""
    return " ".join(" ".join(show_lines(pack_of(name))).split())


@pytest.mark.parametrize("name", ["cramps", "boiler"])
def test_every_part_of_the_pack_is_on_the_page(name: str) -> None:
    pack, page = pack_of(name), flat(name)

    parts = [
        pack.hash,
        pack.wording.intended_use,
        pack.wording.cause_remark,
        *(level.display for level in pack.rules.levels),
        *(level.action for level in pack.rules.levels),
        *(f"{rule.id} {rule.title}" for rule in pack.rules.rules),
        *(rule.reading for rule in pack.rules.rules),
        *(rule.action for rule in pack.rules.rules),
        *(cause.display for cause in pack.rules.causes),
        *(advice.text for advice in pack.advice),
        *(one.display for one in pack.complications),
        *(one.text for one in pack.context),
        *(f"Site option {one.name}" for one in pack.rules.options),
        *(f"[{one.id}]" for one in pack.sources.documents),
        *(f"[{one}] {cited.text}" for one, cited in pack.sources.citations.items()),
    ]
    for part in parts:
        assert " ".join(part.split()) in page, part


@pytest.mark.parametrize("name", ["cramps", "boiler"])
def test_no_line_is_wider_than_a_terminal(name: str) -> None:
    assert max(len(line) for line in show_lines(pack_of(name)) if " " in line.strip()) <= WIDE


def test_conditions_are_said_in_the_words_of_the_form() -> None:
    pack = pack_of("cramps")
    words = Words(pack)
    rules = {rule.id: words.lines(rule.when) for rule in pack.rules.rules}

    asked = "In the last 24 hours, has the person fainted, passed out, or been hard to wake?"
    assert rules["E2"] == [f"{asked} “Yes, but awake now”"]
    assert rules["E3"][0] == "any of these:"
    assert any(line.startswith("  at least 2 of these:") for line in rules["E5"])
    assert any("not answered, or not sure" in line for line in rules["E9"])
    assert any("answered without doubt" in line for line in rules["E4"])
    assert rules["E13"] == ["in the record: Glucose critically low"]


def test_no_code_and_no_link_id_stands_in_the_rules() -> None:
    page = flat("cramps").partition(" Rules ")[2].partition(" Causes that answers ")[0]

    assert "safety." not in page
    assert "history." not in page
    assert "none-usual-on-dialysis" not in page


def test_what_the_words_do_not_have_is_said_by_its_name() -> None:
    words = Words(pack_of("cramps"))

    assert words.question("nowhere") == "nowhere"
    assert words.answer("safety.urine", "nothing") == "nothing"
