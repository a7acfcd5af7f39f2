"""Once asking again is quiet, every recipient holds the same, in whatever order the reports came."""

import os
import tempfile
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from hypothesis import given, note, settings
from hypothesis import strategies as st

from broker.runtimes.embedded import Embedded
from contracts.events import local_authority, school
from contracts.words import EventId
from tests.support.builders import (
    EventBuilder,
    a_concern,
    a_domestic_incident,
    a_protection_plan,
    a_protection_plan_end,
    a_pupil_enrolment,
    a_restriction,
    a_section_47,
    a_worker_allocation,
    an_emergency_attendance,
    an_event,
)
from tests.support.event_parts import MILL_LANE, at
from tests.support.homes import a_home, opened, spool

Held = Mapping[tuple[str, str], frozenset[tuple[str, str, str, str]]]
"""By recipient and report: each value that it holds, with its category, about whom and in what form."""

HISTORY: tuple[EventBuilder, ...] = (
    a_concern().from_school().occurring(at("2026-03-01")).living_at(MILL_LANE),
    an_emergency_attendance().occurring(at("2026-03-02")).living_at(MILL_LANE),
    a_domestic_incident().saying(both_parties_16_or_over=True).occurring(at("2026-03-03")).living_at(MILL_LANE),
    a_pupil_enrolment().occurring(at("2026-02-20")),
    a_worker_allocation().occurring(at("2026-02-21")),
    a_protection_plan().occurring(at("2026-02-22")),
    a_section_47().occurring(at("2026-03-04")),
    a_restriction().occurring(at("2026-03-05")),
    an_event(local_authority.Section47Ended).saying(ended_on=date(2026, 3, 6)).occurring(at("2026-03-06")),
    a_protection_plan_end().saying(ended_on=date(2026, 3, 7)).occurring(at("2026-03-07")),
    an_event(local_authority.WorkerEnded).saying(ended_on=date(2026, 3, 7)).occurring(at("2026-03-07", "11:00")),
    an_event(school.PupilLeft).saying(left_on=date(2026, 3, 8)).occurring(at("2026-03-08")),
    an_event(local_authority.CaseClosed).saying(closed_on=date(2026, 3, 8)).occurring(at("2026-03-08", "11:00")),
)
MANY = int(os.environ.get("MASH_ORDERS", "0"))
"""So many orders drawn anew each time, by ``make long``; else the same few."""

REPORTS = st.sets(st.integers(0, len(HISTORY) - 1), min_size=2, max_size=8).map(sorted)


def held(runtime: Embedded) -> Held:
    """What every recipient holds, report by report, once everything is quiet.

    Reports that only tell of a relation are left out: before a child's first other report nothing of them is kept.
    """
    found: dict[tuple[str, str], frozenset[tuple[str, str, str, str]]] = {}
    names = {
        status.delivery.delivery_id: status.delivery.event_id
        for event in runtime.hub.journal.events()
        if event.is_safeguarding
        for status in runtime.hub.journal.deliveries(event=EventId(event.event_id))
    }
    for recipient, side in runtime.recipients.items():
        last = {}
        for child in side.store.children():
            for kept in sorted(side.store.deliveries(child), key=lambda k: k.delivery.revision):
                last[kept.delivery.report] = kept.delivery
        for delivery in last.values():
            if delivery.kind != "retraction" and delivery.delivery_id in names:
                values = frozenset((v.category, v.about, v.form, str(v.value)) for v in delivery.values)
                found[recipient, names[delivery.delivery_id]] = values  # type: ignore[index]
    return found


def after(order: Sequence[EventBuilder], *, together: int) -> Held:
    """What everybody holds after these reports came in this order, so many at a time."""
    with tempfile.TemporaryDirectory() as folder:
        home = a_home(Path(folder))
        with opened(home) as runtime:
            for start in range(0, len(order), together):
                for event in order[start : start + together]:
                    spool(home, [event])
                runtime.tick()
            assert runtime.reconcile().differences == ()
            return held(runtime)


@settings(max_examples=MANY or 25, deadline=None, derandomize=not MANY)
@given(chosen=REPORTS, data=st.data())
def test_every_recipient_holds_the_same_whatever_the_order_of_arrival(chosen: list[int], data: st.DataObject) -> None:
    order = data.draw(st.permutations(chosen))
    together = data.draw(st.integers(1, 3))
    note(f"{chosen} as {order}, {together} at a time")

    assert after([HISTORY[i] for i in order], together=together) == after([HISTORY[i] for i in chosen], together=1)
