"""What is kept between two responses holds nothing of a patient: every object is looked at."""

import gc
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from types import FunctionType, ModuleType
from typing import Any

import pytest

from cds import wire
from cds.flows.assess import Assessor, installed
from cds.flows.synthetic.responses import response_of
from cds.flows.validate import Validator
from cds.forms.values.ucum import UCUM
from tests.changes import Json

NOW = datetime(2026, 11, 20, tzinfo=UTC)
WORDS = "Xanthippe-Quirinius"  # in no pack and no library
CORE = "http://hl7.org/fhir/StructureDefinition/"
UNLIKELY = "no-such-code-Xanthippe-Quirinius"


def _responses(assessor: Assessor) -> list[Json]:
    """Responses with words of a patient wherever a response may hold some."""
    form = assessor.packs[0].full
    made = response_of(form, {}, identifier=WORDS, subject=f"Patient/{WORDS}")
    questions = [item for group in form.raw["item"] for item in group.get("item", [])]
    coded = [item for item in questions if item.get("answerOption")]

    def group(items: list[Json]) -> list[Json]:
        by_group: dict[str, Json] = {}
        for outer in form.raw["item"]:
            inside = [one for one in items if one["linkId"] in str(outer)]
            if inside:
                by_group[outer["linkId"]] = {"linkId": outer["linkId"], "item": inside}
        return list(by_group.values())

    def answered(answer: Callable[[Json], Json]) -> Json:
        return {
            **made,
            "item": group([{"linkId": i["linkId"], "answer": [answer(i)]} for i in coded]),
        }

    def option(item: Json) -> Json:
        return dict(item["answerOption"][0]["valueCoding"])

    head = {
        "meta": {"tag": [{"code": WORDS}]},
        "subject": {"reference": f"Patient/{WORDS}", "display": WORDS},
        "text": {"status": "generated", "div": f"<div>{WORDS}</div>"},
    }
    return [
        answered(lambda item: {"valueCoding": option(item)}),
        {**answered(lambda item: {"valueCoding": option(item)}), **head},
        answered(lambda item: {"valueCoding": {**option(item), "display": WORDS}}),
        answered(lambda item: {"valueCoding": {**option(item), "code": UNLIKELY}}),
        answered(lambda _: {"valueString": WORDS}),
        answered(lambda _: {"valueString": WORDS, "item": [{"linkId": WORDS}]}),
        {**made, "item": [{"linkId": WORDS, "text": WORDS}]},
        {**made, WORDS: WORDS},
    ]


def _reachable(start: object) -> list[object]:
    """All that an object holds, and that the modules of this software hold (their caches, too)."""
    ours = [vars(module) for name, module in sys.modules.items() if name.partition(".")[0] == "cds"]
    waiting: list[Any] = [start, *ours]
    seen: dict[int, object] = {}
    while waiting:
        one = waiting.pop()
        if id(one) in seen or isinstance(one, ModuleType):
            continue
        seen[id(one)] = one
        if isinstance(one, FunctionType):
            waiting += [cell.cell_contents for cell in one.__closure__ or ()]
            waiting += one.__dict__.values()
        else:
            waiting += [held for held in gc.get_referents(one) if not isinstance(held, ModuleType)]
            # The collector does not look at keys that are texts: no cycle leads through them.
            waiting += one if isinstance(one, dict) else ()
    return list(seen.values())


def _says(one: object) -> bool:
    if isinstance(one, str):
        return WORDS in one
    return isinstance(one, bytes) and WORDS.encode() in one


def test_an_assessor_keeps_no_word_of_those_it_has_assessed() -> None:
    assessor = installed()
    for response in _responses(assessor):
        for data in (response, wire.write(response), wire.write(response, indent=True)):
            for _ in range(2):
                assessor.assess(data, now=NOW).to_bytes()
                assessor.assess(data, now=NOW).document()
    gc.collect()

    assert not any(map(_says, _reachable(assessor)))


