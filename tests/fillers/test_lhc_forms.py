"""LHC-Forms shows our forms as we mean them, and fills them as the golden inputs say."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow
Json = dict[str, Any]

HERE = Path(__file__).parent
VISITS: Json = json.loads((HERE / "visits.json").read_text(encoding="utf-8"))
FIRST = {"safety", "safety.consciousness"}
POSTURE, CALL = "history.sleep-posture", "safety.call-now"
COURSE = {"safety.nerve-more", "safety.nerve-course"}  # the question, and the group around it
HIDDEN = {
    "emergency": {CALL},
    "benign": {CALL} | COURSE,
    "half-filled": {CALL} | COURSE,
    "none-and-a-sign": {CALL, POSTURE} | COURSE,
    "short-emergency": {CALL} | COURSE,
    "signs-of-2": {CALL, POSTURE} | COURSE,
    "short-signs-of-2": {CALL, "history.hemodialysis"} | COURSE,
}


def items(parent: Json) -> Iterator[Json]:
    for item in parent.get("item", ()):
        yield item
        yield from items(item)


def words(item: Json) -> Json:
    """What a person should read: number, question, a star where it is required, the options."""
    text = item.get("prefix", "") + item.get("text", "") + (" *" if item.get("required") else "")
    options = [option["valueCoding"]["display"] for option in item.get("answerOption", ())]
    return {"text": text, "options": options + ["Other"] * (item["type"] == "open-choice")}


@pytest.mark.parametrize("name", VISITS)
def test_it_fills_the_form_as_the_golden_input_says(name: str, lforms: Json) -> None:
    path = HERE / "golden" / f"{name}.json"
    response = lforms[name]["response"]
    if os.environ.get("CRAMP_CDS_REGENERATE") == "1":
        text = json.dumps(response, indent=2, ensure_ascii=False) + "\n"
        path.write_text(text, encoding="utf-8")

    assert response == json.loads(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", VISITS)
def test_it_shows_what_our_conditions_ask_for_and_hides_the_rest(
    name: str, lforms: Json, forms: dict[str, Json]
) -> None:
    every = {item["linkId"] for item in items(forms[VISITS[name]["form"]])}

    left = FIRST | ({CALL} if name == "unresponsive-after-all" else set())
    assert set(lforms[name]["shown"]) == (every - HIDDEN[name] if name in HIDDEN else left)


@pytest.mark.parametrize(
    "name",
    [
        *("emergency", "benign", "short-emergency", "unresponsive-after-all"),
        *("signs-of-2", "short-signs-of-2"),
    ],
)
def test_its_own_check_passes_on_a_complete_form(name: str, lforms: Json) -> None:
    assert lforms[name]["missing"] == []


@pytest.mark.parametrize("name", ["half-filled", "empty", "none-and-a-sign"])
def test_its_own_check_names_what_is_missing(name: str, lforms: Json) -> None:
    assert lforms[name]["missing"] != []


@pytest.mark.parametrize("name", ["emergency", "short-emergency"])
def test_every_question_and_option_can_be_read_in_our_words_and_order(
    name: str, lforms: Json, forms: dict[str, Json]
) -> None:
    shown = lforms[name]["shown"]
    wanted = {item["linkId"]: words(item) for item in items(forms[VISITS[name]["form"]])}

    assert shown == {link_id: wanted[link_id] for link_id in shown}
    assert list(shown) == [link_id for link_id in wanted if link_id in shown]


def test_no_question_shows_two_options_of_the_same_name(lforms: Json) -> None:
    twice = [
        link_id
        for one in lforms.values()
        for link_id, item in one["shown"].items()
        if len(set(item["options"])) != len(item["options"])
    ]

    assert twice == []


def test_it_asks_nothing_of_another_machine_and_nothing_breaks(lforms: Json) -> None:
    assert {name: (one["asked"], one["errors"]) for name, one in lforms.items()} == {
        name: ([], []) for name in VISITS
    }
