"""The same answers as different form fillers write them lead to the same decision."""

import copy
import json
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds import wire
from tests.replies import CALM, Json, decide, fired, opened, question, reply
from tests.strategies import Given, engine_of, form_of, given_answers

ALARM = {"safety.urine": "none-new", "safety.circulation": ["seizure", "cold-clammy-skin"]}


def _each(response: Json, change: Callable[[Json], None]) -> Json:
    changed = copy.deepcopy(response)
    for group in changed["item"]:
        for item in group["item"]:
            change(item)
    return changed


def _no_text(item: Json) -> None:
    item.pop("text", None)


def _no_display(item: Json) -> None:
    for answer in item["answer"]:
        answer["valueCoding"].pop("display", None)


def _other_display(item: Json) -> None:
    for answer in item["answer"]:
        answer["valueCoding"]["display"] = "Autrement dit"


def _versioned(item: Json) -> None:
    for answer in item["answer"]:
        answer["valueCoding"] |= {"version": "1.0.0", "userSelected": True}


def _extended(item: Json) -> None:
    extra = [{"url": "https://filler.example/x", "valueString": "y"}]
    item["extension"] = extra
    item["_text"] = {"extension": extra}
    for answer in item["answer"]:
        answer["extension"] = extra
        answer["valueCoding"]["extension"] = extra
        answer["id"] = "a1"


def _defined(item: Json) -> None:
    item["id"] = "x"
    item["definition"] = "https://filler.example/StructureDefinition/x#y"


def _head(**more: Any) -> Callable[[Json], Json]:
    return lambda response: {**response, **more}


def _each_of(change: Callable[[Json], None]) -> Callable[[Json], Json]:
    return lambda response: _each(response, change)


WAYS: dict[str, Callable[[Json], Json]] = {
    "no item.text": _each_of(_no_text),
    "no display": _each_of(_no_display),
    "another display": _each_of(_other_display),
    "a version of the code": _each_of(_versioned),
    "extensions everywhere": _each_of(_extended),
    "ids and definitions": _each_of(_defined),
    "no version of the form": _head(questionnaire=form_of("cramps").url),
    "contained": _head(contained=[{"resourceType": "Patient", "id": "p"}]),
    "meta": _head(meta={"profile": ["https://filler.example/p"], "versionId": "3"}),
    "what a server adds to meta": _head(meta={"versionId": "3", "project": "6b5c"}),
    "narrative": _head(text={"status": "generated", "div": "<div>none-new</div>"}),
    "identifier": _head(identifier={"system": "https://filler.example", "value": "1"}),
    "language": _head(language="fr"),
    "author and source": _head(
        author={"reference": "Practitioner/1"}, source={"reference": "RelatedPerson/1"}
    ),
    "encounter": _head(encounter={"reference": "Encounter/1"}),
    "subject with display": _head(subject={"reference": "Patient/1", "display": "A. Person"}),
    "absolute subject": _head(subject={"reference": "https://ehr.example/fhir/Patient/1"}),
    "extension on the response": _head(extension=[{"url": "https://x.example", "valueCode": "x"}]),
    "a primitive extension": _head(
        _authored={"extension": [{"url": "https://x", "valueCode": "x"}]}
    ),
}


@pytest.mark.parametrize("answers", [{}, ALARM, {"history.symptoms": ["poor-sleep", "sharp-pain"]}])
@pytest.mark.parametrize("way", list(WAYS))
def test_a_filler_s_way_of_writing_changes_no_decision(way: str, answers: dict[str, Any]) -> None:
    plain = decide(reply(answers))

    written = decide(WAYS[way](reply(answers)))

    assert written.assessment == plain.assessment
    assert not written.invalid
    assert [issue.severity for issue in written.issues] in ([], ["warning"])


def test_empty_items_and_groups_may_be_left_out_or_kept() -> None:
    blank = dict.fromkeys(("history.site", "history.sleep-posture"))
    left_out = decide(reply(blank))
    kept = reply(blank)
    kept["item"][1]["item"].insert(3, {"linkId": "history.sleep-posture", "text": "Sleep"})

    assert decide(kept).assessment == left_out.assessment


@given(given_answers("cramps"), st.sets(st.sampled_from(sorted(CALM))))
def test_an_empty_array_of_answers_is_no_answer(answers: Given, left_out: set[str]) -> None:
    """Medplum's form writes one for every question that it shows and nobody answered."""
    whole = reply(answers)
    without, emptied = copy.deepcopy(whole), copy.deepcopy(whole)
    for group in without["item"]:
        group["item"] = [item for item in group["item"] if item["linkId"] not in left_out]
    for item in (item for group in emptied["item"] for item in group["item"]):
        if item["linkId"] in left_out:
            item["answer"] = []

    plain, written = decide(without), decide(emptied)

    assert written.assessment == plain.assessment
    assert written.invalid == plain.invalid


