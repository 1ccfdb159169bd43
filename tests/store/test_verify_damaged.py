"""A file of the log that is damaged anywhere: `log verify` names the entry, or says so in words."""

import random
import sqlite3
from pathlib import Path

import pytest

from cds.errors import StoreError
from cds.store.decisions import DecisionLog
from cds.store.model import Broken, Verified
from cds.store.verify import verify
from tests.store.plain import plain

ENTRIES = 60


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("whole") / "decisions.db"
    with DecisionLog(f"sqlite:///{path}", create=True) as log:
        log.append_many([plain("ehr", number) for number in range(ENTRIES)])
    return path


def _said(path: Path) -> Verified | Broken | StoreError:
    try:
        with DecisionLog(f"sqlite:///{path}") as log:
            return verify(log)
    except StoreError as error:
        return error


@pytest.mark.parametrize("seed", range(40))
def test_wherever_bytes_changed_an_entry_is_named_or_the_file(
    seed: int, whole: Path, tmp_path: Path
) -> None:
    chance, path = random.Random(seed), tmp_path / "decisions.db"  # noqa: S311 - no secret
    data = bytearray(whole.read_bytes())
    for _ in range(chance.choice((1, 8, 200))):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    if seed % 5 == 0:
        del data[chance.randrange(len(data)) :]
    path.write_bytes(data)

    said = _said(path)

    if isinstance(said, Broken):
        assert 1 <= said.sequence <= ENTRIES
    elif isinstance(said, StoreError):  # not even the names of its tables can be read
        assert "damaged" in said.hint or "log migrate" in said.hint, said


@pytest.mark.parametrize(
    "change",
    [
        "client = CAST(x'6568FF72' AS TEXT)",  # a bit turned over in a text
        "identity = 7",
        "previous = 1.5",
    ],
)
def test_what_is_no_text_any_more_is_said_of_its_entry(
    change: str, whole: Path, tmp_path: Path
) -> None:
    path = tmp_path / "decisions.db"
    path.write_bytes(whole.read_bytes())
    with sqlite3.connect(path) as file:
        for (name,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
            file.execute(f"DROP TRIGGER {name}")
        file.execute(f"UPDATE log_entry SET {change} WHERE sequence = 33")  # noqa: S608 - our own words
    file.close()

    said = _said(path)

    assert isinstance(said, Broken)
    assert said.sequence == 33
