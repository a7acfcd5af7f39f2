"""A signed event goes through Kafka's message form and comes out byte for byte."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.canonical import LARGEST_MESSAGE
from contracts.envelope import Envelope, SignedEvent
from contracts.errors import EnvelopeError
from contracts.signing import verify_event
from contracts.transport import from_message, to_message
from tests.support.builders import EventBuilder, a_concern
from tests.support.signing_keys import key_entry
from tests.unit.contracts.strategies import events

CONCERN = a_concern().from_police().of_incident("Sunday").signed()
MESSAGE = to_message(CONCERN)
HEADERS = dict(MESSAGE.headers)


@given(events())
def test_what_goes_in_comes_out_and_still_verifies(builder: EventBuilder) -> None:
    event = builder.signed()
    message = to_message(event)
    again = from_message(message.key, message.headers, message.value)
    assert again == event
    verify_event(again, key_entry(builder.agency).key)


@given(st.binary(max_size=200))
def test_the_content_is_not_even_parsed(content: bytes) -> None:
    event = SignedEvent(CONCERN.attributes, CONCERN.signature, content)
    message = to_message(event)
    assert from_message(message.key, message.headers, message.value).data == content


def test_binary_mode_writes_attributes_as_ce_headers_and_keys_by_subject() -> None:
    assert MESSAGE.key == CONCERN.attributes["subject"].encode()
    assert HEADERS["ce_specversion"] == b"1.0"
    assert HEADERS["content-type"] == b"application/json"
    assert HEADERS["ce_signature"] == CONCERN.signature.encode()
    assert MESSAGE.value == CONCERN.data


def test_order_of_headers_and_headers_of_the_transport_do_not_matter() -> None:
    headers = [("traceparent", b"00-1-2-03"), *reversed(MESSAGE.headers), ("traceparent", b"again")]
    assert from_message(MESSAGE.key, headers, MESSAGE.value) == CONCERN


@pytest.mark.parametrize("name", ["ce_id", "ce_source", "ce_type", "ce_specversion", "ce_time", "ce_subject"])
def test_without_a_header_that_cloudevents_needs_it_is_malformed(name: str) -> None:
    _check_malformed({key: value for key, value in HEADERS.items() if key != name})


@pytest.mark.parametrize("content", [b"\xff\xfe", b"", b"yesterday", b"2026-03-06T10:00:00+00:00", b"2026-03-06", None])
def test_a_time_that_is_not_written_the_one_way_is_malformed(content: bytes | None) -> None:
    _check_malformed({**HEADERS, "ce_time": content})


@pytest.mark.parametrize("name", ["CE_ID", "ce_Data", "ce_data", "ce_", "ce_with_line"])
def test_a_header_cloudevents_does_not_allow_is_malformed(name: str) -> None:
    _check_malformed({**HEADERS, name: b"x"})


def test_an_attribute_the_contract_does_not_list_is_left_for_the_envelope_to_refuse() -> None:
    event = from_message(MESSAGE.key, {**HEADERS, "ce_partitionkey": b"x"}.items(), MESSAGE.value)
    with pytest.raises(EnvelopeError):
        Envelope.from_attributes(event.attributes)


def test_a_repeated_header_is_malformed() -> None:
    with pytest.raises(EnvelopeError, match="repeated"):
        from_message(MESSAGE.key, [*MESSAGE.headers, ("ce_id", b"other")], MESSAGE.value)


@pytest.mark.parametrize("key", [None, b"", b"other", b"\xff"])
def test_a_key_other_than_the_subject_is_malformed(key: bytes | None) -> None:
    with pytest.raises(EnvelopeError) as caught:
        from_message(key, MESSAGE.headers, MESSAGE.value)
    assert caught.value.code == "envelope.malformed"


@given(
    st.lists(st.tuples(st.text(max_size=20), st.none() | st.binary(max_size=40)), max_size=8), st.binary(max_size=40)
)
def test_any_other_message_is_an_envelope_error(headers: list[tuple[str, bytes | None]], value: bytes) -> None:
    with pytest.raises(EnvelopeError):
        from_message(b"k", headers, value)


def test_a_message_over_a_million_bytes_is_too_large_both_ways() -> None:
    huge = b" " * LARGEST_MESSAGE
    with pytest.raises(EnvelopeError) as caught:
        to_message(SignedEvent(CONCERN.attributes, CONCERN.signature, huge))
    assert caught.value.code == "envelope.too_large"
    with pytest.raises(EnvelopeError) as caught:
        from_message(MESSAGE.key, MESSAGE.headers, huge)
    assert caught.value.code == "envelope.too_large"


def test_huge_headers_count_as_well() -> None:
    with pytest.raises(EnvelopeError) as caught:
        from_message(MESSAGE.key, [*MESSAGE.headers, ("ce_pad", b" " * LARGEST_MESSAGE)], MESSAGE.value)
    assert caught.value.code == "envelope.too_large"


def test_an_attribute_missing_from_the_event_is_not_invented() -> None:
    fewer = {name: value for name, value in CONCERN.attributes.items() if name != "id"}
    with pytest.raises(EnvelopeError, match="missing"):
        to_message(SignedEvent(fewer, CONCERN.signature, CONCERN.data))


def _check_malformed(headers: dict[str, bytes | None] | dict[str, bytes]) -> None:
    with pytest.raises(EnvelopeError) as caught:
        from_message(MESSAGE.key, headers.items(), MESSAGE.value)
    assert caught.value.code == "envelope.malformed"
