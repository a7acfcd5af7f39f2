"""What is read leanly is the same, field by field and byte by byte, as what the published model reads."""

import json
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from broker.runtimes.as_json import plain
from contracts.base import Instant, Model
from contracts.canonical import canonical_fields
from contracts.delivery import Delivery, Notice, Value
from contracts.lean import lean_converter, lean_reader
from contracts.verdict import Basis, CandidateVerdict, CategoryForm, Obligation, Reason, Visibility
from contracts.words import About, Cause, DataCategory, Duty, Effect, Form, Purpose

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


VERDICTS = st.builds(
    CandidateVerdict,
    recipient=PLAIN,
    effect=st.sampled_from(Effect),
    duty=st.sampled_from(Duty),
    basis=st.builds(Basis, art6=PLAIN, gateway=PLAIN),
    bars=st.lists(st.builds(Reason, code=PLAIN, detail=st.dictionaries(PLAIN, SIMPLE, max_size=3)), max_size=3).map(
        tuple
    ),
    categories=st.lists(
        st.builds(
            CategoryForm,
            category=st.sampled_from(DataCategory),
            about=st.sampled_from(About),
            form=st.sampled_from(Form),
        ),
        max_size=3,
    ).map(tuple),
    free_text=st.booleans(),
    visibility=st.lists(
        st.builds(
            Visibility,
            code=PLAIN,
            audience=st.sampled_from(("sender", "recipient", "mash", "dpo")),
            show=st.sampled_from(("show", "ask_the_mash", "nothing")),
        ),
        max_size=2,
    ).map(tuple),
    clock_hours=st.integers(0, 100),
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


@given(verdict=VERDICTS)
def test_a_verdict_of_plain_values_is_the_same_and_is_copied_with_changes(verdict: CandidateVerdict) -> None:
    lean = lean_converter(CandidateVerdict)(verdict.model_dump(mode="json"))
    assert same(lean, verdict)
    assert dict(lean) == {name: getattr(lean, name) for name, _ in verdict}
    assert canonical_fields(lean) == canonical_fields(verdict)
    changes = {"effect": Effect.WITHHOLD, "free_text": False}
    assert same(lean.model_copy(update=changes), verdict.model_copy(update=changes))


@pytest.mark.parametrize("change", [{"clock_hours": -1}, {"clock_hours": "4"}, {"effect": "maybe"}, {"duty": None}])
def test_a_verdict_of_another_shape_is_none(change: dict[str, Any]) -> None:
    plain_values = {"recipient": "mash-core", "effect": "share", "duty": "may", **change}
    with pytest.raises(msgspec.ValidationError):
        lean_converter(CandidateVerdict)(plain_values)


def test_a_time_without_a_zone_is_not_read() -> None:
    class When(Model):
        at: Instant

    assert lean_reader(When)(b'{"at":"2026-03-08T22:50:00Z"}').at == datetime(2026, 3, 8, 22, 50, tzinfo=UTC)
    with pytest.raises(msgspec.ValidationError):
        lean_reader(When)(b'{"at":"2026-03-08T22:50:00"}')


def test_a_model_that_checks_more_has_no_twin() -> None:
    class Coded(Model):
        code: Annotated[str, Field(pattern="^[A-Z]+$")]

    with pytest.raises(TypeError):
        lean_reader(Coded)


def test_what_is_read_cannot_be_changed() -> None:
    lean = lean_reader(Basis)(b"{}")
    with pytest.raises(AttributeError):
        lean.art6 = "e"  # type: ignore[misc]
