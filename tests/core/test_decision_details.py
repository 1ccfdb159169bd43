"""What a decision says besides its level: open questions, notes, floors, deviations, causes."""

from collections.abc import Mapping

import pytest

from cds.core.conditions import AllOf, AnyOf, Equals, HasFact, IsOpen, NoneOf
from cds.core.model import (
    Answers,
    Because,
    Cause,
    Evidence,
    Fact,
    Facts,
    Floor,
    Level,
    Note,
    Option,
    Presence,
    Reassurance,
    RecordOpen,
    Remark,
    Rule,
    Rules,
    State,
    Switch,
)
from cds.core.scorer import Scorer
from cds.core.scoring import score, states

ASKED = ("pain", "place", "since")
RECORD = Evidence("Observation/1")


def level(code: str, rank: int) -> Level:
    calm = rank < 2
    return Level(code, code, rank, code, "!", "red", "info", None, None, not calm, calm, "do")


LEVELS = (level("now", 4), level("soon", 3), level("open", 2), level("later", 1), level("calm", 0))
HURTS = Equals("pain", ("yes",))


def rule(identifier: str, at: str, when: object, **more: object) -> Rule:
    return Rule(identifier, identifier.lower(), identifier, at, "engineering", (), when, **more)  # type: ignore[arg-type]  # a table of tests


RULES = Rules(
    levels=LEVELS,
    rules=(
        rule("A1", "now", AllOf((HURTS, Equals("place", ("chest",))))),
        rule(
            "A2",
            "soon",
            AllOf((HURTS, AnyOf((Equals("since", ("today",)), IsOpen("since"))))),
            remark=Remark("fresh", "It is fresh."),
        ),
        rule("A10", "now", HasFact(("value.high",)), switch=Switch("trust", value=True, off=True)),
        rule("B1", "soon", Equals("place", ("leg",)), switch=Switch("trust", True, level="later")),  # noqa: FBT003 - the option's value
        rule("B2", "later", NoneOf((Equals("place", ("chest",)),))),
    ),
    causes=(
        Cause("strain", "Strain", "engineering", (), (HURTS, Equals("since", ("today",)))),
        Cause("gas", "Gas", "engineering", (), (HURTS, AllOf((HURTS, IsOpen("since"))))),
        Cause("where", "Where", "engineering", (), (Equals("place", ("arm", "chest", "leg")),)),
        Cause("value", "Value", "engineering", (), (HasFact(("value.high",)), HURTS)),
    ),
    options=(Option("trust", default=False, text="We trust."),),
    reassurance=Reassurance(("pain",), ("place",), "open", "calm", "later"),
)
SCORER = Scorer(RULES)


def answers(codes: Mapping[str, tuple[str, ...]], **more: object) -> Answers:
    return Answers(ASKED, codes, **more)  # type: ignore[arg-type]  # a table of tests


def record(**states_: Presence) -> dict[str, Fact]:
    named = {name.replace("_", "."): state for name, state in states_.items()}
    return {name: Fact(name, state, (RECORD,)) for name, state in named.items()}


@pytest.mark.parametrize(
    ("codes", "more", "expected", "complete"),
    [
        ({}, {}, "open", False),
        ({"pain": ("no",)}, {}, "later", True),
        ({"pain": ("no",), "place": ("arm",)}, {}, "later", True),
        ({"pain": ("no",), "place": ("chest",)}, {}, "calm", True),
        ({"pain": ("no",), "place": ("chest",)}, {"open": {"place": "unknown"}}, "later", True),
        ({"pain": ("no",), "place": ("chest",)}, {"open": {"pain": "unknown"}}, "open", False),
        ({"pain": ("no",), "place": ("chest",)}, {"blocked": True}, "open", True),
        ({"pain": ("no",), "place": ("chest",)}, {"short": True}, "open", True),
        ({"place": ("chest",)}, {"excused": frozenset({"pain"})}, "calm", True),
        ({"pain": ("yes",), "place": ("chest",)}, {}, "now", True),
    ],
)
def test_the_level_without_a_record(
    codes: Mapping[str, tuple[str, ...]], more: dict[str, object], expected: str, complete: bool
) -> None:
    found = score(SCORER, answers(codes, **more))

    assert (found.level.code, found.complete) == (expected, complete)


