"""What several hubs take in at the same time comes to the same as what one takes in."""

import random
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import cast

import pytest

from broker.core.outcome import EventState
from broker.drivers.sql.journal import SqlJournal
from contracts.envelope import SignedEvent
from contracts.words import ChildId, EventId
from tests.support.busy_week import a_week_with_corrections
from tests.support.hub import Hub, shipped_policy
from tests.support.hubs import Hubs, Watched

HUBS = 3


@pytest.mark.parametrize("seed", range(4))
def test_given_three_hubs_when_a_week_comes_in_bits_then_all_is_as_if_one_had_taken_it_in_one_by_one(
    hubs: Hubs, tmp_path: Path, seed: int
) -> None:
    """What comes of a report follows from those of the same child before it, in the order in which they are kept."""
    week = {each.attributes["id"]: each for each in (built.signed() for built in a_week_with_corrections(6))}
    with ThreadPoolExecutor(HUBS) as threads:
        shares = dealt(list(week.values()), random.Random(seed))
        for done in [threads.submit(take_in_bits, hubs, share, seed + place) for place, share in enumerate(shares)]:
            done.result(timeout=300)
    many, alone = hubs.one(shipped_policy()).journal, Hub.in_folder(tmp_path / "alone")
    kept = many.events()
    assert {each.event_id for each in kept if each.state is EventState.ACCEPTED} == set(week)
    for each in kept:
        alone.submit(week[each.event_id])
    assert came_of(many) == came_of(alone.journal)


def dealt(week: Sequence[SignedEvent], chance: random.Random) -> Sequence[Sequence[list[SignedEvent]]]:
    """For each hub the feeds of some agencies, each in its own order."""
    feeds = defaultdict(list)
    for each in week:
        feeds[each.attributes["source"]].append(each)
    shares: list[list[list[SignedEvent]]] = [[] for _ in range(HUBS)]
    for feed in feeds.values():
        chance.choice(shares).append(feed)
    return shares


def take_in_bits(hubs: Hubs, feeds: Sequence[list[SignedEvent]], seed: int) -> None:
    """Take in some of one feed, then some of another, with pauses while the policy is asked."""
    chance = random.Random(seed)
    hub = hubs.one(Watched(lambda: time.sleep(chance.random() / 200)))
    while waiting := [each for each in feeds if each]:
        feed = chance.choice(waiting)
        size = chance.randint(1, 6)
        hub.submit(*feed[:size])
        del feed[:size]


def came_of(journal: SqlJournal) -> Mapping[str, object]:
    """What came of every report, and what is known of every child, without the ids that differ each time."""
    known = {each.event_id: journal.known_child(cast("ChildId", each.child)) for each in journal.events()}
    of_child: dict[str, list[str]] = defaultdict(list)
    facts: dict[str, list[tuple[object, ...]]] = {}
    for event, child in known.items():
        assert child is not None
        of_child[child.standing].append(event)
        facts[child.standing] = sorted(
            (each.kind.value, each.value, each.source_event, str(each.as_at), str(each.until), each.version)
            for each in child.facts
        )
    return {
        "whose": sorted(sorted(events) for events in of_child.values()),
        "facts": {min(events): facts[child] for child, events in of_child.items()},
        "decided": {event: _decided(journal, event) for event in known},
        "told": {event: _told(journal, event) for event in known},
        "counts": {name: number for name, number in journal.counts().items() if name != "replies_pending"},
        "asks": sorted((each.trigger.why, each.trigger.due) for each in journal.reasks_waiting()),
    }


def _decided(journal: SqlJournal, event: EventId) -> list[tuple[object, ...]]:
    return sorted(
        (each.recipient, each.effect.value, each.facts_version, each.verdict.model_dump_json())
        for each in journal.decisions(event)
    )


def _told(journal: SqlJournal, event: EventId) -> list[tuple[object, ...]]:
    return sorted(
        (
            each.delivery.recipient,
            each.delivery.revision,
            each.delivery.kind,
            str(each.delivery.cause),
            each.is_superseded,
        )
        for each in journal.deliveries(event=event)
    )
