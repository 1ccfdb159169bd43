"""A card is read in five seconds: the law of the cards, over every scenario and random worlds."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from cds import wire
from cds.core.pack import Pack
from cds.flows.assess import Assessor
from cds.flows.hooks import Verdict, Visit, consider
from cds.flows.synthetic.hook_samples import SAMPLED_HOOKS, draft_order
from cds.flows.synthetic.samples import Sample, samples
from cds.web.cards.cards import draw
from cds.web.cards.sheet import CardPlace
from cds.web.cards.stationery import INPUT
from cds.web.contract.answers import CardsResponse

Json = dict[str, Any]
WORLDS = 5_000
QUICK = 120


@pytest.fixture(scope="module")
def assessor(pack: Pack) -> Assessor:
    return Assessor([pack])


PLACES = tuple(
    CardPlace("cramps-any", "instance", "https://cds.example.org", form)
    for form in ("https://form.example.org/launch", "")
)


@pytest.fixture(params=PLACES, ids=["with a form app", "without one"], scope="module")
def place(request: pytest.FixtureRequest) -> CardPlace:
    chosen: CardPlace = request.param
    return chosen


def _verdict(pack: Pack, assessor: Assessor, sample: Sample, hook: str, **changes: Any) -> Verdict:
    patient = sample.response["subject"]["reference"].partition("/")[2]
    orders = (draft_order(pack, patient),) if hook.startswith("order") else ()
    visit = Visit(patient, sample.now, [sample.response], sample.record, orders=orders)
    return consider(pack, assessor, visit._replace(**changes))


def written(verdict: Verdict, place: CardPlace) -> list[Json]:
    cards: list[Json] = json.loads(wire.write(list(draw(verdict, place).cards)))
    return cards


def law(verdict: Verdict, cards: list[Json]) -> Iterator[str]:
    """Every way in which these cards break the law."""
    try:
        CardsResponse.model_validate({"cards": cards})
    except ValueError as error:
        yield str(error)
    ranks = {level.code: level.rank for level in verdict.pack.rules.levels}
    level = verdict.assessed.level if verdict.assessed else None
    critical = [card for card in cards if card["indicator"] == "critical"]
    if (level is not None and level.alert) != bool(critical):
        yield "an emergency is a critical card, and nothing else is"
    if len({card["uuid"] for card in cards}) != len(cards):
        yield "every card has an id of its own"
    for card in cards:
        yield from _card_law(card, verdict.pack.say(INPUT))
    lower = {one.action for one in verdict.pack.rules.levels if level and one.rank < level.rank}
    if critical and level is not None and level.rank == max(ranks.values()):
        kinds = [
            action["resource"]["resourceType"]
            for card in cards
            for one in card.get("suggestions", ())
            for action in one["actions"]
        ]
        if "ServiceRequest" in kinds:
            yield "nobody waits for a blood test"
        if any(action in card["detail"] for action in lower for card in cards):
            yield "no lower action beside a call"


def _card_law(card: Json, what: str) -> Iterator[str]:
    bullets = [line for line in card["detail"].splitlines() if line.startswith("- ")]
    if len(bullets) > 3:
        yield "at most three bullets"
    if what not in card["detail"]:
        yield "what it is stands on it"
    if card["source"]["label"] == card["summary"] or len(card["source"]["label"]) > 60:
        yield "the source is not the summary again"
    if re.search(r"\w+ = \w+|\w\.\w+ =|sha256", card["detail"]):
        yield "no codes and hashes"


@pytest.mark.parametrize("hook", SAMPLED_HOOKS)
def test_every_scenario_keeps_the_law(
    pack: Pack, scenarios: Any, assessor: Assessor, place: CardPlace, hook: str
) -> None:
    for name in scenarios:
        for sample in samples(scenarios, pack, name, 1, 0):
            verdict = _verdict(pack, assessor, sample, hook)
            assert list(law(verdict, written(verdict, place))) == [], name


@pytest.mark.parametrize("hook", ["patient-view", "order-sign"])
def test_random_worlds_keep_the_law(
    pack: Pack, scenarios: Any, assessor: Assessor, place: CardPlace, hook: str
) -> None:
    for sample in samples(scenarios, pack, "random", QUICK, 1):
        verdict = _verdict(pack, assessor, sample, hook)
        assert list(law(verdict, written(verdict, place))) == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", [7, 8])
def test_thousands_of_random_worlds_keep_the_law_in_every_hook(
    pack: Pack, scenarios: Any, assessor: Assessor, seed: int
) -> None:
    for number, sample in enumerate(samples(scenarios, pack, "random", WORLDS // 2, seed)):
        place = PLACES[number % len(PLACES)]
        for hook in SAMPLED_HOOKS:
            verdict = _verdict(pack, assessor, sample, hook)
            assert list(law(verdict, written(verdict, place))) == []


@pytest.mark.parametrize("hook", SAMPLED_HOOKS)
def test_each_hook_carries_the_emergency_by_itself(
    pack: Pack, scenarios: Any, assessor: Assessor, place: CardPlace, hook: str
) -> None:
    for name, scenario in scenarios.items():
        (sample,) = samples(scenarios, pack, name, 1, 0) if scenario.valid else (None,)
        if sample is not None:
            verdict = _verdict(pack, assessor, sample, hook)
            alone = written(_verdict(pack, assessor, sample, "patient-view"), place)
            shown = written(verdict, place)
            assert [one for one in shown if one["indicator"] == "critical"] == [
                one for one in alone if one["indicator"] == "critical"
            ], name


def test_the_longest_words_are_cut_and_counted(
    pack: Pack, scenarios: Any, place: CardPlace
) -> None:
    """Every sign of every question at once, in a pack whose words are all too long."""
    long = pack._replace(
        cards=pack.cards._replace(titles={}, signs={}, actions={}),
        rules=pack.rules._replace(
            rules=tuple(
                one._replace(title=f"{one.title} {'long ' * 40}") for one in pack.rules.rules
            )
        ),
    )
    own = Assessor([long])
    for sample in samples(scenarios, pack, "random", 100, 3):
        verdict = _verdict(long, own, sample, "patient-view")
        assert list(law(verdict, written(verdict, place))) == []


@pytest.mark.parametrize("scenario", ["no-urine", "shock", "incomplete", "pregnancy"])
def test_a_card_reads_well_where_no_markdown_is_drawn(
    pack: Pack, scenarios: Any, assessor: Assessor, place: CardPlace, scenario: str
) -> None:
    (sample,) = samples(scenarios, pack, scenario, 1, 0)
    for card in written(_verdict(pack, assessor, sample, "patient-view"), place):
        assert "\\" not in card["detail"] + card["summary"]


def test_an_unfinished_response_says_so_in_the_headline(
    pack: Pack, scenarios: Any, assessor: Assessor, place: CardPlace
) -> None:
    for scenario in ("no-urine", "incomplete", "athlete-heat", "everyday-night-cramp"):
        (sample,) = samples(scenarios, pack, scenario, 1, 0)
        draft = {**sample.response, "status": "in-progress"}
        verdict = _verdict(pack, assessor, sample, "patient-view", responses=[draft])
        (card, *_) = written(verdict, place)
        assert card["summary"].endswith("(unfinished)"), card["summary"]
