"""Everything the journal holds, told plainly, so that it can be compared with the ledger and with recipients."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from broker.core.outcome import SHARE, EventState, QuarantinedMessage, Record, Task
from broker.ports.journal import Overdue
from contracts.words import Cause, DeliveryId, Effect, EventId, ReceiptKind, RecipientId, RecordId


@dataclass(frozen=True, slots=True)
class DecisionAccount:
    """One decision, without its reasons."""

    decision_id: str
    event_id: EventId
    recipient: RecipientId
    effect: Effect


@dataclass(frozen=True, slots=True)
class DeliveryAccount:
    """One delivery, without its body. ``release_record`` and ``superseded_by`` name the records that say so."""

    delivery_id: DeliveryId
    event_id: EventId
    recipient: RecipientId
    revision: int
    kind: str
    decision_id: str
    record_id: RecordId
    digest: str
    released_at: datetime | None
    release_record: RecordId | None
    checkpoint_size: int | None
    superseded_by: RecordId | None
    cause: Cause | None
    receipts: Mapping[ReceiptKind, tuple[str, RecordId]]

    @property
    def is_notice(self) -> bool:
        """Whether it corrects or retracts what left earlier, and so stands on its own record."""
        return self.kind != SHARE


@dataclass(frozen=True, slots=True)
class RecordAccount:
    """One record with its leaf index, none while it is not sequenced."""

    record: Record
    leaf_index: int | None


@dataclass(frozen=True, slots=True)
class EventAccount:
    """One event with everything that names it. ``state`` is none for what names an event that is not stored."""

    event_id: EventId
    state: EventState | None
    held_reason: str
    held_until: datetime | None
    considered: tuple[RecipientId, ...]
    decisions: tuple[DecisionAccount, ...]
    deliveries: tuple[DeliveryAccount, ...]
    records: tuple[RecordAccount, ...]


class Accounts(Protocol):
    """Reads that compare everything; they go through the whole journal, a page at a time."""

    def event_accounts(self) -> Iterator[EventAccount]:
        """Every event in order of acceptance, then every event that only decisions, deliveries or records name."""
        ...

    def placed_records(self, start: int, end: int) -> Sequence[tuple[int, RecordId, bytes]]:
        """(leaf index, record id, leaf) of every record whose leaf index lies from ``start`` up to ``end``."""
        ...

    def record(self, record_id: RecordId) -> tuple[Record, int | None] | None:
        """One record with its leaf index."""
        ...

    def records_pending(self) -> int:
        """How many records are not yet leaves."""
        ...

    def quarantined(self) -> Sequence[QuarantinedMessage]:
        """Messages in quarantine, by deadline."""
        ...

    def tasks(self) -> Sequence[Task]:
        """Open tasks, by time left."""
        ...

    def overdue(self, now: datetime, limit: int) -> Sequence[Overdue]:
        """What waits past its time and whose next step is due, reds first: questions, deliveries, receipts."""
        ...

    def sequence_gaps(self) -> Sequence[tuple[str, int, int]]:
        """(source, first missing, last missing) for every gap in a source's numbers."""
        ...

    def open_matters(self) -> frozenset[tuple[str, EventId | None]]:
        """(code, event, if it is about one) of every question that waits for a person, and of every open incident."""
        ...
