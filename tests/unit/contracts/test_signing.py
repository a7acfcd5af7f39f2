"""The signature covers every attribute and the exact content."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jwt.api_jws import PyJWS

from contracts.envelope import Envelope, SignedEvent
from contracts.errors import SignatureError
from contracts.signing import ALGORITHM, PublicKeyEntry, sign, verify, verify_event
from tests.support.builders import EventBuilder, a_concern
from tests.support.event_parts import POLICE, at
from tests.support.signing_keys import key_entry, key_of
from tests.unit.contracts.strategies import events

CONCERN = a_concern().from_police().of_incident("Sunday").correcting("0" * 32).signed()
KEY = key_entry(POLICE).key


def test_the_example_sets_every_attribute() -> None:
    assert set(CONCERN.attributes) == set(Envelope.model_fields)


@given(events())
def test_what_was_signed_verifies(event: EventBuilder) -> None:
    verify_event(event.signed(), key_entry(event.agency).key)


@given(name=st.sampled_from(sorted(CONCERN.attributes)), value=st.text())
def test_changing_any_attribute_breaks_the_signature(name: str, value: str) -> None:
    changed = {**CONCERN.attributes, name: value}
    if changed != CONCERN.attributes:
        _check_broken(SignedEvent(changed, CONCERN.signature, CONCERN.data))


@pytest.mark.parametrize("name", sorted(CONCERN.attributes))
def test_dropping_any_attribute_breaks_the_signature(name: str) -> None:
    fewer = {key: value for key, value in CONCERN.attributes.items() if key != name}
    _check_broken(SignedEvent(fewer, CONCERN.signature, CONCERN.data))


@given(name=st.text(min_size=1).filter(lambda name: name not in CONCERN.attributes), value=st.text())
def test_adding_an_attribute_breaks_the_signature(name: str, value: str) -> None:
    _check_broken(SignedEvent({**CONCERN.attributes, name: value}, CONCERN.signature, CONCERN.data))


@given(place=st.integers(0, len(CONCERN.data) - 1), bit=st.integers(0, 7))
def test_changing_any_bit_of_the_content_breaks_the_signature(place: int, bit: int) -> None:
    changed = bytearray(CONCERN.data)
    changed[place] ^= 1 << bit
    _check_broken(SignedEvent(CONCERN.attributes, CONCERN.signature, bytes(changed)))


@given(st.text(max_size=300))
def test_any_other_signature_is_refused(signature: str) -> None:
    if signature:
        _check_broken(SignedEvent(CONCERN.attributes, signature, CONCERN.data))


def test_half_a_character_in_an_attribute_is_a_signature_that_does_not_fit() -> None:
    _check_broken(SignedEvent({**CONCERN.attributes, "adapter": "\ud800"}, CONCERN.signature, CONCERN.data))


def test_no_signature_says_so() -> None:
    with pytest.raises(SignatureError) as caught:
        verify_event(SignedEvent(CONCERN.attributes, "", CONCERN.data), KEY)
    assert caught.value.code == "signature.missing"


@given(keyid=st.text(max_size=40), content=st.binary(max_size=300))
def test_a_signature_is_what_pyjwt_writes(keyid: str, content: bytes) -> None:
    written = PyJWS(algorithms=[ALGORITHM]).encode(
        content,
        key_of(POLICE),
        algorithm=ALGORITHM,
        headers={"kid": keyid, "b64": False, "crit": ["b64"]},
        is_payload_detached=True,
    )
    assert sign(content, key_of(POLICE), keyid=keyid) == written
    verify(content, written, KEY)


@pytest.mark.parametrize("order", [["alg", "kid", "b64", "crit"], ["crit", "b64", "alg"]])
def test_a_signature_of_other_software_verifies_whatever_the_order_of_its_header(order: list[str]) -> None:
    fields = {"alg": ALGORITHM, "kid": "k", "b64": False, "crit": ["b64"]}
    header = _encoded(json.dumps({name: fields[name] for name in order}).encode())
    written = f"{header}..{_encoded(key_of(POLICE).sign(header.encode() + b'.content'))}"
    verify(b"content", written, KEY)
    with pytest.raises(SignatureError):
        verify(b"other", written, KEY)


@pytest.mark.parametrize("change", ["=", "A", "\n", "\u00e9", "."])
def test_a_signature_with_something_behind_it_is_refused(change: str) -> None:
    _check_broken(SignedEvent(CONCERN.attributes, CONCERN.signature + change, CONCERN.data))


def test_another_agencys_key_does_not_fit() -> None:
    with pytest.raises(SignatureError) as caught:
        verify_event(CONCERN, key_entry("wrenshire-council").key)
    assert caught.value.code == "signature.invalid"


@pytest.mark.parametrize("algorithm", ["none", "HS256", "ES256"])
def test_another_algorithm_in_the_header_is_refused(algorithm: str) -> None:
    _, _, mark = CONCERN.signature.split(".")
    header = json.dumps({"alg": algorithm, "kid": "x", "b64": False, "crit": ["b64"]}).encode()
    written = base64.urlsafe_b64encode(header).rstrip(b"=").decode()
    _check_broken(SignedEvent(CONCERN.attributes, f"{written}..{mark}", CONCERN.data))


def test_a_content_inside_the_signature_is_not_taken_for_the_signed_one() -> None:
    head, _, mark = CONCERN.signature.split(".")
    _check_broken(SignedEvent(CONCERN.attributes, f"{head}.e30.{mark}", b"{}"))


def test_a_key_signs_only_within_its_dates() -> None:
    entry = PublicKeyEntry("k", POLICE, key_of(POLICE).public_key(), at("2026-01-01"), at("2026-02-01"))
    assert entry.is_valid_at(at("2026-01-01"))
    assert not entry.is_valid_at(at("2026-02-01"))
    assert not entry.is_valid_at(at("2025-12-31"))


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _check_broken(event: SignedEvent) -> None:
    with pytest.raises(SignatureError) as caught:
        verify_event(event, KEY)
    assert caught.value.code in SignatureError.codes
