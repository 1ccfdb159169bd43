"""For notebooks and lakes: a Spark DataFrame of lines in, a DataFrame of decisions out."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import chain
from typing import TYPE_CHECKING, Any
from zlib import crc32

from cds import wire
from cds.flows.assess import Assessor, installed
from cds.flows.bulk.decide import Decider, Lines, Options, Where
from cds.flows.bulk.files import DECISIONS, FAULTS, ROWS
from cds.flows.bulk.join import gather, in_input_order
from cds.flows.bulk.rows import TABLE_COLUMNS
from cds.flows.bulk.spill import Piece
from cds.flows.bulk.spread import pieces_of
from cds.wire import JsonObject

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame

_LINE = "line_text"
_KEYED = "bucket int, key binary, line_text binary"
_BYTES = ("utf-8", "surrogatepass")  # an id may be half of a pair, which is told later
# Patients are brought together by the hundred: a group each costs three times the decisions.
_BUCKETS = 1024
_TYPES = {
    "VARCHAR": "string",
    "BIGINT": "bigint",
    "INTEGER": "int",
    "BOOLEAN": "boolean",
    "VARCHAR[]": "array<string>",
}
# Where a line stood is known to files, not to frames.
_LEFT_OUT = ("input", "line")
_Streams = dict[str, list[Any]]  # lines; rows may be there as values
_NAMES = tuple(name for name in TABLE_COLUMNS if name not in _LEFT_OUT)
_SCHEMA = ", ".join(f"{name} {_TYPES[TABLE_COLUMNS[name]]}" for name in _NAMES)
_SCHEMA += ", decision binary, fault binary"


def assess_frame(
    responses: "DataFrame",
    *,
    record: "DataFrame | None" = None,
    column: str = "value",
    now: datetime | None = None,
    assessor: Callable[[], Assessor] = installed,
    buckets: int = _BUCKETS,
) -> "DataFrame":
    """One row a response: its decision document, the columns of `responses.ndjson`, or its fault.

    `responses` and `record` hold one FHIR resource a row, as JSON text or bytes in `column`; bytes
    keep what is not UTF-8, so that it is told and not mended. With a `record` the two are cogrouped
    by patient, in so many `buckets`; a process of an executor holds one of them at a time.
    `assessor` is called once in each Python process of the executors, which need this package with
    its packs (`bulk pack-deps`). A Medication that stands by itself belongs to no patient and is
    not looked up here: the order that names it is told in `open`. A run of `bulk` looks it up.
    """
    options = Options(now or datetime.now(UTC))
    lines = _lines(responses, column)
    if record is None:
        return lines.mapInArrow(_deciding(options, assessor), _SCHEMA)
    answers, beside = (
        one.mapInArrow(_keyed(buckets), _KEYED).groupBy("bucket")
        for one in (lines, _lines(record, column))
    )
    return answers.cogroup(beside).applyInArrow(_gathering(options, assessor), _SCHEMA)


def _lines(frame: "DataFrame", column: str) -> "DataFrame":
    from pyspark.sql.functions import col  # noqa: PLC0415 - an extra

    return frame.select(col(column).cast("binary").alias(_LINE))


class _Lines(Lines):
    """What came of one line, its row as it is: in a frame, nobody would read it as a text."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: _Streams = {}

    def add(self, stream: str, value: object) -> None:
        if stream != ROWS and not isinstance(value, bytes):
            value = wire.write(value)
        self.kept.setdefault(stream, []).append(value)


def _deciding(options: Options, assessor: Callable[[], Assessor]) -> Any:
    def decide(batches: "Iterator[pa.RecordBatch]") -> "Iterator[pa.RecordBatch]":
        decider = Decider(assessor(), options)
        for batch in batches:
            made = []
            for number, text in enumerate(batch.column(_LINE).to_pylist()):
                out = _Lines()
                decider.decide(text or b"", None, Where("frame", number), out)
                made.append(out.kept)
            yield from _batches(made)

    return decide


def _keyed(buckets: int) -> Any:
    """Each piece with its key, and the bucket of its patient: one of nobody by what it says."""

    def spread(batches: "Iterator[pa.RecordBatch]") -> "Iterator[pa.RecordBatch]":
        import pyarrow as pa  # noqa: PLC0415 - an extra

        for batch in batches:
            pieces = [
                (key.encode(*_BYTES), piece)
                for text in batch.column(_LINE).to_pylist()
                for key, piece in pieces_of(text or b"")
            ]
            kept = [crc32(key[1:] or piece) % buckets for key, piece in pieces]
            columns = [
                pa.array(kept, pa.int32()),
                pa.array([key for key, _ in pieces], pa.binary()),
                pa.array([piece for _, piece in pieces], pa.binary()),
            ]
            yield pa.RecordBatch.from_arrays(columns, ["bucket", "key", _LINE])

    return spread


def _gathering(options: Options, assessor: Callable[[], Assessor]) -> Any:
    kept: list[Decider] = []

    def decide(answers: "pa.Table", beside: "pa.Table") -> "pa.Table":
        import pyarrow as pa  # noqa: PLC0415 - an extra

        if not kept:
            kept.append(Decider(assessor(), options))
        # A shuffle keeps no order: of each side, by what is said.
        texts = chain(_sorted(answers), _sorted(beside))
        pieces = [
            Piece(number, 0, number, key.decode(*_BYTES), text)
            for number, (text, key) in enumerate(texts)
        ]
        made, _ = gather(pieces, kept[0], lambda _: "frame", lambda _: [])
        streams = [in_input_order(found) for found in made.values()]
        return pa.Table.from_batches(list(_batches(streams)), _arrow_schema())

    return decide


def _sorted(side: "pa.Table") -> list[tuple[bytes, bytes]]:
    return sorted(zip(side.column(_LINE).to_pylist(), side.column("key").to_pylist(), strict=True))


def _batches(made: list[_Streams]) -> "Iterator[pa.RecordBatch]":
    import pyarrow as pa  # noqa: PLC0415 - an extra

    rows = [row for streams in made for row in _rows(streams)]
    yield pa.RecordBatch.from_pylist(rows, _arrow_schema())


def _rows(streams: _Streams) -> Iterator[JsonObject]:
    for decision, row in zip(streams.get(DECISIONS, ()), streams.get(ROWS, ()), strict=True):
        known = wire.parse_own(row) if isinstance(row, bytes) else row
        # The decision begins with its place: cut off, every digit of it stays.
        place = wire.write({name: known[name] for name in _LEFT_OUT})
        plain = b"{" + decision[len(place) :]
        yield {**{name: known[name] for name in _NAMES}, "decision": plain, "fault": None}
    for fault in streams.get(FAULTS, ()):
        yield {"fault": fault}


def _arrow_schema() -> "pa.Schema":
    import pyarrow as pa  # noqa: PLC0415 - an extra

    types = {
        "VARCHAR": pa.string(),
        "BIGINT": pa.int64(),
        "INTEGER": pa.int32(),
        "BOOLEAN": pa.bool_(),
        "VARCHAR[]": pa.list_(pa.string()),
    }
    fields = [pa.field(name, types[TABLE_COLUMNS[name]]) for name in _NAMES]
    return pa.schema([*fields, pa.field("decision", pa.binary()), pa.field("fault", pa.binary())])
