"""A link by hand that is taken back leaves everybody with what they would have had, and with the two notices of it."""

import os
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from hypothesis import given, note, settings
from hypothesis import strategies as st

from broker.core.identity_acts import ActKind
from broker.core.outcome import RETRACTION, SHARE
from broker.runtimes.embedded import Embedded
from broker.runtimes.people import SignedIn
from contracts.delivery import Delivery
from contracts.words import Cause, EventId
from tests.support.builders import (
    EventBuilder,
    a_concern,
    a_domestic_incident,
    a_protection_plan,
    a_pupil_enrolment,
    a_section_47,
    a_worker_allocation,
    an_emergency_attendance,
)
from tests.support.event_parts import MILL_LANE, at
from tests.support.homes import a_home, opened, spool
from tests.support.people import MYA

Held = Mapping[tuple[str, str], frozenset[tuple[str, str, str, str]]]
"""By recipient and report: each value that it holds, with its category, about whom and in what form."""

DOUBTFUL = an_emergency_attendance().about(MYA).occurring(at("2026-03-04"))
MIAS = (
    an_emergency_attendance().occurring(at("2026-03-02")).living_at(MILL_LANE),
    a_concern().from_school().occurring(at("2026-03-01")).living_at(MILL_LANE),
    a_domestic_incident().saying(both_parties_16_or_over=True).occurring(at("2026-03-03")),
    a_pupil_enrolment().occurring(at("2026-02-20")),
    a_worker_allocation().occurring(at("2026-02-21")),
    a_protection_plan().occurring(at("2026-02-22")),
    a_section_47().occurring(at("2026-03-04", "11:00")),
)
SAM = SignedIn("sam", "Sam", "mash_practitioner", "mash-core")
MANY = int(os.environ.get("MASH_ORDERS", "0"))


def last_told(runtime: Embedded) -> dict[tuple[str, EventId], Delivery]:
    """The last word that every recipient has about each report that is more than a relation."""
    journal = runtime.hub.journal
    events = {
        status.delivery.delivery_id: event.event_id
        for event in journal.events()
        if event.is_safeguarding
        for status in journal.deliveries(event=event.event_id)
    }
    last: dict[tuple[str, EventId], Delivery] = {}
    for recipient, side in runtime.recipients.items():
        for name in side.store.names():
            for kept in side.store.deliveries(name):
                event = events.get(kept.delivery.delivery_id)  # type: ignore[call-overload]
                if event is None:
                    continue
                known = last.get((recipient, event))
                if known is None or known.revision < kept.delivery.revision:
                    last[recipient, event] = kept.delivery
    return last


def held(runtime: Embedded) -> Held:
    """What every recipient holds, report by report."""
    return {
        (recipient, event): frozenset((v.category, v.about, v.form, str(v.value)) for v in delivery.values)
        for (recipient, event), delivery in last_told(runtime).items()
        if delivery.kind != RETRACTION
    }


def says(runtime: Embedded, kind: ActKind, hers: EventBuilder) -> None:
    """Sam says it of the doubtful report, and of hers."""
    records = {event.event_id: event.child for event in runtime.hub.journal.events()}
    joined = records[EventId(hers.id)] if kind.joins else None
    record = records[EventId(DOUBTFUL.id)]
    assert record is not None
    runtime.identity.say_of(kind, record, joined, SAM, reason="a telephone call")
    runtime.tick()


Words = Counter[tuple[str, EventId, str, Cause | None]]
"""By recipient and report, how often it was told or told anew, in which way and why."""


def words(runtime: Embedded) -> Words:
    """Everything that ever left."""
    return Counter(
        (each.delivery.recipient, each.delivery.event_id, each.delivery.kind, each.delivery.cause)
        for each in runtime.hub.journal.deliveries()
        if each.released_at is not None
    )


def after(order: Sequence[EventBuilder], *, linked: bool) -> tuple[Held, Words]:
    """What everybody holds, and what they were told on the way."""
    with tempfile.TemporaryDirectory() as folder:
        home = a_home(Path(folder))
        with opened(home) as runtime:
            runtime.add_person("Sam", ("mash_practitioner@mash-core",))
            for event in order:
                spool(home, [event])
                runtime.tick()
            if linked:
                says(runtime, ActKind.LINK, MIAS[0])
            says(runtime, ActKind.UNLINK, MIAS[0])
            assert runtime.reconcile().differences == ()
            return held(runtime), words(runtime)


@settings(max_examples=MANY or 8, deadline=None, derandomize=not MANY)
@given(
    chosen=st.sets(st.integers(1, len(MIAS) - 1), max_size=5).map(sorted),
    data=st.data(),
)
def test_a_link_taken_back_leaves_everybody_with_what_they_would_have_had_plus_two_notices(
    chosen: list[int], data: st.DataObject
) -> None:
    order = [MIAS[0], *(MIAS[i] for i in data.draw(st.permutations(chosen))), DOUBTFUL]
    note(f"{chosen}")

    would_have, without = after(order, linked=False)
    has, told = after(order, linked=True)

    assert has == would_have
    assert not without - told
    by_recipient: dict[tuple[str, EventId], set[tuple[str, Cause | None]]] = {}
    for (recipient, event, kind, cause), times in (told - without).items():
        assert times == 1
        by_recipient.setdefault((recipient, event), set()).add((kind, cause))
    assert by_recipient
    two_notices = {(SHARE, None), (RETRACTION, Cause.DIFFERENT_CHILD)}
    assert all(each == two_notices for each in by_recipient.values()), by_recipient
