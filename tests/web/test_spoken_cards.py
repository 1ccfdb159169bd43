"""Cards and decisions in other languages: the same law, the same decision, no English left over."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from cds.core.pack import Pack
from cds.flows.assess import Assessor
from cds.flows.deciding.translator import Translator, Translators
from cds.flows.hooks import Verdict, Visit, consider, verdict_in
from cds.flows.synthetic.hook_samples import SAMPLED_HOOKS, draft_order
from cds.flows.synthetic.samples import Sample, samples
from cds.knowledge.read.pack import pack_folders
from cds.web.cards.cards import draw
from cds.web.cards.detail import MOST_DETAIL, MOST_LABEL, MOST_SUMMARY
from cds.web.cards.sheet import CardPlace
from cds.web.cards.stationery import INPUT
from tests.phrases.sentences import sentences

Json = dict[str, Any]
PLACE = CardPlace("any", "instance", "https://cds.example.org", "https://form.example.org/launch")
LANGUAGES = ("es", "de")
WORLDS = 40
# Of ours, in English: whole sentences, which are no words of any other language.
ENGLISH = sorted(
    part.strip()
    for text in sentences()
    for part in re.split(r"\{[a-z]+\}|[.,;:()*]", text)
    if len(part.split()) > 2 and part.isascii()
)


@pytest.fixture(scope="module")
def assessor(pack: Pack) -> Assessor:
    return Assessor([pack])


@pytest.fixture(params=LANGUAGES, scope="module")
def translator(request: pytest.FixtureRequest, pack: Pack) -> Translator:
    found = Translators([pack], {pack.hash: pack_folders()[pack.id]})
    made = found.translator(pack, request.param)
    assert made is not None
    return made


def _worlds(pack: Pack, scenarios: Any, assessor: Assessor) -> Iterator[Verdict]:
    """What visits call for: every scenario in every hook, random ones, and gaps of all kinds."""
    for hook in SAMPLED_HOOKS:
        for name in scenarios:
            for sample in samples(scenarios, pack, name, 1, 0):
                yield _verdict(pack, assessor, sample, hook)
    for number, sample in enumerate(samples(scenarios, pack, "random", WORLDS, 11)):
        draft = {**sample.response, "status": "in-progress"}
        old = {**sample.response, "authored": "2020-02-01T10:00:00Z"}
        changes: tuple[Json, ...] = (
            {},
            {"responses": [draft]},
            {"responses": [old]},
            {"responses": [old, sample.response]},
            {"responses": None, "unread": "the query failed"},
            {"responses": [], "foreign": ("labs", "conditions")},
            {"responses": None, "searchable": False},
            {"valid_hours": 1},
        )
        yield _verdict(pack, assessor, sample, "patient-view", **changes[number % len(changes)])


def _verdict(pack: Pack, assessor: Assessor, sample: Sample, hook: str, **changes: Any) -> Verdict:
    patient = sample.response["subject"]["reference"].partition("/")[2]
    orders = (draft_order(pack, patient),) if hook.startswith("order") else ()
    visit = Visit(patient, sample.now, [sample.response], sample.record, orders=orders)
    return consider(pack, assessor, visit._replace(**changes))


def test_every_card_keeps_the_law_and_leaves_no_english_behind(
    pack: Pack, scenarios: Any, assessor: Assessor, translator: Translator
) -> None:
    say, seen = translator.pack.say, 0
    for verdict in _worlds(pack, scenarios, assessor):
        own, told = draw(verdict, PLACE), draw(verdict_in(verdict, translator), PLACE)
        assert list(own.rules.values()) == list(told.rules.values())
        for card, other in zip(told.cards, own.cards, strict=True):
            seen += 1
            assert len(card["summary"]) <= MOST_SUMMARY, card["summary"]
            assert len(card["detail"]) <= MOST_DETAIL, card["detail"]
            assert card["indicator"] == other["indicator"]
            assert card["uuid"] == other["uuid"]
            words = f"{card['summary']}\n{card['detail']}"
            assert not [part for part in ENGLISH if part in words], words
            if say(INPUT) in words:
                assert say.unreviewed in words, words
            for label in _labels(card):
                assert len(label) <= MOST_LABEL, label
                assert label not in _labels(other), label
    assert seen > 150


def _labels(card: Json) -> list[str]:
    return [one["label"] for one in (*card.get("links", ()), *card.get("suggestions", ()))]


def test_a_language_changes_words_and_nothing_else(
    pack: Pack, scenarios: Any, assessor: Assessor, translator: Translator
) -> None:
    for sample in samples(scenarios, pack, "random", WORLDS, 5):
        made = assessor.assess(sample.response, now=sample.now, record=sample.record)
        told = translator.assessed(made)
        own, other = made.document(), told.document()
        for key in own.keys() - {"notes", "deviations", "issues"}:
            assert own[key] == other[key], key
        bundle, spoken = made.to_fhir(), told.to_fhir()
        for one, two in zip(bundle["entry"], spoken["entry"], strict=True):
            assert one["fullUrl"] == two["fullUrl"]
            assert _codes(one["resource"]) == _codes(two["resource"])
            if two["resource"]["resourceType"] != "Provenance":
                assert two["resource"]["language"] == translator.language
                assert f'lang="{translator.language}"' in two["resource"]["text"]["div"]


def _codes(value: object) -> list[object]:
    """Every Coding and reference, as they stand."""
    if isinstance(value, list):
        return [one for part in value for one in _codes(part)]
    if not isinstance(value, dict):
        return []
    if "system" in value or "reference" in value:
        return [value]
    return [one for part in value.values() for one in _codes(part)]


def test_the_message_stands_alone_in_280_characters(
    pack: Pack, scenarios: Any, assessor: Assessor, translator: Translator
) -> None:
    for sample in samples(scenarios, pack, "random", WORLDS, 6):
        made = assessor.assess(sample.response, now=sample.now, record=sample.record)
        for entry in translator.assessed(made).to_fhir()["entry"]:
            for one in entry["resource"].get("payload", ()):
                assert len(one.get("contentString", "")) <= 280
