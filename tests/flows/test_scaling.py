"""Twice as much takes twice as long, whatever there is more of: measured at once and four times."""

import math
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from cds import wire
from cds.flows.assess import Assessor, installed
from cds.flows.hooks import Visit, consider
from cds.flows.synthetic.responses import response_of
from cds.forms.questionnaire import compile_questionnaire
from cds.forms.validate import validate
from tests.flows.validate_kit import judged

Json = dict[str, Any]
Made = Callable[[int], Json]
URL = "http://example.org/q"
NOW = datetime(2026, 11, 20, tzinfo=UTC)
# Linear is 4, quadratic 16 in the end; between them lies what a busy machine's caches do.
MOST = 7.0
TEXT: Json = {"valueString": "x"}
EXCLUSIVE = {
    "url": "http://hl7.org/fhir/StructureDefinition/questionnaire-optionExclusive",
    "valueBoolean": True,
}
LEAF: Json = {"linkId": "b", "type": "string", "required": True}
ANSWERED: Json = {"linkId": "b", "answer": [TEXT]}
REPEATED: Json = {"linkId": "g", "type": "group", "repeats": True}


def _question(type_: str = "string", **more: Any) -> Json:
    return {"linkId": "a", "type": type_, "repeats": True, **more}


def _answers(answer: Made, count: int) -> list[Json]:
    return [{"linkId": "a", "answer": [answer(number) for number in range(count)]}]


def _plain(count: int) -> tuple[list[Json], list[Json]]:
    return [_question()], _answers(lambda _: TEXT, count)


def _nested(count: int) -> tuple[list[Json], list[Json]]:
    return [_question(item=[LEAF])], _answers(lambda _: {**TEXT, "item": [ANSWERED]}, count)


def _some_without_the_nested(count: int) -> tuple[list[Json], list[Json]]:
    def answer(number: int) -> Json:
        return {**TEXT, "item": [ANSWERED]} if number % 2 else TEXT

    return [_question(item=[LEAF])], _answers(answer, count)


def _repetitions(count: int) -> tuple[list[Json], list[Json]]:
    other = {"linkId": "c", "type": "string"}
    items = [
        {"linkId": "g", "item": [ANSWERED]},
        {"linkId": "g", "item": [{**ANSWERED, "linkId": "c"}]},
    ]
    return [{**REPEATED, "item": [LEAF, other]}], [items[number % 2] for number in range(count)]


def _conditions_in_repetitions(count: int) -> tuple[list[Json], list[Json]]:
    when = {"question": "b", "operator": "=", "answerString": "x"}
    asked = {"linkId": "c", "type": "string", "enableWhen": [when], "required": True}
    items = [ANSWERED, {**ANSWERED, "linkId": "c"}]
    return [{**REPEATED, "item": [LEAF, asked]}], [{"linkId": "g", "item": items}] * count


def _misplaced(count: int) -> tuple[list[Json], list[Json]]:
    group = {"linkId": "k", "type": "group", "item": [LEAF]}
    wanting = {**REPEATED, "item": [{**LEAF, "linkId": "c"}]}
    items = [{"linkId": "g", "item": [ANSWERED]}] * count
    return [group, wanting], items


def _exclusive_options(count: int) -> tuple[list[Json], list[Json]]:
    options: list[Json] = [{"valueInteger": number} for number in range(count)]
    options[0]["extension"] = [EXCLUSIVE]
    items = _answers(lambda number: {"valueInteger": number + 1}, count - 1)
    return [_question("integer", answerOption=options)], items


def _free_text_beside_options(count: int) -> tuple[list[Json], list[Json]]:
    options = [{"valueCoding": {"code": f"c{number}"}} for number in range(count)]
    items = _answers(lambda number: {"valueString": f"t{number}"}, count)
    return [_question("open-choice", answerOption=options)], items


def _deeply_nested(count: int) -> tuple[list[Json], list[Json]]:
    definition, item = _question(), _answers(lambda _: TEXT, count)[0]
    for depth in range(20):
        definition = {**_question(item=[definition]), "linkId": f"d{depth}"}
        item = {"linkId": f"d{depth}", "answer": [{**TEXT, "item": [item]}]}
    return [definition], [item]


def _same_item_again(count: int) -> tuple[list[Json], list[Json]]:
    return [_question()], [{"linkId": "a", "answer": [TEXT]}] * count


SHAPES = (
    _plain,
    _nested,
    _some_without_the_nested,
    _repetitions,
    _conditions_in_repetitions,
    _misplaced,
    _exclusive_options,
    _free_text_beside_options,
    _deeply_nested,
    _same_item_again,
)


