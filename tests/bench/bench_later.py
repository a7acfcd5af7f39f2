"""What is done after a report was told of: a long record opened, and past decisions asked again."""

import statistics
from datetime import timedelta
from time import perf_counter

from broker.core.outcome import Outcome
from broker.core.reasking import Trigger
from broker.runtimes.embedded import Embedded
from broker.runtimes.people import SignedIn
from contracts.words import Grade
from tests.bench.bench_line import WrongRunError, a_bench_home, at_work, make_known
from tests.bench.events import CONSIDERED, a_pupil, an_incident, relations
from tests.bench.figure import Figure, figure
from tests.support.builders import EventBuilder
from tests.support.event_parts import at
from tests.support.homes import spool

ENTRIES, DECISIONS = 1000, 10_000
WHY = "the bench asks everything again"
_MANAGER = SignedIn("bench", "Bench", "mash_manager", "mash-core")
_OPENED = 5
_LAST = at("2026-03-08", "22:50")


def opening(entries: int = ENTRIES) -> list[Figure]:
    """Milliseconds to open a child's record of so many reports again; every one is read, checked and merged anew.

    Reference: the same rows read from the recipient's database, still sealed.
    """
    child = a_pupil(0)
    with a_bench_home() as settings:
        spool(settings, relations(child))
        spool(settings, (_evening(number) for number in range(entries)))
        with at_work(settings) as runtime:
            runtime.tick()
            side = runtime.recipients[_MANAGER.recipient]
            wanted = side.store.children()[0]
            shown = len(runtime.desk.view(wanted, _MANAGER).view.timeline)
            if shown < entries:
                msg = f"{shown} of {entries} reports are in the view"
                raise WrongRunError(msg)
            ours = statistics.median(_seconds_to_open(runtime, wanted) for _ in range(_OPENED))
            began = perf_counter()
            rows = side.store._connection.execute("SELECT sealed FROM deliveries WHERE child = ?", (wanted,)).fetchall()
            raw = perf_counter() - began
    return [figure(f"a record of {len(rows):,} reports opened", ours * 1000, raw * 1000, "ms")]


def asking_again(decisions: int = DECISIONS) -> list[Figure]:
    """Seconds to ask so many past decisions again, of which none has changed. Reference: the first time."""
    count = -(-decisions // CONSIDERED)
    with a_bench_home() as settings:
        make_known(settings, range(count))
        spool(settings, (an_incident(a_pupil(number)) for number in range(count)))
        with at_work(settings) as runtime:
            began = perf_counter()
            runtime.tick()
            first = perf_counter() - began
            now = runtime.hub.clock.now()
            trigger = Trigger(child=None, why=WHY, grade=Grade.AMBER, due=now, epoch="")
            runtime.hub.journal.commit(Outcome(triggers=(trigger,)))
            began = perf_counter()
            done = runtime.tick()
            again = perf_counter() - began
            if done.reasked < count:
                msg = f"{done.reasked} of {count} incidents were asked again"
                raise WrongRunError(msg)
    return [figure(f"{count * CONSIDERED:,} past decisions asked again", again, first, "s")]


def _evening(number: int) -> EventBuilder:
    """One more incident about the first child, each on an evening of its own."""
    return an_incident(a_pupil(0)).occurring(_LAST - timedelta(hours=number))


def _seconds_to_open(runtime: Embedded, wanted: str) -> float:
    began = perf_counter()
    runtime.desk.view(wanted, _MANAGER)
    return perf_counter() - began
