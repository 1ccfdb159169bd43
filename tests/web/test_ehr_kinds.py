"""EHRs as they are: queries they do not know, answers they lack, types they do not create."""

import json
from dataclasses import replace
from typing import Any

import pytest

from cds.web.operating.answers import CALLS
from cds.web.settings import AuthSettings, CardSettings, Client, ServerSettings
from tests.web.caller import PUBLIC, URL, said_in
from tests.web.counterpart import AUTHORIZATION
from tests.web.signing import ISS

Json = dict[str, Any]
OUTCOME = b'{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"invalid"}]}'
NOT_SUPPORTED = OUTCOME.replace(b"invalid", b"not-supported")


def _topics(answer: Any) -> list[str]:
    return [card["source"]["topic"]["code"] for card in answer.json()["cards"]]


@pytest.mark.parametrize(
    "refusal", [(400, {}, OUTCOME), (422, {}, b""), (200, {}, OUTCOME)], ids=["400", "422", "200"]
)
def test_a_query_that_is_not_understood_is_asked_again_by_patient_alone(
    serve: Any, body: Any, ehr: Any, refusal: Any
) -> None:
    sent = body("no-urine", fhirServer=ehr.base, fhirAuthorization=AUTHORIZATION)
    ours = sent["prefetch"].pop("responses")
    foreign: Json = {"resourceType": "QuestionnaireResponse", "questionnaire": "http://x/phq"}
    foreign["item"] = [{"linkId": "/1", "answer": [{"valueInteger": 1}]}]
    ours["entry"] = [*({"resource": foreign} for _ in range(30)), *ours["entry"]]
    whole: Any = (200, {}, json.dumps({**ours, "total": 31}).encode())
    ehr.answer = lambda path: refusal if "questionnaire=" in path else whole

    answer = serve(clients=(ehr.client,)).hook(sent)

    assert answer.json()["cards"][0]["indicator"] == "critical"
    assert len(ehr.asked) == 2


@pytest.mark.parametrize(
    ("status", "words"),
    [(401, "not allowed"), (403, "not allowed"), (500, "server error"), (503, "server error")],
)
def test_what_failed_is_told_and_not_asked_again(
    serve: Any, body: Any, ehr: Any, status: int, words: str
) -> None:
    sent = body("no-urine", fhirServer=ehr.base, fhirAuthorization=AUTHORIZATION)
    del sent["prefetch"]["responses"]
    ehr.answer = lambda _: (status, {}, b"")

    answer = serve(clients=(ehr.client,)).hook(sent)

    assert _topics(answer) == ["not-assessed"]
    assert f"QuestionnaireResponse: {words}, {status})" in said_in(answer)
    assert len(ehr.asked) == 1


@pytest.mark.parametrize(
    "refusal", [(404, {}, b""), (400, {}, NOT_SUPPORTED), (501, {}, b""), (200, {}, NOT_SUPPORTED)]
)
@pytest.mark.parametrize("on_record", [True, False])
def test_where_there_is_no_search_for_answers_nobody_is_told_of_a_failure(
    serve: Any, body: Any, ehr: Any, refusal: Any, on_record: bool
) -> None:
    sent = body("no-urine", fhirServer=ehr.base, fhirAuthorization=AUTHORIZATION)
    del sent["prefetch"]["responses"]
    if not on_record:
        sent["prefetch"]["conditions"] = None
    ehr.answer = lambda _: refusal

    cards = serve(clients=(ehr.client,)).hook(sent).json()["cards"]

    assert not any("not assessed" in card["summary"] + card["detail"] for card in cards)
    assert [card["indicator"] for card in cards] == (["info"] if on_record else [])


def test_a_client_without_answers_is_said_to_be_one(serve: Any, body: Any) -> None:
    site = Client("ehr", fhir_base="https://ehr.example.org/fhir", responses="unsearchable")
    caller = serve(clients=(site,))
    sent = body("no-urine", fhirServer=site.fhir_base)
    del sent["prefetch"]["responses"]
    with_problem = caller.hook({**sent, "fhirServer": None, "prefetch": sent["prefetch"]})

    assert with_problem.json()["cards"]
    assert caller.get("/readyz").json()["responses"] == "cannot be searched: ehr"


def test_discovery_does_not_ask_for_answers_that_no_client_has(serve: Any) -> None:
    none = Client("a", responses="unsearchable")

    for clients, asked in (((none,), False), ((none, Client("b")), True), ((), True)):
        services = serve(clients=clients).get("/cds-services").json()["services"]
        assert all(("responses" in one["prefetch"]) == asked for one in services)


