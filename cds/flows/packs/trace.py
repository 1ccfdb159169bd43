"""The traceability matrix: source fact → item → rule → proof and case → emitted element.

And source → red flag → rule, where a pack declares its flags apart from its rules.
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path

from cds.core.conditions import questions_of
from cds.core.pack import Pack, SourceFact
from cds.flows.packs.cases import Case, run_cases
from cds.flows.packs.publish import cases_of
from cds.forms.form.every_item import every_item
from cds.knowledge.read.red_flags import RedFlag, finders, red_flags
from cds.knowledge.shown.origins import Use, law_names, orphans, rules_asking, uses
from cds.wire import JsonObject

MOST_CASES = 3  # named in a row; the rest are counted


@dataclass(frozen=True, slots=True)
class Row:
    """One source fact and one thing that rests on it."""

    fact: str
    line: str
    claim: str
    used_by: str
    items: str
    rules: str
    proofs: str
    cases: str
    emitted: str


@dataclass(frozen=True, slots=True)
class Trace:
    """The matrix and what hangs in the air."""

    pack: Pack
    rows: tuple[Row, ...]
    orphans: tuple[str, ...]
    unsourced: tuple[Row, ...]  # our own knowledge: it rests on no source fact, and says so
    flags: tuple[Row, ...] = ()  # source, red flag as declared, the rules that find it

    @property
    def matrix(self) -> tuple[Row, ...]:
        """Every row: facts, what is ours, red flags."""
        return (*self.rows, *self.unsourced, *self.flags)


HEAD = ("Fact", "Line", "Claim", "Used by", "Items", "Rules", "Proofs", "Cases", "Emitted as")


def trace(pack: Pack, folder: Path) -> Trace:
    """Make the matrix; the golden cases are run to see which rules they fire.

    Raises:
        PackError: a golden case cannot be read.
    """
    seen = _Seen(pack, cases_of(pack, folder))
    known = uses(pack)
    rows = tuple(row for fact in pack.sources.facts for row in seen.rows(fact, known))
    named = {name for fact in pack.sources.facts for name in fact.used_by}
    flags = tuple(row for flag in red_flags(pack, folder) for row in seen.flagged(flag))
    own = tuple(
        seen.row("", "", "our own: see its reading", use)
        for name, use in known.items()
        if use.kind == "rule" and name not in named
    )
    loose = [*orphans(pack), *seen.loose()]
    return Trace(pack, rows, tuple(loose), own, flags)


class _Seen:
    """What the golden cases do, and who asks for what."""

    def __init__(self, pack: Pack, cases: list[Case]) -> None:
        self.pack = pack
        self.asking = rules_asking(pack)
        self.firing: dict[str, list[str]] = {}
        self.answering: dict[str, list[str]] = {}
        self.supporting: dict[str, list[str]] = {}
        for outcome in run_cases(cases, pack):
            name = outcome.case.name
            for rule in outcome.fired:
                self.firing.setdefault(rule, []).append(name)
            for item in every_item(outcome.case.response):
                if item.get("answer"):
                    self.answering.setdefault(item["linkId"], []).append(name)
            for cause in outcome.case.expected.causes or ():
                self.supporting.setdefault(cause, []).append(name)

    def rows(self, fact: SourceFact, known: dict[str, Use]) -> Iterator[Row]:
        if not fact.used_by:
            yield Row(
                fact.id, fact.line, fact.claim, "", "", "", "", "", f"not used: {fact.unused}"
            )
        for name in fact.used_by:
            if name in known:
                yield self.row(fact.id, fact.line, fact.claim, known[name])

    def row(self, fact: str, line: str, claim: str, use: Use) -> Row:
        rules = {"rule": (use.id,), "item": self.asking.get(use.id, ())}.get(use.kind, ())
        cases = {
            "rule": self.firing.get(use.id, []),
            "item": self.answering.get(use.id, []),
            "cause": self.supporting.get(use.id, []),
        }.get(use.kind, [])
        return Row(
            fact,
            line,
            claim,
            use.name,
            ", ".join(use.items),
            ", ".join(rules),
            law_names(use.laws),
            _shortened(cases),
            use.emitted,
        )

    def flagged(self, flag: RedFlag) -> Iterator[Row]:
        """The declared flag, once for each source that it rests on."""
        rules = finders(self.pack, flag)
        cases = list(dict.fromkeys(name for rule in rules for name in self.firing.get(rule, ())))
        for source in flag.sources or ("",):
            yield Row(
                "",
                source,
                self.pack.sources.claim(source) if source else "our own: see the rules",
                f"flag:{flag.id}",
                ", ".join(questions_of(flag.when)),
                ", ".join(rules),
                "a",
                _shortened(cases),
                f"{flag.finding}, at least {flag.level}",
            )

    def loose(self) -> Iterator[str]:
        for rule in self.pack.rules.rules:
            if rule.id not in self.firing:
                yield f"rule:{rule.id} is fired by no golden case"
        for cause in self.pack.rules.causes:
            if cause.id not in self.supporting:
                yield f"cause:{cause.id} is expected by no golden case"


def _shortened(names: list[str]) -> str:
    shown = "; ".join(names[:MOST_CASES])
    more = len(names) - MOST_CASES
    return f"{shown}; and {more} more" if more > 0 else shown


def trace_markdown(found: Trace) -> Iterator[str]:
    """The matrix as Markdown."""
    pack = found.pack
    yield f"# Where the knowledge of {pack.id} {pack.version} comes from, and where it goes"
    yield ""
    yield "Made by `pack trace`; do not edit. Proofs are the laws of `pack prove`."
    yield ""
    yield "| " + " | ".join(HEAD) + " |"
    yield "|" + "---|" * len(HEAD)
    for row in found.matrix:
        cells = (str(getattr(row, one.name)).replace("|", "\\|") for one in fields(row))
        yield "| " + " | ".join(cells) + " |"
    yield ""
    yield f"Orphans: {len(found.orphans)}"
    yield from (f"- {orphan}" for orphan in found.orphans)


def as_csv(found: Trace) -> str:
    """The matrix as CSV."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(HEAD)
    for row in found.matrix:
        writer.writerow([getattr(row, one.name) for one in fields(row)])
    return out.getvalue()


def as_json(found: Trace) -> JsonObject:
    """The matrix for a program."""
    pack = found.pack
    return {
        "schema": "cramp-cds/trace/1",
        "pack": {"id": pack.id, "version": pack.version, "hash": pack.hash},
        "rows": [{one.name: getattr(row, one.name) for one in fields(row)} for row in found.matrix],
        "orphans": list(found.orphans),
    }
