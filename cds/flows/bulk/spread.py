"""The lines of a part, spread over slots by a hash of their patient: the first step of a join."""

import re
import zlib
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from cds import wire
from cds.errors import Unreadable
from cds.flows.bulk.lines import TooLong
from cds.flows.bulk.spill import Piece
from cds.flows.bulk.survey import BUNDLE
from cds.forms.elements.definitions import RESPONSE
from cds.record.subject import subject_name
from cds.record.walk import envelope_of
from cds.wire import JsonObject

_MEDICATION = "Medication"
# Each slot is looked for in each part, so many of both cost more than large ones.
SLOT_BYTES, LARGE_SLOT_BYTES = 4 * 1024 * 1024, 8 * 1024 * 1024
LARGE = 1024 * 1024 * 1024
MAX_SLOTS = 4096
# The first letter of a key: what the piece is.
ANSWERS, BESIDE, BOTH, BROKEN, _SHARED, LONG, DOUBT = "aboxmld"
# As nearly all references are; of any other, `subject_name` says whom it names.
_USUAL = re.compile(r"Patient/([A-Za-z0-9\-.]{1,64})")
_ABOUT = ("subject", "patient", "individual", "beneficiary", "for")
# What a line that nobody can read still says of its kind and of whom it is about.
_KIND = re.compile(rb'"resourceType"\s*:\s*"([A-Za-z]+)"')
_OWN_ID = re.compile(rb'"id"\s*:\s*"([A-Za-z0-9\-.]{1,64})"')
_REFERENCE = re.compile(rb'"reference"\s*:\s*"([^"]{1,512})"')


def slots_for(total: int) -> int:
    """How many slots a run of so many bytes needs."""
    size = SLOT_BYTES if total < LARGE else LARGE_SLOT_BYTES
    return max(1, min(MAX_SLOTS, total // size + 1))


def is_answer(piece: Piece) -> bool:
    """Whether a piece holds a response, or a Bundle with one."""
    return piece.key[0] in {ANSWERS, BOTH}


def is_unread(piece: Piece) -> bool:
    """Whether a piece is a line that nobody can read: it may have been a response."""
    return piece.key[0] in {BROKEN, LONG}


def _slot(key: str, slots: int) -> int:
    return zlib.crc32(key.encode("utf-8", "surrogatepass")) % slots


class Spread(NamedTuple):
    """The pieces of a part by slot, and beside them the Medications, which are of no patient."""

    slots: list[list[Piece]]
    shared: list[Piece]
    counts: dict[str, int]


def spread_part(lines: Iterable[tuple[int, bytes]], part: int, slots: int) -> Spread:
    """Sort the lines of a part by patient."""
    made = Spread([[] for _ in range(slots)], [], {"record": 0, "of-no-patient": 0})
    number = 0

    def keep(key: str, piece: bytes) -> None:
        # What has no patient is spread by its place: only responses and faults are left.
        where = _slot(key[1:] or f"{part}/{number}", slots)
        made.slots[where].append(Piece(part, number, line, key, piece))

    for line, text in lines:
        for key, piece in pieces_of(text):
            if key[0] == _SHARED:
                sound = _is_sound(piece)
                made.shared.append(Piece(part, number, line, key[1:], piece if sound else b""))
                if piece and not sound:  # told once, and not for each patient who takes it
                    keep(BROKEN, piece)
            elif key == BESIDE:
                made.counts["of-no-patient"] += 1
            else:
                made.counts["record"] += key[0] == BESIDE
                keep(key, piece)
            number += 1
    return made


def _is_sound(text: bytes) -> bool:
    """Whether strict reading takes it."""
    try:
        wire.read(text)
    except Unreadable:
        return False
    return True


def pieces_of(text: bytes) -> Iterator[tuple[str, bytes]]:
    """What a line holds: a resource, a Bundle with a response, or the resources of another one.

    The key says what it is, by its first letter, and of which patient.
    """
    if isinstance(text, TooLong):
        yield LONG, str(text.length).encode()
        yield from _doubted(text)
        return
    value = wire.parse_loosely(text)
    kind = value.get("resourceType") if isinstance(value, dict) else None
    if not isinstance(kind, str) or not isinstance(value, dict):
        yield BROKEN, text
        yield from _doubted(text)
    elif kind == BUNDLE:
        inside = [one for one in resources_in(value) if isinstance(one, dict)]
        if any(one.get("resourceType") == RESPONSE for one in inside):
            yield BOTH, text
        else:
            yield from _apart(text, inside)
    else:
        yield _key(kind, value), text


def _doubted(text: bytes) -> Iterator[tuple[str, bytes]]:
    """Whose record lacks a line that nobody can read, as far as the line still says it.

    Rather one too many than one too few: of a Patient every id counts, since none is known as its
    own.
    """
    kinds = {one.decode() for one in _KIND.findall(text)}
    # An answer that is not here is no part of a record; a Bundle may hold some beside it.
    if RESPONSE in kinds and BUNDLE not in kinds:
        return
    named = (one.replace(b"\\/", b"/") for one in _REFERENCE.findall(text) if one.isascii())
    found = {subject_name(one.decode()) for one in named}
    patients = {one.id for one in found if one is not None}
    if "Patient" in kinds:
        patients.update(one.decode() for one in _OWN_ID.findall(text))
    for patient in sorted(patients):
        yield DOUBT + patient, b""


def _apart(text: bytes, loosely: list[JsonObject]) -> Iterator[tuple[str, bytes]]:
    """The resources of a Bundle, every digit kept; an unsound one puts its patients in doubt.

    What it says of itself goes to each of its patients, but for its total, which is of them all.
    """
    keys = {_key(str(one.get("resourceType")), one) for one in loosely}
    patients = sorted(key[1:] for key in keys if key[0] == BESIDE and key != BESIDE)
    try:
        bundle = wire.read(text)
    except Unreadable:
        yield BROKEN, text
        yield from ((DOUBT + patient, b"") for patient in patients)
        yield from ((key, b"") for key in sorted(keys) if key[0] == _SHARED)
        return
    for one in resources_in(bundle):
        if isinstance(one, dict):
            yield _key(str(one.get("resourceType")), one), wire.write(one)
    for said in envelope_of({name: one for name, one in bundle.items() if name != "total"}, 0):
        yield from ((DOUBT + patient, wire.write(said)) for patient in patients)


def resources_in(bundle: JsonObject) -> Iterator[Any]:
    """Whatever stands in the entries of a Bundle."""
    entries = bundle.get("entry")
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, dict):
            yield entry.get("resource")


def _key(kind: str, resource: JsonObject) -> str:
    if kind == RESPONSE:
        return ANSWERS + _patient(resource)
    if kind == _MEDICATION:
        return f"{_SHARED}{resource.get('id')}"
    if kind == "Patient":
        return f"{BESIDE}{resource.get('id') or ''}"
    return BESIDE + _patient(resource)


def _patient(resource: JsonObject) -> str:
    """The id of the patient that a resource is about; nothing where it names none."""
    for name in _ABOUT:
        about = resource.get(name)
        reference = about.get("reference") if isinstance(about, dict) else None
        if not isinstance(reference, str):
            continue
        usual = _USUAL.fullmatch(reference)
        if usual is not None:
            return usual[1]
        found = subject_name(reference)
        if found is not None:
            return found.id
    return ""