def test_an_emergency_of_the_record_stays_critical_without_any_answers(
    serve: Any, signing: Any, body: Any
) -> None:
    site = Client("ehr", iss=ISS, jwks_file=str(signing.jwks), responses="unsearchable")
    sent = body("potassium-critical")
    del sent["prefetch"]["responses"]

    answer = serve(auth=AuthSettings(), clients=(site,)).hook(
        sent, headers={"authorization": f"Bearer {signing.token(URL)}"}
    )

    assert answer.json()["cards"][0]["indicator"] == "critical"


def test_a_client_that_never_sends_answers_is_taken_for_one_that_has_none(
    serve: Any, signing: Any, body: Any
) -> None:
    site = Client("ehr", iss=ISS, jwks_file=str(signing.jwks))
    caller = serve(auth=AuthSettings(), clients=(site,))

    def call(**change: Any) -> Any:
        sent = body("no-urine")
        sent["prefetch"]["conditions"] = None
        sent["prefetch"].pop("responses")
        sent["prefetch"].update(change)
        return caller.hook(sent, headers={"authorization": f"Bearer {signing.token(URL)}"})

    told = [_topics(call()) for _ in range(CALLS + 1)]

    assert told[0] == ["not-assessed"]
    assert told[-1] == []
    assert caller.get("/readyz").json()["responses"] == "cannot be searched: ehr"
    assert _topics(call(responses={"resourceType": "OperationOutcome"})) == ["not-assessed"]
    assert _topics(call()) == ["not-assessed"]
    assert "responses" not in caller.get("/readyz").json()


def test_the_specifications_412_is_for_what_failed_and_not_for_what_is_not_offered(
    serve: Any, signing: Any, body: Any
) -> None:
    site = Client("ehr", iss=ISS, jwks_file=str(signing.jwks), responses="unsearchable")
    sent = body("no-urine")
    del sent["prefetch"]["responses"]
    caller = serve(auth=AuthSettings(), clients=(site,), cards=CardSettings("412"))
    token = {"authorization": f"Bearer {signing.token(URL)}"}

    assert caller.hook(sent, headers=token).status_code == 200
    assert serve(cards=CardSettings("412")).hook(sent).status_code == 412


@pytest.mark.parametrize(
    ("creates", "expected"),
    [
        (("RiskAssessment", "CommunicationRequest", "Task", "ServiceRequest"), {0, 1, 3}),
        (("ServiceRequest",), {3}),
        (("RiskAssessment",), {0}),
        (("CommunicationRequest",), {1}),
        ((), set()),
    ],
)
def test_only_what_the_ehr_can_create_is_offered(
    serve: Any, body: Any, creates: tuple[str, ...], expected: set[int]
) -> None:
    kinds = ("RiskAssessment", "CommunicationRequest", "Task", "ServiceRequest")
    site = Client("ehr", fhir_base="https://ehr.example.org/fhir", creates=creates)
    sent = body("potassium-critical", fhirServer=site.fhir_base)

    card = serve(clients=(site,)).hook(sent).json()["cards"][0]

    offered = {
        kinds.index(action["resource"]["resourceType"])
        for one in card.get("suggestions", ())
        for action in one["actions"]
    }
    assert offered == expected


def test_where_no_task_can_be_created_the_link_stands_alone(serve: Any, body: Any) -> None:
    site = Client("ehr", fhir_base="https://ehr.example.org/fhir", creates=())
    form = ServerSettings(public_url=PUBLIC, metrics_port=0, form_url="https://form.example.org/x")
    sent = body("incomplete", fhirServer=site.fhir_base)

    (card,) = serve(clients=(site,), server=form).hook(sent).json()["cards"]

    assert "suggestions" not in card
    assert [one["type"] for one in card["links"]] == ["smart", "absolute"]


def test_sites_of_one_issuer_are_told_apart_by_their_server(
    serve: Any, signing: Any, body: Any
) -> None:
    one = Client("one", iss=ISS, jwks_file=str(signing.jwks), fhir_base="https://1.example/fhir")
    two = replace(one, name="two", fhir_base="https://2.example/fhir", creates=())
    other = replace(
        two, name="three", fhir_base="https://3.example/fhir", jwks_file="", jwks_url="https://x/k"
    )
    caller = serve(auth=AuthSettings(), clients=(one, two, other))

    def call(server: str, *, whole: bool = True) -> Any:
        sent = body("no-urine", fhirServer=server)
        if not whole:
            del sent["prefetch"]["labs"]
        return caller.hook(sent, headers={"authorization": f"Bearer {signing.token(URL)}"})

    assert "suggestions" in call("https://1.example/fhir").json()["cards"][0]
    assert "suggestions" not in call("https://2.example/fhir").json()["cards"][0]
    assert call("https://3.example/fhir", whole=False).status_code == 403  # of other keys
