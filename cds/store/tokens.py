"""Tokens that may be used once: remembered by hash, in every worker, until they expire."""

import json
from typing import Any

from sqlalchemy import Connection, delete
from sqlalchemy.dialects import postgresql, sqlite

from cds.store import schema
from cds.store.chain import digest


def use(connection: Connection, client: str, token: str, expires: int, now: int) -> bool:
    """True the first time; forgets, on the way, what has expired."""
    connection.execute(delete(schema.tokens).where(schema.tokens.c.expires < now))
    return remember(connection, digest(json.dumps([client, token]).encode()), expires)


def remember(connection: Connection, used: str, expires: int) -> bool:
    """Whether the hash was not there before."""
    # The two dialects' inserts share this method, and no type.
    make: Any = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    query = make(schema.tokens).values(token=used, expires=expires).on_conflict_do_nothing()
    # What was inserted comes back; a row count is not given by every driver.
    return connection.execute(query.returning(schema.tokens.c.token)).first() is not None
