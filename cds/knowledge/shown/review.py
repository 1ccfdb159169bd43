"""What of a pack still wants a clinician's word: every conclusion that is ours, as a question."""

from collections.abc import Iterator

from cds.core.model import Rule
from cds.core.pack import Pack

_ANSWER = "Agreed / otherwise: ____________  Name, date: ____________"


def review(pack: Pack) -> Iterator[str]:
    """Markdown, the most urgent first; not asked is what only says what a source says."""
    yield f"# Questions to a clinician: {pack.title}"
    yield ""
    yield f"Written by `pack review {pack.id}` from version {pack.version}. Nobody has answered"
    yield "them yet. Each names what the sources do not settle, as the rule's reading says it."
    for level in sorted(pack.rules.levels, key=lambda one: -one.rank):
        asked = [one for one in pack.rules.rules if one.level == level.code and _ours(one)]
        if asked:
            yield ""
            yield f"## {level.display}"
        for rule in asked:
            yield from _question(pack, rule)


def _ours(rule: Rule) -> bool:
    return rule.basis != "seed" or "ours" in rule.reading.casefold()


def _question(pack: Pack, rule: Rule) -> Iterator[str]:
    yield ""
    yield f"### {rule.id}: {rule.title}"
    yield ""
    yield rule.reading
    yield ""
    for source in rule.sources:
        yield f"- {source}: {pack.sources.claim(source)}"
    yield f"- {_ANSWER}"
