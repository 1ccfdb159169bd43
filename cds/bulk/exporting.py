"""A FHIR Bulk Data export, taken from its server: kick-off, waiting, resumable files.

What was asked for is kept beside the files, so that a run that was stopped goes on waiting for the
same export, and with the bytes of a file that it has.
"""

import os
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import httpx

from cds.bulk.access import Access
from cds.errors import CdsError, UsageError
from cds.flows.bulk.files import read_own_json, write_json
from cds.flows.bulk.inputs import MANIFEST
from cds.wire import JsonObject

STATE = "export-state.json"
_TIMEOUT_S = 60.0
WAIT_S, LONGEST_WAIT_S = 5.0, 300.0
_TRIES = 5
_JSON, _NDJSON = "application/fhir+json", "application/fhir+ndjson"
_OK, _ACCEPTED, _PARTIAL, _UNAUTHORIZED, _RANGE = 200, 202, 206, 401, 416
_LATER = frozenset({429, 502, 503, 504})


class Export:
    """One export of a server into a folder."""

    def __init__(
        self,
        url: str,
        folder: Path,
        access: Callable[[httpx.Client, str], Access],
        *,
        sleep: Callable[[float], None] = time.sleep,
        told: Callable[[str], None] = lambda _: None,
    ) -> None:
        """`url`: the base of the server, or its $export itself. `told` hears what is waited for.

        Raises:
            UsageError: it is not a web address.
        """
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username:
            raise UsageError(
                "--from", "is not a web address.", "Such as https://ehr.example.org/fhir."
            )
        self._base = url.partition("/$export")[0].rstrip("/")
        for level in ("/Patient", "/Group/"):
            self._base = self._base.partition(level)[0] if "$export" in url else self._base
        self._start = url if "$export" in url else f"{self._base}/$export"
        self._folder = folder
        self._sleep = sleep
        self._told = told
        self._http = httpx.Client(timeout=_TIMEOUT_S, follow_redirects=False)
        self._access = access(self._http, self._base)

    def take(self) -> Path:
        """Every file of the export; gives the folder, once all of them are whole.

        Raises:
            CdsError: the server refuses, or gives something else.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        if (self._folder / MANIFEST).is_file():
            return self._folder
        try:
            with self._http:
                self._take()
        except httpx.HTTPError as error:
            hint = "What has arrived is kept: run the same command again."
            raise CdsError(
                self._base, f"does not answer ({type(error).__name__}).", hint
            ) from error
        return self._folder

    def _take(self) -> None:
        state = read_own_json(self._folder / STATE)
        if state is None or state.get("start") != self._start:
            state = {"start": self._start, "status": self._kick_off()}
            write_json(self._folder / STATE, state)
        manifest = self._wait(state["status"])
        output = [one for one in manifest.get("output") or () if isinstance(one, dict)]
        errors = [one for one in manifest.get("error") or () if isinstance(one, dict)]
        closed = manifest.get("requiresAccessToken") is not False
        local = []
        for number, one in enumerate(output):
            kind = one.get("type")
            name = f"{kind if isinstance(kind, str) and kind.isalpha() else 'x'}.{number:04}.ndjson"
            self._download(str(one.get("url")), self._folder / name, closed=closed)
            local.append({**one, "url": name})
        if errors:
            self._told(f"the server reports {len(errors)} files of errors for this export")
        write_json(self._folder / MANIFEST, {**manifest, "output": local})
        with suppress(httpx.HTTPError, CdsError):  # a courtesy: the server may forget the files
            self._http.delete(state["status"], headers=self._access.headers())

    def _kick_off(self) -> str:
        answer = self._get(self._start, {"accept": _JSON, "prefer": "respond-async"})
        place = answer.headers.get("content-location")
        if answer.status_code != _ACCEPTED or not place:
            raise _refused(self._start, answer, "did not start an export")
        status: str = urljoin(self._start, place)
        self._own(status)
        return status

    def _wait(self, status: str) -> JsonObject:
        """Ask until the export is made."""
        while True:
            answer = self._get(status, {"accept": "application/json"})
            if answer.status_code == _OK:
                with suppress(ValueError):
                    value = answer.json()
                    if isinstance(value, dict) and isinstance(value.get("output"), list):
                        return value
                raise _refused(status, answer, "gave no manifest")
            if answer.status_code != _ACCEPTED and answer.status_code not in _LATER:
                (self._folder / STATE).unlink(missing_ok=True)  # the next try begins anew
                raise _refused(status, answer, "did not finish the export")
            self._told(f"waiting for the server: {_progress(answer)}")
            self._sleep(_pause(answer))

    def _get(self, url: str, headers: dict[str, str]) -> httpx.Response:
        """One answer; a token that has run out is asked for anew, once."""
        answer = self._http.get(url, headers={**headers, **self._access.headers()})
        if answer.status_code == _UNAUTHORIZED:
            answer = self._http.get(url, headers={**headers, **self._access.headers(fresh=True)})
        return answer

    def _own(self, url: str) -> None:
        """Refuse to send a token anywhere but to the server itself.

        Raises:
            CdsError: the address is another server's.
        """
        if _origin(url) != _origin(self._base) and self._access.headers():
            hint = "A token is only sent to the server that it is for."
            raise CdsError(self._base, "sends its client to another server for a token.", hint)

    def _download(self, url: str, path: Path, *, closed: bool) -> None:
        """One file, from where it was left; its own name comes once it is whole."""
        url = urljoin(f"{self._base}/", url)
        if path.is_file():
            return
        part = path.with_name(f"{path.name}.part")
        for number in range(_TRIES):
            try:
                if self._piece(url, part, closed=closed):
                    part.replace(path)
                    return
            except httpx.TransportError:
                if number == _TRIES - 1:
                    raise
            self._sleep(WAIT_S)
        raise CdsError(
            url, "did not arrive whole.", "Run the same command again: it goes on from there."
        )

    def _piece(self, url: str, part: Path, *, closed: bool) -> bool:
        """What is missing of a file; whether it is whole now."""
        if closed:
            self._own(url)
        have = part.stat().st_size if part.is_file() else 0
        headers = {"accept": _NDJSON, "accept-encoding": "identity"}
        headers |= self._access.headers() if closed else {}
        if have:
            headers["range"] = f"bytes={have}-"
        with self._http.stream("GET", url, headers=headers) as answer:
            if answer.status_code == _UNAUTHORIZED and closed:
                self._access.headers(fresh=True)
                return False
            if answer.status_code in _LATER:
                self._sleep(_pause(answer))
                return False
            if answer.status_code == _RANGE and have:
                return bool(answer.headers.get("content-range") == f"bytes */{have}")
            if answer.status_code not in {_OK, _PARTIAL}:
                answer.read()
                raise _refused(url, answer, "did not give the file")
            mode = "ab" if answer.status_code == _PARTIAL and have else "wb"
            with part.open(mode) as file:  # each piece as it comes: what breaks off is kept
                for block in answer.iter_bytes():
                    file.write(block)
                file.flush()
                os.fsync(file.fileno())
        return True


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port


def _pause(answer: httpx.Response) -> float:
    """How long the server asks to be left alone, in seconds."""
    text = answer.headers.get("retry-after", "")
    seconds = WAIT_S
    if text.isdecimal():
        seconds = float(text)
    elif text:
        with suppress(ValueError, TypeError):
            until = parsedate_to_datetime(text)
            seconds = (until - datetime.now(UTC)).total_seconds()
    return min(max(seconds, 0.0), LONGEST_WAIT_S)


def _progress(answer: httpx.Response) -> str:
    """What the server says of its progress, in few and harmless letters."""
    text = answer.headers.get("x-progress", "")[:60]
    kept = "".join(letter for letter in text if letter.isascii() and letter.isprintable())
    return kept or f"status {answer.status_code}"


def _refused(url: str, answer: httpx.Response, what: str) -> CdsError:
    """The refusal, with the code that its OperationOutcome gives; its words may name somebody."""
    code = ""
    with suppress(ValueError, KeyError, IndexError, TypeError):
        found = answer.json()["issue"][0]["code"]
        code = f", {found}" if isinstance(found, str) and found.replace("-", "").isalpha() else ""
    hint = "See the log of that server."
    return CdsError(url, f"{what} (status {answer.status_code}{code}).", hint)
