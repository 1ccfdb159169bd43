"""A made-up population loads into HAPI's JPA server, empty, by one POST a patient."""

import json
from typing import Any

import httpx
import pytest

from cds.flows.synthetic.exported import bundles
from tests.flows.made_up import MIXES, PACK, population
from tests.web.hapi.test_hapi_server import references, server

__all__ = ["server"]
pytestmark = pytest.mark.long

Json = dict[str, Any]
EACH = 10
KIND = {"Content-Type": "application/fhir+json"}


def without_what_servers_write(resource: Json) -> Json:
    return {name: value for name, value in resource.items() if name not in {"meta", "text"}}


@pytest.mark.parametrize("mix", MIXES)
def test_each_patient_is_one_post_and_comes_back_as_it_was(server: httpx.Client, mix: str) -> None:
    base = PACK.identity.base
    lines = list(bundles(population(mix), EACH, base, "transaction"))

    answers = [server.post("/", content=line, headers=KIND) for line in lines]

    assert [one.status_code for one in answers] == [200] * EACH, answers[0].text
    named: set[str] = set()
    for line in lines:
        for entry in json.loads(line)["entry"]:
            kept = server.get(f"/{entry['request']['url']}").raise_for_status().json()
            expected = without_what_servers_write(entry["resource"])
            assert without_what_servers_write(kept) == expected
            named |= set(references(kept))
    assert {name: server.get(f"/{name}").status_code for name in named} == dict.fromkeys(named, 200)
