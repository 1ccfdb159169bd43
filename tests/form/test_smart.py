"""SMART: launched by an EHR and alone, half filled, continued, written back, expired."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from joserfc.jwk import ECKey, RSAKey

from tests.form.conftest import Visit
from tests.form.emr import Emr
from tests.form.launches import ANSWERS, arrived, launch, person_of, started
from tests.replies import reply
from tests.strategies import pack_of

V1 = (
    "launch openid fhirUser patient/Patient.read patient/QuestionnaireResponse.*"
    " patient/Observation.read patient/Condition.read patient/MedicationRequest.read"
    " patient/Procedure.read"
    " patient/RiskAssessment.write patient/Provenance.write patient/CommunicationRequest.write"
)
WATER_PILL = {
    "resourceType": "MedicationRequest",
    "id": "m1",
    "status": "active",
    "intent": "order",
    "subject": {"reference": "Patient/p1"},
    "medicationCodeableConcept": {
        "coding": [
            {
                "system": "http://www.nlm.nih.gov/research/umls/rxnorm",
                "code": "4603",
                "display": "furosemide",
            }
        ]
    },
}


def test_a_launch_shows_the_patient_and_half_fills_the_form_from_the_record(
    visit: Visit, emr: Emr
) -> None:
    emr.put(WATER_PILL)
    page = launch(person_of(visit, emr), emr)

    assert "Patient: Ada Example, 1950-03" in page.text
    assert page.fields["history.medications"] == ["diuretic"]
    assert "From the record:" in page.html
    assert "history.medications:confirm" in page.html


def test_what_the_record_filled_in_wants_a_person_who_confirms_it(visit: Visit, emr: Emr) -> None:
    emr.put(WATER_PILL)
    person = person_of(visit, emr)
    launch(person, emr)
    answers = {name: value for name, value in ANSWERS.items() if name != "history.medications"}
    page = person.press(**answers)

    assert page.status == 422
    assert "Check it and confirm it, or change it." in page.text
    person.press(**{"history.medications:confirm": "yes"})
    assert person.page.status == 200
    kept = emr.kept["QuestionnaireResponse"]["questionnaireresponse-1"]
    medicine = next(
        item
        for group in kept["item"]
        for item in group["item"]
        if item["linkId"] == "history.medications"
    )
    assert (
        medicine["answer"][0]["extension"][0]["valueReference"]["reference"]
        == "MedicationRequest/m1"
    )


def test_answers_and_decision_are_written_once_and_refer_to_each_other(
    visit: Visit, emr: Emr
) -> None:
    person = person_of(visit, emr)
    launch(person, emr)
    page = person.press(**(ANSWERS | {"safety.urine": ["none-new"]}))

    assert "Written: The result." in page.text
    kept = {kind: list(emr.kept[kind].values()) for kind in emr.kept}
    (response,), (risk,) = kept["QuestionnaireResponse"], kept["RiskAssessment"]
    (message,), (provenance,) = kept["CommunicationRequest"], kept["Provenance"]
    assert response["status"] == "completed"
    assert response["subject"] == {"reference": "Patient/p1"}
    assert response["questionnaire"].rpartition("|")[2]
    assert {"reference": f"QuestionnaireResponse/{response['id']}"} in risk["basis"]
    assert {"reference": f"RiskAssessment/{risk['id']}"} in provenance["target"]
    assert "urn:uuid" not in json.dumps([risk, message, provenance])
    person.open("/forms/cramps")
    person.press()
    assert {kind: len(listed) for kind, listed in emr.kept.items() if kind != "Patient"} == {
        "QuestionnaireResponse": 1,
        "RiskAssessment": 1,
        "CommunicationRequest": 1,
        "Provenance": 1,
        "Observation": 0,
        "Condition": 0,
        "MedicationRequest": 0,
        "Procedure": 0,
    }


def test_a_half_answered_response_is_continued_and_not_begun_anew(visit: Visit, emr: Emr) -> None:
    begun = reply({"safety.limb": None}, status="in-progress", subject={"reference": "Patient/p1"})
    emr.put({**begun, "id": "earlier"})
    person = person_of(visit, emr)
    page = launch(person, emr)

    assert page.fields["safety.urine"] == ["usual"]
    assert "safety.limb" not in page.fields
    person.press(**{"safety.limb": "none"})
    assert list(emr.kept["QuestionnaireResponse"]) == ["earlier"]
    assert emr.kept["QuestionnaireResponse"]["earlier"]["status"] == "completed"


def test_what_an_earlier_version_did_not_ask_is_asked_when_its_response_is_continued(
    visit: Visit, emr: Emr
) -> None:
    alarm = {"safety.nerve": ["saddle-numbness"]}
    begun = reply(alarm, status="in-progress", subject={"reference": "Patient/p1"})
    url = begun["questionnaire"].partition("|")[0]
    emr.put({**begun, "id": "earlier", "questionnaire": f"{url}|1.1.0"})
    page = launch(person_of(visit, emr), emr)

    assert page.fields["safety.nerve"] == ["saddle-numbness"]
    assert page.fields["safety.pelvic-mass"] == ["no"]
    for link_id in ("safety.urine", "safety.circulation", "safety.limb"):
        assert link_id not in page.fields


def test_what_the_ehr_does_not_allow_is_told_and_can_be_downloaded(visit: Visit, emr: Emr) -> None:
    emr.grants = {"launch", "patient/Patient.rs", "patient/QuestionnaireResponse.crus"}
    person = person_of(visit, emr)
    launch(person, emr)
    page = person.press(**ANSWERS)

    assert "Written: The answers." in page.text
    assert "Not written: The result. The record system did not allow" in page.text
    assert "download it below" in page.text


def test_a_refused_write_back_is_told_and_changes_no_decision(visit: Visit, emr: Emr) -> None:
    emr.refuses = {"POST QuestionnaireResponse", "POST RiskAssessment"}
    person = person_of(visit, emr)
    launch(person, emr)
    page = person.press(**(ANSWERS | {"safety.urine": ["none-new"]}))

    assert "EMERGENCY" in page.text
    assert "Not written: The answers. The record system refused it." in page.text
    assert page.text.index("Not written:") < page.text.index("What to do")
    (provenance,) = emr.kept["Provenance"].values()
    assert all("urn:uuid" not in json.dumps(one) for one in provenance["target"])


def test_a_token_that_expired_while_answering_loses_no_answer(visit: Visit, emr: Emr) -> None:
    person = person_of(visit, emr)
    launch(person, emr)
    emr.ends = 0
    page = person.press(**ANSWERS)

    assert "SELF-CARE" in page.text
    assert "The time that the record system allowed is over." in page.text
    again = next(link for link in page.links if link.startswith("/smart/launch"))
    answer = person.send("GET", again)
    page = arrived(person, emr.authorize(answer.headers["location"]))
    assert page.fields["safety.limb"] == ["none"]
    page = person.press()
    assert "Written: The answers." in page.text


def test_a_token_that_is_over_is_renewed_with_the_scope_that_was_granted(
    visit: Visit, emr: Emr
) -> None:
    emr.refresh, emr.lives_s = "r1", 1
    emr.grants = {"launch", "patient/QuestionnaireResponse.crus"}
    person = person_of(visit, emr)
    launch(person, emr)
    emr.lives_s = 300
    page = person.press(**ANSWERS)

    assert "Written: The answers." in page.text


@pytest.mark.parametrize("kind", ["EC", "RSA"])
def test_a_client_signs_with_its_own_key(visit: Visit, emr: Emr, tmp_path: Path, kind: str) -> None:
    made: Any = ECKey.generate_key("P-384") if kind == "EC" else RSAKey.generate_key(2048)
    public = {**made.as_dict(private=False), "kid": "form-1"}
    (tmp_path / "key.json").write_text(json.dumps({**made.as_dict(private=True), "kid": "form-1"}))
    emr.auth, emr.keys = "private_key_jwt", [public]
    more = {"smart_auth": "private_key_jwt", "smart_key_file": str(tmp_path / "key.json")}

    assert launch(person_of(visit, emr, **more), emr).status == 200


def test_a_client_with_a_secret_sends_it_to_the_token_endpoint_alone(
    visit: Visit, emr: Emr, tmp_path: Path
) -> None:
    (tmp_path / "secret").write_text("s3cret\n")
    emr.auth = "secret"
    more = {"smart_auth": "secret", "smart_secret_file": str(tmp_path / "secret")}
    person = person_of(visit, emr, **more)
    where = started(person, emr)

    assert "s3cret" not in where
    assert arrived(person, emr.authorize(where)).status == 200


def test_a_server_of_the_first_version_is_asked_in_its_own_spelling(visit: Visit, emr: Emr) -> None:
    person = person_of(visit, emr, smart_scopes=V1)
    launch(person, emr)
    page = person.press(**ANSWERS)

    assert "Written: The answers." in page.text
    assert "Written: The result." in page.text


def test_who_signed_in_is_the_author(visit: Visit, emr: Emr) -> None:
    emr.signer = ec.generate_private_key(ec.SECP256R1())
    person = person_of(visit, emr)
    page = launch(person, emr)
    assert page.fields["who"] == ["clinician"]
    person.press(**ANSWERS)

    (response,) = emr.kept["QuestionnaireResponse"].values()
    assert response["author"] == {"reference": "Practitioner/dr1"}


def test_a_standalone_launch_asks_for_a_patient(visit: Visit, emr: Emr) -> None:
    person = person_of(visit, emr)
    where = started(person, emr, "")

    assert "launch/patient" in parse_qs(urlsplit(where).query)["scope"][0].split()
    assert arrived(person, emr.authorize(where)).status == 200


def test_app_context_names_the_form_and_a_strange_one_gives_the_usual(
    visit: Visit, emr: Emr
) -> None:
    emr.beside = {"patient": "p1", "appContext": json.dumps({"form": "cramps-red-flags"})}
    page = launch(person_of(visit, emr), emr)
    assert 'action="/forms/cramps-red-flags"' in page.html
    short = next(form for form in pack_of("cramps").forms if form.short)
    canonical = {"questionnaire": f"{short.url}|{short.version}"}
    emr.beside = {"patient": "p1", "appContext": json.dumps(canonical)}
    page = launch(person_of(visit, emr), emr)
    assert 'action="/forms/cramps-red-flags"' in page.html
    emr.beside = {"patient": "p1", "appContext": "{not json"}
    page = launch(person_of(visit, emr), emr)
    assert 'action="/forms/cramps"' in page.html


def test_no_token_reaches_the_browser(visit: Visit, emr: Emr) -> None:
    person = person_of(visit, emr)
    page = launch(person, emr)
    result = person.press(**ANSWERS)

    for text in (page.html, result.html, str(person.cookies)):
        assert emr.access not in text


def test_a_card_links_to_the_form_that_it_asks_for(visit: Visit, emr: Emr, body: Any) -> None:
    person = person_of(visit, emr)
    sent = body()
    sent["prefetch"]["responses"] = None
    sent.pop("fhirServer", None)
    sent |= {"fhirServer": emr.base}
    (card, *_) = person.caller.hook(sent).json()["cards"]
    links = {link["type"]: link for link in card["links"]}

    assert links["smart"]["url"] == "https://cds.example.org/smart/launch"
    emr.beside = {"patient": "p1", "appContext": links["smart"]["appContext"]}
    assert 'action="/forms/cramps"' in launch(person, emr).html
