"""The envelope accepts exactly its attributes, each written one way."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.envelope import Envelope
from contracts.errors import EnvelopeError
from contracts.words import AgencyKind
from tests.support.builders import EventBuilder, a_concern
from tests.unit.contracts.strategies import events

CONCERN = a_concern().from_police().of_incident("Sunday").correcting("0" * 32).signed()
REQUIRED = [name for name, field in Envelope.model_fields.items() if field.default is not None]


@given(events())
def test_attributes_read_back_to_the_same_envelope(event: EventBuilder) -> None:
    envelope = event.envelope()
    assert Envelope.from_attributes(envelope.attributes()) == envelope


@given(name=st.sampled_from(sorted(CONCERN.attributes)), value=st.text(max_size=80))
def test_any_other_value_is_refused_or_stands_exactly_as_written(name: str, value: str) -> None:
    attributes = {**CONCERN.attributes, name: value}
    try:
        envelope = Envelope.from_attributes(attributes)
    except EnvelopeError:
        return
    assert envelope.attributes() == attributes


@pytest.mark.parametrize("name", REQUIRED)
def test_a_missing_attribute_is_named(name: str) -> None:
    fewer = {key: value for key, value in CONCERN.attributes.items() if key != name}
    with pytest.raises(EnvelopeError) as caught:
        Envelope.from_attributes(fewer)
    assert (caught.value.code, caught.value.path) == ("envelope.malformed", name)


def test_an_unknown_attribute_is_refused_without_being_repeated() -> None:
    with pytest.raises(EnvelopeError) as caught:
        Envelope.from_attributes({**CONCERN.attributes, "miamarsh": "x"})
    assert "miamarsh" not in str(caught.value)


@pytest.mark.parametrize(
    "name, value",
    [
        ("specversion", "0.3"),
        ("id", "NOT-A-HASH"),
        ("source", "wrenshire-police"),
        ("source", "wrenshire-police/test-1/0000000a/more"),
        ("type", "uk.mash.police.concern.v1"),
        ("time", "2026-03-06T10:00:00"),
        ("time", "2026-03-06T10:00:00+00:00"),
        ("time", "2026-03-06T10:00:00.5Z"),
        ("time", "0001-01-01T00:00:00+14:00"),
        ("time", "1772791200"),
        ("datacontenttype", "application/json; charset=utf-8"),
        ("sequence", "0"),
        ("sequence", "007"),
        ("sequence", "1.0"),
        ("sequence", str(2**53 + 1)),
        ("incident", ""),
        ("keyid", "k" * 101),
    ],
)
def test_what_is_not_written_the_one_way_is_refused_and_the_place_named(name: str, value: str) -> None:
    with pytest.raises(EnvelopeError) as caught:
        Envelope.from_attributes({**CONCERN.attributes, name: value})
    assert (caught.value.code, caught.value.path) == ("envelope.malformed", name)


def test_a_source_tells_agency_and_incarnation() -> None:
    envelope = a_concern().from_police().in_incarnation("0000000b").envelope()
    assert envelope.agency == "wrenshire-police"
    assert envelope.incarnation == "0000000b"
    assert envelope.agency_kind is AgencyKind.POLICE


def test_an_unknown_kind_of_agency_is_no_kind() -> None:
    envelope = a_concern().from_police().envelope().model_copy(update={"type": "uk.mash.circus.clown.lost.v1"})
    assert envelope.agency_kind is None
