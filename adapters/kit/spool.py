"""The sealed spool: an event is kept here from the moment it is numbered until the exchange has it."""

import json
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Self

from adapters.kit.draft import Draft
from adapters.kit.sealing import seal, unseal
from adapters.kit.spool_journal import FileEntry, KeptFile, SpoolJournal
from adapters.kit.spool_snapshot import SpoolSnapshot
from adapters.kit.spool_store import SpoolStore
from contracts.envelope import SignedEvent
from contracts.words import Grade, ReplyKind

NOT_SENT_AFTER = timedelta(minutes=10)
"""A red event that waits this long is reported: NOT SENT, ring the front door (architecture, promises by stage)."""

KEEP_ACKNOWLEDGED = timedelta(days=7)
"""How long the content of an event stays here after the exchange has it. Its id and digest stay."""

_ANSWERED = (
    "SELECT adapter, coalesce((SELECT min(events.sequence) - 1 FROM events"
    " WHERE events.status = ? AND events.adapter = sources.adapter), last) FROM sources ORDER BY adapter"
)

Signer = Callable[[Draft, str, int], SignedEvent]
"""Signs a draft, given the incarnation and its number."""


class EventStatus(StrEnum):
    """Where a spooled event stands. Only queued and acknowledged are stored; ``not_sent`` is queued for too long."""

    QUEUED = "queued"
    ACKNOWLEDGED = "acknowledged"
    NOT_SENT = "not_sent"


class SpoolOutcome(StrEnum):
    """What spooling one event came to."""

    SPOOLED = "spooled"
    REPEAT = "repeat"
    CONFLICT = "conflict"


@dataclass(frozen=True, slots=True)
class Spooled:
    """One event and what spooling it came to; ``sequence`` is 0 unless it was spooled now."""

    id: str
    outcome: SpoolOutcome
    sequence: int = 0


@dataclass(frozen=True, slots=True)
class SpoolSummary:
    """How the spool stands. ``oldest_queued`` is none when nothing waits.

    ``answered``: by adapter the number up to which nothing waits for the exchange's answer.
    """

    incarnation: str
    queued: int
    acknowledged: int
    not_sent: int
    sequences: Mapping[str, int] = field(default_factory=dict)
    answered: Mapping[str, int] = field(default_factory=dict)
    replies: Mapping[str, int] = field(default_factory=dict)
    refusals: Mapping[str, int] = field(default_factory=dict)
    quarantined: int = 0
    oldest_queued: datetime | None = None


