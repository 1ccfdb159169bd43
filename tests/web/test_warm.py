"""What the first call would wait for is done before it comes, and nobody hears of it."""

from typing import Any

import pytest

from cds.errors import RequestError
from cds.web.cards import stationery
from cds.web.routes import warm as module
from cds.web.routes.warm import warm
from cds.web.settings import CardSettings


def test_each_service_answers_beforehand_in_each_language(
    serve: Any, sqlite: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stationery, "_kept", {})
    caller = serve(store=sqlite, cards=CardSettings(languages=("en", "de")))
    service = caller.service

    count = warm(service)

    assert count % (2 * len(service.services)) == 0
    assert count > 2 * len(service.services)
    assert {language for _, _, language, _ in stationery._kept} == {"en", "de"}
    assert service.ledger.open().head().sequence == 0
    assert 'route="/cds-services' not in str(list(service.metrics.registry.collect()))


def test_what_cannot_be_warmed_is_told_and_served_all_the_same(
    serve: Any, body: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caller = serve()

    def fail(*_: object) -> None:
        raise RequestError(400, "body", "is not.")

    with monkeypatch.context() as patch:
        patch.setattr(module, "in_shape", fail)
        assert warm(caller.service) == 0

    told = [one for one in caplog.records if one.msg == "not warmed"]
    assert len(told) == len(caller.service.services)
    assert caller.hook(body()).status_code == 200
