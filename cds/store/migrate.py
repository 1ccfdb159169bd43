"""Bring the schema of the decision log to this version, or say that it is another one's."""

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from cds.errors import StoreError
from cds.store.database import WHERE, Database
from cds.store.write_ahead import create_file

_FOLDER = Path(__file__).parent / "migrations"


def _config() -> Config:
    config = Config()
    # A percent sign in the path would be read as an interpolation.
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    return config


@cache
def newest_schema() -> str:
    """The schema version this software works with."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    if head is None:
        message = "no migration is installed"
        raise AssertionError(message)
    return head


def _version_of(connection: Connection) -> str | None:
    """The schema version of the database; None when it holds no decision log."""
    return MigrationContext.configure(connection).get_current_revision()


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
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, target)


def check_version(connection: Connection) -> None:
    """Raise StoreError unless the schema is the one this software works with."""
    current, target = _version_of(connection), newest_schema()
    if current != target:
        raise _mismatch(current, target)


def _known() -> set[str]:
    return {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}


def _mismatch(current: str | None, target: str) -> StoreError:
    found = "holds no decision log" if current is None else f"has schema version {current}"
    hint = f"This software works with version {target}: migrate as the owner of the tables."
    return StoreError(WHERE, f"{found}.", hint)
