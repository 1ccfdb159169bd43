"""The causes that answers and facts support: counted, never weighed, never a diagnosis."""

from cds.core.interpret import because_of
from cds.core.model import Answers, Because, Facts, SupportedCause
from cds.core.scorer import Scorer, Supports
from cds.core.sides import NONE

Support = dict[int, list[Because]]
_MAX_KEPT = 256


def supported_causes(
    scorer: Scorer,
    answers: Answers,
    facts: Facts,
    present: frozenset[str] = NONE,
    absent: frozenset[str] = NONE,
) -> tuple[SupportedCause, ...]:
    """Every cause with its findings: the most findings first, ties by name.

    `present` and `absent` are the sides of the facts.
    """
    support = _of_answers(scorer, answers)
    if present:
        for index, shown in scorer.fact_support:
            if not present.isdisjoint(shown.facts):
                _add(support, index, because_of(shown, answers, facts))
    if facts.facts or scorer.other_judge.needs_no_record:
        judged = scorer.other_judge.fired if facts.facts else scorer.other_judge.plain
        for place in judged(answers.codes, answers.open, answers.excused, present, absent):
            index, condition = scorer.other_support[place]
            _add(support, index, because_of(condition, answers, facts))
    causes = scorer.rules.causes
    found = [SupportedCause(causes[index], tuple(reasons)) for index, reasons in support.items()]
    if len(found) > 1:
        found.sort(key=_by_weight)
    return tuple(found)


def _by_weight(one: SupportedCause) -> tuple[int, str]:
    return -len(one.supported_by), one.cause.id


def _of_answers(scorer: Scorer, answers: Answers) -> Support:
    support: Support = {}
    known = scorer.supports
    for question, codes in answers.codes.items():
        table = known.get(question)
        if table is None:
            continue
        found = table.get(codes)
        if found is None:
            found = _supports(scorer, question, codes)
        for because, causes in found:
            for index in causes:
                support.setdefault(index, []).append(because)
    return support


def _supports(scorer: Scorer, question: str, codes: tuple[str, ...]) -> Supports:
    """What the answers to one question support; remembered for whoever gives the same ones."""
    supported = scorer.simple_support[question]
    # The order of the answers must not show in the decision.
    found = tuple(supported[code] for code in sorted(codes) if code in supported)
    kept = scorer.supports[question]
    if len(kept) >= _MAX_KEPT:
        kept.clear()
    kept[codes] = found
    return found


def _add(support: Support, index: int, more: tuple[Because, ...]) -> None:
    """One finding supports a cause once, however many conditions name it."""
    if more:
        found = support.setdefault(index, [])
        found.extend(because for because in more if because not in found)
