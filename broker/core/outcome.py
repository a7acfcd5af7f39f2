"""What a use case changes: everything together or nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from broker.core.erasing import Erasure, Forgotten
from broker.core.facts import Fact
from broker.core.identity_acts import IdentityAct, IdentityChange
from broker.core.incidents import Incident, IncidentEnded
from broker.core.incomplete import incomplete
from broker.core.ladder import Escalation
from broker.core.marks import Lifted, Mark
from broker.core.reasking import Reask, Trigger
from contracts.question import Approval
from contracts.reply import Reply
from contracts.verdict import CandidateVerdict
from contracts.words import (
    AgencyId,
    Cause,
    ChildId,
    DeliveryId,
    Effect,
    EventId,
    Grade,
    ReceiptKind,
    RecipientId,
    RecordId,
    TaskId,
)

SHARE, CORRECTION, RETRACTION = "share", "correction", "retraction"
"""Kinds of delivery."""


class EventState(StrEnum):
    """What became of a submitted event."""

    ACCEPTED = "accepted"
    HELD = "held"
    QUARANTINED = "quarantined"
    ERASED = "erased"
    """Forgotten: its id alone is left, so that it does not come back."""


class RecordKind(StrEnum):
    """What a ledger record tells of."""

    DECISION = "decision"
    RELEASE = "release"
    RECEIPT = "receipt"
    READ = "read"
    TASK_OUTCOME = "task_outcome"
    APPROVAL = "approval"
    REQUEST = "request"
    CORRECTION = "correction"
    ERASURE = "erasure"
    POLICY_CHANGE = "policy_change"
    SUPERSEDED = "superseded"
    ESCALATION = "escalation"
    INCIDENT = "incident"
    HOLD = "hold"
    RESTRICTION = "restriction"
    IDENTITY = "identity"


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """One event as the journal keeps it. ``sealed`` is the content under the child's key.

    ``attributes``: the envelope as received (all keyed hashes or codes, nothing personal).
    ``child``: empty while the event is held undecided. ``held_reason``/``held_until``: for a held one.
    ``considered``: every candidate; ``not_considered``: relation and reason of each that was not. ``corrects`` and
    ``corrected_by``: the earlier report in whose place it stands, and the later one that stands in its own.
    """

    event_id: EventId
    event_type: str
    agency: AgencyId
    source: str
    sequence: int
    rawhash: str
    subject: str
    incident: str
    occurred_at: datetime
    received_at: datetime
    state: EventState
    grade: Grade
    level: int
    attributes: Mapping[str, str]
    signature: str
    sealed: bytes
    child: ChildId | None = None
    is_safeguarding: bool = True
    held_reason: str = ""
    held_until: datetime | None = None
    considered: tuple[RecipientId, ...] = ()
    not_considered: tuple[tuple[str, str], ...] = ()
    corrects: EventId | None = None
    corrected_by: EventId | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer for one recipient, and every reason behind it.

    ``asked_again``: empty, or why the same was asked anew. ``facts_version``: the child's version it read.
    """

    decision_id: str
    event_id: EventId
    recipient: RecipientId
    child: ChildId
    effect: Effect
    verdict: CandidateVerdict
    policy_digest: str
    facts_version: int
    decided_at: datetime
    asked_again: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """One ledger record: its frozen leaf, and what opens it, sealed.

    ``sealed`` holds both salts and both parts under the child's key (or the partnership key).
    ``order_key`` places it within its group, so that neighbours say nothing. ``about`` names what the
    record tells of: a decision, delivery or task id. ``recipient`` is empty where none is concerned.
    """

    record_id: RecordId
    kind: RecordKind
    about: str
    event_id: EventId | None
    child: ChildId | None
    recipient: RecipientId | None
    at: datetime
    leaf: bytes
    order_key: bytes
    sealed: bytes


@dataclass(frozen=True, slots=True)
class StagedDelivery:
    """A delivery waiting for its record to be under a signed checkpoint. ``sealed`` is the parcel's body.

    A notice (a correction or retraction) stands on an earlier delivery that left, not on a decision to share; its
    ``decision_id`` is that one's. ``cause``: why it is told anew; none for what is told for the first time.
    """

    delivery_id: DeliveryId
    revision: int
    kind: str
    event_id: EventId
    child: ChildId
    recipient: RecipientId
    decision_id: str
    record_id: RecordId
    digest: str
    sealed: bytes
    grade: Grade
    gives_location: bool
    receipt_due: datetime | None = None
    not_before: datetime | None = None
    cause: Cause | None = None

    @property
    def is_notice(self) -> bool:
        """Whether it corrects or retracts what was told, and so goes to whoever was told it, whatever is decided."""
        return self.kind != SHARE


@dataclass(frozen=True, slots=True)
class TaskQuestion:
    """One thing a person must decide. All open questions about a child stand in one task.

    ``owner``: the role that decides. ``code``: the ask code an approval would clear. ``scope``: the
    category kept back until then, or empty for the whole. ``deadline``: by when.
    """

    question_id: str
    child: ChildId | None
    code: str
    owner: str
    deadline: datetime
    grade: Grade
    event_id: EventId | None = None
    recipient: RecipientId | None = None
    scope: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TaskAnswer:
    """A person's answer to one question, with the reason they gave (sealed)."""

    question_id: str
    answered_by: str
    role: str
    granted: bool
    at: datetime
    sealed_reason: bytes


@dataclass(frozen=True, slots=True)
class Task:
    """All that waits for a person about one child (or about the partnership, without a child)."""

    task_id: TaskId
    child: ChildId | None
    questions: tuple[TaskQuestion, ...]

    @property
    def deadline(self) -> datetime:
        """The earliest deadline among its questions."""
        return min(q.deadline for q in self.questions)


