"""Long logs, damaged files, read-only media: what `log verify` says, and from where it goes on."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import pytest

from cds.store import verify as module
from cds.store.decisions import DecisionLog
from cds.store.model import Broken, Decision, Verified
from cds.store.verify import Reached, verify
from tests.store.called import through_the_door

Decide = Callable[..., Decision]
Tamper = Callable[[str], None]


def _filled(log: DecisionLog, decide: Decide, count: int, **more: Any) -> None:
    log.append_many([decide(number, **more) for number in range(1, count + 1)])


@pytest.mark.parametrize("broken", [None, 1, 25, 30, 31, 60, 95])
def test_in_stretches_and_processes_the_same_is_found(
    log: DecisionLog,
    decide: Decide,
    tamper: Tamper,
    monkeypatch: pytest.MonkeyPatch,
    broken: int | None,
) -> None:
    _filled(log, decide, 95)
    if broken is not None:
        tamper(f"UPDATE log_entry SET level = 'routine' WHERE sequence = {broken}")  # noqa: S608
    whole = verify(log)
    monkeypatch.setattr(module, "STRETCH", 10)
    monkeypatch.setattr(module, "_MANY", 20)
    monkeypatch.setattr(module, "ProcessPoolExecutor", _Here)

    assert verify(log) == whole
    assert isinstance(whole, Verified) == (broken is None)


class _Here:
    """Work that is done at once: processes are tried by the slow test."""

    def __init__(self, *_: object, initializer: Any, initargs: Any) -> None:
        module._LOGS.clear()
        initializer(*initargs)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        module._LOGS.pop().close()

    def submit(self, work: Callable[..., Any], *args: Any) -> Any:
        result = work(*args)
        return type("Done", (), {"result": lambda _: result, "cancel": lambda _: None})()


@pytest.mark.parametrize("where", ["entry", "link"])
def test_a_fault_where_two_stretches_meet_is_found(
    log: DecisionLog, decide: Decide, tamper: Tamper, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    _filled(log, decide, 40)
    if where == "entry":
        tamper("DELETE FROM log_key WHERE sequence = 21")
        tamper("DELETE FROM log_card WHERE sequence = 21")
        tamper("DELETE FROM log_entry WHERE sequence = 21")
    else:
        tamper("UPDATE log_entry SET previous = 'x' WHERE sequence = 21")
    monkeypatch.setattr(module, "STRETCH", 10)
    monkeypatch.setattr(module, "_MANY", 20)
    monkeypatch.setattr(module, "ProcessPoolExecutor", _Here)

    found = verify(log)

    assert isinstance(found, Broken)
    assert found.sequence == 21


def test_a_walk_goes_on_from_where_it_was_and_finds_what_was_changed_before(
    log: DecisionLog, decide: Decide, tamper: Tamper
) -> None:
    _filled(log, decide, 5)
    reached: list[Reached] = []
    verify(log, told=reached.append)
    log.append(decide(6))

    assert verify(log, reached=reached[-1]) == Verified(log.head(), 0)
    tamper("UPDATE log_entry SET level = 'routine' WHERE sequence = 6")
    assert isinstance(verify(log, reached=reached[-1]), Broken)
    tamper("UPDATE log_entry SET hash = 'anew' WHERE sequence = 5")
    found = verify(log, reached=reached[-1])
    assert isinstance(found, Broken)
    assert found.sequence == 5


def test_the_command_keeps_how_far_it_came(
    url: str, log: DecisionLog, decide: Decide, tamper: Tamper, tmp_path: Path
) -> None:
    config, kept = tmp_path / "site.toml", tmp_path / "reached.json"
    config.write_text(f'[store]\nurl = "{url}"\n')
    words = ["log", "verify", "--config", str(config), "--resume", str(kept)]
    _filled(log, decide, 3)
    first = through_the_door(*words)
    # What was verified is not read again: that is what the file is for.
    tamper("UPDATE log_entry SET level = 'routine' WHERE sequence = 1")
    log.append(decide(4))
    second = through_the_door(*words)
    kept.write_text("{}")
    third = through_the_door(*words)

    assert (first.exit_code, second.exit_code, third.exit_code) == (0, 0, 3)
    assert second.stdout.startswith("WHOLE: 4 entries")


def test_a_damaged_file_is_said_with_the_first_entry_that_cannot_be_read(
    tmp_path: Path, decide: Decide
) -> None:
    path = tmp_path / "log.db"
    with DecisionLog(f"sqlite:///{path}", create=True) as log:
        _filled(log, decide, 200, document=b"d" * 9000)
    data = bytearray(path.read_bytes())
    for page in range(len(data) // 2 // 4096, len(data) // 2 // 4096 + 40):
        data[page * 4096 : (page + 1) * 4096] = b"\xa5" * 4096
    path.write_bytes(bytes(data))

    with DecisionLog(f"sqlite:///{path}") as log:
        found = verify(log)

    assert isinstance(found, Broken)
    assert 1 < found.sequence < 200
    assert "damaged" in found.why or "content" in found.why or "changed" in found.why


@pytest.mark.parametrize("closed", [True, False])
def test_a_log_on_media_that_cannot_be_written_is_read(
    small_disk: Path, decide: Decide, closed: bool
) -> None:
    folder = small_disk / "log"
    folder.mkdir()
    with DecisionLog(f"sqlite:///{folder}/log.db", create=True) as log:
        _filled(log, decide, 5)
        head = log.head()
        if not closed:  # as a killed service leaves it: the newest entries are in the second file
            shutil.copytree(folder, small_disk / "left")
            folder = small_disk / "left"
            (folder / "log.db-shm").unlink()
            assert (folder / "log.db-wal").stat().st_size
    subprocess.run(["/bin/mount", "-o", "remount,ro", str(small_disk)], check=True)
    try:
        with DecisionLog(f"sqlite:///{folder}/log.db") as read:
            assert verify(read) == Verified(head, 0)
    finally:
        subprocess.run(["/bin/mount", "-o", "remount,rw", str(small_disk)], check=True)


@pytest.mark.slow
def test_two_processes_walk_a_long_log(tmp_path: Path, decide: Decide) -> None:
    with DecisionLog(f"sqlite:///{tmp_path}/log.db", create=True) as log:
        for start in range(0, 65_000, 500):
            log.append_many([decide(number, cards={}) for number in range(start + 1, start + 501)])
        reached: list[Reached] = []

        assert verify(log, told=reached.append) == Verified(log.head(), 0)
        assert [one.head.sequence for one in reached][:2] == [10_000, 20_000]
