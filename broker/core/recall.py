"""Telling a recipient anew about what it was told: a correction or a retraction of one earlier delivery."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from broker.core.outcome import CORRECTION, RETRACTION, Record, RecordKind, StagedDelivery
from broker.core.records import RecordWriter
from broker.core.sealing import Sealer
from broker.core.settle import about_delivery, delivery_name, revision_after
from contracts.canonical import digest
from contracts.delivery import Delivery, Value
from contracts.words import Cause, ChildId, DeliveryId, Grade, RecipientId

PRESSING = frozenset({Cause.ADDRESS_RECALLED, Cause.DIFFERENT_CHILD, Cause.NO_LONGER_LAWFUL, Cause.ERASED})
"""Causes that are urgent whatever the event was: somebody holds what they must not use."""


@dataclass(frozen=True, slots=True)
class Told:
    """The last delivery about one event that left for one recipient, opened. ``revision``: the highest yet made."""

    staged: StagedDelivery
    delivery: Delivery
    revision: int


@dataclass(frozen=True, slots=True)
class Recall:
    """Why something is told anew, and what applies instead.

    ``why``: a sentence for the record. ``applies``: of a correction, the values that apply now, of those that the
    recipient was given; none makes it a retraction. ``event_id`` names the event that the chain of deliveries is about.
    """

    cause: Cause
    now: datetime
    why: str = ""
    applies: Sequence[Value] | None = None


@dataclass(frozen=True, slots=True)
class RecallTools:
    """What recalling needs from outside. ``due``: clock code, hours and start give the deadline."""

    sealer: Sealer = field(repr=False)
    writer: RecordWriter = field(repr=False)
    secret: Callable[[str], bytes] = field(repr=False)
    due: Callable[[str, int, datetime], datetime]


def recall(told: Told, because: Recall, tools: RecallTools) -> tuple[StagedDelivery, Record]:
    """The notice that tells one recipient, and its record. It gives nothing that was not given before.

    The notice is the next revision of the chain, bears the bases of what it revises, and is due at the clock of its
    event, or at that of red where the cause is pressing. It must be acknowledged by a named role.
    """
    earlier = told.staged
    revision = revision_after(told.revision, because.now)
    secret = tools.secret(f"delivery:{earlier.recipient}")
    grade = Grade.RED if because.cause in PRESSING else earlier.grade
    kind = RETRACTION if because.applies is None else CORRECTION
    delivery = told.delivery.model_copy(
        update={
            "delivery_id": delivery_name(secret, earlier.event_id, revision),
            "revision": revision,
            "kind": kind,
            "cause": because.cause,
            "revises": earlier.delivery_id,
            "decided_at": because.now.replace(microsecond=0),
            "asked_again": "",
            "obligations": (),
            "values": tuple(because.applies or ()),
            "notices": (),
        }
    )
    body = delivery.body()
    delivery_id = DeliveryId(delivery.delivery_id)
    record = _record(told, delivery, digest(body), because, tools)
    staged = StagedDelivery(
        delivery_id=delivery_id,
        revision=delivery.revision,
        kind=kind,
        event_id=earlier.event_id,
        child=earlier.child,
        recipient=earlier.recipient,
        decision_id=earlier.decision_id,
        record_id=record.record_id,
        digest=digest(body),
        sealed=tools.sealer.seal(body, about=about_delivery(delivery_id)),
        grade=grade,
        gives_location=earlier.gives_location and because.applies is not None,
        receipt_due=tools.due(grade.value, 0, because.now),
        cause=because.cause,
    )
    return staged, record


def superseded(delivery: StagedDelivery, why: str, writer: RecordWriter) -> Record:
    """The record of a delivery that had not left yet and must not leave any more."""
    return writer.write(
        RecordKind.CORRECTION,
        about=delivery.delivery_id,
        event_id=delivery.event_id,
        child=delivery.child,
        disclosed={},
        internal={"superseded": delivery.delivery_id, "why": why},
    )


def _record(told: Told, delivery: Delivery, body_digest: str, because: Recall, tools: RecallTools) -> Record:
    return tools.writer.write(
        RecordKind.CORRECTION,
        about=delivery.delivery_id,
        event_id=told.staged.event_id,
        child=ChildId(told.staged.child),
        recipient=RecipientId(delivery.recipient),
        disclosed={
            "recipient": delivery.recipient,
            "delivery": delivery.delivery_id,
            "revises": delivery.revises,
            "digest": body_digest,
            "notice": delivery.kind,
            "cause": because.cause.value,
            "event_type": delivery.event_type,
            "purpose": delivery.purpose.value,
            "duty": delivery.duty.value,
            "basis": delivery.basis.model_dump(mode="json"),
            "categories": [list(cell) for cell in sorted({(v.category, v.about, v.form) for v in delivery.values})],
        },
        internal={"event": told.staged.event_id, "child": told.staged.child, "why": because.why},
    )
