"""The constant parts of a short message: what it begins with, and how it ends."""

from cds.core.model import Level, Rule
from cds.core.pack import Pack

MAX_MESSAGE = 280  # characters


def heading(level: Level) -> str:
    """What a message begins with: the level, in a word where it has one."""
    return f"{level.word}: {level.display}" if level.word else level.display


def end_of_message(rule: Rule, level: Level, pack: Pack, by_rule: str) -> str:
    """Action, sources, rule; further sources are counted, not named, where a title would be cut."""
    say, names = pack.say, rule.sources
    room = MAX_MESSAGE - len(f"{heading(level)}. {rule.title}")
    for kept in range(len(names), min(len(names), 1) - 1, -1):
        left = len(names) - kept
        more = [say("{count} more", count=left)] if left else []
        source = ", ".join((*names[:kept], *more)) or rule.basis
        end = f". {rule.action or level.action} {say('Source')}: {source} ({by_rule})."
        if len(end) <= room:
            break
    return end