KINDS: dict[str, list[Any]] = {
    "string": [WORDS],
    "quantity": [
        {"value": 1, "system": UCUM, "code": WORDS},
        {"value": 1, "system": UCUM, "code": f"kg{{{WORDS}}}"},
        {"value": 1, "unit": WORDS},
    ],
    "reference": [{"reference": f"Patient/{WORDS}"}, {"display": WORDS}],
    "url": [f"https://example.org/{WORDS}", WORDS],
    "choice": [
        {"system": f"https://example.org/{WORDS}", "code": WORDS},
        {"system": f"http://hl7.org/fhir/{WORDS}", "code": WORDS},
    ],
    "attachment": [{"contentType": "text/plain", "title": WORDS}],
    "date": [WORDS],
}
NAMES = {"string": "String", "url": "Uri", "choice": "Coding", "date": "Date"}


def _of_every_kind() -> tuple[Json, Json]:
    """A form with a question of every kind, with limits, and a response with words in each."""
    least = {"url": f"{CORE}minQuantity", "valueQuantity": {"value": 1, "code": "kg"}}
    pattern = {"url": f"{CORE}regex", "valueString": "[a-z]*"}
    questions: list[Json] = [
        {"linkId": type_, "type": type_, "repeats": True, "extension": [least, pattern]}
        for type_ in KINDS
    ]
    items = [
        {
            "linkId": type_,
            "answer": [{f"value{NAMES.get(type_, type_.capitalize())}": one} for one in values],
        }
        for type_, values in KINDS.items()
    ]
    url = "http://example.org/every"
    form = {"resourceType": "Questionnaire", "url": url, "status": "active", "item": questions}
    response = {"resourceType": "QuestionnaireResponse", "questionnaire": url, "item": items}
    return form, response | {"status": "completed"}


def test_a_validator_keeps_no_word_of_those_it_has_validated() -> None:
    assessor = installed()
    form, response = _of_every_kind()
    forms = {one.url: dict(one.raw) for one in assessor.packs[0].forms} | {form["url"]: form}
    validator = Validator(installed=forms.get)
    for one in (*_responses(assessor), response):
        validator.validate(one)
    del one, response
    gc.collect()

    assert not any(map(_says, _reachable(validator)))


def _record() -> list[Json]:
    def concept(system: str, code: str) -> Json:
        return {"coding": [{"system": system, "code": code, "display": "x"}], "text": "x"}

    flag = concept("http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation", "HH")
    made: list[Json] = [
        {
            "resourceType": "Observation",
            "status": "final",
            "code": concept("http://loinc.org", "2823-3"),
            "interpretation": [flag],
            "valueQuantity": {"value": 2, "unit": "mmol/L", "system": UCUM, "code": "mmol/L"},
        },
        {"resourceType": "Condition", "code": concept("http://snomed.info/sct", "44054006")},
        {
            "resourceType": "MedicationRequest",
            "status": "active",
            "intent": "order",
            "medicationCodeableConcept": concept("http://www.whocc.no/atc", "C03CA01"),
        },
        {
            "resourceType": "Procedure",
            "status": "completed",
            "code": concept("http://snomed.info/sct", "302497006"),
        },
        {"resourceType": "Flag", "status": "active"},
    ]
    about = {"subject": {"reference": "Patient/1"}}
    return [{**one, **about, "id": f"r{number}"} for number, one in enumerate(made)]


def _with_words(value: Any, name: str, after: str) -> Any:
    """The same with a patient's words after each text of this name."""
    if isinstance(value, list):
        return [_with_words(one, name, after) for one in value]
    if not isinstance(value, dict):
        return value
    return {
        key: f"{one}{after}{WORDS}"
        if key == name and isinstance(one, str)
        else _with_words(one, name, after)
        for key, one in value.items()
    }


@pytest.mark.parametrize("after", ["/", "|", "#", " "])
def test_nothing_is_kept_of_what_a_record_says(after: str) -> None:
    assessor = installed()
    asked = response_of(assessor.packs[0].full, {}, subject="Patient/1")
    names = "system code display text unit reference resourceType status id".split()  # noqa: SIM905
    for name in names:
        record = _with_words(_record(), name, after)
        assessor.assess(asked, now=NOW, record=record).to_bytes()
    del record
    gc.collect()

    assert not any(map(_says, _reachable(assessor)))
