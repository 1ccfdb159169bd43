"""The laws of the decision, on the shipped pack and on one of another subject."""

from functools import cache
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds.core.compiled import compile_waits
from cds.core.conditions import alarms_of
from cds.core.interpret import because_of, truth_of
from cds.core.model import Fact, Facts, Presence, State
from cds.core.scorer import natural
from cds.core.scoring import score, states
from cds.core.sides import sides_of
from tests.core.waiting import waits_for
from tests.strategies import (
    Given,
    all_facts,
    engine_of,
    given_answers,
    options_of,
    pack_of,
    random_world,
    read,
    scorer_of,
)

NAMES = st.sampled_from(["cramps", "boiler"])
TRUTH = {State.FLAGGED: True, State.RULED_OUT: False, State.OPEN: None}
WORLDS = NAMES.flatmap(lambda name: st.tuples(st.just(name), given_answers(name), all_facts(name)))
World = tuple[str, Given, Facts]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["cramps", "boiler"])
def test_the_compiled_function_agrees_with_the_tree_on_5000_worlds(name: str) -> None:
    scorer = scorer_of(name)
    waits = {one.rule.id: compile_waits(one.rule.when) for one in scorer.applied}
    fired: set[str] = set()
    for world in range(5000):
        answers, facts = random_world(name, Random(world))  # noqa: S311
        known = (answers.codes, answers.open, answers.excused, *sides_of(facts))

        found = states(scorer, answers, facts)
        assessment = score(scorer, answers, facts)

        for one in scorer.applied:
            expected = truth_of(one.rule.when, answers, facts)
            assert TRUTH[found[one.rule.id]] is expected, (world, one.rule.id)
            if expected is not False:
                waiting = waits_for(one.rule.when, answers, facts)
                assert set(waits[one.rule.id](*known)) == waiting, (world, one.rule.id)
        for finding in assessment.findings:
            assert finding.because, (world, finding.rule.id)
            assert finding.because == because_of(finding.rule.when, answers, facts)
        fired |= {finding.rule.id for finding in assessment.findings}
    assert fired == {rule.id for rule in pack_of(name).rules.rules}, "a rule that never fired"


@given(WORLDS, st.data())
def test_an_alarm_answer_added_never_lowers_the_level(world: World, data: st.DataObject) -> None:
    name, answered, facts = world
    question, code = data.draw(st.sampled_from(_alarms(name)))
    scorer = scorer_of(name)
    before = score(scorer, read(name, answered), facts)

    _, repeats, exclusive = options_of(engine_of(name).form.url, name)[question]
    kept = tuple(c for c in answered.get(question, ()) if c not in exclusive) if repeats else ()
    after = score(
        scorer, read(name, {**answered, question: tuple(dict.fromkeys((*kept, code)))}), facts
    )

    if repeats or question not in answered:
        assert after.level.rank >= before.level.rank


@cache
def _alarms(name: str) -> list[tuple[str, str]]:
    pack = pack_of(name)
    context = {(one.question, one.code) for one in pack.context}
    alerting = [rule for rule in pack.rules.rules if pack.rules.level(rule.level).alert]
    settled = pack.rules.reassurance.safety
    found = {pair for rule in alerting for pair in alarms_of(rule.when)} - context
    # An answer that rests on a context answer ("none, as usual on dialysis") is no alarm by itself.
    return sorted((q, c) for q, c in found if not _needs_context(name, q, c) and q in settled)


def _needs_context(name: str, question: str, code: str) -> bool:
    scorer = scorer_of(name)
    alone = score(scorer, read(name, {question: (code,)}))
    return not any(
        b.answer == code for f in alone.findings for b in f.because if b.link_id == question
    )


