"""Whatever came before, erasing one child leaves nothing of that child and changes nothing readable of another."""

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from hypothesis import given, note, settings
from hypothesis import strategies as st

from broker.core.grounds import Ground
from broker.core.identity_acts import ActKind
from broker.core.outcome import RETRACTION
from broker.runtimes.embedded import Embedded
from broker.runtimes.people import SignedIn
from contracts.words import ChildId, EventId
from tests.properties.test_identity_by_people import DOUBTFUL, MIAS, says
from tests.support.builders import (
    EventBuilder,
    a_concern,
    a_domestic_incident,
    a_section_47,
    an_emergency_attendance,
)
from tests.support.homes import a_home, opened, spool
from tests.support.people import THEO

DPO = SignedIn("imran", "Imran", "data_protection_officer", "")
SIRO = SignedIn("olu", "Olu", "senior_information_risk_owner", "")
THEOS = (
    an_emergency_attendance().about(THEO),
    a_domestic_incident().about(THEO),
    a_section_47().about(THEO),
    a_concern().from_school().about(THEO),
)
MANY = int(os.environ.get("MASH_ORDERS", "0"))

Readable = Mapping[tuple[str, str], tuple[object, ...]]


def readable(runtime: Embedded, but: frozenset[EventId]) -> Readable:
    """By recipient and report, what it was told last and can read, of all reports ``but`` these.

    That a report was to be disregarded is no longer to be read once the child under whose name it stood is erased.
    """
    events = {status.delivery.delivery_id: status.delivery.event_id for status in runtime.hub.journal.deliveries()}
    found: dict[tuple[str, str], tuple[object, ...]] = {}
    for recipient, side in runtime.recipients.items():
        for name in side.store.names():
            for kept in side.store.deliveries(name):
                event = events.get(kept.delivery.delivery_id)  # type: ignore[call-overload]
                if event is None or event in but:
                    continue
                told = (kept.delivery.revision, kept.delivery.kind, kept.delivery.child, kept.delivery.values)
                known = found.get((recipient, event))
                if known is None or known[:1] < told[:1]:
                    found[recipient, event] = told
    return {place: told for place, told in found.items() if told[1] != RETRACTION}


def whose(runtime: Embedded, child: ChildId) -> frozenset[EventId]:
    return frozenset(event.event_id for event in runtime.hub.journal.events(child=child))


def still_there(runtime: Embedded, events: frozenset[EventId]) -> list[str]:
    """What recipients can still read of these reports."""
    mine = {s.delivery.delivery_id for event in events for s in runtime.hub.journal.deliveries(event=event)}
    return [
        kept.delivery.delivery_id
        for side in runtime.recipients.values()
        for name in side.store.names()
        for kept in side.store.deliveries(name)
        if kept.delivery.delivery_id in mine and kept.delivery.values
    ]


@settings(max_examples=MANY or 8, deadline=None, derandomize=not MANY)
@given(
    hers=st.sets(st.integers(1, len(MIAS) - 1), max_size=4).map(sorted),
    his=st.sets(st.integers(0, len(THEOS) - 1), min_size=1).map(sorted),
    acts=st.sampled_from(((), (ActKind.LINK,), (ActKind.LINK, ActKind.UNLINK))),
    erased=st.sampled_from((MIAS[0], DOUBTFUL, THEOS[0])),
    data=st.data(),
)
def test_erasing_one_child_leaves_nothing_of_it_and_everything_of_all_others(
    hers: list[int], his: list[int], acts: tuple[ActKind, ...], erased: EventBuilder, data: st.DataObject
) -> None:
    about_him = [THEOS[0], *(THEOS[i] for i in his if i)]
    order = data.draw(st.permutations([MIAS[0], DOUBTFUL, *(MIAS[i] for i in hers), *about_him]))
    note(f"{hers} {his} {acts} {erased.event_type}")
    with tempfile.TemporaryDirectory() as folder:
        home = a_home(Path(folder))
        with opened(home) as runtime:
            runtime.add_person("Sam", ("mash_practitioner@mash-core",))
            runtime.add_person("Imran", ("data_protection_officer",))
            runtime.add_person("Olu", ("senior_information_risk_owner",))
            for event in order:
                spool(home, [event])
                runtime.tick()
            for act in acts:
                says(runtime, act, MIAS[0])
            stored = runtime.hub.journal.event(EventId(erased.id))
            assert stored is not None
            assert stored.child is not None
            gone = whose(runtime, stored.child)
            before = readable(runtime, gone)
            left = runtime.hub.journal.deliveries()

            proposed = runtime.officers.propose_erasure(erased.id, DPO, ground=Ground.LEGAL_OBLIGATION)
            runtime.officers.confirm_erasure(proposed.erasure, SIRO)
            runtime.tick()

            assert readable(runtime, gone) == before
            assert still_there(runtime, gone) == []
            new = {s.delivery.event_id for s in runtime.hub.journal.deliveries()[len(left) :]}
            assert new <= gone
            assert runtime.reconcile().differences == ()
            assert runtime.verify_ledger(against=None, tell=lambda _done, _total: None).finding is None
