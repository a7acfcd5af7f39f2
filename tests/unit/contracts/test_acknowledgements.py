"""What recipients and feeds sign: any change after signing is noticed."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.canonical import digest
from contracts.delivery import Delivery
from contracts.errors import SignatureError
from contracts.heartbeat import Heartbeat
from contracts.reading import read_model
from contracts.receipt import Receipt
from contracts.words import ReceiptKind
from tests.support.event_parts import POLICE, at
from tests.support.signing_keys import key_of, keyid_of
from tests.support.tree import TOP

HEALTH_VISITOR = "hv-wrenshire"
RECEIPT = Receipt(
    delivery_id="d" * 64,
    recipient=HEALTH_VISITOR,
    kind=ReceiptKind.OPENED,
    digest=digest(b"the exact bytes"),
    at=at("2026-03-09", "08:30"),
    role="health_visitor",
    keyid=keyid_of(HEALTH_VISITOR),
).signed_by(key_of(HEALTH_VISITOR))
HEARTBEAT = Heartbeat(
    agency=POLICE,
    at=at("2026-03-09"),
    incarnation="0000000a",
    sequences={"notices": 17},
    answered={"notices": 15},
    queued=2,
    not_sent=1,
    quarantined=4,
    kept_back=3,
    keyid=keyid_of(POLICE),
).signed_by(key_of(POLICE))
DELIVERIES = sorted((TOP / "contracts/examples/valid/delivery.v1").glob("*.json"))
CHANGES: dict[str, Any] = {
    "kind": ReceiptKind.DELIVERED,
    "at": at("2026-03-09", "08:30") + timedelta(seconds=1),
    "sequences": {"notices": 18},
    "answered": {"notices": 16},
    "queued": 0,
    "not_sent": 0,
    "quarantined": 0,
    "kept_back": 0,
}


def test_a_receipt_is_the_recipients() -> None:
    RECEIPT.check(key_of(HEALTH_VISITOR).public_key())
    with pytest.raises(SignatureError):
        RECEIPT.check(key_of("school-ashdown").public_key())


def test_a_heartbeat_is_the_agencys() -> None:
    HEARTBEAT.check(key_of(POLICE).public_key())
    with pytest.raises(SignatureError):
        HEARTBEAT.check(key_of("wrenshire-council").public_key())


@pytest.mark.parametrize("name", sorted(set(Receipt.model_fields) - {"signature"}))
def test_changing_any_field_of_a_receipt_breaks_its_signature(name: str) -> None:
    changed = RECEIPT.model_copy(update={name: CHANGES.get(name, "other")})
    with pytest.raises(SignatureError):
        changed.check(key_of(HEALTH_VISITOR).public_key())


@pytest.mark.parametrize("name", sorted(set(Heartbeat.model_fields) - {"signature"}))
def test_changing_any_field_of_a_heartbeat_breaks_its_signature(name: str) -> None:
    changed = HEARTBEAT.model_copy(update={name: CHANGES.get(name, "other")})
    with pytest.raises(SignatureError):
        changed.check(key_of(POLICE).public_key())


def test_an_unsigned_receipt_says_so() -> None:
    with pytest.raises(SignatureError) as caught:
        RECEIPT.model_copy(update={"signature": ""}).check(key_of(HEALTH_VISITOR).public_key())
    assert caught.value.code == "signature.missing"


@pytest.mark.parametrize("path", DELIVERIES, ids=lambda path: path.stem)
def test_a_deliverys_body_reads_back_and_its_digest_is_of_the_exact_bytes(path: Path) -> None:
    delivery = read_model(Delivery, path.read_bytes())
    assert read_model(Delivery, delivery.body()) == delivery
    assert delivery.body_digest() == digest(delivery.body())


@given(place=st.integers(0, 400), bit=st.integers(0, 7))
def test_a_body_with_any_bit_changed_has_another_digest(place: int, bit: int) -> None:
    body = read_model(Delivery, DELIVERIES[0].read_bytes()).body()
    changed = bytearray(body)
    changed[place] ^= 1 << bit
    assert digest(bytes(changed)) != digest(body)


def test_a_delivery_holds_no_time_but_the_events_and_the_decisions() -> None:
    moments = {name for name, field in Delivery.model_fields.items() if "datetime" in repr(field.annotation)}
    assert moments == {"occurred_at", "decided_at"}


def test_a_delivery_carries_nothing_that_joins_it_to_anothers() -> None:
    assert not {"rawhash", "source", "sequence", "subject", "event_id"} & set(Delivery.model_fields)
    text = "".join(json.dumps(json.loads(path.read_bytes())) for path in DELIVERIES)
    assert '"rawhash"' not in text
