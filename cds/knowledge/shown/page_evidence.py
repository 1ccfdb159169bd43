"""What the page shows for the knowledge: golden cases, proofs, sources, source attributes."""

from collections.abc import Mapping
from dataclasses import dataclass

from cds.core.pack import Pack
from cds.knowledge.shown.page_parts import bullets, table


@dataclass(frozen=True, slots=True)
class CaseLine:
    """A golden case as the page shows it."""

    name: str
    level: str
    rules: tuple[str, ...]
    given: str


@dataclass(frozen=True, slots=True)
class Page:
    """What the page says besides the pack itself."""

    cases: tuple[CaseLine, ...] = ()
    proofs: tuple[tuple[str, str, str], ...] = ()  # law, words, result
    exceptions: tuple[str, ...] = ()  # each exception of the closed list in words
    about: Mapping[str, object] | None = None


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
        (one.id, f"{one.title}, {one.publisher}, reviewed {one.reviewed}", one.sha256)
        for one in pack.sources.documents
    ]
    lines = [(one.id, one.claim) for one in pack.sources.lines.values()]
    citations = [(one.id, one.text) for one in pack.sources.citations.values()]
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
