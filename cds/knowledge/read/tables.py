"""TOML tables read into values, all faults collected: where, what, nearest right spelling."""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from cds.errors import Fault
from cds.knowledge.read.parsed import tables_in

_FEW = 25  # so many names fit into a message


class Faults:
    """The faults found so far. Reading goes on after each, so that an author sees all at once."""

    def __init__(self) -> None:
        self.found: list[Fault] = []

    def add(self, where: str, problem: str, hint: str = "") -> None:
        """Note one fault, once."""
        fault = Fault(where, problem, hint)
        if fault not in self.found:
            self.found.append(fault)


def nearest(word: str, known: Iterable[str]) -> str:
    """`Did you mean 'x'?` when something known is close, else the known ones if they are few."""
    from difflib import get_close_matches  # noqa: PLC0415 - only where something is wrong

    listed = sorted(set(known))
    close = get_close_matches(word, listed, n=1, cutoff=0.6)
    if close:
        return f"Did you mean {close[0]!r}?"
    return f"Known: {', '.join(listed)}." if 0 < len(listed) <= _FEW else ""


class Table:
    """One table of a TOML file: typed reading, and at the end a word about every unknown key."""

    def __init__(
        self, raw: Mapping[str, Any], where: str, faults: Faults, *, broken: bool = False
    ) -> None:
        """Keep the place (`rules.toml: rule E3`) for messages; `broken`: the file is no TOML."""
        self.broken = broken
        self.raw = raw
        self.where = where
        self.faults = faults
        self._known: set[str] = set()

    def fault(self, key: str, problem: str, hint: str = "") -> None:
        """Note a fault of one key."""
        self.faults.add(f"{self.where}: {key}", problem, hint)

    def text(self, key: str, default: str | None = None) -> str:
        """A string that is not empty; without `default` it must be there."""
        value = self._get(key, str, default)
        if isinstance(value, str):
            if value.strip() or value == default:
                return value
            self.fault(key, "is empty.", "Write something here, or remove the key.")
        return default or ""

    def optional(self, key: str) -> str | None:
        """A string, or None where the key is not there."""
        self._known.add(key)
        return self.text(key) if key in self.raw else None

    def flag(self, key: str, *, default: bool | None = None) -> bool:
        """A Boolean."""
        value = self._get(key, bool, default)
        return value if isinstance(value, bool) else False

    def number(self, key: str) -> int | None:
        """A whole number above zero, or None where the key is not there."""
        self._known.add(key)
        value = self.raw.get(key)
        if value is None or (type(value) is int and value > 0):
            return value
        self.fault(key, "must be a whole number above 0.")
        return None

    def texts(self, key: str, default: tuple[str, ...] | None = ()) -> tuple[str, ...]:
        """A list of strings (one string stands for a list of one)."""
        self._known.add(key)
        value = self.raw.get(key)
        if value is None:
            if default is None:
                self.fault(key, "is missing.", "It must be a list of strings.")
            return default or ()
        listed = [value] if isinstance(value, str) else value
        if not isinstance(listed, list) or not all(isinstance(one, str) and one for one in listed):
            self.fault(key, "must be a list of strings.", 'Like ["a", "b"].')
            return ()
        return tuple(listed)

    def table(self, key: str) -> "Table":
        """A table inside; an empty one (and a fault) where it is missing."""
        value = self._get(key, dict, None)
        return Table(value if isinstance(value, dict) else {}, f"{self.where}: {key}", self.faults)

    def tables(self, key: str, label: str = "id") -> Iterator["Table"]:
        """An array of tables; each one's place names its `label` key."""
        self._known.add(key)
        value = self.raw.get(key, [])
        if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
            self.fault(key, "must be an array of tables.", f"Write [[{key}]].")
            return
        for number, one in enumerate(value, 1):
            name = one.get(label)
            shown = name if isinstance(name, str) else f"number {number}"
            yield Table(one, f"{self.where}: {key} {shown}", self.faults)

    def each(self, key: str, label: str = "id") -> Iterator["Table"]:
        """As `tables`, and each is `done` when the next one is asked for."""
        for table in self.tables(key, label):
            yield table
            table.done()

    def has(self, key: str) -> bool:
        """Whether the key is there."""
        self._known.add(key)
        return key in self.raw

    def rest(self) -> dict[str, Any]:
        """Everything that nothing has asked for yet, taken as it is."""
        rest = {key: value for key, value in self.raw.items() if key not in self._known}
        self._known.update(rest)
        return rest

    def done(self) -> None:
        """Note each key that nothing asked for: a misspelling would otherwise be silent."""
        for key in self.raw:
            if key not in self._known:
                self.fault(key, "is not a known key.", nearest(key, self._known))

    def _get(self, key: str, kind: type, default: object) -> object:
        self._known.add(key)
        if key not in self.raw:
            if default is None:
                self.fault(key, "is missing.", f"It must be {_KINDS[kind]}.")
            return default
        value = self.raw[key]
        if not isinstance(value, kind):
            self.fault(key, f"must be {_KINDS[kind]}.")
            return default
        return value


_KINDS = {str: "a string", bool: "true or false", dict: "a table"}


def read_toml(path: Path, faults: Faults) -> Table:
    """The file as a table; an unreadable one gives an empty table, and a fault with its place."""
    return table_of(path.read_bytes() if path.is_file() else None, path, faults)


def table_of(text: bytes | None, path: Path, faults: Faults) -> Table:
    """The text of a file (None: there is none) as a table, or an empty one and a fault."""
    name = path.name
    try:
        if text is not None:
            return Table(tables_in(text, path), name, faults)
        faults.add(name, "is missing.", "`pack new` writes every file that a pack needs.")
    except UnicodeDecodeError as error:
        faults.add(name, f"is not UTF-8 (byte {error.start}).", "Save it as UTF-8.")
    except ValueError as error:
        place = re.search(r"line (\d+), column (\d+)", str(error))
        last = len((text or b"").splitlines())
        where = f"{name}:{place[1]}:{place[2]}" if place else f"{name}:{last}"
        reason = re.sub(r"\s*\(at .*\)$", "", str(error))
        hint = "Fix this line." if place else "The file ends here: close what was opened."
        faults.add(where, f"is not TOML: {reason}.", hint)
    return Table({}, name, Faults(), broken=True)
