"""The decision log behind the service: what is kept, and what happens while it is away."""

import asyncio
import json
import uuid
from pathlib import Path
from typing import Any

import pytest

from cds.store.model import Verified
from cds.store.verify import verify
from cds.web.settings import CardSettings, StoreSettings


def test_a_decision_is_kept_with_its_prefetch_states_and_cards(
    serve: Any, body: Any, sqlite: Any
) -> None:
    caller = serve(store=sqlite)
    sent = body()
    del sent["prefetch"]["labs"]

    answer = caller.hook(sent)

    log = caller.service.ledger.open()
    ((entry, _),) = list(log.entries())
    stored = log.answered(
        "anonymous", "cramps-patient-view", sent["hookInstance"], entry.request_hash
    )
    document = json.loads(stored.document)
    assert stored.response == answer.content
    assert entry.level == document["decision"]["level"]
    assert document["prefetch"]["labs"]["state"] == "absent"
    assert document["prefetch"]["responses"]["state"] == "given"
    assert {rate.rule for rate in log.rates().rules} >= {"E3"}


def test_feedback_is_counted_by_the_rules_of_its_card(serve: Any, body: Any, sqlite: Any) -> None:
    caller = serve(store=sqlite)
    card = caller.hook(body()).json()["cards"][0]["uuid"]
    item = {"card": card, "outcome": "overridden", "outcomeTimestamp": "2026-01-05T10:05:31Z"}
    for _ in range(2):
        url = "/cds-services/cramps-patient-view/feedback"
        assert caller.post(url, {"feedback": [item]}).status_code == 200

    rates = {rate.rule: rate for rate in caller.service.ledger.open().rates().rules}

    assert rates["E3"].shown == 1
    assert rates["E3"].overridden == 1


def _break(caller: Any) -> Path:
    """Take the log away: where its file was, there is a folder now."""
    way = caller.service.ledger.way
    path = Path(way._url.removeprefix("sqlite:///"))
    for log in way._logs.values():
        log.close()
    way._logs.clear()
    path.rename(path.with_name("kept.db"))
    path.mkdir()
    return path


def _mend(caller: Any, path: Path) -> None:
    path.rmdir()
    path.with_name("kept.db").rename(path)
    asyncio.run(caller.service.ledger.look())


def test_while_the_log_is_away_answers_go_on_and_the_record_waits(
    serve: Any, body: Any, sqlite: Any
) -> None:
    caller = serve(store=sqlite)
    path = _break(caller)

    answer = caller.hook(body())

    assert answer.status_code == 200
    assert Path(f"{path}.spool").stat().st_size > 0
    _mend(caller, path)
    log = caller.service.ledger.open()
    assert len(list(log.entries())) == 1
    assert isinstance(verify(log), Verified)


@pytest.mark.parametrize("not_assessed", ["card", "412"])
def test_a_site_that_refuses_without_its_log_still_shows_an_emergency(
    serve: Any, body: Any, sqlite: Any, not_assessed: str
) -> None:
    refusing = StoreSettings(url=sqlite.url, on_failure="refuse")
    caller = serve(store=refusing, cards=CardSettings(not_assessed=not_assessed))
    _break(caller)

    alarming, calm = caller.hook(body("no-urine")), caller.hook(body("everyday-night-cramp"))

    (first, *_) = alarming.json()["cards"]
    assert (alarming.status_code, first["indicator"]) == (200, "critical")
    assert "Not recorded" in first["detail"]
    if not_assessed == "card":
        (card,) = calm.json()["cards"]
        assert (calm.status_code, card["indicator"]) == (200, "warning")
        assert "not assessed" in card["summary"]
        assert "not an all-clear" in card["detail"]
    else:
        assert calm.status_code == 503
        assert int(calm.headers["retry-after"]) > 0
        assert calm.json()["issue"][0]["code"] == "transient"


