"""Prove a pack: its laws over every possible set of answers and facts, not over examples.

What to prove stands in `proofs/` (a file a law), the solver in `proofs/solver.py`, what a reader
sees of a counterexample in `proofs/witness.py`. Here they meet.
"""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from cds.core.conditions import facts_asked
from cds.core.pack import Form, Pack
from cds.core.scorer import Scorer
from cds.knowledge.proofs.advice import advice, given_somewhere
from cds.knowledge.proofs.claims import Claim, Group, calm_answers
from cds.knowledge.proofs.flags import declared, flag_claims
from cds.knowledge.proofs.labs import declared_analytes, lab_claims, sided_of
from cds.knowledge.proofs.monotony import exceptions, monotony
from cds.knowledge.proofs.questions import questions_of_form
from cds.knowledge.proofs.scope import Scope
from cds.knowledge.proofs.settled import settled, settlings, unsettled
from cds.knowledge.proofs.short_form import short_form_claims
from cds.knowledge.proofs.silence import silence
from cds.knowledge.proofs.solver import Model, Solver, Undecided
from cds.knowledge.proofs.terms import Key, Term, Variable, both, counted, either, negated
from cds.knowledge.proofs.usefulness import never_implied, usefulness
from cds.knowledge.read.red_flags import RedFlag

MOST_OPTIONS = 4  # every combination up to here; above it the default and each option alone


class Judgement(Enum):
    """What became of a claim."""

    PROVEN = "proven"
    SAID = "said"  # does not hold, and the pack says so openly
    FAILED = "failed"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class ClaimResult:
    """A claim, what became of it, and the world that shows it (a counterexample, or an example)."""

    claim: Claim
    verdict: Judgement
    model: Model | None = None

    @property
    def failed(self) -> bool:
        """Whether the claim is not proven."""
        return self.verdict in {Judgement.FAILED, Judgement.UNDECIDED}


@dataclass(frozen=True, slots=True)
class Proofs:
    """All results of one pack; `questions` counts what the solver was asked."""

    pack: Pack
    results: tuple[ClaimResult, ...]
    questions: int

    @property
    def failures(self) -> tuple[ClaimResult, ...]:
        """What is not proven."""
        return tuple(result for result in self.results if result.failed)

    @property
    def exceptions(self) -> tuple[ClaimResult, ...]:
        """The closed list of answers that may lower a level, each with its example."""
        return tuple(r for r in self.results if r.claim.shown and r.model is not None)


def prove(pack: Pack, laws: Iterable[str] = "abcdegh", red_flags: Sequence[RedFlag] = ()) -> Proofs:
    """Prove the laws of a pack; law a in both directions where its `red_flags` are declared.

    Raises:
        UsageError: the solver is not installed.
    """
    wanted = frozenset(laws)
    scopes = {form.id: scopes_of(pack, form) for form in pack.forms}
    full = scopes[pack.full.id]
    run = _Run()
    for group in _groups(pack, scopes, wanted):
        run.never(group)
    for scope in full if "a" in wanted else ():
        for group in declared(scope, red_flags):
            run.never(group)
    if "c" in wanted:
        run.somewhere(usefulness(full))
        run.together(never_implied(full[0]))
    if "d" in wanted:
        run.somewhere(given_somewhere(full, pack.advice))
    if "b" in wanted:
        run.somewhere(exceptions(full, pack.context))
        run.somewhere(settlings(full, pack.settles))
        run.somewhere(unsettled(full[0]), only_shown=True)
    order = sorted(run.results, key=lambda result: result.claim.law)
    return Proofs(pack, tuple(order), run.asked)


def scopes_of(pack: Pack, form: Form) -> tuple[Scope, ...]:
    """One scope per setting of the site options, the default one first."""
    questions = questions_of_form(form, pack.unknown, pack.fail_safe)
    conditions = [rule.when for rule in pack.rules.rules]
    conditions += [piece.when for piece in pack.advice if piece.when is not None]
    used = {fact for condition in conditions for fact in facts_asked(condition)}
    facts = tuple(sorted(pack.facts | used))
    sided = tuple(sided_of(pack.record))
    return tuple(
        Scope(
            form.id,
            form.short,
            questions,
            pack.rules,
            Scorer(pack.rules, settings).applied,
            settings,
            facts,
            sided,
        )
        for settings in settings_of(pack)
    )


def settings_of(pack: Pack) -> Iterator[dict[str, bool]]:
    """The settings of the site options to look at; only what differs from the default is named."""
    options = pack.rules.options
    if len(options) <= MOST_OPTIONS:
        for chosen in itertools.product((False, True), repeat=len(options)):
            yield {o.name: not o.default for o, other in zip(options, chosen, strict=True) if other}
    else:
        yield {}
        yield from ({option.name: not option.default} for option in options)


