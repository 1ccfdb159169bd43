"""What was found so far; at the end it becomes the frozen Facts, whatever order it was found in."""

from collections.abc import Collection, Iterable, Mapping

from cds.core.account import KINDS, Account, Missing, Unheard
from cds.core.fields import of_fields
from cds.core.model import Evidence, Fact, Facts, Floor, Note, Presence, RecordOpen


class Findings:
    """Collects evidence, notes, open entries and floors; saying a thing twice says it once."""

    def __init__(self) -> None:
        """Nothing was found yet."""
        self._present: dict[str, set[Evidence]] = {}
        self._showing: set[str] = set()
        self._absent: dict[str, tuple[Evidence, str]] = {}
        self._unusable: dict[str, dict[Evidence, str]] = {}
        self._notes: set[Note] = set()
        self._open: set[RecordOpen] = set()
        self._floors: set[Floor] = set()
        self._used: set[str] = set()
        self._unheard: dict[str, dict[Unheard, None]] = {}
        self._missing: dict[Missing, tuple[str, ...]] = {}
        self._waiting: list[tuple[Unheard, str]] = []
        self._replaced: set[str] = set()

    def present(self, fact: str, evidence: Evidence) -> None:
        """The record shows this."""
        self._present.setdefault(fact, set()).add(evidence)
        self._showing.add(evidence.record)
        self._used.add(evidence.record)

    def is_settled(self, fact: str) -> bool:
        """Whether the record says already that this is so, or is not."""
        return fact in self._present or fact in self._absent

    def alarms_by(self, record: str) -> bool:
        """Whether a resource shows something already."""
        return record in self._showing

    def evidence_of(self, fact: str) -> tuple[Evidence, ...]:
        """What shows it, the newest first."""
        return _newest_first(self._present.get(fact, ()))

    def is_present(self, fact: str) -> bool:
        """Whether something showed it already."""
        return fact in self._present

    def absent(self, fact: str, evidence: Evidence, reason: str) -> None:
        """The record says that this is not so."""
        self._absent[fact] = (evidence, reason)

    def unusable(self, facts: Iterable[str], evidence: Evidence, reason: str) -> None:
        """The record says something of these facts that cannot be read safely."""
        for fact in facts:
            self._unusable.setdefault(fact, {})[evidence] = reason
        self._used.add(evidence.record)

    def note(self, code: str, about: str, text: str) -> Note:
        """The reader must be told this of a resource."""
        note = Note(code, about, text)
        self._notes.add(note)
        self._used.add(about)
        return note

    def open(self, record: str, why: str, facts: tuple[str, ...]) -> None:
        """A part of the record could not be used, so these facts stay open."""
        self._open.add(RecordOpen(record, why, facts))
        self._used.add(record)

    def floor(self, level: str, note: Note | None = None) -> None:
        """The level may not be below this one."""
        self._floors.add(Floor(level, note))

    def use(self, record: str) -> None:
        """Count a resource that was needed to read another one."""
        self._used.add(record)

    def replace(self, records: Iterable[str]) -> None:
        """Something newer took the place of these."""
        self._replaced.update(records)

    def not_heard(self, unheard: Unheard, floor: str | None = None) -> None:
        """Something could matter and was not understood: what it could have said is open.

        `floor`: the level that this forces, where it could have said anything that is asked for.
        """
        self._unheard.setdefault(unheard.record, {})[unheard] = None
        if unheard.facts and floor is not None:
            self._open.add(RecordOpen(unheard.record, unheard.why, unheard.facts))
            self._floors.add(Floor(floor))

    def wait(self, unheard: Unheard, floor: str) -> None:
        """It is told unless something settles its facts: ask `settle` when all was heard."""
        self._waiting.append((unheard, floor))

    def settle(self) -> None:
        """Tell what waited, if nothing settled it; else something newer took its place."""
        for unheard, floor in self._waiting:
            if any(map(self.is_settled, unheard.facts)):
                self.replace((unheard.record,))
            else:
                self.not_heard(unheard, floor)

    def missing(self, missing: Missing, facts: tuple[str, ...], floor: str) -> None:
        """Something was asked for and did not come, so nothing follows for these facts."""
        self._missing[missing] = facts
        if facts:
            self._open.add(RecordOpen(missing.what, "missing", facts))
            self._floors.add(Floor(floor))

    def account(
        self, names: Collection[str], elsewhere: Collection[str], *, replaced: int, others: int
    ) -> Account:
        """The states of all resources; what nothing else is said of is not about this.

        Ask for it after `found`. `elsewhere`: which of these names are about another person.
        `replaced`, `others`: how many resources there are beside them, older versions and those
        of others.
        """
        looked_at = len(names) + replaced + others
        used = 0
        unheard: list[Unheard] = []
        not_heard, used_names, not_newest = self._unheard, self._used, self._replaced
        for name in names:
            if name in not_heard:
                unheard.append(_merged(list(not_heard[name])))
            elif name in used_names:
                used += 1
            elif name in not_newest:
                replaced += 1
            elif name in elsewhere:
                others += 1
        not_about = looked_at - used - replaced - len(unheard)
        heavy_first = tuple(sorted(unheard, key=_weight)) if unheard else ()
        fields = (looked_at, used, replaced, not_about, heavy_first, tuple(self._missing), others)
        return of_fields(Account, fields)

    def found(self, declared: Mapping[str, Fact]) -> dict[str, Fact]:
        """What was found of the declared facts; the record says nothing of the others."""
        found: dict[str, Fact] = {}
        for fact, shown in self._present.items():
            if fact in declared:
                evidence = _newest_first(shown)
                found[fact] = of_fields(Fact, (fact, Presence.PRESENT, evidence, None))
        for fact, faults in self._unusable.items():
            if fact in declared and fact not in self._present:
                reasons = "; ".join(sorted(set(faults.values())))
                found[fact] = Fact(fact, Presence.UNUSABLE, _newest_first(faults), reasons)
        if self._absent:
            self._rule_out(found, declared)
        return found

    def facts(
        self, declared: Mapping[str, Fact], found: Mapping[str, Fact], account: Account
    ) -> Facts:
        """Everything, with what was `found` of the declared facts, and what became of all."""
        every = {**declared, **found}
        notes = tuple(sorted(self._notes)) if self._notes else ()
        still_open = tuple(sorted(self._open)) if self._open else ()
        floors = tuple(sorted(self._floors, key=_floor_order)) if self._floors else ()
        used = tuple(sorted(self._used))
        return of_fields(Facts, (every, notes, still_open, floors, used, account, found))

    def _rule_out(self, found: dict[str, Fact], declared: Mapping[str, Fact]) -> None:
        """Nothing is absent that something unheard or missing could have said."""
        doubted = {fact for every in self._unheard.values() for one in every for fact in one.facts}
        doubted.update(fact for every in self._missing.values() for fact in every)
        for fact, (evidence, reason) in self._absent.items():
            if fact in declared and fact not in self._present and fact not in self._unusable:
                self._used.add(evidence.record)
                said = Presence.UNKNOWN if fact in doubted else Presence.ABSENT
                found[fact] = Fact(fact, said, (evidence,), reason)


