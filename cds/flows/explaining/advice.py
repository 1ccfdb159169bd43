"""Which advice goes with a decision: never with an emergency, never two pieces that contradict."""

from cds.core.interpret import truth_of
from cds.core.pack import Advice
from cds.flows.deciding.assessed import Assessed


def advice_for(assessed: Assessed) -> tuple[Advice, ...]:
    """The advice whose condition surely holds; one that yields to another given one is left out."""
    answers = assessed.context.answers
    if answers is None:
        return ()
    level = assessed.level.code
    holding = [
        advice
        for advice in assessed.pack.advice
        if level in advice.levels
        and (advice.when is None or truth_of(advice.when, answers, assessed.facts) is True)
    ]
    given = {advice.id for advice in holding}
    return tuple(advice for advice in holding if given.isdisjoint(advice.yields_to))
