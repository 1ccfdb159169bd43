"""Whichever version of the form was answered: what decided is named alike on every way out."""

import json
from typing import Any

import pytest

from cds.flows.packs.publish import publish_pack
from cds.knowledge.read.pack import find_pack, load_pack, pack_folders

Json = dict[str, Any]
FOLDER = pack_folders()["cramps"]
NOW = find_pack("cramps")
THEN = load_pack(FOLDER / "released" / "1.1.0")
ASSESS = "/fhir/QuestionnaireResponse/$assess"
FILL = "/fhir/Questionnaire/cramps/$populate"
BOTH = pytest.mark.parametrize(
    ("decides", "answered"),
    [(NOW, THEN), (THEN, NOW), (NOW, NOW)],
    ids=["an earlier form", "a later form", "its own form"],
)


def sent_to(body: Any, version: str) -> tuple[Json, Json]:
    """A hook of somebody with an emergency, whose response answers this version; the response."""
    sent = body("no-urine")
    response = sent["prefetch"]["responses"]["entry"][0]["resource"]
    response["questionnaire"] = f"{response['questionnaire'].partition('|')[0]}|{version}"
    return sent, response


@BOTH
def test_cards_and_log_name_what_decided(
    serve: Any, body: Any, sqlite: Any, decides: Any, answered: Any
) -> None:
    caller = serve(store=sqlite, packs={decides.id: decides})
    sent, response = sent_to(body, answered.version)

    card = caller.hook(sent).json()["cards"][0]
    bundle = caller.post(ASSESS, response).json()

    assert f"/packs/cramps/{decides.version}/why" in json.dumps(card["links"])
    assert f"Library/cramps|{decides.version}" in json.dumps(bundle)
    assert decides.hash in json.dumps(bundle)
    entries = [entry for entry, _ in caller.service.ledger.open().entries()]
    assert {(one.pack_version, one.pack_hash) for one in entries} == {
        (decides.version, decides.hash)
    }


@pytest.mark.parametrize("decides", [NOW, THEN], ids=["this version", "an earlier one"])
def test_a_form_is_filled_published_and_answered_under_its_own_version(
    serve: Any, decides: Any
) -> None:
    subject = {"name": "subject", "valueReference": {"reference": "Patient/example"}}
    caller = serve(packs={decides.id: decides})

    filled = caller.post(FILL, {"resourceType": "Parameters", "parameter": [subject]}).json()
    form = caller.get("/fhir/Questionnaire/cramps").json()
    published = publish_pack(decides, FOLDER if decides is NOW else FOLDER / "released" / "1.1.0")

    response = filled["parameter"][0]["resource"]
    assert response["questionnaire"] == f"{form['url']}|{decides.version}"
    assert form["version"] == decides.version
    versions = {one["version"] for one in published.resources if "version" in one}
    assert versions == {decides.version}
    named = json.dumps([one for one in published.resources if one["resourceType"] != "Library"])
    other = THEN if decides is NOW else NOW
    assert f"|{other.version}" not in named


def test_a_later_forms_new_sign_is_never_calm_under_earlier_rules(serve: Any, body: Any) -> None:
    sent, response = sent_to(body, NOW.version)
    for item in response["item"][0]["item"]:
        if item["linkId"] == "safety.urine":
            item["answer"][0]["valueCoding"]["code"] = "brown-red-or-cola"

    cards = serve(packs={THEN.id: THEN}).hook(sent).json()["cards"]

    assert cards
    assert cards[0]["indicator"] != "info"
