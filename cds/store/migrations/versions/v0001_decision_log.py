"""The decision log: chain, keys, the cards' rules, tokens; triggers that refuse change."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# Unique is what an entry is found by. That a hash and a predecessor come once follows from the
# order, on which the triggers insist; one call once, from its identity. Logs of earlier builds have
# indexes for these as well: they cost a quarter of the time of an append, and change nothing else.
TABLES = """
CREATE TABLE log_entry (
  sequence {whole} NOT NULL PRIMARY KEY,
  kind TEXT NOT NULL, time TEXT NOT NULL,
  client TEXT, service TEXT, hook_instance TEXT,
  identity TEXT UNIQUE,
  request_hash TEXT, pack_id TEXT, pack_version TEXT, pack_hash TEXT, level TEXT,
  card TEXT, outcome TEXT,
  details TEXT NOT NULL,
  content {bytes},
  previous TEXT NOT NULL,
  hash TEXT NOT NULL
) {strict};
CREATE INDEX log_entry_card ON log_entry (card) WHERE card IS NOT NULL;
CREATE TABLE log_key (
  sequence {whole} NOT NULL PRIMARY KEY REFERENCES log_entry,
  key {bytes} NOT NULL,
  subject TEXT
) {strict};
CREATE INDEX log_key_subject ON log_key (subject) WHERE subject IS NOT NULL;
CREATE TABLE log_card (
  sequence {whole} NOT NULL REFERENCES log_entry,
  card TEXT NOT NULL, rule TEXT NOT NULL,
  client TEXT NOT NULL, service TEXT NOT NULL,
  PRIMARY KEY (sequence, card, rule)
) {by_key};
CREATE INDEX log_card_card ON log_card (card);
CREATE TABLE used_token (token TEXT NOT NULL PRIMARY KEY, expires {whole} NOT NULL) {strict};
CREATE INDEX used_token_expires ON used_token (expires);
"""

# `INSERT OR REPLACE` of SQLite deletes without the delete trigger, unless the connection asks for
# it: the insert triggers therefore refuse whatever would replace.
_SQLITE = (
    *(
        f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
        "BEGIN SELECT RAISE(ABORT, 'the decision log is append-only'); END"
        for table, verbs in (
            ("log_entry", ("UPDATE", "DELETE")),
            ("log_card", ("UPDATE", "DELETE")),
            ("log_key", ("UPDATE",)),
        )
        for verb in verbs
    ),
    """CREATE TRIGGER log_entry_follows BEFORE INSERT ON log_entry
    WHEN NEW.sequence IS NOT (SELECT coalesce(max(sequence), 0) + 1 FROM log_entry)
      OR NEW.previous IS NOT coalesce(
        (SELECT hash FROM log_entry WHERE sequence = NEW.sequence - 1), printf('%064d', 0))
    BEGIN SELECT RAISE(ABORT, 'an entry follows the last one'); END""",
    """CREATE TRIGGER log_entry_once BEFORE INSERT ON log_entry
    WHEN EXISTS (SELECT 1 FROM log_entry WHERE identity = NEW.identity)
    BEGIN SELECT RAISE(ABORT, 'the decision log holds it already'); END""",
    """CREATE TRIGGER log_key_once BEFORE INSERT ON log_key
    WHEN EXISTS (SELECT 1 FROM log_key WHERE sequence = NEW.sequence)
    BEGIN SELECT RAISE(ABORT, 'the decision log holds it already'); END""",
)

POSTGRESQL = (
    """CREATE FUNCTION log_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      RAISE EXCEPTION 'the decision log is append-only' USING ERRCODE = 'restrict_violation';
    END $$""",
    """CREATE FUNCTION log_follow() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE last RECORD;
    BEGIN
      SELECT sequence, hash INTO last FROM log_entry ORDER BY sequence DESC LIMIT 1;
      IF NEW.sequence <> coalesce(last.sequence, 0) + 1
        OR NEW.previous <> coalesce(last.hash, repeat('0', 64)) THEN
        RAISE EXCEPTION 'an entry follows the last one' USING ERRCODE = 'restrict_violation';
      END IF;
      RETURN NEW;
    END $$""",
    """CREATE TRIGGER log_entry_follows BEFORE INSERT ON log_entry
    FOR EACH ROW EXECUTE FUNCTION log_follow()""",
    *(
        f"CREATE TRIGGER {table}_no_change BEFORE {verbs} ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION log_refuse()"
        for table, verbs in (
            ("log_entry", "UPDATE OR DELETE"),
            ("log_card", "UPDATE OR DELETE"),
            ("log_key", "UPDATE"),
        )
    ),
    *(
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION log_refuse()"
        for table in ("log_entry", "log_card", "log_key")
    ),
    "REVOKE ALL ON log_entry, log_key, log_card, used_token FROM PUBLIC",
)


def upgrade() -> None:
    """Make the tables, then the triggers of the database at hand."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    types = (
        {
            "whole": "INTEGER",
            "bytes": "BLOB",
            "strict": "STRICT",
            "by_key": "STRICT, WITHOUT ROWID",
        }
        if sqlite
        else {"whole": "BIGINT", "bytes": "BYTEA", "strict": "", "by_key": ""}
    )
    tables = tuple(part for part in TABLES.format(**types).split(";") if part.strip())
    for statement in (*tables, *(_SQLITE if sqlite else POSTGRESQL)):
        op.get_bind().exec_driver_sql(statement)
