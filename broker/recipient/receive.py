"""Taking deliveries in and answering with signed receipts."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import ClassVar

from msgspec import DecodeError

from broker.recipient.keys import RecipientKeys
from broker.recipient.store import ErasedNotice, Kept, RecipientStore
from contracts.canonical import digest
from contracts.delivery import Delivery, Parcel
from contracts.errors import ContractError
from contracts.lean import lean_reader
from contracts.receipt import Receipt
from contracts.words import Cause, Form, ReceiptKind


class DeliveryRefusedError(ContractError):
    """A parcel is not for this recipient, is malformed, or contradicts one already kept."""

    codes: ClassVar[dict[str, str]] = {
        "delivery.not_ours": "The parcel is addressed to another recipient.",
        "delivery.malformed": "The parcel's body is not a delivery.",
        "delivery.changed": "A delivery of that id with other content is already kept.",
    }


_read = lean_reader(Delivery)
_LEAVES = frozenset({Form.TOKEN, Form.SUMMARY, Form.GIVE})
"""The forms in which a value may leave."""
_ERASURES = frozenset({Cause.ERASED, Cause.REPORT_ERASED})
FORGOTTEN = ""
"""The digest of what was kept about a child who was erased since."""


class NotErasedError(ContractError):
    """What the exchange said must be destroyed may still stand in a file."""

    codes: ClassVar[dict[str, str]] = {
        "recipient.not_erased": "A recipient's store was being read, so what is to be destroyed may be in its log.",
    }

    def __init__(self) -> None:
        """Say so."""
        super().__init__(
            "somebody reads the recipient's store, so its log could not be emptied; no receipt was given",
            code="recipient.not_erased",
            remedy="close whatever reads it; the exchange sends the notice again",
        )


def receive(
    store: RecipientStore, keys: RecipientKeys, recipient: str, parcels: Sequence[Parcel], *, now: datetime
) -> tuple[Receipt, ...]:
    """Keep every parcel durably, once, and queue a signed receipt for each that is new.

    A parcel already kept is acknowledged again, so a lost receipt mends itself. A notice of erasure destroys the
    child's key and all that was told of the child, or one report alone; its receipt is signed only once no file holds
    them any more.

    Raises:
        DeliveryRefusedError: a parcel is not for this recipient, malformed, or contradicts one kept.
        NotErasedError: somebody reads the store, so that its log could not be emptied. It is deleted; send it again.
    """
    kept: list[tuple[Delivery, str]] = []
    erased: list[tuple[Delivery, str]] = []
    with store.transaction():
        for parcel in parcels:
            found = _checked(parcel, recipient)
            is_erasure = found.cause in _ERASURES
            (erased if is_erasure else kept).append((found, _keep(store, found, parcel.body, now)))
        receipts = _delivered(store, keys, recipient, kept, now)
        if parcels:
            store.note_checkpoint(parcels[-1].checkpoint)
    if not erased:
        return receipts
    if not store.empty_log():
        raise NotErasedError
    with store.transaction():
        return (*receipts, *_delivered(store, keys, recipient, erased, now))


def _keep(store: RecipientStore, found: Delivery, body: bytes, now: datetime) -> str:
    """Keep one delivery unless it is kept; give its digest."""
    body_digest = digest(body)
    known = store.digest_of(found.delivery_id)
    if known is None:
        if found.cause is Cause.ERASED:
            store.erase(found.child, now)
        elif found.cause is Cause.REPORT_ERASED:
            store.erase_report(found.child, found.report)
        store.keep(found, body, body_digest, now)
    elif known not in {body_digest, FORGOTTEN}:
        raise _refused(code="delivery.changed", delivery_id=found.delivery_id)
    return body_digest


def _delivered(
    store: RecipientStore,
    keys: RecipientKeys,
    recipient: str,
    kept: Sequence[tuple[Delivery, str]],
    now: datetime,
) -> tuple[Receipt, ...]:
    receipts = tuple(
        Receipt(
            delivery_id=found.delivery_id,
            recipient=recipient,
            kind=ReceiptKind.DELIVERED,
            digest=body_digest,
            at=now,
            keyid=keys.keyid,
        ).signed_by(keys.signing)
        for found, body_digest in kept
    )
    for receipt in receipts:
        store.queue(receipt)
    return receipts


def receipts_waiting(
    store: RecipientStore, keys: RecipientKeys, limit: int, *, now: datetime
) -> list[tuple[int, Receipt]]:
    """Receipts that have not gone back, oldest first, with their positions.

    What was signed before the recipient's key was renewed is signed anew, as of now.
    """
    return [
        (position, receipt if receipt.keyid == keys.keyid else _signed_anew(receipt, keys, now))
        for position, receipt in store.waiting(limit)
    ]


def _signed_anew(receipt: Receipt, keys: RecipientKeys, now: datetime) -> Receipt:
    return receipt.model_copy(update={"keyid": keys.keyid, "at": now}).signed_by(keys.signing)


def note_opened(
    store: RecipientStore, keys: RecipientKeys, recipient: str, shown: Collection[Kept], *, role: str, now: datetime
) -> tuple[Receipt, ...]:
    """Say, signed, that a named role opened those of the deliveries shown that nobody had opened before."""
    receipts = []
    unopened = [kept.delivery.delivery_id for kept in shown if kept.opened_at is None]
    with store.transaction():
        for delivery_id in unopened:
            body_digest = store.digest_of(delivery_id)
            if not body_digest:
                continue
            receipt = Receipt(
                delivery_id=delivery_id,
                recipient=recipient,
                kind=ReceiptKind.OPENED,
                digest=body_digest,
                at=now,
                role=role,
                keyid=keys.keyid,
            ).signed_by(keys.signing)
            store.note_opened(delivery_id, now, role)
            store.queue(receipt)
            receipts.append(receipt)
    return tuple(receipts)


def acknowledge(
    store: RecipientStore,
    keys: RecipientKeys,
    recipient: str,
    kept: Kept | ErasedNotice,
    *,
    role: str,
    now: datetime,
) -> Receipt:
    """Say, signed, that a named role has acted on one correction or retraction; who did so first stays noted."""
    if isinstance(kept, ErasedNotice):
        delivery_id, body_digest = kept.delivery_id, kept.digest
    else:
        delivery_id, body_digest = kept.delivery.delivery_id, kept.delivery.body_digest()
    receipt = Receipt(
        delivery_id=delivery_id,
        recipient=recipient,
        kind=ReceiptKind.ACKNOWLEDGED,
        digest=body_digest,
        at=now,
        role=role,
        keyid=keys.keyid,
    ).signed_by(keys.signing)
    with store.transaction():
        store.note_acknowledged(delivery_id, now, role)
        store.queue(receipt)
    return receipt


def _checked(parcel: Parcel, recipient: str) -> Delivery:
    if parcel.recipient != recipient:
        raise _refused(code="delivery.not_ours", delivery_id=parcel.delivery_id)
    try:
        found = _read(parcel.body)
    except DecodeError:
        raise _refused(code="delivery.malformed", delivery_id=parcel.delivery_id) from None
    if any(each.form not in _LEAVES for each in found.values):
        raise _refused(code="delivery.malformed", delivery_id=parcel.delivery_id)
    if found.recipient != recipient or found.delivery_id != parcel.delivery_id:
        raise _refused(code="delivery.not_ours", delivery_id=parcel.delivery_id)
    return found


def _refused(*, code: str, delivery_id: str) -> DeliveryRefusedError:
    return DeliveryRefusedError(
        DeliveryRefusedError.codes[code].rstrip("."),
        code=code,
        path=delivery_id,
        remedy="nothing was kept; tell the operator of the exchange",
    )
