"""A private PostgreSQL cluster on a Unix socket in a temporary folder, for tests and benchmarks."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Sequence
from itertools import count
from pathlib import Path

import psycopg

OWNER = "owner"


class NoPostgres(Exception):
    """PostgreSQL is not on this machine, or cannot be run here."""


def binaries() -> Path:
    """The folder that holds `postgres` and `initdb`, the newest first."""
    found = shutil.which("initdb")
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for folder in [*([Path(found).resolve().parent] if found else []), *folders]:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    reason = "PostgreSQL (postgres, initdb) is not on this machine"
    raise NoPostgres(reason)


class Cluster:
    """A cluster of its own: started, killed and started again without touching any other."""

    def __init__(self, *, fsync: bool = False) -> None:
        """Make the cluster; as root, under another account, since `initdb` refuses root.

        Without fsync it survives being killed, only not the loss of power; no test pulls the plug.
        """
        self._fsync = "on" if fsync else "off"
        self._bin = binaries()
        self._account = _other_account() if os.geteuid() == 0 else None
        self.folder = Path(tempfile.mkdtemp(prefix="cds-pg-"))
        if self._account is not None:
            os.chown(self.folder, self._account.pw_uid, self._account.pw_gid)
        self._server: subprocess.Popen[bytes] | None = None
        self._numbers = count(1)
        self._free: list[str] = []
        made = self._run("initdb", "-D", "data", "-U", OWNER, "-A", "trust", "-E", "UTF8", "-N")
        if made.wait() != 0:
            shutil.rmtree(self.folder)
            reason = "initdb does not run here"
            raise NoPostgres(reason)

    def start(self) -> None:
        """Start the server and wait until it answers."""
        settings = (
            "listen_addresses=",
            f"unix_socket_directories={self.folder}",
            f"fsync={self._fsync}",
        )
        options = (word for setting in settings for word in ("-c", setting))
        self._server = self._run("postgres", "-D", "data", *options)
        for _ in range(200):
            try:
                psycopg.connect(self.dsn("postgres")).close()
            except psycopg.OperationalError:
                time.sleep(0.05)
            else:
                return
        reason = "postgres does not start here"
        raise NoPostgres(reason)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop the server: SIGINT is its fast shutdown, SIGQUIT ends it as a crash would."""
        if self._server is not None:
            self._server.send_signal(how)
            self._server.wait(timeout=30)
            self._server = None

    def remove(self) -> None:
        """Stop it and delete its folder."""
        self.stop(signal.SIGQUIT)  # nothing of it is kept: no checkpoint is waited for
        shutil.rmtree(self.folder)

    def dsn(self, database: str, user: str = OWNER) -> str:
        """What psycopg connects to."""
        return f"host={self.folder} dbname={database} user={user} connect_timeout=5"

    def url(self, database: str, user: str = OWNER) -> str:
        """What the decision log is configured with."""
        return f"postgresql+psycopg://{user}@/{database}?host={self.folder}"

    def database(self) -> str:
        """The name of an empty database: one that was given back, or a new one."""
        if self._free:
            return self._free.pop()
        name = f"log{next(self._numbers)}"
        with psycopg.connect(self.dsn("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return name

    def drop(self, name: str) -> None:
        """Give a database back, emptied, whoever is still connected: making one takes longest."""
        with psycopg.connect(self.dsn(name), autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            connection.execute("DROP SCHEMA public CASCADE")
            connection.execute("CREATE SCHEMA public; GRANT USAGE ON SCHEMA public TO PUBLIC")
        self._free.append(name)

    def _run(self, program: str, *arguments: str) -> subprocess.Popen[bytes]:
        command: Sequence[str] = (str(self._bin / program), *arguments)
        output = (self.folder / "output").open("ab")
        with output:
            return subprocess.Popen(
                command,
                cwd=self.folder,
                stdout=output,
                stderr=output,
                env={"PATH": os.defpath, "LC_ALL": "C"},
                user=self._account.pw_uid if self._account else None,
                group=self._account.pw_gid if self._account else None,
                extra_groups=[] if self._account else None,
            )


def _other_account() -> pwd.struct_passwd:
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    reason = "initdb refuses root, and there is no account postgres or nobody"
    raise NoPostgres(reason)
