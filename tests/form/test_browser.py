"""The form in a real browser: alarm, keyboard, phone, accessibility, and the same decision."""

from pathlib import Path
from typing import Any

import pytest

from cds.flows.assess import Assessor
from cds.web.form.differential import disagreements
from tests.form.driving import FIRST, SIGN, Drive
from tests.replies import CALM
from tests.strategies import pack_of

pytestmark = pytest.mark.slow

Json = dict[str, Any]


def compare(sets: list[Json]) -> list[str]:
    """Where the page's decision on its own response is not the engine's."""
    assessor = Assessor([pack_of("cramps")])
    responses = [one["response"] for one in sets]
    return disagreements(assessor, responses, [one["decision"] for one in sets])


@pytest.mark.parametrize("count", [2_000, pytest.param(10_000, marks=pytest.mark.long)])
def test_page_and_engine_agree_on_random_answer_sets(drive: Drive, count: int) -> None:
    sets = drive("differential", count=count, seed=count)

    assert len(sets) == count
    assert len({one["decision"]["level"] for one in sets}) == 6
    assert compare(sets) == []


def test_the_alarm_comes_with_the_click_and_never_goes_in_silence(drive: Drive) -> None:
    found = drive("alarm")
    times = found["times"]

    assert times["top"] == 0
    assert times["bottom"] <= times["height"]
    assert times["role"] == "alert"
    assert times["focus"] == "alarm"
    assert "Call the local emergency number now." in times["text"]
    assert "was marked, and then changed" in found["was"]
    assert "was marked, and then changed" in found["again"]
    assert found["gone"]
    assert found["stays"]
    assert found["back"]
    assert found["asks"]


def test_the_keyboard_alone_answers_the_form_within_two_minutes(drive: Drive) -> None:
    found = drive("keyboard")

    # A keystroke of an unskilled person takes 0.6 s in the keystroke-level model.
    assert found["keys"] * 0.6 < 120
    assert found["focus"].startswith("level")


def test_a_phone_shows_one_question_at_a_time_and_loses_nothing(drive: Drive) -> None:
    found = drive("phone")

    assert found["seen"] == [["who"], [FIRST[0]], ["safety.urine"], [FIRST[0]]]
    assert found["kept"]
    assert found["wide"] <= 360


def test_axe_finds_nothing_in_any_state(drive: Drive) -> None:
    found = drive("axe")

    assert found["found"] == []
    assert max(found["wide"]) <= 0


def test_without_a_script_the_server_says_it_on_the_next_page(drive: Drive) -> None:
    found = drive("still")

    assert found["url"].endswith("/result")
    assert "Call the local emergency number now." in found["text"]


@pytest.mark.parametrize(
    "answers",
    [
        CALM,
        dict([FIRST, SIGN]),
        {
            **CALM,
            "safety.urine": "much-less-or-very-dark",
            "safety.circulation": "confused-or-very-drowsy",
            "safety.fluid-loss": "cannot-keep-fluids-down",
            "safety.nerve": "saddle-numbness",
            "safety.pelvic-mass": "yes",
            "safety.limb": "one-leg-swollen",
            "history.conditions": "diabetes",
            "history.medications": "diuretic",
        },
    ],
    ids=["calm", "emergency", "everything"],
)
def test_the_result_is_printed_on_one_page(drive: Drive, answers: Json) -> None:
    found = drive("print", answers=list(answers.items()))

    assert found["pages"] == 1
    # All on one page of a desktop; another filler's 9,400 pixels were too many.
    assert found["tall"] < 6_500


def test_the_exported_page_decides_alone_and_hands_out_what_it_decided(
    drive: Drive, run: Any, tmp_path: Path
) -> None:
    page = tmp_path / "form.html"
    ended = run("form", "export", "cramps", "-o", str(page), "--emergency-number", "112")
    assert ended.returncode == 0, ended.stderr
    assert page.stat().st_size <= 200_000
    found = drive("alone", url=page.as_uri(), count=500, seed=5)

    assert compare(found["sets"]) == []
    assert found["kept"]
    assert found["asked"] == "Finish with questions open"
    assert "Call 112 now." in found["text"]
    response, decision = found["files"]["response"], found["files"]["decision"]
    assert decision["level"] == "emergency-911"
    assert compare([{"response": response, "decision": decision}]) == []
    assert found["found"] == []