def growth(work: Callable[[int], Callable[[], object]], count: int) -> float:
    """The time of four times as much, by the time of once: processor time, the best of some turns.

    What else the machine does makes single turns longer; what grows with the square is in each of
    them. So it is measured again, up to eight times, while the ratio is too high.
    """
    doing = work(count), work(count * 4)
    best = [math.inf, math.inf]
    for turn in range(8):
        for at, do in enumerate(doing):
            started = time.process_time()
            do()
            best[at] = min(best[at], time.process_time() - started)
        if turn and best[1] / best[0] < MOST:
            break
    return best[1] / best[0]


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__.strip("_"))
def test_four_times_the_answers_take_about_four_times_as_long_to_validate(
    shape: Callable[[int], tuple[list[Json], list[Json]]],
) -> None:
    def work(count: int) -> Callable[[], object]:
        questions, items = shape(count)
        form = compile_questionnaire(
            {"resourceType": "Questionnaire", "url": URL, "status": "active", "item": questions}
        )
        response = {
            "resourceType": "QuestionnaireResponse",
            "questionnaire": URL,
            "status": "completed",
            "item": items,
        }
        return lambda: validate(response, form)

    assert growth(work, 800) < MOST


def test_four_times_the_contained_take_about_four_times_as_long_to_refer_to() -> None:
    form = compile_questionnaire(
        {
            "resourceType": "Questionnaire",
            "url": URL,
            "status": "active",
            "item": [_question("reference")],
        }
    )

    def work(count: int) -> Callable[[], object]:
        response = {
            "resourceType": "QuestionnaireResponse",
            "questionnaire": URL,
            "status": "completed",
            "contained": [{"resourceType": "Patient", "id": f"p{one}"} for one in range(count)],
            "item": _answers(lambda one: {"valueReference": {"reference": f"#p{one}"}}, count),
        }
        return lambda: validate(response, form)

    assert growth(work, 800) < MOST


def _hostile_answers(assessor: Assessor, count: int, nested: Json) -> Json:
    form = assessor.packs[0].full
    item = form.raw["item"][0]
    while item["type"] == "group":
        item = item["item"][0]
    return {
        "resourceType": "QuestionnaireResponse",
        "questionnaire": form.url,
        "status": "completed",
        "item": [{"linkId": item["linkId"], "answer": [nested] * count}],
    }


@pytest.mark.parametrize(
    "nested", [TEXT, {**TEXT, "item": [ANSWERED]}, {"valueCoding": {"code": "no"}}], ids=str
)
def test_four_times_the_answers_take_about_four_times_as_long_to_assess(nested: Json) -> None:
    assessor = installed()

    def work(count: int) -> Callable[[], object]:
        response = _hostile_answers(assessor, count, nested)
        return lambda: assessor.assess(response, now=NOW)

    assert growth(work, 800) < MOST


@pytest.mark.parametrize("escaped", [rb"\u00e4\n", rb"\ud83d\ude00", b"4e1000", b"\\\\0e100"])
def test_four_times_as_long_a_text_takes_about_four_times_as_long_to_read(escaped: bytes) -> None:
    def work(count: int) -> Callable[[], object]:
        text = b'["' + escaped * count + b'"]'
        return lambda: wire.read(text)

    assert growth(work, 30_000) < MOST


@pytest.mark.parametrize("indent", [False, True])
def test_four_times_the_faulty_entries_of_a_bundle_take_about_four_times_as_long(
    indent: bool,
) -> None:
    form = {"resourceType": "Questionnaire", "url": URL, "status": "active", "item": [_question()]}
    faulty = {
        "resourceType": "QuestionnaireResponse",
        "questionnaire": URL,
        "status": "completed",
        "item": [{"linkId": "no", "answer": [TEXT]}],
    }

    def work(count: int) -> Callable[[], object]:
        bundle = {"resourceType": "Bundle", "entry": [{"resource": faulty}] * count}
        data = wire.write(bundle, indent=indent)
        return lambda: judged(data, form)

    assert growth(work, 200) < MOST


def test_four_times_the_orders_take_about_four_times_as_long_to_consider() -> None:
    assessor = installed()
    (pack,) = assessor.packs
    concept = {"text": "Furosemide 40 mg"}
    asked = response_of(pack.full, {}, subject="Patient/1")

    def work(count: int) -> Callable[[], object]:
        orders = [
            {"resourceType": "MedicationRequest", "id": f"o{number}", "status": "draft"}
            | {"intent": "order", "medicationCodeableConcept": concept}
            for number in range(count)
        ]
        visit = Visit("1", NOW, [asked], (), orders=orders)
        return lambda: consider(pack, assessor, visit)

    assert growth(work, 800) < MOST
