"""A launch by the EHR of the tests: what is registered, where it leads, and back."""

from typing import Any
from urllib.parse import urlencode, urlsplit

from cds.web.settings import Client
from tests.form.conftest import FORM, Visit
from tests.form.emr import Emr
from tests.form.person import Page, Person
from tests.replies import CALM

ANSWERS = {name: [value] if isinstance(value, str) else list(value) for name, value in CALM.items()}


def client_of(emr: Emr, **more: Any) -> Client:
    return Client("ehr", fhir_base=emr.base, smart_client_id=emr.client_id, **more)


def person_of(visit: Visit, emr: Emr, **more: Any) -> Person:
    return visit(clients=(client_of(emr, **more),), form=FORM)


def started(person: Person, emr: Emr, launch: str = "launch-1") -> str:
    """Where the launch sends the person."""
    query = {"iss": emr.base, **({"launch": launch} if launch else {})}
    answer = person.send("GET", f"/smart/launch?{urlencode(query)}")
    assert answer.status_code == 303, answer.text
    where: str = answer.headers["location"]
    return where


def arrived(person: Person, where: str) -> Page:
    parts = urlsplit(where)
    person.path = "/forms/cramps"
    person.page = person._call("GET", f"{parts.path}?{parts.query}")
    return person.page


def launch(person: Person, emr: Emr, name: str = "launch-1") -> Page:
    return arrived(person, emr.authorize(started(person, emr, name)))
