"""Responses and the records beside them, brought together by patient in bounded memory.

Three steps, each a task that may be done anywhere and again: the lines of a part are spread over
slots by a hash of their patient (`spread`); the pieces of a slot are decided on, patient by
patient; what came of the responses of a part is put into the order in which they stood.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain

from cds import wire
from cds.core.account import Missing
from cds.errors import Unreadable
from cds.flows.bulk.beside import Beside
from cds.flows.bulk.decide import Decider, Lines, Where, read_strictly, too_long
from cds.flows.bulk.spill import Piece
from cds.flows.bulk.spread import BESIDE, DOUBT
from cds.forms.elements.definitions import RESPONSE
from cds.record.shapes import as_list, as_object
from cds.record.walk import envelope_of, is_match
from cds.wire import JsonObject

RECORD_FAULT = "record-unreadable"
_UNREAD = {"severity": "error", "code": "structure", "diagnostics": "a line was not read"}
_OF_TWO = {"severity": "error", "code": "conflict", "diagnostics": "two people have this id"}


def gather(
    pieces: list[Piece],
    decider: Decider,
    inputs: Callable[[int], str],
    shared: Callable[[frozenset[str]], list[bytes]],
    missing: tuple[Missing, ...] = (),
) -> tuple[dict[int, list[Piece]], dict[str, int]]:
    """Decide on the responses of a slot; the lines come by the part that their response was in.

    `inputs` gives the name of a part's input; `shared` the Medications with these ids, as they
    stood, and nothing in the place of one that cannot be read; `missing`: what every record lacks.
    """
    out: dict[int, list[Piece]] = {}
    counts: Counter[str] = Counter()
    by_patient: dict[str, list[Piece]] = {}
    for piece in pieces:
        alone = piece.key[1:] == ""
        name = f"{piece.part}/{piece.number}" if alone else piece.key[1:]
        by_patient.setdefault(name, []).append(piece)
    for group in by_patient.values():
        made = _Group(group, decider, inputs, shared, missing)
        made.decide()
        for piece, lines in made.lines:
            for stream, texts in lines.streams.items():
                out.setdefault(piece.part, []).extend(
                    Piece(piece.part, piece.number, piece.line, stream, text) for text in texts
                )
            counts.update(lines.counts)
    return out, counts


@dataclass(slots=True)
class _Group:
    """Everything about one patient."""

    pieces: list[Piece]
    decider: Decider
    inputs: Callable[[int], str]
    shared: Callable[[frozenset[str]], list[bytes]]
    missing: tuple[Missing, ...]
    lines: list[tuple[Piece, Lines]] = field(default_factory=list)

    def decide(self) -> None:
        """Decide on each response, in the light of all that stands beside it."""
        record = self._record()
        beside = Beside(record, self.missing) if record else None
        answered = False
        for piece in self.pieces:
            match piece.key[0]:
                case "a":
                    answered = True
                    where, out = self._place(piece)
                    self.decider.decide(piece.text, beside, where, out, self.missing)
                case "o":
                    self._bundle(piece)
                case "x":
                    self._broken(piece)
                case "l":
                    too_long(int(piece.text), *self._place(piece))
                case _:
                    pass
        if not answered and any(piece.key[0] == BESIDE for piece in self.pieces):
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

    def _record(self) -> list[JsonObject]:
        """What stands beside the responses, in the order of the inputs, read strictly.

        Where a part of it cannot be read, or is of two people, an OperationOutcome says so: what it
        could have held is unknown, and the decision reassures nobody.
        """
        doubtful = [piece for piece in self.pieces if piece.key[0] == DOUBT]
        doubts = [_UNREAD for piece in doubtful if not piece.text]
        # What Bundles say of themselves: together they tell whether a page is missing.
        record: list[JsonObject] = [wire.read(piece.text) for piece in doubtful if piece.text]
        patients: dict[bytes, Piece] = {}
        for piece, resource in self._read([one for one in self.pieces if one.key[0] == BESIDE]):
            if resource is None:
                doubts.append(_UNREAD)
                continue
            record.append(resource)
            if resource.get("resourceType") == "Patient":
                patients.setdefault(_who(resource), piece)
        for others, piece in enumerate(list(patients.values())[1:]):
            where, out = self._place(piece)
            out.count("two-patients", int(not others))  # an id is one, however many have it
            doubts.append(_OF_TWO)
            text = "is another, different Patient under an id that was met before."
            out.fault(where, "two-patients", text, "Give each person an id of their own.")
        wanted = frozenset(chain.from_iterable(map(_medications, record)))
        for medication in self.shared(wanted) if wanted else ():
            if medication:
                record.append(wire.read(medication))
            else:
                doubts.append(_UNREAD)
        if doubts:
            record.append({"resourceType": "OperationOutcome", "issue": doubts})
        return record

    def _read(self, pieces: list[Piece]) -> Iterator[tuple[Piece, JsonObject | None]]:
        """Each piece with its resource; None, and a fault, where it cannot be read."""
        try:  # each is one JSON value by the loose parser: all at once is had a third faster
            found = wire.read(b"[" + b",".join(piece.text for piece in pieces) + b"]")
            yield from zip(pieces, found, strict=True)
        except Unreadable:
            for piece in pieces:
                where, out = self._place(piece)
                resource = read_strictly(piece.text, where, out, RECORD_FAULT)
                out.count("record-faults", int(resource is None))
                yield piece, resource

    def _bundle(self, piece: Piece) -> None:
        """A Bundle that brings its own record, with what it says of itself.

        Each entry is kept with its fullUrl: others may refer to it by that.
        """
        where, out = self._place(piece)
        bundle = read_strictly(piece.text, where, out, "unreadable")
        if bundle is None:
            return
        responses: list[JsonObject] = []
        beside: list[JsonObject] = []
        for entry in as_list(bundle.get("entry")):
            inside = as_object(as_object(entry).get("resource"))
            if inside.get("resourceType") == RESPONSE:
                responses.append(entry["resource"])
            else:
                beside.append(entry if isinstance(entry, dict) else {})
        beside += envelope_of(bundle, sum(map(is_match, as_list(bundle.get("entry")))))
        record = Beside(beside) if beside else None
        for response in responses:
            self.decider.decide(response, record, where, out)


def _who(patient: JsonObject) -> bytes:
    """What tells one person from another: not what a server notes of a version."""
    kept = {name: patient.get(name) for name in ("name", "birthDate", "gender", "identifier")}
    return wire.write(kept, sort_keys=True)


def _medications(resource: JsonObject) -> Iterator[str]:
    reference = resource.get("medicationReference")
    named = reference.get("reference") if isinstance(reference, dict) else None
    if isinstance(named, str) and "Medication/" in named:
        yield named.rpartition("Medication/")[2].partition("/")[0]


def in_input_order(pieces: Iterable[Piece]) -> dict[str, list[bytes]]:
    """The lines of one part by file, as its responses stood."""
    made: dict[str, list[bytes]] = {}
    for piece in sorted(pieces, key=lambda one: (one.line, one.number)):
        made.setdefault(piece.key, []).append(piece.text)
    return made