def test_free_text_in_an_open_choice_is_a_string_or_a_coding_of_words() -> None:
    """Older fillers write what is not in the list as a Coding that is nothing but a display."""
    as_string, as_coding = reply(), reply()
    question(as_string, "history.relievers")["answer"] = [{"valueString": "A hot bath"}]
    question(as_coding, "history.relievers")["answer"] = [
        {"valueCoding": {"display": "A hot bath"}}
    ]

    for response in (as_string, as_coding):
        assessed = decide(response)
        assert opened(assessed) == {"history.relievers": "free-text"}
        assert assessed.level.code == "routine"
        assert not assessed.invalid


@pytest.mark.parametrize("text", ["", "   ", None, 5, ["x"], {}])
def test_free_text_without_words_is_unreadable(text: Any) -> None:
    response = reply()
    question(response, "history.relievers")["answer"] = [{"valueString": text}]

    assessed = decide(response)

    assert opened(assessed) == {"history.relievers": "unreadable"}
    assert (assessed.level.code, assessed.invalid) == ("indeterminate", True)


def test_free_text_beside_an_option_leaves_the_option() -> None:
    response = reply()
    question(response, "history.relievers")["answer"] += [{"valueString": "A hot bath"}]

    assessed = decide(response)

    assert assessed.level.code == "self-care"
    assert [note.code for note in assessed.assessment.notes] == ["free-text"]


def _shuffled(value: Any, draw: Random) -> Any:
    """The same JSON with its keys in another order."""
    if isinstance(value, dict):
        keys = list(value)
        draw.shuffle(keys)
        return {key: _shuffled(value[key], draw) for key in keys}
    if isinstance(value, list):
        return [_shuffled(one, draw) for one in value]
    return value


@given(given_answers("cramps"), st.randoms(use_true_random=False), st.booleans())
def test_the_order_of_keys_shows_in_no_byte(answers: Given, draw: Random, short: bool) -> None:
    response = reply(short=short) if short else reply(answers)
    decisions = [decide(one) for one in (response, _shuffled(response, draw))]

    documents = [wire.write(one.document()) for one in decisions]
    bundles = [wire.write(one.to_fhir()) for one in decisions]

    assert documents[0] == documents[1]
    assert bundles[0] == bundles[1]


def _shuffle(part: Json, draw: Random) -> None:
    """The items and answers below this one in another order, however deep they stand."""
    draw.shuffle(part.get("answer", []))
    draw.shuffle(part.get("item", []))
    for item in part.get("item", []):
        _shuffle(item, draw)


@given(given_answers("cramps"), st.randoms(use_true_random=False))
def test_the_order_of_answers_and_items_shows_in_no_decision(answers: Given, draw: Random) -> None:
    response = reply(answers)
    other = copy.deepcopy(response)
    _shuffle(other, draw)

    plain, shuffled = decide(response), decide(other)

    assert shuffled.level == plain.level
    assert fired(shuffled) == fired(plain)
    assert {f.rule.id: set(f.because) for f in shuffled.findings} == {
        f.rule.id: set(f.because) for f in plain.findings
    }
    assert shuffled.assessment.open == plain.assessment.open


@given(given_answers("cramps"))
def test_bytes_and_a_dict_of_the_same_response_give_the_same_bytes(answers: Given) -> None:
    response = reply(answers)

    spaced = json.dumps(response, indent=3, ensure_ascii=True).encode()

    assert wire.write(decide(spaced).to_fhir()) == wire.write(decide(response).to_fhir())


def _questions(items: list[Json]) -> Iterator[Json]:
    for item in items:
        if "answerOption" in item:
            yield item
        yield from _questions(item.get("item", []))


def test_every_option_of_the_forms_is_a_sound_answer() -> None:
    for short in (False, True):
        engine = engine_of("cramps", short=short)
        for item in _questions(engine.form.raw["item"]):
            for option in item["answerOption"]:
                code = option["valueCoding"]["code"]
                answers = {item["linkId"]: code}
                if item["linkId"] == "safety.nerve-course":
                    answers["safety.nerve"] = "leg-weakness"
                if short and item["linkId"] == "history.hemodialysis":
                    answers["safety.urine"] = "none-usual-on-dialysis"
                assessed = decide(reply(answers, short=short))
                assert not assessed.invalid, answers
                assert opened(assessed).get(item["linkId"]) == (
                    "unknown" if code == "unknown" else None
                ), answers
