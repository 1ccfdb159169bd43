"""An SQLite log whose file is moved, deleted, replaced or cannot be looked at."""

import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cds.errors import StoreError
from cds.store.decisions import DecisionLog
from cds.store.model import Decision

Decide = Callable[..., Decision]


@pytest.fixture
def there(tmp_path: Path, migrated: Path, decide: Decide) -> Path:
    """A log with one entry."""
    shutil.copy(migrated, tmp_path / "log.db")
    with DecisionLog(f"sqlite:///{tmp_path}/log.db") as log:
        log.append(decide(1))
    return tmp_path / "log.db"


def _move(path: Path, to: Path) -> None:
    """With its write-ahead log."""
    for end in ("", "-wal", "-shm"):
        path.with_name(path.name + end).rename(to.with_name(to.name + end))


@pytest.mark.parametrize("copied", [True, False])
def test_what_is_written_to_a_file_that_is_not_in_its_place_is_not_acknowledged(
    there: Path, decide: Decide, *, copied: bool
) -> None:
    copy = Path(shutil.copy(there, there.with_name("copy.db")))
    with DecisionLog(f"sqlite:///{there}") as log:
        log.append(decide(2))
        _move(there, there.with_name("away.db"))
        if copied:
            copy.rename(there)

        with pytest.raises(StoreError) as caught:
            log.append(decide(3))
        assert caught.value.kind == "moved"
        if copied:
            log.append(decide(4))
            assert log.head().sequence == 2
            return
        with pytest.raises(StoreError, match="does not exist"):
            log.head()
        assert not there.exists()
        _move(there.with_name("away.db"), there)
        log.append(decide(4))
        assert log.head().sequence == 4  # the third is there, though nobody was told so


def test_a_place_that_cannot_be_looked_at_is_an_error_of_the_log(
    there: Path, decide: Decide, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(*_: Any, **__: Any) -> Any:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    with DecisionLog(f"sqlite:///{there}") as log:
        log.append(decide(2))
        with monkeypatch.context() as patch:
            patch.setattr(os, "stat", refuses)
            with pytest.raises(StoreError) as caught:
                log.append(decide(3))
            with pytest.raises(StoreError):
                log.head()
        assert caught.value.kind == "EIO"

        assert log.append(decide(4)).sequence == 4


def test_what_goes_into_a_file_that_nobody_could_tell_is_not_acknowledged(
    there: Path, decide: Decide
) -> None:
    with DecisionLog(f"sqlite:///{there}") as log:
        log.append(decide(2))
        connection, _ = log.database._appenders.pop()
        # Moved between the opening of the connection and the look at its place.
        log.database._appenders.append((connection, None))

        with pytest.raises(StoreError) as caught:
            log.append(decide(3))
        assert caught.value.kind == "moved"
        log.append(decide(4))
