"""What Hypothesis draws for the packs: answers as a person could give them, and facts."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from hypothesis import strategies as st

from cds.core.model import Answers, Evidence, Fact, Facts, Presence
from cds.core.pack import Form, Pack
from cds.core.scorer import Scorer
from cds.flows.deciding.engine import Engine, engines_of
from cds.flows.synthetic.responses import response_of
from cds.forms.answers import read_answers
from cds.knowledge.read.pack import find_pack

PACKS = Path(__file__).parent / "packs"
Given = dict[str, tuple[str, ...]]


@cache
def pack_of(name: str) -> Pack:
    return find_pack(name, (PACKS,))


@cache
def engine_of(
    name: str, *, short: bool = False, options: tuple[tuple[str, bool], ...] = ()
) -> Engine:
    pack = pack_of(name)
    form = next(form for form in pack.forms if form.short is short)
    return engines_of([pack], dict(options))[form.url][0]


def scorer_of(name: str) -> Scorer:
    return engine_of(name).scorer


@cache
def options_of(
    form_url: str, name: str
) -> Mapping[str, tuple[tuple[str, ...], bool, frozenset[str]]]:
    engine = next(e for s in (False, True) if (e := engine_of(name, short=s)).form.url == form_url)
    items = engine.reading.questionnaire.by_link_id
    return {
        link_id: (tuple(items[link_id].codes), items[link_id].repeats, items[link_id].exclusive)
        for link_id in engine.reading.asked
    }


def an_answer(codes: tuple[str, ...], exclusive: frozenset[str], *, repeats: bool) -> Any:
    alone = st.sampled_from(codes).map(lambda code: (code,))
    if not repeats:
        return alone
    others = [code for code in codes if code not in exclusive]
    several = st.lists(st.sampled_from(others), min_size=1, max_size=3, unique=True).map(tuple)
    return st.one_of(alone, several)


def given_answers(name: str, *, short: bool = False) -> st.SearchStrategy[Given]:
    """Any answers to any of the questions: also such as the form would not have asked for."""
    form = engine_of(name, short=short).form
    choices = {
        link_id: an_answer(codes, exclusive, repeats=repeats)
        for link_id, (codes, repeats, exclusive) in options_of(form.url, name).items()
    }
    return st.fixed_dictionaries({}, optional=choices)


def all_facts(name: str) -> st.SearchStrategy[Facts]:
    names = sorted(pack_of(name).facts)

    def made(drawn: dict[str, Presence]) -> Facts:
        return Facts(
            {one: Fact(one, how, (Evidence(f"Observation/{one}"),)) for one, how in drawn.items()}
        )

    presence = st.sampled_from(Presence)
    return st.dictionaries(st.sampled_from(names), presence, max_size=6).map(made)


def random_world(name: str, draw: Random) -> tuple[Answers, Facts]:
    """Answers in any state that reading can leave them in, and facts."""
    engine = engine_of(name)
    codes: dict[str, tuple[str, ...]] = {}
    opened: dict[str, str] = {}
    excused: set[str] = set()
    for link_id, (options, repeats, exclusive) in options_of(engine.form.url, name).items():
        known = [code for code in options if code not in engine.pack.unknown]
        fate = draw.random()
        if fate < 0.15:
            continue
        if fate < 0.2:
            excused.add(link_id)
            continue
        count = draw.choice([1, 1, 2, 3]) if repeats else 1
        positive = [code for code in known if code not in exclusive]
        codes[link_id] = (
            tuple(draw.sample(positive, min(count, len(positive))))
            if count > 1
            else (draw.choice(known),)
        )
        if fate < 0.3:
            opened[link_id] = draw.choice(["unknown", "unreadable", "duplicate"])
            if fate < 0.25:
                del codes[link_id]
    facts = {
        fact: Fact(fact, draw.choice(list(Presence)), (Evidence(f"Observation/{fact}"),))
        for fact in sorted(engine.pack.facts)
        if draw.random() < 0.1
    }
    answers = Answers(engine.reading.asked, codes, opened, frozenset(excused))
    return answers, Facts(facts)


def form_of(name: str, *, short: bool = False) -> Form:
    return engine_of(name, short=short).form


def read(name: str, given: Mapping[str, tuple[str, ...]], *, short: bool = False) -> Answers:
    """The answers as the reader gives them to the engine."""
    engine = engine_of(name, short=short)
    return read_answers(response_of(engine.form, given), engine.reading).answers
