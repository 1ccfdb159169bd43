"""Tokens that may be used once: remembered by hash, in every worker, until they expire."""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, delete
from sqlalchemy.dialects import postgresql, sqlite

from cds.store import schema
from cds.store.chain import digest

_KEPT_S = 3600  # beyond its time: a clock that ran ahead for a while forgets nothing


def token_name(client: str, token: str) -> str:
    """The hash that stands for the token of a client."""
    return digest(json.dumps([client, token]).encode())


def use(connection: Connection, used: Sequence[tuple[str, int]], now: int) -> list[bool]:
    """Of each (hash, expires), whether it was not there before; forgets what has long expired."""
    connection.execute(delete(schema.tokens).where(schema.tokens.c.expires < now - _KEPT_S))
    return [first_use(connection, name, expires) for name, expires in used]


def first_use(connection: Connection, used: str, expires: int) -> bool:
    """Whether the hash was not there before."""
    # The two dialects' inserts share this method, and no type.
    make: Any = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    query = make(schema.tokens).values(token=used, expires=expires).on_conflict_do_nothing()
    # What was inserted comes back; a row count is not given by every driver.
    return connection.execute(query.returning(schema.tokens.c.token)).first() is not None
