"""The report of a run as a document: counts that may be shown, and the words for them."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from cds.core.pack import Pack
from cds.flows.bulk.report.counts import Counts, Grouped
from cds.flows.bulk.report.protect import protect_list, protect_parts, protect_table
from cds.wire import JsonObject

_SCHEMA = "cramp-cds/bulk-report/1"
_SMALL = 5
_MOST = 40  # rows of a table; the rest of the groups is one row
OTHERS = "all others"
_WORDS_FOR_GROUPS = {"month": "month", "site": "site", "age_band": "age band"}


def report_of(counts: Counts, packs: Iterable[Pack], small: int = _SMALL) -> JsonObject:
    """The document. A count that may not be shown is null."""
    words = CodeWords(counts, packs)
    levels = protect_parts(counts.levels, small)
    hidden = [number for number, name in enumerate(levels) if levels[name] is None]
    total = sum(counts.levels.values())
    return {
        "schema": _SCHEMA,
        "packs": counts.manifest["packs"],
        "software": counts.manifest["software"],
        "now": counts.manifest["now"],
        "inputs": len(counts.manifest["inputs"]),
        "small": small,
        "responses": _if_shown(total, small),
        "levels": _listed(levels, words.level),
        "safety-check": _listed(protect_parts(counts.complete, small)),
        "validity": _listed(protect_parts(counts.valid, small)),
        "record": _listed(protect_parts(counts.record, small)),
        "faults": _listed(protect_parts(counts.faults, small)),
        "rules": _listed(protect_list(counts.lists["rules"], small), words.rule),
        "open": _listed(protect_list(counts.lists["open"], small), words.question),
        "causes": _listed(protect_list(counts.lists["causes"], small), words.cause),
        "issues": _listed(protect_list(counts.lists["issues"], small)),
        "notes": _listed(protect_list(counts.lists["notes"], small)),
        "groups": [
            _table(_WORDS_FOR_GROUPS[name], _shortened(grouped), list(levels), small, hidden)
            for name, grouped in counts.groups.items()
        ],
    }


def _if_shown(count: int, small: int) -> int | None:
    return None if 0 < count < small else count


def _listed(counts: Mapping[str, int | None], words: Any = None) -> list[JsonObject]:
    return [
        {"code": name, "text": words(name) if words else name, "count": count}
        for name, count in counts.items()
    ]


def _shortened(grouped: Grouped) -> Grouped:
    """At most so many rows: those with the most responses, and all others together."""
    if len(grouped.names) <= _MOST:
        return grouped
    order = sorted(range(len(grouped.names)), key=lambda n: (-sum(grouped.cells[n]), n))
    kept = sorted(order[: _MOST - 1])
    rest = [grouped.cells[number] for number in order[_MOST - 1 :]]
    return Grouped(
        (*(grouped.names[number] for number in kept), OTHERS),
        (
            *(grouped.cells[number] for number in kept),
            tuple(sum(column) for column in zip(*rest, strict=True)),
        ),
    )


def _table(
    by: str, grouped: Grouped, levels: list[str], small: int, hidden: list[int]
) -> JsonObject:
    shown = protect_table(grouped.cells, small, hidden)
    return {
        "by": by,
        "levels": levels,
        "rows": [
            {"name": name, "counts": list(cells), "total": total}
            for name, cells, total in zip(grouped.names, shown.cells, shown.rows, strict=True)
        ],
    }


class CodeWords:
    """What the codes of a run mean, as far as its packs are installed here."""

    def __init__(self, counts: Counts, packs: Iterable[Pack]) -> None:
        """Look for the packs by their hash: another version may mean something else."""
        hashes = {one["hash"] for one in counts.manifest["packs"]}
        self.packs = [one for one in packs if one.hash in hashes]

    def level(self, code: str) -> str:
        """The level in words."""
        levels = (one for pack in self.packs for one in pack.rules.levels)
        return next((one.display for one in levels if one.code == code), code)

    def rule(self, code: str) -> str:
        """What a rule says."""
        rules = (one for pack in self.packs for one in pack.rules.rules)
        return next((one.title for one in rules if one.id == code), code)

    def cause(self, code: str) -> str:
        """The cause in words."""
        causes = (one for pack in self.packs for one in pack.rules.causes)
        return next((one.display for one in causes if one.id == code), code)

    def question(self, code: str) -> str:
        """The text of a question; of a resource of the record, nothing but what it is."""
        items = (one for pack in self.packs for one in _items(pack.full.raw.get("item", ())))
        found = next((str(one.get("text")) for one in items if one.get("linkId") == code), None)
        return found or code


def _items(items: Iterable[JsonObject]) -> Iterator[JsonObject]:
    for item in items:
        yield item
        yield from _items(item.get("item", ()))


def csv_of(document: JsonObject) -> Iterator[list[str]]:
    """The same as rows: table, row, column, count; an empty count is one that may not be shown."""
    yield ["table", "row", "column", "count"]
    yield ["responses", "", "", _cell(document["responses"])]
    for name in (
        "levels",
        "safety-check",
        "validity",
        "record",
        "faults",
        "rules",
        "open",
        "causes",
        "issues",
        "notes",
    ):
        for one in document[name]:
            yield [name, one["code"], "", _cell(one["count"])]
    for table in document["groups"]:
        for row in table["rows"]:
            for level, number in zip(table["levels"], row["counts"], strict=True):
                yield [table["by"], row["name"], level, _cell(number)]
            yield [table["by"], row["name"], "", _cell(row["total"])]
    for one in document.get("changes", {}).get("levels", ()):
        yield ["changes", one["from"], one["to"], _cell(one["count"])]


def _cell(count: int | None) -> str:
    return "" if count is None else str(count)
