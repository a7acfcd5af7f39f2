"""Whose business a child is at a moment: nobody browses, and whoever was told may open what it was told."""

from datetime import timedelta

import pytest

from broker.core.assignment import KEEPS_OPEN, Told, is_assigned
from broker.core.facts import Fact, FactKind, KnownChild
from broker.core.partnership import RecipientEntry
from contracts.words import AgencyId, ChildId, EventId, RecipientId, RecipientKind
from tests.support.homes import MONDAY

CHILD = ChildId("c" * 32)
ODS = "ods:Y90001"
STANDING = sorted(
    set(RecipientKind)
    - {RecipientKind.MASH_CORE, RecipientKind.CSC_TEAM, RecipientKind.GP, RecipientKind.HEALTH_VISITOR}
    - {RecipientKind.SCHOOL, RecipientKind.NURSERY}
)
"""Kinds of recipients to which no event relates a child."""
RELATED = sorted(set(RecipientKind) - set(STANDING) - {RecipientKind.MASH_CORE})
LONG_AGO = MONDAY - KEEPS_OPEN - timedelta(seconds=1)


def a_fact(kind: FactKind, key: str = "") -> Fact:
    return Fact(CHILD, kind, key, "", MONDAY, EventId("e" * 32), AgencyId("somebody"), None, None, b"")


CASE = a_fact(FactKind.OPEN_CASE)


def opens(kind: RecipientKind, *facts: Fact, told: Told | None = None) -> bool:
    return is_assigned(
        KnownChild(CHILD, 1, facts, has_safeguarding_event=True),
        RecipientEntry(RecipientId("who"), "Who", kind, "role", organisations=frozenset({ODS})),
        last_report=MONDAY,
        has_open_question=True,
        health_visitors={ODS: RecipientId("who")},
        told=told or Told(),
        now=MONDAY,
    )


@pytest.mark.parametrize("kind", STANDING)
def test_who_stands_in_no_relation_opens_what_it_was_told_for_28_days(kind: RecipientKind) -> None:
    assert opens(kind, told=Told(MONDAY - KEEPS_OPEN))
    assert not opens(kind, told=Told(LONG_AGO))


@pytest.mark.parametrize("kind", STANDING)
@pytest.mark.parametrize("case", [FactKind.OPEN_CASE, FactKind.PLAN, FactKind.SECTION_47])
def test_while_a_case_is_open_it_opens_what_it_was_told_at_any_time_and_nothing_if_it_was_not(
    kind: RecipientKind, case: FactKind
) -> None:
    assert opens(kind, a_fact(case), told=Told(LONG_AGO))
    assert not opens(kind, a_fact(case))


@pytest.mark.parametrize("kind", STANDING)
def test_only_who_reviews_a_death_opens_what_it_was_told_for_as_long_as_that_takes(kind: RecipientKind) -> None:
    reviews = kind in {RecipientKind.CHILD_DEATH_PANEL, RecipientKind.HEALTH_SAFEGUARDING}
    assert opens(kind, a_fact(FactKind.DEATH), told=Told(LONG_AGO)) is reviews
    assert not opens(kind, a_fact(FactKind.DEATH))


@pytest.mark.parametrize("kind", RELATED)
def test_who_stands_in_a_relation_opens_while_it_holds_and_whatever_it_was_told_not_after(kind: RecipientKind) -> None:
    assert opens(kind, a_fact(FactKind.RELATION, f"gp:{ODS}"))
    assert not opens(kind, a_fact(FactKind.RELATION, "gp:ods:Y90009"), CASE, told=Told(MONDAY))


@pytest.mark.parametrize("kind", RELATED)
def test_an_answer_to_its_own_request_is_opened_for_28_days_without_a_relation(kind: RecipientKind) -> None:
    assert opens(kind, told=Told(MONDAY, MONDAY - KEEPS_OPEN))
    assert not opens(kind, CASE, told=Told(MONDAY, LONG_AGO))
