"""Whose business a child is at a moment: nobody browses, and whoever was told may open what it was told."""

from datetime import datetime, timedelta

import pytest

from broker.core.assignment import EVER, KEEPS_OPEN, opens_since
from broker.core.facts import Fact, FactKind, KnownChild
from broker.core.partnership import RecipientEntry
from contracts.words import AgencyId, ChildId, EventId, RecipientId, RecipientKind
from tests.support.homes import MONDAY

CHILD = ChildId("c" * 32)
ODS = "ods:Y90001"
ITS_OWN = f"gp:{ODS}"
RELATED = (
    RecipientKind.CSC_TEAM,
    RecipientKind.GP,
    RecipientKind.HEALTH_VISITOR,
    RecipientKind.NURSERY,
    RecipientKind.SCHOOL,
)
OTHERS = sorted(set(RecipientKind) - set(RELATED))
"""Kinds of recipients to which no event relates a child."""
FOLLOW_CASES = frozenset(
    {
        RecipientKind.MASH_CORE,
        RecipientKind.POLICE_MASH,
        RecipientKind.LA_EDUCATION,
        RecipientKind.HEALTH_SAFEGUARDING,
        RecipientKind.CHILD_DEATH_PANEL,
    }
)
IN_TIME = MONDAY - KEEPS_OPEN
LONG_AGO = IN_TIME - timedelta(seconds=1)


def a_fact(
    kind: FactKind, key: str = "", *, until: datetime | None = None, as_at: datetime = MONDAY - timedelta(days=90)
) -> Fact:
    return Fact(CHILD, kind, key, "", as_at, EventId("e" * 32), AgencyId("somebody"), None, until, b"")


def opens(kind: RecipientKind, *facts: Fact, told: datetime | None = None, has_open_question: bool = False) -> datetime:
    return opens_since(
        KnownChild(CHILD, 1, facts, has_safeguarding_event=True),
        RecipientEntry(RecipientId("who"), "Who", kind, "role", organisations=frozenset({ODS})),
        told=told,
        has_open_question=has_open_question,
        health_visitors={ODS: RecipientId("who")},
        now=MONDAY,
    )


@pytest.mark.parametrize("kind", OTHERS)
def test_who_stands_in_no_relation_opens_everything_for_28_days_after_a_report(kind: RecipientKind) -> None:
    assert opens(kind, told=IN_TIME) == EVER
    assert opens(kind, told=LONG_AGO) == opens(kind) == IN_TIME


@pytest.mark.parametrize("kind", OTHERS)
@pytest.mark.parametrize("case", [FactKind.OPEN_CASE, FactKind.PLAN, FactKind.SECTION_47])
def test_an_open_case_is_the_business_of_those_who_work_on_cases_and_tells_the_others_nothing(
    kind: RecipientKind, case: FactKind
) -> None:
    assert (opens(kind, a_fact(case), told=LONG_AGO) == EVER) is (kind in FOLLOW_CASES)
    assert opens(kind, a_fact(case, until=MONDAY), told=LONG_AGO) == IN_TIME


@pytest.mark.parametrize("kind", OTHERS)
def test_a_death_is_the_business_of_those_who_review_it(kind: RecipientKind) -> None:
    reviews = kind in {RecipientKind.CHILD_DEATH_PANEL, RecipientKind.HEALTH_SAFEGUARDING}
    assert (opens(kind, a_fact(FactKind.DEATH), told=LONG_AGO) == EVER) is reviews


@pytest.mark.parametrize("kind", OTHERS)
def test_an_open_question_is_the_business_of_the_hub_alone(kind: RecipientKind) -> None:
    opened = opens(kind, told=LONG_AGO, has_open_question=True)
    assert opened == (EVER if kind is RecipientKind.MASH_CORE else IN_TIME)


@pytest.mark.parametrize("kind", RELATED)
def test_who_stands_in_a_relation_opens_everything_while_it_holds(kind: RecipientKind) -> None:
    assert opens(kind, a_fact(FactKind.RELATION, ITS_OWN)) == EVER
    assert opens(kind, a_fact(FactKind.RELATION, "gp:ods:Y90009"), a_fact(FactKind.OPEN_CASE), told=MONDAY) == IN_TIME


@pytest.mark.parametrize("kind", RELATED)
@pytest.mark.parametrize("days", [1, 27, 29])
def test_without_a_relation_it_opens_only_what_came_after_that_was_over(kind: RecipientKind, days: int) -> None:
    over = MONDAY - timedelta(days=days)
    since = max(over, IN_TIME)
    assert opens(kind, a_fact(FactKind.RELATION, ITS_OWN, until=over), told=MONDAY) == since
    said_later = a_fact(FactKind.RELATION, ITS_OWN, until=over - timedelta(days=3), as_at=over)
    assert opens(kind, said_later, told=MONDAY) == since
