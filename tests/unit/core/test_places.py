"""Places: which values tell where a child is, which are new, and which must be guarded."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from broker.core.facts import Fact, FactKind
from broker.core.places import Located, Seen, guarded_since, locate
from contracts.leaves import leaves
from contracts.payload import Address
from contracts.words import About, AgencyId, ChildId, DataCategory, EventId, Restriction
from tests.support.builders import (
    EventBuilder,
    a_domestic_incident,
    a_gp_registration,
    a_pupil_enrolment,
    a_section_47,
    an_emergency_attendance,
)
from tests.support.event_parts import LARCH_HOUSE, LARCH_HOUSE_GUARDED, MILL_LANE

CHILD = ChildId("child-1")
NOW = datetime(2026, 3, 9, 9, tzinfo=UTC)


def fact(kind: FactKind, key: str, value: str = "", *, as_at: datetime = NOW, until: datetime | None = None) -> Fact:
    return Fact(CHILD, kind, key, value, as_at, EventId("e"), AgencyId("wrenshire-police"), until=until)


def located(event: EventBuilder, known: tuple[Fact, ...] = (), *, guarded: bool = False) -> Located:
    """Where the event says that the child is; guarded: since an hour before it occurred."""
    at = event.occurred_at
    seen = Seen(at, at - timedelta(hours=1) if guarded else None)
    return locate(tuple(leaves(event.payload())), known, seen, child=CHILD, secret=b"s")


def after(*events: EventBuilder, days: int = 1) -> tuple[Fact, ...]:
    """What is known of places from events so many days before."""
    known: tuple[Fact, ...] = ()
    for event in events:
        since = event.occurred_at - timedelta(days=days)
        found = located(event.occurring(since), known)
        known = (*known, *(replace(fact(FactKind.LOCATION, key, value), since=since) for key, value in found.places))
    return known


def guarded_paths(found: Located) -> set[str]:
    return {leaf.path for leaf in found.leaves if leaf.category is DataCategory.ID_RESTRICTED_ADDRESS}


def test_a_first_address_is_no_move_and_a_second_is() -> None:
    first = a_section_47().living_at(MILL_LANE)
    assert not located(first).has_moved
    known = after(first)
    assert not located(first, known).has_moved
    assert located(a_section_47().living_at(LARCH_HOUSE), known).has_moved


def test_the_same_place_written_otherwise_is_known() -> None:
    known = after(a_section_47().living_at(MILL_LANE))
    shouted = Address(lines=("4, MILL LANE", "wrenford"), postcode="zz994wr")
    assert not located(a_section_47().living_at(shouted), known).has_moved
    assert not located(a_section_47().living_at(Address(postcode="ZZ99 4WR")), known).has_moved


def test_while_guarded_the_whole_of_a_new_address_is_guarded_and_a_known_one_is_not() -> None:
    known = after(a_section_47().living_at(MILL_LANE))
    found = located(a_section_47().living_at(LARCH_HOUSE), known, guarded=True)
    assert found.has_moved
    assert guarded_paths(found) >= {"address.lines.0", "address.lines.2", "address.postcode", "address.is_new"}
    assert guarded_paths(located(a_section_47().living_at(MILL_LANE), known, guarded=True)) == set()


def test_what_was_first_heard_of_while_guarded_stays_guarded() -> None:
    open_places = after(a_section_47().living_at(MILL_LANE))
    found = located(a_section_47().living_at(LARCH_HOUSE), open_places, guarded=True)
    at = a_section_47().occurred_at
    known = (*open_places, *(replace(fact(FactKind.LOCATION, key, value), since=at) for key, value in found.places))
    again = located(a_section_47().living_at(LARCH_HOUSE), known, guarded=True)
    assert again.has_moved
    assert "address.postcode" in guarded_paths(again)
    assert again.places == ()


@pytest.mark.parametrize(
    "event,paths",
    [
        (a_gp_registration(), {"practice.code", "practice.name", "practice_code"}),
        (an_emergency_attendance(), {"site_code", "site_name"}),
        (a_pupil_enrolment(), {"establishment.code", "establishment.name", "since"}),
    ],
)
def test_everything_that_locates_is_guarded_while_new(event: EventBuilder, paths: set[str]) -> None:
    assert guarded_paths(located(event, guarded=True)) >= paths
    assert guarded_paths(located(event, after(event), guarded=True)) == set()


def test_a_hospital_or_a_scene_is_not_where_a_child_now_lives() -> None:
    assert not located(an_emergency_attendance(), guarded=True).has_moved
    assert not located(a_domestic_incident().saying(place="The Bull, Wrenford"), guarded=True).has_moved
    assert located(a_gp_registration(), guarded=True).has_moved


def test_an_adults_new_address_is_guarded_but_is_no_move_of_the_child() -> None:
    known = after(a_section_47().living_at(MILL_LANE))
    fathers = LARCH_HOUSE.model_copy(update={"about": About.ADULT})
    found = located(a_section_47().living_at(fathers), known, guarded=True)
    assert not found.has_moved
    assert "address.postcode" in guarded_paths(found)


def test_where_the_address_itself_is_restricted_even_a_known_one_is_guarded() -> None:
    known = after(a_section_47().living_at(MILL_LANE))
    restricted = (*known, fact(FactKind.RESTRICTION, Restriction.RESTRICTED_ADDRESS))
    found = located(a_section_47().living_at(MILL_LANE), restricted, guarded=True)
    assert "address.postcode" in guarded_paths(found)


def test_an_address_that_the_sender_guards_is_guarded_anyhow() -> None:
    assert "address.postcode" in guarded_paths(located(a_section_47().living_at(LARCH_HOUSE_GUARDED)))


@pytest.mark.parametrize(
    "marker,guarded",
    [
        (fact(FactKind.RESTRICTION, "domestic_abuse", "marker", as_at=NOW - timedelta(days=360)), True),
        (fact(FactKind.RESTRICTION, "domestic_abuse", "marker", as_at=NOW - timedelta(days=370)), False),
        (fact(FactKind.RESTRICTION, "marac", as_at=NOW - timedelta(days=900)), True),
        (fact(FactKind.RESTRICTION, "marac", until=NOW - timedelta(days=300)), True),
        (fact(FactKind.RESTRICTION, "restricted_address", until=NOW - timedelta(days=400)), False),
        (fact(FactKind.RESTRICTION, "court_order"), False),
    ],
)
def test_places_are_guarded_for_twelve_months(marker: Fact, *, guarded: bool) -> None:
    assert (guarded_since([marker], [], at=NOW + timedelta(hours=1), now=NOW) is not None) is guarded


def test_an_events_own_restriction_guards_it() -> None:
    assert guarded_since([], [Restriction.MARAC], at=NOW, now=NOW) == NOW


def test_a_report_of_abuse_guards_what_comes_after_it_and_not_what_was_told_before() -> None:
    abuse = replace(fact(FactKind.RESTRICTION, "domestic_abuse", "marker"), since=NOW - timedelta(days=2))
    before, itself, after_it = (NOW - timedelta(days=days) for days in (3, 2, 1))
    assert guarded_since([abuse], [], at=before, now=NOW) is None
    assert guarded_since([abuse], [], at=itself, now=NOW) is None
    begun = guarded_since([abuse], [], at=after_it, now=NOW)
    assert begun is not None
    assert itself < begun < after_it


def test_a_restricted_address_is_guarded_in_what_was_told_before_it_too() -> None:
    raised = replace(fact(FactKind.RESTRICTION, "restricted_address"), since=NOW)
    assert guarded_since([raised], [], at=NOW - timedelta(days=3), now=NOW) is not None


def test_places_of_two_children_cannot_be_joined() -> None:
    event = a_section_47().living_at(MILL_LANE)
    seen = Seen(event.occurred_at, None)
    other = locate(tuple(leaves(event.payload())), (), seen, child=ChildId("child-2"), secret=b"s")
    assert {key for key, _ in located(event).places}.isdisjoint(key for key, _ in other.places)
