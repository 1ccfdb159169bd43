"""From a source fact to all that rests on it, and what hangs in the air on either side."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from cds.core.conditions import Condition, facts_asked, questions_of
from cds.core.model import Cause, Rule
from cds.core.pack import Pack, SourceFact
from cds.forms.form.every_item import every_item
from cds.knowledge.check import link_ids
from cds.knowledge.proofs.claims import LAWS

ALWAYS = ("c",)  # laws that are about every rule
OF_ALERTS = ("a", "h")  # and those that are about the rules of an alerting level besides


@dataclass(frozen=True, slots=True)
class Use:
    """One thing that rests on a source fact: its kind and id, the questions and facts it asks."""

    kind: str
    id: str
    items: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    laws: tuple[str, ...] = ()
    emitted: str = ""

    @property
    def name(self) -> str:
        """As sources.toml writes it."""
        return f"{self.kind}:{self.id}"


def uses(pack: Pack) -> dict[str, Use]:
    """Everything that a source fact may be used by, by its name."""
    found = [*_rules(pack), *_others(pack)]
    return {use.name: use for use in found}


def _rules(pack: Pack) -> Iterator[Use]:
    for rule in pack.rules.rules:
        alert = pack.rules.level(rule.level).alert
        emitted = "RiskAssessment.prediction, CommunicationRequest.payload" if alert else ""
        yield Use(
            "rule",
            rule.id,
            questions_of(rule.when),
            facts_asked(rule.when),
            ("b", *ALWAYS, *(OF_ALERTS if alert else ())),
            emitted or "RiskAssessment.note",
        )


def _others(pack: Pack) -> Iterator[Use]:
    for cause in pack.rules.causes:
        items, facts = _asked(cause.supported_by)
        yield Use("cause", cause.id, items, facts, (), "RiskAssessment.note")
    for piece in pack.advice:
        items, facts = _asked((piece.when,) if piece.when else ())
        yield Use("advice", piece.id, items, facts, ("d",), "Card.detail")
    for complication in pack.complications:
        yield Use("complication", complication.id, (), (), (), "the reviewer's page")
    for document in pack.sources.documents:
        yield Use("document", document.id, (), (), (), "Library.relatedArtifact")
    for citation in pack.sources.citations:
        yield Use("citation", citation, (), (), (), "Library.relatedArtifact")
    for level in pack.rules.levels:
        yield Use("level", level.code, (), (), ("c",), "RiskAssessment.extension, mitigation")
    for item in link_ids(pack):
        yield Use("item", item, (item,), (), ("e",), "Questionnaire.item")
    yield Use("pack", "wording", (), (), (), "RiskAssessment.note, text")


def _asked(conditions: tuple[Condition, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    items = dict.fromkeys(item for condition in conditions for item in questions_of(condition))
    facts = dict.fromkeys(fact for condition in conditions for fact in facts_asked(condition))
    return tuple(items), tuple(facts)


def rules_asking(pack: Pack) -> Mapping[str, tuple[str, ...]]:
    """The rules that ask for each item, by linkId."""
    found: dict[str, list[str]] = {}
    for rule in pack.rules.rules:
        for item in questions_of(rule.when):
            found.setdefault(item, []).append(rule.id)
    return {item: tuple(rules) for item, rules in found.items()}


def orphans(pack: Pack) -> Iterator[str]:
    """What hangs in the air: sources that nothing uses, knowledge that no source carries."""
    known = uses(pack)
    yield from _loose_sources(pack, known)
    yield from _loose_knowledge(pack, known)


def _loose_sources(pack: Pack, known: Mapping[str, Use]) -> Iterator[str]:
    for fact in pack.sources.facts:
        if not fact.used_by and not fact.unused:
            yield f"source fact {fact.id} is used by nothing and does not say why"
        yield from (
            f"source fact {fact.id} is used by {name}, which does not exist"
            for name in fact.used_by
            if name not in known
        )
    with_fact = {fact.line for fact in pack.sources.facts}
    yield from (f"line {line} has no fact" for line in pack.sources.lines if line not in with_fact)
    cited = {name.removeprefix("citation:") for fact in pack.sources.facts for name in fact.used_by}
    cited |= {source for rule in pack.rules.rules for source in rule.sources}
    cited |= {source for cause in pack.rules.causes for source in cause.sources}
    cited |= {source for one in pack.advice for source in one.sources}
    cited |= {source for complication in pack.complications for source in complication.sources}
    yield from (
        f"citation {citation} is cited by nothing"
        for citation in pack.sources.citations
        if citation not in cited
    )


def _loose_knowledge(pack: Pack, known: Mapping[str, Use]) -> Iterator[str]:
    used = {name for fact in pack.sources.facts for name in fact.used_by}
    lines_of = _lines_of(pack.sources.facts)
    carried: list[tuple[str, Rule | Cause]] = [
        *((f"rule:{rule.id}", rule) for rule in pack.rules.rules),
        *((f"cause:{cause.id}", cause) for cause in pack.rules.causes),
    ]
    for name, one in carried:
        if one.basis == "seed" and name not in used:
            yield f"{name} says that it rests on the source texts; no source fact names it"
        if one.basis == "external" and not one.sources:
            yield f"{name} says that it rests on another source and cites none"
        yield from (
            f"{name} cites line {line}; no fact of that line is used by it"
            for line in one.sources
            if one.basis == "seed" and line in pack.sources.lines
            if line not in lines_of.get(name, ())
        )
    asked = {item for use in known.values() if use.kind != "item" for item in use.items}
    groups = _groups(pack)
    for item in link_ids(pack):
        if item not in groups and item not in asked and f"item:{item}" not in used:
            yield f"item {item} rests on no source fact and nothing asks for it"


def _lines_of(facts: tuple[SourceFact, ...]) -> dict[str, set[str]]:
    lines: dict[str, set[str]] = {}
    for fact in facts:
        for name in fact.used_by:
            lines.setdefault(name, set()).add(fact.line)
    return lines


def _groups(pack: Pack) -> set[str]:
    unasked = {"group", "display"}
    return {one["linkId"] for one in every_item(pack.full.raw) if one.get("type") in unasked}


def law_names(laws: tuple[str, ...]) -> str:
    """The laws as the matrix prints them."""
    return " ".join(law for law in LAWS if law in laws)
