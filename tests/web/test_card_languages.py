"""In which language a card is told: the client's, the patient's, the call's, the site's own."""

import json
from typing import Any

import pytest

from cds.errors import UsageError
from cds.store.model import Stored
from cds.web.contract.languages import preferred
from cds.web.settings import CardSettings, Client, StoreSettings
from tests.web.caller import Caller, said_in
from tests.web.conftest import FHIR, Body, Serve
from tests.web.signing import ISS

Json = dict[str, Any]
SPANISH = {"language": {"coding": [{"system": "urn:ietf:bcp:47", "code": "es-MX"}]}}
CALLS = {"en": "Call the local", "es": "Llamar ahora", "de": "Notrufnummer"}
ALL = ("en", "es", "de")


def _asked(body: Body, *communication: Json) -> Json:
    made = body("no-urine")
    made["prefetch"]["patient"]["communication"] = list(communication)
    return made


def _language(caller: Caller, asked: Json, header: str = "") -> str:
    said = said_in(caller.hook(asked, headers={"accept-language": header} if header else {}))
    return next(code for code, words in CALLS.items() if words in said)


@pytest.mark.parametrize(
    ("client", "communication", "header", "languages", "told"),
    [
        ("", (), "", ALL, "en"),
        ("", (), "", ("de", "en"), "de"),
        ("", (), "fr, es;q=0.9", ALL, "es"),
        ("", (SPANISH,), "de", ALL, "es"),
        ("", (SPANISH,), "", ("en",), "en"),
        ("", (SPANISH,), "es", ("en", "de"), "en"),
        ("de", (SPANISH,), "es", ALL, "de"),
    ],
)
def test_the_first_wanted_language_that_the_site_lists_is_told(
    serve: Serve,
    body: Body,
    client: str,
    communication: tuple[Json, ...],
    header: str,
    languages: tuple[str, ...],
    told: str,
) -> None:
    ehr = Client("ehr", iss=ISS, fhir_base=FHIR, language=client)
    caller = serve(clients=(ehr,), cards=CardSettings(languages=languages))

    assert _language(caller, {**_asked(body, *communication), "fhirServer": FHIR}, header) == told


@pytest.mark.parametrize(
    ("patient", "code"),
    [
        ({"communication": [{"language": {"coding": [{"code": "de"}]}}, SPANISH]}, "de"),
        ({"communication": [{}, {**SPANISH, "preferred": True}]}, "es-MX"),
        ({"communication": [{"language": "es"}, 7, None]}, ""),
        ({"communication": {"language": SPANISH}}, ""),
        ({"communication": [{"language": {"coding": [{"code": 3}, "x"]}}]}, ""),
        ({}, ""),
    ],
)
def test_any_record_tells_a_language_or_none(patient: Json, code: str) -> None:
    assert preferred(patient) == code


def test_the_log_keeps_the_decision_in_the_packs_own_words(
    serve: Serve, body: Body, sqlite: StoreSettings
) -> None:
    caller = serve(store=sqlite, cards=CardSettings(languages=("es",)))
    asked = body("dialysis-no-urine")
    answer = caller.hook(asked)
    again = caller.hook(asked, headers={"accept-language": "de"})

    ledger = caller.service.ledger
    assert ledger is not None
    log = ledger.open()
    ((entry, _),) = list(log.entries())
    name = "cramps-patient-view"
    kept = log.answered("anonymous", name, asked["hookInstance"], entry.request_hash or "")
    assert isinstance(kept, Stored)
    notes = json.loads(kept.document)["decision"]["notes"]
    assert again.content == kept.response == answer.content
    assert any("usual" in note["text"] for note in notes)
    assert "Dato para un" in said_in(answer)


@pytest.mark.parametrize(
    ("cards", "client", "where"),
    [
        (CardSettings(languages=("fr",)), "", r"\[cards\] languages"),
        (CardSettings(languages=()), "", r"\[cards\] languages"),
        (CardSettings(languages=("en",)), "es", r"\[\[client\]\] language"),
    ],
)
def test_a_language_that_is_not_there_ends_the_start(
    serve: Serve, cards: CardSettings, client: str, where: str
) -> None:
    ehr = Client("ehr", iss=ISS, fhir_base=FHIR, language=client)
    with pytest.raises(UsageError, match=where):
        serve(clients=(ehr,), cards=cards)
