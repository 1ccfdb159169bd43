"""The schema is made by migrations, once, and is what the queries expect."""

from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import inspect

from cds.store.decisions import DecisionLog
from cds.store.migrate import newest_schema
from cds.store.schema import metadata


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
