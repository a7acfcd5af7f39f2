"""Reading an event: strict, and silent about values."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.canonical import LARGEST_MESSAGE, canonical
from contracts.envelope import SignedEvent
from contracts.errors import ContractError, EnvelopeError, PayloadError
from contracts.events import police
from contracts.leaves import leaves
from contracts.payload import Payload, handling_code
from contracts.reading import read_event, read_payload, write_payload
from contracts.words import DataCategory
from tests.support.builders import EventBuilder, a_concern, an_event
from tests.support.event_parts import at, intelligence
from tests.support.people import DANA
from tests.unit.contracts.strategies import events

TYPE = police.PoliceConcernRaised.event_type
CONCERN = a_concern().from_police().with_people(DANA)
CONTENT: dict[str, Any] = json.loads(CONCERN.data())


@given(events())
def test_every_event_reads_back_to_its_envelope_and_content(builder: EventBuilder) -> None:
    envelope, payload = read_event(builder.numbered(7).signed())
    assert envelope == builder.numbered(7).envelope()
    assert payload == builder.payload()
    assert write_payload(payload) == builder.data()


@pytest.mark.parametrize(
    "change, path",
    [
        ({"reference": None}, "reference"),
        ({"reference": 7}, "reference"),
        ({"reference": ""}, "reference"),
        ({"reference": "x" * 501}, "reference"),
        ({"is_crime": "yes"}, "is_crime"),
        ({"is_crime": 1}, "is_crime"),
        ({"concern": "sadness"}, "concern"),
        ({"child": {"birth_date": "2016-02-30"}}, "child.birth_date"),
        ({"child": {"birth_date": 20160530}}, "child.birth_date"),
        ({"times": {"occurred": "2026-03-06T10:00:00"}}, "times.occurred"),
        ({"times": {"occurred": 1772791200}}, "times.occurred"),
        ({"times": {}}, "times.occurred"),
        ({"level": {"value": 5}}, "level.value"),
        ({"level": {"value": True}}, "level.value"),
        ({"grade": {"value": "purple"}}, "grade.value"),
        ({"people": [{"role": "mother", "about": "adult"}, {"role": "aunt", "about": "adult"}]}, "people.1.role"),
        ({"people": [{"role": "informant", "about": "informant", "category": "id.core"}]}, "people.0"),
        ({"people": [{"role": "informant", "about": "adult"}]}, "people.0"),
        ({"entries": [{"kind": "fact", "category": "police.incident"}]}, "entries.0"),
        ({"entries": [{"kind": "fact", "category": "child_voice", "text": "x"}]}, "entries.0"),
        ({"entries": [{"kind": "child_words", "category": "police.incident", "text": "x"}]}, "entries.0"),
        ({"entries": {}}, "entries"),
    ],
)
def test_content_that_does_not_fit_is_refused_at_its_place(change: dict[str, Any], path: str) -> None:
    with pytest.raises(PayloadError) as caught:
        read_payload(TYPE, canonical({**CONTENT, **change}))
    assert (caught.value.code, caught.value.path) == ("payload.invalid", path)


@given(st.text("jkqvwxz", min_size=12, max_size=12))
def test_no_error_repeats_a_value_or_an_unknown_field(canary: str) -> None:
    changes: tuple[dict[str, Any], ...] = (
        {canary: 1},
        {"concern": canary},
        {"child": {canary: canary}},
        {"child": {"birth_date": canary}},
        {"people": [{"role": canary, "about": "adult"}]},
        {"times": {"occurred": canary}},
    )
    for change in changes:
        with pytest.raises(PayloadError) as caught:
            read_payload(TYPE, canonical({**CONTENT, **change}))
        assert canary not in str(caught.value)
        assert canary not in repr(caught.value.__cause__)


def test_an_unknown_field_is_placed_by_what_holds_it() -> None:
    with pytest.raises(PayloadError) as caught:
        read_payload(TYPE, canonical({**CONTENT, "child": {**CONTENT["child"], "nickname": "x"}}))
    assert caught.value.path == "child"


def test_a_lone_half_of_a_character_is_not_json() -> None:
    with pytest.raises(PayloadError) as caught:
        read_payload(TYPE, json.dumps({**CONTENT, "reference": "\ud800"}).encode())
    assert caught.value.code == "payload.not_json"


def test_an_unknown_type_is_said_to_be_unknown() -> None:
    with pytest.raises(PayloadError) as caught:
        read_payload("uk.mash.police.unicorn.seen.v1", CONCERN.data())
    assert caught.value.code == "payload.unknown_type"


def test_the_contents_time_is_the_envelopes() -> None:
    event = CONCERN.signed()
    with pytest.raises(PayloadError) as caught:
        read_event(SignedEvent(event.attributes, event.signature, CONCERN.occurring(at("2026-03-07")).data()))
    assert (caught.value.code, caught.value.path) == ("payload.invalid", "times.occurred")


def test_a_kept_notices_child_is_the_envelopes() -> None:
    notice = an_event(police.NoticeKept)
    event = notice.signed()
    with pytest.raises(PayloadError) as caught:
        read_event(SignedEvent(event.attributes, event.signature, notice.saying(subject="0" * 32).data()))
    assert (caught.value.code, caught.value.path) == ("payload.invalid", "subject")


def test_too_much_content_is_refused_before_it_is_read() -> None:
    event = CONCERN.signed()
    with pytest.raises(EnvelopeError) as caught:
        read_event(SignedEvent(event.attributes, event.signature, b"[" * (LARGEST_MESSAGE + 1)))
    assert caught.value.code == "envelope.too_large"


@given(st.binary(max_size=200))
def test_any_bytes_give_a_documented_error_with_a_remedy(content: bytes) -> None:
    with pytest.raises(ContractError) as caught:
        read_payload(TYPE, content)
    assert caught.value.code in type(caught.value).codes
    assert caught.value.remedy


def test_what_was_read_cannot_be_changed() -> None:
    _, payload = read_event(CONCERN.signed())
    with pytest.raises(ValueError, match="frozen"):
        setattr(payload, "child", None)  # noqa: B010 - the type of event is not known here


@pytest.mark.parametrize(
    "entry",
    [
        {"kind": "fact", "category": "police.intel", "text": "x"},
        {"kind": "intelligence", "category": "crime.allegation", "text": "x"},
        {"kind": "allegation", "category": "crime.allegation", "text": "x", "handling_code": "C"},
    ],
)
def test_intelligence_is_guarded_as_such_whatever_its_sender_took_it_for(entry: dict[str, str]) -> None:
    payload = read_payload(TYPE, canonical({**CONTENT, "entries": [entry]}))
    assert isinstance(payload, Payload)
    assert {leaf.category for leaf in leaves(payload) if leaf.path.startswith("entries.")} == {
        DataCategory.POLICE_INTEL
    }
    assert handling_code(payload) == entry.get("handling_code", "")


@pytest.mark.parametrize("category", ["protected_person", "adoption.prior_identity", "health.sexual", "informant"])
def test_intelligence_that_has_a_guard_of_its_own_keeps_it(category: str) -> None:
    entry = {"kind": "intelligence", "category": category, "text": "x", "handling_code": "P"}
    payload = read_payload(TYPE, canonical({**CONTENT, "entries": [entry]}))
    assert isinstance(payload, Payload)
    assert payload.entries[0].category == category


@pytest.mark.parametrize(
    "codes, strictest", [(("P", "C"), "C"), (("P", None), ""), ((None, "C"), "C"), (("P", "P"), "P"), ((), "")], ids=str
)
def test_the_strictest_part_gives_the_handling_code(codes: tuple[str | None, ...], strictest: str) -> None:
    payload = CONCERN.with_entries(*(intelligence("x", handling=code) for code in codes)).payload()
    assert isinstance(payload, Payload)
    assert handling_code(payload) == strictest
