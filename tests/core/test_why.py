"""The smallest change of answers: what is shown is true, and small."""

from itertools import permutations

from hypothesis import given, settings
from hypothesis import strategies as st

from cds.core.model import Answers
from cds.core.scoring import NO_FACTS, score
from cds.core.why import Alternative, alternatives
from cds.flows.explaining.again import Again
from cds.flows.explaining.explain import as_choice
from cds.flows.synthetic.responses import response_of
from tests.strategies import Given, engine_of, given_answers, read

WORLDS = st.sampled_from(["cramps", "boiler"]).flatmap(
    lambda name: st.tuples(st.just(name), given_answers(name))
)


def found(name: str, answered: Given) -> tuple[Alternative | None, Alternative | None]:
    engine = engine_of(name)
    again = Again(response_of(engine.form, answered), engine)
    items = engine.reading.questionnaire.by_link_id
    choices = [as_choice(items[one], engine, asked=one in again.asked) for one in again.asked]
    return alternatives(engine.scorer, read(name, answered).codes, choices, again.read)


def level(name: str, answers: Answers) -> int:
    return score(engine_of(name).scorer, answers, NO_FACTS).level.rank


@settings(max_examples=15)
@given(WORLDS)
def test_each_alternative_leads_where_it_says(world: tuple[str, Given]) -> None:
    name, answered = world
    engine = engine_of(name)
    again = Again(response_of(engine.form, answered), engine)
    now = level(name, again.read({}))

    for direction, alternative in zip((1, -1), found(name, answered), strict=True):
        if alternative is not None:
            assert len(dict(alternative.changes)) == len(alternative.changes)
            after = level(name, again.read(dict(alternative.changes)))
            assert after == alternative.level.rank
            assert (after - now) * direction > 0


@settings(max_examples=40)
@given(given_answers("boiler"))
def test_no_single_change_is_missed(answered: Given) -> None:
    """Every single other answer, tried by hand: if one moves the level, one is shown."""
    engine = engine_of("boiler")
    again = Again(response_of(engine.form, answered), engine)
    now = level("boiler", again.read({}))
    higher, lower = found("boiler", answered)
    items = engine.reading.questionnaire.by_link_id

    for link_id in again.asked:
        for code in items[link_id].codes:
            if code in engine.pack.unknown:
                continue  # not knowing is nothing to propose
            after = level("boiler", again.read({link_id: (code,)}))
            if after > now:
                assert higher is not None
                assert len(higher.changes) == 1
                assert higher.level.rank <= after
            if after < now:
                assert lower is not None


def test_the_shown_change_does_not_hang_on_the_order_of_the_questions() -> None:
    engine = engine_of("boiler")
    answered: Given = {"air.smell": ("gas",)}
    again = Again(response_of(engine.form, answered), engine)
    items = engine.reading.questionnaire.by_link_id
    listed = [as_choice(items[one], engine) for one in again.asked]

    shown = [
        alternatives(engine.scorer, answered, order, again.read) for order in permutations(listed)
    ]

    assert len({higher.level if higher else None for higher, _ in shown}) == 1
    assert len({lower.level if lower else None for _, lower in shown}) == 1
