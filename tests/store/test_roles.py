"""PostgreSQL: the account of the service can append and read, and nothing else; threats row 26."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from cds.errors import StoreError
from cds.store.decisions import DecisionLog
from cds.store.model import Decision, Feedback, Stored, Verified
from cds.store.verify import verify

Decide = Callable[..., Decision]
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def database(cluster: Any) -> Iterator[str]:
    """A migrated database, by name."""
    name = cluster.database()
    with DecisionLog(cluster.url(name), create=True):
        pass
    yield name
    cluster.drop(name)


@pytest.fixture
def writer(database: str, as_role: Callable[[str, str], str]) -> Iterator[DecisionLog]:
    """The log as the service's account sees it; opened as a worker opens it."""
    with DecisionLog(as_role(database, "cramp_cds_writer"), create=True) as log:
        yield log


def test_the_writer_does_all_that_the_service_needs(
    writer: DecisionLog, decide: Decide, say: Callable[..., Feedback]
) -> None:
    stored = writer.append(decide(1))

    assert isinstance(stored, Stored)
    assert writer.ready().sequence == 1
    assert writer.feedback([say()]).stored == 1
    assert writer.use_once("a", "jti", expires=9, now=1)
    assert writer.use_once("a", "later", expires=99, now=50)
    assert writer.rates().rules[0].accepted == 1
    assert verify(writer) == Verified(writer.head(), erased=0)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE log_entry SET level = 'routine'",
        "DELETE FROM log_entry",
        "TRUNCATE log_entry CASCADE",
        "DELETE FROM log_key",
        "DELETE FROM log_card",
        "DROP TRIGGER log_entry_no_change ON log_entry",
        "ALTER TABLE log_entry DISABLE TRIGGER ALL",
        "SET session_replication_role = replica",
        "DROP TABLE log_entry CASCADE",
        "UPDATE alembic_version SET version_num = '0'",
        "CREATE OR REPLACE FUNCTION log_refuse() RETURNS trigger LANGUAGE sql AS 'SELECT NULL'",
    ],
)
def test_row_26_the_writer_has_no_right_to_change_the_log(
    writer: DecisionLog, statement: str
) -> None:
    with pytest.raises(StoreError, match="42501"), writer.database.writing() as connection:
        connection.exec_driver_sql(statement)


def test_only_the_eraser_may_erase(
    database: str, writer: DecisionLog, decide: Decide, as_role: Callable[[str, str], str]
) -> None:
    writer.append(decide(1))

    with pytest.raises(StoreError, match="42501") as caught:
        writer.erase(NOON, "asked", sequences=[1])
    assert caught.value.hint == "The account of the service may not write it: see its rights."
    with DecisionLog(as_role(database, "cramp_cds_eraser")) as eraser:
        assert eraser.erase(NOON, "asked", sequences=[1]) == (1,)
    assert verify(writer) == Verified(writer.head(), erased=1)


def test_an_account_without_rights_is_told_so(
    cluster: Any, as_role: Callable[[str, str], str]
) -> None:
    name = cluster.database()
    with DecisionLog(cluster.url(name), create=True):
        url = as_role(name, "pg_monitor")
        with pytest.raises(StoreError, match="42501"):
            DecisionLog(url)
    cluster.drop(name)