def _groups(
    pack: Pack, scopes: dict[str, tuple[Scope, ...]], wanted: frozenset[str]
) -> Iterator[Group]:
    analytes = declared_analytes(pack.record)
    for form in pack.forms:
        for place, scope in enumerate(scopes[form.id]):
            laws = {
                "a": flag_claims(scope),
                "b": itertools.chain(
                    monotony(scope, pack.context), settled(scope, pack.context, pack.settles)
                ),
                "d": advice(scope, pack.advice),
                "e": silence(scope),
                "g": lab_claims(scope, analytes) if form is pack.full else (),
                "h": ()
                if form is pack.full
                else short_form_claims(scope, scopes[pack.full.id][place]),
            }
            for law, groups in laws.items():
                if law in wanted:
                    yield from groups


class _Run:
    """Asks the solver, keeps the results."""

    def __init__(self) -> None:
        self.results: list[ClaimResult] = []
        self.asked = 0

    def never(self, group: Group) -> None:
        """All claims of a group at once first: one answer proves them all."""
        if not group.claims:
            return
        solver = Solver(*group.shared)
        try:
            broken = solver.possible(either(both(claim.terms) for claim in group.claims))
        except Undecided:
            broken = True
        if broken:
            shown = {result.claim.says for result in self.results if result.failed}
            self.results += [
                _refute(solver, claim, again=claim.says in shown) for claim in group.claims
            ]
        else:
            self.results += [ClaimResult(claim, Judgement.PROVEN) for claim in group.claims]
        self.asked += solver.asked

    def somewhere(self, tries: Iterable[Iterable[Claim]], *, only_shown: bool = False) -> None:
        """Each claim holds if one of its tries does; `only_shown`: what does not is no fault."""
        solvers: dict[tuple[int, ...], tuple[Claim, Solver]] = {}
        found = filter(None, [_example(solvers, claims) for claims in tries])
        self.results += [one for one in found if one.model is not None or not only_shown]
        self.asked += sum(solver.asked for _, solver in solvers.values())

    def together(self, groups: Iterable[Sequence[Claim]]) -> None:
        """Claims that one world often shows at once; those that it does not, one by one."""
        solver = None
        for claims in filter(None, groups):
            solver = solver or Solver(claims[0].worlds[0].clean())
            solvers = {tuple(map(id, claims[0].worlds)): (claims[0], solver)}
            try:
                found = solver.possible(*(term for claim in claims for term in claim.terms))
            except Undecided:
                found = False
            if found:
                self.results += [ClaimResult(claim, Judgement.PROVEN) for claim in claims]
            else:
                self.results += [one for c in claims if (one := _example(solvers, [c]))]
        self.asked += solver.asked if solver else 0


def _refute(solver: Solver, claim: Claim, *, again: bool) -> ClaimResult:
    """`again`: shown already on another form or at other settings, so any world will do."""
    try:
        if again:
            model = solver.find(*claim.terms)
            return ClaimResult(claim, Judgement.FAILED if model else Judgement.PROVEN, model)
        if not solver.possible(*claim.terms):
            return ClaimResult(claim, Judgement.PROVEN)
        clean = [world.clean() for world in claim.worlds]
        model = _plainest(solver, claim, *claim.terms, *clean)
        if model is None:
            model = _plainest(solver, claim, *claim.terms)
    except Undecided:
        return ClaimResult(claim, Judgement.UNDECIDED)
    return ClaimResult(claim, Judgement.FAILED, model)


def _example(
    solvers: dict[tuple[int, ...], tuple[Claim, Solver]], tries: Iterable[Claim]
) -> ClaimResult | None:
    """An example is a valid response: one solver per set of worlds assumes that once."""
    first = None
    try:
        for claim in tries:
            first = first or claim
            key = tuple(map(id, claim.worlds))
            if key not in solvers:
                solvers[key] = claim, Solver(*(world.clean() for world in claim.worlds))
            solver = solvers[key][1]
            if solver.possible(*claim.terms):
                shown = _plainest(solver, claim, *claim.terms) if claim.shown else None
                return ClaimResult(claim, Judgement.PROVEN, shown)
    except Undecided:
        return ClaimResult(claim, Judgement.UNDECIDED)
    return (
        ClaimResult(first, Judgement.SAID if first.excuse else Judgement.FAILED) if first else None
    )


def _plainest(solver: Solver, claim: Claim, *terms: Term) -> Model | None:
    """The fewest answers and facts; among those, the one with the fewest that are not calm."""
    said = said_keys(claim)
    fewest = solver.smallest(said, *terms)
    if fewest is None:
        return None
    size = sum(fewest.values.get(key, False) for key in said)
    no_more = negated(counted(size + 1, map(Variable, said)))
    calm = calm_answers(claim.scope)
    loud = [key for key in said if key[0] != "answer" or key[1:] not in calm]
    return solver.smallest(loud, *terms, no_more)


def said_keys(claim: Claim) -> list[Key]:
    """The keys of all that may be said in the worlds of a claim."""
    keys: dict[Key, Term] = {}
    for world in claim.worlds:
        keys.update({key: term for key, term in world.raw.terms.items() if key[0] != "choice"})
    return list(keys)
