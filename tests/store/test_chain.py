"""A change to the log is refused, or found at the right entry; threats row 26."""

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import DBAPIError

from cds.errors import StoreError
from cds.store.chain import canonical, canonical_list, digest, hashed_facts, link
from cds.store.decisions import DecisionLog
from cds.store.export import ndjson
from cds.store.heads import read_signed, sign
from cds.store.model import Broken, Decision, Draft, Head, Verified
from cds.store.verify import verify

Decide = Callable[..., Decision]
Tamper = Callable[[str], None]
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))

INSERT = """INSERT INTO log_entry (sequence, kind, time, details, previous, hash)
SELECT {sequence}, kind, time, details, {previous}, 'x' FROM log_entry WHERE sequence = 5"""
REPLACE = """INSERT OR REPLACE INTO log_entry
(sequence, kind, time, details, previous, hash, identity)
SELECT {sequence}, kind, time, details, {previous}, 'x', identity
FROM log_entry WHERE sequence = 2"""


@pytest.fixture
def five(log: DecisionLog, decide: Decide) -> DecisionLog:
    """A log of five decisions."""
    for number in range(1, 6):
        log.append(decide(number))
    return log


def test_an_untouched_chain_is_whole(five: DecisionLog) -> None:
    assert verify(five) == Verified(head=five.head(), erased=0)


TEXT = st.none() | st.text(max_size=20)


@given(st.lists(TEXT | st.integers() | st.booleans() | st.lists(TEXT)))
def test_a_list_is_spelled_as_any_other_value(parts: list[object]) -> None:
    assert canonical_list(parts) == canonical(parts)


@given(TEXT, st.text(max_size=20), st.dictionaries(st.text(), TEXT), st.none() | st.binary())
def test_the_hash_of_an_entry_is_that_of_its_canonical_spelling(
    client: str | None, kind: str, details: dict[str, str | None], content: bytes | None
) -> None:
    draft = Draft(kind=kind, time=NOON, details=details, client=client, level="%s")

    entry = link(draft, Head(7, "a" * 64), content)

    assert entry.hash == digest(canonical(hashed_facts(entry)).encode())


def test_an_empty_log_is_whole(log: DecisionLog) -> None:
    assert verify(log) == Verified(Head(0, "0" * 64), erased=0)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE log_entry SET level = 'routine' WHERE sequence = 2",
        "DELETE FROM log_entry WHERE sequence = 5",
        "DELETE FROM log_entry",
        "UPDATE log_card SET rule = 'R9'",
        "DELETE FROM log_card",
        "UPDATE log_key SET key = key",
        INSERT.format(sequence=9, previous="hash"),
        INSERT.format(sequence=6, previous="previous"),
        INSERT.format(sequence=6, previous="'0'"),
    ],
)
def test_row_26_the_database_refuses_what_is_not_an_append(
    five: DecisionLog, statement: str
) -> None:
    with pytest.raises(DBAPIError), five.database.engine.begin() as connection:
        connection.exec_driver_sql(statement)

    assert verify(five) == Verified(five.head(), 0)


def test_row_26_postgresql_refuses_to_truncate(five: DecisionLog) -> None:
    if five.database.sqlite:
        pytest.skip("SQLite has no TRUNCATE")
    with pytest.raises(DBAPIError), five.database.engine.begin() as connection:
        connection.exec_driver_sql("TRUNCATE log_entry CASCADE")


@pytest.mark.parametrize(
    "statement",
    [
        REPLACE.format(sequence=2, previous="previous"),
        REPLACE.format(sequence=6, previous="previous"),
        REPLACE.format(sequence=6, previous="(SELECT hash FROM log_entry WHERE sequence = 5)"),
    ],
)
def test_row_26_sqlite_refuses_to_replace_an_entry(five: DecisionLog, statement: str) -> None:
    if not five.database.sqlite:
        pytest.skip("PostgreSQL has no REPLACE")
    with five.database.engine.connect() as connection:
        # As another program would be connected: then REPLACE passes the delete trigger by.
        connection.exec_driver_sql("PRAGMA recursive_triggers=OFF")
        with pytest.raises(DBAPIError):
            connection.exec_driver_sql(statement)

    assert verify(five) == Verified(five.head(), 0)


TAMPERINGS = {
    "level": ("UPDATE log_entry SET level = 'routine' WHERE sequence = 3", 3),
    "time": ("UPDATE log_entry SET time = '2026-11-21T12:00:04.000000Z' WHERE sequence = 3", 3),
    "request": ("UPDATE log_entry SET request_hash = 'sha256:0' WHERE sequence = 1", 1),
    "client": ("UPDATE log_entry SET client = 'hospital-b' WHERE sequence = 5", 5),
    "rules": ("UPDATE log_entry SET details = replace(details, 'R2', 'R3') WHERE sequence = 4", 4),
    "spelling": ("UPDATE log_entry SET details = details || ' ' WHERE sequence = 4", 4),
    "no JSON": ("UPDATE log_entry SET details = '{' WHERE sequence = 4", 4),
    "own hash": ("UPDATE log_entry SET hash = 'f' WHERE sequence = 2", 2),
    "gone": ("DELETE FROM log_entry WHERE sequence = 3", 3),
    "first gone": ("DELETE FROM log_entry WHERE sequence = 1", 1),
    "content dropped": ("UPDATE log_entry SET content = NULL WHERE sequence = 2", 2),
    "key lost": ("DELETE FROM log_key WHERE sequence = 4", 4),
}


