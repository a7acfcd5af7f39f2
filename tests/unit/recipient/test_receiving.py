"""A recipient keeps what it was sent, once, sealed, and answers with its own signature."""

import json
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest

from broker.recipient.keys import RecipientKeyError, RecipientKeys, create_keys, load_keys
from broker.recipient.receive import DeliveryRefusedError, NotErasedError, acknowledge, note_opened, receive
from broker.recipient.store import RecipientStore
from contracts.delivery import Delivery, Parcel, Value
from contracts.errors import SignatureError
from contracts.verdict import Basis
from contracts.words import About, DataCategory, Duty, Form, Purpose, ReceiptKind

NOW = datetime(2026, 3, 9, 8, 0, tzinfo=UTC)


def a_delivery(delivery_id: str = "d1", *, words: str = "I do not want to go home", **changes: object) -> Delivery:
    values = {
        "delivery_id": delivery_id,
        "revision": 1,
        "recipient": "school-ashdown",
        "child": "c1",
        "event_type": "uk.mash.school.concern.recorded.v1",
        "agency": "ashdown-primary",
        "occurred_at": datetime(2026, 3, 6, 16, 10, tzinfo=UTC),
        "decided_at": NOW,
        "purpose": Purpose.SAFEGUARDING,
        "duty": Duty.MAY,
        "basis": Basis(art6="6(1)(e)"),
        "agreement": "wrenshire 1",
        "values": (
            Value(
                path="entries.0.kind",
                category=DataCategory.CHILD_VOICE,
                about=About.CHILD,
                form=Form.GIVE,
                value="child_words",
            ),
            Value(
                path="entries.0.text", category=DataCategory.CHILD_VOICE, about=About.CHILD, form=Form.GIVE, value=words
            ),
        ),
    }
    return Delivery.model_validate({**values, **changes})


def in_a_parcel(delivery: Delivery) -> Parcel:
    return Parcel(
        recipient=delivery.recipient, delivery_id=delivery.delivery_id, body=delivery.body(), checkpoint="note"
    )


@pytest.fixture
def keys(tmp_path: Path) -> RecipientKeys:
    return create_keys(tmp_path / "key", "school-ashdown-1")


@pytest.fixture
def store(tmp_path: Path, keys: RecipientKeys) -> RecipientStore:
    return RecipientStore(tmp_path / "view.db", keys)


def test_a_parcel_is_kept_once_however_often_it_comes(store: RecipientStore, keys: RecipientKeys) -> None:
    for _ in range(3):
        receive(store, keys, "school-ashdown", [in_a_parcel(a_delivery())], now=NOW)

    assert len(store.deliveries("c1")) == 1
    assert len(store.waiting(10)) == 3, "each arrival is acknowledged, so a lost receipt mends itself"


def test_a_receipt_names_the_exact_bytes_and_verifies(store: RecipientStore, keys: RecipientKeys) -> None:
    (receipt,) = receive(store, keys, "school-ashdown", [in_a_parcel(a_delivery())], now=NOW)

    receipt.check(keys.public)
    assert receipt.kind is ReceiptKind.DELIVERED
    assert receipt.digest == a_delivery().body_digest()
    with pytest.raises(SignatureError):
        receipt.model_copy(update={"digest": "0" * 64}).check(keys.public)


@pytest.mark.parametrize(
    "parcel",
    [
        in_a_parcel(a_delivery()).model_copy(update={"recipient": "gp-harbour"}),
        in_a_parcel(a_delivery()).model_copy(update={"delivery_id": "d2"}),
        in_a_parcel(a_delivery(recipient="gp-harbour")).model_copy(update={"recipient": "school-ashdown"}),
        in_a_parcel(a_delivery()).model_copy(update={"body": b"{}"}),
    ],
    ids=["addressed to another", "another id", "body for another", "not a delivery"],
)
def test_a_wrong_parcel_is_refused_and_nothing_is_kept(
    store: RecipientStore, keys: RecipientKeys, parcel: Parcel
) -> None:
    with pytest.raises(DeliveryRefusedError):
        receive(store, keys, "school-ashdown", [in_a_parcel(a_delivery("d0")), parcel], now=NOW)

    assert store.children() == []
    assert store.waiting(10) == []


