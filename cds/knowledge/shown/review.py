"""What of a pack still wants a clinician's word: every conclusion that is ours, rule by rule."""

from collections.abc import Iterator

from cds.core.model import Rule
from cds.core.pack import Pack

AGREED_LINE = "Agreed / otherwise: ____________  Name, date: ____________"


def rules_to_confirm(pack: Pack) -> Iterator[str]:
    """Markdown, the most urgent first; not asked is what only says what a source says."""
    for level in sorted(pack.rules.levels, key=lambda one: -one.rank):
        asked = [
            one for one in pack.rules.rules if one.level == level.code and goes_beyond_source(one)
        ]
        if asked:
            yield ""
            yield f"### {level.display}"
        for rule in asked:
            yield ""
            yield f"**{rule.id}: {rule.title}.** {rule.reading}"
            yield ""
            yield f"- On whose word: {', '.join(rule.sources) or 'our own'} ({rule.basis})"
            yield f"- {AGREED_LINE}"


def goes_beyond_source(rule: Rule) -> bool:
    """Whether anything of a rule is more than what a source text says."""
    return rule.basis != "seed" or "ours" in rule.reading.casefold()
