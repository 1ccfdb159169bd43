"""The start page of a demo, and the schemas of our documents."""

import re
from typing import Any

import pytest

from cds.schemas.published import names, schema


def test_the_start_page_of_a_demo_leads_to_what_there_is(serve: Any) -> None:
    caller = serve(demo=True)

    page = caller.get("/")

    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    links = re.findall(r'href="([^"]+)"', page.text)
    assert {"/cds-services", "/fhir/metadata"} <= set(links)
    assert [link for link in links if caller.get(link).status_code != 200] == []


def test_elsewhere_there_is_no_start_page(serve: Any) -> None:
    assert serve().get("/").status_code == 404


@pytest.mark.parametrize("name", names())
def test_every_schema_is_served(serve: Any, name: str) -> None:
    got = serve().get(f"/schemas/{name}.json")

    assert got.json() == schema(name)
    assert got.headers["content-type"] == "application/schema+json"


def test_an_unknown_schema_lists_the_known(serve: Any) -> None:
    got = serve().get("/schemas/assesment-1")

    assert got.status_code == 404
    assert "assessment-1" in got.text
