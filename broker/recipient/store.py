"""The recipient's own durable store: deliveries sealed under a key per child, receipts waiting to go back."""

import os
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from broker.recipient.keys import RecipientKeys, seal, unseal
from contracts.base import Instant
from contracts.delivery import Delivery
from contracts.envelope import write_time
from contracts.lean import lean_reader
from contracts.receipt import Receipt

SCHEMA = """
CREATE TABLE IF NOT EXISTS child_keys (child TEXT PRIMARY KEY, wrapped BLOB NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS deliveries (
    delivery_id TEXT PRIMARY KEY, child TEXT NOT NULL, digest TEXT NOT NULL,
    occurred_at TEXT NOT NULL, received_at TEXT NOT NULL, opened_at TEXT, opened_by TEXT,
    report TEXT NOT NULL, revision INTEGER NOT NULL, retracts INTEGER NOT NULL,
    takes_back INTEGER NOT NULL, acknowledged_at TEXT, acknowledged_by TEXT, sealed BLOB NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS deliveries_taking_back ON deliveries (received_at) WHERE takes_back = 1;
CREATE INDEX IF NOT EXISTS deliveries_by_report ON deliveries (report, child, revision);
CREATE INDEX IF NOT EXISTS deliveries_by_child ON deliveries (child, occurred_at);
CREATE TABLE IF NOT EXISTS receipts (
    position INTEGER PRIMARY KEY, content TEXT NOT NULL, sent INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX IF NOT EXISTS receipts_waiting ON receipts (sent, position);
CREATE TABLE IF NOT EXISTS erased (child TEXT PRIMARY KEY, at TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS checkpoints (only_row INTEGER PRIMARY KEY CHECK (only_row = 1), note TEXT NOT NULL) STRICT;
"""

_KEPT = (
    "SELECT child, delivery_id, received_at, opened_at, opened_by, acknowledged_at, acknowledged_by, sealed"
    " FROM deliveries WHERE "
)
_STANDS_HERE = (
    "(NOT EXISTS (SELECT 1 FROM deliveries later WHERE later.report = deliveries.report"
    " AND later.child <> deliveries.child AND later.revision > deliveries.revision AND later.sealed != x'')"
    " OR EXISTS (SELECT 1 FROM deliveries ended WHERE ended.report = deliveries.report"
    " AND ended.child = deliveries.child AND ended.retracts = 1))"
)
"""What has not become another child's, once two were found to be one; what was to be disregarded stays to be seen."""
_ABOUT_CHILD = (
    _KEPT + "child = ? AND sealed != x'' AND " + _STANDS_HERE + " ORDER BY occurred_at, received_at, delivery_id"
)
_CHILDREN = (
    f"SELECT child FROM deliveries WHERE sealed != x'' AND {_STANDS_HERE} GROUP BY child ORDER BY max(occurred_at) DESC"  # noqa: S608 - no value of anybody's is in it
)
_TAKING_BACK = _KEPT + "takes_back = 1 AND sealed != x'' ORDER BY received_at DESC, delivery_id"
_ERASED = (
    "SELECT delivery_id, deliveries.child, digest, received_at, acknowledged_at, acknowledged_by"
    " FROM deliveries JOIN erased ON erased.child = deliveries.child"
    " WHERE takes_back = 1 AND digest != '' ORDER BY received_at DESC, delivery_id"
)
_FORGET = (
    "DELETE FROM child_keys WHERE child = ?1",
    (
        "DELETE FROM receipts WHERE json_extract(content, '$.delivery_id') IN"
        " (SELECT delivery_id FROM deliveries WHERE child = ?1)"
    ),
    "UPDATE deliveries SET digest = '', occurred_at = '', sealed = x'' WHERE child = ?1 AND sealed != x''",
)
"""What is destroyed of one child: its key, what was told, and the receipts, which name the digest of what was told."""

_FORGET_REPORT = (
    (
        "DELETE FROM receipts WHERE json_extract(content, '$.delivery_id') IN"
        " (SELECT delivery_id FROM deliveries WHERE child = ?1 AND report = ?2)"
    ),
    "UPDATE deliveries SET digest = '', occurred_at = '', sealed = x'' WHERE child = ?1 AND report = ?2",
)

