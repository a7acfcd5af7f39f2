"""A view is built only from what was delivered, and says what is what."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from broker.recipient.store import Kept
from broker.recipient.view import build_view
from contracts.delivery import Delivery, Notice, Value
from contracts.verdict import Basis
from contracts.words import About, DataCategory, Duty, Form, Purpose

FRIDAY = datetime(2026, 3, 6, 16, 10, tzinfo=UTC)


def a_value(
    path: str,
    value: str | int | bool,  # noqa: FBT001 - a leaf value of any scalar sort
    category: DataCategory = DataCategory.ID_CORE,
    form: Form = Form.GIVE,
    about: About = About.CHILD,
) -> Value:
    return Value.model_validate({"path": path, "value": value, "category": category, "form": form, "about": about})


def kept(
    delivery_id: str, *values: Value, days: int = 0, came: str = "2026-03-06T16:11:00Z", **changes: object
) -> Kept:
    delivery = Delivery.model_validate(
        {
            "delivery_id": delivery_id,
            "report": changes.get("revises") or delivery_id,
            "revision": 1,
            "recipient": "mash-core",
            "child": "c1",
            "event_type": "uk.mash.school.concern.recorded.v1",
            "agency": "ashdown-primary",
            "occurred_at": FRIDAY + timedelta(days=days),
            "decided_at": FRIDAY + timedelta(days=days),
            "purpose": Purpose.SAFEGUARDING,
            "duty": Duty.MAY,
            "basis": Basis(art6="6(1)(e)"),
            "agreement": "wrenshire 1",
            "values": values,
            **changes,
        }
    )
    return Kept(delivery, came, None, None)


def said(index: int, sort: str, text: str) -> tuple[Value, ...]:
    voice = DataCategory.CHILD_VOICE if sort == "child_words" else DataCategory.EDU_CONCERN
    return (
        a_value(f"entries.{index}.kind", sort, voice),
        a_value(f"entries.{index}.text", text, voice),
    )


def test_a_view_of_nothing_is_empty_and_says_no_name() -> None:
    view = build_view("c1", [])

    assert view.name == ""
    assert view.timeline == ()
    assert view.unread == 0


def test_the_childs_words_are_set_apart_and_every_statement_keeps_its_mark() -> None:
    view = build_view("c1", [kept("d1", *said(0, "child_words", "I hide"), *said(1, "opinion", "looks tired"))])

    assert [words for _, _, words in view.child_words] == ["I hide"]
    assert [(s.sort, s.text) for s in view.timeline[0].statements] == [
        ("child_words", "I hide"),
        ("opinion", "looks tired"),
    ]


def test_the_latest_name_stands_and_a_later_revision_replaces_the_one_it_revises() -> None:
    first = kept("d1", a_value("child.forenames", "Mia"), a_value("child.surname", "Marsh"))
    moved = kept("d2", a_value("child.surname", "Doyle"), days=1)
    again = kept("d3", a_value("child.surname", "Elm"), days=1, revises="d2", revision=2)

    view = build_view("c1", [again, moved, first])

    assert view.name == "Mia Elm"
    assert [m.delivery_id for m in view.timeline] == ["d1", "d3"]


def test_what_was_about_another_child_is_marked_and_no_longer_counts() -> None:
    wrong = kept("d1", a_value("child.forenames", "Mya"), *said(0, "child_words", "mine"))
    retraction = kept("d2", kind="retraction", revises="d1", revision=2, cause="different_child")

    view = build_view("c1", [wrong, retraction])

    assert view.name == ""
    assert view.child_words == ()
    assert [(m.delivery_id, m.is_withdrawn, m.cause) for m in view.timeline] == [("d2", True, "different_child")]


def test_a_token_is_shown_in_place_of_an_address() -> None:
    stand_in = "kept back, contact through Asha Bell"
    token = a_value("address.token", stand_in, DataCategory.ID_RESTRICTED_ADDRESS, Form.TOKEN)

    view = build_view("c1", [kept("d1", token)])

    assert [(a.text, a.is_kept_back) for a in view.address] == [(stand_in, True)]


def test_notices_of_what_is_kept_back_are_listed_once() -> None:
    notice = Notice(kind="withheld", text="somebody else is kept back")

    view = build_view("c1", [kept("d1", notices=(notice,)), kept("d2", notices=(notice,))])

    assert view.kept_back == ("somebody else is kept back",)


def test_an_unmatched_report_is_on_the_page_but_says_nothing_of_the_child() -> None:
    view = build_view("c1", [kept("d1", a_value("child.forenames", "Mya"), unmatched=True)])

    assert view.name == ""
    assert view.timeline[0].unmatched
    assert view.timeline[0].given_as == ("Mya",)


@given(order=st.permutations(range(5)))
def test_the_order_in_which_deliveries_arrived_does_not_change_a_view(order: list[int]) -> None:
    deliveries = [kept(f"d{i}", a_value("child.forenames", f"Name{i}"), days=i // 2) for i in range(5)]

    assert build_view("c1", [deliveries[i] for i in order]) == build_view("c1", deliveries)
