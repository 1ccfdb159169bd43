"""Responses and the records beside them, brought together by patient in bounded memory.

Three steps, each a task that may be done anywhere and again: the lines of a part are spread over
slots by a hash of their patient; the pieces of a slot are decided on, patient by patient; what came
of the responses of a part is put into the order in which they stood.
"""

import zlib
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Any, NamedTuple

from cds import wire
from cds.flows.bulk.decide import Decider, Lines, Where, read_strictly, too_long
from cds.flows.bulk.lines import TooLong
from cds.flows.bulk.spill import Piece
from cds.flows.bulk.survey import BUNDLE, RESPONSE
from cds.record.subject import subject_name

Json = dict[str, Any]
MEDICATION = "Medication"
SLOT_BYTES = 4 * 1024 * 1024
MAX_SLOTS = 4096
# The first letter of a key: what the piece is.
_ANSWERS, _BESIDE, _BOTH, _BROKEN, _SHARED, _LONG = "aboxml"
_UNREAD = {"severity": "error", "code": "structure", "diagnostics": "a line was not read"}
_OF_TWO = {"severity": "error", "code": "conflict", "diagnostics": "two people have this id"}
_ABOUT = ("subject", "patient", "individual", "beneficiary", "for")
RECORD_FAULT = "record-unreadable"


