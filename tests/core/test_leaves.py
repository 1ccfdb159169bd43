"""What each kind of leaf is worth in each state of its question, to tree and function."""

from collections.abc import Mapping

import pytest

from cds.core.compiled import Judge, compile_waits
from cds.core.conditions import AtLeast, Condition, Equals, HasFact, IsOpen, NoneOf
from cds.core.interpret import because_of, truth_of
from cds.core.logic import Truth
from cds.core.model import Answers, Because, Evidence, Fact, Facts, Presence
from tests.core.waiting import waits_for

YES = Equals("q", ("yes", "maybe"))
OPEN = IsOpen("q")
SHUT = IsOpen("q", open=False)
STATES: Mapping[str, Answers] = {
    "answered yes": Answers(("q",), {"q": ("yes",)}),
    "answered no": Answers(("q",), {"q": ("no",)}),
    "blank": Answers(("q",), {}),
    "not sure": Answers(("q",), {}, {"q": "unknown"}),
    "yes and not sure": Answers(("q",), {"q": ("yes",)}, {"q": "unknown"}),
    "no and not sure": Answers(("q",), {"q": ("no",)}, {"q": "unknown"}),
    "needless": Answers(("q",), {}, excused=frozenset({"q"})),
}


@pytest.mark.parametrize(
    ("leaf", "expected"),
    [
        (YES, (True, False, None, None, True, None, False)),
        (OPEN, (False, False, True, True, True, True, True)),
        (SHUT, (True, True, None, None, None, None, False)),
        (NoneOf((YES,)), (False, True, None, None, False, None, True)),
        (AtLeast(2, (YES,)), (False, False, None, None, None, None, False)),
        (AtLeast(1, (YES,)), (True, False, None, None, True, None, False)),
    ],
)
def test_a_leaf_in_every_state_of_its_question(
    leaf: Condition, expected: tuple[Truth, ...]
) -> None:
    judge, waits = Judge([leaf]), compile_waits(leaf)
    for (name, answers), wanted in zip(STATES.items(), expected, strict=True):
        assert truth_of(leaf, answers, Facts()) is wanted, name
        known = (answers.codes, answers.open, answers.excused, frozenset[str](), frozenset[str]())
        fired, possible = list(judge.fired(*known)), list(judge.possible(*known))
        assert (bool(fired), bool(fired or possible)) == (wanted is True, wanted is not False), name
        assert bool(waits(*known)) is (wanted is None), name


@pytest.mark.parametrize(
    ("presence", "expected"),
    [
        (Presence.PRESENT, True),
        (Presence.ABSENT, False),
        (Presence.UNKNOWN, None),
        (Presence.UNUSABLE, None),
    ],
)
def test_a_fact_in_every_state(presence: Presence, expected: Truth) -> None:
    facts = Facts({"f": Fact("f", presence)})
    both = Facts({"f": Fact("f", presence), "g": Fact("g", Presence.ABSENT)})

    assert truth_of(HasFact(("f",)), Answers((), {}), facts) is expected
    assert truth_of(HasFact(("f", "g")), Answers((), {}), both) is expected


def test_a_fact_that_the_record_does_not_name_is_unknown() -> None:
    assert truth_of(HasFact(("f",)), Answers((), {}), Facts()) is None


def test_two_facts_count_as_two() -> None:
    there = Facts({name: Fact(name, Presence.PRESENT) for name in "fg"})

    assert truth_of(AtLeast(2, (HasFact(("f", "g")),)), Answers((), {}), there) is True


def test_the_reasons_are_what_makes_it_true() -> None:
    value = Evidence("Observation/1")
    facts = Facts({"f": Fact("f", Presence.PRESENT, (value,)), "g": Fact("g", Presence.ABSENT)})
    answers = STATES["yes and not sure"]

    assert because_of(YES, answers, facts) == (Because("q", "yes"),)
    assert because_of(OPEN, answers, facts) == (Because("q", None),)
    assert because_of(SHUT, STATES["answered yes"], facts) == ()
    assert because_of(NoneOf((YES,)), STATES["answered no"], facts) == ()
    assert because_of(HasFact(("g", "f")), answers, facts) == (Because(fact="f", evidence=value),)
    assert because_of(AtLeast(1, (YES,)), answers, facts) == (Because("q", "yes"),)


def test_only_an_unsettled_condition_waits() -> None:
    assert waits_for(YES, STATES["blank"], Facts()) == {"q"}
    assert waits_for(SHUT, STATES["blank"], Facts()) == {"q"}
    assert waits_for(YES, STATES["answered no"], Facts()) == frozenset()
    assert waits_for(HasFact(("f",)), STATES["blank"], Facts()) == frozenset()
