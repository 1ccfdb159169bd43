"""sources.toml read: documents, lines, citations, facts. The texts themselves are never kept."""

from cds.core.pack import Citation, Line, SourceFact, Sources, SourceText
from cds.knowledge.read.tables import Faults, Table, nearest

_SHA256 = 64
_HEXADECIMAL = frozenset("0123456789abcdef")


def read_sources(table: Table, faults: Faults) -> Sources:
    """Everything that the rules may cite."""
    documents = tuple(_document(one) for one in table.each("document"))
    lines = {line.id: line for line in (_line(one) for one in table.each("line"))}
    citations = {one.id: one for one in (_citation(entry) for entry in table.tables("citation"))}
    facts = tuple(_fact(one) for one in table.each("fact"))
    known = {document.id for document in documents}
    for line in lines.values():
        if line.document not in known:
            faults.add(
                f"{table.where}: line {line.id}",
                "names no document.",
                nearest(line.document, known),
            )
    for fact in facts:
        if fact.line not in lines:
            faults.add(
                f"{table.where}: fact {fact.id}",
                f"line {fact.line!r} is not listed.",
                nearest(fact.line, lines),
            )
    table.done()
    return Sources(documents, lines, citations, facts)


def _document(table: Table) -> SourceText:
    return SourceText(
        id=table.text("id"),
        title=table.text("title"),
        publisher=table.text("publisher"),
        reviewed=table.text("reviewed"),
        file=table.text("file"),
        sha256=_checksum(table),
    )


def _line(table: Table) -> Line:
    identifier = table.text("id")
    return Line(
        id=identifier,
        document=identifier.partition(":")[0],
        claim=table.text("claim"),
        sha256=_checksum(table),
    )


def _citation(table: Table) -> Citation:
    citation = Citation(table.text("id"), table.text("text"), table.optional("url"))
    table.rest()
    return citation


def _fact(table: Table) -> SourceFact:
    fact = SourceFact(
        id=table.text("id"),
        line=table.text("line"),
        claim=table.text("claim"),
        used_by=table.texts("used-by"),
        unused=table.optional("unused"),
    )
    if bool(fact.used_by) == bool(fact.unused):
        table.fault(
            "used-by",
            "either used-by or unused must be given.",
            "Say what rests on it, or why nothing does.",
        )
    return fact


def _checksum(table: Table) -> str:
    value = table.text("sha256")
    if value and not (len(value) == _SHA256 and _HEXADECIMAL.issuperset(value)):
        table.fault("sha256", "is not a SHA-256 in lower-case hexadecimal.")
    return value
