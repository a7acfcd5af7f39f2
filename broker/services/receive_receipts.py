"""Take in receipts: each is checked before it becomes a record, for one that nobody else signed proves nothing."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from broker.core.erasing import FORGOTTEN
from broker.core.outcome import Outcome, ReceivedReceipt, Record, RecordKind, ReleasedDelivery, StagedDelivery
from broker.core.records import RecordWriter
from broker.ports.agency_keys import AgencyKeys
from broker.ports.clock import Clock
from broker.ports.ids import Ids
from broker.ports.journal import DeliveryStatus, Journal
from broker.ports.keys import Keys
from broker.ports.transport import Outbox
from broker.services.release import release_writer
from contracts.errors import SignatureError
from contracts.receipt import Receipt
from contracts.words import DeliveryId, ReceiptKind, RecipientId

UNKNOWN_DELIVERY = "receipt.unknown_delivery"
OTHER_RECIPIENT = "receipt.other_recipient"
OTHER_DIGEST = "receipt.other_digest"
UNKNOWN_KEY = "receipt.unknown_key"
BAD_SIGNATURE = "receipt.bad_signature"

FOUND_BY_RECEIPT = 0
"""The checkpoint size of a release that was noted only when its receipt came."""


@dataclass(frozen=True, slots=True)
class ReceiptServices:
    """What taking in receipts needs. ``registered`` knows the recipients' public keys."""

    journal: Journal
    keys: Keys
    registered: AgencyKeys
    clock: Clock
    ids: Ids


@dataclass(frozen=True, slots=True)
class RefusedReceipt:
    """A receipt that is no proof: alarm, for somebody's key, digest or claim is wrong."""

    recipient: str
    delivery_id: str
    code: str


@dataclass(frozen=True, slots=True)
class ReceiptsTaken:
    """What one turn did. ``repeated`` were recorded before, or are for what was erased since and so prove nothing."""

    recorded: tuple[DeliveryId, ...]
    repeated: int
    refused: tuple[RefusedReceipt, ...]


def receive_receipts(services: ReceiptServices, outbox: Outbox, *, limit: int = 500) -> ReceiptsTaken:
    """Check up to ``limit`` receipts and record those that hold; each is let go of once that is durable.

    What is proved of a recorded receipt: (1) the delivery was made by this exchange; (2) for the recipient that
    signs; (3) the digest is that of the exact bytes staged; (4) the key is registered for that recipient, and valid
    now and when it signed; (5) it signed this receipt. A receipt for a delivery whose release was not noted (the
    exchange stopped between sending and noting) proves that it left: both are recorded together.
    """
    waiting = outbox.receipts(limit)
    if not waiting:
        return ReceiptsTaken((), 0, ())
    fresh: dict[tuple[DeliveryId, ReceiptKind], Outcome] = {}
    left: set[DeliveryId] = set()
    refused: list[RefusedReceipt] = []
    repeated = 0
    with services.journal.transaction():
        now = services.clock.now()
        for _, receipt in waiting:
            status = services.journal.delivery(DeliveryId(receipt.delivery_id))
            if status is not None and status.delivery.digest == FORGOTTEN:
                repeated += 1
                continue
            code = _wrong(receipt, status, services.registered, now)
            if code or status is None:
                refused.append(RefusedReceipt(receipt.recipient, receipt.delivery_id, code))
            elif _is_known(receipt, status) or (status.delivery.delivery_id, receipt.kind) in fresh:
                repeated += 1
            else:
                delivery_id = status.delivery.delivery_id
                has_left = status.released_at is not None or delivery_id in left
                fresh[delivery_id, receipt.kind] = _outcome(services, receipt, status, now, has_left=has_left)
                left.add(delivery_id)
        services.journal.commit(_all_of(fresh.values()))
    outbox.acknowledge_receipts([position for position, _ in waiting])
    return ReceiptsTaken(tuple(delivery_id for delivery_id, _ in fresh), repeated, tuple(refused))


def _wrong(receipt: Receipt, status: DeliveryStatus | None, registered: AgencyKeys, now: datetime) -> str:
    """The code of what is wrong with a receipt, or nothing."""
    if status is None:  # (1)
        return UNKNOWN_DELIVERY
    if receipt.recipient != status.delivery.recipient:  # (2)
        return OTHER_RECIPIENT
    if receipt.digest != status.delivery.digest:  # (3)
        return OTHER_DIGEST
    entry = registered.key(receipt.keyid)
    if entry is None or entry.owner != receipt.recipient:  # (4)
        return UNKNOWN_KEY
    if not (entry.is_valid_at(receipt.at) and entry.is_valid_at(now)):
        return UNKNOWN_KEY
    try:
        receipt.check(entry.key)  # (5)
    except SignatureError:
        return BAD_SIGNATURE
    return ""


def _is_known(receipt: Receipt, status: DeliveryStatus) -> bool:
    match receipt.kind:
        case ReceiptKind.DELIVERED:
            return status.delivered_at is not None
        case ReceiptKind.OPENED:
            return status.opened_at is not None
        case ReceiptKind.ACKNOWLEDGED:
            return status.acknowledged_at is not None


def _all_of(outcomes: Collection[Outcome]) -> Outcome:
    """Everything that was found, as one change."""
    return Outcome(
        records=tuple(record for each in outcomes for record in each.records),
        released=tuple(released for each in outcomes for released in each.released),
        received=tuple(received for each in outcomes for received in each.received),
    )


def _outcome(
    services: ReceiptServices, receipt: Receipt, status: DeliveryStatus, now: datetime, *, has_left: bool
) -> Outcome:
    delivery = status.delivery
    writer = release_writer(services.keys, services.ids, services.clock, delivery)
    told = {
        "receipt": receipt.kind.value,
        "role": receipt.role,
        "signed_at": int(receipt.at.timestamp()),
        "keyid": receipt.keyid,
        "signature": receipt.signature,
    }
    record = _record(RecordKind.RECEIPT, delivery, writer, told)
    received = ReceivedReceipt(
        delivery_id=delivery.delivery_id,
        recipient=RecipientId(receipt.recipient),
        kind=receipt.kind,
        digest=receipt.digest,
        role=receipt.role,
        signed_at=receipt.at,
        keyid=receipt.keyid,
        signature=receipt.signature,
        record_id=record.record_id,
        at=now,
    )
    if has_left:
        return Outcome(records=(record,), received=(received,))
    left = _record(RecordKind.RELEASE, delivery, writer, {"found_by": "receipt"})
    released = ReleasedDelivery(delivery.delivery_id, left.record_id, FOUND_BY_RECEIPT, now)
    return Outcome(records=(left, record), released=(released,), received=(received,))


def _record(kind: RecordKind, delivery: StagedDelivery, writer: RecordWriter, told: dict[str, Any]) -> Record:
    return writer.write(
        kind,
        about=delivery.delivery_id,
        event_id=delivery.event_id,
        child=delivery.child,
        recipient=delivery.recipient,
        disclosed={
            "recipient": delivery.recipient,
            "delivery": delivery.delivery_id,
            "digest": delivery.digest,
            **told,
        },
        internal={"event": delivery.event_id, "child": delivery.child, "decision": delivery.decision_id},
    )
