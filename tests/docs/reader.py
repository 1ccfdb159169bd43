"""A reader of the pages: runs what they show, as written, in one checkout."""

import re
import signal
import subprocess
import time
from pathlib import Path
from typing import IO

from tests.docs.pages import NOT_RUN, Block, blocks, commands, not_as_shown

SERVES = re.compile(r"(cli\.py|cramp-cds) serve (?!.*--check-config)")
STAYS = re.compile(r"(cli\.py|cramp-cds) pack watch (?!.*--once)")
CALLS = re.compile(r"(cli\.py|cramp-cds) call \S+")
ADDRESS = "http://127.0.0.1:8000"
SHELL = ("sh", "-eu", "-c")
PYTHON = (".venv/bin/python", "-c")
FINDINGS = 1
PATIENCE_S = 300


class Reader:
    """Someone with a shell in `folder`. What stays running is kept until `leave`."""

    def __init__(self, folder: Path, environment: dict[str, str], notes: Path) -> None:
        self.folder = folder
        self.environment = environment
        self.notes = notes
        self.url = ADDRESS
        self.running: list[subprocess.Popen[bytes]] = []

    def read(self, page: str) -> list[str]:
        """Run all of a page in its order; what did not go as the page says, each with its place."""
        try:
            return [fault for block in blocks(page) for fault in self._do(block)]
        finally:
            self.leave()

    def leave(self) -> None:
        """End what was started and stays, as Ctrl-C would."""
        for process in self.running:
            process.send_signal(signal.SIGINT)
            process.wait(timeout=60)
        self.running = []
        self.url = ADDRESS

    def _do(self, block: Block) -> list[str]:
        if block.kind == "sh":
            return self._run(block, block.text, (), SHELL)
        if block.kind == "python" and block.text.splitlines()[0] not in NOT_RUN:
            return self._run(block, block.text, (), PYTHON)
        if block.kind != "console":
            return []
        faults = []
        for command in commands(block):
            if command.text in NOT_RUN:
                continue
            if SERVES.search(command.text) or STAYS.search(command.text):
                faults += self._start(block, command.text)
            else:
                faults += self._run(block, command.text, command.shown, SHELL)
        return faults

    def _run(
        self, block: Block, text: str, shown: tuple[str, ...], program: tuple[str, ...]
    ) -> list[str]:
        """The address is that of the service that runs; all else stays as written."""
        written = text.replace(ADDRESS, self.url)
        if self.running:
            written = CALLS.sub(rf"\g<0> --url {self.url}", written)
        done = subprocess.run(
            [*program, written], cwd=self.folder, env=self.environment, text=True, check=False,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            timeout=PATIENCE_S,
        )  # fmt: skip
        # A page that shows what is found may show findings; else a command ends well.
        if done.returncode not in ((0, FINDINGS) if shown else (0,)):
            return [f"{block.place}: exit {done.returncode}\n{written}\n{done.stdout}"]
        missing = not_as_shown(shown, done.stdout)
        if missing is not None:
            return [f"{block.place}: shows what is not printed: {missing}\n{done.stdout}"]
        return []

    def _start(self, block: Block, text: str) -> list[str]:
        """Start what stays, and wait until it has said that it is ready."""
        serves = SERVES.search(text) is not None
        written = SERVES.sub(r"\1 serve --port 0 ", text)
        said = self.notes / f"{block.page.replace('/', '-')}-{block.line}-{len(self.running)}.txt"
        with said.open("wb") as notes:
            self.running.append(self._started(f"exec {written}", notes))
        sign = rb'"event": "ready".*"url": "([^"]+)"' if serves else rb"\n()"
        for _ in range(10 * PATIENCE_S):
            ready = re.search(sign, said.read_bytes())
            if ready is not None:
                self.url = ready[1].decode() if serves else self.url
                return []
            if self.running[-1].poll() is not None:
                break
            time.sleep(0.1)
        return [f"{block.place}: did not start: {written}\n{said.read_text('utf-8')}"]

    def _started(self, written: str, notes: IO[bytes]) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            [*SHELL, written], cwd=self.folder, env=self.environment,
            stdin=subprocess.DEVNULL, stdout=notes, stderr=subprocess.STDOUT,
        )  # fmt: skip
