"""What every card of a pack has alike, put into words and JSON once instead of for each card."""

from collections.abc import Mapping
from typing import NamedTuple

from cds import wire
from cds.core.model import Because, VerifiedCode
from cds.core.pack import Override, Pack
from cds.fhir.definitions import CARD_TOPICS
from cds.fhir.prepared import coding_of, form_words
from cds.phrases.say import Say
from cds.web.cards.detail import MOST_LABEL, Bullet
from cds.web.cards.words import CardWords

INPUT = "Input for a clinician, no diagnosis."
WHY_LABEL = "Why, and on whose word"


class Stationery(NamedTuple):
    """What is printed on the cards of one pack before anything is written on them."""

    words: CardWords
    input: str  # what a card is; and, where nobody has, that no clinician reviewed the translation
    safety: frozenset[str]  # the questions whose silence is a warning
    sources: Mapping[str, wire.Written]  # on whose word, by the topic of the card
    overrides: Mapping[str, wire.Written]  # the reasons to override, where the pack has any
    why: str  # the page of the pack, rule by rule
    proposals: tuple[tuple[str, wire.JsonObject], ...]  # each test in words, and its request
    bullets: dict[tuple[str, tuple[Because, ...]], Bullet]  # by rule and reasons, as they come


_kept: dict[tuple[str, str, str, bool], Stationery] = {}


def stationery(pack: Pack, public_url: str) -> Stationery:
    """The stationery of a pack; made for its first card, and kept."""
    key = (pack.hash, public_url, pack.say.language, pack.say.reviewed)
    found = _kept.get(key)
    if found is None:
        found = _kept[key] = _printed(pack, public_url)
    return found


def _printed(pack: Pack, public_url: str) -> Stationery:
    overrides = [_override(pack, one) for one in pack.cards.overrides]
    return Stationery(
        words=CardWords(pack, form_words(pack)),
        input=" ".join(filter(None, (pack.say(INPUT), pack.say.unreviewed))),
        safety=frozenset(pack.rules.reassurance.safety),
        sources={topic: wire.written(_source(pack, public_url, topic)) for topic in CARD_TOPICS},
        overrides={"overrideReasons": wire.written(overrides)} if overrides else {},
        why=f"{public_url}/packs/{pack.id}/{pack.version}/why",
        proposals=tuple(_proposal(test, pack.say) for test in pack.cards.labs),
        bullets={},
    )


def _source(pack: Pack, public_url: str, topic: str) -> wire.JsonObject:
    return {
        "label": f"{pack.cards.source or pack.id} {pack.version}",
        "url": f"{public_url}/packs/{pack.id}/source-attributes",
        "topic": {
            "system": f"{pack.identity.base}/CodeSystem/card-topic",
            "code": topic,
            "display": CARD_TOPICS[topic],
        },
    }


def _override(pack: Pack, reason: Override) -> wire.JsonObject:
    system = f"{pack.identity.base}/CodeSystem/override-reason"
    return {"code": reason.code, "system": system, "display": reason.display}


def _proposal(test: VerifiedCode, say: Say) -> tuple[str, wire.JsonObject]:
    request = {
        "resourceType": "ServiceRequest",
        "status": "draft",
        "intent": "proposal",
        "code": wire.written({"coding": [coding_of(test)], "text": test.display}),
    }
    return say("Propose: {test}", test=test.display), request


def button_label(given: str | None, ours: str) -> str:
    """What stands on a button: the pack's word if it is short enough, else ours."""
    return given if given and len(given) <= MOST_LABEL else ours
