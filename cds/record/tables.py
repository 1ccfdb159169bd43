"""Reading record.toml's tables; each fault is kept with its place, and reading goes on."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from typing import Any

from cds.errors import Fault


@dataclass(frozen=True, slots=True)
class TableReader:
    """Where the tables are from, and the faults found so far."""

    file: str
    faults: list[Fault]

    def fault(self, where: str, problem: str, hint: str = "") -> None:
        """Keep one fault."""
        self.faults.append(Fault(where, problem, hint))

    def table(self, record: Mapping[str, Any], key: str) -> Mapping[str, Any]:
        """A table of the file; an empty one and a fault where it is not."""
        found = record.get(key)
        if isinstance(found, Mapping):
            return found
        self.fault(f"{self.file}: {key}", "is missing.", f"Write a table [{key}].")
        return {}

    def tables(self, record: Mapping[str, Any], key: str) -> list[tuple[str, Mapping[str, Any]]]:
        """An array of tables, each with its place in words; none is fine."""
        found = record.get(key, [])
        if not isinstance(found, list) or not all(isinstance(one, Mapping) for one in found):
            self.fault(f"{self.file}: {key}", "must be an array of tables.", f"Write [[{key}]].")
            return []
        return [(self._place(key, number, one), one) for number, one in enumerate(found, 1)]

    def _place(self, key: str, number: int, one: Mapping[str, Any]) -> str:
        name = next(
            (one[k] for k in ("id", "fact", "unit", "question") if isinstance(one.get(k), str)),
            None,
        )
        return f"{self.file}: {key} {name or f'number {number}'}"

    def text(self, table: Mapping[str, Any], key: str, where: str) -> str:
        """A string that must be there."""
        found = table.get(key)
        if isinstance(found, str) and found:
            return found
        self.fault(f"{where}: {key}", "must be a text.")
        return ""

    def texts(self, table: Mapping[str, Any], key: str, where: str) -> tuple[str, ...]:
        """A list of strings that must be there."""
        found = table.get(key)
        if isinstance(found, list) and found and all(isinstance(one, str) and one for one in found):
            return tuple(found)
        self.fault(f"{where}: {key}", "must be a list of texts.", 'Like ["a", "b"].')
        return ()

    def codes(self, table: Mapping[str, Any], key: str, where: str) -> tuple[str, ...]:
        """The codes of a table `{ "code" = "display" }`; none is fine."""
        found = table.get(key, {})
        if isinstance(found, Mapping) and all(isinstance(one, str) for one in found.values()):
            return tuple(found)
        self.fault(
            f"{where}: {key}", "must be codes with their displays.", '{ "code" = "display" }'
        )
        return ()

    def number(self, table: Mapping[str, Any], key: str, where: str) -> int:
        """A whole number above zero."""
        found = table.get(key)
        if isinstance(found, int) and not isinstance(found, bool) and found > 0:
            return found
        self.fault(f"{where}: {key}", "must be a whole number above 0.")
        return 1

    def decimal(self, value: object, where: str) -> Decimal | None:
        """An exact decimal, from a text or a number as printed; None stays None."""
        if value is None:
            return None
        try:
            number = Decimal(str(value))
        except InvalidOperation:
            number = Decimal("NaN")
        if isinstance(value, bool) or not number.is_finite():
            shown = value if isinstance(value, Decimal) else repr(value)
            self.fault(where, f"{shown} is not a number.", "Write one like 5.0.")
            return None
        return number

    def ordered(self, low: Decimal | None, high: Decimal | None, where: str) -> None:
        """A fault if the low limit is not under the high one."""
        if low is not None and high is not None and low >= high:
            self.fault(where, f"the low limit {low} is not under the high one {high}.")

    @staticmethod
    def nearest(word: str, known: Iterable[str]) -> str:
        """A sentence that offers the nearest known word."""
        close = get_close_matches(word, list(known), n=1)
        return f"Did you mean {close[0]!r}?" if close else ""
