"""How a signed event stands in a Kafka message: the CloudEvents binding in binary mode, keyed by subject."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cloudevents.core.base import BaseCloudEvent
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary, to_binary
from cloudevents.core.exceptions import BaseCloudEventException
from cloudevents.core.formats.base import Format
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

from contracts.envelope import SignedEvent, write_time
from contracts.errors import EnvelopeError
from contracts.reading import check_size

SIGNATURE = "signature"
"""The extension attribute that carries the detached signature."""

_NEEDED = frozenset({"id", "source", "type", "specversion", "time", "subject"})
"""Without these the SDK would invent some, or there would be no key."""


@dataclass(frozen=True, slots=True)
class Message:
    """One Kafka message: key, headers, value. The key is the subject, so events of one child keep their order."""

    key: bytes
    headers: tuple[tuple[str, bytes], ...]
    value: bytes

    def size(self) -> int:
        """Bytes of key, headers and value together."""
        return len(self.key) + len(self.value) + sum(len(name) + len(value) for name, value in self.headers)


class _ExactBytes(JSONFormat):
    """The content goes through untouched: what was signed is what is read."""

    def read_data(self, body: bytes, datacontenttype: str | None) -> bytes:  # noqa: ARG002 - the SDK's signature
        """Give the body as it is."""
        return body


EXACT_BYTES: Format = _ExactBytes()


def to_message(event: SignedEvent) -> Message:
    """Write a signed event as a Kafka message.

    Raises:
        EnvelopeError: an attribute is not one that CloudEvents allows, or the message is too large.
    """
    attributes: dict[str, Any] = {**event.attributes, SIGNATURE: event.signature}
    if not attributes.keys() >= _NEEDED:
        why = "an attribute is missing"
        raise _malformed(why)
    try:
        attributes["time"] = datetime.fromisoformat(attributes["time"]).astimezone(UTC)
        written = to_binary(CloudEvent(attributes, event.data), EXACT_BYTES)
    except (BaseCloudEventException, ValueError, OverflowError) as error:
        why = "its attributes are not those of a CloudEvent"
        raise _malformed(why) from error
    message = Message(event.attributes["subject"].encode(), tuple(written.headers.items()), written.value)
    check_size(message.size())
    return message


def from_message(key: bytes | None, headers: Iterable[tuple[str, bytes | None]], value: bytes) -> SignedEvent:
    """Read a Kafka message back to the event that was signed, byte for byte.

    Headers that are neither ``ce_`` nor ``content-type`` belong to the transport and are passed over.

    Raises:
        EnvelopeError: the message is too large; a header of the event is missing, repeated, unreadable
            or not in canonical form; or the key is not the subject.
    """
    ours = [(name, content) for name, content in headers if _is_ours(name)]
    message = Message(key or b"", tuple((name, content or b"") for name, content in ours), value)
    check_size(message.size())
    by_name = dict(message.headers)
    if len(by_name) != len(ours):
        why = "a header is repeated"
        raise _malformed(why)
    try:
        read = from_binary(KafkaMessage(by_name, None, value), EXACT_BYTES, CloudEvent)
    except (BaseCloudEventException, ValueError, OverflowError) as error:
        why = "a header is missing or cannot be read"
        raise _malformed(why) from error
    event = _signed_event(read, value)
    again = to_message(event)
    if dict(again.headers) != by_name or again.key != message.key:
        why = "a header is missing or not in canonical form, or the key is not the subject"
        raise _malformed(why)
    return event


def _signed_event(read: BaseCloudEvent, value: bytes) -> SignedEvent:
    attributes = dict(read.get_attributes())
    signature = attributes.pop(SIGNATURE, "")
    moment = read.get_time()
    if moment is not None:
        attributes["time"] = write_time(moment)
    return SignedEvent(attributes, signature, value)


def _is_ours(name: str) -> bool:
    return name.lower().startswith("ce_") or name.lower() == "content-type"


def _malformed(why: str) -> EnvelopeError:
    msg = f"the message is not a CloudEvent in binary mode: {why}"
    return EnvelopeError(
        msg, code="envelope.malformed", remedy="send the attributes as ce_ headers, as the contract's AsyncAPI lists"
    )
