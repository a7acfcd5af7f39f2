"""What travels on Kafka's topics: each a CloudEvent in binary mode whose content is sealed to its one reader."""

import base64
from collections.abc import Iterable
from typing import Any, TypeVar

from cloudevents.core.bindings.kafka import to_binary
from cloudevents.core.v1.event import CloudEvent
from pydantic import ValidationError

from contracts.base import Model
from contracts.canonical import LARGEST_DELIVERY, LARGEST_MESSAGE, canonical_fields, digest
from contracts.delivery import Parcel
from contracts.envelope import DELIVERY_TYPE, SignedEvent
from contracts.errors import EnvelopeError
from contracts.heartbeat import Heartbeat
from contracts.reading import check_size
from contracts.receipt import Receipt
from contracts.reply import Reply
from contracts.sealed import ReaderKey, ReadingKeys
from contracts.transport import EXACT_BYTES, Message, from_message, to_message

REPLY_TYPE = "uk.mash.reply.v1"
RECEIPT_TYPE = "uk.mash.receipt.v1"
HEARTBEAT_TYPE = "uk.mash.heartbeat.v1"
LEAF_TYPE = "uk.mash.ledger.leaf.v1"
CHECKPOINT_TYPE = "uk.mash.ledger.checkpoint.v1"
EXCHANGE = "exchange"
"""What the exchange itself is called: the source of what it says, and the reader of what is sealed to it."""

CHECKPOINT = "mash-checkpoint"
"""The header in which a delivery bears a checkpoint: outside what is sealed and digested, as everybody may know it."""

_DIGITS = 18
_TIME = "ce_time"
"""The SDK says when it wrote a message that has no time of its own; that is nobody's business."""

Headers = Iterable[tuple[str, bytes | None]]
M = TypeVar("M", bound=Model)


def type_of(headers: Headers) -> str:
    """The type that a message's headers give; empty where they give none that can be read."""
    found = [content or b"" for name, content in headers if name == "ce_type"]
    return found[0].decode("ascii", errors="replace") if len(found) == 1 else ""


def event_message(event: SignedEvent, reader: ReaderKey) -> Message:
    """A signed event for the exchange, its content sealed. The signature is over the content before it was sealed.

    Raises:
        EnvelopeError: an attribute is not one that CloudEvents allows, or the message is too large.
    """
    message = to_message(event)
    return Message(message.key, message.headers, reader.seal(message.value))


def read_event_message(key: bytes | None, headers: Headers, value: bytes, keys: ReadingKeys) -> SignedEvent:
    """The signed event in a message; nothing of it is authenticated yet.

    Raises:
        SealedError: it was sealed to another key, was changed, or is not sealed at all.
        EnvelopeError: it is too large, or no CloudEvent in binary mode.
    """
    return from_message(key, headers, _opened(value, keys))


def reply_message(reply: Reply, reader: ReaderKey) -> Message:
    """A reply for its agency."""
    content = canonical_fields(reply)
    return _sealed(REPLY_TYPE, digest(content)[:40], EXCHANGE, content, reader)


def read_reply(value: bytes, keys: ReadingKeys) -> Reply:
    """The reply in a message.

    Raises:
        SealedError: as for an event.
        EnvelopeError: what was sealed is no reply.
    """
    return _read(Reply, value, keys)


def delivery_message(parcel: Parcel, reader: ReaderKey) -> Message:
    """A delivery for its recipient. What kind of report it is about stands inside only."""
    message = _sealed(DELIVERY_TYPE, parcel.delivery_id, EXCHANGE, parcel.body, reader, most=LARGEST_DELIVERY)
    checkpoint = base64.b64encode(parcel.checkpoint.encode())
    return Message(message.key, (*message.headers, (CHECKPOINT, checkpoint)), message.value)


