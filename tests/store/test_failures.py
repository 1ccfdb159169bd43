"""The database full, gone, back, not allowed or another: a clear problem, and no value in it."""

import os
import re
import signal
import subprocess
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cds.errors import StoreError
from cds.store.decisions import DecisionLog
from cds.store.migrate import newest_schema
from cds.store.model import Decision, Stored, Verified
from cds.store.verify import verify

Decide = Callable[..., Decision]


def fill(log: DecisionLog, decide: Decide) -> tuple[int, StoreError]:
    """Append until the log refuses: how many were acknowledged, and the refusal."""
    for number in range(1, 10_000):
        try:
            log.append(decide(number, document=b"x" * 20_000))
        except StoreError as error:
            return number - 1, error
    pytest.fail("the disk is not small")


def test_a_full_disk_is_said_and_loses_nothing(small_disk: Path, decide: Decide) -> None:
    with DecisionLog(f"sqlite:///{small_disk}/log.db", create=True) as log:
        count, error = fill(log, decide)

        assert (error.where, error.problem) == ("decision log", "cannot be written (SQLITE_FULL).")
        assert "disk is full" in error.hint
        assert log.head().sequence == count > 0
        assert verify(log) == Verified(log.head(), erased=0)


def test_a_log_goes_on_once_there_is_room_again(small_disk: Path, decide: Decide) -> None:
    (small_disk / "ballast").write_bytes(b"\0" * 400_000)
    with DecisionLog(f"sqlite:///{small_disk}/log.db", create=True) as log:
        count, _ = fill(log, decide)
        (small_disk / "ballast").unlink()

        log.append(decide(count + 1))

        assert log.head().sequence == count + 1
        assert verify(log) == Verified(log.head(), erased=0)


LIMITED = """
import resource, signal, sys
sys.path.insert(0, {root!r})
from cds.errors import StoreError
from cds.store.decisions import DecisionLog
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
with DecisionLog({url!r}, create=True) as log:
    resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))
    for number in range(10_000):
        try:
            log.use_once("a", str(number) * 500, expires=10**9, now=1)
        except StoreError as error:
            print(error.problem)
            break
"""


def test_a_file_that_may_not_grow_is_said(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/log.db"
    root = str(Path(__file__).parents[2])
    code = LIMITED.format(root=root, url=url, limit=300_000)

    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )

    assert re.fullmatch(r"cannot be written \(SQLITE_(FULL|IOERR\w*)\)\.\n", ended.stdout)
    with DecisionLog(url) as log:
        assert log.ready() == log.head()


def test_postgresql_gone_and_back_is_one_error_and_then_goes_on(
    cluster: Any, decide: Decide
) -> None:
    name = cluster.database()
    with DecisionLog(cluster.url(name), create=True) as log:
        log.append(decide(1))
        cluster.stop(signal.SIGQUIT)
        try:
            for call in (lambda: log.append(decide(2)), log.ready, log.head):
                with pytest.raises(StoreError) as caught:
                    call()
                assert caught.value.where == "decision log"
        finally:
            cluster.start()

        log.append(decide(2))
        assert log.ready().sequence == 2
        assert verify(log) == Verified(log.head(), erased=0)
    cluster.drop(name)


def test_a_folder_that_is_not_there_is_named_as_the_problem(tmp_path: Path) -> None:
    with pytest.raises(StoreError) as caught:
        DecisionLog(f"sqlite:///{tmp_path}/no/log.db", create=True)

    assert caught.value.problem == "cannot be made (No such file or directory)."


def test_a_file_that_is_no_database_is_named_as_the_problem(tmp_path: Path) -> None:
    (tmp_path / "log.db").write_bytes(b"not a database" * 1000)

    with pytest.raises(StoreError, match="SQLITE_NOTADB"):
        DecisionLog(f"sqlite:///{tmp_path}/log.db")


@pytest.mark.parametrize(
    "url",
    ["", "nonsense", "mysql://u:secret@h/d", "sqlite://", "sqlite:///:memory:", "postgresql://x/y"],
)
def test_a_url_of_no_known_database_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(StoreError) as caught:
        DecisionLog(url)

    assert caught.value.where == "store.url"
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("way", ["writing", "appending"])
def test_row_19_what_fails_leaves_nothing_and_shows_no_value_and_no_password(
    log: DecisionLog, decide: Decide, way: str
) -> None:
    """PostgreSQL's own message names the row's values; ours names its kind."""
    try:
        with getattr(log.database, way)() as opened:
            execute = opened.execute if way == "appending" else opened.exec_driver_sql
            for _ in range(2):
                execute("INSERT INTO used_token VALUES ('value-marker', 1)")
    except StoreError:
        told = traceback.format_exc()
    assert "value-marker" not in told
    assert "cannot be written (" in told

    assert isinstance(log.append(decide(1)), Stored)
    with log.database.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM used_token").scalar() == 0


def test_ready_says_when_another_writer_holds_the_log(url: str, log: DecisionLog) -> None:
    if not log.database.sqlite:
        pytest.skip("PostgreSQL's writers wait for one another by an advisory lock only")
    with (
        DecisionLog(url, timeout_s=0.1) as other,
        log.database.writing(),
        pytest.raises(StoreError, match="SQLITE_BUSY") as caught,
    ):
        other.ready()
    assert caught.value.hint == "Another writer holds the log: try again."


def test_ready_leaves_nothing_behind(log: DecisionLog, decide: Decide) -> None:
    log.append(decide(1))

    assert log.ready() == log.ready() == log.head()
    with log.database.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM used_token").scalar() == 0


def test_ready_says_when_the_schema_is_of_another_version(url: str, log: DecisionLog) -> None:
    with log.database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")

    for call in (log.ready, lambda: DecisionLog(url), lambda: DecisionLog(url, create=True)):
        with pytest.raises(StoreError) as caught:
            call()
        assert caught.value.problem == "has schema version 9999."
        assert newest_schema() in caught.value.hint


def test_a_read_only_file_is_not_ready(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may write every file")
    with DecisionLog(f"sqlite:///{tmp_path}/log.db", create=True):
        pass
    (tmp_path / "log.db").chmod(0o400)
    with DecisionLog(f"sqlite:///{tmp_path}/log.db") as log, pytest.raises(StoreError):
        log.ready()
