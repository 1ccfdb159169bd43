"""What every card of a pack has alike, put into words and JSON once instead of for each card."""

from collections.abc import Mapping
from typing import NamedTuple

from cds import wire
from cds.core.model import Because, Coding, Rule
from cds.core.pack import Override, Pack
from cds.core.remember import remember
from cds.fhir.definitions import CARD_TOPICS
from cds.fhir.labels import Labels, labels_of
from cds.fhir.prepared import coding_of
from cds.web.cards.markdown import ours

MOST_KEPT = 512
_Reasons = tuple[str, tuple[Because, ...]]


class Stationery(NamedTuple):
    """What is printed on the cards of one pack before anything is written on them."""

    labels: Labels
    safety: frozenset[str]  # the questions whose silence is a warning
    sources: Mapping[str, wire.Written]  # on whose word, by the topic of the card
    overrides: Mapping[str, wire.Written]  # the reasons to override, where the pack has any
    rules: Mapping[str, tuple[str, str]]  # a bullet of each rule, around the reasons of a finding
    fine_print: str
    proposals: tuple[tuple[str, wire.JsonObject], ...]  # each test in words, and its request
    bullets: dict[_Reasons, str]  # of findings in the pack's own words, by rule and reasons

    def keep(self, reasons: _Reasons, bullet: str) -> None:
        """Remember a bullet; never one that says what a patient's record says."""
        remember(self.bullets, reasons, bullet, MOST_KEPT)


_kept: dict[tuple[str, str], Stationery] = {}


def stationery(pack: Pack, public_url: str) -> Stationery:
    """The stationery of a pack; made for its first card, and kept."""
    found = _kept.get((pack.hash, public_url))
    if found is None:
        found = _kept[pack.hash, public_url] = _printed(pack, public_url)
    return found


def _printed(pack: Pack, public_url: str) -> Stationery:
    overrides = [_override(pack, one) for one in pack.cards.overrides]
    return Stationery(
        labels=labels_of(pack.forms),
        safety=frozenset(pack.rules.reassurance.safety),
        sources={topic: wire.written(_source(pack, public_url, topic)) for topic in CARD_TOPICS},
        overrides={"overrideReasons": wire.written(overrides)} if overrides else {},
        rules={rule.id: _bullet(pack, rule) for rule in pack.rules.rules},
        fine_print=(
            f"{ours(pack.wording.intended_use)} Knowledge: {ours(pack.id)}"
            f" {ours(pack.version)}, {pack.hash[:19]}…"
        ),
        proposals=tuple(_proposal(test) for test in pack.cards.labs),
        bullets={},
    )


def _source(pack: Pack, public_url: str, topic: str) -> wire.JsonObject:
    return {
        "label": pack.title,
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


def _bullet(pack: Pack, rule: Rule) -> tuple[str, str]:
    claims = "; ".join(ours(_claim(pack, source)) for source in rule.sources)
    source = f" Source ({ours(rule.basis)}): {claims}." if claims else f" Basis: {rule.basis}."
    action = f" {ours(rule.action)}" if rule.action else ""
    return f"- **{ours(rule.title)}** (rule {ours(rule.id)}). ", f".{action}{source}"


def _claim(pack: Pack, source: str) -> str:
    try:
        return f"{pack.sources.claim(source).rstrip('.')} ({source})"
    except KeyError:
        return source


def _proposal(test: Coding) -> tuple[str, wire.JsonObject]:
    request = {
        "resourceType": "ServiceRequest",
        "status": "draft",
        "intent": "proposal",
        "code": wire.written({"coding": [coding_of(test)], "text": test.display}),
    }
    return f"Propose: {test.display}", request
