"""The same tests on both databases: `log` and `url` come once as SQLite, once as PostgreSQL."""

import secrets
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from cds.store.decisions import DecisionLog
from cds.store.model import Decision, Feedback

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
WORDS = b"a response that nobody else may read"


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite log without entries, to be copied: migrating takes longer than most tests."""
    path = tmp_path_factory.mktemp("migrated") / "decisions.db"
    DecisionLog(f"sqlite:///{path}", create=True).close()
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/decisions.db"
        return
    cluster = request.getfixturevalue("cluster")
    name = cluster.database()
    yield str(cluster.url(name))
    cluster.drop(name)


@pytest.fixture
def log(url: str, migrated: Path) -> Iterator[DecisionLog]:
    """An empty, migrated log."""
    if url.startswith("sqlite"):
        shutil.copy(migrated, url.removeprefix("sqlite:///"))
    with DecisionLog(url, create=True) as made:
        yield made


@pytest.fixture
def decide() -> Callable[..., Decision]:
    """Make the n-th decision, with any field changed."""

    def made(number: int = 1, **changes: Any) -> Decision:
        fields: dict[str, Any] = {
            "time": NOON + timedelta(seconds=number),
            "client": "hospital-a",
            "service": "pack-patient-view",
            "hook_instance": f"00000000-0000-4000-8000-{number:012}",
            "request_hash": f"sha256:{number:064x}",
            "pack_id": "pack",
            "pack_version": "1.0.0",
            "pack_hash": "sha256:" + "a" * 64,
            "level": "urgent",
            "rules": ("R1", "R2"),
            "response": b'{"cards": [{"summary": "' + WORDS + b'"}], "n": %d}' % number,
            "document": b'{"answer": "' + WORDS + b'"}',
            "cards": {f"card-{number}": ("R1",)},
            "subject": "a|patient-7",
        }
        return Decision(**{**fields, **changes})

    return made


@pytest.fixture
def say() -> Callable[..., Feedback]:
    """Make feedback on a card, with any field changed."""

    def made(card: str = "card-1", outcome: str = "accepted", **changes: Any) -> Feedback:
        fields: dict[str, Any] = {
            "time": NOON,
            "client": "hospital-a",
            "service": "pack-patient-view",
            "card": card,
            "outcome": outcome,
            "outcome_timestamp": "2026-11-21T12:00:00Z",
        }
        return Feedback(**{**fields, **changes})

    return made


@pytest.fixture
def tamper(url: str, log: DecisionLog) -> Callable[[str], None]:
    """Change the tables as an operator with every right would: past the triggers."""

    def changed(statement: str) -> None:
        if log.database.sqlite:
            raw = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
            triggers = raw.execute(
                "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
            ).fetchall()
            for name, _ in triggers:
                raw.execute(f"DROP TRIGGER {name}")
            raw.execute(statement)
            for _, sql in triggers:
                raw.execute(sql)
            raw.close()
            return
        with log.database.engine.begin() as connection:
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
            connection.exec_driver_sql(statement)

    return changed


@pytest.fixture
def start_writer() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start a process that appends and prints what is acknowledged; ended with the test."""
    started: list[subprocess.Popen[str]] = []

    def start(url: str, client: str, count: int, threads: int = 1) -> subprocess.Popen[str]:
        words = (str(HERE / "writer.py"), url, client, str(count), str(threads))
        process = subprocess.Popen(
            (sys.executable, *words), stdout=subprocess.PIPE, text=True, cwd=ROOT
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


@pytest.fixture
def as_role(cluster: Any) -> Callable[[str, str], str]:
    """The URL of a login that is a member of a role made by `roles.sql`."""

    def made(database: str, role: str) -> str:
        script = (ROOT / "cds" / "store" / "roles.sql").read_text()
        login = f"{database}_{role}_{secrets.token_hex(4)}"
        with psycopg.connect(cluster.dsn(database), autocommit=True) as connection:
            connection.execute(script)
            connection.execute(f"CREATE ROLE {login} LOGIN IN ROLE {role}")
        return str(cluster.url(database, login))

    return made
