"""red-flags.toml read: what must lead to which finding, stated apart from the rules.

Only the proofs and the pages for reviewers read it. It decides nothing, and is part of what the
hash of a pack stands for, since it is a claim about the pack.
"""

from pathlib import Path
from typing import NamedTuple

from cds.core.conditions import Condition, alarms_of, facts_asked
from cds.core.model import Switch
from cds.core.pack import Pack
from cds.errors import PackError
from cds.knowledge.read.grammar import Vocabulary
from cds.knowledge.read.pack import options_of
from cds.knowledge.read.rules import read_when
from cds.knowledge.read.signed import CLAIMED
from cds.knowledge.read.tables import Faults, Table, nearest, table_of

(_FILE,) = CLAIMED


class RedFlag(NamedTuple):
    """What must lead to `finding` at `level` or above; `switch`: where a site chose otherwise."""

    id: str
    finding: str
    level: str
    sources: tuple[str, ...]
    when: Condition
    switch: Switch | None = None

    def level_at(self, settings: dict[str, bool]) -> str:
        """The level that is owed at these site options, each of which is named."""
        switch = self.switch
        if switch is None or switch.level is None or settings[switch.name] != switch.value:
            return self.level
        return switch.level


def red_flags(pack: Pack, folder: Path) -> tuple[RedFlag, ...]:
    """The flags that are declared for the pack in this folder; none where there is no such file.

    Raises:
        PackError: the file has faults.
    """
    path = folder / _FILE
    if not path.is_file():
        return ()
    faults = Faults()
    words = Vocabulary(dict(options_of(pack.full.raw)), pack.facts)
    table = table_of(path.read_bytes(), path, faults)
    found = tuple(_flag(one, pack, words, faults) for one in table.tables("flag"))
    table.done()
    if faults.found:
        raise PackError(folder.name, tuple(faults.found))
    return found


def finders(pack: Pack, flag: RedFlag) -> tuple[str, ...]:
    """The rules that find what the flag declares by what it names, at its level or above."""
    least = pack.rules.level(flag.level).rank
    named = _named(flag.when)
    return tuple(
        rule.id
        for rule in pack.rules.rules
        if rule.finding == flag.finding
        and pack.rules.level(rule.level).rank >= least
        and named & _named(rule.when)
    )


def _named(condition: Condition) -> set[object]:
    """The answers and facts that a condition argues with."""
    return {*alarms_of(condition), *facts_asked(condition)}


def _flag(table: Table, pack: Pack, words: Vocabulary, faults: Faults) -> RedFlag:
    flag = RedFlag(
        id=table.text("id"),
        finding=table.text("finding"),
        level=table.text("level"),
        sources=table.texts("sources"),
        when=read_when(table, words, faults, of="A flag"),
        switch=_switch(table, pack),
    )
    table.done()
    _known(table, "finding", flag.finding, {rule.finding for rule in pack.rules.rules})
    _known(table, "level", flag.level, {level.code for level in pack.rules.levels})
    for source in flag.sources:
        _known(table, "sources", source, {*pack.sources.lines, *pack.sources.citations})
    return flag


def _switch(table: Table, pack: Pack) -> Switch | None:
    if not table.has("option"):
        return None
    inner = table.table("option")
    switch = Switch(inner.text("name"), inner.flag("value"), inner.text("level"))
    inner.done()
    _known(table, "option", switch.name, {option.name for option in pack.rules.options})
    _known(table, "option", switch.level or "", {level.code for level in pack.rules.levels})
    return switch


def _known(table: Table, key: str, word: str, known: set[str]) -> None:
    if word not in known:
        table.fault(key, f"{word!r} is not known here.", nearest(word, known))
