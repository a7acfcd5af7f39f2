"""The journal: the one way in which a use case changes the world, and what it reads before it does."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from broker.core.beside import Named
from broker.core.erasing import Erasure
from broker.core.facts import Fact, KnownChild
from broker.core.identity_acts import IdentityAct
from broker.core.incidents import Incident
from broker.core.ladder import Escalation, OverdueKind
from broker.core.marks import Mark
from broker.core.outcome import (
    Decision,
    EventState,
    LastHeard,
    Outcome,
    QuarantinedMessage,
    ReceivedReceipt,
    Record,
    StagedDelivery,
    StoredEvent,
    Task,
    TaskQuestion,
)
from broker.core.reasking import Reask
from broker.ports.writes import writes
from contracts.question import Approval, HistoryCount
from contracts.reply import Reply
from contracts.words import ChildId, DeliveryId, EventId, Grade, RecipientId, RecordId


@dataclass(frozen=True, slots=True)
class PendingRecord:
    """A record that is not yet a leaf."""

    record_id: RecordId
    leaf: bytes
    order_key: bytes


@dataclass(frozen=True, slots=True)
class DeliveryStatus:
    """How far one delivery has come. A superseded one is never released: its decision no longer stands.

    ``is_anew``: its decision was asked again.
    """

    delivery: StagedDelivery
    leaf_index: int | None
    released_at: datetime | None
    delivered_at: datetime | None
    opened_at: datetime | None
    is_superseded: bool = False
    release_record: RecordId | None = None
    acknowledged_at: datetime | None = None
    is_anew: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """What a delivery's decision stands on, and what has become of it.

    ``stands_at``: the child's fact version that the decision's own commit left; ``facts_now`` the present one.
    """

    policy_digest: str
    stands_at: int
    facts_now: int
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class Overdue:
    """Something that waits past its time and whose next step is due.

    ``about``: the question's or delivery's id. ``owner``: whose turn it was first; ``taken``: how many steps were taken
    since. ``code``: the question's.
    """

    kind: OverdueKind
    about: str
    due: datetime
    grade: Grade
    child: ChildId | None
    event_id: EventId | None
    recipient: RecipientId | None
    owner: str
    code: str = ""
    taken: int = 0


@dataclass(frozen=True, slots=True)
class PastEvent:
    """An accepted event that may be asked about again. ``position``: in order of acceptance."""

    position: int
    event_id: EventId


@dataclass(frozen=True, slots=True)
class ChildSummary:
    """One child in a list: no name, only what is needed to open and sort."""

    known: KnownChild
    events: int
    last_event_at: datetime | None
    open_questions: int


class Journal(Protocol):
    """Stores events, decisions, records, deliveries, tasks and facts; changes only through ``commit``.

    Everything is kept under an identity record; whatever is read about a child is that of all records that mean it.
    """

    @property
    def lets_beside(self) -> bool:
        """Whether transactions that name nothing in common can run beside one another; else one runs at a time."""
        ...

    def transaction(self, named: Named | None = None) -> AbstractContextManager[None]:
        """Take the write lock (which is the identity lock) and make all commits inside durable at its end.

        An error inside leaves no trace of any of them. Not re-entrant. Reads inside see what was committed inside.

        ``named``: what the reports name that are taken in inside. Where the journal lets them, others that name nothing
        in common run beside it; one without runs alone.

        Raises:
            BeyondError: inside, where something is read or committed that goes beyond what was named.
        """
        ...

    @writes
    def commit(self, outcome: Outcome) -> None:
        """Make the whole outcome durable, or raise and leave no trace; inside a transaction, at its end.

        Raises:
            IncompleteOutcomeError: a decision lacks its record, or a delivery its decision to share.
            StaleFactsError: the child's facts changed since a decision read them; ask again.
        """
        ...

    @writes
    def mark_sequenced(self, placed: Sequence[tuple[RecordId, int]]) -> None:
        """Note at which leaf index each record stands. Idempotent."""
        ...

    @writes
    def mark_replied(self, replies: Sequence[int]) -> None:
        """Note that these replies were handed to their agencies."""
        ...

    def pending_records(self, limit: int) -> Sequence[PendingRecord]:
        """Records without a leaf, found by presence, oldest first."""
        ...

    def releasable(
        self, *, below: int, now: datetime, limit: int, without: Collection[RecipientId] = ()
    ) -> Sequence[StagedDelivery]:
        """Deliveries not yet released whose record's leaf index is below ``below``, reds first.

        A share about a child of whom something is to be asked again at ``now`` is left until that is done: it might not
        be lawful any more; so is a correction, which may hold what must be kept back now. None of the two is given
        while a backup was just put in. What takes back is not left.

        ``without``: recipients who cannot be reached at present.
        """
        ...

    def standing(self, deliveries: Sequence[DeliveryId]) -> Mapping[DeliveryId, Standing]:
        """What each delivery's decision stood on, and what the child's facts are now."""
        ...

    def deliveries(
        self, *, child: ChildId | None = None, event: EventId | None = None, recipient: RecipientId | None = None
    ) -> Sequence[DeliveryStatus]:
        """Deliveries with how far each has come, oldest first."""
        ...

    def delivery(self, delivery_id: DeliveryId) -> DeliveryStatus | None:
        """One delivery, or none."""
        ...

    def event(self, event_id: EventId) -> StoredEvent | None:
        """One event, accepted or held, or none."""
        ...

    def correction_of(self, event_id: EventId) -> EventId | None:
        """The accepted report that says it stands in place of this one, whether or not this one has come."""
        ...

    def events(self, *, child: ChildId | None = None, state: EventState | None = None) -> Sequence[StoredEvent]:
        """Events by child and state, in order of acceptance."""
        ...

    def held_due(self, now: datetime, limit: int) -> Sequence[StoredEvent]:
        """Held events, reds first, that may be tried again at ``now``."""
        ...

    def held_for(self, reason: str, limit: int, *, event_type: str = "") -> Sequence[StoredEvent]:
        """Events held for one reason, due or not, of one type or of any; reds first, those tried longest ago first."""
        ...

    def questions_about(self, event_id: EventId) -> Sequence[TaskQuestion]:
        """What waits for a person about an event of which no child is known yet."""
        ...

    def open_incidents(self) -> Sequence[Incident]:
        """Incidents that are not over, oldest first."""
        ...

    def incidents(self) -> Sequence[Incident]:
        """Every incident, oldest first."""
        ...

    def known_child(self, child: ChildId) -> KnownChild | None:
        """What is known of one child; the demographics come sealed."""
        ...

    def children(self) -> Iterator[ChildSummary]:
        """Every child with a safeguarding event, latest event first."""
        ...

    def history(self, child: ChildId, since: datetime) -> Sequence[HistoryCount]:
        """Counts of accepted events about the child by type, kind of agency, grade and week."""
        ...

    def approvals(self, event_id: EventId) -> Sequence[Approval]:
        """What people have decided about one event."""
        ...

    def decisions(self, event_id: EventId) -> Sequence[Decision]:
        """Every decision about one event, oldest first."""
        ...

    def asked(self, decision_id: str) -> bytes | None:
        """The question that a decision answered, sealed under the child's key, for replay."""
        ...

    def records(
        self, *, child: ChildId | None = None, event: EventId | None = None
    ) -> Sequence[tuple[Record, int | None]]:
        """Records with their leaf index (none while not sequenced)."""
        ...

    def record(self, record_id: RecordId) -> tuple[Record, int | None] | None:
        """One record with its leaf index."""
        ...

    def tasks(self, *, owner: str | None = None) -> Sequence[Task]:
        """Open tasks, by time left."""
        ...

    def open_questions(self, child: ChildId | None) -> Sequence[TaskQuestion]:
        """What waits for a person about one child, or, without one, about the partnership."""
        ...

    def linked_children(self, links: Sequence[tuple[str, str]]) -> Mapping[tuple[str, str], ChildId]:
        """For each (kind, keyed hash) that is known, the identity record it means."""
        ...

    def facts_without(self, child: ChildId, event: EventId) -> Sequence[Fact]:
        """What would be known of a child, all its records together, had a report about it taught nothing."""
        ...

    def last_report(self, child: ChildId) -> datetime | None:
        """When a safeguarding event about a child was received last; none before the first."""
        ...

    def identity_acts(self, child: ChildId) -> Sequence[IdentityAct]:
        """What was done about who a child is, its records joined and parted, oldest first."""
        ...

    def namesakes(
        self, surname_hash: str, forename_hash: str, *, among: Sequence[ChildId] = ()
    ) -> Sequence[tuple[ChildId, bytes]]:
        """Identity records with either keyed name, and those ``among`` whatever their names: sealed demographics."""
        ...

    def feeds(self) -> Sequence[LastHeard]:
        """When each agency's feed was last heard."""
        ...

    def sequence_gaps(self) -> Sequence[tuple[str, int, int]]:
        """(source, first missing, last missing) for every gap in a source's numbers."""
        ...

    def numbers_missing(self, source: str, up_to: int) -> Sequence[tuple[int, int]]:
        """(first missing, last missing) for every gap in one source's numbers from 1 to ``up_to``."""
        ...

    def pending_replies(self, limit: int) -> Sequence[tuple[int, Reply]]:
        """Replies not yet handed over."""
        ...

    def overdue(self, now: datetime, limit: int) -> Sequence[Overdue]:
        """Open questions past their deadline and deliveries not opened in time, whose next step is due; reds first."""
        ...

    def reasks_due(self, now: datetime, limit: int) -> Sequence[Reask]:
        """What is to be asked again now and is not finished, most pressing first."""
        ...

    def reasks_waiting(self) -> Sequence[Reask]:
        """Everything that is not finished, due or not, most pressing first."""
        ...

    def reasks_of(self, child: ChildId, now: datetime) -> Sequence[Reask]:
        """What is due and not finished about one child, oldest first."""
        ...

    def last_epoch(self) -> str:
        """The name of the policy about whose coming into force everybody was last asked again; empty before any."""
        ...

    def past_events(self, *, child: ChildId | None, since: datetime, after: int, limit: int) -> Sequence[PastEvent]:
        """Accepted events with content about a child, or about any, that occurred from ``since`` on, but requests.

        In order of acceptance, those after position ``after``, at most ``limit``. A report that was corrected is one
        of them as long as somebody holds something of it.
        """
        ...

    def marks(self, child: ChildId | None = None) -> Sequence[Mark]:
        """Holds and restrictions that stand, upon one child's record or upon any, oldest first."""
        ...

    def erasures(self) -> Sequence[Erasure]:
        """Every erasure that was ever proposed, oldest first."""
        ...

    def can_forget(self) -> bool:
        """Whether nobody reads the store now, so that what is deleted can be cleared away; waits a while for them."""
        ...

    @writes
    def compact(self) -> None:
        """Rewrite what is kept so that nothing deleted is left in any file.

        Raises:
            StoreError: somebody reads the store (code ``store.not_erased``), or there is no room for a second copy.
        """
        ...

    def receipts(self, delivery_id: DeliveryId) -> Sequence[ReceivedReceipt]:
        """The verified receipts of one delivery."""
        ...

    def quarantined(self) -> Sequence[QuarantinedMessage]:
        """Messages in quarantine, by deadline."""
        ...

    def escalations(self) -> Sequence[Escalation]:
        """What was passed on because it was overdue, oldest first."""
        ...

    def held_by(self, recipient: RecipientId, before: datetime) -> Sequence[EventId]:
        """The events of which a recipient holds what left for it up to ``before``, in order of acceptance.

        None that was retracted or erased, and none of which anything left for it later, or is about to.
        """
        ...

    def to_send_again(self, now: datetime) -> Mapping[DeliveryId, int]:
        """Deliveries that have left and not arrived in time, and how many steps were taken about each.

        None in whose place a later one stands, and nothing but what takes back about a child of whom something is to be
        asked again at ``now``.
        """
        ...

    def counts(self) -> Mapping[str, int]:
        """Figures for reconciling: rows by table and state."""
        ...