def slots_for(total: int) -> int:
    """How many slots a run of so many bytes needs."""
    return max(1, min(MAX_SLOTS, total // SLOT_BYTES + 1))


def is_answer(piece: Piece) -> bool:
    """Whether a piece holds a response, or a Bundle with one."""
    return piece.key[0] in {_ANSWERS, _BOTH}


def is_unread(piece: Piece) -> bool:
    """Whether a piece is a line that nobody can read: it may have been a response."""
    return piece.key[0] in {_BROKEN, _LONG}


def _slot(key: str, slots: int) -> int:
    return zlib.crc32(key.encode("utf-8", "surrogatepass")) % slots


class Spread(NamedTuple):
    """The pieces of a part by slot, and beside them the Medications, which are of no patient."""

    slots: list[list[Piece]]
    shared: list[Piece]
    counts: dict[str, int]


def spread(lines: Iterable[tuple[int, bytes]], part: int, slots: int) -> Spread:
    """Sort the lines of a part by patient."""
    made = Spread([[] for _ in range(slots)], [], {"record": 0, "of-no-patient": 0})
    number = 0
    for line, text in lines:
        for key, piece in pieces_of(text):
            if key[0] == _SHARED:
                made.shared.append(Piece(part, number, line, key[1:], piece))
            elif key == _BESIDE:
                made.counts["of-no-patient"] += 1
            else:
                made.counts["record"] += key[0] == _BESIDE
                # What has no patient is spread by its place: only responses and faults are left.
                where = _slot(key[1:] or f"{part}/{number}", slots)
                made.slots[where].append(Piece(part, number, line, key, piece))
            number += 1
    return made


def pieces_of(text: bytes) -> Iterator[tuple[str, bytes]]:
    """What a line holds: a resource, a Bundle with a response, or the resources of another one.

    The key says what it is, by its first letter, and of which patient.
    """
    if isinstance(text, TooLong):
        yield _LONG, str(text.length).encode()
        return
    value = wire.parse_loosely(text)
    kind = value.get("resourceType") if isinstance(value, dict) else None
    if not isinstance(kind, str) or not isinstance(value, dict):
        yield _BROKEN, text
    elif kind == BUNDLE:
        inside = [one for one in _resources(value) if isinstance(one, dict)]
        if any(one.get("resourceType") == RESPONSE for one in inside):
            yield _BOTH, text
        else:
            for one in inside:
                yield _key(str(one.get("resourceType")), one), wire.write(one)
    else:
        yield _key(kind, value), text


def _resources(bundle: Json) -> Iterator[Any]:
    entries = bundle.get("entry")
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, dict):
            yield entry.get("resource")


def _key(kind: str, resource: Json) -> str:
    if kind == RESPONSE:
        return _ANSWERS + _patient(resource)
    if kind == MEDICATION:
        return f"{_SHARED}{resource.get('id')}"
    if kind == "Patient":
        return f"{_BESIDE}{resource.get('id') or ''}"
    return _BESIDE + _patient(resource)


def _patient(resource: Json) -> str:
    """The id of the patient that a resource is about; nothing where it names none."""
    for name in _ABOUT:
        about = resource.get(name)
        reference = about.get("reference") if isinstance(about, dict) else None
        found = subject_name(reference) if isinstance(reference, str) else None
        if found is not None:
            return found.id
    return ""


def gather(
    pieces: list[Piece],
    decider: Decider,
    inputs: Callable[[int], str],
    shared: Callable[[frozenset[str]], list[Json]],
) -> tuple[dict[int, list[Piece]], dict[str, int]]:
    """Decide on the responses of a slot; the lines come by the part that their response was in.

    `inputs` gives the name of a part's input; `shared` the Medications with these ids.
    """
    out: dict[int, list[Piece]] = {}
    counts: dict[str, int] = {}
    by_patient: dict[str, list[Piece]] = {}
    for piece in pieces:
        alone = piece.key[1:] == ""
        name = f"{piece.part}/{piece.number}" if alone else piece.key[1:]
        by_patient.setdefault(name, []).append(piece)
    for group in by_patient.values():
        made = _Group(group, decider, inputs, shared)
        made.decide()
        for piece, lines in made.lines:
            for stream, texts in lines.streams.items():
                out.setdefault(piece.part, []).extend(
                    Piece(piece.part, piece.number, piece.line, stream, text) for text in texts
                )
            for name, count in lines.counts.items():
                counts[name] = counts.get(name, 0) + count
    return out, counts


class _Group:
    """Everything about one patient."""

    def __init__(
        self,
        pieces: list[Piece],
        decider: Decider,
        inputs: Callable[[int], str],
        shared: Callable[[frozenset[str]], list[Json]],
    ) -> None:
        self.pieces = pieces
        self.decider = decider
        self.inputs = inputs
        self.shared = shared
        self.lines: list[tuple[Piece, Lines]] = []

    def decide(self) -> None:
        """Decide on each response, in the light of all that stands beside it."""
        record = self._record()
        answered = False
        for piece in self.pieces:
            match piece.key[0]:
                case "a":
                    answered = True
                    self.decider.decide(piece.text, record or None, *self._place(piece))
                case "o":
                    self._bundle(piece)
                case "x":
                    self._broken(piece)
                case "l":
                    too_long(int(piece.text), *self._place(piece))
                case _:
                    pass
        if record and not answered:
            self._place(self.pieces[0])[1].count("patients-without-response")

    def _broken(self, piece: Piece) -> None:
        """A line that holds no resource."""
        where, out = self._place(piece)
        if read_strictly(piece.text, where, out, "unreadable") is not None:
            out.fault(where, "not-fhir", "has no resourceType.", "Give one FHIR resource a line.")

    def _place(self, piece: Piece) -> tuple[Where, Lines]:
        out = Lines()
        self.lines.append((piece, out))
        return Where(self.inputs(piece.part), piece.line), out

    def _record(self) -> list[Json]:
        """What stands beside the responses, in the order of the inputs, read strictly.

        Where a part of it cannot be read, or is of two people, an OperationOutcome says so: what it
        could have held is unknown, and the decision reassures nobody.
        """
        record: list[Json] = []
        doubts: list[Json] = []
        patients: dict[bytes, Piece] = {}
        for piece in self.pieces:
            if piece.key[0] != _BESIDE:
                continue
            where, out = self._place(piece)
            resource = read_strictly(piece.text, where, out, RECORD_FAULT)
            if resource is None:
                out.count("record-faults")
                doubts.append(_UNREAD)
                continue
            record.append(resource)
            if resource.get("resourceType") == "Patient":
                patients.setdefault(_who(resource), piece)
        for piece in list(patients.values())[1:]:
            where, out = self._place(piece)
            out.count("two-patients")
            doubts.append(_OF_TWO)
            text = "is a second, different Patient under an id that was met before."
            out.fault(where, "two-patients", text, "Give each person an id of their own.")
        wanted = frozenset(chain.from_iterable(map(_medications, record)))
        if wanted:
            record += self.shared(wanted)
        if doubts:
            record.append({"resourceType": "OperationOutcome", "issue": doubts})
        return record

    def _bundle(self, piece: Piece) -> None:
        """A Bundle that brings its own record."""
        where, out = self._place(piece)
        bundle = read_strictly(piece.text, where, out, "unreadable")
        if bundle is None:
            return
        inside = [one for one in _resources(bundle) if isinstance(one, dict)]
        beside = [one for one in inside if one.get("resourceType") != RESPONSE]
        for one in inside:
            if one.get("resourceType") == RESPONSE:
                self.decider.decide(one, beside or None, where, out)


def _who(patient: Json) -> bytes:
    """What tells one person from another: not what a server notes of a version."""
    kept = {name: patient.get(name) for name in ("name", "birthDate", "gender", "identifier")}
    return wire.write(kept, sort_keys=True)


def _medications(resource: Json) -> Iterator[str]:
    reference = resource.get("medicationReference")
    named = reference.get("reference") if isinstance(reference, dict) else None
    if isinstance(named, str) and "Medication/" in named:
        yield named.rpartition("Medication/")[2].partition("/")[0]


def ordered(pieces: Iterable[Piece]) -> dict[str, list[bytes]]:
    """The lines of one part by file, as its responses stood."""
    made: dict[str, list[bytes]] = {}
    for piece in sorted(pieces, key=lambda one: (one.line, one.number)):
        made.setdefault(piece.key, []).append(piece.text)
    return made
