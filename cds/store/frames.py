"""What a service and its clerk say to each other: frames of a length and MessagePack.

Nothing of it is kept: both ends are of one version of this software, on one host. A clerk is the
process that writes the log for one process of the service (`cds.store.clerk`).
"""

import struct

import msgspec

from cds.errors import RequestError, StoreError
from cds.store.calls import DamagedEntryError
from cds.store.decisions import Kept
from cds.store.locked import SpoolError
from cds.store.model import Conflict, Decision, Feedback, Stored

_LENGTH = struct.Struct(">I")


class ClerkError(Exception):
    """A fault of ours, in the clerk: the kind of error, and the places that it came through."""


class Opening(msgspec.Struct, tag=0, array_like=True, frozen=True):
    """Open the log at `url`; no wait in it is longer than `timeout_s`."""

    number: int
    url: str
    timeout_s: float


class Appending(msgspec.Struct, tag=1, array_like=True, frozen=True):
    """Log these decisions with one commit."""

    number: int
    decisions: list[Decision]


class Noting(msgspec.Struct, tag=2, array_like=True, frozen=True):
    """Log this feedback."""

    number: int
    items: list[Feedback]


class Emptying(msgspec.Struct, tag=3, array_like=True, frozen=True):
    """Drain the spool of this path into the log, between everything else."""

    number: int
    spool: str


ClerkRequest = Opening | Appending | Noting | Emptying


class Added(msgspec.Struct, tag=0, array_like=True, frozen=True):
    """What the log added to a decision. Whoever asked has the decision."""

    sequence: int
    hash: str
    time: str


class AnsweredBefore(msgspec.Struct, tag=1, array_like=True, frozen=True):
    """The call was answered before."""

    earlier: Stored


class AlreadyTaken(msgspec.Struct, tag=2, array_like=True, frozen=True):
    """Its hookInstance is another request's."""

    conflict: Conflict


class NotStorable(msgspec.Struct, tag=3, array_like=True, frozen=True):
    """A RequestError."""

    status: int
    where: str
    problem: str
    hint: str
    code: str


class EntryDamaged(msgspec.Struct, tag=4, array_like=True, frozen=True):
    """A DamagedEntryError."""

    where: str
    problem: str
    hint: str


WhatBecame = Added | AnsweredBefore | AlreadyTaken | NotStorable | EntryDamaged


class Appended(msgspec.Struct, tag=0, array_like=True, frozen=True):
    """What became of each decision."""

    number: int
    results: list[WhatBecame]


class AllDone(msgspec.Struct, tag=1, array_like=True, frozen=True):
    """What was asked is done."""

    number: int


class Moving(msgspec.Struct, tag=2, array_like=True, frozen=True):
    """The drain goes on: it does not hang."""

    number: int


class Emptied(msgspec.Struct, tag=3, array_like=True, frozen=True):
    """The drain has ended: so many entries went into the log, so many lines were no entries."""

    number: int
    moved: int
    damaged: int


class NotDone(msgspec.Struct, tag=4, array_like=True, frozen=True):
    """A StoreError; `spool`: a SpoolError."""

    number: int
    where: str
    problem: str
    hint: str
    kind: str
    spool: bool


class ClerkBroken(msgspec.Struct, tag=5, array_like=True, frozen=True):
    """A fault of ours: the kind of error, and the places that it came through."""

    number: int
    kind: str
    places: list[str]


ClerkAnswer = Appended | AllDone | Moving | Emptied | NotDone | ClerkBroken

_write = msgspec.msgpack.Encoder().encode
request_in = msgspec.msgpack.Decoder(ClerkRequest).decode
answer_in = msgspec.msgpack.Decoder(ClerkAnswer).decode


def framed(said: ClerkRequest | ClerkAnswer) -> bytes:
    """What is said, as a frame.

    Raises:
        UnicodeEncodeError: a text holds half a character.
    """
    body = _write(said)
    return _LENGTH.pack(len(body)) + body


class Received:
    """What came of frames so far."""

    def __init__(self) -> None:
        """Nothing yet."""
        self._data = bytearray()

    def bodies(self, data: bytes) -> list[bytes]:
        """The bodies of the frames that are whole with these bytes."""
        self._data += data
        whole = []
        while len(self._data) >= _LENGTH.size:
            end = _LENGTH.size + _LENGTH.unpack_from(self._data)[0]
            if len(self._data) < end:
                break
            whole.append(bytes(self._data[_LENGTH.size : end]))
            del self._data[:end]
        return whole


def result_of(kept: Kept) -> WhatBecame:
    """What became of a decision, without what whoever asked knows."""
    match kept:
        case Stored() if not kept.repeated:
            return Added(kept.sequence, kept.hash, kept.time)
        case Stored():
            return AnsweredBefore(kept)
        case Conflict():
            return AlreadyTaken(kept)
        case RequestError():
            return NotStorable(kept.status, kept.where, kept.problem, kept.hint, kept.code)
        case DamagedEntryError():
            return EntryDamaged(kept.where, kept.problem, kept.hint)


def as_kept(result: WhatBecame, decision: Decision) -> Kept:
    """The same for whoever asked about this decision."""
    match result:
        case Added(sequence, digest, time):
            status, response, document = decision.status, decision.response, decision.document
            return Stored(sequence, digest, time, status, response, document)
        case AnsweredBefore(earlier):
            return earlier
        case AlreadyTaken(conflict):
            return conflict
        case NotStorable(status, where, problem, hint, code):
            return RequestError(status, where, problem, hint, code=code)
        case EntryDamaged(where, problem, hint):
            return DamagedEntryError(where, problem, hint)


def failure_of(number: int, error: StoreError) -> NotDone:
    """Why the whole of a request failed."""
    spool = isinstance(error, SpoolError)
    return NotDone(number, error.where, error.problem, error.hint, error.kind, spool)


def good(answer: ClerkAnswer) -> ClerkAnswer:
    """The answer, unless it is an error, which is raised where it was asked.

    Raises:
        StoreError: as the clerk met it.
        ClerkError: a fault of ours.
    """
    if isinstance(answer, NotDone):
        error = SpoolError if answer.spool else StoreError
        raise error(answer.where, answer.problem, answer.hint, kind=answer.kind)
    if isinstance(answer, ClerkBroken):
        raise ClerkError(answer.kind, *answer.places)
    return answer