def _floor_order(floor: Floor) -> tuple[str, str]:
    return floor.level, floor.note.text if floor.note else ""


def _merged(parts: list[Unheard]) -> Unheard:
    """One resource is one entry, however many of its parts were not understood, in any order.

    Its name holds no value: where values are not shown, only names are.
    """
    if len(parts) == 1:
        return parts[0]
    ordered = sorted(parts, key=lambda one: (_weight(one), one.why, one.whole, one.facts))
    first = ordered[0]
    return first._replace(
        what="; ".join(dict.fromkeys(one.what for one in ordered)),
        value="; ".join(dict.fromkeys(one.value for one in ordered if one.value)) or None,
        date=next((one.date for one in ordered if one.date), None),
        critical=any(one.critical for one in parts),
        facts=tuple(dict.fromkeys(fact for one in ordered for fact in one.facts)),
    )


def _weight(one: Unheard) -> tuple[bool, int, bool, str, str]:
    """Critical ones first, then by kind, then those that a rule asks for."""
    return (not one.critical, KINDS.index(one.kind), not one.facts, one.what, one.record)


def _newest_first(evidence: Collection[Evidence]) -> tuple[Evidence, ...]:
    if len(evidence) == 1:
        return tuple(evidence)
    ordered = sorted(evidence, key=lambda one: (one.record, one.mark or "", str(one.value)))
    return tuple(sorted(ordered, key=lambda one: one.date or "", reverse=True))
