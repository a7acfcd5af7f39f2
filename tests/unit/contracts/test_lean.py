"""What is read leanly is the same, field by field and byte by byte, as what the published model reads."""

import json
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from broker.runtimes.as_json import plain
from contracts.delivery import Delivery, Notice, Value
from contracts.lean import lean_reader
from contracts.verdict import Basis, CandidateVerdict, Obligation
from contracts.words import About, Cause, DataCategory, Duty, Form, Purpose

read = lean_reader(Delivery)
WHOLE_SECONDS = st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1)).map(  # noqa: DTZ001 - made UTC here
    lambda each: each.replace(microsecond=0, tzinfo=UTC)
)
PLAIN = st.text(st.characters(codec="utf-8"), max_size=30)
SIMPLE = PLAIN | st.integers(-(2**31), 2**31) | st.booleans()
VALUES = st.builds(
    Value,
    path=PLAIN,
    category=st.sampled_from(DataCategory),
    about=st.sampled_from(About),
    form=st.sampled_from((Form.TOKEN, Form.SUMMARY, Form.GIVE)),
    value=SIMPLE,
)
DELIVERIES = st.builds(
    Delivery,
    delivery_id=PLAIN,
    report=PLAIN,
    revision=st.integers(1, 1000),
    kind=st.sampled_from(("share", "correction", "retraction")),
    recipient=PLAIN,
    child=PLAIN,
    event_type=PLAIN,
    agency=PLAIN,
    occurred_at=WHOLE_SECONDS,
    decided_at=WHOLE_SECONDS,
    purpose=st.sampled_from(Purpose),
    duty=st.sampled_from(Duty),
    basis=st.builds(Basis, art6=PLAIN),
    agreement=PLAIN,
    cause=st.none() | st.sampled_from(Cause),
    unmatched=st.booleans(),
    obligations=st.lists(
        st.builds(Obligation, code=PLAIN, detail=st.dictionaries(PLAIN, SIMPLE, max_size=3)), max_size=3
    ).map(tuple),
    values=st.lists(VALUES, max_size=5).map(tuple),
    notices=st.lists(
        st.builds(Notice, kind=st.sampled_from(("existence", "withheld", "how_to_ask")), text=PLAIN), max_size=2
    ).map(tuple),
)


def same(lean: Any, model: Any) -> bool:
    """Whether both hold the same in every field, types included, all the way down."""
    match model:
        case BaseModel():
            names = type(model).model_fields
            return tuple(names) == type(lean).__struct_fields__ and all(
                same(getattr(lean, name), getattr(model, name)) for name in names
            )
        case tuple():
            return len(lean) == len(model) and all(map(same, lean, model))
        case _:
            return type(lean) is type(model) and bool(lean == model)


@given(delivery=DELIVERIES)
def test_it_holds_the_same_and_is_written_as_the_same_bytes(delivery: Delivery) -> None:
    lean = read(delivery.body())
    assert same(lean, delivery)
    assert lean.body() == delivery.body()
    assert lean.body_digest() == delivery.body_digest()
    assert lean.model_dump(mode="json") == delivery.model_dump(mode="json")
    assert json.loads(lean.model_dump_json()) == json.loads(delivery.model_dump_json())
    assert plain(lean) == plain(delivery)


@given(delivery=DELIVERIES)
def test_what_was_left_out_has_the_models_own_default(delivery: Delivery) -> None:
    written = msgspec.json.decode(delivery.body())
    required = {name: written[name] for name, field in Delivery.model_fields.items() if field.is_required()}
    short = msgspec.json.encode(required)
    assert same(read(short), Delivery.model_validate_json(short))


@pytest.mark.parametrize(
    "change",
    [{"revision": "1"}, {"purpose": "gossip"}, {"stranger": 1}, {"values": [{"path": "x"}]}, {"occurred_at": "noon"}],
    ids=lambda change: str(*change),
)
@given(delivery=DELIVERIES)
def test_another_shape_is_not_read(change: dict[str, Any], delivery: Delivery) -> None:
    other = msgspec.json.encode({**msgspec.json.decode(delivery.body()), **change})
    with pytest.raises(msgspec.DecodeError):
        read(other)


def test_a_model_in_a_model_has_its_twin_by_default_too() -> None:
    written = b'{"recipient": "mash-core", "effect": "share", "duty": "may"}'
    assert same(lean_reader(CandidateVerdict)(written), CandidateVerdict.model_validate_json(written))


def test_what_is_read_cannot_be_changed() -> None:
    lean = lean_reader(Basis)(b"{}")
    with pytest.raises(AttributeError):
        lean.art6 = "e"  # type: ignore[misc]
