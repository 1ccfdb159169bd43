"""The client of the FHIRPath process.

One process, started when first needed, killed when it takes too long.
"""

import atexit
import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
from decimal import Decimal
from typing import Any

from cds import wire
from cds.forms.fhirpath.worker import read_frame, write_frame

START_S = 10.0
_BOOT = (
    "import sys, json; sys.path[:] = json.loads(sys.argv[1]);"
    "from cds.forms.fhirpath.worker import main; main()"
)


class NotEvaluated(Exception):
    """An expression that gave no result, and why."""


class _Process:
    """One running worker, with a thread that reads what it says."""

    def __init__(self) -> None:
        command = [sys.executable, "-c", _BOOT, json.dumps(sys.path)]
        self.owner = os.getpid()
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

    def ask(self, body: bytes, seconds: float) -> bytes | None:
        """The answer, or None if there was none in time."""
        if self._popen.stdin is None:
            return None
        try:
            write_frame(self._popen.stdin, body)
        except (OSError, ValueError):
            return None
        return self._hear(seconds)

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


def exchange(requests: list[tuple[dict[str, Any], float]]) -> dict[str, Any]:
    """Send requests in turn, each with the seconds it may take; the answer to the last one.

    Raises:
        NotEvaluated: the time limit was reached (the process is killed), or the process is gone.
    """
    global _process  # noqa: PLW0603 - one process for all, as it costs a start
    try:
        bodies = [(wire.write(request), seconds) for request, seconds in requests]
    except (TypeError, ValueError, RecursionError) as error:
        raise NotEvaluated("the response cannot be handed to the FHIRPath process") from error
    with _lock:
        if _process is None or _process.owner != os.getpid():
            _process = _Process()
        for body, seconds in bodies:
            answer = _process.ask(body, seconds)
            if answer is None:
                _process.kill()
                _process = None
                raise NotEvaluated("the time or memory limit was reached")
    read: dict[str, Any] = (
        json.loads(answer, parse_float=Decimal, object_hook=_number) if answer else {}
    )
    return read


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
