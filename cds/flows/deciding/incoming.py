"""What a caller hands in as a response: bytes, a dict or a model, all read into plain JSON."""

from cds import wire
from cds.core.model import Answers
from cds.errors import Unreadable
from cds.flows.deciding.engine import Engine
from cds.forms.issues import Issue
from cds.forms.response.canonical import Parsed, proven, read_with_canonical
from cds.wire import JsonObject


class Incoming:
    """A response as it was read, with its faults; `fingerprint` is that of its canonical JSON."""

    __slots__ = ("answers", "engine", "fingerprint", "issues", "response")

    def __init__(
        self,
        response: JsonObject,
        engine: Engine,
        answers: Answers,
        fingerprint: str,
        issues: tuple[Issue, ...],
    ) -> None:
        self.response = response
        self.engine = engine
        self.answers = answers
        self.fingerprint = fingerprint
        self.issues = issues


def read_response(response: object, where: str = "input") -> JsonObject:
    """The response as plain JSON.

    Raises:
        Unreadable: not strict JSON, or another resource.
    """
    value: JsonObject = proven(parsed_response(response, where), where).value
    return value


def parsed_response(response: object, where: str = "input") -> Parsed:
    """The response as plain JSON, and its canonical JSON; perhaps still to be proven.

    Raises:
        Unreadable: not strict JSON, or another resource.
    """
    if isinstance(response, bytes):
        parsed = read_with_canonical(response, where=where)
    else:
        raw = response if isinstance(response, dict) else _plain(response, where)
        parsed = Parsed(raw, b"")
    raw = parsed.value
    kind = raw.get("resourceType") if isinstance(raw, dict) else None
    if kind != "QuestionnaireResponse":
        proven(parsed, where)
        shown = (
            f"is a {kind}" if isinstance(kind, str) and kind.isalpha() else "has no resourceType"
        )
        hint = "Give a QuestionnaireResponse, or a Bundle or NDJSON file of them."
        raise Unreadable(where, f"{shown}, not a QuestionnaireResponse.", hint)
    return parsed if parsed.canonical else Parsed(raw, _canonical(raw, where))


def _canonical(response: JsonObject, where: str) -> bytes:
    try:
        return wire.write(response, sort_keys=True)
    except TypeError as error:  # a date, say: a model's own dump holds values that JSON has not
        hint = "Give the model itself, or its model_dump_json()."
        raise Unreadable(where, "holds values that are not JSON.", hint) from error


def _plain(response: object, where: str) -> object:
    """The JSON of what is neither bytes nor a dict: a fhir.resources model, or nothing usable."""
    if not hasattr(response, "model_dump_json"):
        hint = "Give bytes, a dict, or a fhir.resources QuestionnaireResponse."
        raise Unreadable(where, f"is a {type(response).__name__}.", hint)
    # A model was handed in, so the library is loaded already.
    from cds.fhir.typed import to_json  # noqa: PLC0415

    return to_json(response)
