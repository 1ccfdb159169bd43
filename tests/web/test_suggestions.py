"""What a card offers to keep is what the decision emits, but for the names that must last."""

import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest

from cds.flows.assess import Assessor

NOW = datetime(2026, 1, 5, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize("scenario", ["no-urine", "potassium-critical"])
def test_what_is_offered_to_keep_is_the_decision_under_lasting_names(
    serve: Any, body: Any, pack: Any, scenario: str
) -> None:
    caller = serve(clock=lambda: NOW)
    sent = body(scenario)
    prefetch = sent["prefetch"]
    (response,) = [one["resource"] for one in prefetch["responses"]["entry"]]
    bundles = [one for key, one in prefetch.items() if key not in {"patient", "responses"} and one]
    record = [entry["resource"] for one in bundles for entry in one.get("entry", ())]

    card = caller.hook(sent).json()["cards"][0]

    assessed = Assessor([pack]).assess(
        response,
        now=NOW,
        record=[prefetch["patient"], *record],
        user={"reference": sent["context"]["userId"]},
        draft=True,
    )
    emitted = [entry["resource"] for entry in assessed.to_fhir()["entry"]][:2]
    offered = [action["resource"] for action in card["suggestions"][0]["actions"]]
    assert _without_names(offered) == _without_names(emitted)
    assert [one["id"] for one in offered] != [one["id"] for one in emitted]


def _without_names(resources: list[dict[str, Any]]) -> Any:
    text = json.dumps(resources)
    # The message names the assessment by its identifier: posted alone, no address would resolve.
    text = re.sub(
        r'\{"type": "RiskAssessment", "identifier": \{"system": "[^"]+", "value": "[^"]+"\}\}',
        r'{"reference": "urn:uuid:?"}',
        text,
    )
    return json.loads(re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "?", text))


@pytest.mark.parametrize("coding", [7, True, {"display": "x"}, "x", [7]])
def test_an_order_is_told_by_its_text_where_its_codings_cannot_be_read(
    serve: Any, body: Any, coding: Any
) -> None:
    sent = body("no-urine", "order-sign")
    order = sent["context"]["draftOrders"]["entry"][0]["resource"]
    named = order["medicationCodeableConcept"]["coding"][0]["display"]
    order["medicationCodeableConcept"] = {"text": named, "coding": coding}

    cards = serve().hook(sent).json()["cards"]

    assert f"Being ordered: {named}" in cards[-1]["detail"]
