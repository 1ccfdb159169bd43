"""The decision log as the service uses it. Every call blocks: from asyncio, call it in a thread.

    stored = await asyncio.to_thread(log.append, decision)

Each call that writes is one commit. Several decisions at once (`append_many`) share theirs.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Self

from sqlalchemy import select

from cds.errors import RequestError, StoreError
from cds.store import calls, schema, tokens
from cds.store.database import WHERE, Database
from cds.store.erasure import erase
from cds.store.feedback import log_feedback, rates_of
from cds.store.media import readable
from cds.store.migrate import check_version, migrate
from cds.store.model import (
    Conflict,
    Decision,
    Draft,
    Entry,
    Feedback,
    Head,
    Rates,
    Receipt,
    Stored,
    column_text,
)
from cds.store.write_ahead import checkpoint, clear
from cds.store.writing import (
    WritingMore,
    appending,
    entries_after,
    entry_of,
    found,
    head_of,
    opened_content,
    subject_of,
    writing,
)

Kept = Stored | Conflict | RequestError | calls.DamagedEntryError
_PAGE = 200  # entries held in memory at once while walking the chain


class DecisionLog:
    """An open decision log. Safe to share among threads; each process opens its own."""

    def __init__(self, url: str, *, create: bool = False, timeout_s: float = 5.0) -> None:
        """Open the log at `url`. `create`: make or migrate its tables (the account must be able).

        Raises:
            StoreError: it cannot be reached, or is of another schema version.
        """
        self.url = url
        place, self._copy = (url, None) if create else readable(url)
        self.database = Database(place, timeout_s=timeout_s)
        try:
            self._open(create=create)
        except BaseException:
            self.close()  # nobody else can: the log never came to be
            raise

    def _open(self, *, create: bool) -> None:
        if create:
            migrate(self.database)
        elif self.database.file is not None and not self.database.there():
            # Connecting would make an empty file.
            raise StoreError(WHERE, "does not exist.", "See `store.url` of the configuration.")
        with self.database.reading() as connection:
            check_version(connection)

    def __enter__(self) -> Self:
        """The log itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """Give the connections back."""
        self.database.close()
        if self._copy is not None:
            self._copy.cleanup()

    def append(self, decision: Decision) -> Stored | Conflict:
        """Log a decision; returns when it is durable.

        The same call logged before (by this or another worker) is returned instead: answer with
        *its* bytes. The same hookInstance with another request is a conflict.

        Raises:
            RequestError: the hookInstance cannot be stored (length, control characters).
            StoreError: nothing was acknowledged. Appending the same decision again is always safe.
        """
        draft = calls.decision_draft(decision)
        with appending(self.database) as transaction:
            return calls.append(transaction, decision, draft)

    def append_many(self, decisions: Sequence[Decision]) -> list[Kept]:
        """Log several decisions with one commit; each result, or refusal, is as `append` gives it.

        Raises:
            StoreError: none of them was acknowledged. Appending all of them again is always safe.
        """
        tried = [(decision, _drafted(decision)) for decision in decisions]
        good = [(one, draft) for one, draft in tried if isinstance(draft, Draft)]
        with appending(self.database) as transaction:
            kept = iter(calls.append_all(transaction, good))
        return [draft if isinstance(draft, RequestError) else next(kept) for _, draft in tried]

    def append_late(self, decision: Decision) -> Stored:
        """Log a decision given while the log was away, whose call is in it by now."""
        draft = calls.late_draft(decision)
        with appending(self.database) as transaction:
            return calls.append_late(transaction, draft)

    def answered(
        self, client: str, service: str, hook_instance: str, request_hash: str
    ) -> Stored | Conflict | None:
        """What this call was answered with before, if it was."""
        with self.database.reading() as connection:
            earlier = found(connection, calls.identity(client, service, hook_instance))
        return None if earlier is None else calls.again(*earlier, request_hash)

    def documents(self, subject: str, services: Sequence[str], most: int = 100) -> list[bytes]:
        """The newest documents of these services on one subject, but for those erased."""
        entry, key = schema.entries.c, schema.keys.c
        query = (
            select(schema.entries, key.key)
            .join(schema.keys, key.sequence == entry.sequence)
            .where(key.subject == subject_of(subject), entry.service.in_(services))
            .order_by(entry.sequence.desc())
            .limit(most)
        )
        with self.database.reading() as connection:
            rows = connection.execute(query).mappings().all()
        opened_ones = (opened_content(entry_of(row), row["key"]) for row in rows)
        return [parts[1] for parts in opened_ones if parts is not None]

    def feedback(self, items: Sequence[Feedback]) -> Receipt:
        """Log what users did with cards; an item that is already logged is not logged again.

        Cards the log has never shown are logged too (a card may be older than the log), and named.
        """
        with writing(self.database) as transaction:
            return log_feedback(transaction, items)

    def note(self, kind: str, time: datetime, details: Mapping[str, Any]) -> Stored:
        """Log something about the service itself (a start, a pack change); no patient content."""
        draft = Draft(kind=f"note:{kind}", time=time, details=details)
        with appending(self.database) as transaction:
            return calls.stored(transaction.add(draft))

    def use_once(self, client: str, token: str, *, expires: int, now: int) -> bool:
        """True the first time in all workers, durably; False while it is a replay.

        `expires` (seconds since 1970, skew included) is how long to remember it. The token itself,
        of any length, is not kept: only its hash.
        """
        (first,) = self.use_many([(tokens.token_name(client, token), expires)], now=now)
        return first

    def use_many(self, used: Sequence[tuple[str, int]], *, now: int) -> list[bool]:
        """The same for several, by their hashes (`tokens.token_name`), with one commit."""
        with writing(self.database) as transaction:
            return tokens.use(transaction.connection, used, now)

    def erase(
        self,
        time: datetime,
        why: str,
        *,
        sequences: Sequence[int] = (),
        subject: str | None = None,
    ) -> tuple[int, ...]:
        """Erase patient content for good, by deleting its keys; returns the sequences erased.

        Each erasure is itself an entry of the chain. What a backup holds is erased when it expires.
        """
        text = column_text("why", why)
        with writing(self.database) as transaction:
            erased = erase(transaction, time, text, sequences, subject)
        self._scrub()
        return erased

    def head(self) -> Head:
        """The last entry, to be signed and kept elsewhere."""
        with self.database.reading() as connection:
            return head_of(connection)

    def ready(self) -> Head:
        """The head, when the log can be read and written.

        Raises:
            StoreError: it cannot, or its schema is another version's.
        """
        with self.database.reading() as connection:
            check_version(connection)
        with self.database.trying() as connection:
            tokens.first_use(connection, "ready", 0)
            return head_of(connection)

    def try_to_append(self) -> None:
        """Write an entry and leave nothing of it: others may hold the chain alone.

        Raises:
            StoreError: it cannot be written.
        """
        draft = Draft(
            kind="note:trial", time=datetime.min.replace(tzinfo=UTC), details={}, parts=(b"",)
        )
        with self.database.trying() as connection:
            transaction = WritingMore(connection)
            transaction.add(draft)
            transaction.flush()

    def rates(self) -> Rates:
        """Acceptance and override per rule, the latest feedback on each card counting."""
        with self.database.reading() as connection:
            return rates_of(connection)

    def entries(self, after: int = 0) -> Iterator[tuple[Entry, bytes | None]]:
        """Every entry after a sequence, in order, each with its key; in constant memory."""
        while True:
            page = self._page(after)
            if not page:
                return
            yield from page
            after = page[-1][0].sequence

    def _page(self, after: int) -> list[tuple[Entry, bytes | None]]:
        with self.database.reading() as connection:
            return entries_after(connection, after, _PAGE)

    def checkpoint(self) -> None:
        """Bring SQLite's write-ahead log into its file, as far as nobody waits for it.

        Whoever commits would do it else, once there is much of it.
        """
        if self.database.sqlite:
            checkpoint(self.database)

    def _scrub(self) -> None:
        # SQLite's write-ahead log still holds the page with the key until it is truncated.
        if self.database.sqlite:
            clear(self.database)


def _drafted(decision: Decision) -> Draft | RequestError:
    try:
        return calls.decision_draft(decision)
    except RequestError as error:
        return error
