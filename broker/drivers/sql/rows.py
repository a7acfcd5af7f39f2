"""Between the core's values and plain columns."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from broker.core.facts import Fact, FactKind
from broker.core.outcome import (
    Decision,
    EventState,
    LastHeard,
    QuarantinedMessage,
    Record,
    RecordKind,
    StagedDelivery,
    StoredEvent,
    TaskQuestion,
)
from broker.drivers.sql.prepared import AnyRow
from contracts.canonical import canonical_fields
from contracts.lean import lean_reader
from contracts.verdict import CandidateVerdict
from contracts.words import AgencyId, Cause, ChildId, DeliveryId, Effect, EventId, Grade, RecipientId, RecordId

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICRO: Final = timedelta(microseconds=1)
GRADES: Final = tuple(Grade)
_read_verdict: Final = lean_reader(CandidateVerdict)
URGENCY: Final = {grade: place for place, grade in enumerate(GRADES)}

Columns = dict[str, Any]


def micros(moment: datetime) -> int:
    """An instant as whole microseconds since 1970, UTC."""
    return (moment - _EPOCH) // _MICRO


def micros_or_none(moment: datetime | None) -> int | None:
    """The same, where there may be none."""
    return None if moment is None else micros(moment)


def instant(value: int) -> datetime:
    """The instant back."""
    return _EPOCH + timedelta(microseconds=value)


def instant_or_none(value: int | None) -> datetime | None:
    """The same, where there may be none."""
    return None if value is None else instant(value)


def event_columns(event: StoredEvent) -> Columns:
    """An event's row."""
    return {
        "event_id": event.event_id,
        "event_type": event.event_type,
        "agency": event.agency,
        "source": event.source,
        "sequence": event.sequence,
        "rawhash": event.rawhash,
        "subject": event.subject,
        "incident": event.incident,
        "occurred_at": micros(event.occurred_at),
        "received_at": micros(event.received_at),
        "state": event.state.value,
        "urgency": URGENCY[event.grade],
        "level": event.level,
        "attributes": json.dumps(dict(event.attributes)),
        "signature": event.signature,
        "child": event.child,
        "is_safeguarding": int(event.is_safeguarding),
        "held_reason": event.held_reason,
        "held_until": micros_or_none(event.held_until),
        "considered": json.dumps(event.considered),
        "not_considered": json.dumps(event.not_considered),
        "corrects": event.corrects,
        "corrected_by": event.corrected_by,
        "sealed": event.sealed,
    }


def event_from(row: AnyRow) -> StoredEvent:
    """The event back."""
    return StoredEvent(
        event_id=EventId(row.event_id),
        event_type=row.event_type,
        agency=AgencyId(row.agency),
        source=row.source,
        sequence=row.sequence,
        rawhash=row.rawhash,
        subject=row.subject,
        incident=row.incident,
        occurred_at=instant(row.occurred_at),
        received_at=instant(row.received_at),
        state=EventState(row.state),
        grade=GRADES[row.urgency],
        level=row.level,
        attributes=json.loads(row.attributes),
        signature=row.signature,
        sealed=row.sealed,
        child=row.child,
        is_safeguarding=bool(row.is_safeguarding),
        held_reason=row.held_reason,
        held_until=instant_or_none(row.held_until),
        considered=tuple(json.loads(row.considered)),
        not_considered=tuple((relation, reason) for relation, reason in json.loads(row.not_considered)),
        corrects=row.corrects,
        corrected_by=row.corrected_by,
    )


def decision_columns(decision: Decision, *, stands_at: int, asked_id: str) -> Columns:
    """A decision's row."""
    return {
        "decision_id": decision.decision_id,
        "event_id": decision.event_id,
        "recipient": decision.recipient,
        "child": decision.child,
        "effect": decision.effect.value,
        "verdict": canonical_fields(decision.verdict).decode(),
        "policy_digest": decision.policy_digest,
        "facts_version": decision.facts_version,
        "stands_at": stands_at,
        "decided_at": micros(decision.decided_at),
        "asked_again": decision.asked_again,
        "asked_id": asked_id,
    }


def decision_from(row: AnyRow) -> Decision:
    """The decision back."""
    return Decision(
        decision_id=row.decision_id,
        event_id=EventId(row.event_id),
        recipient=RecipientId(row.recipient),
        child=ChildId(row.child),
        effect=Effect(row.effect),
        verdict=_read_verdict(row.verdict),
        policy_digest=row.policy_digest,
        facts_version=row.facts_version,
        decided_at=instant(row.decided_at),
        asked_again=row.asked_again,
    )


