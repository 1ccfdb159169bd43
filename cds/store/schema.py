"""The tables, for queries. What makes them (and their triggers) are the migrations."""

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, MetaData, Table, Text

# STRICT tables of SQLite know INTEGER only; PostgreSQL's INTEGER ends at two billion.
Whole = BigInteger().with_variant(Integer(), "sqlite")

metadata = MetaData()

# The chain. Triggers refuse every change, and every insert that does not follow the last entry.
entries = Table(
    "log_entry",
    metadata,
    Column("sequence", Whole, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("time", Text, nullable=False),
    Column("client", Text),
    Column("service", Text),
    Column("hook_instance", Text),
    Column("identity", Text, unique=True),
    Column("request_hash", Text),
    Column("pack_id", Text),
    Column("pack_version", Text),
    Column("pack_hash", Text),
    Column("level", Text),
    Column("card", Text),
    Column("outcome", Text),
    Column("details", Text, nullable=False),
    Column("content", LargeBinary),
    Column("previous", Text, nullable=False),
    Column("hash", Text, nullable=False),
)

# The keys of the contents: the only part of a record that may be deleted. `subject` is a hash.
keys = Table(
    "log_key",
    metadata,
    Column("sequence", Whole, primary_key=True, autoincrement=False),
    Column("key", LargeBinary, nullable=False),
    Column("subject", Text, index=True),
)

# An index into the chain (the same stands in `details` of the decision): which rules a card is for.
cards = Table(
    "log_card",
    metadata,
    Column("sequence", Whole, primary_key=True, autoincrement=False),
    Column("card", Text, primary_key=True),
    Column("rule", Text, primary_key=True),
    Column("client", Text, nullable=False),
    Column("service", Text, nullable=False),
)

# Tokens that were used once, by hash, until they expire. No part of the chain.
tokens = Table(
    "used_token",
    metadata,
    Column("token", Text, primary_key=True),
    Column("expires", Whole, nullable=False, index=True),
)

# What is being answered in the form: encrypted under its cookie, until it expires. No part of the
# chain.
sessions = Table(
    "form_session",
    metadata,
    Column("session", Text, primary_key=True),
    Column("expires", Whole, nullable=False, index=True),
    Column("content", LargeBinary, nullable=False),
)
