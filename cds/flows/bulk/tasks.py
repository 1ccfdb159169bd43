"""The tasks of a run: each writes whole files, and marks itself as done last.

A task may be done on any worker, twice, or after a crash: its files are the same.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from cds.core.account import Missing
from cds.errors import Unreadable, UsageError
from cds.flows.assess import Assessor
from cds.flows.bulk.decide import Decider, Options, decide_lines
from cds.flows.bulk.files import DECISIONS, FAULTS, ROWS, Folder, blocks_of, marked, write_whole
from cds.flows.bulk.join import gather, in_input_order
from cds.flows.bulk.lines import numbered_lines
from cds.flows.bulk.shared import Index, write_index
from cds.flows.bulk.spill import Piece, read_slot, write_spill
from cds.flows.bulk.spread import spread_part
from cds.flows.bulk.survey import Part, Survey, digest_of, stamp_of, survey
from cds.flows.bulk.table import write_table
from cds.wire import JsonObject

# Stage → the file names of its tasks.
SURVEY, HASH, DECIDE, SPREAD, INDEX, GATHER, STAGES, JOIN_FILES = (
    "survey",
    "survey-hash",
    "decide",
    "spread",
    "index",
    "gather",
    "order",
    "join",
)
Task = tuple[str, int]  # its stage, and its number there
FINAL = {DECISIONS: "decisions.ndjson", FAULTS: "faults.ndjson", ROWS: "responses.ndjson"}


class Job(NamedTuple):
    """What every worker of a run is told once."""

    folder: Path
    files: tuple[Path, ...]
    names: tuple[str, ...]  # what the results call them
    options: Options
    assessor: Callable[[], Assessor]
    packs: tuple[str, ...]  # the hashes of the packs that the run was begun with
    table: str | None = None
    lost: tuple[Unreadable, ...] = ()  # what was named, and is not there
    counts: tuple[int, ...] = ()  # how many resources each file should have; 0: nobody says


class Plan(NamedTuple):
    """What the survey found: the parts of all inputs, and into how many slots they are spread.

    `slots` is 0 where there are only responses: each part is decided on by itself.
    """

    inputs: tuple[Survey, ...]
    parts: tuple[Part, ...]
    slots: int
    missing: tuple[Missing, ...] = ()  # of records, where a file could not be read

    @property
    def stage(self) -> str:
        """The stage whose files hold the results, by part."""
        return STAGES if self.slots else DECIDE


class Worker:
    """Does the tasks of a job."""

    def __init__(self, job: Job) -> None:
        """Nothing is loaded yet."""
        self.job = job
        self.folder = Folder(job.folder)
        self.plan = Plan((), (), 0)  # a plan comes before its tasks
        self._marks: dict[str, list[int]] = {}  # of the parts that the task has written

    @cached_property
    def decider(self) -> Decider:
        """The assessor, made ready at the first task that needs it.

        Raises:
            UsageError: the packs are not here, or are not those that the run was begun with.
        """
        assessor = self.job.assessor()
        found = tuple(one.hash for one in assessor.packs)
        if found != self.job.packs:
            what = (
                "are not those that the run was begun with" if found else "are not installed here"
            )
            hint = "Install the package with its packs, or begin again in a new folder."
            raise UsageError("packs", f"{what}.", hint)
        return Decider(assessor, self.job.options)

    def make_ready(self) -> None:
        """Load and compile what the tasks need now, and not at the first of them.

        Raises:
            UsageError: as `decider`.
        """
        # A single file hardly ever has a record in it; to read one takes as long as all the rest.
        self.decider.make_ready(record=len(self.job.files) > 1)

    def do(self, stage: str, number: int) -> JsonObject:
        """Do one task, unless it is done; gives what it tells."""
        known = self.folder.done(stage, number)
        if known is not None:
            return known
        tasks: dict[str, Callable[[int], JsonObject]] = {
            SURVEY: self._survey,
            HASH: self._hash,
            DECIDE: self._decide,
            SPREAD: self._spread,
            INDEX: self._index,
            GATHER: self._gather,
            STAGES: self._order,
            JOIN_FILES: self._join,
        }
        self._marks = {}
        told = tasks[stage](number)
        self.folder.finish(stage, number, told, self._marks)
        return told

    def _survey(self, number: int) -> JsonObject:
        return survey(self.job.files[number], self.job.names[number], number, self.folder)._asdict()

    def _hash(self, number: int) -> JsonObject:
        """The hash of an input: beside the first parts, for which nobody has to wait for it."""
        known, path = self.plan.inputs[number], self.job.files[number]
        _same(path, known)
        digest = digest_of(path)
        _same(path, known)
        return {"sha256": digest}

    def _lines(self, part: Part) -> Iterator[tuple[int, bytes]]:
        """The lines of a part.

        Raises:
            Unreadable: its file is not what the survey has read: no line of it would be whole.
        """
        known = self.plan.inputs[part.input]
        path = self.folder.unpacked(part.input) if known.packed else self.job.files[part.input]
        _same(path, known)
        yield from numbered_lines(path, part)
        _same(path, known)

    def _name(self, number: int) -> str:
        return self.plan.inputs[self.plan.parts[number].input].name

    def _decide(self, number: int) -> JsonObject:
        part = self.plan.parts[number]
        made = decide_lines(self._lines(part), self._name(number), self.decider)
        self._write(DECIDE, number, made.streams)
        return {"counts": made.counts, "streams": sorted(made.streams)}

    def _write(self, stage: str, number: int, streams: dict[str, list[bytes]]) -> None:
        for stream, lines in streams.items():
            path = self.folder.part(stage, number, stream)
            with marked(path) as file:
                file.write(b"\n".join([*lines, b""]))
            self._marks[path.name] = file.mark

    def _spill(self, stage: str, number: int, slots: Iterable[list[Piece]]) -> None:
        path = self.folder.part(stage, number, "spill")
        self._marks[path.name] = write_spill(path, slots)

    def _spread(self, number: int) -> JsonObject:
        part = self.plan.parts[number]
        made = spread_part(self._lines(part), number, self.plan.slots)
        self._spill(SPREAD, number, [*made.slots, made.shared])
        return {"counts": made.counts, "shared": len(made.shared)}

    def _gather(self, number: int) -> JsonObject:
        parts = range(len(self.plan.parts))
        pieces = [
            piece
            for part in parts
            for piece in read_slot(self.folder.part(SPREAD, part, "spill"), number)
        ]
        made, counts = gather(
            pieces, self.decider, self._name, self._medications, self.plan.missing
        )
        self._spill(GATHER, number, (made.get(part, []) for part in parts))
        return {"counts": counts, "parts": sorted(made)}

    def _index(self, number: int) -> JsonObject:
        """The Medications of all parts as one table: to look through all parts takes too long."""
        pieces = (
            piece
            for part in range(len(self.plan.parts))
            if (self.folder.done(SPREAD, part) or {}).get("shared")
            for piece in read_slot(self.folder.part(SPREAD, part, "spill"), self.plan.slots)
        )
        write_index(self.folder.part(INDEX, number, "sqlite"), pieces)
        return {"counts": {}}

    @cached_property
    def _shared(self) -> Index | None:
        path = self.folder.part(INDEX, 0, "sqlite")
        return Index(path) if path.is_file() else None

    def _medications(self, wanted: frozenset[str]) -> list[bytes]:
        """The Medications with these ids, empty where one cannot be read."""
        return list(self._shared.texts(wanted)) if self._shared is not None else []

    def _order(self, number: int) -> JsonObject:
        pieces = (
            piece
            for slot in range(self.plan.slots)
            for piece in read_slot(self.folder.part(GATHER, slot, "spill"), number)
        )
        made = in_input_order(pieces)
        self._write(STAGES, number, made)
        return {"counts": {}, "streams": sorted(made)}

    def _join(self, number: int) -> JsonObject:
        """One file of the results: the parts in their order."""
        plan = self.plan
        stream = streams_of(self.folder, plan)[number]
        name = FINAL.get(stream, f"{stream}.ndjson")
        digest, size = hashlib.sha256(), 0
        with write_whole(self.folder.path / name) as file:
            for part in range(len(plan.parts)):
                if stream not in (self.folder.done(plan.stage, part) or {}).get("streams", ()):
                    continue
                for block in blocks_of(self.folder.part(plan.stage, part, stream)):
                    digest.update(block)
                    size += file.write(block)
        made = [{"name": name, "bytes": size, "sha256": digest.hexdigest()}]
        if stream == ROWS and self.job.table is not None:
            table = write_table(self.folder.path / name, self.job.table, self.folder.work)
            made.append(described(table))
        return {"counts": {}, "files": made}


def _same(path: Path, known: Survey) -> None:
    try:
        same = stamp_of(path) == known.stamp
    except OSError as error:
        hint = "Bring it back and run the same command again: what is finished is kept."
        raise Unreadable(known.name, f"cannot be read any more: {error.strerror}.", hint) from error
    if not same:
        hint = "Wait until nobody writes to it, and begin again in a new folder."
        raise Unreadable(known.name, "was written to while it was read.", hint)


def streams_of(folder: Folder, plan: Plan) -> list[str]:
    """Every stream that any part has, the usual ones first."""
    found: set[str] = set()
    for part in range(len(plan.parts)):
        found.update((folder.done(plan.stage, part) or {}).get("streams", ()))
    return [*FINAL, *sorted(found - set(FINAL))]


def described(path: Path) -> JsonObject:
    """A result as the manifest has it."""
    return {"name": path.name, "bytes": path.stat().st_size, "sha256": digest_of(path)}


def counted_together(told: Iterable[JsonObject]) -> dict[str, int]:
    """The counts of many tasks together."""
    total: Counter[str] = Counter()
    for one in told:
        total.update(one.get("counts", {}))
    return dict(total)
