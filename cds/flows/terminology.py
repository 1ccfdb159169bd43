"""A FHIR terminology server, asked for what is not at hand: off unless a URL is given.

Only canonicals of value sets, and systems and codes of answers, leave the machine. Answers are kept
on disk for some days. What the server cannot say, or not in time, stays "not checked".
"""

import json
import os
import sqlite3
import time
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from cds.errors import Unreadable
from cds.forms.support import Support
from cds.wire import JsonObject

_TIMEOUT_S = 5.0
BUDGET_S = 60.0  # of one run
MAX_FAILURES = 3
_KEPT_S = 7 * 24 * 3600
_COUNT = 1_000  # codes of an expansion; a larger set is asked code by code
MAX_ANSWER = 16 << 20
_TABLE = """
CREATE TABLE IF NOT EXISTS answers (question TEXT PRIMARY KEY, until REAL, answer TEXT)
"""
_LOCAL = frozenset(("localhost", "127.0.0.1", "::1"))


class Terminology(Support):
    """Value sets expanded by a server, and codes that it validates."""

    def __init__(
        self, url: str, *, cache: Path | None = None, behind: Support | None = None
    ) -> None:
        """Nothing is asked yet; `cache` is the file that answers are kept in.

        Raises:
            Unreadable: the URL is not one of https (or http on this machine).
        """
        parts = urlsplit(url)
        local = parts.scheme == "http" and parts.hostname in _LOCAL
        if not parts.hostname or (parts.scheme != "https" and not local) or parts.username:
            hint = "Give https://…, or http://localhost… for one on this machine."
            raise Unreadable(url[:200], "is not the address of a terminology server.", hint)
        super().__init__(behind=behind)
        self._url = url.rstrip("/")
        self._client = httpx.Client(timeout=_TIMEOUT_S, follow_redirects=False)
        self._cache = _Cache(cache)
        self._left = BUDGET_S
        self._failures = 0
        self._sets: dict[str, JsonObject | None] = {}

    def find(self, type_: str, canonical: str) -> JsonObject | None:
        """A ValueSet as the server expands it; anything else is not asked for."""
        found = super().find(type_, canonical)
        if found is not None or type_ != "ValueSet" or canonical.startswith("#"):
            return found
        if canonical not in self._sets:
            asked = {**_named(canonical), "count": str(_COUNT)}
            answer = self._ask("ValueSet/$expand", asked) or {}
            whole = {**answer, "url": asked["url"]}
            self._sets[canonical] = whole if _is_whole(answer) else None
        return self._sets[canonical]

    def validate_code(self, canonical: str, system: str | None, code: str) -> bool | None:
        """Whether a code is in a value set, as the server says; None if it cannot."""
        if canonical.startswith("#") or system is None:
            return None
        asked = {**_named(canonical), "system": system, "code": code}
        answer = self._ask("ValueSet/$validate-code", asked)
        listed = answer.get("parameter") if answer else None
        for one in listed if isinstance(listed, list) else ():
            if isinstance(one, dict) and one.get("name") == "result":
                result = one.get("valueBoolean")
                return result if isinstance(result, bool) else None
        return None

    def _ask(self, operation: str, asked: Mapping[str, str]) -> JsonObject | None:
        key = json.dumps([self._url, operation, sorted(asked.items())])
        kept = self._cache.get(key)
        if kept is not None:
            return kept
        if self._left <= 0 or self._failures >= MAX_FAILURES:
            return None
        started = time.monotonic()
        try:
            answer = self._answer(operation, asked)
        except (httpx.HTTPError, ValueError):
            self._failures += 1
            answer = None
        self._left -= time.monotonic() - started
        if answer is not None:
            self._failures = 0
            self._cache.put(key, answer)
        return answer

    def _answer(self, operation: str, asked: Mapping[str, str]) -> JsonObject | None:
        headers = {"Accept": "application/fhir+json"}
        address = f"{self._url}/{operation}"
        with self._client.stream("GET", address, params=dict(asked), headers=headers) as answer:
            if answer.status_code >= 500:  # noqa: PLR2004 - the server's own fault: it may pass
                raise ValueError(operation)
            if answer.status_code != httpx.codes.OK:
                return None
            data = bytearray()
            for chunk in answer.iter_bytes():
                data += chunk
                if len(data) > MAX_ANSWER:
                    return None
        read = json.loads(bytes(data))
        return read if isinstance(read, dict) else None

    def close(self) -> None:
        """Let go of the connection and the file."""
        self._client.close()
        self._cache.close()


def _named(canonical: str) -> dict[str, str]:
    url, _, version = canonical.partition("|")
    return {"url": url} | ({"valueSetVersion": version} if version else {})


def _is_whole(answer: JsonObject) -> bool:
    expansion = answer.get("expansion")
    if answer.get("resourceType") != "ValueSet" or not isinstance(expansion, dict):
        return False
    total, listed = expansion.get("total"), expansion.get("contains")
    many = len(listed) if isinstance(listed, list) else 0
    return many < _COUNT and (not isinstance(total, int) or total <= many)


class _Cache:
    """Answers by question, each until it expires. A file that cannot be used is done without."""

    def __init__(self, path: Path | None) -> None:
        self._file: sqlite3.Connection | None = None
        if path is None:
            return
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._file = sqlite3.connect(path, timeout=1)
            self._file.execute(_TABLE)
            self._file.execute("DELETE FROM answers WHERE until < ?", (time.time(),))
            self._file.commit()
        except (OSError, sqlite3.Error):
            self._file = None

    def get(self, question: str) -> JsonObject | None:
        if self._file is None:
            return None
        try:
            rows = self._file.execute(
                "SELECT answer FROM answers WHERE question = ? AND until >= ?",
                (question, time.time()),
            )
            row = rows.fetchone()
        except sqlite3.Error:
            return None
        read: JsonObject | None = None if row is None else json.loads(row[0])
        return read

    def put(self, question: str, answer: JsonObject) -> None:
        if self._file is None:
            return
        kept = (question, time.time() + _KEPT_S, json.dumps(answer))
        try:
            self._file.execute("INSERT OR REPLACE INTO answers VALUES (?, ?, ?)", kept)
            self._file.commit()
        except sqlite3.Error:
            self._file = None

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


def cache_file() -> Path:
    """Where answers are kept: in the user's cache folder."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "cramp-cds" / "terminology.sqlite"
