"""Answers that the service keeps itself, for an EHR from which they are not to be had."""

import json
from typing import Any

import pytest

from cds.errors import UsageError
from cds.web.config import check_server, load
from cds.web.settings import AuthSettings, Client, StoreSettings
from tests.web.caller import PUBLIC, URL
from tests.web.signing import ISS

ASSESS = "/fhir/QuestionnaireResponse/$assess"


@pytest.fixture
def kept(serve: Any, signing: Any, sqlite: StoreSettings) -> Any:
    """Send answers to `$assess`, then call a hook without any; the cards."""

    def call(where: str, sent: Any, /, *answers: Any, **changes: Any) -> list[Any]:
        site = Client("ehr", iss=ISS, jwks_file=str(signing.jwks), responses=where)
        caller = serve(auth=AuthSettings(), clients=(site,), store=sqlite)
        for answer in answers:
            token = signing.token(f"{PUBLIC}{ASSESS}")
            headers = {"authorization": f"Bearer {token}"}
            assert caller.post(ASSESS, answer, headers=headers).status_code == 200
        asked = {**sent, "prefetch": {**sent["prefetch"], **changes}}
        if not changes:
            del asked["prefetch"]["responses"]
        headers = {"authorization": f"Bearer {signing.token(URL)}"}
        cards: list[Any] = caller.hook(asked, headers=headers).json()["cards"]
        return cards

    return call


def _response(sent: Any) -> Any:
    (entry,) = sent["prefetch"]["responses"]["entry"]
    return json.loads(json.dumps(entry["resource"]))


@pytest.mark.parametrize("responses", ["own", "both"])
def test_an_emergency_that_was_sent_to_us_is_shown_in_the_hook(
    kept: Any, body: Any, responses: str
) -> None:
    sent = body("no-urine")

    cards = kept(responses, sent, _response(sent))

    assert cards[0]["indicator"] == "critical"


@pytest.mark.parametrize("responses", ["ehr", "unsearchable"])
def test_where_the_site_does_not_say_so_nothing_is_kept(
    kept: Any, body: Any, responses: str
) -> None:
    sent = body("no-urine")

    cards = kept(responses, sent, _response(sent))

    assert "critical" not in {card["indicator"] for card in cards}


def test_of_another_patient_nothing_is_shown(kept: Any, body: Any) -> None:
    sent = body("no-urine")
    other = {**_response(sent), "subject": {"reference": "Patient/other"}}

    (card,) = kept("own", sent, other)

    assert card["source"]["topic"]["code"] == "assessment-due"


def test_without_any_of_our_own_the_assessment_is_due_and_nothing_has_failed(
    kept: Any, body: Any
) -> None:
    (card,) = kept("own", body("no-urine"))

    assert card["source"]["topic"]["code"] == "assessment-due"


def test_where_both_are_looked_at_a_failure_of_the_ehr_is_told(kept: Any, body: Any) -> None:
    failed = {"resourceType": "OperationOutcome"}

    cards = kept("both", body("no-urine"), responses=failed)

    assert [card["source"]["topic"]["code"] for card in cards] == ["not-assessed"]


def test_what_the_ehr_sends_counts_beside_our_own(kept: Any, body: Any) -> None:
    sent = body("no-urine")
    ours = {**_response(body("incomplete")), "subject": _response(sent)["subject"]}

    cards = kept("own", sent, ours, responses=sent["prefetch"]["responses"])

    assert cards[0]["indicator"] == "critical"


def test_while_our_log_is_away_nothing_is_said_to_be_clear(
    serve: Any, body: Any, tmp_path: Any
) -> None:
    (tmp_path / "decisions.db").mkdir()  # no database can be opened there
    base = "https://ehr.example.org/fhir"
    site = Client("ehr", fhir_base=base, responses="own")
    caller = serve(clients=(site,), store=StoreSettings(url=f"sqlite:///{tmp_path}/decisions.db"))
    sent = body("no-urine", fhirServer=base)
    del sent["prefetch"]["responses"]

    (card,) = caller.hook(sent).json()["cards"]

    assert card["source"]["topic"]["code"] == "not-assessed"
    assert "our own log is unavailable" in card["detail"]


def test_answers_cannot_be_kept_without_a_log(tmp_path: Any) -> None:
    path = tmp_path / "site.toml"
    path.write_text(
        "[auth]\nrequired = false\n[store]\nenabled = false\n"
        "[[client]]\nname = 'a'\nresponses = 'own'\n"
    )

    with pytest.raises(UsageError) as caught:
        check_server(load(str(path), {}))

    assert caught.value.where == "[[client]] responses"
