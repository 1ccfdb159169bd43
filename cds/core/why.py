"""The smallest change of answers that would change the level, in both directions.

A change of one question is looked for first, then of two, then step by step of more; every proposal
is scored again, so what is shown is true of the rules and not guessed from them.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

from cds.core.model import Answers, Assessment, Facts, Level
from cds.core.scorer import Scorer
from cds.core.scoring import NO_FACTS, score

# What a question would be answered with; an empty tuple: left open.
AnswerChange = Mapping[str, tuple[str, ...]]
# Changed answers → all answers, read again as the form would send them (what is asked may change).
Reread = Callable[[AnswerChange], Answers]
_Step = tuple[str, tuple[str, ...]]
MAX_STEPS = 20
PAIR = 2


@dataclass(frozen=True, slots=True)
class Choice:
    """One question as it could be answered. `unknown` and `exclusive` are among the `codes`.

    `asked`: whether the form asks it now; an answer that it does not ask for can only go.
    """

    link_id: str
    codes: tuple[str, ...]
    repeats: bool
    exclusive: frozenset[str]
    unknown: frozenset[str]
    asked: bool = True


@dataclass(frozen=True, slots=True)
class Alternative:
    """Answers to change, each linkId once, and the level that this would lead to."""

    changes: tuple[tuple[str, tuple[str, ...]], ...]
    level: Level


def alternatives(
    scorer: Scorer,
    given: AnswerChange,
    choices: Iterable[Choice],
    reread: Reread,
    facts: Facts = NO_FACTS,
) -> tuple[Alternative | None, Alternative | None]:
    """The smallest change to a more urgent level, and to a less urgent one; None if there is none.

    `given` are the codes as they were answered, those that mean "not known" included. `reread` gets
    the changed questions only.
    """
    search = _Search(scorer, reread, facts)
    steps = [
        (choice.link_id, codes, not choice.exclusive.issuperset(codes))
        for choice in choices
        for codes in _other_answers(choice, given.get(choice.link_id, ()))
    ]
    upward = [(link_id, codes) for link_id, codes, _ in steps]
    # "None of these" is what would be answered first where nothing is wrong.
    downward = [(link_id, codes) for link_id, codes, _ in sorted(steps, key=lambda one: one[2])]
    return search.single(upward, upward=True), search.lower(downward)


class _Search:
    """Scores changed answers; the present level is the one to leave."""

    def __init__(self, scorer: Scorer, reread: Reread, facts: Facts) -> None:
        self._scorer = scorer
        self._reread = reread
        self._facts = facts
        self._now = self._assess({})

    def _assess(self, changes: AnswerChange) -> Assessment:
        return score(self._scorer, self._reread(changes), self._facts)

    def single(self, steps: Iterable[_Step], *, upward: bool) -> Alternative | None:
        """One changed question; of several the one that moves the level least."""
        now = self._now.level.rank
        best: Alternative | None = None
        for link_id, codes in steps:
            level = self._assess({link_id: codes}).level
            moved = level.rank - now if upward else now - level.rank
            if moved > 0 and (best is None or moved < abs(best.level.rank - now)):
                best = Alternative(((link_id, codes),), level)
        return best

    def lower(self, steps: list[_Step]) -> Alternative | None:
        """One question, else two, else as many as it takes (then not proven to be the fewest)."""
        holding = self._relevant(self._now)
        relevant = [step for step in steps if step[0] in holding]
        found = self.single(relevant, upward=False)
        if found is not None:
            return found
        if self._owed(self._now) > PAIR and self._now.level.rank <= self._scorer.floor.rank:
            return self._step_by_step(steps)
        for first, second in combinations(relevant, 2):
            if first[0] != second[0]:
                level = self._assess(dict((first, second))).level
                if level.rank < self._now.level.rank:
                    return Alternative((first, second), level)
        return self._step_by_step(steps)

    def _owed(self, assessment: Assessment) -> int:
        """How many safety questions are open: each must be settled before anything reassures."""
        return sum(one.link_id in self._scorer.safety for one in assessment.open)

    def _relevant(self, assessment: Assessment) -> set[str]:
        """The questions that hold the level where it is; of the open ones safety comes first."""
        opened = {one.link_id for one in assessment.open if one.link_id}
        return self._holding(assessment) | (opened.intersection(self._scorer.safety) or opened)

    @staticmethod
    def _holding(assessment: Assessment) -> set[str]:
        """The questions by which a rule of this level fired."""
        holding = (one for one in assessment.findings if one.level.rank >= assessment.level.rank)
        return {because.link_id for one in holding for because in one.because if because.link_id}

    def _step_by_step(self, steps: list[_Step]) -> Alternative | None:
        """Each step takes away the most of what holds the level."""
        changes: dict[str, tuple[str, ...]] = {}
        assessment = self._now
        for _ in range(MAX_STEPS):
            relevant = self._relevant(assessment)
            tried = [
                (self._weight(after), step, after)
                for step in steps
                if step[0] in relevant and step[0] not in changes
                for after in (self._assess({**changes, step[0]: step[1]}),)
                # Else an alarm that hides the other questions would look like progress.
                if step[0] not in self._holding(after)
            ]
            if not tried:
                return None
            weight, step, after = min(tried, key=lambda one: one[0])
            if weight >= self._weight(assessment):
                return None
            changes[step[0]] = step[1]
            assessment = after
            if after.level.rank < self._now.level.rank:
                return Alternative(tuple(changes.items()), after.level)
        return None

    def _weight(self, assessment: Assessment) -> tuple[int, int, int, int]:
        """How much holds the level: its rank, the reasons there, what is open, safety first."""
        now = self._now.level.rank
        holding = sum(len(one.because) for one in assessment.findings if one.level.rank >= now)
        return assessment.level.rank, holding, self._owed(assessment), len(assessment.open)


def _other_answers(choice: Choice, current: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Every answer that is one step away: another option, one option more, one less."""
    kept = tuple(one for one in current if one not in choice.exclusive | choice.unknown)
    found: dict[tuple[str, ...], None] = {}
    if current and not choice.asked:
        found[()] = None
    for code in choice.codes:
        if code in choice.unknown:
            continue
        found[(code,)] = None
        if choice.repeats and code not in choice.exclusive:
            found[tuple(dict.fromkeys((*kept, code)))] = None
    for code in current:
        fewer = tuple(one for one in current if one != code)
        if fewer:
            found[fewer] = None
    found.pop(current, None)
    yield from found
