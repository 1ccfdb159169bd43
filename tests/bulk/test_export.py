"""`bulk --from URL`: an export is taken and gone on with; tokens stay where they belong."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from cds.bulk.access import Access
from cds.bulk.exporting import Export
from cds.errors import CdsError
from tests.bulk.conftest import NOW, lines_in
from tests.bulk.export_server import CLIENT, ExportServer, serving

Run = Callable[..., Any]
KEY = ec.generate_private_key(ec.SECP384R1())


@pytest.fixture
def server(exported: Path) -> Iterator[ExportServer]:
    with serving(ExportServer(exported)) as running:
        yield running


@pytest.fixture
def closed(exported: Path) -> Iterator[ExportServer]:
    with serving(ExportServer(exported, KEY.public_key())) as running:
        yield running


@pytest.fixture
def key(tmp_path: Path) -> Path:
    pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    path = tmp_path / "key.pem"
    path.write_bytes(KEY.private_bytes(pem, pkcs8, serialization.NoEncryption()))
    return path


def taken(server: ExportServer, folder: Path, waited: list[float] | None = None) -> Path:
    """The export without a token, and without waiting for real."""
    sleep = (lambda _: None) if waited is None else waited.append
    return Export(
        f"{server.url}/fhir",
        folder,
        lambda http, base: Access(http, base, None, None),
        sleep=sleep,
    ).take()


def test_a_run_from_a_server_decides_as_one_from_its_files(
    call: Run, closed: ExportServer, key: Path, exported: Path, tmp_path: Path
) -> None:
    words = ["--now", NOW, "--jobs", 0]
    local = call("bulk", exported, "-o", tmp_path / "local", *words)
    args = ["--from", f"{closed.url}/fhir", "--client", CLIENT, "--key", key]
    done = call("bulk", *args, "-o", tmp_path / "out", *words)

    assert (local.code, done.code) == (0, 0)
    both = [
        [
            {name: value for name, value in one.items() if name != "input"}
            for one in lines_in(tmp_path / name / "decisions.ndjson")
        ]
        for name in ("local", "out")
    ]
    assert both[0] == both[1]
    assert ("DELETE", "/status/1") in [(how, path) for how, path, _ in closed.asked]
    assert "waiting for the server: halfway" in done.err


def test_without_a_key_no_token_is_asked_for_and_none_is_sent(
    server: ExportServer, tmp_path: Path
) -> None:
    taken(server, tmp_path / "export")

    assert server.count("/fhir/.well-known") == server.count("/token") == 0
    assert not any("authorization" in headers for _, _, headers in server.asked)


def test_a_file_that_breaks_off_is_gone_on_with_where_it_was(
    server: ExportServer, exported: Path, tmp_path: Path
) -> None:
    server.cut = {"Observation.ndjson", "Patient.ndjson"}

    folder = taken(server, tmp_path / "export")

    for path in exported.glob("[A-Z]*.ndjson"):
        (found,) = folder.glob(f"{path.stem}.*.ndjson")
        assert found.read_bytes() == path.read_bytes()
    ranges = [headers["range"] for _, _, headers in server.asked if "range" in headers]
    assert len(ranges) == 2
    assert not list(folder.glob("*.part"))


def test_an_export_that_was_asked_for_is_not_asked_for_again(
    server: ExportServer, tmp_path: Path
) -> None:
    class Stopped(Exception):
        pass

    def stop(_: float) -> None:
        raise Stopped

    def access(http: httpx.Client, base: str) -> Access:
        return Access(http, base, None, None)

    with pytest.raises(Stopped):
        Export(f"{server.url}/fhir", tmp_path / "export", access, sleep=stop).take()
    taken(server, tmp_path / "export")
    taken(server, tmp_path / "export")

    assert server.count("/fhir/$export") == 1


def test_the_server_is_left_alone_as_long_as_it_asks(server: ExportServer, tmp_path: Path) -> None:
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    server.waits = ["7", soon, "86400", "soon", "0"]
    waited: list[float] = []

    taken(server, tmp_path / "export", waited)

    assert waited[0] == 7
    assert 80 <= waited[1] <= 90
    assert waited[2:] == [300, 5, 0]


@pytest.mark.slow
def test_a_token_that_runs_out_is_asked_for_anew(
    call: Run, closed: ExportServer, key: Path, tmp_path: Path
) -> None:
    given = closed.get

    def forgetful(path: str, headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        if path == "/files/Observation.ndjson" and "token-0" in closed.tokens:
            closed.tokens = {"another"}
        return given(path, headers)

    closed.get = forgetful  # type: ignore[method-assign] # the server of this test forgets a token
    args = ["--from", f"{closed.url}/fhir", "--client", CLIENT, "--key", key]

    done = call("bulk", *args, "-o", tmp_path / "out", "--now", NOW, "--jobs", 0)

    assert done.code == 0
    assert closed.count("/token") == 2


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/fhir/$export", 403, "did not start an export (status 403, forbidden)"),
        ("/status/1", 500, "did not finish the export (status 500, forbidden)"),
        ("/files/Patient.ndjson", 404, "did not give the file (status 404, forbidden)"),
    ],
)
def test_a_refusal_is_told_with_its_code_and_not_with_its_words(
    call: Run, server: ExportServer, tmp_path: Path, path: str, status: int, said: str
) -> None:
    issue = {"severity": "error", "code": "forbidden", "diagnostics": "Geheim"}
    body = json.dumps({"resourceType": "OperationOutcome", "issue": [issue]}).encode()
    server.refuse[path] = (status, body)

    done = call("bulk", "--from", f"{server.url}/fhir", "-o", tmp_path / "out", "--jobs", 0)

    assert done.code == 3
    assert said in done.err
    assert "Geheim" not in done.err


def test_a_token_is_sent_to_no_other_server(
    call: Run, closed: ExportServer, server: ExportServer, key: Path, tmp_path: Path
) -> None:
    closed.elsewhere = server.url
    args = ["--from", f"{closed.url}/fhir", "--client", CLIENT, "--key", key]

    done = call("bulk", *args, "-o", tmp_path / "out", "--jobs", 0)

    assert done.code == 3
    assert "sends its client to another server" in done.err
    assert server.asked == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--from", "ehr.example.org"], "is not a web address"),
        (["--from", "http://127.0.0.1:1/fhir", "--client", "x"], "belong together"),
        ([], "name what to read"),
    ],
)
def test_a_call_whose_words_are_off_is_refused(
    call: Run, tmp_path: Path, words: list[str], said: str
) -> None:
    done = call("bulk", *words, "-o", tmp_path / "out")

    assert done.code == 2
    assert said in done.err


def test_a_server_that_is_not_there_is_told(tmp_path: Path) -> None:
    gone = ExportServer(tmp_path)
    with serving(gone):
        pass

    with pytest.raises(CdsError) as caught:
        taken(gone, tmp_path / "export")

    assert "does not answer" in caught.value.problem
