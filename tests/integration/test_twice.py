"""What came once comes to nothing new when it comes again; unrelated children do not change each other's answers."""

import random
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest

from broker.core.outcome import Decision
from broker.runtimes.demo import play, schedule
from broker.runtimes.embedded import Embedded
from broker.runtimes.people import choose
from contracts.words import EventId
from tests.support import homes
from tests.support.builders import EventBuilder
from tests.support.busy_week import busy_week
from tests.support.hub import Hub
from tests.support.tree import TOP

WEEKEND = TOP / "broker/demo/weekend"


def figures(runtime: Embedded) -> Mapping[str, object]:
    """Everything that could grow."""
    journal = runtime.hub.journal
    return {
        **journal.counts(),
        "leaves": runtime.hub.ledger.head().size,
        "tasks": sorted(each.question_id for task in journal.tasks() for each in task.questions),
        "held": {name: side.store.delivered() for name, side in runtime.recipients.items()},
        "spooled": {name: len(feed.pending(1000)) for name, feed in runtime.feeds.items()},
    }


WEEKENDS_REPORTS = 17
"""Those of the last seven days; the content of older ones is destroyed in the spools."""


def test_the_weekend_played_again_brings_nothing_new(tmp_path: Path) -> None:
    with homes.opened(homes.a_played_home(tmp_path)) as runtime:
        before = figures(runtime)
        assert before["events_accepted"] != 0
        for played in play(runtime, homes.WEEKEND):
            assert played.summary is None or played.summary.counts["spooled"] == 0, played.step.caption
            assert (played.acts, played.anew, played.now_shared) == ((), (), ())
            assert played.decisions == ()
        assert figures(runtime) == before


def test_the_same_files_under_other_names_bring_nothing_new(tmp_path: Path) -> None:
    with homes.opened(homes.a_played_home(tmp_path)) as runtime:
        before = figures(runtime)
        for number, step in enumerate(homes.FILES):
            copy = tmp_path / f"extract-{number}.dat"
            copy.write_bytes((WEEKEND / step.file).read_bytes())
            assert runtime.ingest(copy, agency=step.agency, kind=step.kind).counts["spooled"] == 0, step.file
        runtime.tick()
        assert figures(runtime) == before


def test_every_event_sent_again_from_the_spools_brings_nothing_new(tmp_path: Path) -> None:
    with homes.opened(homes.a_played_home(tmp_path)) as runtime:
        before = figures(runtime)
    sent_again = 0
    settings = runtime.settings
    for folder in sorted((settings.home / "agencies").iterdir()):
        spool = homes.a_spool(settings, folder.name)
        for adapter, last in spool.summary(now=homes.MONDAY).sequences.items():
            sent_again += spool.send_again(adapter, 1, last, now=homes.MONDAY)
        spool.close()
    assert sent_again == WEEKENDS_REPORTS
    with homes.opened(settings) as runtime:
        assert runtime.tick().repeated == sent_again
        assert figures(runtime) == before


def test_reads_grow_by_exactly_the_views_that_were_opened(tmp_path: Path) -> None:
    with homes.opened(homes.a_played_home(tmp_path)) as runtime:
        before = figures(runtime)
        views = ("mash_practitioner@mash-core", "designated_safeguarding_lead@school-ashdown", "allocated_worker")
        for role in views:
            runtime.desk.view("Mia Marsh", choose(runtime.people(), role, None))
        reads = [record for record, _ in runtime.hub.journal.records() if record.kind == "read"]
        assert len(reads) == len(views)
        runtime.tick()
        after = figures(runtime)
        grown = {name for name in after if after[name] != before[name]}
        assert grown <= {"records", "leaves", "receipts", "deliveries_opened"}
        runtime.tick()
        again = figures(runtime)
        for _ in play(runtime, schedule().weekend):
            pass
        assert figures(runtime) == again


def _decided(decision: Decision) -> tuple[object, ...]:
    verdict = decision.verdict
    return (
        decision.event_id,
        decision.recipient,
        decision.effect,
        tuple(each.code for each in (*verdict.bars, *verdict.asks)),
        verdict.categories,
    )


def _run(folder: Path, events: list[EventBuilder], chance: random.Random) -> Counter[tuple[object, ...]]:
    hub = Hub.in_folder(folder)
    left = events
    while left:
        size = chance.randint(1, 9)
        hub.submit(*left[:size])
        left = left[size:]
    ids = dict.fromkeys(EventId(each.id) for each in events)
    found = Counter(_decided(each) for event_id in ids for each in hub.journal.decisions(event_id))
    hub.journal.close()
    hub.keys.close()
    return found


def _shuffled(children: list[list[EventBuilder]], chance: random.Random) -> list[EventBuilder]:
    """All events, each child's in its own order."""
    left = [list(reversed(theirs)) for theirs in children]
    mixed = []
    while left := [theirs for theirs in left if theirs]:
        mixed.append(chance.choice(left).pop())
    return mixed


@pytest.mark.parametrize("seed", range(4))
def test_the_order_in_which_unrelated_children_come_changes_no_decision(tmp_path: Path, seed: int) -> None:
    events = busy_week(children=7)
    by_child: dict[str, list[EventBuilder]] = {}
    for event in events:
        by_child.setdefault(event.child.reference, []).append(event)
    straight = _run(tmp_path / "straight", events, random.Random(0))
    chance = random.Random(seed)
    mixed = _run(tmp_path / "mixed", _shuffled(list(by_child.values()), chance), chance)
    assert mixed == straight
    assert len(straight) > 100
