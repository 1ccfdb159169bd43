"""The report as one page that needs nothing else: no script, no request, readable on a phone."""

from collections.abc import Iterator, Sequence
from operator import itemgetter
from pathlib import Path

from cds.fhir.primitives import xml
from cds.flows.bulk.report.drawing import HATCH, bars, stacks
from cds.wire import JsonObject

_COLOURS = ("c0", "c1", "c2", "c3", "c4", "c5")
_MOST_BARS = 20
_STYLE = Path(__file__).with_name("page.css").read_text(encoding="utf-8")


def report_page(document: JsonObject) -> str:
    """The page: what came out, by what, for whom; and what could not be read."""
    levels = document["levels"]
    colours = _colours(len(levels))
    named = ", ".join(f"{one['id']} {one['version']}" for one in document["packs"])
    pieces = [
        '<!doctype html><html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width,initial-scale=1">',
        (
            '<meta http-equiv="Content-Security-Policy" content="default-src \'none\';'
            "style-src 'unsafe-inline'\">"
        ),
        f"<title>Decisions of a run: {xml(named)}</title><style>{_STYLE}</style></head><body>",
        (
            f"<main><h1>What came of a run</h1><p class='note'>{xml(named)}; assessed as of "
            f"{xml(document['now'])}; cramp-cds {xml(document['software'])}; {document['inputs']} "
            f"input files{_unread(document['unreadable'])}.</p>"
        ),
        f"<p class='note'>{_explained(document['small'])}</p>",
        HATCH,
        _facts(document),
        "<h2>Levels</h2>",
        bars(
            "Responses by level",
            [
                (one["text"], one["count"], colour)
                for one, colour in zip(levels, colours, strict=True)
            ],
        ),
        (
            "<p class='note'>A level is what the rules conclude from the answers given. No count "
            "is the result of a study, and none says that nothing is wrong.</p>"
        ),
        *_changed(document),
        *_lists(document),
        *(piece for table in document["groups"] for piece in _group(table, levels, colours)),
        "</main></body></html>",
    ]
    return "".join(pieces)


def _colours(count: int) -> list[str]:
    return [_COLOURS[min(number, len(_COLOURS) - 1)] for number in range(count)]


def _unread(files: int) -> str:
    return f", <strong>{files} of which could not be read</strong>" if files else ""


def _explained(small: int) -> str:
    if small <= 1:
        return "Every count is shown."
    return (
        f"Counts from 1 to {small - 1} are hidden, with further ones where a total would give them "
        "away. A rule, a question or a cause is counted once a response."
    )


def _facts(document: JsonObject) -> str:
    facts = [("responses", document["responses"])]
    for name in ("safety-check", "validity", "record"):
        facts += [(one["text"], one["count"]) for one in document[name]]
    drawn = "".join(f"<div><b>{_number(count)}</b>{xml(text)}</div>" for text, count in facts)
    return f'<div class="facts">{drawn}</div>'


def _number(count: int | None) -> str:
    return "hidden" if count is None else f"{count:,}"


def _lists(document: JsonObject) -> Iterator[str]:
    sections = (
        ("rules", "Rules by firing", "c1"),
        ("open", "What is open", "c3"),
        ("causes", "Causes that answers or findings support", "c4"),
        ("faults", "Lines that were not used", "c2"),
        ("issues", "Faults of responses", "c2"),
        ("notes", "Notes", "c3"),
    )
    for name, title, colour in sections:
        rows = document[name]
        yield f"<h2>{title}</h2>"
        if not rows:
            yield "<p class='note'>None.</p>"
            continue
        # A cause's code says no more than its name, unlike those of rules and questions.
        label = itemgetter("text") if name == "causes" else _label
        yield bars(title, [(label(one), one["count"], colour) for one in rows[:_MOST_BARS]])
        if len(rows) > _MOST_BARS:
            yield f"<p class='note'>And {len(rows) - _MOST_BARS} more: see the JSON.</p>"


def _label(one: JsonObject) -> str:
    """What it is in words, behind its code where that is another word."""
    text, code = (str(one[name]).replace("-", " ").lower() for name in ("text", "code"))
    return str(one["text"]) if text.startswith(code) else f"{one['code']} {one['text']}"


def _group(
    table: JsonObject, levels: Sequence[JsonObject], colours: Sequence[str]
) -> Iterator[str]:
    rows = table["rows"]
    yield f"<h2>By {xml(table['by'])}</h2>"
    if not rows:
        yield "<p class='note'>None.</p>"
        return
    names, cells = [row["name"] for row in rows], [row["counts"] for row in rows]
    yield stacks(f"Responses by {table['by']} and level", names, cells, colours)
    keys = "".join(
        '<li><svg viewBox="0 0 9 9" aria-hidden="true">'
        f'<rect width="9" height="9" class="{colour}"/></svg>{xml(one["text"])}</li>'
        for one, colour in zip(levels, colours, strict=True)
    )
    yield f'<ul class="key">{keys}</ul>'
    head = "".join(f"<th scope='col'>{xml(one['code'])}</th>" for one in levels)
    yield "<div class='wide' tabindex='0'><table><thead><tr>"
    yield f"<th scope='col'>{xml(table['by'])}</th>"
    yield f"{head}<th scope='col'>all</th></tr></thead><tbody>"
    for row in rows:
        inner = "".join(_cell(count) for count in (*row["counts"], row["total"]))
        yield f"<tr><th scope='row'>{xml(row['name'])}</th>{inner}</tr>"
    yield "</tbody></table></div>"


def _cell(count: int | None) -> str:
    return '<td class="hidden">–</td>' if count is None else f"<td>{count:,}</td>"


def _changed(document: JsonObject) -> Iterator[str]:
    """What is different from the other run."""
    changes = document.get("changes")
    if changes is None:
        return
    against = ", ".join(f"{one['id']} {one['version']}" for one in changes["against"])
    yield f"<h2>What changed against {xml(against)}</h2>"
    yield bars(
        "Responses against the other run",
        [(one["code"], one["count"], "c4") for one in changes["responses"]],
    )
    yield "<div class='wide' tabindex='0'><table><thead><tr><th scope='col'>from</th>"
    yield "<th scope='col'>to</th><th scope='col'>responses</th></tr></thead><tbody>"
    for one in changes["levels"]:
        if one["from"] != one["to"]:
            yield f"<tr><th scope='row'>{xml(one['from'])}</th><td>{xml(one['to'])}</td>"
            yield f"{_cell(one['count'])}</tr>"
    yield "</tbody></table></div>"
    for name, title in (
        ("rules-gained", "Rules that fire now"),
        ("rules-lost", "Rules that fire no more"),
    ):
        if changes[name]:
            yield f"<h3>{title}</h3>"
            yield bars(
                title, [(one["code"], one["count"], "c1") for one in changes[name][:_MOST_BARS]]
            )
    for line in changes.get("witnesses", ()):
        yield f"<p class='note'>{xml(line)}</p>"
