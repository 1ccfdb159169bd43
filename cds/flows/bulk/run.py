"""A run of bulk: survey, decide part by part, put together; and again from where it was stopped."""

import errno
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple, Protocol

from cds.errors import CdsError, Unreadable, UsageError
from cds.flows.bulk import manifest as manifests
from cds.flows.bulk.decide import COUNTS
from cds.flows.bulk.files import Folder, read_own_json, write_json
from cds.flows.bulk.left_out import tell_left_out
from cds.flows.bulk.spread import slots_for
from cds.flows.bulk.survey import Part, Survey, lost_parts
from cds.flows.bulk.tasks import (
    DECIDE,
    GATHER,
    HASH,
    INDEX,
    JOIN_FILES,
    SPREAD,
    STAGES,
    SURVEY,
    Job,
    Plan,
    Task,
    counted_together,
    streams_of,
)
from cds.flows.bulk.workers import Done
from cds.forms.elements.definitions import RESPONSE
from cds.wire import JsonObject

SUMMARY_SCHEMA = "cramp-cds/bulk-summary/1"
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
# What a run with records counts besides; each is in the summary even where it is 0.
RECORD_COUNTS = (
    "record",
    "of-no-patient",
    "record-faults",
    "two-patients",
    "patients-without-response",
)
# (what is being done, how many bytes or tasks of it are done, of how many)
Progress = Callable[[str, int, int], None]
_WORDS = {
    SURVEY: "reading",
    HASH: "reading",
    DECIDE: "assessing",
    SPREAD: "sorting by patient",
    INDEX: "sorting by patient",
    GATHER: "assessing",
    STAGES: "putting in order",
    JOIN_FILES: "putting together",
}


class Hands(Protocol):
    """Whoever does tasks: workers on this machine, or executors of a cluster."""

    def do(self, tasks: Iterable[Task], plan: Plan | None = None) -> Iterator[Done]:
        """Do the tasks, in any order."""
        ...


class Ended(NamedTuple):
    """What a run came to: its summary, and why named inputs could not be read."""

    summary: JsonObject
    unreadable: tuple[Unreadable, ...]


class OutOfSpace(CdsError):
    """The disk is full: what is finished is kept."""


