"""Reasons that a record gives several times are told once."""

from decimal import Decimal

import pytest

from cds.core.model import Because, Evidence
from cds.core.repeats import more, once


def reason(record: str, value: Decimal | str | None, mark: str | None = None) -> Because:
    return Because(fact="f", evidence=Evidence(record, value, mark=mark))


def test_what_the_record_says_in_the_same_words_is_told_once() -> None:
    first = reason("MedicationRequest/1", "Furosemide 40 mg")
    other = reason("MedicationRequest/3", "Torasemide")
    said = [first, reason("MedicationRequest/2", "FUROSEMIDE 40 MG"), other]

    assert once(said) == [(first, 2), (other, 1)]


def test_what_has_no_words_is_told_once() -> None:
    first = reason("Condition/1", None)

    assert once([first, reason("Condition/2", None)]) == [(first, 2)]


@pytest.mark.parametrize("mark", ["resolved", None])
def test_another_mark_is_another_thing(mark: str | None) -> None:
    first, other = reason("Condition/1", "Gout", mark), reason("Condition/2", "Gout", "old")

    assert once([first, other]) == [(first, 1), (other, 1)]


def test_each_of_two_measurements_is_told() -> None:
    values = [reason("Observation/1", Decimal(3)), reason("Observation/2", Decimal(3))]

    assert once(values) == [(one, 1) for one in values]


def test_answers_stand_by_themselves() -> None:
    answers = [Because("q", "yes"), Because("q", "no"), Because("q", "yes")]

    assert once(answers) == [(answers[0], 2), (answers[1], 1)]


@pytest.mark.parametrize(
    ("count", "words"), [(1, ""), (2, " and 1 more like it"), (3, " and 2 more like it")]
)
def test_how_many_say_the_same(count: int, words: str) -> None:
    assert more(count) == words
