"""What `decided.md` settled about the rules (10 to 15)."""

from typing import Any

import pytest

from tests.replies import DIALYSIS, decide, fired, opened, reply

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
        ({"safety.circulation": "cold-clammy-skin"}, "U7"),
        ({"safety.circulation": "too-weak-to-stand"}, "U7"),
        ({"safety.circulation": "fast-or-irregular-heartbeat"}, "U7"),
        # 11
        ({"safety.fluid-loss": "cannot-keep-fluids-down"}, "U4"),
        ({"safety.fluid-loss": "dizzy-on-standing"}, "U4"),
        ({"safety.fluid-loss": "heavy-sweating-or-heat"}, "not U4"),
        ({"safety.fluid-loss": ["heavy-sweating-or-heat", "extreme-thirst-or-dry-mouth"]}, "U4"),
        # 12
        ({"history.symptoms": "shaky-sweaty-hungry", "history.conditions": "diabetes"}, "U5 R10"),
        ({"history.symptoms": "shaky-sweaty-hungry", "history.conditions": "unknown"}, "U5 R10"),
        ({"history.symptoms": "shaky-sweaty-hungry", "history.conditions": None}, "U5 R10"),
        ({"history.symptoms": "shaky-sweaty-hungry", "history.conditions": "none"}, "R10"),
        ({"history.symptoms": "shaky-sweaty-hungry", "history.conditions": "none"}, "not U5"),
        # 13
        ({"history.labs-known": "outside-range"}, "U3"),
        ({"history.labs-known": "critical-or-called-by-lab"}, "E7"),
        ({"history.labs-known": "all-normal"}, "not U3"),
        # 14
        ({"history.conditions": "known-neuropathy"}, "R2"),
        ({"history.conditions": "known-neuropathy", "safety.nerve": "leg-weakness"}, "E9 R2"),
        ({"history.conditions": "peripheral-artery-disease"}, "R2"),
        ({"history.triggers": "walking-eased-by-rest"}, "R7"),
        ({"history.conditions": "spinal-stenosis-or-sciatica"}, "R2"),
        ({"history.triggers": "walking-or-standing-eased-by-bending"}, "R11"),
        ({"history.symptoms": "pain-from-back-down-leg"}, "R10"),
        ({"history.triggers": "new-medicine"}, "R9"),
        ({"history.triggers": "dialysis-session"}, "R2"),
        ({"history.triggers": "sitting-long"}, "none"),
        ({"history.conditions": "recent-muscle-injury"}, "none"),
        ({"history.relievers": "not-tried"}, "none"),
        # 8 (E8 is not "alone"), E5 counts two signs
        (
            {
                "safety.circulation": ["fast-or-irregular-heartbeat", "cold-clammy-skin"],
                "history.medications": "diuretic",
            },
            "E5 E8 U7 R9",
        ),
        ({"safety.circulation": "seizure"}, "E5"),
        ({"safety.circulation": "confused-or-very-drowsy"}, "E5"),
    ],
)
def test_the_decided_readings_of_the_rules_hold(changes: dict[str, Any], expected: str) -> None:
    found = fired(decide(reply(changes)))

    if expected == "none":
        assert found == []
    elif expected.startswith("not "):
        assert expected.removeprefix("not ") not in found
    else:
        assert set(expected.split()) <= set(found)


def test_the_dialysis_exception_is_a_finding_at_routine_with_its_note() -> None:
    assessed = decide(reply(DIALYSIS))

    assert [(f.rule.id, f.level.code) for f in assessed.findings] == [
        ("E4", "routine"),
        ("R2", "routine"),
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
