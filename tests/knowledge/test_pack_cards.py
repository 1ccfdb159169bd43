"""[cards] of a pack: read when the pack is, so that no fault waits for the first card."""

from collections.abc import Callable
from pathlib import Path

import pytest

from cds.core.pack import Cards, Override
from cds.knowledge.read.pack import find_pack, load_pack
from tests.knowledge.spoil import edit, told

FAULTS: dict[str, tuple[Callable[[Path], None], str, str]] = {
    "a table that nothing asks for": (
        edit("pack.toml", "[wording]", "[crads]\n[wording]"),
        "pack.toml: crads",
        "is not a known key. Did you mean 'cards'?",
    ),
    "an unknown key of the cards": (
        edit("pack.toml", "[wording]", '[cards]\ndeu = "x"\n[wording]'),
        "pack.toml: cards: deu",
        "is not a known key. Did you mean 'due'?",
    ),
    "a headline that no card can show": (
        edit("pack.toml", "[wording]", f'[cards]\ndue = "{"x" * 140}"\n[wording]'),
        "pack.toml: cards: due",
        "has 140 characters; at most 90 are shown. Say the rest in the card's text.",
    ),
    "a short title for a rule that is not there": (
        edit("pack.toml", "[wording]", '[cards.title]\nZ9 = "x"\n[wording]'),
        "pack.toml: cards: title: Z9",
        "is not a rule. Known: A1.",
    ),
    "a short action for a level that is not there": (
        edit("pack.toml", "[wording]", '[cards.action]\nnever = "x"\n[wording]'),
        "pack.toml: cards: action: never",
        "is not a level. Known: alarm, calm, not-settled.",
    ),
    "short words for an answer that is not there": (
        edit("pack.toml", "[wording]", '[cards.sign."no.question"]\ncode = "x"\n[wording]'),
        "pack.toml: cards: sign: no.question: code",
        "is not an answer of the form.",
    ),
    "a proposed test without a name": (
        edit("pack.toml", "[wording]", '[[cards.lab]]\nsystem = "s"\ncode = "c"\n[wording]'),
        "pack.toml: cards: lab c: display",
        "is missing. It must be a string.",
    ),
    "a reason without a code": (
        edit("pack.toml", "[wording]", '[[cards.override]]\ndisplay = "No"\n[wording]'),
        "pack.toml: cards: override number 1: code",
        "is missing. It must be a string.",
    ),
    "cards about a fact that is not there": (
        edit("pack.toml", "[wording]", '[cards]\nfacts = ["sodium.low"]\n[wording]'),
        "pack.toml: cards: facts",
        "'sodium.low' is not a fact of record.toml.",
    ),
}


@pytest.mark.parametrize("name", list(FAULTS))
def test_each_fault_of_the_cards_is_told_when_the_pack_is_read(toy: Path, name: str) -> None:
    spoil, where, what = FAULTS[name]
    spoil(toy)

    assert told(toy) == [(where, what)]


def test_a_pack_without_cards_leaves_all_to_our_words(toy: Path) -> None:
    assert load_pack(toy).cards == Cards()


def test_what_a_pack_says_for_its_cards_is_what_is_read() -> None:
    cards = find_pack("cramps").cards

    assert cards.facts == ("condition.cramp",)
    assert cards.orders[:2] == ("medicine.diuretic", "medicine.statin")
    assert set(cards.orders) <= {fact for fact in find_pack("cramps").facts if "medicine." in fact}
    assert Override("not-relevant", "Not relevant to this visit") in cards.overrides
    assert [test.code for test in cards.labs][:2] == ["2951-2", "2823-3"]
    assert all((cards.due, cards.due_text, cards.order, cards.order_text))
    assert all((cards.task, cards.form_label, cards.labs_label))
