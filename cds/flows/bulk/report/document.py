"""The report of a run as a document: counts that may be shown, and the words for them."""

from collections.abc import Iterable, Iterator, Mapping

from cds.core.pack import Pack
from cds.flows.bulk.report.counts import PARTS, Counts, Grouped
from cds.flows.bulk.report.protect import if_shown, protect_list, protect_parts, protect_table
from cds.flows.bulk.table import RUN_BY_SPREADSHEETS
from cds.forms.form.every_item import every_item
from cds.wire import JsonObject

_SCHEMA = "cramp-cds/bulk-report/1"
_SMALL = 5
_MOST = 40  # rows of a table; the rest of the groups is one row
_LISTS = ("rules", "open", "causes", "issues", "notes")
OTHERS = "all others"
_WORDS_FOR_GROUPS = {"month": "month", "site": "site", "age_band": "age band"}


def report_of(counts: Counts, packs: Iterable[Pack], small: int = _SMALL) -> JsonObject:
    """The document. A count that may not be shown is null."""
    words = _words(counts, packs)
    parts = {"levels": counts.levels, **counts.parts}
    shown = {name: protect_parts(found, small) for name, found in parts.items()}
    shown |= {name: protect_list(counts.lists[name], small) for name in _LISTS}
    levels = shown["levels"]
    hidden = [number for number, name in enumerate(levels) if levels[name] is None]
    total = sum(counts.levels.values())
    return {
        "schema": _SCHEMA,
        "packs": counts.manifest["packs"],
        "software": counts.manifest["software"],
        "now": counts.manifest["now"],
        "inputs": len(counts.manifest["inputs"]),
        "unreadable": counts.summary["unreadable"],  # of files, not of people: never hidden
        "small": small,
        "responses": if_shown(total, small),
        **{name: _listed(found, words.get(name, {})) for name, found in shown.items()},
        "groups": [
            _table(_WORDS_FOR_GROUPS[name], _shortened(grouped), list(levels), small, hidden)
            for name, grouped in counts.groups.items()
        ],
    }


def _listed(counts: Mapping[str, int | None], words: Mapping[str, str]) -> list[JsonObject]:
    return [
        {"code": name, "text": words.get(name, name), "count": count}
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


def _words(counts: Counts, packs: Iterable[Pack]) -> dict[str, dict[str, str]]:
    """What the codes in a table mean, as far as the packs of the run are installed here.

    They are looked for by their hash: another version may mean something else.
    """
    hashes = {one["hash"] for one in counts.manifest["packs"]}
    # Of a code that several have, the word of the first counts.
    known = [one for one in packs if one.hash in hashes][::-1]
    items = (item for pack in known for item in every_item(pack.full.raw))
    return {
        "levels": {one.code: one.display for pack in known for one in pack.rules.levels},
        "rules": {one.id: one.title for pack in known for one in pack.rules.rules},
        "open": {item["linkId"]: str(item.get("text")) or item["linkId"] for item in items},
        "causes": {one.id: one.display for pack in known for one in pack.rules.causes},
    }


def csv_of(document: JsonObject) -> Iterator[list[str]]:
    """The same as rows: table, row, column, count; an empty count is one that may not be shown."""
    yield ["table", "row", "column", "count"]
    yield ["inputs", "", "", str(document["inputs"])]
    yield ["inputs", "could not be read", "", str(document["unreadable"])]
    yield ["responses", "", "", _cell(document["responses"])]
    for name in ("levels", *PARTS, *_LISTS):
        for one in document[name]:
            yield [name, one["code"], "", _cell(one["count"])]
    for table in document["groups"]:
        for row in table["rows"]:
            for level, number in zip(table["levels"], row["counts"], strict=True):
                yield [table["by"], _plain(row["name"]), level, _cell(number)]
            yield [table["by"], _plain(row["name"]), "", _cell(row["total"])]
    for one in document.get("changes", {}).get("levels", ()):
        yield ["changes", one["from"], one["to"], _cell(one["count"])]


def _cell(count: int | None) -> str:
    return "" if count is None else str(count)


def _plain(name: str) -> str:
    """A name as a cell that no spreadsheet would run."""
    return f"'{name}" if name.startswith(RUN_BY_SPREADSHEETS) else name
