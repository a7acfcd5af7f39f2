"""The journal in a SQL database: one write, everything or nothing."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from sqlalchemy import bindparam, update

from broker.core.beside import Named
from broker.core.outcome import Outcome
from broker.drivers.sql import schema
from broker.drivers.sql.erasures import SqlErasures
from broker.drivers.sql.prepared import Prepared
from broker.drivers.sql.sqlite import open_sqlite
from broker.drivers.sql.store import BUSY_SECONDS
from broker.drivers.sql.writing import check_fresh, write
from contracts.words import RecordId

_PLACE = Prepared(
    update(schema.records)
    .where(schema.records.c.record_id == bindparam("the_record"), schema.records.c.leaf_index.is_(None))
    .values(leaf_index=bindparam("at"))
)
_HANDED_OVER = Prepared(
    update(schema.replies).where(schema.replies.c.position == bindparam("the_reply")).values(handed_over=1)
)


class SqlJournal(SqlErasures):
    """Keeps a partnership's events, decisions, records, deliveries, tasks and facts."""

    @classmethod
    def in_file(cls, path: Path, *, busy_seconds: float = BUSY_SECONDS, max_pages: int = 0) -> Self:
        """Open, or make, the journal in one SQLite file.

        Raises:
            StoreError: the file cannot be opened, or was written by a newer version.
        """
        return cls(
            open_sqlite(path, schema.metadata, revision=schema.REVISION, busy_seconds=busy_seconds, max_pages=max_pages)
        )

    @property
    def lets_beside(self) -> bool:
        """Whether transactions that name nothing in common can run beside one another; else one runs at a time."""
        return self._store.locks is not None

    @contextmanager
    def transaction(self, named: Named | None = None) -> Iterator[None]:
        """Take the write lock, which is the identity lock, and make all commits inside durable at its end.

        ``named``: what the reports name that are taken in inside; others that name nothing in common run beside it,
        where the store lets them.

        Raises:
            StoreError: the store is full or busy, or a transaction is open already; nothing was stored.
            BeyondError: inside, where something is read or committed that goes beyond what was named.
        """
        with self._store.transaction(named):
            yield

    def commit(self, outcome: Outcome) -> None:
        """Make the whole outcome durable, or raise and leave no trace; inside a transaction, at its end.

        An outcome that is incomplete or stale is refused before anything is written, so the transaction around it
        may go on. Any other error spoils that transaction.

        Raises:
            IncompleteOutcomeError: a decision lacks its record, or a delivery its decision to share.
            StaleFactsError: the child's facts changed since a decision read them; ask again.
            AlreadyStoredError: an event, decision, record or delivery of that id is stored.
            UnknownStepError: the outcome names something that is not stored, or has gone further.
            BeyondError: the transaction runs beside others, and did not name what the outcome changes.
            StoreError: the store is full or busy.
        """
        outcome.check_complete()
        if not self._store.in_transaction:
            with self._store.transaction():
                self.commit(outcome)
            return
        with self._store.reading(scoped=True) as session:
            if session.scope is not None:
                session.scope.admits(outcome)
            versions = check_fresh(session, outcome)
        with self._store.joining(scoped=True) as session:
            write(session, outcome, versions)

    def mark_sequenced(self, placed: Sequence[tuple[RecordId, int]]) -> None:
        """Note at which leaf index each record stands. Idempotent."""
        with self._store.joining() as session:
            session.run_all(_PLACE, [{"the_record": record, "at": index} for record, index in placed])

    def mark_replied(self, replies: Sequence[int]) -> None:
        """Note that these replies were handed to their agencies."""
        with self._store.joining() as session:
            session.run_all(_HANDED_OVER, [{"the_reply": position} for position in replies])

    def close(self) -> None:
        """Let go of the file."""
        self._store.close()