_REPLACED = (
    "SELECT earlier.delivery_id, last.delivery_id FROM deliveries earlier JOIN deliveries last"
    " ON last.report = earlier.report AND last.revision > earlier.revision"
    " WHERE last.revision = (SELECT max(revision) FROM deliveries WHERE report = earlier.report)"
)

RETRACTION = "retraction"

KEYS_KEPT_OPEN = 2000
"""How many children's keys are remembered unwrapped, so that memory stays the same however many there are."""


_read = lean_reader(Delivery)
"""What is kept was checked when it came, and its seal shows that it is unchanged."""


@dataclass(frozen=True, slots=True)
class Kept:
    """One delivery as the recipient keeps it."""

    delivery: Delivery
    received_at: str
    opened_at: str | None
    opened_by: str | None
    acknowledged_at: str | None = None
    acknowledged_by: str | None = None


@dataclass(frozen=True, slots=True)
class ErasedNotice:
    """That everything about one child was to be destroyed, and was. ``digest``: the notice's own."""

    delivery_id: str
    child: str
    digest: str
    received_at: str
    acknowledged_at: str | None
    acknowledged_by: str | None


class RecipientStore:
    """Keeps what was delivered to one recipient. Nothing of it is readable without the recipient's key."""

    def __init__(self, path: Path, keys: RecipientKeys) -> None:
        """Open or make the store at ``path``, readable by its owner only."""
        self._keys = keys
        self._child_keys: dict[str, bytes] = {}
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON", "busy_timeout=10000"):
            self._connection.execute(f"PRAGMA {pragma}")
        self._connection.executescript(SCHEMA)

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Make everything inside durable together, or nothing of it."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            self._child_keys.clear()
            raise
        self._connection.execute("COMMIT")

    def digest_of(self, delivery_id: str) -> str | None:
        """The digest under which a delivery is kept, or none where it is not."""
        row = self._connection.execute("SELECT digest FROM deliveries WHERE delivery_id = ?", (delivery_id,)).fetchone()
        return None if row is None else str(row[0])

    def keep(self, delivery: Delivery, body: bytes, digest: str, now: Instant) -> None:
        """Keep one delivery, sealed under its child's key; of a child that was erased only that there was one."""
        sealed = b""
        if not self.is_erased(delivery.child):
            sealed = seal(self._child_key(delivery.child), body, delivery.delivery_id)
        self._connection.execute(
            "INSERT INTO deliveries (delivery_id, child, digest, occurred_at, received_at, report, revision, retracts,"
            " takes_back, sealed) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                delivery.delivery_id,
                delivery.child,
                digest,
                write_time(delivery.occurred_at) if sealed else "",
                write_time(now),
                delivery.report,
                delivery.revision,
                int(delivery.kind == RETRACTION),
                int(delivery.cause is not None),
                sealed,
            ),
        )

    def is_erased(self, child: str) -> bool:
        """Whether everything about a child was destroyed, so that nothing of it is kept any more."""
        found = self._connection.execute("SELECT 1 FROM erased WHERE child = ?", (child,)).fetchone()
        return found is not None

    def erase(self, child: str, now: Instant) -> None:
        """Destroy the child's key and everything that was told; the caller holds the transaction.

        Ids stay, so that what is sent again is known again. The file is free of it only after `empty_log`.
        """
        self._child_keys.pop(child, None)
        for statement in _FORGET:
            self._connection.execute(statement, (child,))
        self._connection.execute("INSERT OR IGNORE INTO erased (child, at) VALUES (?, ?)", (child, write_time(now)))

    def erase_report(self, child: str, report: str) -> None:
        """Destroy what was told in one report under one child's name; the caller holds the transaction.

        The child's key stays, for what else is kept under it. The file is free of it only after `empty_log`.
        """
        for statement in _FORGET_REPORT:
            self._connection.execute(statement, (child, report))

    def empty_log(self) -> bool:
        """Move the write-ahead log into the file and cut it to nothing; whether that was done, whole."""
        done = self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return tuple(done) == (0, 0, 0)

    def erased(self) -> list[ErasedNotice]:
        """What was destroyed because the exchange said so, latest first."""
        return [ErasedNotice(*row) for row in self._connection.execute(_ERASED).fetchall()]

    def ids(self, child: str) -> Iterator[str]:
        """The id of everything kept about one child, latest first."""
        query = "SELECT delivery_id FROM deliveries WHERE child = ? AND sealed != x'' ORDER BY occurred_at DESC"
        return (str(row[0]) for row in self._connection.execute(query, (child,)))

    def note_opened(self, delivery_id: str, now: Instant, role: str) -> None:
        """Note who opened a delivery first, and when."""
        self._connection.execute(
            "UPDATE deliveries SET opened_at = ?, opened_by = ? WHERE delivery_id = ? AND opened_at IS NULL",
            (write_time(now), role, delivery_id),
        )

    def note_acknowledged(self, delivery_id: str, now: Instant, role: str) -> None:
        """Note who acknowledged a correction or retraction first, and when."""
        self._connection.execute(
            "UPDATE deliveries SET acknowledged_at = ?, acknowledged_by = ?"
            " WHERE delivery_id = ? AND acknowledged_at IS NULL",
            (write_time(now), role, delivery_id),
        )

    def queue(self, receipt: Receipt) -> None:
        """Keep a signed receipt until it has gone back."""
        self._connection.execute("INSERT INTO receipts (content) VALUES (?)", (receipt.model_dump_json(),))

    def waiting(self, limit: int) -> list[tuple[int, Receipt]]:
        """Receipts that have not gone back, oldest first, with their positions."""
        rows = self._connection.execute(
            "SELECT position, content FROM receipts WHERE sent = 0 ORDER BY position LIMIT ?", (limit,)
        )
        return [(int(position), Receipt.model_validate_json(content)) for position, content in rows]

    def note_sent(self, positions: list[int]) -> None:
        """Note that these receipts have gone back."""
        self._connection.executemany("UPDATE receipts SET sent = 1 WHERE position = ?", [(p,) for p in positions])

    def note_checkpoint(self, note: str) -> None:
        """Keep the latest checkpoint that came with a delivery, to compare with other recipients'."""
        self._connection.execute(
            "INSERT INTO checkpoints (only_row, note) VALUES (1, ?)"
            " ON CONFLICT (only_row) DO UPDATE SET note = excluded.note",
            (note,),
        )

    def checkpoint(self) -> str:
        """The latest checkpoint that came with a delivery; empty before the first."""
        row = self._connection.execute("SELECT note FROM checkpoints").fetchone()
        return "" if row is None else str(row[0])

    def children(self) -> list[str]:
        """The recipient's pseudonym of every child it was told of, latest first.

        A name under which nothing stands any more, because the child is known under another, is not among them.
        """
        return [str(row[0]) for row in self._connection.execute(_CHILDREN)]

    def names(self) -> list[str]:
        """Every name under which the recipient was ever told of a child."""
        return [str(row[0]) for row in self._connection.execute("SELECT DISTINCT child FROM deliveries")]

    def deliveries(self, child: str) -> list[Kept]:
        """Everything kept about one child, oldest first, but what is known to be under another name of it now."""
        return self._kept(_ABOUT_CHILD, (child,))

    def taking_back(self) -> list[Kept]:
        """Everything kept that corrects, retracts or lessens what was told before, latest first."""
        return self._kept(_TAKING_BACK, ())

    def _kept(self, query: str, values: tuple[str, ...]) -> list[Kept]:
        return [
            Kept(_read(unseal(self._child_key(child), sealed, delivery_id)), *parts)
            for child, delivery_id, *parts, sealed in self._connection.execute(query, values).fetchall()
        ]

    def delivered(self) -> dict[str, str]:
        """Digest by delivery id, of everything kept; what reconciling compares."""
        return dict(self._connection.execute("SELECT delivery_id, digest FROM deliveries"))

    def replaced(self) -> dict[str, str]:
        """Of each delivery in whose place another stands, which that is: the highest revision of its report."""
        return dict(self._connection.execute(_REPLACED))

    def _child_key(self, child: str) -> bytes:
        known = self._child_keys.get(child)
        if known is not None:
            return known
        row = self._connection.execute("SELECT wrapped FROM child_keys WHERE child = ?", (child,)).fetchone()
        if row is None:
            key = secrets.token_bytes(32)
            self._connection.execute(
                "INSERT INTO child_keys (child, wrapped) VALUES (?, ?)", (child, seal(self._keys.sealing, key, child))
            )
        else:
            key = unseal(self._keys.sealing, row[0], child)
        if len(self._child_keys) >= KEYS_KEPT_OPEN:
            self._child_keys.clear()
        self._child_keys[child] = key
        return key