@pytest.mark.parametrize(
    "change",
    [
        {"revision": 0},
        {"revision": "1"},
        {"occurred_at": "2026-03-06T16:10:00"},
        {"kind": "gossip"},
        {"stranger": 1},
        {"values.0.form": "withhold"},
        {"values.0.form": "ask"},
        {"values.0.value": 1.5},
        {"values.0.category": "gossip"},
    ],
    ids=str,
)
def test_a_body_that_is_no_delivery_is_refused_and_nothing_is_kept(
    store: RecipientStore, keys: RecipientKeys, change: dict[str, object]
) -> None:
    whole = json.loads(a_delivery().body())
    [(place, value)] = change.items()
    *steps, name = place.split(".")
    part = whole["values"][0] if steps else whole
    part[name] = value
    parcel = Parcel(recipient="school-ashdown", delivery_id="d1", body=json.dumps(whole).encode(), checkpoint="note")
    with pytest.raises(DeliveryRefusedError, match=r"delivery\.malformed"):
        receive(store, keys, "school-ashdown", [parcel], now=NOW)
    assert not store.delivered()


def test_the_same_id_with_other_content_is_refused(store: RecipientStore, keys: RecipientKeys) -> None:
    receive(store, keys, "school-ashdown", [in_a_parcel(a_delivery())], now=NOW)

    with pytest.raises(DeliveryRefusedError, match=r"delivery\.changed"):
        receive(store, keys, "school-ashdown", [in_a_parcel(a_delivery(words="changed"))], now=NOW)


def test_nothing_kept_can_be_read_in_the_file(store: RecipientStore, keys: RecipientKeys, tmp_path: Path) -> None:
    receive(store, keys, "school-ashdown", [in_a_parcel(a_delivery())], now=NOW)

    for file in tmp_path.iterdir():
        assert b"I do not want to go home" not in file.read_bytes()


def test_opening_is_said_once_for_each_delivery(store: RecipientStore, keys: RecipientKeys) -> None:
    receive(store, keys, "school-ashdown", [in_a_parcel(a_delivery()), in_a_parcel(a_delivery("d2"))], now=NOW)

    first = note_opened(store, keys, "school-ashdown", store.deliveries("c1"), role="designated_lead", now=NOW)
    second = note_opened(store, keys, "school-ashdown", store.deliveries("c1"), role="designated_lead", now=NOW)

    assert {r.delivery_id for r in first} == {"d1", "d2"}
    assert all(r.kind is ReceiptKind.OPENED and r.role == "designated_lead" for r in first)
    assert second == ()


def test_what_was_kept_survives_reopening_and_another_key_opens_nothing(tmp_path: Path, keys: RecipientKeys) -> None:
    store = RecipientStore(tmp_path / "view.db", keys)
    receive(store, keys, "school-ashdown", [in_a_parcel(a_delivery())], now=NOW)
    store.close()

    again = RecipientStore(tmp_path / "view.db", load_keys(tmp_path / "key"))
    assert again.deliveries("c1")[0].delivery.body() == a_delivery().body()
    assert again.checkpoint() == "note"

    stranger = RecipientStore(tmp_path / "view.db", create_keys(tmp_path / "other", "other"))
    with pytest.raises(RecipientKeyError):
        stranger.deliveries("c1")


def test_a_damaged_key_file_is_named_with_a_remedy(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("{")

    with pytest.raises(RecipientKeyError, match="backup"):
        load_keys(tmp_path / "key")


def an_erasure() -> Delivery:
    return a_delivery("e1", kind="retraction", cause="erased", values=(), revision=2)


def files_of(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.glob("view.db*")))