class Run:
    """One run, or the rest of one."""

    def __init__(self, job: Job, hands: Hands, begun: JsonObject, progress: Progress) -> None:
        """`begun`: the manifest of what is asked for, without its inputs."""
        self._job = job
        self._hands = hands
        self._manifest = begun
        self._progress = progress
        self._folder = Folder(job.folder)
        self._unhashed: list[Task] = []  # to be done beside the first parts
        self._inputs: list[Survey] = []

    def go(self, earlier: JsonObject | None) -> Ended:
        """Do what is not done yet. Gives the same files however often it was stopped before.

        Raises:
            UsageError: `earlier` was begun with something else.
            OutOfSpace: the disk is full.
        """
        try:
            return self._go(earlier)
        except OSError as error:
            if error.errno in _FULL:
                raise self._full() from error
            raise

    def _full(self) -> OutOfSpace:
        hint = "Make room and run the same command again: what is finished is kept."
        return OutOfSpace(str(self._job.folder), "the disk is full.", hint)

    def _go(self, earlier: JsonObject | None) -> Ended:
        # Parts are gone on with only where it is known of which inputs they are.
        hashed_before = earlier is not None and bool(earlier["inputs"])
        if not hashed_before:
            self._folder.begin_anew()
        plan = self._survey()
        if hashed_before:
            for one in self._hands.do(self._hashing(), plan):
                self._take_hash(one, plan)
        if earlier is not None and self._is_finished(earlier):
            self._folder.clear()
            summary = read_own_json(self._folder.path / manifests.SUMMARY_NAME)
            return Ended(summary or {}, self._unreadable(plan))
        manifests.write_manifest(self._folder, self._manifest)
        told = self._joined(plan) if plan.slots else self._stage(DECIDE, plan, _sizes(plan))
        streams = range(len(streams_of(self._folder, plan)))
        files = self._stage(JOIN_FILES, plan, dict.fromkeys(streams, 1))
        return self._close(plan, told, files)

    def _joined(self, plan: Plan) -> list[JsonObject]:
        """Decide on responses with the record beside them; gives what the tasks tell."""
        sizes = _sizes(plan)
        spread = self._stage(SPREAD, plan, sizes)
        if any(one["shared"] for one in spread):
            self._stage(INDEX, plan, {0: 1})
        slots = dict.fromkeys(range(plan.slots), sum(sizes.values()) // plan.slots)
        gathered = self._stage(GATHER, plan, slots)
        # Most parts hold a record alone, of which nothing is written: they are in order.
        written = sorted({part for one in gathered for part in one["parts"]})
        self._stage(STAGES, plan, {part: sizes[part] for part in written})
        return spread + gathered

    def _is_finished(self, earlier: JsonObject) -> bool:
        """Whether the earlier run came to its end, and its files are still there.

        Raises:
            UsageError: it was begun with something else.
        """
        ended = earlier["state"] == manifests.RUN_FINISHED
        try:
            manifests.require_same_run(earlier, self._manifest)
        except UsageError:
            if ended:
                self._folder.clear()
            raise
        files = [{"name": manifests.SUMMARY_NAME}, *earlier.get("outputs", ())]
        return ended and all((self._folder.path / one["name"]).is_file() for one in files)

    def _survey(self) -> Plan:
        """Read all inputs once: always anew, so that a changed one is noticed."""
        for number in range(len(self._job.files)):
            for stage in (SURVEY, HASH):
                self._folder.part(stage, number, "done").unlink(missing_ok=True)
        told = self._stage(SURVEY, None, dict(enumerate(map(path_size, self._job.files))))
        lost = (Survey(one.where, problem=one.problem) for one in self._job.lost)
        counts = self._job.counts or (0,) * len(told)
        read = (_survey_of(one).counted(each) for one, each in zip(told, counts, strict=True))
        surveys = (*read, *lost)
        parts = tuple(part for one in surveys for part in one.parts)
        kinds = {kind for one in surveys for kind in one.kinds}
        total = sum(part.end - part.start for part in parts)
        self._inputs = list(surveys)
        self._unhashed = [(HASH, number) for number, one in enumerate(surveys) if not one.is_known]
        self._tell_inputs()
        missing = lost_parts(surveys)
        alone = kinds <= {RESPONSE} and not missing
        return Plan(surveys, parts, 0 if alone else slots_for(total), missing)

    def _tell_inputs(self) -> None:
        """Put the inputs into the manifest, once the hash of each is known."""
        if all(one.is_known for one in self._inputs):
            self._manifest["inputs"] = manifests.inputs_of(self._inputs)

    def _hashing(self) -> list[Task]:
        hashing, self._unhashed = self._unhashed, []
        return hashing

    def _take_hash(self, one: Done, plan: Plan | None) -> None:
        told = one.told if one.told is not None else self._left_out(one, plan)
        self._inputs[one.number] = self._inputs[one.number]._replace(**told)
        self._tell_inputs()

    def _do(self, tasks: list[Task], plan: Plan | None) -> Iterator[Done]:
        """Do the tasks of a stage; beside those of the first, what is still to be hashed."""
        hashing = self._hashing() if plan is not None else []
        for one in self._hands.do([*hashing, *tasks], plan):
            if one.stage != HASH:
                yield one
                continue
            self._take_hash(one, plan)
            if self._manifest["inputs"]:
                manifests.write_manifest(self._folder, self._manifest)

    def _stage(self, stage: str, plan: Plan | None, weights: Mapping[int, int]) -> list[JsonObject]:
        """Do the tasks of a stage that are not done; gives what all of them tell, in order."""
        total, done = sum(weights.values()), 0
        told: dict[int, JsonObject] = {}
        missing = []
        for number, weight in weights.items():
            known = self._folder.still_done(stage, number)
            if known is None:
                missing.append(number)
            else:
                told[number], done = known, done + weight
        self._progress(_WORDS[stage], done, total)
        for one in self._do([(stage, number) for number in missing], plan):
            told[one.number] = one.told if one.told is not None else self._left_out(one, plan)
            done += weights[one.number]
            self._progress(_WORDS[stage], done, total)
        return [told[number] for number in sorted(told)]

    def _left_out(self, failed: Done, plan: Plan | None) -> JsonObject:
        """A part that failed twice is named and left out; of other tasks the run depends on each.

        Raises:
            OutOfSpace: the disk is full.
            CdsError: the run cannot go on without it.
        """
        if failed.errno in _FULL:
            raise self._full()
        told_apart = failed.errno is None and not failed.fatal
        if told_apart and plan is not None and failed.stage in {DECIDE, GATHER}:
            return tell_left_out(self._folder, plan, failed)
        place = f"{_WORDS[failed.stage]}, task {failed.number}"
        # What ends every other try says itself what to do.
        hint = "" if failed.fatal else "What is finished is kept: run the same command again."
        raise CdsError(place, f"did not finish: {failed.problem}.", hint)

    def _close(self, plan: Plan, told: list[JsonObject], files: list[JsonObject]) -> Ended:
        counts = counted_together(told)
        names = COUNTS + (RECORD_COUNTS if plan.slots else ())
        levels = {
            name.partition(":")[2]: number
            for name, number in sorted(counts.items())
            if name.startswith("level:")
        }
        summary = {
            "schema": SUMMARY_SCHEMA,
            "packs": self._manifest["packs"],
            "now": self._manifest["now"],
            "inputs": len(plan.inputs),
            "unreadable": sum(bool(one.problem) for one in plan.inputs),
            **{name: counts.get(name, 0) for name in (*names, "left-out")},
            "levels": levels,
        }
        write_json(self._folder.path / manifests.SUMMARY_NAME, summary)
        outputs = [one for told_file in files for one in told_file["files"]]
        self._manifest |= {"state": manifests.RUN_FINISHED, "outputs": outputs}
        manifests.write_manifest(self._folder, self._manifest)
        self._folder.clear()
        return Ended(summary, self._unreadable(plan))

    def _unreadable(self, plan: Plan) -> tuple[Unreadable, ...]:
        """What of the inputs could not be read, those first that are not there."""
        read = plan.inputs[: len(self._job.files)]
        others, rest = "The others were read.", "What is there was read. Download it again."
        return (
            *self._job.lost,
            *(
                Unreadable(one.name, one.problem, rest if one.parts else others)
                for one in read
                if one.problem
            ),
        )


def path_size(path: Path) -> int:
    """The size of a file; 0 if nobody can tell."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _sizes(plan: Plan) -> dict[int, int]:
    return {number: part.end - part.start for number, part in enumerate(plan.parts)}


def _survey_of(told: JsonObject) -> Survey:
    parts = tuple(Part(*one) for one in told["parts"])
    return Survey(**{**told, "parts": parts, "kinds": tuple(told["kinds"])})
