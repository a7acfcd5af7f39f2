"""Take in receipts: each is checked before it becomes a record, for one that nobody else signed proves nothing."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from broker.core.erasing import FORGOTTEN
from broker.core.outcome import Outcome, ReceivedReceipt, Record, RecordKind, ReleasedDelivery, StagedDelivery
from broker.core.records import RecordWriter
from broker.ports.agency_keys import AgencyKeys
from broker.ports.clock import Clock
from broker.ports.ids import Ids
from broker.ports.journal import DeliveryStatus, Journal
from broker.ports.keys import Keys
from broker.ports.policy import NoVerdictError
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


class FollowUp(Protocol):
    """What follows where a delivery had left that was stopped since, because nobody could note that it did."""

    def __call__(self, delivery_id: DeliveryId, /, *, now: datetime) -> Outcome | None:
        """The outcome, or none where nothing does; the caller holds the transaction, and has noted that it left.

        Raises:
            NoVerdictError: the policy gave no verdict.
        """
        ...


@dataclass(frozen=True, slots=True)
class ReceiptServices:
    """What taking in receipts needs. ``registered`` knows the recipients' public keys."""

    journal: Journal
    keys: Keys
    registered: AgencyKeys
    clock: Clock
    ids: Ids
    left_after_all: FollowUp


@dataclass(frozen=True, slots=True)
class RefusedReceipt:
    """A receipt that is no proof: alarm, for somebody's key, digest or claim is wrong."""

    recipient: str
    delivery_id: str
    code: str


@dataclass(frozen=True, slots=True)
class ReceiptsTaken:
    """What one turn did.

    ``repeated`` were recorded before, or are for what was erased since and so prove nothing. ``left_after_all``: what
    had left though it was stopped since. ``undecided``: the same while the policy gives no verdict, so that it waits.
    """

    recorded: tuple[DeliveryId, ...]
    repeated: int
    refused: tuple[RefusedReceipt, ...]
    left_after_all: tuple[DeliveryId, ...] = ()
    undecided: tuple[DeliveryId, ...] = ()


def receive_receipts(services: ReceiptServices, outbox: Outbox, *, limit: int = 500) -> ReceiptsTaken:
    """Check up to ``limit`` receipts and record those that hold; each is let go of once that is durable.

    What is proved of a recorded receipt: (1) the delivery was made by this exchange; (2) for the recipient that
    signs; (3) the digest is that of the exact bytes staged; (4) the key is registered for that recipient, and valid
    now and when it signed; (5) it signed this receipt. A receipt for a delivery whose release was not noted (the
    exchange stopped between sending and noting) proves that it left: both are recorded together. Where that delivery
    was stopped since, as what had not left, what must follow is recorded with them, one receipt at a time, after all
    others. Of what was erased nothing is kept with which (3) could be compared.
    """
    waiting = outbox.receipts(limit)
    if not waiting:
        return ReceiptsTaken((), 0, ())
    taking = _Taking(services)
    with services.journal.transaction():
        now = services.clock.now()
        for position, receipt in waiting:
            taking.take(position, receipt, now)
        services.journal.commit(_all_of(taking.fresh.values()))
    late = {position for position, _ in taking.late}
    outbox.acknowledge_receipts([position for position, _ in waiting if position not in late])
    taking.take_late(outbox)
    return ReceiptsTaken(
        recorded=(*(delivery_id for delivery_id, _ in taking.fresh), *taking.recorded),
        repeated=taking.repeated,
        refused=tuple(taking.refused),
        left_after_all=tuple(taking.found),
        undecided=tuple(dict.fromkeys(taking.undecided)),
    )


@dataclass(slots=True)
class _Taking:
    """One turn: what is recorded together, what is refused, and what must be looked at by itself."""

    services: ReceiptServices
    fresh: dict[tuple[DeliveryId, ReceiptKind], Outcome] = field(default_factory=dict)
    refused: list[RefusedReceipt] = field(default_factory=list)
    repeated: int = 0
    late: list[tuple[str, Receipt]] = field(default_factory=list)
    recorded: list[DeliveryId] = field(default_factory=list)
    found: list[DeliveryId] = field(default_factory=list)
    undecided: list[DeliveryId] = field(default_factory=list)

    def take(self, position: str, receipt: Receipt, now: datetime) -> None:
        """Put one receipt where it belongs; the caller holds the transaction."""
        status = self.services.journal.delivery(DeliveryId(receipt.delivery_id))
        code = _wrong(receipt, status, self.services.registered, now)
        if code or status is None:
            self.refused.append(RefusedReceipt(receipt.recipient, receipt.delivery_id, code))
        elif status.is_superseded and status.released_at is None:
            self.late.append((position, receipt))
        elif _is_known(receipt, status) or (status.delivery.delivery_id, receipt.kind) in self.fresh:
            self.repeated += 1
        else:
            delivery_id = status.delivery.delivery_id
            has_left = status.released_at is not None or any(each == delivery_id for each, _ in self.fresh)
            self.fresh[delivery_id, receipt.kind] = _outcome(self.services, receipt, status, now, has_left=has_left)

    def take_late(self, outbox: Outbox) -> None:
        """Record what had left though it was stopped since, each with what follows; without a verdict it waits."""
        for position, receipt in self.late:
            delivery_id = DeliveryId(receipt.delivery_id)
            try:
                with self.services.journal.transaction():
                    is_new, is_found = self._record_late(delivery_id, receipt)
            except NoVerdictError:
                self.undecided.append(delivery_id)
                continue
            outbox.acknowledge_receipts([position])
            self.repeated += not is_new
            self.recorded += [delivery_id] * is_new
            self.found += [delivery_id] * is_found

    def _record_late(self, delivery_id: DeliveryId, receipt: Receipt) -> tuple[bool, bool]:
        """Whether the receipt is new, and whether it is the first to show that the delivery had left."""
        services, now = self.services, self.services.clock.now()
        status = services.journal.delivery(delivery_id)
        if status is None or _is_known(receipt, status):
            return False, False
        has_left = status.released_at is not None
        services.journal.commit(_outcome(services, receipt, status, now, has_left=has_left))
        follows = None if has_left else services.left_after_all(delivery_id, now=now)
        if follows is not None:
            services.journal.commit(follows)
        return True, not has_left


def _wrong(receipt: Receipt, status: DeliveryStatus | None, registered: AgencyKeys, now: datetime) -> str:
    """The code of what is wrong with a receipt, or nothing."""
    if status is None:  # (1)
        return UNKNOWN_DELIVERY
    if receipt.recipient != status.delivery.recipient:  # (2)
        return OTHER_RECIPIENT
    if status.delivery.digest not in {receipt.digest, FORGOTTEN}:  # (3)
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
    if status.delivery.digest == FORGOTTEN and status.released_at is not None:
        return True
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
    if delivery.digest == FORGOTTEN:
        receipt = receipt.model_copy(update={"digest": FORGOTTEN, "role": "", "signature": ""})
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
