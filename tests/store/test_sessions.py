"""Sessions of the form beside the decision log, on both databases."""

import secrets
from typing import Any

from sqlalchemy import func, select, text

from cds.store.decisions import DecisionLog
from cds.store.schema import sessions as table
from cds.store.sessions import SWEEP_S, StoredSessions, new_cookie

KEPT = {"forms": {"any": {"draft": {"q": ["a"]}}}}
FULL, NORMAL = 2, 1


def count(log: DecisionLog) -> Any:
    with log.database.reading() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar()


def test_a_session_is_kept_changed_and_deleted(url: str, log: DecisionLog) -> None:
    sessions = StoredSessions(url)
    cookie = new_cookie()
    sessions.change(cookie, 0, 100, lambda _: KEPT)
    sessions.change(cookie, 1, 100, lambda session: {**(session or {}), "language": "es"})

    assert sessions.load(cookie, 2) == {**KEPT, "language": "es"}
    assert sessions.load(secrets.token_urlsafe(32), 2) is None
    sessions.change(cookie, 3, 100, lambda _: None)
    assert sessions.load(cookie, 3) is None
    assert count(log) == 0
    sessions.close()


def test_what_has_expired_opens_for_nobody_and_is_deleted(url: str, log: DecisionLog) -> None:
    sessions = StoredSessions(url)
    first, second = new_cookie(), new_cookie()
    sessions.change(first, 1000, 1000 + SWEEP_S, lambda _: KEPT)
    later = 1001 + SWEEP_S

    assert sessions.load(first, later) is None
    assert sessions.change(first, later, later + 9, lambda session: session) is None
    sessions.change(second, later, later + 9, lambda _: KEPT)
    assert count(log) == 1
    sessions.change(second, 2 * later, 3 * later, lambda _: KEPT)
    assert count(log) == 1
    sessions.close()


def test_the_log_is_as_durable_as_before_beside_sessions_that_are_not(
    url: str, log: DecisionLog
) -> None:
    sessions = StoredSessions(url)
    said = "PRAGMA synchronous" if log.database.sqlite else "SHOW synchronous_commit"

    def setting(database: Any) -> Any:
        with database.reading() as connection:
            return connection.execute(text(said)).scalar()

    theirs, ours = setting(sessions._database), setting(log.database)
    assert (theirs, ours) == ((NORMAL, FULL) if log.database.sqlite else ("off", "on"))
    sessions.close()
