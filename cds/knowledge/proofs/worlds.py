"""A world: all that a response and a record may say at once, and what the rules make of it.

The encoding follows the engine step by step: what was ticked (`Raw`), which questions were asked,
which answers count, the certain and the possible truth of every condition, and the level. A test
holds it against the engine on random worlds.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from cds.core.conditions import Condition, Equals, HasFact, IsOpen, facts_asked
from cds.knowledge.proofs.questions import EnableGate, Question
from cds.knowledge.proofs.scope import UNKNOWN, Raw, Scope, codes_of
from cds.knowledge.proofs.sides import Logic, TruthSides, joined
from cds.knowledge.proofs.terms import FALSE, TRUE, Key, Term, both, counted, either, negated

_LOGIC = Logic(either, both, counted, negated)


@dataclass(slots=True)
class World:
    """What the engine makes of a raw world; each part is worked out once."""

    scope: Scope
    raw: Raw
    _terms: dict[Key, Term] = field(default_factory=dict)
    _pairs: dict[int, tuple[Condition, TruthSides[Term]]] = field(default_factory=dict)

    def _once(self, key: Key, make: Callable[[], Term]) -> Term:
        term = self._terms.get(key)
        if term is None:
            term = self._terms[key] = make()
        return term

    def but(self, facts: Mapping[Key, Term]) -> "World":
        """The same world but for these facts; all that does not depend on them is shared."""
        changed = {key[1] for key in facts}
        return World(
            self.scope,
            self.raw.with_(facts),
            {key: term for key, term in self._terms.items() if key[0] != "reaches"},
            {
                place: known
                for place, known in self._pairs.items()
                if changed.isdisjoint(facts_asked(known[0]))
            },
        )

    # --- answers ---

    def ticked(self, link_id: str, code: str) -> Term:
        """Whether the code counts as an answer."""
        return self._once(("ticked", link_id, code), lambda: self._ticked(link_id, code))

    def _ticked(self, link_id: str, code: str) -> Term:
        question = self.scope.question(link_id)
        if question is None or code not in codes_of(question):
            return FALSE
        said = self.raw["answer", link_id, code]
        if code in question.exclusive:
            others = (
                self.raw["answer", link_id, c]
                for c in question.codes
                if c not in question.exclusive
            )
            said = both((said, negated(either(others))))
        return said if question.fail_safe else both((said, negated(self.needless(link_id))))

    def twice(self, question: Question) -> Term:
        """A second answer to a one-answer question."""
        if question.repeats:
            return FALSE
        said = [self.raw["answer", question.link_id, code] for code in codes_of(question)]
        return self._once(("twice", question.link_id), lambda: counted(2, said))

    def open(self, link_id: str) -> Term:
        """Whether the question has no answer that can be relied on."""
        question = self.scope.question(link_id)
        if question is None:
            return TRUE
        return self._once(
            ("open", link_id),
            lambda: either(
                (
                    negated(either(self.ticked(link_id, code) for code in question.codes)),
                    self.ticked(link_id, UNKNOWN),
                    self.twice(question),
                )
            ),
        )

    def excused(self, link_id: str) -> Term:
        """Not asked because a known answer made it needless, and not answered all the same."""
        question = self.scope.question(link_id)
        if question is None:
            return FALSE
        return self._once(
            ("excused", link_id),
            lambda: both(
                (
                    self.needless(link_id),
                    negated(either(self.ticked(link_id, code) for code in question.codes)),
                )
            ),
        )

    def needless(self, link_id: str) -> Term:
        """Whether known answers keep the form from asking the question."""
        question = self.scope.question(link_id)
        if question is None:
            return FALSE
        return self._once(("needless", link_id), lambda: self._needless(question))

    def _needless(self, question: Question) -> Term:
        controls = dict.fromkeys(link_id for gate in question.gates for link_id, _ in gate.asks)
        doubted = either(
            either((self.twice(source), self.raw["answer", source.link_id, UNKNOWN]))
            for link_id in controls
            if (source := self.scope.question(link_id)) is not None
        )
        shut = either(negated(self._passes(gate, sure=False)) for gate in question.gates)
        return both((shut, negated(doubted)))

    def asked(self, link_id: str) -> Term:
        """Whether the form asks the question for certain."""
        question = self.scope.question(link_id)
        gates = question.gates if question is not None else ()
        return both(self._passes(gate, sure=True) for gate in gates)

    def _passes(self, gate: EnableGate, *, sure: bool) -> Term:
        join = both if gate.every else either
        return join(self._met(link_id, code, sure=sure) for link_id, code in gate.asks)

    def _met(self, link_id: str, code: str, *, sure: bool) -> Term:
        source = self.scope.question(link_id)
        if source is None:
            return FALSE
        said = [self.raw["answer", link_id, one] for one in codes_of(source)]
        met = self.raw["answer", link_id, UNKNOWN if code == source.unknown else code]
        return met if sure else either((met, negated(either(said))))

    def waiting(self, link_id: str) -> Term:
        """Open, and not because it was needless to ask."""
        return both((self.open(link_id), negated(self.excused(link_id))))

    # --- conditions ---

    def truth(self, condition: Condition) -> TruthSides[Term]:
        """Certain and possible truth of a condition; follows `cds.core.compiled` case by case."""
        known = self._pairs.get(id(condition))
        if known is None:
            known = self._pairs[id(condition)] = (condition, self._truth(condition))
        return known[1]

    def _truth(self, condition: Condition) -> TruthSides[Term]:
        match condition:
            case Equals(question, codes):
                certain = either(self.ticked(question, code) for code in codes)
                return TruthSides(certain, either((certain, self.waiting(question))))
            case IsOpen(question, True):
                open_ = self.open(question)
                return TruthSides(open_, open_)
            case IsOpen(question, _):
                shut = negated(self.open(question))
                return TruthSides(shut, either((shut, self.waiting(question))))
            case HasFact(facts):
                return TruthSides(
                    either(self.raw["present", fact] for fact in facts),
                    either(negated(self.raw["absent", fact]) for fact in facts),
                )
            case _:
                return joined(condition, self.truth, _LOGIC)

    # --- the level ---

    def fires(self, rule: str) -> Term:
        """Whether the rule's condition is certainly true, whatever the site options make of it."""
        one = next(one for one in self.scope.applied if one.rule.id == rule)
        return self.truth(one.rule.when).certain

    def argued(self, rank: int, without: str | None = None) -> Term:
        """Whether the rules alone reach this rank (floors of switched-off rules among them)."""
        return either(
            self.truth(one.rule.when).certain
            for one in self.scope.applied
            if one.rule.id != without and (one.floor or one.level).rank >= rank
        )

    def incomplete(self) -> Term:
        """Whether some safety item is open without excuse."""
        return self._once(
            ("incomplete",),
            lambda: either(self.waiting(item) for item in self.scope.reassurance.safety),
        )

    def reaches(self, rank: int, without: str | None = None) -> Term:
        """Whether the level is at least of this rank."""
        return self._once(
            ("reaches", str(rank), without or ""),
            lambda: either((self.argued(rank, without), self._base(rank))),
        )

    def _base(self, rank: int) -> Term:
        needs, rules = self.scope.reassurance, self.scope.rules
        faulty = either(self.twice(question) for question in self.scope.questions)
        doubtful = either((self.incomplete(), self.raw["blocked",], faulty))
        if self.scope.short:
            doubtful = TRUE
        gaps = either(self.open(item) for item in needs.history)
        return either(
            (
                both((doubtful, _if(rules.level(needs.floor).rank >= rank))),
                both((negated(doubtful), gaps, _if(rules.level(needs.otherwise).rank >= rank))),
                both(
                    (negated(doubtful), negated(gaps), _if(rules.level(needs.lowest).rank >= rank))
                ),
            )
        )

    def is_level(self, code: str) -> Term:
        """Whether the level is exactly this one."""
        rank = self.scope.rules.level(code).rank
        above = [level.rank for level in self.scope.rules.levels if level.rank > rank]
        return both((self.reaches(rank), negated(self.reaches(min(above))) if above else TRUE))

    # --- what can be handed in ---

    def possible(self) -> Term:
        """A fact is not both there and not there; what has sides is there on one of them."""
        parts = [
            negated(both((self.raw["present", fact], self.raw["absent", fact])))
            for fact in self.scope.facts
        ]
        for fact, sides in self.scope.sided:
            there = either(self.raw["present", side] for side in sides)
            parts.append(either((negated(self.raw["present", fact]), there)))
        return both(parts)

    def clean(self) -> Term:
        """A valid response: one answer where one is allowed, `none` alone, only what was asked."""
        parts: list[Term] = [self.possible()]
        for question in self.scope.questions:
            said = {code: self.raw["answer", question.link_id, code] for code in codes_of(question)}
            parts.append(negated(self.twice(question)))
            alone = [code for code in question.exclusive if code in said]
            for code in alone:
                others = either(term for other, term in said.items() if other != code)
                parts.append(negated(both((said[code], others))))
            if question.gates:
                parts.append(either((self.asked(question.link_id), negated(either(said.values())))))
        return both(parts)


def _if(value: bool) -> Term:  # noqa: FBT001 - turns a fact about the pack into a formula
    return TRUE if value else FALSE
