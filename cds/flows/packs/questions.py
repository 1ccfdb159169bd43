"""questions.toml read: what a clinician is asked to decide, each with a person under both readings.

The questions decide nothing. The levels beside them are not written there but worked out: the same
person as the rules read the answers, and as the other reading would have had them answered.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from cds.core.model import Facts
from cds.core.pack import Pack
from cds.errors import PackError
from cds.flows.assess import Assessor
from cds.flows.packs.cases import Case, Expected, facts_in, read_bases, run_case
from cds.flows.synthetic.responses import response_of
from cds.knowledge.read.tables import Faults, Table, nearest, read_toml

_FILE = "questions.toml"
_BASE = "calm"  # the base of the golden cases that every person starts from


class PossibleReading(NamedTuple):
    """One reading of a question, and what it makes of the person: a level's code, rule ids."""

    says: str
    level: str
    rules: tuple[str, ...]


class UndecidedQuestion(NamedTuple):
    """What is to be decided. `now` is what the rules do; `risk` is what `other` could miss."""

    id: str
    asks: str
    person: str
    now: PossibleReading
    other: PossibleReading
    affected: str
    risk: str
    sources: tuple[str, ...]


class Limit(NamedTuple):
    """A limit of ours beside those of other lists."""

    test: str
    side: str  # low | high
    unit: str
    ours: str
    others: str
    sources: tuple[str, ...]


class HeardTooCalmly(NamedTuple):
    """A person whom the form hears too calmly: the level that is owed, what the rules give now."""

    person: str
    wants: str
    level: str
    rules: tuple[str, ...]
    lacks: str


class Questions(NamedTuple):
    """All of them, with what each source says that they name."""

    asked: tuple[UndecidedQuestion, ...] = ()
    limits: tuple[Limit, ...] = ()
    unheard: tuple[HeardTooCalmly, ...] = ()
    claims: Mapping[str, str] = {}


def read_questions(pack: Pack, folder: Path) -> Questions:
    """The questions of the pack in this folder; none where it has no such file.

    Raises:
        PackError: the file has faults.
    """
    path = folder / _FILE
    if not path.is_file():
        return Questions()
    faults = Faults()
    table = read_toml(path, faults)
    reading = _Reading(pack, read_bases(folder, faults).get(_BASE, {}), faults)
    claims = {}
    for entry in table.each("source"):
        entry.optional("url")
        claims[entry.text("id")] = entry.text("text")
    known = {one: pack.sources.claim(one) for one in (*pack.sources.lines, *pack.sources.citations)}
    reading.claims = {**known, **claims}
    asked = tuple(filter(None, map(reading.question, table.each("question"))))
    limits = tuple(filter(None, map(reading.limit, table.tables("limit"))))
    unheard = tuple(filter(None, map(reading.unheard, table.tables("unheard"))))
    table.done()
    if faults.found:
        raise PackError(folder.name, tuple(faults.found))
    cited = (*(one.sources for one in asked), *(limit.sources for limit in limits))
    named = dict.fromkeys(source for sources in cited for source in sources)
    return Questions(asked, limits, unheard, {one: reading.claims[one] for one in named})


class _Reading:
    """Reads the entries of one file; every method goes on after a fault."""

    claims: Mapping[str, str]

    def __init__(self, pack: Pack, base: Mapping[str, Any], faults: Faults) -> None:
        self.pack, self.base, self.faults = pack, base, faults
        self.assessor = Assessor([pack])

    def question(self, entry: Table) -> UndecidedQuestion | None:
        now = self._person(entry, "given", facts_in(entry, "facts", self.pack))
        other = self._person(entry, "otherwise", facts_in(entry, "otherwise-facts", self.pack))
        return (
            UndecidedQuestion(
                id=entry.text("id"),
                asks=entry.text("asks"),
                person=entry.text("person"),
                now=PossibleReading(entry.text("now"), *now),
                other=PossibleReading(entry.text("other"), *other),
                affected=entry.text("affected"),
                risk=entry.text("risk"),
                sources=self._sources(entry),
            )
            if now and other
            else None
        )

    def _person(self, entry: Table, key: str, facts: Facts) -> tuple[str, tuple[str, ...]] | None:
        """The level and the rules of the person, as the answers under this key say."""
        given = {**self.base, **(entry.table(key).raw if entry.has(key) else {})}
        where = f"{entry.where}: {key}"
        try:
            response = response_of(self.pack.full, given)
        except KeyError as error:
            self.faults.add(where, f"{error.args[0]!r} is not a linkId or option of the form.")
            return None
        case = Case(where, where, response, facts, {}, Expected(""))
        outcome = run_case(case, self.assessor)
        return outcome.level, outcome.fired

    def unheard(self, entry: Table) -> HeardTooCalmly | None:
        found = self._person(entry, "given", facts_in(entry, "facts", self.pack))
        person, wants, lacks = entry.text("person"), entry.text("wants"), entry.text("lacks")
        entry.done()
        levels = {level.code: level.rank for level in self.pack.rules.levels}
        if wants not in levels:
            entry.fault("wants", f"{wants!r} is not a level of pack.toml.", nearest(wants, levels))
            return None
        if found is not None and levels[found[0]] >= levels[wants]:
            entry.fault("wants", f"the rules give {found[0]} already.", "Take this entry out.")
        return None if found is None else HeardTooCalmly(person, wants, *found, lacks)

    def limit(self, entry: Table) -> Limit | None:
        name, unit, side = entry.text("analyte"), entry.text("unit"), entry.text("side")
        tests = {str(one.get("id")): one for one in self.pack.record.get("analyte", ())}
        others, sources = entry.text("others"), self._sources(entry)
        entry.done()
        if name not in tests:
            entry.fault("analyte", f"{name!r} is not a test of record.toml.", nearest(name, tests))
            return None
        limits = {str(one.get("unit")): one for one in tests[name].get("limits", ())}
        ours = limits.get(unit, {}).get(f"critical_{side}")
        if ours is None:
            entry.fault("unit", f"there is no critical {side} limit in {unit!r}.")
            return None
        display = str(tests[name].get("display", name))
        return Limit(display, side, unit, str(ours), others, sources)

    def _sources(self, entry: Table) -> tuple[str, ...]:
        named = entry.texts("sources")
        for source in named:
            if source not in self.claims:
                entry.fault("sources", f"{source!r} is not known.", nearest(source, self.claims))
        return named
