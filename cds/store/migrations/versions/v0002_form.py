"""The sessions of the form: what is being answered, encrypted, until it expires. Not the chain."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_TABLE = """
CREATE TABLE form_session (
  session TEXT NOT NULL PRIMARY KEY, expires {whole} NOT NULL, content {bytes} NOT NULL
) {strict};
CREATE INDEX form_session_expires ON form_session (expires);
"""


def upgrade() -> None:
    """Make the table."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    types = (
        {"whole": "INTEGER", "bytes": "BLOB", "strict": "STRICT"}
        if sqlite
        else {"whole": "BIGINT", "bytes": "BYTEA", "strict": ""}
    )
    statements = [part for part in _TABLE.format(**types).split(";") if part.strip()]
    if not sqlite:
        statements.append("REVOKE ALL ON form_session FROM PUBLIC")
    for statement in statements:
        op.get_bind().exec_driver_sql(statement)
