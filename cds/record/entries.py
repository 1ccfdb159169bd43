"""Cut a Bundle that is too large to hold into its entries, each to be read by itself.

Only strings and brackets are looked at here: every entry, and all that stands around them, is
still read by the one strict reader.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import BinaryIO

from cds import wire
from cds.errors import Unreadable
from cds.record.walk import envelope_of, is_match
from cds.unreadable import MAX_NESTING
from cds.wire import JsonObject

CHUNK = 1024 * 1024
# Up to the next bracket that stands in no string. The last string before it is kept: in the Bundle
# itself it is the key of what the bracket opens. No match: the rest has not come yet.
_BRACKET = re.compile(rb'(?:[^"{}\[\]]++|("[^"\\]*+(?:\\.[^"\\]*+)*+"))*+([{}\[\]])', re.DOTALL)
# All that an opening bracket opens, down to a depth that nearly every resource keeps to: one step
# instead of one a bracket. No match: it is deeper, or its end has not come yet.
_USUAL_DEPTH = 12
_NESTED = rb'[{\[](?:[^"{}\[\]]++|"[^"\\]*+(?:\\.[^"\\]*+)*+"%b)*+[}\]]'
_IN_ENTRIES = 2  # how deep one is within {"entry": [ …
_HINT = "Give a FHIR Bundle, a resource or NDJSON."


def entries_of(head: bytes, stream: BinaryIO, where: str) -> Iterator[JsonObject]:
    """The entries of the Bundle (or the one resource) that begins with `head`.

    What the Bundle says of its own completeness comes last, as a Bundle without entries.

    Raises:
        Unreadable: it is not one Bundle in strict JSON; entries before the fault were given out.
    """
    cutter = _Cutter(where)
    number = matches = 0
    while head:
        for text in cutter.take(head):
            number += 1
            entry = wire.read(text, where=f"{where}: entry {number}")
            matches += is_match(entry)
            yield entry
        head = stream.read(CHUNK)
    document = cutter.finish()
    if document["resourceType"] == "Bundle":
        yield from envelope_of(document, matches)
    else:
        yield document


@cache  # compiled when it is first needed: few records are that large
def _entry() -> re.Pattern[bytes]:
    nested = b""
    for _ in range(_USUAL_DEPTH):
        nested = _NESTED % (b"|" + nested if nested else b"")
    return re.compile(nested, re.DOTALL)


@dataclass(slots=True)
class _Cutter:
    """Goes through the text once; holds no more of it than the entry that is being read."""

    where: str
    text: bytes = b""
    looked: int = 0  # up to here in `text` every token was seen
    begun: int | None = None  # where the entry that is being read begins
    depth: int = 0
    inside: bool = False
    around: list[bytes] = field(default_factory=list)  # the document with null for each entry
    size: int = 0  # of what is around

    def take(self, chunk: bytes) -> Iterator[bytes]:
        """Each entry that ends in this chunk."""
        self.text += chunk
        kept = 0
        while token := _BRACKET.match(self.text, self.looked):
            self.looked = token.end()
            bracket = token[2]
            if bracket in b"{[":
                if self._opens_entry(token[1], bracket):
                    self.begun = self.looked - 1
                    self._keep(self.text[kept : self.begun])
                    if whole := _entry().match(self.text, self.begun):
                        self.looked = whole.end() - 1  # its last bracket is looked at next
            elif self._closes_entry():
                yield self.text[self.begun : self.looked]
                self._keep(b"null")
                kept, self.begun = self.looked, None
        self._forget(kept)

    def _opens_entry(self, key: bytes | None, bracket: bytes) -> bool:
        self.depth += 1
        if self.depth > MAX_NESTING:
            raise Unreadable(self.where, f"is nested deeper than {MAX_NESTING} levels.", _HINT)
        if self.depth == _IN_ENTRIES and bracket == b"[":
            self.inside = wire.read(key or b"", where=self.where) == "entry"
        return self.inside and self.depth == _IN_ENTRIES + 1 and bracket == b"{"

    def _closes_entry(self) -> bool:
        self.depth -= 1
        self.inside = self.inside and self.depth >= _IN_ENTRIES
        return self.depth == _IN_ENTRIES and self.begun is not None

    def _forget(self, kept: int) -> None:
        """Let go of all that was given out, or that stands around."""
        if self.begun is None:
            self._keep(self.text[kept : self.looked])
            kept = self.looked
        self.text = self.text[kept:]
        self.looked -= kept
        self.begun = None if self.begun is None else self.begun - kept
        if max(len(self.text), self.size) > wire.MAX_BYTES + CHUNK:
            problem = f"has a part of more than {wire.MAX_BYTES:,} bytes."
            raise Unreadable(self.where, problem, "Leave attachments out, or send NDJSON.")

    def _keep(self, part: bytes) -> None:
        self.around.append(part)
        self.size += len(part)

    def finish(self) -> JsonObject:
        """The document around the entries, each of which is null; or one large resource.

        Raises:
            Unreadable: it is neither.
        """
        document = wire.read(b"".join([*self.around, self.text]), where=self.where)
        kind = document.get("resourceType") if isinstance(document, dict) else None
        entries = document.get("entry", []) if isinstance(kind, str) else None
        if isinstance(entries, list) and (kind == "Bundle" or None not in entries):
            if kind == "Bundle" and any(entry is not None for entry in entries):
                raise Unreadable(self.where, "is not a FHIR Bundle.", _HINT)
            whole: JsonObject = document
            return whole
        raise Unreadable(self.where, "is not a FHIR Bundle.", _HINT)
