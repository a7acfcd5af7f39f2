"""The agency's own journal: what each file came to, what was kept at the edge, what lies in quarantine."""

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from adapters.kit.sealing import seal, unseal
from adapters.kit.spool_store import SpoolStore

_FILE = "file"
_PUT_AWAY = """INSERT INTO quarantine VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET
    received_at = excluded.received_at, deadline = excluded.deadline, destroy_at = excluded.destroy_at,
    wrapped_key = excluded.wrapped_key, sealed = excluded.sealed WHERE quarantine.wrapped_key IS NULL"""


@dataclass(frozen=True, slots=True)
class QuarantineEntry:
    """One part in quarantine: why, who owns it, until when it must be looked at, when it is destroyed.

    ``place`` (file name and position) and ``remedy`` are sealed; the reason is a code.
    """

    id: str
    reason: str
    owner: str
    received_at: datetime
    deadline: datetime
    destroy_at: datetime
    place: str
    remedy: str
    wrapped_key: bytes = field(repr=False, default=b"")


@dataclass(frozen=True, slots=True)
class FileEntry:
    """Everything about one file that is kept together with its events."""

    adapter: str
    name: str
    digest: str
    read_at: datetime
    counts: Mapping[str, object]
    refusals: Mapping[str, int] = field(default_factory=dict)
    fingerprints: Mapping[str, str | None] = field(default_factory=dict)
    quarantined: tuple[QuarantineEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class KeptFile:
    """What one file came to, as the journal has it."""

    adapter: str
    name: str
    digest: str
    read_at: datetime
    counts: Mapping[str, object]


class SpoolJournal:
    """The agency's own journal, in the spool's database. File names are sealed, counts and codes too."""

    def __init__(self, store: SpoolStore, key: bytes) -> None:
        """Look into a spool's database."""
        self._store = store
        self._key = key

    def write(self, db: sqlite3.Connection, file: FileEntry) -> None:
        """Keep what one file came to, inside the spool's transaction. A part kept before stays as it is."""
        content = {"adapter": file.adapter, "name": file.name, "digest": file.digest, "counts": dict(file.counts)}
        db.execute(
            "INSERT INTO files (read_at, sealed) VALUES (?, ?)",
            (_seconds(file.read_at), seal(self._key, json.dumps(content).encode(), _FILE)),
        )
        for code, count in file.refusals.items():
            db.execute(
                "INSERT INTO refusals VALUES (?, ?) ON CONFLICT (code) DO UPDATE SET count = count + excluded.count",
                (code, count),
            )
        for entry in file.quarantined:
            sealed = seal(self._key, json.dumps([entry.place, entry.remedy]).encode(), entry.id)
            db.execute(
                _PUT_AWAY,
                (
                    entry.id,
                    entry.reason,
                    entry.owner,
                    _seconds(entry.received_at),
                    _seconds(entry.deadline),
                    _seconds(entry.destroy_at),
                    entry.wrapped_key,
                    sealed,
                ),
            )

    def files(self) -> tuple[KeptFile, ...]:
        """What each file read came to, oldest first."""
        rows = self._store.reading.execute("SELECT read_at, sealed FROM files ORDER BY position").fetchall()
        return tuple(
            KeptFile(**json.loads(unseal(self._key, sealed, _FILE)), read_at=_moment(read_at))
            for read_at, sealed in rows
        )

    def refusals(self) -> Mapping[str, int]:
        """How often the agency's own policy kept something back, by code."""
        return dict(self._store.reading.execute("SELECT code, count FROM refusals ORDER BY code").fetchall())

    def quarantined(self) -> tuple[QuarantineEntry, ...]:
        """What lies in quarantine and is not destroyed, most urgent first."""
        rows = self._store.reading.execute(
            "SELECT id, reason, owner, received_at, deadline, destroy_at, sealed, wrapped_key FROM quarantine"
            " WHERE wrapped_key IS NOT NULL ORDER BY deadline, id"
        ).fetchall()
        return tuple(self._entry(row) for row in rows)

    def destroy(self, quarantine_id: str) -> bool:
        """Destroy a quarantined part's key: its content is gone, that it existed stays. Gives whether it was there."""
        with self._store.writing() as db:
            query = "UPDATE quarantine SET wrapped_key = NULL WHERE id = ? AND wrapped_key IS NOT NULL"
            return db.execute(query, (quarantine_id,)).rowcount == 1

    def _entry(self, row: tuple[str, str, str, int, int, int, bytes, bytes]) -> QuarantineEntry:
        entry_id, reason, owner, received_at, deadline, destroy_at, sealed, wrapped_key = row
        place, remedy = json.loads(unseal(self._key, sealed, entry_id))
        return QuarantineEntry(
            entry_id,
            reason,
            owner,
            _moment(received_at),
            _moment(deadline),
            _moment(destroy_at),
            place,
            remedy,
            wrapped_key,
        )


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