@pytest.mark.parametrize("name", TAMPERINGS)
def test_row_26_a_change_is_found_at_its_entry(
    five: DecisionLog, tamper: Tamper, name: str
) -> None:
    statement, sequence = TAMPERINGS[name]

    tamper(statement)

    found = verify(five)
    assert isinstance(found, Broken)
    assert found.sequence == sequence


@pytest.mark.parametrize("table", ["log_entry", "log_key"])
def test_row_26_one_flipped_bit_is_found_at_its_entry(
    five: DecisionLog, tamper: Tamper, table: str
) -> None:
    [column] = ["content"] if table == "log_entry" else ["key"]
    with five.database.reading() as connection:
        value = connection.exec_driver_sql(
            f"SELECT {column} FROM {table} WHERE sequence = 3"  # noqa: S608 - our own words
        ).scalar()
    assert value is not None
    flipped = bytes([value[0] ^ 1]) + value[1:]
    literal = f"x'{flipped.hex()}'" if five.database.sqlite else f"'\\x{flipped.hex()}'::bytea"

    tamper(f"UPDATE {table} SET {column} = {literal} WHERE sequence = 3")  # noqa: S608

    found = verify(five)
    assert isinstance(found, Broken)
    assert found.sequence == 3


def test_row_26_a_cut_tail_is_found_by_the_signed_head(five: DecisionLog, tamper: Tamper) -> None:
    line = sign(five.head(), NOON, KEY)
    tamper("DELETE FROM log_entry WHERE sequence > 3")
    head = read_signed(line, KEY.public_key())

    assert isinstance(verify(five), Verified)  # whole in itself: that is why heads are kept
    found = verify(five, {head.sequence: head.hash})
    assert found == Broken(4, "is missing: a signed head reaches to 5.")


def test_row_26_a_chain_written_anew_is_found_by_the_signed_head(
    five: DecisionLog, tamper: Tamper, decide: Decide
) -> None:
    head = read_signed(sign(five.head(), NOON, KEY), KEY.public_key())
    tamper("DELETE FROM log_entry WHERE sequence > 4")
    tamper("DELETE FROM log_key WHERE sequence > 4")
    tamper("DELETE FROM log_card WHERE sequence > 4")
    five.append(decide(5, level="routine"))
    five.append(decide(6))

    found = verify(five, {head.sequence: head.hash})

    assert isinstance(found, Broken)
    assert found.sequence == 5


def test_a_signed_head_that_was_changed_is_refused() -> None:
    line = sign(Head(5, "a" * 64), NOON, KEY)

    for other in (line.replace(b'"sequence":5', b'"sequence":4'), b"{}", b"[", b"5"):
        with pytest.raises(StoreError):
            read_signed(other, KEY.public_key())
    with pytest.raises(StoreError, match="not signed by this key"):
        read_signed(line, Ed25519PrivateKey.generate().public_key())
    assert read_signed(line, KEY.public_key()) == Head(5, "a" * 64)


def test_an_export_is_checked_without_the_database(five: DecisionLog) -> None:
    previous = "0" * 64
    for line in ndjson(five):
        exported = json.loads(line)
        again = hashlib.sha256(canonical(exported["entry"]).encode()).hexdigest()

        assert exported["hash"] == again
        assert exported["entry"]["previous"] == previous
        previous = again
    assert previous == five.head().hash


def test_verifying_pages_through_a_log_longer_than_a_page(
    log: DecisionLog, decide: Decide, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cds.store.decisions._PAGE", 3)
    for number in range(1, 9):
        log.append(decide(number))

    assert verify(log) == Verified(log.head(), 0)
    assert [entry.sequence for entry, _ in log.entries(after=4)] == [5, 6, 7, 8]


def test_the_hash_of_an_entry_never_changes_with_the_software(log: DecisionLog) -> None:
    """Golden: the bytes that are hashed are a format; logs of ten years ago must still verify."""
    log.note("golden", NOON, {"b": [1, None, "ü"], "a": True})

    assert (
        log.head().hash
        == hashlib.sha256(
            b'{"card":null,"client":null,"content":null,"details":{"a":true,"b":[1,null,"\\u00fc"]},'
            b'"hook_instance":null,"identity":null,"kind":"note:golden","level":null,"outcome":null,'
            b'"pack_hash":null,"pack_id":null,"pack_version":null,"previous":"' + b"0" * 64 + b'",'
            b'"request_hash":null,"schema":"cramp-cds/log-entry/1","sequence":1,"service":null,'
            b'"time":"2026-11-21T12:00:00.000000Z"}'
        ).hexdigest()
    )
