"""Whatever comes of a report and in whatever order, nobody is left with what they must not hold."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.events import school
from tests.integration.services.test_reask import MONDAY, SCHOOL, Exchange
from tests.integration.services.test_what_stays_told import corrected, first
from tests.support.agreeing import check_everything_has_its_leaf
from tests.support.builders import (
    EventBuilder,
    a_gp_registration,
    a_pupil_enrolment,
    a_restriction,
    a_section_47,
    a_withdrawal,
    a_worker_allocation,
    an_event,
)
from tests.support.homes import a_home, opened
from tests.support.unnoted import another_hears, sent_and_not_noted

RESTRICTION, LEFT, WITHDRAWN = "restriction", "left", "withdrawn"
AROUND = ("section 47", "practice", "worker")


STOPS, GOES_ON = "it stops before it is noted what left", "it goes on"


@settings(max_examples=25, deadline=None, derandomize=True)
@given(data=st.data())
def test_no_school_is_left_with_what_was_restricted_withdrawn_or_no_longer_concerns_it(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    named = data.draw(st.sampled_from(["first", "second"]))
    ends = data.draw(st.lists(st.sampled_from([RESTRICTION, LEFT, WITHDRAWN]), min_size=1, max_size=2, unique=True))
    around = data.draw(st.lists(st.sampled_from(AROUND), max_size=2, unique=True))
    order = data.draw(st.permutations(["first", "second", "third", *ends, *around]))
    events = _events(named)
    home = a_home(tmp_path_factory.mktemp("home"))
    with opened(home) as runtime:
        exchange = Exchange(home, runtime)
        exchange.hears(a_pupil_enrolment())
        was_stopped = False
        for name in order:
            how = data.draw(st.sampled_from([GOES_ON, STOPS]))
            receipts_first = data.draw(st.booleans()) if was_stopped else False
            _hear(exchange, events[name], stops=how == STOPS, beside=was_stopped, receipts_first=receipts_first)
            was_stopped = how == STOPS
        runtime.tick()
        told = [exchange.told(SCHOOL, events[each]) for each in ("first", "second", "third")]
        values = [value for each in told if each is not None for value in each.values]
        if RESTRICTION in ends:
            assert [each for each in values if each.category == "id.address"] == []
        if LEFT in ends or WITHDRAWN in ends:
            assert values == []
        assert runtime.reconcile().differences == ()
        check_everything_has_its_leaf(runtime)


def _hear(exchange: Exchange, event: EventBuilder, *, stops: bool, beside: bool, receipts_first: bool) -> None:
    """``beside``: another process takes it in, because the one that sends has stopped; or that one does, and stops."""
    if beside:
        another_hears(exchange, event, receipts_first=receipts_first, goes_on=not stops)
    elif stops:
        sent_and_not_noted(exchange, event)
    else:
        exchange.hears(event)


def _events(named: str) -> dict[str, EventBuilder]:
    """``named``: which of the two earlier reports the third says it corrects."""
    report = first()
    second = corrected(report)
    third = corrected(report if named == "first" else second, "3")
    return {
        "first": report,
        "second": second,
        "third": third,
        RESTRICTION: a_restriction(),
        LEFT: an_event(school.PupilLeft).saying(left_on=MONDAY.date()),
        WITHDRAWN: a_withdrawal(third),
        "section 47": a_section_47(),
        "practice": a_gp_registration(),
        "worker": a_worker_allocation(),
    }