def wrapped_key(store: RecipientStore, child: str) -> bytes:
    row = store._connection.execute("SELECT wrapped FROM child_keys WHERE child = ?", (child,)).fetchone()
    return bytes(row[0])


def test_a_notice_of_erasure_destroys_key_and_content_in_every_file_and_leaves_other_children_alone(
    store: RecipientStore, keys: RecipientKeys, tmp_path: Path
) -> None:
    told = [a_delivery("d1"), a_delivery("d2", words="Nobody asks me"), a_delivery("d3", child="c2")]
    receive(store, keys, "school-ashdown", [in_a_parcel(each) for each in told], now=NOW)
    sealed = [bytes(row[0]) for row in store._connection.execute("SELECT sealed FROM deliveries WHERE child = 'c1'")]
    wrapped, other = wrapped_key(store, "c1"), wrapped_key(store, "c2")

    (receipt,) = receive(store, keys, "school-ashdown", [in_a_parcel(an_erasure())], now=NOW)

    assert (receipt.kind, receipt.digest) == (ReceiptKind.DELIVERED, an_erasure().body_digest())
    left = files_of(tmp_path)
    assert other in left
    assert not [each for each in (wrapped, *sealed) if each in left]
    assert a_delivery("d1").body_digest().encode() not in left
    assert store.children() == ["c2"]
    assert store.deliveries("c1") == []
    assert [kept.delivery.delivery_id for kept in store.deliveries("c2")] == ["d3"]
    assert set(store.delivered()) == {"d1", "d2", "d3", "e1"}


def test_nothing_of_an_erased_child_is_kept_again_however_late_it_comes(
    store: RecipientStore, keys: RecipientKeys
) -> None:
    receive(store, keys, "school-ashdown", [in_a_parcel(a_delivery("d1"))], now=NOW)
    receive(store, keys, "school-ashdown", [in_a_parcel(an_erasure())], now=NOW)
    for late in (a_delivery("d1"), a_delivery("d2"), an_erasure()):
        receive(store, keys, "school-ashdown", [in_a_parcel(late)], now=NOW)
    assert store.children() == []
    assert store.taking_back() == []
    assert [notice.delivery_id for notice in store.erased()] == ["e1"]
    assert store._connection.execute("SELECT count(*) FROM child_keys").fetchone() == (0,)


def test_while_somebody_reads_the_store_no_receipt_is_given_and_it_is_done_when_sent_again(
    store: RecipientStore, keys: RecipientKeys, tmp_path: Path
) -> None:
    receive(store, keys, "school-ashdown", [in_a_parcel(a_delivery("d1"))], now=NOW)
    store.note_sent([position for position, _ in store.waiting(9)])
    wrapped = wrapped_key(store, "c1")
    store._connection.execute("PRAGMA busy_timeout=50")
    reader = sqlite3.connect(tmp_path / "view.db", isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM deliveries").fetchone()
    with pytest.raises(NotErasedError):
        receive(store, keys, "school-ashdown", [in_a_parcel(an_erasure())], now=NOW)
    assert store.waiting(9) == []
    reader.execute("ROLLBACK")
    reader.close()

    receive(store, keys, "school-ashdown", [in_a_parcel(an_erasure())], now=NOW)

    assert [receipt.delivery_id for _, receipt in store.waiting(9)] == ["e1"]
    assert wrapped not in files_of(tmp_path)


def test_a_notice_of_erasure_is_acknowledged_by_a_named_role(store: RecipientStore, keys: RecipientKeys) -> None:
    receive(store, keys, "school-ashdown", [in_a_parcel(an_erasure())], now=NOW)
    (notice,) = store.erased()
    receipt = acknowledge(store, keys, "school-ashdown", notice, role="designated_safeguarding_lead", now=NOW)
    assert (receipt.kind, receipt.digest) == (ReceiptKind.ACKNOWLEDGED, an_erasure().body_digest())
    assert store.erased()[0].acknowledged_by == "designated_safeguarding_lead"
