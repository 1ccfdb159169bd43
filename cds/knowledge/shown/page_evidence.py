"""What the page shows for the knowledge: golden cases, proofs, sources, source attributes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from cds.core.pack import Pack
from cds.knowledge.shown.page_parts import bullets, table


@dataclass(frozen=True, slots=True)
class CaseLine:
    """A golden case as the page shows it."""

    name: str
    level: str
    rules: tuple[str, ...]
    given: str


class FlagLine(NamedTuple):
    """A red flag as it is declared, and the rules that find it, as the page shows it."""

    id: str
    when: str
    leads_to: str
    sources: tuple[str, ...]
    rules: tuple[str, ...]


class FileLine(NamedTuple):
    """A file of the pack, and whether the hash of the pack stands for it."""

    name: str
    sha256: str
    signed: bool


@dataclass(frozen=True, slots=True)
class Page:
    """What the page says besides the pack itself."""

    cases: tuple[CaseLine, ...] = ()
    proofs: tuple[tuple[str, str, str], ...] = ()  # law, words, result
    exceptions: tuple[str, ...] = ()  # each exception of the closed list in words
    about: Mapping[str, object] | None = None
    flags: tuple[FlagLine, ...] = ()
    files: tuple[FileLine, ...] = ()


PROVEN = (
    "Proven for every possible set of answers and facts, not for examples. A proof says that the"
    " rules keep these laws; it does not say that the rules are right."
)


def cases(pack: Pack, page: Page) -> list[str]:
    """The golden cases as a table."""
    levels = {level.code: level.display for level in pack.rules.levels}
    rows = [
        (case.name, case.given, levels.get(case.level, case.level), ", ".join(case.rules) or "none")
        for case in page.cases
    ]
    head = ("Case", "Answers that matter", "Level", "Rules that fire")
    return [table("Golden cases", head, rows) if rows else "<p>Not run.</p>"]


DECLARED = (
    "Written from the sources and not from the rules: what must lead to which finding and level."
    " The proofs hold the two against each other, in both directions: each flag is found by a rule,"
    " and no rule finds what no flag declares."
)


def flag_trails(pack: Pack, page: Page) -> list[str]:
    """From a source to its flag to the rules that find it."""
    if not page.flags:
        return ["<p>None are declared.</p>"]
    rows = [
        (
            flag.id,
            "; ".join(f"{name}: {pack.sources.claim(name)}" for name in flag.sources) or "our own",
            flag.when,
            flag.leads_to,
            ", ".join(flag.rules) or "none",
        )
        for flag in page.flags
    ]
    head = ("Red flag", "On whose word", "What is there", "Leads to", "Rules that find it")
    return [f"<p>{DECLARED}</p>", table("Red flags", head, rows)]


def files(page: Page) -> list[str]:
    """The files, and which of them the hash of the pack stands for."""
    if not page.files:
        return []
    rows = [(file.name, "yes" if file.signed else "no", file.sha256) for file in page.files]
    return [table("Files", ("File", "Part of the pack's hash", "SHA-256"), rows)]


def proofs(page: Page) -> list[str]:
    """The laws and what the solver found."""
    if not page.proofs:
        return ["<p>Not run for this page.</p>"]
    return [
        f"<p>{PROVEN}</p>",
        table("Laws", ("Law", "What it says", "Result"), page.proofs),
        "<h3>The closed list of exceptions, each with an example</h3>",
        bullets(page.exceptions),
    ]


def sources(pack: Pack) -> list[str]:
    """Documents, their lines in our words, citations."""
    documents = [
        (
            document.id,
            f"{document.title}, {document.publisher}, reviewed {document.reviewed}",
            document.sha256,
        )
        for document in pack.sources.documents
    ]
    lines = [(line.id, line.claim) for line in pack.sources.lines.values()]
    citations = [(citation.id, citation.text) for citation in pack.sources.citations.values()]
    return [
        table("Documents", ("Id", "Document", "SHA-256"), documents),
        table("What their lines say, in our words", ("Line", "Claim"), lines),
        table("Other sources", ("Id", "Source"), citations),
    ]


def attributes(page: Page) -> list[str]:
    """The source attributes as a table."""
    listed = (page.about or {}).get("attributes")
    rows = (
        [(str(one["name"]), str(one["value"])) for one in listed]
        if isinstance(listed, list)
        else []
    )
    if not rows:
        return ["<p>The pack gives none.</p>"]
    return [table("Source attributes", ("Attribute", "Value"), rows)]
