"""Every state of every prefetch key: CDS Hooks P-1 to P-8."""

import uuid
from typing import Any

import pytest

from cds.web.settings import CardSettings

OUTCOME = {
    "resourceType": "OperationOutcome",
    "issue": [{"severity": "error", "code": "exception"}],
}


KEYS = ("patient", "responses", "conditions", "medications", "labs", "procedures")


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("state", ["absent", "null", "failed", "empty", "paged"])
def test_every_state_of_every_key_is_answered(  # P-1 to P-6
    serve: Any, body: Any, key: str, state: str
) -> None:
    sent = body("no-urine")
    values = {
        "null": None,
        "failed": OUTCOME,
        "empty": {"resourceType": "Bundle", "type": "searchset", "total": 0},
    }
    if state == "absent":
        del sent["prefetch"][key]
    elif state == "paged" and key != "patient":
        sent["prefetch"][key]["link"] = [{"relation": "next", "url": "https://ehr.example.org/p2"}]
    elif state in values:
        sent["prefetch"][key] = values[state]

    answer = serve().hook(sent)

    assert answer.status_code == 200
    if key == "responses" and state in {"absent", "failed"}:
        (card,) = answer.json()["cards"]
        assert card["source"]["topic"]["code"] == "not-assessed"
        assert card["indicator"] == "warning"  # the problem is on record
        refused = serve(cards=CardSettings("412")).hook({**sent, "hookInstance": str(uuid.uuid4())})
        assert [one["diagnostics"] for one in refused.json()["issue"]] == [
            "body.prefetch.responses"
        ]
    elif key != "responses":
        critical = answer.json()["cards"][0]
        assert critical["indicator"] == "critical"
        gaps = [card["detail"] for card in answer.json()["cards"][1:]]
        said = any(f"Not available, so not taken into account: {key}" in one for one in gaps)
        told = state in {"absent", "failed"} or (state == "paged" and key != "patient")
        assert said == told


@pytest.mark.parametrize("key", KEYS)
def test_nonsense_under_a_key_is_never_a_fault_of_ours(
    serve: Any, body: Any, key: str
) -> None:  # P-8
    caller = serve()
    values: tuple[Any, ...] = (
        "text",
        7,
        [],
        {"resourceType": "Nonsense"},
        {"no": "resourceType"},
        {"resourceType": "Bundle", "type": "searchset", "entry": "x"},
        {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": None}, {}, 3]},
        {"resourceType": "Bundle", "type": {}, "total": 9},
        {"resourceType": "Bundle", "type": ["searchset"], "total": 9},
        {"resourceType": "Bundle", "entry": [{"resource": OUTCOME, "search": {"mode": {}}}]},
    )
    for value in values:
        sent = body("no-urine")
        sent["prefetch"][key] = value
        answer = caller.hook(sent)
        assert answer.status_code in {200, 412}
        assert answer.status_code == 412 or answer.json()["cards"]
