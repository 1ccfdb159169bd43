"""The causes that answers and facts support: counted, never weighed, never a diagnosis."""

from cds.core.fields import of_fields
from cds.core.interpret import because_of
from cds.core.model import Answers, Because, Facts, SupportedCause
from cds.core.scorer import Scorer

_Support = dict[int, list[Because]]


def supported_causes(
    scorer: Scorer,
    answers: Answers,
    facts: Facts,
    present: frozenset[str],
    absent: frozenset[str],
) -> tuple[SupportedCause, ...]:
    """Every cause with its findings: the most findings first, ties by name.

    `present` and `absent` are the sides of the facts.
    """
    support = _of_answers(scorer, answers)
    shown = not scorer.cause_facts.isdisjoint(present)
    if shown:
        for index, one in scorer.fact_support:
            if not present.isdisjoint(one.facts):
                _add(support, index, because_of(one, answers, facts))
    if shown or scorer.other_judge.needs_no_record:
        judged = scorer.other_judge.fired if shown else scorer.other_judge.plain
        for place in judged(answers.codes, answers.open, answers.excused, present, absent):
            index, condition = scorer.other_support[place]
            _add(support, index, because_of(condition, answers, facts))
    causes = scorer.causes
    # The causes stand in the order of their names.
    order = sorted([(-len(why), index) for index, why in support.items()])
    return tuple(
        [of_fields(SupportedCause, (causes[index], tuple(support[index]))) for _, index in order]
    )


def _of_answers(scorer: Scorer, answers: Answers) -> _Support:
    support: _Support = {}
    codes, known = answers.codes, scorer.simple_support
    for question in filter(known.__contains__, codes):
        given, supported = codes[question], known[question]
        # The order of the answers must not show in the decision.
        for code in given if len(given) == 1 else sorted(given):
            if code in supported:
                because, causes = supported[code]
                for index in causes:
                    support.setdefault(index, []).append(because)
    return support


def _add(support: _Support, index: int, more: tuple[Because, ...]) -> None:
    """One finding supports a cause once, however many conditions name it."""
    if more:
        support[index] = list(dict.fromkeys((*support.get(index, ()), *more)))
