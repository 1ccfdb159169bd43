"""What `decided.md` settled about levels, completeness, status, subject and form (1 to 9)."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.replies import (
    CALM,
    DIALYSIS,
    SAFETY,
    decide,
    fired,
    kinds,
    on_short,
    opened,
    reply,
    status,
)
from tests.strategies import form_of, pack_of

HISTORY = [
    "history.hemodialysis",
    "history.duration",
    "history.site",
    "history.frequency",
    "history.episode",
    "history.triggers",
    "history.relievers",
    "history.symptoms",
    "history.medications",
    "history.conditions",
]


# ── 1–5: levels and completeness ──


def test_the_levels_have_the_decided_order() -> None:
    assert [level.code for level in pack_of("cramps").rules.levels] == [
        "emergency-911",
        "emergency-evaluation",
        "urgent",
        "indeterminate",
        "routine",
        "self-care",
    ]


def test_everything_known_and_nothing_found_is_self_care_and_final() -> None:
    assessed = decide(reply())

    assert (assessed.level.code, assessed.assessment.complete) == ("self-care", True)
    assert status(assessed) == "final"
    assert not assessed.invalid
    assert opened(assessed) == {}


@pytest.mark.parametrize("blank", SAFETY)
@pytest.mark.parametrize("how", [None, "unknown"])
def test_an_open_safety_question_is_incomplete_not_invalid(blank: str, how: str | None) -> None:
    assessed = decide(reply({blank: how}))

    assert assessed.level.code == "indeterminate"
    assert not assessed.assessment.complete
    assert not assessed.invalid
    assert status(assessed) == "preliminary"
    assert blank in opened(assessed)
    assert all(issue.severity == "warning" for issue in assessed.issues)


@pytest.mark.parametrize("blank", SAFETY[2:])
def test_an_urgent_finding_with_an_open_safety_question_is_urgent_and_not_complete(
    blank: str,
) -> None:
    changes = {"safety.urine": "much-less-or-very-dark", blank: None}

    assessed = decide(reply(changes))

    assert (assessed.level.code, assessed.assessment.complete) == ("urgent", False)
    assert status(assessed) == "preliminary"


@pytest.mark.parametrize("state", ["completed", "amended"])
def test_an_incomplete_emergency_is_an_alarm_and_preliminary(state: str) -> None:
    assessed = decide(reply({"safety.urine": "none-new", "safety.limb": None}, status=state))

    assert assessed.level.code == "emergency-911"
    assert status(assessed) == "preliminary"
    assert kinds(assessed) == ["RiskAssessment", "CommunicationRequest", "Provenance"]


def test_the_unresponsive_path_is_complete_with_one_answer() -> None:
    only = dict.fromkeys(CALM) | {"safety.consciousness": "unresponsive-now"}

    assessed = decide(reply(only))

    assert (assessed.level.code, assessed.assessment.complete) == ("emergency-911", True)
    assert fired(assessed) == ["E1"]
    assert status(assessed) == "final"
    assert assessed.issues == ()


@pytest.mark.parametrize("first", [None, "unknown"])
def test_a_blank_first_question_excuses_nothing(first: str | None) -> None:
    assessed = decide(reply({"safety.consciousness": first}))

    assert (assessed.level.code, assessed.assessment.complete) == ("indeterminate", False)


def test_answers_hidden_only_by_a_blank_first_question_count_in_full() -> None:
    blank = {"safety.consciousness": None}

    assert fired(decide(reply({**blank, **DIALYSIS}))) == ["E4", "R2"]
    assert fired(decide(reply({**blank, "safety.limb": "cold-pale-or-blue"}))) == ["E12"]


@pytest.mark.parametrize("course", [None, "unknown", "new-or-worse"])
def test_a_nerve_course_that_is_not_known_counts_as_new_and_is_not_needed(
    course: str | None,
) -> None:
    assessed = decide(reply({"safety.nerve": "leg-weakness", "safety.nerve-course": course}))

    assert (fired(assessed), assessed.assessment.complete) == (["E9"], True)
    assert status(assessed) == "final"


def _not_settled() -> Iterator[tuple[str, Any]]:
    """Each history question with each way in which it can be open."""
    for item in form_of("cramps").raw["item"][1]["item"]:
        if item["linkId"] in HISTORY:
            yield item["linkId"], None
            if any(one["valueCoding"]["code"] == "unknown" for one in item["answerOption"]):
                yield item["linkId"], "unknown"
            if item["type"] == "open-choice":
                yield item["linkId"], {"free-text": "words"}


@pytest.mark.parametrize(("blank", "how"), list(_not_settled()))
def test_self_care_needs_the_whole_history(blank: str, how: Any) -> None:
    assessed = decide(reply({blank: how}))

    assert assessed.level.code == "routine"
    assert assessed.assessment.complete
    assert status(assessed) == "final"
    assert opened(assessed)[blank] in {"unanswered", "unknown", "free-text"}


@pytest.mark.parametrize("needless", ["history.sleep-posture", "history.labs-known"])
def test_questions_that_are_only_recorded_are_not_needed_for_self_care(needless: str) -> None:
    changes = {needless: None, "history.sleep-posture": None}

    assert decide(reply(changes)).level.code == "self-care"


def test_a_form_whose_history_is_blank_is_never_self_care() -> None:
    blank = {link_id: None for link_id in CALM if link_id.startswith("history.")}

    assessed = decide(reply(blank))

    assert assessed.level.code == "routine"
    assert set(HISTORY) <= set(opened(assessed))


# ── 8: status ──


@pytest.mark.parametrize(
    ("state", "level", "risk", "invalid"),
    [
        ("completed", "self-care", "final", False),
        ("amended", "self-care", "amended", False),
        ("in-progress", "indeterminate", "preliminary", False),
        ("stopped", "indeterminate", "preliminary", False),
        ("entered-in-error", "indeterminate", "entered-in-error", False),
        ("nonsense", "indeterminate", "preliminary", True),
        (None, "indeterminate", "preliminary", True),
        (["completed"], "indeterminate", "preliminary", True),
        ({}, "indeterminate", "preliminary", True),
        (5, "indeterminate", "preliminary", True),
    ],
)
def test_each_status_has_its_floor_and_its_risk_assessment(
    state: Any, level: str, risk: str, invalid: bool
) -> None:
    assessed = decide(reply(status=state))

    assert (assessed.level.code, status(assessed), assessed.invalid) == (level, risk, invalid)


@pytest.mark.parametrize("state", ["in-progress", "stopped", "nonsense"])
def test_an_unfinished_response_alarms_as_usual(state: str) -> None:
    assessed = decide(reply({"safety.urine": "none-new"}, status=state))

    assert assessed.level.code == "emergency-911"
    assert "CommunicationRequest" in kinds(assessed)
    assert {note["code"] for note in assessed.document()["notes"]} == {"status"}


def test_entered_in_error_sends_no_message_and_says_what_would_have_fired() -> None:
    assessed = decide(reply({"safety.urine": "none-new"}, status="entered-in-error"))

    assert assessed.level.code == "emergency-911"
    assert kinds(assessed) == ["RiskAssessment", "Provenance"]
    (note,) = assessed.document()["notes"]
    assert note["code"] == "would-have-fired"
    assert "E3" in note["text"]


# ── 9: subject and questionnaire ──


def test_a_response_without_a_form_is_read_as_the_short_one_if_that_holds_it_all() -> None:
    assessed = decide(reply(DIALYSIS, short=True, questionnaire=None))

    assert on_short(assessed)
    assert [issue.rule for issue in assessed.issues] == ["questionnaireMissing"]
    assert assessed.issues[0].severity == "warning"
    assert not assessed.invalid


def test_a_response_without_a_form_and_with_history_is_read_as_the_full_one() -> None:
    assessed = decide(reply(questionnaire=None))

    assert not on_short(assessed)
    assert assessed.level.code == "self-care"


@pytest.mark.parametrize("items", [None, [], [{"linkId": "nonsense"}]])
def test_a_response_without_a_form_and_without_a_known_item_is_the_short_one(items: Any) -> None:
    assessed = decide(reply(questionnaire=None, item=items))

    assert on_short(assessed)
    assert assessed.level.code == "indeterminate"


def test_no_answer_is_left_out_as_not_asked_where_the_form_is_assumed() -> None:
    # The short form asks for hemodialysis only beside "none, as usual".
    changes = {
        "safety.circulation": "fast-or-irregular-heartbeat",
        "history.hemodialysis": "yes",
    }

    assert fired(decide(reply(changes, short=True))) == ["U7"]
    assert "E8" in fired(decide(reply(changes, short=True, questionnaire=None)))


def test_another_version_of_ours_is_a_warning() -> None:
    url = form_of("cramps").url

    assessed = decide(reply(questionnaire=f"{url}|0.9.0"))

    assert [(i.rule, i.severity) for i in assessed.issues] == [("questionnaireVersion", "warning")]
    assert assessed.level.code == "self-care"
