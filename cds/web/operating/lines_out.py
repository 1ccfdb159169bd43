"""Log lines on their way out: nobody waits for whoever reads them, or for the disk behind.

A bounded queue and one thread. What does not fit, or cannot be written, is dropped and counted;
once there is room again a line says how many.
"""

import atexit
import contextlib
import json
import os
import threading
import time
from collections import deque
from collections.abc import Callable

# A line, or what makes it: many made one after another cost half of what each does amid a call.
_Line = str | Callable[[], str]
_MOST = 10_000  # lines that wait; some megabytes
# Lines that come within this time are written at once. The loop has to wait at each waking of the
# thread: fifty a second took as long as making the lines.
TOGETHER_S = 0.1
FLUSH_S = 1.0


class LinesOut:
    """Writes lines to a file descriptor, from a thread of its own."""

    def __init__(self, file: int) -> None:
        """The thread starts with the first line, and ends with the process."""
        self._file = file
        self._lines: deque[_Line] = deque()
        self._come = threading.Event()
        self._dropped = 0
        self._writing = False
        self._thread: threading.Thread | None = None
        self.on_drop: Callable[[int], None] = lambda _: None

    def put(self, line: _Line) -> None:
        """Take a line, or drop it. Never waits."""
        if len(self._lines) >= _MOST:
            self._drop(1)
            return
        self._lines.append(line)
        if self._thread is None or not self._thread.is_alive():
            thread = threading.Thread(target=self._write, name="log lines", daemon=True)
            with contextlib.suppress(
                RuntimeError
            ):  # no thread to be had: the next line tries again
                thread.start()
                if self._thread is None:
                    atexit.register(self.flush)
                self._thread = thread
        if not self._come.is_set():
            self._come.set()

    def lost(self) -> None:
        """Count a line that could not even be made."""
        self._drop(1)

    def flush(self, seconds: float = FLUSH_S) -> None:
        """Give the thread a moment to write what waits."""
        until = time.monotonic() + seconds
        while (self._lines or self._writing) and time.monotonic() < until:
            time.sleep(0.005)

    def _drop(self, count: int) -> None:
        self._dropped += count
        with contextlib.suppress(Exception):  # who counts may fail; the lines must not
            self.on_drop(count)

    def _write(self) -> None:
        while True:
            self._come.wait()
            time.sleep(TOGETHER_S)
            self._come.clear()
            self._writing = True
            while self._lines:
                self._some()
            self._writing = False

    def _some(self) -> None:
        """Write what waits. Whatever goes wrong costs these lines, and never the thread."""
        batch: list[str] = []
        with contextlib.suppress(IndexError):
            while len(batch) < _MOST:
                line = self._lines.popleft()
                try:
                    batch.append(line() if callable(line) else line)
                except Exception:  # noqa: BLE001 - no value of one line costs the others
                    self._drop(1)
        dropped, self._dropped = self._dropped, 0
        lost = len(batch) + dropped
        try:
            if dropped:
                said = {"level": "error", "event": "log lines dropped", "lines": dropped}
                batch.append(json.dumps(said))
            # What no text can hold, half of a character, is written as its number.
            text = "".join(f"{line}\n" for line in batch)
            data = memoryview(text.encode(errors="backslashreplace"))
            while data:
                data = data[os.write(self._file, data) :]
        except Exception:  # noqa: BLE001 - a full disk, a reader that has gone, no memory: no place to tell it
            self._drop(lost)
            time.sleep(TOGETHER_S)
