"""The process that evaluates FHIRPath.

Apart, so that a runaway expression can be killed, not waited for.

It talks over a pipe in frames of eight bytes of length and JSON. What the FHIRPath library prints
goes nowhere.
"""

import json
import os
import re
import signal
import struct
import sys
import time
from collections.abc import Callable
from decimal import Decimal
from typing import IO, Any

MEMORY_BYTES = 200 * 1024 * 1024
MAX_VALUES = 1000
_CACHE_SIZE = 2000


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


def within(seconds: float) -> None:
    """End this process once it has computed for so long; 0: never mind. Waiting does not count.

    By a signal that nothing catches, so that no library's loop in C goes on. Where the system has
    none, the client ends the process by the clock on the wall.
    """
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_PROF, seconds)


class NotAnExpression(ValueError):
    """What is wrong with an expression, in words of ours that quote no answer."""


# What the library says of an expression itself. Its other messages quote the values it met.
_OF_THE_EXPRESSION = re.compile(
    r"(?:Attempting to access an undefined environment variable: |Not implemented:? )[\w%-]{1,60}"
    r"|\w{1,60} (?:expects no params|wrong arity: got \d{1,3})"
)


def told(error: Exception) -> str:
    """Why there is no result, without any value: those may be a patient's answers."""
    name, text = type(error).__name__, str(error)
    if isinstance(error, NotAnExpression):
        return text[:300]
    found = _OF_THE_EXPRESSION.match(text)
    return f"{name}: {found.group()}" if found else f"{name} on the answers given"


class Evaluator:
    """Keeps the response and the form at hand, and every expression it has compiled."""

    def __init__(self) -> None:
        from fhirpathpy import compile as compile_fhirpath  # noqa: PLC0415 - in this process only
        from fhirpathpy.engine.nodes import ResourceNode  # noqa: PLC0415
        from fhirpathpy.models import models  # noqa: PLC0415

        self._compile: Callable[..., Callable[[Any, dict[str, Any]], list[Any]]] = compile_fhirpath
        self._node: Any = ResourceNode
        self._models = models
        self._compiled: dict[tuple[str, str], Callable[[Any, dict[str, Any]], list[Any]]] = {}
        self._resources: dict[int, dict[str, Any]] = {}

    def warm(self) -> None:
        """Load the parser now, so that the first expression is not charged for it."""
        self._run("1 + 1 = 2", {}, {}, "r4")

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """Hold the resources of one validation, forget them, or evaluate an expression on them."""
        if "resources" in request:
            self._resources[request["number"]] = request["resources"]
            return {"values": []}
        if "forget" in request:
            self._resources.pop(request["forget"], None)
            return {"values": []}
        try:
            return {"values": [_plain(value) for value in self._evaluate(request)[:MAX_VALUES]]}
        except Exception as error:  # noqa: BLE001 - whatever the library raises is one answer: not evaluated
            return {"values": [], "problem": told(error)}

    def _evaluate(self, request: dict[str, Any]) -> list[Any]:
        version = "r5" if str(request.get("version", "")).startswith("5") else "r4"
        held = self._resources[request["number"]]
        response, form = held["response"], held["questionnaire"]
        names: dict[str, Any] = {
            "resource": response,
            "rootResource": response,
            "questionnaire": form,
            "sct": "http://snomed.info/sct",
            "loinc": "http://loinc.org",
            "ucum": "http://unitsofmeasure.org",
        }
        names["qitem"] = _follow(form, request["qitem"]) if request["qitem"] else form
        problems: dict[str, str] = {}
        for name, text, at, absent in request["variables"]:
            try:
                names[name] = self._run(text, self._focus(response, at, absent), names, version)
            except Exception as error:  # noqa: BLE001 - told when the variable is used
                problems[name] = told(error)
        focus = self._focus(response, request["at"], request["absent"])
        try:
            return self._run(request["expression"], focus, names, version)
        except ValueError as error:
            for name, problem in problems.items():
                if name in str(error):
                    raise NotAnExpression(f"variable %{name}: {problem}") from error
            raise

    def _focus(self, response: Any, at: list[Any], absent: str | None) -> Any:
        if absent is not None:
            return self._node.create_node({"linkId": absent}, "QuestionnaireResponse.item")
        if not at:
            return response
        return self._node.create_node(_follow(response, at), "QuestionnaireResponse.item")

    def _run(self, text: str, focus: Any, names: dict[str, Any], version: str) -> list[Any]:
        compiled = self._compiled.get((version, text))
        if compiled is None:
            check_syntax(text)
            if len(self._compiled) > _CACHE_SIZE:
                self._compiled.clear()
            compiled = self._compile(text, self._models[version], {"returnRawData": True})
            self._compiled[version, text] = compiled
        return compiled(focus, {**names, "context": focus})


def check_syntax(text: str) -> None:
    """Refuse what is not one whole expression.

    The library mends errors, and reads no further than it can.

    Raises:
        NotAnExpression: with the place of the first error.
    """
    from antlr4 import (  # type: ignore[import-untyped] # noqa: PLC0415 - in this process only
        CommonTokenStream,
        InputStream,
    )
    from antlr4.error.ErrorListener import (  # type: ignore[import-untyped] # noqa: PLC0415
        ErrorListener,
    )
    from fhirpathpy.parser.generated.FHIRPathLexer import FHIRPathLexer  # noqa: PLC0415
    from fhirpathpy.parser.generated.FHIRPathParser import FHIRPathParser  # noqa: PLC0415

    class Strict(ErrorListener):  # type: ignore[misc] # no types are published for antlr4
        def syntaxError(self, *details: Any) -> None:  # noqa: N802 - the name antlr calls
            line, column = details[2:4]
            message = f"syntax error at {line}:{column + 1}"
            raise NotAnExpression(message)

    lexer = FHIRPathLexer(InputStream(text))
    parser: Any = FHIRPathParser(CommonTokenStream(lexer))
    for machine in (lexer, parser):
        machine.removeErrorListeners()
        machine.addErrorListener(Strict())
    parser.entireExpression()


def _follow(value: Any, steps: list[Any]) -> Any:
    for step in steps:
        value = value[step]
    return value


def _plain(value: Any) -> Any:
    """A result as JSON: nodes give their data, dates and quantities their text."""
    value = getattr(value, "data", value)
    if value is None or isinstance(value, (bool, int, str, dict, list)):
        return value
    if isinstance(value, (float, Decimal)):
        return {"$number": str(value)}
    return getattr(value, "asStr", None) or str(value)


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
            within(float(request["within"]))
            answer = evaluator.answer(request)
            answer["seconds"] = time.process_time() - started
            body = json.dumps(answer, default=_numbers).encode()
        except (ValueError, TypeError, RecursionError, MemoryError) as error:
            seconds = time.process_time() - started
            body = json.dumps({"problem": type(error).__name__, "seconds": seconds}).encode()
        within(0)
        write_frame(pipe_out, body)