@dataclass(frozen=True, slots=True)
class LastHeard:
    """When an agency's feed was last heard, and its numbering."""

    agency: AgencyId
    source: str
    at: datetime
    sequence: int = 0


@dataclass(frozen=True, slots=True)
class ReleasedDelivery:
    """That a delivery left for its recipient, under which checkpoint size, and the record that says so."""

    delivery_id: DeliveryId
    record_id: RecordId
    checkpoint_size: int
    at: datetime


@dataclass(frozen=True, slots=True)
class ReceivedReceipt:
    """A receipt whose signature by the recipient was verified. ``signed_at`` is the recipient's own time."""

    delivery_id: DeliveryId
    recipient: RecipientId
    kind: ReceiptKind
    digest: str
    role: str
    signed_at: datetime
    keyid: str
    signature: str
    record_id: RecordId
    at: datetime


@dataclass(frozen=True, slots=True)
class QuarantinedMessage:
    """A message that could not be read or trusted, kept sealed until a person has looked, at most 30 days.

    ``event_id`` is what the message claims to be, if it could be read. ``owner``: the role that must look.
    """

    quarantine_id: str
    channel: str
    event_id: EventId | None
    reason: str
    sealed: bytes
    owner: str
    deadline: datetime
    at: datetime


@dataclass(frozen=True, slots=True)
class Reaffirmed:
    """A decision that was asked again on newer facts, under the same policy, with the same answer: it still stands."""

    decision_id: str
    child: ChildId
    facts_version: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """Everything that one use case changes. The journal makes the whole of it durable, or none of it.

    ``asked``: the question as it was put, sealed under the child's key, kept so that a verdict can be replayed.
    ``superseded``: deliveries that must no longer be released; a record is about each. ``triggers``: what must be
    asked again because of this change; ``reasked``: how far that has come. ``corrected``: each report that another
    now stands in place of, and that other. ``unlearned``: by child, the report whose facts are known no longer; that is
    done before ``facts`` are taken in. ``closed``: questions that need no answer any more; a record is about each.
    ``identity_acts``: which records mean one child from now on, or no longer do. ``forgotten`` is emptied before
    anything else is written; ``erasures``: how far each has come.
    """

    event: StoredEvent | None = None
    decisions: tuple[Decision, ...] = ()
    records: tuple[Record, ...] = ()
    deliveries: tuple[StagedDelivery, ...] = ()
    questions: tuple[TaskQuestion, ...] = ()
    answers: tuple[TaskAnswer, ...] = ()
    approvals: tuple[tuple[EventId, Approval], ...] = ()
    facts: tuple[Fact, ...] = ()
    identity: IdentityChange | None = None
    replies: tuple[Reply, ...] = ()
    heard: LastHeard | None = None
    asked: bytes = b""
    released: tuple[ReleasedDelivery, ...] = ()
    received: tuple[ReceivedReceipt, ...] = ()
    superseded: tuple[DeliveryId, ...] = ()
    quarantined: tuple[QuarantinedMessage, ...] = ()
    escalated: tuple[Escalation, ...] = ()
    reaffirmed: tuple[Reaffirmed, ...] = ()
    triggers: tuple[Trigger, ...] = ()
    reasked: tuple[Reask, ...] = ()
    corrected: tuple[tuple[EventId, EventId], ...] = ()
    unlearned: tuple[tuple[ChildId, EventId], ...] = ()
    incidents: tuple[Incident, ...] = ()
    ended: tuple[IncidentEnded, ...] = ()
    closed: tuple[str, ...] = ()
    marks: tuple[Mark, ...] = ()
    lifted: tuple[Lifted, ...] = ()
    identity_acts: tuple[IdentityAct, ...] = ()
    forgotten: Forgotten | None = None
    erasures: tuple[Erasure, ...] = ()

    def check_complete(self) -> None:
        """Refuse what must never be stored alone.

        Raises:
            IncompleteOutcomeError: a decision or notice lacks its record, a delivery its decision to share, a
                candidate considered its decision, or a release, receipt or any other step its record.
        """
        about = {record.about for record in self.records}
        shares = {d.decision_id for d in self.decisions if d.effect is Effect.SHARE}
        for decision in self.decisions:
            if decision.decision_id not in about:
                raise incomplete(code="outcome.decision_without_record", about=decision.decision_id)
        for delivery in self.deliveries:
            if delivery.is_notice and delivery.delivery_id not in about:
                raise incomplete(code="outcome.notice_without_record", about=delivery.delivery_id)
            if not delivery.is_notice and delivery.decision_id not in shares:
                raise incomplete(code="outcome.delivery_without_decision", about=delivery.delivery_id)
        self._check_every_candidate_decided()
        steps = {s.record_id for s in self.released} | {s.record_id for s in self.received}
        steps |= (
            {s.record_id for s in self.escalated}
            | {s.record_id for s in self.incidents}
            | {s.record_id for s in self.ended}
            | {s.record_id for s in self.marks}
            | {s.record_id for s in self.lifted}
            | {s.record_id for s in self.identity_acts}
            | {s.record_id for s in self.erasures}
        )
        gone = {*self.superseded, *self.closed}
        if steps - {record.record_id for record in self.records} or gone - about:
            raise incomplete(code="outcome.step_without_record", about="")

    def _check_every_candidate_decided(self) -> None:
        if self.event is None or self.event.state is not EventState.ACCEPTED:
            return
        if set(self.event.considered) - {d.recipient for d in self.decisions}:
            raise incomplete(code="outcome.event_without_decision", about=self.event.event_id)
