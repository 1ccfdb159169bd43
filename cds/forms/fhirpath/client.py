"""The client of the FHIRPath process.

One process for all validations and threads, started when first needed, ended when it takes too
long. It holds what each of the validations under way is about, until that is over.
"""

import atexit
import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from decimal import Decimal
from typing import Any

from cds import wire
from cds.forms.fhirpath.worker import read_frame, write_frame

START_S = 10.0
FORGET_S = 0.5
# Seconds on the wall for one of computing: the process is ended by what it has computed, and waited
# for on a busy machine. Without such a timer (Windows) the clock on the wall is all there is.
_PATIENCE = 20.0 if hasattr(signal, "setitimer") else 1.0
_BOOT = (
    "import sys, json; sys.path[:] = json.loads(sys.argv[1]);"
    "from cds.forms.fhirpath.worker import main; main()"
)


class NotEvaluated(Exception):
    """An expression that gave no result, why, and how long that took."""

    def __init__(self, why: str, seconds: float = 0.0) -> None:
        super().__init__(why)
        self.seconds = seconds


class _Process:
    """One running worker, with a thread that reads what it says."""

    def __init__(self) -> None:
        command = [sys.executable, "-c", _BOOT, json.dumps(sys.path)]
        self.owner = os.getpid()
        self.held: set[int] = set()
        try:
            self._popen = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
            )
        except OSError as error:
            raise NotEvaluated("the FHIRPath process cannot be started") from error
        self._said: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        threading.Thread(target=self._listen, daemon=True).start()
        if self._hear(START_S) is None:
            self.kill()
            raise NotEvaluated("the FHIRPath library cannot be loaded")

    def _listen(self) -> None:
        stream = self._popen.stdout
        while stream is not None:
            try:
                frame = read_frame(stream)
            except (OSError, ValueError, MemoryError):
                frame = None
            self._said.put(frame)
            if frame is None:
                return

    def _hear(self, seconds: float) -> bytes | None:
        try:
            return self._said.get(timeout=max(seconds, 0.001))
        except queue.Empty:
            return None

    def ask(self, request: bytes, seconds: float) -> bytes | None:
        """The answer to a request (a JSON object), or None if there was none in time."""
        if self._popen.stdin is None:
            return None
        try:
            write_frame(self._popen.stdin, b'%b,"within":%.6f}' % (request[:-1], seconds))
        except (OSError, ValueError):
            return None
        return self._hear(seconds * _PATIENCE)

    def kill(self) -> None:
        """End the process now."""
        self._popen.kill()
        self._popen.wait()
        for stream in (self._popen.stdin, self._popen.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()


_lock = threading.Lock()
_process: _Process | None = None


def ask_worker(
    number: int, resources: dict[str, Any], request: dict[str, Any], seconds: float
) -> dict[str, Any]:
    """Evaluate one expression on the resources of the validation with this number.

    The process is handed them once, or anew after it was ended. Safe for many threads.

    Raises:
        NotEvaluated: the time limit was reached (the process is ended), or the process is gone.
    """
    asked = _written({**request, "number": number})
    with _lock:
        process = _running()
        bodies = [asked]
        if number not in process.held:
            bodies.insert(0, _written({"number": number, "resources": resources}))
            process.held.add(number)
        spent, answer = 0.0, {}
        for body in bodies:
            answer = _heard(process, body, max(seconds - spent, 0.001))
            spent += answer["seconds"]
        return {**answer, "seconds": spent}


def _written(request: dict[str, Any]) -> bytes:
    try:
        return wire.write(request)
    except (TypeError, ValueError, RecursionError) as error:
        raise NotEvaluated("the response cannot be handed to the FHIRPath process") from error


def _running() -> _Process:
    """The process; the lock is held."""
    global _process  # noqa: PLW0603 - one process for all, as it costs a start
    if _process is None or _process.owner != os.getpid():
        _process = _Process()
    return _process


def _heard(process: _Process, body: bytes, seconds: float) -> dict[str, Any]:
    global _process  # noqa: PLW0603 - as above
    started = time.monotonic()
    said = process.ask(body, seconds)
    if said is None:
        process.kill()
        _process = None
        spent = min(time.monotonic() - started, seconds)
        raise NotEvaluated("the time or memory limit was reached", spent)
    answer: dict[str, Any] = json.loads(said, parse_float=Decimal, object_hook=_number)
    answer["seconds"] = float(answer["seconds"])
    return answer


def forget(number: int) -> None:
    """Let the process forget a validation that is over."""
    with _lock:
        if _process is not None and _process.owner == os.getpid() and number in _process.held:
            _process.held.remove(number)
            with contextlib.suppress(NotEvaluated):
                _heard(_process, _written({"forget": number}), FORGET_S)


def _number(value: dict[str, Any]) -> Any:
    return Decimal(value["$number"]) if value.keys() == {"$number"} else value


def stop() -> None:
    """End the process, if one is running."""
    global _process  # noqa: PLW0603
    with _lock:
        if _process is not None and _process.owner == os.getpid():
            _process.kill()
        _process = None


atexit.register(stop)
