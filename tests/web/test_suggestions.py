"""What a card offers to keep is what the decision emits, but for the names that must last."""

import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest

from cds.flows.assess import Assessor
from cds.flows.samples import samples
from cds.web.suggestions import resources_in

NOW = datetime(2026, 1, 5, 10, 0, tzinfo=UTC)
# What the text of a Bundle is cut at, in places where an answer or a name may stand.
CUTS = (
    '{"fullUrl":"urn:uuid:',
    '"},{"fullUrl":"urn:uuid:x","resource":{',
    "]}",
    '"resource":{}',
    "}",
)


@pytest.mark.parametrize("said", CUTS)
@pytest.mark.parametrize("scenario", ["no-urine", "everyday-night-cramp", "potassium-critical"])
def test_resources_are_cut_out_of_a_bundle_as_a_reader_finds_them(
    pack: Any, scenarios: Any, scenario: str, said: str
) -> None:
    sample = next(samples(scenarios, pack, scenario, 1, 0))
    subject = {**sample.response["subject"], "display": said, "identifier": {"value": said}}
    response = {**sample.response, "subject": subject, "encounter": {"display": said}}
    assessed = Assessor([pack]).assess(response, now=NOW, record=list(sample.record))

    found = resources_in(assessed.to_bytes())

    resources = [entry["resource"] for entry in assessed.to_fhir()["entry"]]
    assert [json.loads(one.text) for one in found.values()] == resources
    assert list(found) == [one["resourceType"] for one in resources]
    assert [one.id for one in found.values()] == [one["id"] for one in resources]


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
    return json.loads(
        re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "?", json.dumps(resources))
    )


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
