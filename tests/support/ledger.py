"""A log with a key, records waiting for it, and a clock to set."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from broker.core.commitments import Opening, make_leaf, order_key
from broker.core.note import Ed25519Signer
from broker.ports.journal import PendingRecord
from contracts.words import RecordId

ORIGIN = "wrenshire.example/ledger"
MORNING = datetime(2026, 3, 6, 9, 14, tzinfo=UTC)


def a_signer(name: str = ORIGIN, seed: str = "the log") -> Ed25519Signer:
    return Ed25519Signer(name, sha256(seed.encode()).digest())


def a_record_id(number: int) -> RecordId:
    return RecordId(sha256(b"record %d" % number).hexdigest()[:32])


def openings(number: int) -> tuple[Opening, Opening]:
    """Give the disclosed and the internal part of record ``number``."""
    salts = [sha256(b"%s %d" % (part, number)).digest() for part in (b"disclosed", b"internal")]
    return Opening(salts[0], {"type": "delivery", "number": number}), Opening(salts[1], {"reasons": ["r", number]})


def a_pending(number: int, at: datetime = MORNING) -> PendingRecord:
    record_id = a_record_id(number)
    return PendingRecord(record_id, make_leaf(*openings(number), at=at), order_key(b"log secret", record_id))


class SetClock:
    """Tells the time it was set to."""

    def __init__(self, at: datetime = MORNING) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def pass_seconds(self, seconds: int) -> None:
        self.at += timedelta(seconds=seconds)


class WaitingRecords:
    """The journal as the sequencer sees it; can be cut off before it marks, as a crash would."""

    def __init__(self, count: int = 0) -> None:
        self.waiting: dict[RecordId, PendingRecord] = {}
        self.placed: dict[RecordId, int] = {}
        self.marks_fail = False
        self.add(range(count))

    def add(self, numbers: Sequence[int] | range) -> None:
        self.waiting.update((a_record_id(number), a_pending(number)) for number in numbers)

    def pending_records(self, limit: int) -> Sequence[PendingRecord]:
        return list(self.waiting.values())[:limit]

    def mark_sequenced(self, placed: Sequence[tuple[RecordId, int]]) -> None:
        if self.marks_fail:
            msg = "killed"
            raise ConnectionAbortedError(msg)
        for record_id, index in placed:
            self.waiting.pop(record_id, None)
            self.placed[record_id] = index
