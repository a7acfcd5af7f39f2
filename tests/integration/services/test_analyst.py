"""Whoever analyses how the partnership works reads nowhere which school a child goes to, or the hour of a report."""

from datetime import UTC, datetime

import pytest

from broker.core.minimise import source
from broker.services.explain import Caller, _source
from contracts.words import AgencyId, AgencyKind, EventId, RecipientId, RecipientKind
from tests.integration.services.test_reask import CORE, Exchange
from tests.support.builders import a_concern

ANALYST = RecipientId("partnership-analyst")
SCHOOL = AgencyId("ashdown-primary")


@pytest.mark.parametrize(
    "at, day",
    [
        (datetime(2026, 3, 3, 10, 15, tzinfo=UTC), datetime(2026, 3, 3, tzinfo=UTC)),
        (datetime(2026, 6, 30, 23, 30, tzinfo=UTC), datetime(2026, 6, 30, 23, tzinfo=UTC)),
    ],
    ids=["in winter", "after midnight in summer"],
)
def test_of_a_report_an_analyst_is_told_the_sort_of_agency_and_the_day_in_england(at: datetime, day: datetime) -> None:
    assert source(SCHOOL, AgencyKind.SCHOOL, at, RecipientKind.ANALYST) == ("school", day)
    others = set(RecipientKind) - {RecipientKind.ANALYST}
    assert {source(SCHOOL, AgencyKind.SCHOOL, at, each) for each in others} == {(SCHOOL, at)}


def test_an_explanation_tells_an_analyst_no_more_than_a_delivery_does(exchange: Exchange) -> None:
    report = a_concern().from_school()
    exchange.hears(report)
    hub = exchange.runtime.hub
    stored = hub.journal.event(EventId(report.id))
    assert stored is not None
    assert stored.agency == SCHOOL
    told = {each: _source(stored, Caller("recipient", recipient=each), hub.policy) for each in (ANALYST, CORE)}
    day = stored.occurred_at.replace(hour=0, minute=0, second=0, microsecond=0)
    assert told == {ANALYST: ("school", day), CORE: (SCHOOL, stored.occurred_at)}
