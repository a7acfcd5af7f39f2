"""Everything that travels on a topic comes out as it went in, sealed on its way, and shows no more than it must."""

import json
from datetime import UTC, datetime

import pytest

from contracts.canonical import LARGEST_DELIVERY, LARGEST_MESSAGE
from contracts.delivery import Parcel
from contracts.errors import ContractError, EnvelopeError
from contracts.heartbeat import Heartbeat
from contracts.messages import (
    HEARTBEAT_TYPE,
    delivery_message,
    event_message,
    heartbeat_message,
    read_delivery,
    read_event_message,
    read_heartbeat,
    read_receipt,
    read_reply,
    receipt_message,
    reply_message,
    type_of,
)
from contracts.receipt import Receipt
from contracts.reply import Reply
from contracts.sealed import LARGEST_SEALED, ReadingKeys
from contracts.transport import Message
from contracts.words import ReceiptKind, ReplyKind
from tests.support.builders import a_concern

NOW = datetime(2026, 3, 6, 9, tzinfo=UTC)
KEYS = ReadingKeys.fresh("exchange", now=NOW)
EVENT = a_concern().from_police().signed()
REPLY = Reply(agency="wrenshire-police", kind=ReplyKind.REFUSED, event_id="a" * 40, code="payload.invalid", at=NOW)
RECEIPT = Receipt(
    delivery_id="d1", recipient="school-ashdown", kind=ReceiptKind.OPENED, digest="0" * 64, at=NOW, keyid="k"
)
HEARTBEAT = Heartbeat(agency="wrenshire-police", at=NOW, incarnation="0" * 16, sequences={"cad": 7}, keyid="k")
PARCEL = Parcel(
    recipient="school-ashdown",
    delivery_id="d1",
    body=b'{"event_type":"uk.mash.health.concern.raised.v1"}',
    checkpoint="origin\n7\nroot\n",
)


def shown(message: Message) -> bytes:
    """Everything of a message that a broker's operator can read."""
    return message.key + message.value + b"".join(name.encode() + value for name, value in message.headers)


def test_an_event_is_opened_to_the_bytes_that_were_signed() -> None:
    message = event_message(EVENT, KEYS.current)
    assert read_event_message(message.key, message.headers, message.value, KEYS) == EVENT
    assert json.loads(EVENT.data)["child"]["surname"].encode() not in shown(message)


def test_a_reply_a_receipt_and_a_sign_of_life_come_out_as_they_went_in() -> None:
    assert read_reply(reply_message(REPLY, KEYS.current).value, KEYS) == REPLY
    assert read_receipt(receipt_message(RECEIPT, KEYS.current).value, KEYS) == RECEIPT
    message = heartbeat_message(HEARTBEAT, KEYS.current)
    assert type_of(message.headers) == HEARTBEAT_TYPE
    assert read_heartbeat(message.value, KEYS) == HEARTBEAT


def test_a_delivery_shows_neither_what_it_is_about_nor_from_whom_it_came() -> None:
    message = delivery_message(PARCEL, KEYS.current)
    assert read_delivery("school-ashdown", message.headers, message.value, KEYS) == PARCEL
    assert type_of(message.headers) == "uk.mash.delivery.v1"
    assert b"concern" not in shown(message)
    assert {name for name, _ in message.headers} == {
        "ce_id", "ce_source", "ce_type", "ce_specversion", "content-type", "mash-checkpoint",
    }  # fmt: skip


@pytest.mark.parametrize("content", [b"{}", b"[]", b"rubbish", b'{"agency":"x"}'])
def test_what_was_sealed_but_is_not_what_the_topic_is_for_is_malformed(content: bytes) -> None:
    sealed = KEYS.current.seal(content)
    for read in (read_reply, read_receipt, read_heartbeat):
        with pytest.raises(EnvelopeError, match=r"envelope\.malformed"):
            read(sealed, KEYS)


def test_a_delivery_without_its_headers_is_malformed() -> None:
    message = delivery_message(PARCEL, KEYS.current)
    for missing in ("ce_id", "mash-checkpoint"):
        headers = [(name, value) for name, value in message.headers if name != missing]
        with pytest.raises(EnvelopeError, match=r"envelope\.malformed"):
            read_delivery("school-ashdown", headers, message.value, KEYS)


@pytest.mark.parametrize("headers", [[], [("ce_type", None)], [("ce_type", b"a"), ("ce_type", b"b")]])
def test_headers_that_give_no_one_type_give_none(headers: list[tuple[str, bytes | None]]) -> None:
    assert type_of(headers) == ""


@pytest.mark.parametrize("size", [1, LARGEST_MESSAGE + 1, LARGEST_DELIVERY])
def test_a_delivery_of_any_size_that_an_event_leads_to_is_carried(size: int) -> None:
    parcel = Parcel(recipient="school-ashdown", delivery_id="a" * 40, body=b"x" * size, checkpoint="log\n1\nroot\n")
    message = delivery_message(parcel, KEYS.current)
    assert len(message.value) < LARGEST_SEALED
    assert read_delivery("school-ashdown", message.headers, message.value, KEYS) == parcel


def test_a_larger_delivery_is_neither_written_nor_read() -> None:
    parcel = Parcel(recipient="school-ashdown", delivery_id="a" * 40, body=b"x" * (LARGEST_DELIVERY + 1), checkpoint="")
    with pytest.raises(ContractError, match=r"envelope\.too_large"):
        delivery_message(parcel, KEYS.current)
    with pytest.raises(ContractError, match=r"envelope\.too_large"):
        read_delivery("school-ashdown", (), KEYS.current.seal(parcel.body), KEYS)


def test_what_is_too_large_is_not_opened() -> None:
    with pytest.raises(ContractError, match=r"envelope\.too_large"):
        read_reply(b"x" * 2_000_002, KEYS)