def record_columns(record: Record) -> Columns:
    """A record's row, not yet a leaf."""
    return {
        "record_id": record.record_id,
        "kind": record.kind.value,
        "about": record.about,
        "event_id": record.event_id,
        "child": record.child,
        "recipient": record.recipient,
        "at": micros(record.at),
        "leaf": record.leaf,
        "order_key": record.order_key,
        "leaf_index": None,
        "sealed": record.sealed,
    }


def record_from(row: AnyRow) -> tuple[Record, int | None]:
    """The record back, and its leaf index."""
    record = Record(
        record_id=RecordId(row.record_id),
        kind=RecordKind(row.kind),
        about=row.about,
        event_id=row.event_id,
        child=row.child,
        recipient=row.recipient,
        at=instant(row.at),
        leaf=row.leaf,
        order_key=row.order_key,
        sealed=row.sealed,
    )
    return record, row.leaf_index


def delivery_columns(delivery: StagedDelivery) -> Columns:
    """A delivery's row, not yet released."""
    return {
        "delivery_id": delivery.delivery_id,
        "revision": delivery.revision,
        "kind": delivery.kind,
        "event_id": delivery.event_id,
        "child": delivery.child,
        "recipient": delivery.recipient,
        "decision_id": delivery.decision_id,
        "record_id": delivery.record_id,
        "digest": delivery.digest,
        "urgency": URGENCY[delivery.grade],
        "gives_location": int(delivery.gives_location),
        "receipt_due": micros_or_none(delivery.receipt_due),
        "not_before": micros_or_none(delivery.not_before),
        "cause": delivery.cause,
        "sealed": delivery.sealed,
    }


def delivery_from(row: AnyRow) -> StagedDelivery:
    """The delivery back."""
    return StagedDelivery(
        delivery_id=DeliveryId(row.delivery_id),
        revision=row.revision,
        kind=row.kind,
        event_id=EventId(row.event_id),
        child=ChildId(row.child),
        recipient=RecipientId(row.recipient),
        decision_id=row.decision_id,
        record_id=RecordId(row.record_id),
        digest=row.digest,
        sealed=row.sealed,
        grade=GRADES[row.urgency],
        gives_location=bool(row.gives_location),
        receipt_due=instant_or_none(row.receipt_due),
        not_before=instant_or_none(row.not_before),
        cause=None if row.cause is None else Cause(row.cause),
    )


def question_columns(question: TaskQuestion) -> Columns:
    """A question's row, not yet answered."""
    return {
        "question_id": question.question_id,
        "child": question.child,
        "code": question.code,
        "owner": question.owner,
        "deadline": micros(question.deadline),
        "urgency": URGENCY[question.grade],
        "event_id": question.event_id,
        "recipient": question.recipient,
        "scope": question.scope,
        "detail": json.dumps(dict(question.detail)),
        "answered": 0,
    }


def question_from(row: AnyRow) -> TaskQuestion:
    """The question back."""
    return TaskQuestion(
        question_id=row.question_id,
        child=row.child,
        code=row.code,
        owner=row.owner,
        deadline=instant(row.deadline),
        grade=GRADES[row.urgency],
        event_id=row.event_id,
        recipient=row.recipient,
        scope=row.scope,
        detail=json.loads(row.detail),
    )


def fact_columns(fact: Fact, *, version: int) -> Columns:
    """A fact's row."""
    return {
        "child": fact.child,
        "kind": fact.kind.value,
        "key": fact.key,
        "value": fact.value,
        "as_at": micros(fact.as_at),
        "source_event": fact.source_event,
        "agency": fact.agency,
        "since": micros_or_none(fact.since),
        "until": micros_or_none(fact.until),
        "version": version,
        "sealed": fact.sealed,
    }


def fact_from(row: AnyRow) -> Fact:
    """The fact back."""
    return Fact(
        child=ChildId(row.child),
        kind=FactKind(row.kind),
        key=row.key,
        value=row.value,
        as_at=instant(row.as_at),
        source_event=EventId(row.source_event),
        agency=AgencyId(row.agency),
        since=instant_or_none(row.since),
        until=instant_or_none(row.until),
        sealed=row.sealed,
        version=row.version,
    )


def heard_from(row: AnyRow) -> LastHeard:
    """When a feed was last heard."""
    return LastHeard(AgencyId(row.agency), row.source, instant(row.at), row.sequence)


def quarantined_from(row: AnyRow) -> QuarantinedMessage:
    """The message in quarantine back."""
    return QuarantinedMessage(
        quarantine_id=row.quarantine_id,
        channel=row.channel,
        event_id=row.event_id,
        reason=row.reason,
        sealed=row.sealed,
        owner=row.owner,
        deadline=instant(row.deadline),
        at=instant(row.at),
    )
