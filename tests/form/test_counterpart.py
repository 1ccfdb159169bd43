"""A whole visit in front of the counterpart FHIR server, which judges what is written into it."""

import json
import subprocess
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.form.conftest import PATIENT, Visit
from tests.form.emr import Emr
from tests.form.launches import ANSWERS, launch, person_of
from tests.form.test_write_back import SAID
from tests.web.caller import PUBLIC

pytestmark = pytest.mark.slow

Json = dict[str, Any]
KINDS = ("QuestionnaireResponse", "RiskAssessment", "CommunicationRequest", "Provenance")


class Before(Emr):
    """The authorization server of the tests, in front of another FHIR server."""

    def __init__(self, behind: str) -> None:
        super().__init__()
        self.behind = behind

    def kept_there(self, call: BaseHTTPRequestHandler, body: str) -> tuple[int, Json, Json]:
        names = ("if-none-exist", "content-type", "prefer", "accept")
        headers = {name: value for name in names if (value := call.headers.get(name))}
        url = f"{self.behind}{call.path.removeprefix('/fhir')}"
        answer = httpx.request(call.command, url, headers=headers, content=body, timeout=30)
        place = answer.headers.get("location")
        found = answer.json() if answer.content else {}
        return answer.status_code, {"location": place} if place else {}, found

    def fhir(self, call: BaseHTTPRequestHandler, path: str, body: str) -> tuple[int, Json, Json]:
        status, headers, answer = super().fhir(call, path, body)
        return (status, headers, answer) if status in {401, 403} else self.kept_there(call, body)


@pytest.fixture(scope="module")
def behind(oracle: Path) -> Iterator[str]:
    """The counterpart server, which refuses what is no valid FHIR."""
    command = [str(oracle), "serve", "--validate"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        lines = (json.loads(line) for line in server.stdout if line.startswith("{"))
        yield next(line["url"] for line in lines)
        server.terminate()


@pytest.fixture
def ehr_before(behind: str) -> Iterator[Before]:
    made = Before(behind)
    made.redirect = f"{PUBLIC}/smart/callback"
    yield made
    made.close()


def _there(url: str, kind: str) -> list[Json]:
    found = httpx.get(f"{url}/{kind}?_count=100", timeout=30).json()
    return [entry["resource"] for entry in found.get("entry", ())]


def test_what_a_visit_writes_is_taken_by_a_server_that_judges_it(
    visit: Visit, ehr_before: Before, behind: str
) -> None:
    httpx.put(f"{behind}/Patient/p1", json=PATIENT, timeout=30).raise_for_status()
    person = person_of(visit, ehr_before)
    page = launch(person, ehr_before)
    assert "Ada Example" in page.text
    page = person.press(**(ANSWERS | {"safety.urine": ["none-new"]}))

    assert [f"Written: {said}." in page.text for said in SAID] == [True] * 4, page.text
    (response,), (risk,), (message,), (provenance,) = (_there(behind, kind) for kind in KINDS)
    assert {"reference": f"QuestionnaireResponse/{response['id']}"} in risk["basis"]
    assert {"reference": f"RiskAssessment/{risk['id']}"} in message["about"]
    assert {"reference": f"RiskAssessment/{risk['id']}"} in provenance["target"]
    person.open("/forms/cramps")
    person.press()
    assert [len(_there(behind, kind)) for kind in KINDS] == [1, 1, 1, 1]
