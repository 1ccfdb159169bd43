"""How hard a form is to read: measured, printed, and held for our own pack."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from cds.knowledge.legible import MOST_GRADE, MOST_WORDS, grade_of, legible, syllables_of
from cds.knowledge.read.pack import pack_folders
from tests.strategies import pack_of

FOLDER = pack_folders()["cramps"]
PLAIN = ["Does your leg hurt?", "Yes", "No"]
HARD = ["Have you experienced intermittent claudication following considerable physical exertion?"]


def test_our_own_form_is_easy_enough_in_every_language() -> None:
    found = legible(pack_of("cramps"), FOLDER)

    assert len(found.grades) > 20
    assert max(found.grades.values()) <= MOST_GRADE
    assert found.long == ()
    assert set(found.longest) == {"es", "de"}
    assert max(found.longest.values()) <= MOST_WORDS
    assert not [line for line in found.lines if "warning" in line]


def test_plain_words_are_easier_than_learned_ones() -> None:
    plain, hard = grade_of(PLAIN), grade_of(HARD)

    assert plain is not None
    assert hard is not None
    assert plain < 2
    assert hard > 12
    assert grade_of(["", "?!"]) is None


def test_each_option_is_a_sentence_and_listed_words_are_left_out() -> None:
    question = "Do you take a diuretic?"

    assert grade_of([question], frozenset({"diuretic"})) != grade_of([question])
    together = grade_of([f"{question} Yes No I do not know it at all"])
    apart = grade_of([question, "Yes", "No", "I do not know it at all"])
    assert apart is not None
    assert together is not None
    assert apart < together


@pytest.mark.parametrize(
    ("word", "count"), [("a", 1), ("the", 1), ("urine", 2), ("Medicines", 4), ("people", 2)]
)
def test_syllables_are_counted_rather_one_too_many(word: str, count: int) -> None:
    assert syllables_of(word) == count


@pytest.mark.slow
def test_what_is_too_hard_is_a_warning_of_pack_check(run: Any, tmp_path: Path) -> None:
    folder = tmp_path / "cramps"
    shutil.copytree(FOLDER, folder, ignore=shutil.ignore_patterns("__pycache__"))
    german = folder / "i18n" / "de.toml"
    text = german.read_text(encoding="utf-8")
    german.write_text(text.replace('"Sicherheitsfragen"', f'"{"Wort " * 16}"'), encoding="utf-8")
    done = run("pack", "check", str(folder))

    assert done.returncode == 0
    assert "warning: a sentence is too long: de item.safety.text: 16" in done.stderr.decode()
    assert "reading grade at most" in done.stderr.decode()
