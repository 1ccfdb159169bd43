"""A terminology server that the tests start: what it says counts, what it cannot is not checked."""

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from cds.errors import Unreadable
from cds.flows import terminology
from cds.flows.terminology import Terminology
from cds.flows.validate import Validator

Json = dict[str, Any]
SMALL, LARGE, BROKEN, SLOW = (
    f"http://example.org/ValueSet/{n}" for n in ("small", "large", "broken", "slow")
)


class Server(BaseHTTPRequestHandler):
    asked: list[tuple[str, dict[str, str]]]

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        given = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self.asked.append((parts.path.rpartition("/")[2], given))
        status, body = self.answered(parts.path, given)
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/fhir+json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def answered(self, path: str, given: dict[str, str]) -> tuple[int, Json]:
        url, a = given["url"], {"system": "urn:s", "code": "a"}
        if url == BROKEN:
            return 500, {}
        if url == SLOW:
            time.sleep(1)
        if url not in {SMALL, LARGE}:
            return 404, {"resourceType": "OperationOutcome"}
        if path.endswith("$expand"):
            total = 1 if url == SMALL else 100_000
            return 200, {"resourceType": "ValueSet", "expansion": {"total": total, "contains": [a]}}
        known = given["code"] in {"a", "z"}
        parameter = {"name": "result", "valueBoolean": known}
        return 200, {"resourceType": "Parameters", "parameter": [parameter]}

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def server() -> Iterator[tuple[str, list[tuple[str, dict[str, str]]]]]:
    asked: list[tuple[str, dict[str, str]]] = []
    handler = type("Handler", (Server,), {"asked": asked})
    running = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=running.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{running.server_port}/fhir", asked
    running.shutdown()
    running.server_close()
    thread.join()


def told(asking: Terminology, code: str, canonical: str, **more: Any) -> list[str]:
    item = {"linkId": "q", "type": "choice", "answerValueSet": canonical}
    form = {"resourceType": "Questionnaire", "status": "active", "item": [item]}
    answer = {"valueCoding": {"system": "urn:s", "code": code, "display": "a secret"}}
    response = {
        "resourceType": "QuestionnaireResponse",
        "questionnaire": "http://example.org/q",
        "status": "completed",
        "subject": {"reference": "Patient/secret"},
        "item": [{"linkId": "q", "answer": [answer]}],
    } | more
    issues = Validator(form, behind=asking).validate(response)
    return [one.rule for one in issues if one.severity != "information"]


def test_what_the_server_says_counts(server: Any) -> None:
    url, asked = server
    asking = Terminology(url)

    assert told(asking, "a", SMALL) == []
    assert told(asking, "b", SMALL) == ["invalidCoding"]
    assert told(asking, "z", LARGE) == []
    assert told(asking, "b", LARGE) == ["invalidCoding"]
    assert told(asking, "b", "http://example.org/ValueSet/unknown") == ["valueSetNotChecked"]
    asking.close()
    # A set that can be had whole is asked for once, whatever the codes.
    assert [name for name, given in asked if given["url"] == SMALL] == ["$expand"]


def test_nothing_but_codes_and_systems_leaves_the_machine(server: Any) -> None:
    url, asked = server
    asking = Terminology(url)
    told(asking, "b", LARGE)
    asking.close()

    sent = {name for _, given in asked for name in given}
    assert sent == {"url", "count", "system", "code"}
    assert "secret" not in str(asked)


@pytest.mark.parametrize("canonical", [BROKEN, SLOW])
def test_a_server_that_fails_or_is_slow_leaves_it_unchecked(
    server: Any, canonical: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, asked = server
    monkeypatch.setattr(terminology, "_TIMEOUT_S", 0.2)
    asking = Terminology(url)

    for code in "abcdef":
        assert told(asking, code, canonical) == ["valueSetNotChecked"]
    asking.close()
    assert len(asked) <= terminology.MAX_FAILURES


def test_answers_are_kept_until_they_expire(
    server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, asked = server

    def ask() -> list[str]:
        asking = Terminology(url, cache=tmp_path / "cache" / "answers.sqlite")
        found = told(asking, "b", SMALL)
        asking.close()
        return found

    assert ask() == ask() == ["invalidCoding"]
    assert len(asked) == 1
    now = time.time() + terminology._KEPT_S + 1
    monkeypatch.setattr(time, "time", lambda: now)
    assert ask() == ["invalidCoding"]
    assert len(asked) == 2


@pytest.mark.parametrize(
    "address", ["http://example.org/fhir", "ftp://localhost", "nonsense", "https://u:p@example.org"]
)
def test_an_address_that_is_not_safe_is_refused(address: str) -> None:
    with pytest.raises(Unreadable, match="not the address"):
        Terminology(address)
