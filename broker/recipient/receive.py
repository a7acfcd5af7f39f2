"""Taking deliveries in and answering with signed receipts."""

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from pydantic import ValidationError

from broker.recipient.keys import RecipientKeys
from broker.recipient.store import Kept, RecipientStore
from contracts.canonical import digest
from contracts.delivery import Delivery, Parcel
from contracts.errors import ContractError
from contracts.receipt import Receipt
from contracts.words import ReceiptKind


class DeliveryRefusedError(ContractError):
    """A parcel is not for this recipient, is malformed, or contradicts one already kept."""

    codes: ClassVar[dict[str, str]] = {
        "delivery.not_ours": "The parcel is addressed to another recipient.",
        "delivery.malformed": "The parcel's body is not a delivery.",
        "delivery.changed": "A delivery of that id with other content is already kept.",
    }


def receive(
    store: RecipientStore, keys: RecipientKeys, recipient: str, parcels: Sequence[Parcel], *, now: datetime
) -> tuple[Receipt, ...]:
    """Keep every parcel durably, once, and queue a signed receipt for each that is new.

    A parcel already kept is acknowledged again, so a lost receipt mends itself.

    Raises:
        DeliveryRefusedError: a parcel is not for this recipient, malformed, or contradicts one kept.
    """
    receipts = []
    with store.transaction():
        for parcel in parcels:
            found = _checked(parcel, recipient)
            body_digest = digest(parcel.body)
            known = store.digest_of(found.delivery_id)
            if known is None:
                store.keep(found, parcel.body, body_digest, now)
            elif known != body_digest:
                raise _refused(code="delivery.changed", delivery_id=found.delivery_id)
            receipt = Receipt(
                delivery_id=found.delivery_id,
                recipient=recipient,
                kind=ReceiptKind.DELIVERED,
                digest=body_digest,
                at=now,
                keyid=keys.keyid,
            ).signed_by(keys.signing)
            store.queue(receipt)
            receipts.append(receipt)
        if parcels:
            store.note_checkpoint(parcels[-1].checkpoint)
    return tuple(receipts)


def note_opened(
    store: RecipientStore, keys: RecipientKeys, recipient: str, child: str, *, role: str, now: datetime
) -> tuple[Receipt, ...]:
    """Say, signed, that a named role opened everything about a child that nobody had opened before."""
    receipts = []
    unopened = [kept for kept in store.deliveries(child) if kept.opened_at is None]
    with store.transaction():
        for kept in unopened:
            receipt = Receipt(
                delivery_id=kept.delivery.delivery_id,
                recipient=recipient,
                kind=ReceiptKind.OPENED,
                digest=kept.delivery.body_digest(),
                at=now,
                role=role,
                keyid=keys.keyid,
            ).signed_by(keys.signing)
            store.note_opened(kept.delivery.delivery_id, now, role)
            store.queue(receipt)
            receipts.append(receipt)
    return tuple(receipts)


def acknowledge(
    store: RecipientStore, keys: RecipientKeys, recipient: str, kept: Kept, *, role: str, now: datetime
) -> Receipt:
    """Say, signed, that a named role has acted on one correction or retraction; who did so first stays noted."""
    receipt = Receipt(
        delivery_id=kept.delivery.delivery_id,
        recipient=recipient,
        kind=ReceiptKind.ACKNOWLEDGED,
        digest=kept.delivery.body_digest(),
        at=now,
        role=role,
        keyid=keys.keyid,
    ).signed_by(keys.signing)
    with store.transaction():
        store.note_acknowledged(kept.delivery.delivery_id, now, role)
        store.queue(receipt)
    return receipt


def _checked(parcel: Parcel, recipient: str) -> Delivery:
    if parcel.recipient != recipient:
        raise _refused(code="delivery.not_ours", delivery_id=parcel.delivery_id)
    try:
        found = Delivery.model_validate_json(parcel.body)
    except ValidationError:
        raise _refused(code="delivery.malformed", delivery_id=parcel.delivery_id) from None
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
