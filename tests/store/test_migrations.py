"""The schema is made by migrations, once, and is what the queries expect."""

import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from alembic.script import ScriptDirectory
from sqlalchemy import inspect

import cds.store.migrations
from cds.store.decisions import DecisionLog
from cds.store.migrate import newest_schema
from cds.store.model import Decision, Feedback, Stored, Verified
from cds.store.schema import metadata
from cds.store.verify import verify
from tests.web.processes import ROOT

# What logs of earlier builds have more than those that are made today.
MORE_INDEXES = """
CREATE UNIQUE INDEX earlier_previous ON log_entry (previous);
CREATE UNIQUE INDEX earlier_hash ON log_entry (hash);
CREATE UNIQUE INDEX earlier_call ON log_entry (client, service, hook_instance);
"""
CARDS_WITH_ROWS = """
DROP TABLE log_card;
CREATE TABLE log_card (
  sequence INTEGER NOT NULL REFERENCES log_entry,
  card TEXT NOT NULL, rule TEXT NOT NULL,
  client TEXT NOT NULL, service TEXT NOT NULL,
  PRIMARY KEY (sequence, card, rule)
) STRICT;
CREATE INDEX log_card_card ON log_card (card);
"""


def test_the_migrated_tables_are_those_of_the_queries(log: DecisionLog) -> None:
    found = inspect(log.database.engine)

    for name, table in metadata.tables.items():
        columns = {column["name"]: column["nullable"] for column in found.get_columns(name)}
        assert columns == {column.name: bool(column.nullable) for column in table.columns}
        primary = found.get_pk_constraint(name)["constrained_columns"]
        assert primary == [column.name for column in table.primary_key]


def test_sqlite_tables_are_strict_and_the_file_is_in_wal_mode(log: DecisionLog) -> None:
    if not log.database.sqlite:
        return
    with log.database.reading() as connection:
        strict = connection.exec_driver_sql(
            "SELECT name FROM pragma_table_list WHERE strict AND schema = 'main'"
        ).scalars()
        assert set(strict) == set(metadata.tables)
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2  # FULL


def test_several_workers_may_start_on_an_empty_database_at_once(url: str) -> None:
    def start(_: int) -> str | None:
        with DecisionLog(url, create=True, timeout_s=20) as log:
            return log.ready().hash

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(start, range(4))) == ["0" * 64] * 4


def test_a_log_is_opened_again_without_the_right_to_make_it(log: DecisionLog, url: str) -> None:
    with DecisionLog(url) as again:
        assert again.ready() == log.head()
    assert newest_schema() == "0002"


def test_the_newest_schema_is_that_of_the_last_migration() -> None:
    folder = Path(cds.store.migrations.__file__).parent
    scripts = ScriptDirectory(str(folder))

    assert scripts.get_current_head() == newest_schema()


def test_a_log_of_the_newest_schema_is_opened_without_what_makes_the_tables(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/log.db"
    DecisionLog(url, create=True).close()
    code = (
        "import sys\nfrom cds.store.decisions import DecisionLog\n"
        f"DecisionLog({url!r}, create=True).ready()\n"
        "assert 'alembic' not in sys.modules"
    )

    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_a_log_that_an_earlier_build_made_goes_on(
    log: DecisionLog, url: str, decide: Callable[..., Decision], say: Callable[..., Feedback]
) -> None:
    earlier = MORE_INDEXES + (CARDS_WITH_ROWS if log.database.sqlite else "")
    with log.database.writing() as connection:
        for statement in earlier.split(";"):
            if statement.strip():
                connection.exec_driver_sql(statement)

    with DecisionLog(url, create=True) as again:
        first = again.append(decide(1))
        assert isinstance(first, Stored)
        assert again.append(decide(1)) == replace(first, repeated=True)
        again.append_many([decide(2), decide(3)])
        assert again.feedback([say("card-3")]).unknown == ()
        assert verify(again) == Verified(again.head(), 0)
        assert [rate.shown for rate in again.rates().rules] == [3]
