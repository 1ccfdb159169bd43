"""Every answer that is not a result: an OperationOutcome that names the place and never a value.

401 alone says nothing. A failure of ours is a 500 that says so, never an empty list of cards.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from cds import wire
from cds.core.model import NOTHING
from cds.errors import CdsError, PackError, RequestError, ResponseError, StoreError, Unreadable
from cds.fhir.outcome import SHARED_SYSTEM
from cds.forms.checks.rules import SHARED

FHIR_JSON = "application/fhir+json; charset=utf-8"
HTML = "text/html; charset=utf-8"
JSON = "application/json"

# HTTP status → issue type of FHIR (value set issue-type), where the caller of `RequestError` gave
# none.
_TYPES: Mapping[int, str] = {
    400: "invalid",
    403: "forbidden",
    404: "not-found",
    405: "not-supported",
    406: "not-supported",
    408: "timeout",
    409: "conflict",
    412: "incomplete",
    413: "too-long",
    415: "not-supported",
    422: "business-rule",
    429: "throttled",
    431: "too-long",
    500: "exception",
    503: "transient",
}


class Reply(NamedTuple):
    """What goes out: a status, a body, and headers beside those that every answer has."""

    status: int
    body: bytes
    media_type: str = JSON
    headers: tuple[tuple[bytes, bytes], ...] = ()
    # What the log line and the metrics may know of it. No patient content.
    facts: Mapping[str, str | int] = NOTHING


class UnauthorizedError(Exception):
    """A token that is missing or not good.

    `reason` is a word of `trust.claims.REASONS`, for the log line and the metric alone: the caller
    is told nothing.
    """

    def __init__(self, reason: str) -> None:
        """Keep the word."""
        super().__init__(reason)
        self.reason = reason


class ThrottledError(RequestError):
    """Too many calls of one client; `seconds` until the next is welcome."""

    def __init__(self, seconds: int) -> None:
        """Keep the wait for Retry-After."""
        super().__init__(
            429,
            "rate",
            "is exceeded: too many requests.",
            "Wait before the next one.",
            code="throttled",
        )
        self.seconds = seconds


def outcome_issue(
    code: str, where: str, text: str, *, severity: str = "error", base: str = ""
) -> wire.JsonObject:
    """One issue; `base` is the canonical base that the code system of the issues stands under.

    The first coding is our own; the second is of the vocabulary that several validators share.
    """
    made: wire.JsonObject = {"severity": severity, "code": code}
    details: wire.JsonObject = {"text": text}
    if base:
        details["coding"] = [{"system": f"{base}/CodeSystem/response-issue", "code": code}]
        if code in SHARED:
            details["coding"].append({"system": SHARED_SYSTEM, "code": code})
    made["details"] = details
    made["diagnostics"] = where
    return made


def outcome(issues: Iterable[Mapping[str, object]]) -> bytes:
    """The OperationOutcome of these issues."""
    return wire.write({"resourceType": "OperationOutcome", "issue": list(issues)})


def refuse(
    status: int,
    where: str,
    text: str,
    *,
    code: str = "",
    base: str = "",
    headers: tuple[tuple[bytes, bytes], ...] = (),
) -> Reply:
    """A refusal with one issue."""
    kind = code or _TYPES.get(status, "processing")
    severity = "fatal" if status >= 500 else "error"  # noqa: PLR2004 (the first server error)
    body = outcome([outcome_issue(kind, where, text, severity=severity, base=base)])
    return Reply(status, body, FHIR_JSON, headers, {"issue": kind})


def unauthorized() -> Reply:
    """401, and not a word about why."""
    return Reply(401, b"", JSON, ((b"www-authenticate", b"Bearer"),))


def reply_to(error: Exception, base: str = "") -> Reply:
    """The answer to an error. What is no error of a reader's is a fault of ours: 500."""
    match error:
        case UnauthorizedError():
            return unauthorized()
        case RequestError():
            code = "" if error.code == "invalid" else error.code
            seconds = error.seconds if isinstance(error, ThrottledError) else RETRY_S
            retry = ((b"retry-after", str(seconds).encode()),)
            headers = retry if error.status in {429, 503} else ()
            return refuse(
                error.status, error.where, _words(error), code=code, base=base, headers=headers
            )
        case Unreadable():
            where = error.where
            if error.line is not None:
                where = f"{where}: line {error.line}, column {error.column}"
            return refuse(400, where, _words(error), code="structure", base=base)
        case ResponseError():
            return refuse(422, error.where, _words(error), base=base)
        case StoreError():
            text = "The decision log cannot be reached. Nothing was decided; try again."
            return refuse(
                503,
                "decision log",
                text,
                base=base,
                headers=((b"retry-after", str(RETRY_S).encode()),),
            )
        case PackError() | CdsError():
            return refuse(500, "service", _UNFINISHED, base=base)
        case _:
            return refuse(500, "service", _UNFINISHED, base=base)


RETRY_S = 5
OVERLOADED = "The service is overloaded; try again."
# RFC 6797 and the OWASP REST list; an API has nothing to frame, run or sniff.
SECURITY = (
    (b"x-content-type-options", b"nosniff"),
    (b"cache-control", b"no-store"),
    (b"referrer-policy", b"no-referrer"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cross-origin-resource-policy", b"same-site"),
)
_UNFINISHED = "The assessment did not finish. Do not read this as an all-clear."


def _words(error: CdsError) -> str:
    return f"{error.problem} {error.hint}".rstrip()
