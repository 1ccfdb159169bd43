"""The solver: is there a world in which all these formulas hold? The only user of z3.

z3 is the extra `prove`; it is imported when a solver is made, never before.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from cds.errors import UsageError
from cds.knowledge.proofs.terms import (
    And,
    Constant,
    Count,
    Key,
    Not,
    Or,
    Term,
    Variable,
    fold,
)

TIMEOUT_MS = 20_000


@dataclass(frozen=True, slots=True)
class Model:
    """One world: what is true in it. A key that is missing is false."""

    values: Mapping[Key, bool]


class Undecided(Exception):
    """The solver gave up; the claim is then reported as not proven."""


class Solver:
    """Answers one question after the other about the same background; keeps what it learned."""

    def __init__(self, *background: Term) -> None:
        """Assume these formulas in every question.

        Raises:
            UsageError: z3 is not installed.
        """
        self._z3 = _z3()
        self._context = self._z3.Context()
        self._solver = self._z3.SolverFor("QF_FD", self._context)
        self._solver.set("timeout", TIMEOUT_MS)
        self._done: dict[int, tuple[Term, Any]] = {}
        self._named: dict[Key, Any] = {}
        self.asked = 0
        for term in background:
            self._solver.add(self._say(term))

    def find(self, *terms: Term) -> Model | None:
        """A world in which all hold, or None if there is none.

        Raises:
            Undecided: neither could be shown in time.
        """
        with self._assuming(terms):
            return self._answer()

    def possible(self, *terms: Term) -> bool:
        """Whether there is a world in which all hold; cheaper than to spell it out.

        Raises:
            Undecided: neither could be shown in time.
        """
        with self._assuming(terms):
            return self._check()

    def smallest(self, said: Sequence[Key], *terms: Term) -> Model | None:
        """As `find`, with as few of `said` true as can be."""
        found = self.find(*terms)
        if found is None:
            return None
        with self._assuming(terms):
            return self._shrink([self._leaf(Variable(key)) for key in said], said, found)

    @contextmanager
    def _assuming(self, terms: Iterable[Term]) -> Iterator[None]:
        """Until the end of the block, ask only about worlds in which these hold."""
        self._solver.push()
        try:
            for term in terms:
                self._solver.add(self._say(term))
            yield
        finally:
            self._solver.pop()

    def _shrink(self, named: list[Any], said: Sequence[Key], found: Model) -> Model:
        """Ask for fewer until there are none: between `low` (impossible) and `high` (seen)."""
        low, high = -1, _size(found, said)
        while high - low > 1:
            middle = (low + high) // 2
            self._solver.push()
            self._solver.add(self._z3.AtMost(*named, middle))
            fewer = self._answer()
            self._solver.pop()
            if fewer is None:
                low = middle
            else:
                found = fewer
                high = _size(found, said)
        return found

    def _check(self) -> bool:
        self.asked += 1
        result = self._solver.check()
        if result not in (self._z3.unsat, self._z3.sat):
            raise Undecided(self._solver.reason_unknown())
        return bool(result == self._z3.sat)

    def _answer(self) -> Model | None:
        if not self._check():
            return None
        model = self._solver.model()
        true = self._z3.is_true
        return Model({key: true(model[name]) for key, name in self._named.items()})

    def _say(self, term: Term) -> Any:
        return fold(term, self._leaf, self._join, self._done)

    def _leaf(self, term: Constant | Variable) -> Any:
        if isinstance(term, Constant):
            return self._z3.BoolVal(term.value, self._context)
        name = self._named.get(term.key)
        if name is None:
            name = self._named[term.key] = self._z3.Bool("\x1f".join(term.key), self._context)
        return name

    def _join(self, term: Term, parts: list[Any]) -> Any:
        # Straight to the C functions: z3's own And and Or look up the sort of every part, which
        # costs more time than all the solving.
        core, context = self._z3.z3core, self._context
        array = (self._z3.Ast * len(parts))(*(part.ast for part in parts))
        match term:
            case And():
                made = core.Z3_mk_and(context.ref(), len(parts), array)
            case Or():
                made = core.Z3_mk_or(context.ref(), len(parts), array)
            case Not():
                made = core.Z3_mk_not(context.ref(), parts[0].ast)
            case Count(least):
                made = core.Z3_mk_atleast(context.ref(), len(parts), array, least)
            case _:
                raise TypeError(term)  # leaves have no parts
        return self._z3.BoolRef(made, context)


def _size(model: Model, said: Sequence[Key]) -> int:
    return sum(model.values.get(key, False) for key in said)


def _z3() -> Any:
    try:
        import z3  # noqa: PLC0415 - the extra is loaded only when something is to be proven
    except ImportError as error:
        raise UsageError(
            "pack prove",
            "needs the solver z3, which is not installed.",
            "pip install 'cramp-cds[prove]'",
        ) from error
    return z3
