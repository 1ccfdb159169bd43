"""What is in files, streams, NDJSON (also .gz) and Bundles: one JSON value after another.

In constant memory. What cannot be read stops nothing else: it comes as a fault, in its place.
"""

import zlib
from collections.abc import Iterator
from typing import Any, BinaryIO, NamedTuple

from cds import wire
from cds.errors import Unreadable
from cds.flows.fhir_xml import Places, looks_like_xml, read_xml
from cds.flows.input_files import damaged, streams
from cds.forms.response.places import EntryPlaces

_RESPONSE = "QuestionnaireResponse"
# Small objects take far more memory than text: this many fit into 200 MB.
MAX_CONTAINERS = 500_000
TO_ENTRY = 2  # steps to an entry of a Bundle; an array takes one
_LINES = (".ndjson", ".jsonl", ".ndjson.gz", ".jsonl.gz")


class Document(NamedTuple):
    """One JSON value and where it stands.

    `text` is the JSON that holds it, which begins at `line` of the file; `steps` lead to it in
    there. `beside` is the Bundle that it came in: its form and its value sets may be there.
    """

    where: str
    value: Any = None
    text: bytes | None = None
    line: int = 1
    steps: tuple[str | int, ...] = ()
    beside: dict[str, Any] | None = None
    fault: Unreadable | None = None
    file: str = ""
    many: bool = False  # one of several lines
    entries: EntryPlaces | None = None  # of a Bundle or an array in JSON: all of those in it
    places: Places | None = None  # of a resource in XML: where each element stands

    @property
    def place(self) -> str:
        """The file, the line where there are several, and the entry of a Bundle."""
        line = f":{self.line}" if self.many else ""
        return f"{self.file or self.where}{line}{self._inside()}"

    def _inside(self) -> str:
        match self.steps:
            case ("entry", index, *_):
                return f": Bundle.entry[{index}].resource"
            case (index,):
                return f": [{index}]"
            case _:
                return ""


def documents(
    name: str,
    *,
    stdin: BinaryIO,
    where: str | None = None,
    max_bytes: int = wire.MAX_BYTES,
    resource_type: str | None = _RESPONSE,
) -> Iterator[Document]:
    """Every JSON value of one file, of each file in an archive, or of standard input (`-`).

    A Bundle or an array is taken apart into its resources of `resource_type`, if it holds any.
    """
    # A file name need not be text; a report must be.
    where = (where or name).encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    for stream in streams(name, stdin, where):
        if stream.bytes is None:
            yield Document(stream.name, fault=stream.fault)
            continue
        reader = _Reader(stream.name, max_bytes, resource_type)
        try:
            yield from reader.read(stream.bytes, stream.name)
        except (EOFError, zlib.error):
            yield Document(stream.name, fault=damaged(stream.name))
        except OSError as error:  # BadGzipFile is one, and has no strerror
            if error.strerror:
                raise
            yield Document(stream.name, fault=damaged(stream.name))


class _Reader(NamedTuple):
    """Reads one stream. `where` is what messages call it."""

    where: str
    max_bytes: int
    resource_type: str | None

    def read(self, stream: BinaryIO, name: str) -> Iterator[Document]:
        """Every value: one a line if it looks like that, else the whole."""
        first = stream.readline(self.max_bytes + 1)
        stripped = first.strip()
        whole = stripped[:1] == b"{" and stripped[-1:] == b"}"
        second = stream.readline(self.max_bytes + 1) if whole else b""
        if name.endswith(_LINES) or (whole and second.lstrip()[:1] == b"{"):
            yield from self._lines(stream, [first, second])
            return
        data = first + second
        if len(data) <= self.max_bytes:
            data += stream.read(self.max_bytes + 1 - len(data))
        yield from self._documents(data, 1, many=False)

    def _lines(self, stream: BinaryIO, begun: list[bytes]) -> Iterator[Document]:
        number = 0
        line = begun.pop(0)
        while line:
            number += 1
            if line.strip():
                yield from self._documents(line.rstrip(b"\r\n"), number, many=True)
            while len(line) > self.max_bytes and not line.endswith(b"\n"):
                # The rest of a line that was refused is skipped, piece by piece.
                line = stream.readline(self.max_bytes + 1)
            line = begun.pop(0) if begun and begun[0] else stream.readline(self.max_bytes + 1)

    def _documents(self, data: bytes, line: int, *, many: bool) -> Iterator[Document]:
        where = self.where
        try:
            value, found = self._value(data)
        except Unreadable as error:
            at = line if error.line is None else line + error.line - 1
            fault = Unreadable(where, error.problem, error.hint, line=at, column=error.column or 1)
            yield Document(where, fault=fault, line=line, many=many)
            return
        inside = list(self._resources(value))
        beside = value if isinstance(value, dict) else None
        entries = EntryPlaces(data, (steps[:TO_ENTRY] for steps, _ in inside))
        for steps, resource in inside:
            name = f"{where}#{'entry' if beside else ''}[{steps[-1 if beside is None else 1]}]"
            one = Document(name, resource, data, line, steps, beside=beside, file=where, many=many)
            yield one._replace(places=found, entries=entries)
        if not inside:
            yield Document(where, value, data, line, many=many, places=found)

    def _value(self, data: bytes) -> tuple[Any, Places | None]:
        """The value in the data, and of a resource in XML where each element stands."""
        if len(data) > self.max_bytes:
            problem = f"is longer than {self.max_bytes:,} bytes and was not read."
            hint = "Send less at a time (validate: or raise --max-bytes)."
            raise Unreadable(self.where, problem, hint)
        if data.count(b"{") + data.count(b"[") + data.count(b"<") > MAX_CONTAINERS:
            problem = f"holds more than {MAX_CONTAINERS:,} objects and arrays and was not read."
            raise Unreadable(self.where, problem, "Send less at a time.")
        if looks_like_xml(data):
            return read_xml(data, self.where)
        return read_value(data, self.where, self.max_bytes), None

    def _resources(self, value: Any) -> Iterator[tuple[tuple[str | int, ...], dict[str, Any]]]:
        """The resources of the wanted type in a Bundle or an array, and the way to each."""
        if isinstance(value, list):
            for index, one in enumerate(value if self.resource_type is not None else ()):
                if isinstance(one, dict) and one.get("resourceType") == self.resource_type:
                    yield (index,), one
            return
        if not isinstance(value, dict) or value.get("resourceType") != "Bundle":
            return
        entries = value.get("entry") if self.resource_type is not None else None
        for index, entry in enumerate(entries if isinstance(entries, list) else ()):
            resource = entry.get("resource") if isinstance(entry, dict) else None
            if isinstance(resource, dict) and resource.get("resourceType") == self.resource_type:
                yield ("entry", index, "resource"), resource


def read_value(data: bytes, where: str, max_bytes: int) -> Any:
    """The JSON value in `data`, or what a resource in XML stands for.

    Raises:
        Unreadable: as `wire.read` has it; what is another format of FHIR is called by its name.
    """
    if looks_like_xml(data):
        return read_xml(data, where)[0]
    try:
        return wire.read(data, where=where, max_bytes=max_bytes)
    except Unreadable as error:
        begin = data[:200].lstrip()
        if begin[:3] == b"---" or begin[:13] == b"resourceType:":
            problem, hint = "is YAML.", "Convert it to FHIR JSON; only that is read."
        else:
            raise
        raise Unreadable(where, problem, hint, line=1, column=1) from error