@given(WORLDS, st.data())
def test_an_answer_removed_or_made_unknown_never_reassures(
    world: World, data: st.DataObject
) -> None:
    name, answered, facts = world
    scorer = scorer_of(name)
    safety = pack_of(name).rules.reassurance.safety
    question = data.draw(st.sampled_from(safety))
    without = {key: value for key, value in answered.items() if key != question}
    unknown = {**without, question: ("unknown",)}

    for changed in (without, unknown):
        answers = read(name, changed)
        if question not in answers.excused:
            assert not score(scorer, answers, facts).level.reassures


@given(WORLDS, st.data())
def test_unanswered_and_unknown_are_equal(world: World, data: st.DataObject) -> None:
    name, answered, facts = world
    scorer = scorer_of(name)
    question = data.draw(st.sampled_from(engine_of(name).reading.asked))
    if "unknown" not in options_of(engine_of(name).form.url, name)[question][0]:
        return
    # A blank item that controls others hides them by FHIR's rules; what "not sure" shows is asked.
    controlling = {
        when.question
        for item in engine_of(name).reading.questionnaire.by_link_id.values()
        for when in item.enable_when
    }
    if question in controlling:
        return
    without = {key: value for key, value in answered.items() if key != question}

    blank = score(scorer, read(name, without), facts)
    unsure = score(scorer, read(name, {**without, question: ("unknown",)}), facts)

    assert blank.level == unsure.level
    assert [f.rule.id for f in blank.findings] == [f.rule.id for f in unsure.findings]


@given(WORLDS)
def test_an_absent_fact_never_cancels_an_answer(world: World) -> None:
    name, answered, _ = world
    scorer, answers = scorer_of(name), read(name, answered)
    normal = Facts({one: Fact(one, Presence.ABSENT) for one in pack_of(name).facts})

    assert score(scorer, answers, normal).level.rank >= score(scorer, answers).level.rank


@given(WORLDS)
def test_one_more_present_fact_never_lowers_the_level(world: World) -> None:
    name, answered, facts = world
    scorer, answers = scorer_of(name), read(name, answered)
    more = Facts({one: Fact(one, Presence.PRESENT) for one in pack_of(name).facts})

    assert score(scorer, answers, more).level.rank >= score(scorer, answers, facts).level.rank


@given(given_answers("cramps", short=True))
def test_the_short_form_never_reassures(answered: Given) -> None:
    assessment = score(scorer_of("cramps"), read("cramps", answered, short=True))

    assert not assessment.level.reassures


@pytest.mark.parametrize(
    ("names", "sorted_"),
    [(["E10", "E2", "U1", "E1"], ["E1", "E2", "E10", "U1"]), (["a", "10", "9"], ["9", "10", "a"])],
)
def test_rule_ids_sort_as_people_count(names: list[str], sorted_: list[str]) -> None:
    assert sorted(names, key=natural) == sorted_


def test_findings_come_most_urgent_first_then_by_rule() -> None:
    given_: dict[str, Any] = {
        "safety.consciousness": ("fainted-recovered",),
        "safety.urine": ("none-new",),
        "safety.nerve": ("leg-weakness", "saddle-numbness"),
        "safety.pelvic-mass": ("yes",),
    }

    assessment = score(scorer_of("cramps"), read("cramps", given_))

    assert [f.rule.id for f in assessment.findings] == ["E2", "E3", "E9", "E10", "E11", "U2"]
    assert assessment.level == assessment.findings[0].level


@given(WORLDS)
def test_nobody_is_told_the_reasons_of_whoever_came_before(world: World) -> None:
    """Findings are kept for those who answer alike; a record and open questions are one's own."""
    name, given_answers, facts = world
    scorer, answers = scorer_of(name), read(name, given_answers)
    others = (answers._replace(open={}), Facts()), (answers, Facts()), (answers, facts)
    for own in others:
        scorer.findings.clear()
        alone = score(scorer, *own)
        for other in others:
            scorer.findings.clear()
            score(scorer, *other)
            assert score(scorer, *own) == alone

            kept = [because for one in scorer.findings.values() for because in one.because]
            assert all(one.evidence is None for one in kept)