def test_a_floor_of_the_record_raises_and_says_why() -> None:
    note = Note("minor-lab", "Observation/1", "Not judged.")
    facts = Facts(floors=(Floor("soon", note), Floor("later")))
    calm = answers({"pain": ("no",), "place": ("chest",)})

    found = score(SCORER, calm, facts)

    assert found.level.code == "soon"
    assert found.notes == (note,)


def test_a_floor_never_lowers() -> None:
    alarm = answers({"pain": ("yes",), "place": ("chest",)})

    assert score(SCORER, alarm, Facts(floors=(Floor("later"),))).level.code == "now"


def test_the_same_note_is_said_once() -> None:
    note = Note("x", "pain", "text")
    facts = Facts(notes=(note,), floors=(Floor("later", note),))
    said = answers({"pain": ("no",)}, notes=(note,))

    assert score(SCORER, said, facts).notes == (note,)


def test_a_rules_remark_is_about_the_first_answer_that_it_rests_on() -> None:
    found = score(SCORER, answers({"pain": ("yes",), "since": ("today",)}))

    assert found.notes == (Note("fresh", "pain", "It is fresh."),)


def test_an_open_question_names_the_rules_that_wait_for_it_or_rest_on_its_being_open() -> None:
    found = score(SCORER, answers({"pain": ("yes",)}))

    assert [finding.rule.id for finding in found.findings] == ["A2"]
    assert {one.link_id: (one.why, one.rules) for one in found.open} == {
        "place": ("unanswered", ("A1", "B1", "B2")),
        "since": ("unanswered", ("A2",)),
    }


def test_what_no_rule_waits_for_is_not_open_unless_it_is_owed() -> None:
    found = score(SCORER, answers({"pain": ("no",)}))

    assert [one.link_id for one in found.open] == ["place"]


def test_what_was_given_but_cannot_be_used_is_open_in_any_case() -> None:
    unusable = answers({"pain": ("no",), "place": ("chest",)}, open={"since": "free-text"})

    assert [(one.link_id, one.why) for one in score(SCORER, unusable).open] == [
        ("since", "free-text")
    ]


def test_what_hangs_on_an_open_question_is_not_listed_itself() -> None:
    hidden = answers({"pain": ("yes",), "place": ("arm",)}, hidden=frozenset({"since"}))

    assert score(SCORER, hidden).open == ()


def test_an_unusable_part_of_the_record_is_open_although_all_is_answered() -> None:
    facts = Facts(open=(RecordOpen("Observation/1", "unit-unusable", ("value.high",)),))
    full = answers({"pain": ("no",), "place": ("chest",), "since": ("today",)})

    (entry,) = score(SCORER, full, facts).open

    assert (entry.record, entry.why, entry.rules) == ("Observation/1", "unit-unusable", ("A10",))
    assert entry.link_id is None


def test_a_finding_names_answers_open_questions_and_values() -> None:
    facts = Facts(facts=record(value_high=Presence.PRESENT))

    found = score(SCORER, answers({"pain": ("yes",)}), facts)

    assert {one.rule.id: one.because for one in found.findings} == {
        "A10": (Because(fact="value.high", evidence=RECORD),),
        "A2": (Because("pain", "yes"), Because("since", None)),
    }


@pytest.mark.parametrize(
    ("presence", "expected"),
    [
        (Presence.PRESENT, State.FLAGGED),
        (Presence.ABSENT, State.RULED_OUT),
        (Presence.UNKNOWN, State.OPEN),
        (Presence.UNUSABLE, State.OPEN),
    ],
)
def test_a_fact_is_four_things(presence: Presence, expected: State) -> None:
    found = states(SCORER, answers({}), Facts(facts=record(value_high=presence)))

    assert found["A10"] is expected


