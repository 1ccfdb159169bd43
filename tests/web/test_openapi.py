"""The OpenAPI document is true: every route is called by generated requests."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from cds.web.routes.openapi import describe
from cds.web.settings import ServerSettings
from tests.web.caller import PUBLIC


@pytest.fixture
def documented(serve: Any) -> Any:
    return serve(server=ServerSettings(public_url=PUBLIC, metrics_port=0, docs=True))


def test_the_document_names_every_route(documented: Any) -> None:
    from cds.web.app import ROUTES  # noqa: PLC0415

    assert set(describe(documented.service)["paths"]) == {"/cds-services", *ROUTES}


def test_the_document_is_served_with_a_page_without_scripts(documented: Any) -> None:
    page = documented.get("/docs")

    assert documented.get("/openapi.json").json()["openapi"] == "3.1.0"
    assert "<script" not in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]


@pytest.mark.slow
def test_generated_requests_get_only_answers_that_the_document_names(documented: Any) -> None:
    schemathesis = pytest.importorskip("schemathesis", reason="schemathesis is not installed")

    schema = schemathesis.openapi.from_dict(describe(documented.service))
    for found in schema.get_all_operations():
        _called(documented, found.ok())


def _called(documented: Any, operation: Any) -> None:
    named = operation.definition.raw["responses"]

    @given(case=operation.as_strategy())
    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    def call(case: Any) -> None:
        path = case.formatted_path
        if operation.method.upper() == "GET":
            answer = documented.get(path, params=case.query)
        else:
            sent = None if type(case.body).__name__ == "NotSet" else case.body
            answer = documented.post(path, sent)
        assert answer.status_code < 500
        assert str(answer.status_code) in named, (path, answer.status_code)

    call()
