"""HAPI's JPA server, with the settings it comes with, takes what we hand out."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

# Maven brings 250 jars, and the server starts for a minute or more.
pytestmark = pytest.mark.long

Json = dict[str, Any]
Run = Callable[..., "subprocess.CompletedProcess[bytes]"]

HERE = Path(__file__).parent
TOOLS = ("mvn", "javac", "java")
MADE = ("RiskAssessment", "CommunicationRequest", "Provenance")
NOW = datetime(2026, 1, 5, 10, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """The server, empty, on a port of its own, with H2 in memory."""
    absent = [tool for tool in TOOLS if shutil.which(tool) is None]
    if absent:
        pytest.skip(f"not installed: {', '.join(absent)} (Debian: apt install maven), so no HAPI")
    folder = tmp_path_factory.mktemp("hapi")
    maven = ["mvn", "-q", "-B", "-f", str(HERE / "pom.xml"), "dependency:copy-dependencies"]
    brought = subprocess.run(
        [*maven, f"-DoutputDirectory={folder / 'jars'}"],
        capture_output=True,
        timeout=900,
        check=False,
    )
    if brought.returncode:
        pytest.skip(f"Maven could not bring HAPI: {brought.stdout.decode()[-300:]}")
    path = os.pathsep.join((str(folder), f"{folder}/jars/*"))
    compiler = ["javac", "-proc:none", "-cp", f"{folder}/jars/*", "-d", str(folder)]
    subprocess.run([*compiler, str(HERE / "HapiServer.java")], timeout=300, check=True)
    java = ["java", "-XX:TieredStopAtLevel=1", "-cp", path, "HapiServer"]
    with subprocess.Popen(java, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as running:
        assert running.stdin is not None
        assert running.stdout is not None
        said = running.stdout.readline().decode().split()
        assert said[:1] == ["ready"], "HAPI did not start"
        with httpx.Client(base_url=said[1], timeout=120) as client:
            yield client
        running.stdin.close()


def handed_out(run: Run, scenario: str) -> tuple[Json, list[Json]]:
    """The transaction of a decision with its inputs, and the record that it rests on."""
    sample = run("sample", "bundle", "--scenario", scenario).stdout
    wanted = ("--format", "fhir", "--bundle", "transaction", "--with-inputs")
    done = run("assess", "-", *wanted, stdin=sample)
    assert done.returncode == 0, done.stderr.decode()
    resources = [entry["resource"] for entry in json.loads(sample)["entry"]]
    apart = {*MADE, "Patient", "QuestionnaireResponse"}
    return json.loads(done.stdout), [one for one in resources if one["resourceType"] not in apart]


def count(server: httpx.Client, query: str) -> int:
    kept = {"Cache-Control": "no-cache"}  # HAPI answers a search again from memory for a minute
    found: int = server.get(f"/{query}", headers=kept).json()["total"]
    return found


def references(node: Any) -> Iterator[str]:
    if isinstance(node, list):
        for part in node:
            yield from references(part)
    elif isinstance(node, dict):
        if isinstance(node.get("reference"), str):
            yield node["reference"]
        yield from references(list(node.values()))


def test_posted_twice_every_resource_is_stored_once(server: httpx.Client, run: Run) -> None:
    transaction, _ = handed_out(run, "no-urine")
    before = {kind: count(server, kind) for kind in MADE}

    answers = [server.post("/", json=transaction) for _ in range(2)]

    assert [one.status_code for one in answers] == [200, 200], answers[0].text
    said = [[e["response"]["status"][:3] for e in one.json()["entry"]] for one in answers]
    assert said == [["201"] * 5, ["200"] * 5]
    assert {kind: count(server, kind) for kind in MADE} == {k: n + 1 for k, n in before.items()}


def test_every_reference_that_it_stored_leads_somewhere(server: httpx.Client, run: Run) -> None:
    transaction, _ = handed_out(run, "shock")

    answer = server.post("/", json=transaction).json()

    places = [entry["response"]["location"] for entry in answer["entry"]]
    stored = [server.get(f"/{place}").json() for place in places]
    named = {name for one in stored for name in references(one) if not name.startswith("#")}
    assert {name: server.get(f"/{name}").status_code for name in named} == dict.fromkeys(named, 200)
    assert {name.split("/")[0] for name in named} >= {"Patient", "QuestionnaireResponse"}


def test_the_record_it_rests_on_must_be_there_before(server: httpx.Client, run: Run) -> None:
    transaction, record = handed_out(run, "potassium-critical")

    refused = server.post("/", json=transaction)
    patient = next(
        entry["resource"]
        for entry in transaction["entry"]
        if entry["resource"]["resourceType"] == "Patient"
    )
    for one in (patient, *record):
        server.put(f"/{one['resourceType']}/{one['id']}", json=one).raise_for_status()
    taken = server.post("/", json=transaction)

    assert refused.status_code == 400
    assert "HAPI-1094" in refused.text
    assert taken.status_code == 200, taken.text


def test_a_suggested_message_finds_its_assessment_when_each_is_posted_alone(
    server: httpx.Client, serve: Any, body: Any
) -> None:
    sent = body("no-urine")
    bundles = [one for one in sent["prefetch"].values() if one and "entry" in one]
    record = [entry["resource"] for one in bundles for entry in one["entry"]]
    card = serve(clock=lambda: NOW).hook(sent).json()["cards"][0]
    offered = [action["resource"] for action in card["suggestions"][0]["actions"]]

    kind, _, name = sent["context"]["userId"].partition("/")
    user = {"resourceType": kind, "id": name}
    for one in (user, sent["prefetch"]["patient"], *record):
        server.put(f"/{one['resourceType']}/{one['id']}", json=one).raise_for_status()
    kept = [server.post(f"/{one['resourceType']}", json=one) for one in offered]

    assert [one.status_code for one in kept] == [201, 201], kept[1].text
    about = next(one for one in kept[1].json()["about"] if "identifier" in one)
    name = f"{about['identifier']['system']}|{about['identifier']['value']}"
    assert count(server, f"RiskAssessment?identifier={name}") == 1
