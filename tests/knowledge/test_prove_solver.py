"""The formulas, the solver, and what happens where there is none."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds.knowledge.proofs.solver import Solver
from cds.knowledge.proofs.terms import (
    FALSE,
    TRUE,
    Key,
    Term,
    Variable,
    both,
    counted,
    either,
    judge_of,
    negated,
)

NAMES: list[Key] = [("v", str(number)) for number in range(4)]


def terms() -> st.SearchStrategy[Term]:
    leaves: st.SearchStrategy[Term] = st.sampled_from([*map(Variable, NAMES), TRUE, FALSE])
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.lists(inner, max_size=3).map(both),
            st.lists(inner, max_size=3).map(either),
            inner.map(negated),
            st.tuples(st.integers(0, 3), st.lists(inner, max_size=3)).map(lambda p: counted(*p)),
        ),
        max_leaves=12,
    )


def worlds() -> list[dict[Key, bool]]:
    return [
        {name: bool(number >> place & 1) for place, name in enumerate(NAMES)}
        for number in range(2 ** len(NAMES))
    ]


@given(terms())
def test_the_solver_finds_a_world_exactly_where_there_is_one(term: Term) -> None:
    found = Solver().find(term)

    assert (found is not None) == any(judge_of(world)(term) for world in worlds())
    if found is not None:
        assert judge_of(found.values)(term)


@given(terms())
def test_the_smallest_world_is_the_smallest(term: Term) -> None:
    found = Solver().smallest(NAMES, term)

    sizes = [sum(world.values()) for world in worlds() if judge_of(world)(term)]
    if found is None:
        assert sizes == []
    else:
        assert sum(found.values.get(name, False) for name in NAMES) == min(sizes)


@given(terms(), terms())
def test_a_question_leaves_nothing_behind_in_the_solver(first: Term, second: Term) -> None:
    solver = Solver()
    alone = Solver().find(second) is None

    solver.smallest(NAMES, first)

    assert (solver.find(second) is None) == alone


def test_two_always_hold_of_two_that_are_true() -> None:
    assert counted(2, [TRUE, TRUE]) is TRUE
    assert counted(3, [TRUE, TRUE]) is FALSE


@pytest.mark.parametrize("args", [["pack", "prove", "cramps"]])
def test_without_the_solver_the_command_says_how_to_install_it(args: list[str]) -> None:
    hide = "import sys; sys.modules['z3'] = None; from cds.__main__ import main; sys.exit(main())"

    done = subprocess.run(
        [sys.executable, "-c", hide, *args], capture_output=True, check=False, timeout=60
    )

    assert done.returncode == 2
    assert b"pip install 'cramp-cds[prove]'" in done.stderr
    assert done.stdout == b""


def test_help_does_not_load_the_solver() -> None:
    script = (
        "import sys; from cds.__main__ import main; main(['pack', '--help']);"
        " sys.exit('z3' in sys.modules)"
    )

    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, check=False, timeout=60
    )

    assert done.returncode == 0
