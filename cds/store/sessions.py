"""Sessions of the form, kept between requests and shared by the workers.

The key of a session is its cookie: the database holds the hash of it as a name, and the content
encrypted under it. Who reads the database reads no answer, and there is no key to be kept.
"""

import hmac
import secrets
import threading
from collections.abc import Callable
from typing import Any, Protocol

from sqlalchemy import Connection, bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from cds import wire
from cds.store import schema
from cds.store.database import Database
from cds.store.migrate import check_version, migrate
from cds.store.sealing import seal, unseal

Session = dict[str, Any]
SessionChange = Callable[[Session | None], Session | None]
MOST_IN_MEMORY = 10_000
SWEEP_S = 60  # expired sessions open for nobody; they are deleted about once a minute

# The statements are made once: SQLAlchemy takes longer to make one than SQLite to run it.
_TABLE = schema.sessions
_EXPIRED = delete(_TABLE).where(_TABLE.c.expires < bindparam("now"))
_ONE = delete(_TABLE).where(_TABLE.c.session == bindparam("name"))
_CONTENT = select(_TABLE.c.content).where(
    _TABLE.c.session == bindparam("name"), _TABLE.c.expires >= bindparam("now")
)


class Sessions(Protocol):
    """Where sessions are kept. Every call blocks."""

    def load(self, cookie: str, now: int) -> Session | None:
        """The session of this cookie, unless it has expired."""

    def change(self, cookie: str, now: int, expires: int, change: SessionChange) -> Session | None:
        """Let nobody in between: read it, change it, write it. None deletes it."""

    def close(self) -> None:
        """Give back what was opened."""


def new_cookie() -> str:
    """A name that nobody guesses: 256 bits of chance."""
    return secrets.token_urlsafe(32)


def _name(cookie: str) -> str:
    return hmac.digest(cookie.encode(), b"cramp-cds session name", "sha256").hex()


def _key(cookie: str) -> bytes:
    return hmac.digest(cookie.encode(), b"cramp-cds session key", "sha256")


def _sealed(cookie: str, session: Session) -> bytes:
    return seal(_key(cookie), (wire.write(session),), "form-session", _name(cookie))


def _opened(cookie: str, content: bytes) -> Session | None:
    parts = unseal(_key(cookie), content, "form-session", _name(cookie))
    # Numbers of a record keep their digits.
    found: Session | None = wire.read(parts[0]) if parts else None
    return found


class StoredSessions:
    """Sessions in the database of the decision log."""

    def __init__(self, url: str, timeout_s: float = 5.0) -> None:
        """Open it, and make its tables where there are none. `timeout_s` bounds every wait.

        Raises:
            StoreError: it cannot be reached, or is of another schema version.
        """
        # A session may be lost with the power: its answers are asked again. The log may not.
        self._database = Database(url, timeout_s=timeout_s, durable=False)
        self._put = _upsert(sqlite=self._database.sqlite)
        self._swept = 0
        migrate(self._database)
        with self._database.reading() as connection:
            check_version(connection)

    def load(self, cookie: str, now: int) -> Session | None:
        """See `Sessions`."""
        with self._database.reading() as connection:
            return self._read(connection, cookie, now)

    def change(self, cookie: str, now: int, expires: int, change: SessionChange) -> Session | None:
        """See `Sessions`."""
        name = _name(cookie)
        with self._database.writing() as connection:
            if not self._swept <= now < self._swept + SWEEP_S:
                connection.execute(_EXPIRED, {"now": now})
                self._swept = now
            changed = change(self._read(connection, cookie, now))
            if changed is None:
                connection.execute(_ONE, {"name": name})
                return None
            values = {"session": name, "expires": expires, "content": _sealed(cookie, changed)}
            connection.execute(self._put, values)
            return changed

    @staticmethod
    def _read(connection: Connection, cookie: str, now: int) -> Session | None:
        row = connection.execute(_CONTENT, {"name": _name(cookie), "now": now}).first()
        return _opened(cookie, row.content) if row is not None else None

    def close(self) -> None:
        """See `Sessions`."""
        self._database.close()


def _upsert(*, sqlite: bool) -> Any:
    """The statement that writes a session, whether it is there or not."""
    # The two dialects' inserts share these methods, and no type.
    make: Any = sqlite_insert if sqlite else postgresql_insert
    query = make(_TABLE).values(
        session=bindparam("session"), expires=bindparam("expires"), content=bindparam("content")
    )
    new = {"expires": query.excluded.expires, "content": query.excluded.content}
    return query.on_conflict_do_update(index_elements=[_TABLE.c.session], set_=new)


class SessionsInMemory:
    """Sessions of one process, for a service without a store. Encrypted all the same."""

    def __init__(self) -> None:
        """None yet."""
        self._kept: dict[str, tuple[int, bytes]] = {}
        self._lock = threading.Lock()

    def load(self, cookie: str, now: int) -> Session | None:
        """See `Sessions`."""
        with self._lock:
            return self._read(cookie, now)

    def change(self, cookie: str, now: int, expires: int, change: SessionChange) -> Session | None:
        """See `Sessions`."""
        with self._lock:
            changed = change(self._read(cookie, now))
            self._kept.pop(_name(cookie), None)
            if len(self._kept) >= MOST_IN_MEMORY:
                self._kept = {name: one for name, one in self._kept.items() if one[0] >= now}
                while len(self._kept) >= MOST_IN_MEMORY:
                    self._kept.pop(next(iter(self._kept)))  # the one that was changed least lately
            if changed is not None:
                self._kept[_name(cookie)] = (expires, _sealed(cookie, changed))
            return changed

    def _read(self, cookie: str, now: int) -> Session | None:
        expires, content = self._kept.get(_name(cookie), (0, b""))
        return _opened(cookie, content) if expires >= now and content else None

    def close(self) -> None:
        """Nothing to give back."""