class Spool:
    """One agency's spool. Every change is durable when the method returns; for one thread at a time."""

    def __init__(self, store: SpoolStore, key: bytes) -> None:
        """Wrap an open store; use :meth:`open`."""
        self._store = store
        self._key = key
        self.journal = SpoolJournal(store, key)

    @classmethod
    def open(cls, path: Path, key: bytes) -> Self:
        """Open the spool at ``path``, or make a new one with a fresh incarnation.

        Raises:
            SpoolError: the file is no spool, or was sealed under another key.
        """
        return cls(SpoolStore(path, key, incarnation=secrets.token_hex(8)), key)

    @property
    def incarnation(self) -> str:
        """One life of this spool; its numbers start anew in each."""
        return self._store.incarnation

    def snapshot(self, adapter: str) -> SpoolSnapshot:
        """The fingerprints kept for one adapter."""
        return SpoolSnapshot(self._store, self._key, adapter)

    def known(self, ids: Iterable[str]) -> Mapping[str, str]:
        """Of these event ids, those spooled before, each with its keyed digest."""
        found = {}
        for event_id in ids:
            row = self._store.reading.execute("SELECT rawhash FROM events WHERE id = ?", (event_id,)).fetchone()
            if row is not None:
                found[event_id] = row[0]
        return found

    def spool(
        self,
        events: Sequence[Draft],
        sign: Signer,
        *,
        now: datetime,
        file: FileEntry | None = None,
    ) -> tuple[Spooled, ...]:
        """Number, sign and keep events, and with them all else that one file came to, in one transaction.

        An event spooled before with the same digest is a repeat and takes no number; with another
        digest it is a conflict, is not spooled, and is for the caller to quarantine and report.
        """
        with self._store.writing() as db:
            last = dict(db.execute("SELECT adapter, last FROM sources").fetchall())
            out = []
            for event in events:
                row = db.execute("SELECT rawhash FROM events WHERE id = ?", (event.id,)).fetchone()
                if row is not None:
                    repeat = row[0] == event.rawhash
                    out.append(Spooled(event.id, SpoolOutcome.REPEAT if repeat else SpoolOutcome.CONFLICT))
                    continue
                sequence = last[event.adapter] = last.get(event.adapter, 0) + 1
                signed = sign(event, self.incarnation, sequence)
                db.execute(
                    "INSERT INTO events (id, adapter, sequence, rawhash, grade, status, spooled_at, sealed)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    (
                        event.id,
                        event.adapter,
                        sequence,
                        event.rawhash,
                        event.grade or "",
                        EventStatus.QUEUED,
                        _seconds(now),
                        seal(self._key, _pack(signed), event.id),
                    ),
                )
                out.append(Spooled(event.id, SpoolOutcome.SPOOLED, sequence))
            db.executemany("INSERT OR REPLACE INTO sources VALUES (?, ?)", last.items())
            if file is not None:
                self.journal.write(db, file)
                self.snapshot(file.adapter).write(db, file.fingerprints)
        return tuple(out)

    def pending(self, limit: int = 100) -> tuple[SignedEvent, ...]:
        """The oldest events that the exchange has not acknowledged, in the order of spooling."""
        rows = self._store.reading.execute(
            "SELECT id, sealed FROM events WHERE status = ? AND sealed IS NOT NULL ORDER BY position LIMIT ?",
            (EventStatus.QUEUED, limit),
        ).fetchall()
        return tuple(_unpack(unseal(self._key, sealed, event_id)) for event_id, sealed in rows)

    def acknowledge(self, ids: Iterable[str], *, now: datetime) -> int:
        """Note that the exchange has these events. Gives how many were waiting."""
        with self._store.writing() as db:
            return sum(
                db.execute(
                    "UPDATE events SET status = ?, settled_at = ? WHERE id = ? AND status = ?",
                    (EventStatus.ACKNOWLEDGED, _seconds(now), event_id, EventStatus.QUEUED),
                ).rowcount
                for event_id in ids
            )

    @contextmanager
    def together(self) -> Iterator[None]:
        """Every change inside is durable at the end, or none of them is."""
        with self._store.writing():
            yield

    def note_reply(self, event_id: str, kind: ReplyKind, code: str) -> bool:
        """Keep the exchange's last answer about an event. Gives whether the event is known here."""
        with self._store.writing() as db:
            cursor = db.execute("UPDATE events SET reply = ?, code = ? WHERE id = ?", (kind.value, code, event_id))
            return cursor.rowcount == 1

    def send_again(self, adapter: str, first: int, last: int, *, now: datetime) -> int:
        """Queue again the events of one adapter numbered ``first`` to ``last``. Gives how many still have content.

        What had been answered waits from ``now``; what was waiting still waits from when it was spooled.
        """
        with self._store.writing() as db:
            return db.execute(
                "UPDATE events SET spooled_at = CASE status WHEN ? THEN ? ELSE spooled_at END,"
                " status = ?, settled_at = NULL WHERE adapter = ? AND sequence BETWEEN ? AND ? AND sealed IS NOT NULL",
                (EventStatus.ACKNOWLEDGED, _seconds(now), EventStatus.QUEUED, adapter, first, last),
            ).rowcount

    def not_sent(self, *, now: datetime) -> tuple[str, ...]:
        """The ids of red events that have waited ten minutes: the agency must ring the front door."""
        rows = self._store.reading.execute(
            "SELECT id FROM events WHERE status = ? AND grade = ? AND spooled_at <= ? ORDER BY position",
            (EventStatus.QUEUED, Grade.RED, _seconds(now - NOT_SENT_AFTER)),
        )
        return tuple(row[0] for row in rows)

    def status(self, event_id: str, *, now: datetime) -> EventStatus | None:
        """Where one event stands; none if it was never spooled here."""
        row = self._store.reading.execute("SELECT status FROM events WHERE id = ?", (event_id,)).fetchone()
        if row is None:
            return None
        return EventStatus.NOT_SENT if event_id in self.not_sent(now=now) else EventStatus(row[0])

    def summary(self, *, now: datetime) -> SpoolSummary:
        """How the spool stands: counts only."""
        db = self._store.reading
        by_status = dict(db.execute("SELECT status, count(*) FROM events GROUP BY status").fetchall())
        oldest = db.execute("SELECT min(spooled_at) FROM events WHERE status = ?", (EventStatus.QUEUED,)).fetchone()[0]
        replies = db.execute("SELECT reply, count(*) FROM events WHERE reply <> '' GROUP BY reply ORDER BY reply")
        return SpoolSummary(
            incarnation=self.incarnation,
            queued=by_status.get(EventStatus.QUEUED, 0),
            acknowledged=by_status.get(EventStatus.ACKNOWLEDGED, 0),
            not_sent=len(self.not_sent(now=now)),
            sequences=dict(db.execute("SELECT adapter, last FROM sources ORDER BY adapter").fetchall()),
            answered=dict(db.execute(_ANSWERED, (EventStatus.QUEUED,)).fetchall()),
            replies=dict(replies.fetchall()),
            refusals=self.journal.refusals(),
            quarantined=len(self.journal.quarantined()),
            oldest_queued=None if oldest is None else datetime.fromtimestamp(oldest, UTC),
        )

    def prune(self, *, now: datetime, keep: timedelta = KEEP_ACKNOWLEDGED) -> int:
        """Destroy the content of events acknowledged longer ago than ``keep``. Ids and digests stay."""
        with self._store.writing() as db:
            return db.execute(
                "UPDATE events SET sealed = NULL WHERE status = ? AND settled_at < ? AND sealed IS NOT NULL",
                (EventStatus.ACKNOWLEDGED, _seconds(now - keep)),
            ).rowcount

    def files(self) -> tuple[KeptFile, ...]:
        """What each file read came to, oldest first."""
        return self.journal.files()

    def close(self) -> None:
        """Let go of the database."""
        self._store.close()


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())


def _pack(event: SignedEvent) -> bytes:
    head = {"attributes": dict(event.attributes), "signature": event.signature, "data": event.data.decode()}
    return json.dumps(head).encode()


def _unpack(content: bytes) -> SignedEvent:
    head = json.loads(content)
    return SignedEvent(head["attributes"], head["signature"], head["data"].encode())
