"""A service in a process of its own, for tests."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

# On a busy machine the log may take longer than a hospital would wait.
PATIENT = {"CRAMP_CDS_LIMITS__STORE_MS": "5000", "CRAMP_CDS_LIMITS__FORM_STORE_MS": "5000"}
ROOT = Path(__file__).resolve().parents[2]


class Running:
    """One `serve`, and what it said on stderr."""

    def __init__(self, *args: str, environment: dict[str, str] | None = None) -> None:
        kept = {name: value for name, value in os.environ.items() if "CRAMP_CDS" not in name}
        self.process = subprocess.Popen(
            [sys.executable, str(ROOT / "cli.py"), "serve", "--port", "0", *args],
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            env={**kept, **PATIENT, **(environment or {})},
            cwd=ROOT,
            text=True,
            start_new_session=True,
        )
        self.lines: list[str] = []
        self.url = ""
        self._ready = threading.Event()
        # A pipe that nobody reads fills up, and then the service would wait for its reader.
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        assert self._ready.wait(60), self.lines

    def _read(self) -> None:
        for line in self.process.stderr or ():
            self.lines.append(line)
            said = json.loads(line) if line.startswith("{") else {}
            self.url = str(said.get("url", self.url))
            if said.get("event") == "ready":
                self._ready.set()

    def stop(self) -> int:
        """Ask it to stop; its exit code."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=40)
        self._done()
        return self.process.returncode

    def kill(self) -> None:
        """End the whole group at once, as a power cut would."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self._done()

    def _done(self) -> None:
        self._reader.join()
        if self.process.stderr is not None:
            self.process.stderr.close()


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port
