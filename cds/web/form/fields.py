"""The names of the page's fields: one for each question at each place where it stands.

`linkId`, then `~0` for each repeated place on the way, then `:unit` or another part of the answer.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote, unquote

OTHER_PART, UNIT_PART, ROW_PART, ZONE_PART, CONFIRM_PART = "other", "unit", "row", "zone", "confirm"
_MARKED = re.compile("[:~%]")
# The page's own fields. A question called like one of them has another name in the page.
OWN_FIELDS = frozenset(("token", "version", "signs", "meant", "who", "do"))


class Place(NamedTuple):
    """A question, and which repetition of each repeated item above it (and of itself)."""

    link_id: str
    rows: tuple[int, ...] = ()

    @property
    def name(self) -> str:
        """The name of its field."""
        safe = _safe(self.link_id)
        return safe + "".join(f"~{row}" for row in self.rows) if self.rows else safe

    def part(self, name: str) -> str:
        """The name of the field of a part of the answer."""
        return f"{self.name}:{name}"


def first_of(fields: Mapping[str, Sequence[str]], name: str) -> str:
    """The first value of a field; empty where it has none."""
    return next(iter(fields.get(name, ())), "")


@lru_cache(maxsize=4096)
def _safe(link_id: str) -> str:
    safe = quote(link_id, safe="").replace("~", "%7E")
    return f"%{ord(safe[0]):02X}{safe[1:]}" if safe in OWN_FIELDS else safe


def place_of(name: str) -> tuple[Place, str]:
    """The place and the part that a field's name tells; a name of no field is a place nowhere."""
    if not _MARKED.search(name):
        return Place(name), ""  # most names are the linkId alone
    whole, _, part = name.partition(":")
    safe, *rows = whole.split("~")
    numbers = tuple(int(row) for row in rows if row.isascii() and row.isdigit() and len(row) < 4)  # noqa: PLR2004 - no form has a thousand rows
    return Place(unquote(safe), numbers), part
