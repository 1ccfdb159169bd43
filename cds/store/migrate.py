"""Bring the schema of the decision log to this version, or say that it is another one's.

What makes the tables (alembic) is loaded only where something is to be made: it takes 11 MiB and a
tenth of a second, and hardly any start finds an older schema.
"""

from functools import cache
from pathlib import Path

from sqlalchemy import Connection

from cds.errors import StoreError
from cds.store.database import WHERE, Database
from cds.store.write_ahead import create_file

_FOLDER = Path(__file__).parent / "migrations"


@cache
def _known() -> tuple[str, ...]:
    """Every schema version that this software can migrate, the oldest first, by its file's name."""
    files = (_FOLDER / "versions").glob("v*_*.py")
    return tuple(sorted(file.name[1:].partition("_")[0] for file in files))


def newest_schema() -> str:
    """The schema version this software works with."""
    if not _known():
        message = "no migration is installed"
        raise AssertionError(message)
    return _known()[-1]


def _version_of(connection: Connection) -> str | None:
    """The schema version of the database; None when it holds no decision log."""
    if not connection.dialect.has_table(connection, "alembic_version"):
        return None
    found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    return None if found is None else str(found)


def migrate(database: Database) -> None:
    """Make the file and the tables, or bring them to the newest version. Safe to run twice at once.

    Raises:
        StoreError: the account may not do it, or the schema is of a later version of this software.
    """
    create_file(database)
    target = newest_schema()
    with database.reading() as connection:
        current = _version_of(connection)
    if current == target:
        return
    with database.writing() as connection:
        current = _version_of(connection)
        if current is not None and current not in _known():
            raise _mismatch(current, target)
        _upgrade(connection, target)


def _upgrade(connection: Connection, target: str) -> None:
    from alembic import command  # noqa: PLC0415 - as above
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    # A percent sign in the path would be read as an interpolation.
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, target)


def check_version(connection: Connection) -> None:
    """Raise StoreError unless the schema is the one this software works with."""
    current, target = _version_of(connection), newest_schema()
    if current != target:
        raise _mismatch(current, target)


def _mismatch(current: str | None, target: str) -> StoreError:
    found = "holds no decision log" if current is None else f"has schema version {current}"
    hint = f"This software works with version {target}: migrate as the owner of the tables."
    return StoreError(WHERE, f"{found}.", hint)