def test_an_operation_of_an_emergency_says_that_it_is_not_recorded(
    serve: Any, body: Any, sqlite: Any
) -> None:
    caller = serve(store=StoreSettings(url=sqlite.url, on_failure="refuse"))
    response = body("no-urine")["prefetch"]["responses"]["entry"][0]["resource"]
    path = "/fhir/QuestionnaireResponse/$assess"
    kept = caller.post(path, response)
    _break(caller)

    unkept = caller.post(path, response)

    assert "Not recorded" not in kept.text
    assert unkept.status_code == 200
    (risk,) = [
        entry["resource"]
        for entry in unkept.json()["entry"]
        if entry["resource"]["resourceType"] == "RiskAssessment"
    ]
    assert risk["note"][-1]["text"].startswith("Not recorded")


def test_readyz_says_what_is_not_whole(serve: Any, sqlite: Any) -> None:
    caller = serve(store=sqlite)
    assert caller.get("/readyz").json() == {"status": "ready", "knowledge": "whole", "log": "whole"}
    _break(caller)

    away = caller.get("/readyz")
    changed = serve(packs={})
    object.__setattr__(changed.service, "intact", lambda: False)

    assert away.status_code == 503
    assert away.json()["log"] == "log away"
    assert changed.get("/readyz").status_code == 503
    assert serve().get("/readyz").json()["log"] == "off"
    assert caller.get("/livez").status_code == 200


def test_a_log_that_cannot_be_opened_is_tried_again(serve: Any, body: Any, tmp_path: Path) -> None:
    folder = tmp_path / "away"
    folder.write_text("a file where the folder should be")
    caller = serve(store=StoreSettings(url=f"sqlite:///{folder}/d.db", spool=str(tmp_path / "s")))

    assert caller.hook(body()).status_code == 200
    assert caller.get("/readyz").status_code == 503
    folder.unlink()
    asyncio.run(caller.service.ledger.look())

    assert caller.hook({**body(), "hookInstance": str(uuid.uuid4())}).status_code == 200
    assert caller.get("/readyz").json()["log"] == "whole"


def test_while_something_waits_decisions_go_straight_in_and_feedback_waits_behind(
    serve: Any, body: Any, sqlite: Any
) -> None:
    caller = serve(store=sqlite)
    path = _break(caller)
    waits, meanwhile = body(), body()
    card = caller.hook(waits).json()["cards"][0]["uuid"]
    ledger = caller.service.ledger
    path.rmdir()
    path.with_name("kept.db").rename(path)
    asyncio.run(ledger.way.try_it())  # it is back, and nothing has been drained yet

    assert caller.hook(meanwhile).status_code == 200
    item = {"card": card, "outcome": "overridden", "outcomeTimestamp": "2026-01-05T10:05:31Z"}
    url = "/cds-services/cramps-patient-view/feedback"
    assert caller.post(url, {"feedback": [item]}).status_code == 200
    first = [entry.hook_instance for entry, _ in ledger.open().entries()]
    asyncio.run(ledger.look())

    assert first == [meanwhile["hookInstance"]]
    kinds = [(entry.kind, entry.hook_instance) for entry, _ in ledger.open().entries()]
    assert kinds[1:] == [("decision", waits["hookInstance"]), ("feedback", None)]
    assert ledger.spool_state() == ""
    assert isinstance(verify(ledger.open()), Verified)


def test_under_load_a_spool_empties_all_the_same(serve: Any, body: Any, sqlite: Any) -> None:
    caller = serve(store=sqlite)
    path = _break(caller)
    caller.hook(body())
    ledger = caller.service.ledger
    path.rmdir()
    path.with_name("kept.db").rename(path)
    asyncio.run(ledger.way.try_it())
    moved = ledger._spool.drain

    def drain(log: Any, go_on: Any) -> Any:
        # A decision after each batch, as long as anything is drained.
        return moved(log, lambda: caller.hook(body()).status_code == 200 and go_on())

    ledger._spool.drain = drain
    asyncio.run(ledger.look())

    assert not ledger._spool.waiting()
