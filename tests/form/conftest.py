"""The form of a service in this process, and forms of every kind."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from cds.core.pack import Form
from cds.flows.assess import Assessor
from cds.web.settings import FormSettings
from tests.form.driving import demonstration, drive  # noqa: F401 - fixtures of this folder
from tests.form.emr import Emr
from tests.form.person import Person
from tests.strategies import pack_of
from tests.web.caller import PUBLIC, Caller
from tests.web.conftest import *  # noqa: F403 - its fixtures build the service; our `emr` is none of them

Visit = Callable[..., Person]
FORM = FormSettings(enabled=True, languages=("en",))


@pytest.fixture
def visit(serve: Any) -> Visit:
    """A person before a service with the form; `items`: before a form of these items instead."""

    def made(
        items: list[dict[str, Any]] | None = None,
        *,
        contained: list[dict[str, Any]] | None = None,
        **more: Any,
    ) -> Person:
        caller = serve(**{"form": FORM, **more})
        if items is None:
            return Person(caller)
        assessor = Assessor([with_items(items, contained=contained or [])])
        return Person(Caller(replace(caller.service, assessor=assessor)))

    return made


def with_items(items: list[dict[str, Any]], **more: Any) -> Any:
    """A pack that asks these items; its rules wait for others and never fire."""
    pack = pack_of("boiler")
    raw = {
        "resourceType": "Questionnaire",
        "id": "any",
        "url": f"{pack.identity.base}/Questionnaire/any",
        "version": "1",
        "title": "Any form",
        "status": "active",
        **more,
        "item": items,
    }
    form = Form("any", str(raw["url"]), "1", "Any form", short=False, raw=raw)
    return pack._replace(forms=(form,))


PATIENT = {
    "resourceType": "Patient",
    "id": "p1",
    "name": [{"given": ["Ada"], "family": "Example"}],
    "birthDate": "1950-03",
}


@pytest.fixture
def emr() -> Iterator[Emr]:
    """An EHR that holds one patient."""
    made = Emr()
    made.redirect = f"{PUBLIC}/smart/callback"
    made.put(PATIENT)
    yield made
    made.close()
