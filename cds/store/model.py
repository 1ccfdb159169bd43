"""What goes into the decision log and what comes out of it: frozen values, no SQL."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from cds.errors import RequestError

# Three such texts in one PostgreSQL index row stay below its limit of 2,704 bytes.
_LONGEST = 200
# The lowest character that is not a control character; PostgreSQL has no NUL in text at all.
FIRST_PRINTABLE = " "
SURROGATES = range(0xD800, 0xE000)


@dataclass(frozen=True, slots=True)
class Decision:
    """One answered call. `response` and `document` are patient content and are stored encrypted.

    `hook_instance` and `request_hash` make a repeated call: the same answer again, or a conflict.
    `cards` says which rules each card stands for, by card uuid; feedback is counted through it.
    `subject` (such as `tenant|patient id`) is kept only as a hash, beside the key, to erase by.
    """

    time: datetime
    client: str
    service: str
    hook_instance: str
    request_hash: str
    pack_id: str
    pack_version: str
    pack_hash: str
    level: str | None
    rules: tuple[str, ...]
    response: bytes = field(repr=False)
    document: bytes = field(repr=False)
    cards: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    status: int = 200
    subject: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Feedback:
    """What a user did with one card. A reason may be the client's own; a comment is encrypted."""

    time: datetime
    client: str
    service: str
    card: str
    outcome: Literal["accepted", "overridden"]
    outcome_timestamp: str
    suggestions: tuple[str, ...] = ()
    reason_code: str | None = None
    reason_system: str | None = None
    reason_display: str | None = field(default=None, repr=False)
    comment: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Stored:
    """A decision that is safely on disk. `repeated`: it was there before; answer with its bytes."""

    sequence: int
    hash: str
    time: str
    status: int
    response: bytes = field(repr=False)
    document: bytes = field(repr=False)
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class Conflict:
    """The (client, service, hookInstance) is taken: by another request, or by one erased since."""

    sequence: int
    why: Literal["other-request", "erased"]


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a feedback request; `unknown`: cards never shown to this client."""

    stored: int
    repeated: int
    unknown: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One link of the chain, as it stands in the table. The hash covers every other field."""

    sequence: int
    kind: str
    time: str
    client: str | None
    service: str | None
    hook_instance: str | None
    identity: str | None
    request_hash: str | None
    pack_id: str | None
    pack_version: str | None
    pack_hash: str | None
    level: str | None
    card: str | None
    outcome: str | None
    details: str
    content: bytes | None = field(repr=False)
    previous: str
    hash: str


@dataclass(frozen=True, slots=True)
class Draft:
    """An entry before it has its place in the chain. `parts`: patient content, in the clear."""

    kind: str
    time: datetime
    details: Mapping[str, Any]
    identity: str | None = None
    client: str | None = None
    service: str | None = None
    hook_instance: str | None = None
    request_hash: str | None = None
    pack_id: str | None = None
    pack_version: str | None = None
    pack_hash: str | None = None
    level: str | None = None
    card: str | None = None
    outcome: str | None = None
    parts: tuple[bytes, ...] = field(default=(), repr=False)
    subject: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Head:
    """The last entry: what a signature is put on. An empty log has sequence 0."""

    sequence: int
    hash: str


@dataclass(frozen=True, slots=True)
class Verified:
    """A whole chain. `erased`: entries whose content was erased on record."""

    head: Head
    erased: int


@dataclass(frozen=True, slots=True)
class Broken:
    """The first entry that is not as it was written, and what is wrong with it."""

    sequence: int
    why: str


@dataclass(frozen=True, slots=True)
class Rate:
    """How often one rule's cards were shown, accepted and overridden. Silence is neither."""

    rule: str
    shown: int
    accepted: int
    overridden: int
    reasons: tuple[tuple[str, int], ...]

    @property
    def acceptance(self) -> float | None:
        """Accepted, of those that were answered; None when none was."""
        answered = self.accepted + self.overridden
        return self.accepted / answered if answered else None

    @property
    def override(self) -> float | None:
        """Overridden, of those that were answered; None when none was."""
        answered = self.accepted + self.overridden
        return self.overridden / answered if answered else None


@dataclass(frozen=True, slots=True)
class Rates:
    """Every rule's rate, by rule id. `unknown`: feedback on cards that this log does not hold."""

    rules: tuple[Rate, ...]
    unknown: int


def log_instant(time: datetime) -> str:
    """The time as FHIR writes an instant, in UTC, always with microseconds.

    >>> log_instant(datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))
    '2026-01-02T03:04:05.000000Z'
    """
    if time.tzinfo is None:
        message = "the time of an entry needs its time zone"
        raise ValueError(message)
    return time.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def column_text(where: str, text: str) -> str:
    """`text`, when it can be a column of the log on every database.

    Raises:
        RequestError: too long, empty, a control character or half a character (a lone surrogate).
    """
    if not 0 < len(text) <= _LONGEST:
        raise RequestError(400, where, f"has {len(text)} characters.", f"Send 1 to {_LONGEST}.")
    # What can be printed holds neither: a look at each character is for what cannot.
    if not text.isprintable() and any(
        one < FIRST_PRINTABLE or ord(one) in SURROGATES for one in text
    ):
        raise RequestError(400, where, "holds a character that no identifier has.")
    return text
