"""What `decided.md` settled, sentence by sentence: levels, completeness, rules."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.replies import CALM, decide, fired, kinds, on_short, opened, reply, status
from tests.strategies import form_of, pack_of

URGENT = {"safety.fluid-loss": "dizzy-on-standing"}
DIALYSIS = {"safety.urine": "none-usual-on-dialysis", "history.hemodialysis": "yes"}
HISTORY = [
    "history.hemodialysis",
    "history.duration",
    "history.frequency",
    "history.episode",
    "history.triggers",
    "history.relievers",
    "history.symptoms",
    "history.medications",
    "history.conditions",
]
SAFETY = [link_id for link_id in CALM if link_id.startswith("safety.")]


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

    assert fired(decide(reply({**blank, **DIALYSIS}))) == ["E4", "R1"]
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


@pytest.mark.parametrize(
    "needless", ["history.site", "history.sleep-posture", "history.labs-known"]
)
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

    assert fired(decide(reply(changes, short=True))) == ["U4"]
    assert "E8" in fired(decide(reply(changes, short=True, questionnaire=None)))


def test_another_version_of_ours_is_a_warning() -> None:
    url = form_of("cramps").url

    assessed = decide(reply(questionnaire=f"{url}|0.9.0"))

    assert [(i.rule, i.severity) for i in assessed.issues] == [("questionnaireVersion", "warning")]
    assert assessed.level.code == "self-care"


# ── 10–15: rules ──


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        # 10
        (
            {"safety.urine": "much-less-or-very-dark", "safety.circulation": "cold-clammy-skin"},
            "E6",
        ),
        (
            {
                "safety.urine": "unknown",
                "safety.fluid-loss": ["dizzy-on-standing", "cannot-keep-fluids-down"],
            },
            "E6",
        ),
        (
            {
                "safety.urine": None,
                "safety.fluid-loss": "dizzy-on-standing",
                "safety.circulation": "cold-clammy-skin",
            },
            "E6",
        ),
        (
            {
                **DIALYSIS,
                "safety.fluid-loss": "dizzy-on-standing",
                "safety.circulation": "too-weak-to-stand",
            },
            "E6",
        ),
        ({"safety.urine": "unknown", "safety.fluid-loss": "dizzy-on-standing"}, "not E6"),
        (
            {
                "safety.urine": "usual",
                "safety.fluid-loss": ["dizzy-on-standing", "cannot-keep-fluids-down"],
            },
            "not E6",
        ),
        (
            {
                "safety.nerve": "leg-weakness",
                "safety.nerve-course": "longstanding-assessed-unchanged",
                "safety.pelvic-mass": "yes",
            },
            "E10 U1 U2",
        ),
        (
            {
                "safety.nerve": "leg-weakness",
                "safety.nerve-course": "new-or-worse",
                "safety.pelvic-mass": "yes",
            },
            "E9 E10 U2",
        ),
        ({"safety.nerve": "saddle-numbness", "safety.pelvic-mass": "yes"}, "not E10"),
        ({"safety.circulation": "cold-clammy-skin"}, "U4"),
        ({"safety.circulation": "too-weak-to-stand"}, "U4"),
        ({"safety.circulation": "fast-or-irregular-heartbeat"}, "U4"),
        # 11
        ({"safety.fluid-loss": "cannot-keep-fluids-down"}, "U4"),
        ({"safety.fluid-loss": "dizzy-on-standing"}, "U4"),
        ({"safety.fluid-loss": "heavy-sweating-or-heat"}, "not U4"),
        ({"safety.fluid-loss": ["heavy-sweating-or-heat", "extreme-thirst-or-dry-mouth"]}, "U4"),
        # 12
        ({"history.symptoms": "shaky-sweaty-hungry", "history.conditions": "diabetes"}, "U5 R1"),
        ({"history.symptoms": "shaky-sweaty-hungry", "history.conditions": "unknown"}, "U5 R1"),
        ({"history.symptoms": "shaky-sweaty-hungry", "history.conditions": None}, "U5 R1"),
        ({"history.symptoms": "shaky-sweaty-hungry", "history.conditions": "none"}, "R1"),
        ({"history.symptoms": "shaky-sweaty-hungry", "history.conditions": "none"}, "not U5"),
        # 13
        ({"history.labs-known": "outside-range"}, "U3"),
        ({"history.labs-known": "critical-or-called-by-lab"}, "E7"),
        ({"history.labs-known": "all-normal"}, "not U3"),
        # 14
        ({"history.conditions": "known-neuropathy"}, "R1"),
        ({"history.conditions": "known-neuropathy", "safety.nerve": "leg-weakness"}, "E9 R1"),
        ({"history.conditions": "peripheral-artery-disease"}, "R1"),
        ({"history.triggers": "walking-eased-by-rest"}, "R1"),
        ({"history.conditions": "spinal-stenosis-or-sciatica"}, "R1"),
        ({"history.triggers": "walking-or-standing-eased-by-bending"}, "R1"),
        ({"history.symptoms": "pain-from-back-down-leg"}, "R1"),
        ({"history.triggers": "new-medicine"}, "R1"),
        ({"history.triggers": "dialysis-session"}, "R1"),
        ({"history.triggers": "sitting-long"}, "not R1"),
        ({"history.conditions": "recent-muscle-injury"}, "not R1"),
        ({"history.relievers": "not-tried"}, "not R1"),
        # 8 (E8 is not "alone"), E5 counts two signs
        (
            {
                "safety.circulation": ["fast-or-irregular-heartbeat", "cold-clammy-skin"],
                "history.medications": "diuretic",
            },
            "E5 E8 U4 R1",
        ),
        ({"safety.circulation": "seizure"}, "E5"),
        ({"safety.circulation": "confused-or-very-drowsy"}, "E5"),
    ],
)
def test_the_decided_readings_of_the_rules_hold(changes: dict[str, Any], expected: str) -> None:
    found = fired(decide(reply(changes)))

    if expected.startswith("not "):
        assert expected.removeprefix("not ") not in found
    else:
        assert set(expected.split()) <= set(found)


def test_the_dialysis_exception_is_a_finding_at_routine_with_its_note() -> None:
    assessed = decide(reply(DIALYSIS))

    assert [(f.rule.id, f.level.code) for f in assessed.findings] == [
        ("E4", "routine"),
        ("R1", "routine"),
    ]
    assert [note["code"] for note in assessed.document()["notes"]] == ["dialysis-exception"]


@pytest.mark.parametrize("dialysis", ["no", "unknown", None])
def test_no_urine_as_usual_is_believed_only_with_hemodialysis(dialysis: str | None) -> None:
    changes = {"safety.urine": "none-usual-on-dialysis", "history.hemodialysis": dialysis}

    assessed = decide(reply(changes))

    assert "E3" in fired(assessed)
    assert "E4" not in fired(assessed)


@pytest.mark.parametrize(("strict", "level"), [(True, "emergency-evaluation"), (False, "urgent")])
def test_a_known_unchanged_nerve_complaint_follows_strict_seed(strict: bool, level: str) -> None:
    changes = {
        "safety.nerve": "leg-weakness",
        "safety.nerve-course": "longstanding-assessed-unchanged",
    }

    assessed = decide(reply(changes), settings={"strict_seed": strict})

    assert (fired(assessed), assessed.level.code) == (["U1"], level)
    assert [note["code"] for note in assessed.document()["notes"]] == ["known-unchanged"]
    assert [d["option"] for d in assessed.document()["deviations"]] == (
        [] if strict else ["strict_seed"]
    )


def test_a_pelvic_mass_with_a_nerve_complaint_stays_an_emergency_whatever_the_site() -> None:
    changes = {
        "safety.nerve": "leg-weakness",
        "safety.nerve-course": "longstanding-assessed-unchanged",
        "safety.pelvic-mass": "yes",
    }

    assessed = decide(reply(changes), settings={"strict_seed": False})

    assert assessed.level.code == "emergency-evaluation"
    assert fired(assessed) == ["E10", "U1", "U2"]


@pytest.mark.parametrize(
    ("changes", "rule", "link_id"),
    [
        ({"safety.nerve": "saddle-numbness"}, "E11", "safety.nerve"),
        ({"safety.nerve": "new-bladder-or-bowel-loss"}, "E11", "safety.nerve"),
        ({"safety.limb": "cold-pale-or-blue"}, "E12", "safety.limb"),
        ({"safety.limb": "one-leg-swollen"}, "E12", "safety.limb"),
    ],
)
def test_the_safety_net_switched_off_leaves_a_floor_carried_by_the_deviation(
    changes: dict[str, Any], rule: str, link_id: str
) -> None:
    assert fired(decide(reply(changes))) == [rule]

    assessed = decide(reply(changes), settings={"safety_net": False})

    assert (assessed.level.code, fired(assessed)) == ("urgent", [])
    (deviation,) = assessed.document()["deviations"]
    assert deviation["rules"] == [rule]
    assert deviation["linkIds"] == [link_id]
    assert deviation["value"] is False


def test_a_deviation_is_told_also_where_it_touched_nothing() -> None:
    (deviation,) = decide(reply(), settings={"safety_net": False}).document()["deviations"]

    assert (deviation["option"], deviation["rules"]) == ("safety_net", [])


def test_unknown_beside_alarms_lets_the_alarms_count_and_the_item_open() -> None:
    assessed = decide(reply({"safety.circulation": ["seizure", "unknown"]}))

    assert fired(assessed) == ["E5"]
    assert opened(assessed) == {"safety.circulation": "unknown"}
    assert not assessed.assessment.complete


def test_none_beside_a_positive_option_is_a_warning_and_the_positive_counts() -> None:
    assessed = decide(reply({"safety.circulation": ["seizure", "none"]}))

    assert (fired(assessed), assessed.invalid) == (["E5"], False)
    assert assessed.assessment.complete
    assert [(i.rule, i.severity) for i in assessed.issues] == [("exclusiveAnswerOption", "warning")]


# ── 16–17: the forms ──


def test_the_short_form_asks_for_hemodialysis_only_beside_none_as_usual() -> None:
    raw = form_of("cramps", short=True).raw
    history = raw["item"][1]

    asked = [one["linkId"] for one in raw["item"][0]["item"]]
    assert asked == [*SAFETY[:5], "safety.nerve-course", *SAFETY[5:]]
    assert history["linkId"] == "history"
    assert len(history["enableWhen"]) == 3
    (item,) = history["item"]
    assert item["linkId"] == "history.hemodialysis"
    assert item["enableWhen"][0]["question"] == "safety.urine"
    assert item["enableWhen"][0]["answerCoding"]["code"] == "none-usual-on-dialysis"
    assert not item.get("required", False)


def test_on_the_short_form_a_blank_hemodialysis_leaves_the_alarm() -> None:
    usual = {"safety.urine": "none-usual-on-dialysis"}

    assert fired(decide(reply(usual, short=True))) == ["E3"]
    assert fired(decide(reply(DIALYSIS, short=True))) == ["E4", "R1"]
    assert decide(reply(DIALYSIS, short=True)).level.code == "indeterminate"


def test_the_short_form_says_that_it_cannot_reassure() -> None:
    assessed = decide(reply(short=True))

    assert assessed.level.code == "indeterminate"
    assert [note["code"] for note in assessed.document()["notes"]] == ["short-form"]
    assert assessed.assessment.complete
    assert status(assessed) == "preliminary"


def test_every_option_has_words_and_only_none_excludes() -> None:
    for group in form_of("cramps").raw["item"]:
        for item in group["item"]:
            for option in item["answerOption"]:
                urls = [one["url"] for one in option.get("extension", [])]
                alone = any(url.endswith("optionExclusive") for url in urls)
                code = option["valueCoding"]["code"]
                assert option["valueCoding"]["display"].strip()
                assert not alone or code == "none"
                assert alone or code != "none" or not item.get("repeats")


def test_only_the_always_asked_safety_items_are_required() -> None:
    items = [item for group in form_of("cramps").raw["item"] for item in group["item"]]

    assert [item["linkId"] for item in items if item.get("required")] == SAFETY


def test_free_text_is_noted_and_never_interpreted() -> None:
    changes = {"history.symptoms": ["poor-sleep", {"free-text": "I fainted, no urine"}]}

    assessed = decide(reply(changes))

    assert fired(assessed) == ["R1"]
    assert [(n["code"], n["about"]) for n in assessed.document()["notes"]] == [
        ("free-text", "history.symptoms")
    ]
    assert opened(assessed) == {}


# ── 26–27: output ──


def test_an_item_answered_unknown_stands_in_because_as_null() -> None:
    changes = {"safety.nerve": "leg-weakness", "safety.nerve-course": "unknown"}

    (finding,) = decide(reply(changes)).document()["findings"]

    assert finding["because"] == [
        {"linkId": "safety.nerve", "answer": "leg-weakness"},
        {"linkId": "safety.nerve-course", "answer": None},
    ]


def test_a_record_of_which_nothing_was_used_changes_nothing() -> None:
    record = [{"resourceType": "Observation", "id": "x", "status": "final", "code": {"text": "?"}}]

    with_record, without = decide(reply(), record=record), decide(reply())

    assert with_record.to_fhir() == without.to_fhir()
    assert with_record.document() == without.document()


def test_rule_ids_sort_as_people_count() -> None:
    changes = {
        "safety.consciousness": "fainted-recovered",
        "safety.urine": "none-new",
        "safety.nerve": ["leg-weakness", "saddle-numbness"],
        "safety.pelvic-mass": "yes",
        "history.labs-known": "critical-or-called-by-lab",
    }

    assert fired(decide(reply(changes))) == ["E2", "E3", "E7", "E9", "E10", "E11", "U2"]
