"""What differs in record.toml: limits by number, lists of codes and words by member.

The solver sees facts, not the values that make them. So what decides whether a value alarms is
weighed here: a limit that moves away from normal leaves someone less urgent, and so does a code, a
unit, a flag or a test that is no longer heard. Each asks for a major step, and names what it was.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from cds.knowledge.compared.step import Change, Step

# side → whether a larger number leaves more people without an alarm
LIMITS = {
    "critical_low": False,
    "reference_low": False,
    "reference_high": True,
    "critical_high": True,
}
# The same of the other numbers of the file: a shorter time, or a higher age, hears less.
_NUMBERS = {"recent_days": False, "standing_hours": False, "days": False, "adult_years": True}
# Words of the reader: no decision hangs on them.
_WORDS = frozenset({"display", "source", "note", "reading"})
# Lists of what does not count: here a new member hears less, and a missing one more.
EXCLUDING = frozenset({"never", "normal_flags", "not_verification", "not_intents", "absent"})
_NAMES = ("id", "unit", "fact", "question")
_Table = Mapping[str, Any]


def record_changes(old: _Table, new: _Table) -> Iterator[Change]:
    """Every part of record.toml that differs, with its old and new value."""
    yield from _table("", old, new)


def _table(where: str, old: _Table, new: _Table) -> Iterator[Change]:
    for key in (*old, *(key for key in new if key not in old)):
        was, now = old.get(key), new.get(key)
        if was == now:
            continue
        place = f"{where} {key}".strip()
        if key in LIMITS or key in _NUMBERS:
            yield _number(place, {**LIMITS, **_NUMBERS}[key], was, now)
        elif isinstance(was or now, list) and all(isinstance(x, Mapping) for x in was or now or ()):
            yield from _tables(place, was or [], now or [])
        elif key in _WORDS or where == "facts":
            yield Change("record", place, _what(was, now), (), _words(where, was, now))
        elif isinstance(was or now, Mapping) and not _codes(was or now or {}):
            yield from _table(place, was or {}, now or {})
        elif isinstance(was or now, list | Mapping):
            yield from _members(place, key, was or (), now or ())
        else:
            yield Change("record", place, _what(was, now), (_moved(was, now),), Step.MAJOR)


def _words(where: str, was: object, now: object) -> Step:
    """A fact that is gone is gone; other words are words."""
    if where == "facts" and now is None:
        return Step.MAJOR
    return Step.MINOR if where == "facts" and was is None else Step.PATCH


def _number(place: str, larger_hears_less: bool, was: object, now: object) -> Change:  # noqa: FBT001 - a row of the table
    step = Step.MINOR
    if now is None:
        step = Step.MAJOR
    elif was is not None:
        larger = Decimal(str(now)) > Decimal(str(was))
        step = Step.MAJOR if larger is larger_hears_less else Step.MINOR
    fields = (_moved(was, now), "less urgent" if step is Step.MAJOR else "more urgent")
    return Change("limit", place, _what(was, now), fields, step)


def _tables(place: str, old: list[_Table], new: list[_Table]) -> Iterator[Change]:
    before, after = _named(old), _named(new)
    for name in (*before, *(name for name in after if name not in before)):
        if name not in after:
            yield Change("record", f"{place} {name}", "removed", (), Step.MAJOR)
        elif name not in before:
            yield Change("record", f"{place} {name}", "added", (), Step.MINOR)
        else:
            yield from _table(f"{place} {name}", before[name], after[name])


def _named(tables: list[_Table]) -> dict[str, _Table]:
    """Each table by what names it; of several that are named alike, each with its number."""
    found: dict[str, _Table] = {}
    for table in tables:
        name = " ".join(str(table[key]) for key in _NAMES if isinstance(table.get(key), str))
        found[name if name not in found else f"{name} ({len(found) + 1})"] = table
    return found


def _members(place: str, key: str, old: Any, new: Any) -> Iterator[Change]:
    gone, more = [x for x in old if x not in new], [x for x in new if x not in old]
    hears_less, hears_more = (more, gone) if key in EXCLUDING else (gone, more)
    if not gone and not more:
        yield Change("record", place, "changed", (), Step.PATCH)  # displays, or the order
        return
    fields = tuple([f"-{one}" for one in gone] + [f"+{one}" for one in more])
    step = Step.MAJOR if hears_less else Step.MINOR if hears_more else Step.PATCH
    yield Change("record", place, "changed", fields, step)


def _codes(table: _Table) -> bool:
    """Whether a table is codes with their displays."""
    return bool(table) and all(isinstance(value, str) for value in table.values())


def _what(was: object, now: object) -> str:
    return "added" if was is None else "removed" if now is None else "changed"


def _moved(was: object, now: object) -> str:
    return f"{'none' if was is None else was} → {'none' if now is None else now}"
