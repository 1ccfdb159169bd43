"""The process that evaluates FHIRPath.

Apart, so that a runaway expression can be killed, not waited for.

It talks over a pipe in frames of eight bytes of length and JSON. What the library of the grammar
prints goes nowhere.
"""

import json
import os
import signal
import struct
import sys
import time
from decimal import Decimal
from typing import IO, Any

from cds.forms.elements.definitions import definitions
from cds.forms.fhirpath.engine.engine import evaluated
from cds.forms.fhirpath.engine.moments import CALENDAR, Moment
from cds.forms.fhirpath.engine.navigation import member
from cds.forms.fhirpath.engine.values import (
    Collection,
    ElementNode,
    Failed,
    NoElement,
    NotAnExpression,
    Quantity,
    Refused,
)
from cds.forms.values.ucum import UCUM

MEMORY_BYTES = 200 * 1024 * 1024
MAX_VALUES = 1000


def read_frame(stream: IO[bytes]) -> bytes | None:
    """One frame, or None at the end of the stream."""
    head = stream.read(8)
    if len(head) < 8:  # noqa: PLR2004 - the length of a head
        return None
    (length,) = struct.unpack(">Q", head)
    body = stream.read(length)
    return body if len(body) == length else None


def write_frame(stream: IO[bytes], body: bytes) -> None:
    """Write one frame and flush it."""
    stream.write(struct.pack(">Q", len(body)) + body)
    stream.flush()


def _within(seconds: float) -> None:
    """End this process once it has computed for so long; 0: never mind. Waiting does not count.

    By a signal that nothing catches, so that no library's loop in C goes on. Where the system has
    none, the client ends the process by the clock on the wall.
    """
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_PROF, seconds)


class Evaluator:
    """Keeps the responses and the forms at hand; every expression is read once."""

    def __init__(self) -> None:
        self._held: dict[int, dict[str, Any]] = {}

    def warm(self) -> None:
        """Load the parser now, so that the first expression is not charged for it."""
        evaluated("1 + 1 = 2", {"resourceType": "QuestionnaireResponse"}, definitions("4.0"))

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """Hold the resources of one validation, forget them, or evaluate an expression on them."""
        if "resources" in request:
            self._held[request["number"]] = request["resources"]
            return {"values": []}
        if "forget" in request:
            self._held.pop(request["forget"], None)
            return {"values": []}
        try:
            return {"values": [_plain(value) for value in self._evaluate(request)[:MAX_VALUES]]}
        except Exception as error:  # noqa: BLE001 - whatever is raised is one answer: not evaluated
            return {
                "values": [],
                "problem": _told(error),
                "kind": _KINDS.get(type(error), "failed"),
            }

    def _evaluate(self, request: dict[str, Any]) -> Collection:
        known = definitions(str(request.get("version", "")))
        held = self._held[request["number"]]
        response = ElementNode(held["response"], "QuestionnaireResponse", known)
        form = ElementNode(held["questionnaire"], "Questionnaire", known)
        names: dict[str, Collection] = {
            "resource": [response],
            "rootResource": [response],
            "questionnaire": [form],
            "qitem": _follow(form, request["qitem"]) if request["qitem"] else [form],
        }
        problems: dict[str, Exception] = {}

        def run(text: str, at: list[Any], absent: str | None) -> Collection:
            focus = _focus(response, at, absent)
            context = {**names, "context": focus}
            return evaluated(text, held["response"], known, context, focus)

        for name, text, at, absent in request["variables"]:
            try:
                names[name] = run(text, at, absent)
            except Exception as error:  # noqa: BLE001 - told when the variable is used
                problems[name] = error
        try:
            return run(request["expression"], request["at"], request["absent"])
        except Failed as error:
            for name, problem in problems.items():
                if f"%{name} " in str(error):
                    raise _of_variable(name, problem) from error
            raise


def _of_variable(name: str, problem: Exception) -> Exception:
    """Why a variable has no value, as the reason of what needs it."""
    kind = type(problem) if type(problem) in _KINDS else Failed
    return kind(f"variable %{name}: {_told(problem)}")


_KINDS: dict[type[Exception], str] = {
    NotAnExpression: "fault",
    Failed: "failed",
    NoElement: "fault",
    Refused: "refused",
    MemoryError: "refused",
    RecursionError: "refused",
}
_LIMITS = (MemoryError, RecursionError)


def _told(error: Exception) -> str:
    """Why there is no result, without any value: those may be a patient's answers."""
    if isinstance(error, _LIMITS):
        return "the time or memory limit was reached"
    if type(error) in _KINDS:
        return str(error)[:300]
    return f"{type(error).__name__} on the answers given"


def _focus(response: ElementNode, at: list[Any], absent: str | None) -> Collection:
    if absent is not None:
        return [ElementNode({"linkId": absent}, "QuestionnaireResponse.item", response.definitions)]
    return _follow(response, at) if at else [response]


def _follow(node: ElementNode, steps: list[Any]) -> Collection:
    for name, index in zip(steps[::2], steps[1::2], strict=True):
        node = list(member(node, name))[index]
    return [node]


def _plain(value: Any) -> Any:
    """A result as JSON: nodes give their data, dates their text."""
    value = value.value if isinstance(value, ElementNode) else value
    if isinstance(value, Decimal):
        return {"$number": str(value)}
    if isinstance(value, Quantity):
        number = {"$number": str(value.value)}
        return {
            "value": number,
            "system": UCUM,
            "code": CALENDAR.get(value.unit.removesuffix("s"), value.unit),
        }
    return value.text if isinstance(value, Moment) else value


def _numbers(value: object) -> str:
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(type(value).__name__)


def main() -> None:
    """Serve until the pipe is closed."""
    pipe_in = os.fdopen(os.dup(0), "rb")
    pipe_out = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 0)
    os.dup2(nowhere, 1)
    sys.setrecursionlimit(3000)
    try:
        import resource  # noqa: PLC0415 - not on every system

        resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_BYTES, MEMORY_BYTES))
    except (ImportError, ValueError, OSError):
        pass
    evaluator = Evaluator()
    evaluator.warm()
    write_frame(pipe_out, b"{}")
    while (frame := read_frame(pipe_in)) is not None:
        started = time.process_time()
        try:
            request = json.loads(frame, parse_float=Decimal)
            _within(float(request["within"]))
            answer = evaluator.answer(request)
            answer["seconds"] = time.process_time() - started
            body = json.dumps(answer, default=_numbers).encode()
        except (ValueError, TypeError, RecursionError, MemoryError) as error:
            seconds = time.process_time() - started
            body = json.dumps({"problem": type(error).__name__, "seconds": seconds}).encode()
        _within(0)
        write_frame(pipe_out, body)