def test_without_a_record_every_fact_is_unknown() -> None:
    assert states(SCORER, answers({}))["A10"] is State.OPEN


def test_causes_come_by_the_count_of_findings_then_by_name() -> None:
    facts = Facts(facts=record(value_high=Presence.PRESENT))

    found = score(SCORER, answers({"pain": ("yes",)}), facts)

    assert [(one.cause.id, len(one.supported_by)) for one in found.causes] == [
        ("gas", 2),
        ("value", 2),
        ("strain", 1),
    ]
    assert found.causes[0].supported_by == (Because("pain", "yes"), Because("since", None))


@pytest.mark.parametrize("given", [("chest", "arm"), ("leg", "chest", "arm")])
def test_the_order_of_the_answers_does_not_show(given: tuple[str, ...]) -> None:
    one = score(SCORER, answers({"pain": ("yes",), "place": given}))
    other = score(SCORER, answers({"pain": ("yes",), "place": tuple(reversed(given))}))

    assert one == other


def test_a_cause_without_a_finding_is_not_named() -> None:
    absent = Facts(facts=record(value_high=Presence.ABSENT))

    assert score(SCORER, answers({"pain": ("no",)}), absent).causes == ()
    assert score(SCORER, answers({"pain": ("no",)})).causes == ()


def test_an_option_changes_a_rules_level_or_takes_its_finding_for_a_floor() -> None:
    scorer = Scorer(RULES, {"trust": True})
    facts = Facts(facts=record(value_high=Presence.PRESENT))

    found = score(scorer, answers({"pain": ("no",), "place": ("leg",)}), facts)

    assert [(one.rule.id, one.level.code) for one in found.findings] == [
        ("B1", "later"),
        ("B2", "later"),
    ]
    # Switched off without a floor of its own: the lowest level, so it changes nothing.
    assert found.level.code == "later"
    (deviation,) = found.deviations
    assert (deviation.option, deviation.value) == ("trust", True)
    assert deviation.rules == ("A10", "B1")
    assert deviation.link_ids == ("place",)


def test_a_rule_that_is_switched_off_without_a_floor_changes_nothing() -> None:
    scorer = Scorer(RULES, {"trust": True})
    facts = Facts(facts=record(value_high=Presence.PRESENT))

    found = score(scorer, answers({"pain": ("no",), "place": ("chest",)}), facts)

    assert found.level.code == "calm"


def test_a_floor_stands_for_a_rule_that_is_switched_off() -> None:
    off = RULES.rules[2]._replace(switch=Switch("trust", value=True, off=True, floor="soon"))
    rules = RULES._replace(rules=(*RULES.rules[:2], off, *RULES.rules[3:]))
    scorer = Scorer(rules, {"trust": True})
    facts = Facts(facts=record(value_high=Presence.PRESENT))

    found = score(scorer, answers({"pain": ("no",), "place": ("chest",)}), facts)

    assert found.level.code == "soon"
    assert found.findings == ()


@pytest.mark.parametrize("settings", [None, {}, {"trust": False}])
def test_an_option_at_its_default_is_no_deviation(settings: dict[str, bool] | None) -> None:
    scorer = Scorer(RULES, settings)

    assert score(scorer, answers({"place": ("leg",)})).deviations == ()


def test_a_deviation_is_told_although_it_touched_nothing() -> None:
    (deviation,) = score(Scorer(RULES, {"trust": True}), answers({})).deviations

    assert (deviation.rules, deviation.link_ids, deviation.text) == ((), (), "We trust.")


def test_an_option_that_the_pack_does_not_have_is_refused() -> None:
    with pytest.raises(KeyError, match="nonsense"):
        Scorer(RULES, {"nonsense": True})