def read_delivery(recipient: str, headers: Headers, value: bytes, keys: ReadingKeys) -> Parcel:
    """The delivery in a message on ``recipient``'s own topic.

    Raises:
        SealedError: as for an event.
        EnvelopeError: a header is missing or cannot be read.
    """
    body = _opened(value, keys, most=LARGEST_DELIVERY)
    by_name = {name: content or b"" for name, content in headers}
    try:
        checkpoint = base64.b64decode(by_name[CHECKPOINT], validate=True).decode()
        delivery_id = by_name["ce_id"].decode("ascii")
    except (KeyError, ValueError):
        raise _malformed() from None
    return Parcel(recipient=recipient, delivery_id=delivery_id, body=body, checkpoint=checkpoint)


def receipt_message(receipt: Receipt, reader: ReaderKey) -> Message:
    """A signed receipt for the exchange."""
    content = canonical_fields(receipt)
    return _sealed(RECEIPT_TYPE, digest(content)[:40], receipt.recipient, content, reader)


def read_receipt(value: bytes, keys: ReadingKeys) -> Receipt:
    """The receipt in a message; its signature is not checked yet.

    Raises:
        SealedError: as for an event.
        EnvelopeError: what was sealed is no receipt.
    """
    return _read(Receipt, value, keys)


def heartbeat_message(heartbeat: Heartbeat, reader: ReaderKey) -> Message:
    """A feed's signed sign of life, for the exchange."""
    content = canonical_fields(heartbeat)
    return _sealed(HEARTBEAT_TYPE, digest(content)[:40], heartbeat.agency, content, reader)


def read_heartbeat(value: bytes, keys: ReadingKeys) -> Heartbeat:
    """The sign of life in a message; its signature is not checked yet.

    Raises:
        SealedError: as for an event.
        EnvelopeError: what was sealed is no sign of life.
    """
    return _read(Heartbeat, value, keys)


def leaf_message(index: int, leaf: bytes) -> Message:
    """One leaf of the log, for everybody: it says to nobody what it is about."""
    return _plain(LEAF_TYPE, str(index), leaf)


def checkpoint_message(note: str, size: int) -> Message:
    """A signed checkpoint of the log, for everybody. ``size``: how many leaves it seals."""
    return _plain(CHECKPOINT_TYPE, str(size), note.encode())


def number_of(headers: Headers) -> int | None:
    """A leaf's number, or how many leaves a checkpoint seals, as its message says; none where it says none."""
    found = [content or b"" for name, content in headers if name == "ce_id"]
    is_number = len(found) == 1 and found[0].isdigit() and len(found[0]) <= _DIGITS
    return int(found[0]) if is_number else None


def _plain(sort: str, identifier: str, content: bytes) -> Message:
    attributes = {"id": identifier, "source": EXCHANGE, "type": sort, "specversion": "1.0"}
    attributes["datacontenttype"] = "application/json" if sort == LEAF_TYPE else "text/plain"
    return _message(attributes, content)


def _message(attributes: dict[str, Any], value: bytes) -> Message:
    written = to_binary(CloudEvent(attributes, value), EXACT_BYTES)
    headers = tuple(each for each in written.headers.items() if each[0] != _TIME)
    return Message(attributes["id"].encode(), headers, value)


def _sealed(
    sort: str, identifier: str, source: str, content: bytes, reader: ReaderKey, *, most: int = LARGEST_MESSAGE
) -> Message:
    check_size(len(content), most)
    attributes: dict[str, Any] = {"id": identifier, "source": source, "type": sort, "specversion": "1.0"}
    attributes["datacontenttype"] = "application/json"
    return _message(attributes, reader.seal(content))


def _opened(value: bytes, keys: ReadingKeys, *, most: int = LARGEST_MESSAGE) -> bytes:
    check_size(len(value) // 2, most)
    content = keys.open(value)
    check_size(len(content), most)
    return content


def _read(model: type[M], value: bytes, keys: ReadingKeys) -> M:
    try:
        return model.model_validate_json(_opened(value, keys))
    except ValidationError:
        raise _malformed() from None


def _malformed() -> EnvelopeError:
    msg = "the message is not what its topic is for"
    return EnvelopeError(msg, code="envelope.malformed", remedy="send what the contract's AsyncAPI lists, and no other")
