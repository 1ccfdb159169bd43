"""What is erased is gone from SQLite's write-ahead log too, or it is said that it is not yet."""

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from threading import Timer

import pytest

from cds.errors import StoreError
from cds.store import write_ahead
from cds.store.decisions import DecisionLog
from cds.store.model import Decision

Decide = Callable[..., Decision]
NOW = datetime(2026, 1, 5, tzinfo=UTC)


@pytest.fixture
def kept(tmp_path: Path, decide: Decide) -> tuple[Path, DecisionLog]:
    path = tmp_path / "log.db"
    log = DecisionLog(f"sqlite:///{path}", create=True, timeout_s=0.1)
    log.append_many([decide(1), decide(2)])
    return path, log


def _reader(path: Path) -> sqlite3.Connection:
    """Somebody who reads the log as it is now."""
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN")
    other.execute("SELECT count(*) FROM log_entry").fetchone()
    return other


def test_an_erasure_waits_for_whoever_still_reads_the_old_pages(
    kept: tuple[Path, DecisionLog],
) -> None:
    path, log = kept
    other = _reader(path)
    Timer(0.3, lambda: other.execute("COMMIT")).start()

    assert log.erase(NOW, "asked for", sequences=[1]) == (1,)

    assert path.with_name("log.db-wal").stat().st_size == 0
    log.close()


def test_pages_that_are_read_for_too_long_are_told_of(
    kept: tuple[Path, DecisionLog], monkeypatch: pytest.MonkeyPatch
) -> None:
    path, log = kept
    other = _reader(path)
    monkeypatch.setattr(write_ahead, "CLEAR_S", 0.2)

    with pytest.raises(StoreError) as caught:
        log.erase(NOW, "asked for", sequences=[1])

    assert "was erased" in caught.value.problem
    assert "stopped" in caught.value.hint
    other.close()
    log.close()


def test_a_checkpoint_leaves_nothing_to_do_for_whoever_commits(
    kept: tuple[Path, DecisionLog],
) -> None:
    path, log = kept

    log.checkpoint()

    with sqlite3.connect(f"file:{path}?immutable=1", uri=True) as bare:  # without the -wal file
        assert bare.execute("SELECT count(*) FROM log_entry").fetchone() == (2,)
    log.close()
