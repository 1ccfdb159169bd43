"""What goes out is valid FHIR in the eyes of another engine, which is also an EHR to talk to."""

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from cds.web.settings import Client, LimitSettings

Judge = Callable[[Path], tuple[int, str]]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def counterpart(oracle: Path) -> Iterator[str]:
    """A FHIR server of other people's making, which refuses what is not valid."""
    process = subprocess.Popen(
        [str(oracle), "serve", "--validate", "--token", "token"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=dict(os.environ),
        text=True,
    )
    assert process.stdout is not None
    url = ""
    for line in process.stdout:
        if line.startswith("{"):
            url = json.loads(line)["url"]
            break
    yield url
    process.terminate()
    process.wait(10)
    process.stdout.close()


HEADERS = {"authorization": "Bearer token", "content-type": "application/fhir+json"}


def test_an_ehr_is_read_from_and_written_back_to(serve: Any, body: Any, counterpart: str) -> None:
    sent = body("potassium-critical")
    prefetch = sent.pop("prefetch")
    patient = sent["context"]["patientId"]
    with httpx.Client(base_url=counterpart, headers=HEADERS) as ehr:
        for resource in _resources(prefetch):
            where = f"/{resource['resourceType']}/{resource['id']}"
            put = ehr.put(where, json=resource)
            assert put.status_code in {200, 201}, put.text
        sent["fhirServer"] = counterpart
        sent["fhirAuthorization"] = {
            "access_token": "token",
            "token_type": "Bearer",
            "expires_in": 300,
            "scope": "patient/*.read",
            "subject": "tests",
        }
        caller = serve(
            clients=(Client("ehr", fhir_base=counterpart),),
            limits=LimitSettings(requests_per_minute=0, ehr_budget_ms=5000),
        )

        cards = caller.hook(sent).json()["cards"]

        assert cards[0]["indicator"] == "critical"
        assert "Not available" not in cards[0]["detail"]
        written = []
        for card in cards:
            for one in card.get("suggestions", []):
                for action in one["actions"]:
                    resource = action["resource"]
                    made = ehr.post(f"/{resource['resourceType']}", json=resource)
                    assert made.status_code == 201, (resource, made.text)
                    written.append(resource["resourceType"])
        assert {"RiskAssessment", "CommunicationRequest", "ServiceRequest"} <= set(written)
        found = ehr.get(f"/RiskAssessment?subject=Patient/{patient}")
        assert found.json()["entry"]


def _resources(prefetch: Any) -> list[Any]:
    found = [prefetch["patient"]]
    for bundle in prefetch.values():
        found += [entry["resource"] for entry in bundle.get("entry", [])]
    return found


def test_the_capability_statement_and_every_suggestion_are_valid(
    serve: Any, body: Any, judge: Judge, tmp_path: Path
) -> None:
    caller = serve()
    listed = [caller.get("/fhir/metadata").json(), caller.get("/fhir/Questionnaire").json()]
    for scenario in ("no-urine", "incomplete", "potassium-critical"):
        for card in caller.hook(body(scenario)).json()["cards"]:
            for one in card.get("suggestions", []):
                listed += [action["resource"] for action in one["actions"]]
    listed.append(caller.post("/cds-services/cramps-patient-view", b"{").json())
    for number, resource in enumerate(listed):
        (tmp_path / f"{number}.json").write_text(json.dumps(resource))

    code, said = judge(tmp_path)

    assert code == 0, said
