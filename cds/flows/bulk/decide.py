"""One response and its record in; lines for each of the run's files out. No file is touched here.

The same function decides on this machine's workers and on Spark's executors.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from cds import wire
from cds.core.account import Missing
from cds.errors import CdsError, ResponseError, Unreadable
from cds.fhir.decision_row import extension_of
from cds.flows.assess import Assessor
from cds.flows.bulk.files import DECISIONS, FAULTS, ROWS
from cds.flows.bulk.lines import TooLong
from cds.flows.bulk.rows import row_of
from cds.flows.deciding.assessed import Assessed
from cds.wire import JsonObject

if TYPE_CHECKING:
    from cds.flows.bulk.beside import Beside

FAULT_SCHEMA = "cramp-cds/fault/1"
OWN_FAULT = "own-fault"
# What a run counts; each is in the summary even where it is 0.
COUNTS = (
    "responses",
    "decided",
    "faults",
    "own-faults",
    "invalid",
    "emergencies",
    "with-record",
    "without-record",
)
_NOBODY = "Patient/nobody"
_AUTHORED = re.compile(rb'"authored":"([^"\\]{20,35})"')


class Where(NamedTuple):
    """A line of an input."""

    input: str
    line: int

    def __str__(self) -> str:
        """As messages name it."""
        return f"{self.input}:{self.line}"


class Options(NamedTuple):
    """What a run is asked for. `now` is None where each response is judged as of its own time."""

    now: datetime
    as_authored: bool = False
    fhir: bool = False


class Lines:
    """Lines for the files of a run, and what was counted while they were made."""

    def __init__(self) -> None:
        """Nothing yet."""
        self.streams: dict[str, list[bytes]] = {}
        self.counts: dict[str, int] = {}

    def add(self, stream: str, value: object) -> None:
        """One more line."""
        line = value if isinstance(value, bytes) else wire.write(value)
        # A copy, for what is just written holds room for four times as much.
        self.streams.setdefault(stream, []).append(memoryview(line).tobytes())

    def count(self, name: str, number: int = 1) -> None:
        """Count one more of these."""
        self.counts[name] = self.counts.get(name, 0) + number

    def fault(self, where: Where, kind: str, text: str, help_: str = "", **more: object) -> None:
        """Tell a line that could not be used."""
        self.count("faults")
        self.add(
            FAULTS,
            {
                "schema": FAULT_SCHEMA,
                "input": where.input,
                "line": where.line,
                "kind": kind,
                "text": text,
                "help": help_,
                **more,
            },
        )


class Decider(NamedTuple):
    """An assessor and what the run asks for."""

    assessor: Assessor
    options: Options

    def make_ready(self, *, record: bool) -> None:
        """Load and compile now what the first response would wait for; with `record`, its too.

        For a process that is forked afterwards.
        """
        from cds.fhir import document  # noqa: F401, PLC0415 - loaded here, used later
        from cds.forms.checks import checks  # noqa: F401, PLC0415 - as above

        for engine in chain.from_iterable(self.assessor.engines.values()):
            _ = engine.reading
        for pack in self.assessor.packs if record else ():
            self.assessor.facts(pack, (), now=self.options.now, subject=_NOBODY)

    def decide(
        self,
        response: bytes | JsonObject,
        beside: "Beside | None",
        where: Where,
        out: Lines,
        missing: tuple[Missing, ...] = (),
    ) -> None:
        """Assess one response; whatever happens, exactly one decision or fault is written.

        `missing`: what of a record could not be had, where nothing else came of it.
        """
        out.count("responses")
        out.count("without-record" if beside is None else "with-record")
        if isinstance(response, TooLong):
            too_long(response.length, where, out)
            return
        try:
            assessed = self.assessor.assess(
                response,
                now=self._now(response),
                record=beside,
                missing=missing,
                where=str(where),
            )
            made = self._written(assessed, beside, where, out)
        except CdsError as error:
            out.fault(where, _kind_of(error), error.problem, error.hint, **_place(error))
        except Exception as error:  # noqa: BLE001 - one line must not end the run; it is said loudly
            out.count("own-faults")
            text = f"was not assessed: {internal_error(error)}. Do not read this as an all-clear."
            out.fault(where, OWN_FAULT, text, "Report it with this line, made anonymous.")
        else:
            for stream, line in made:
                out.add(stream, line)
            out.count("decided")
            out.count(f"level:{assessed.level.code}")
            out.count("invalid", int(assessed.invalid))
            out.count("emergencies", int(assessed.level.alert))

    def _now(self, response: bytes | JsonObject) -> datetime:
        if not self.options.as_authored:
            return self.options.now
        found = _AUTHORED.search(response) if isinstance(response, bytes) else None
        text = found[1].decode("ascii", "replace") if found else ""
        if isinstance(response, dict):
            text = str(response.get("authored", ""))
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            return self.options.now
        return self.options.now if moment.tzinfo is None else moment.astimezone(UTC)

    def _written(
        self, assessed: Assessed, beside: "Beside | None", where: Where, out: Lines
    ) -> list[tuple[str, object]]:
        document = {"input": where.input, "line": where.line, **assessed.document()}
        row = row_of(assessed, document, beside, where)
        lines: list[tuple[str, object]] = [(DECISIONS, wire.write(document)), (ROWS, row)]
        if self.options.fhir:
            try:
                lines.extend(self._resources(assessed, row))
            except ResponseError as error:  # it says nobody whom it is about: the rest is written
                out.fault(where, "no-fhir", f"{error.where} {error.problem}", error.hint)
        return lines

    @staticmethod
    def _resources(assessed: Assessed, row: JsonObject) -> Iterator[tuple[str, bytes]]:
        """Each resource of the decision; they refer to one another by type and id, as files do.

        The RiskAssessment carries the row, for engines that make tables of resources.
        """
        resources = [entry["resource"] for entry in assessed.to_fhir()["entry"]]
        for one in resources:
            if one["resourceType"] == "RiskAssessment":
                one["extension"] = [*one["extension"], extension_of(assessed.pack, row)]
        named = [
            (f'"urn:uuid:{one["id"]}"'.encode(), f'"{one["resourceType"]}/{one["id"]}"'.encode())
            for one in resources
        ]
        for resource in resources:
            line = wire.write(resource)
            for written, meant in named:
                line = line.replace(written, meant)
            yield resource["resourceType"], line


def internal_error(error: Exception) -> str:
    """The kind of a fault of ours and its place; its text may quote an answer."""
    trace, place = error.__traceback__, ""
    while trace is not None:
        place = f" at {trace.tb_frame.f_code.co_filename.rpartition('/')[2]}:{trace.tb_lineno}"
        trace = trace.tb_next
    return f"internal error ({type(error).__name__}{place})"


def _kind_of(error: CdsError) -> str:
    if isinstance(error, ResponseError):
        return "record-of-another" if error.where.startswith("record") else "not-assessable"
    return "unreadable" if isinstance(error, Unreadable) else "not-assessable"


def _place(error: CdsError) -> JsonObject:
    """The column of a fault in the text, or the element that it is about."""
    if isinstance(error, Unreadable):
        return {} if error.column is None else {"column": error.column}
    return {"element": error.where}


def too_long(length: int, where: Where, out: Lines) -> None:
    """Tell a line that nobody has read."""
    text = f"is {length:,} bytes long; at most {wire.MAX_BYTES:,} are read. It was not assessed."
    out.fault(where, "unreadable", text, "Give one FHIR resource a line, and each line its end.")


def read_strictly(line: bytes, where: Where, out: Lines, kind: str) -> JsonObject | None:
    """The resource in a line; a fault is told, and gives None."""
    try:
        value = wire.read(line, where=str(where))
    except Unreadable as error:
        out.fault(where, kind, error.problem, error.hint, **_place(error))
        return None
    if isinstance(value, dict):
        return value
    out.fault(where, kind, "is not a JSON object.", "Give one FHIR resource a line.")
    return None


def decide_lines(lines: Iterable[tuple[int, bytes]], name: str, decider: Decider) -> Lines:
    """Decide on each line of a part."""
    out = Lines()
    for line, text in lines:
        decider.decide(text, None, Where(name, line), out)
    return out
