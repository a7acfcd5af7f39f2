"""The whole line: from a signed event in the spool to a durable view of the recipient and a verified receipt."""

import sqlite3
import statistics
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from time import perf_counter, thread_time

from adapters.kit.spool import Spool
from broker.runtimes.embedded import Embedded
from broker.runtimes.settings import Settings
from broker.runtimes.steps import BATCH
from contracts.question import Question
from contracts.words import Effect
from tests.bench.bench_policy import questions_asked
from tests.bench.events import CONSIDERED, TOLD, a_pupil, an_incident, relations
from tests.bench.figure import Figure, figure
from tests.bench.machine import resident_megabytes
from tests.bench.profile import Profile, profiled
from tests.support.event_parts import POLICE
from tests.support.homes import MONDAY, a_home, a_spool, spool
from tests.support.hub import StillClock

CHUNK = 250
"""Children whose events are spooled at a time; four events each."""

REMEMBERED = 1000
"""How many verdicts are remembered where any are: as many as without a setting."""

_PRAGMAS = ("journal_mode", "synchronous", "wal_autocheckpoint", "page_size")


class WrongRunError(AssertionError):
    """The run did not do what is measured, so its time says nothing."""


@contextmanager
def at_work(settings: Settings) -> Iterator[Embedded]:
    runtime = Embedded.open(settings, clock=StillClock(MONDAY))
    try:
        yield runtime
    finally:
        runtime.close()


@contextmanager
def a_bench_home() -> Iterator[Settings]:
    """A new home on the disk that temporary files are on; no verdict is remembered."""
    with tempfile.TemporaryDirectory(prefix="mash-bench-") as folder:
        yield replace(a_home(Path(folder)), remembered_verdicts=0)


def make_known(settings: Settings, children: range) -> None:
    """Let the relations of these children be known beforehand."""
    spool(settings, (event for number in children for event in relations(a_pupil(number))))
    with at_work(settings) as runtime:
        runtime.tick()


def _spool_incidents(settings: Settings, children: range) -> None:
    spool(settings, (an_incident(a_pupil(number)) for number in children))


@dataclass(frozen=True, slots=True)
class EndToEnd:
    """The figures, where the time went, and questions that were asked on the way."""

    figures: list[Figure]
    profile: Profile
    questions: list[Question]


def end_to_end(count: int = 1000, *, alone: int = 30) -> EndToEnd:
    """Incidents a second through the whole line: without memory of verdicts, under the profiler, and with memory.

    Reference: the same signed events as raw bytes into one table of SQLite, same pragmas, same grouping.
    """
    with a_bench_home() as settings:
        make_known(settings, range(3 * count))
        _spool_incidents(settings, range(count))
        with at_work(settings) as runtime:
            messages = _messages(settings, count)
            took, worked = _timed_tick(runtime)
            check(runtime, count)
        raw, raw_worked = _raw(settings, messages)
        _spool_incidents(settings, range(count, 2 * count))
        with at_work(settings) as runtime:
            with profiled() as profile:
                runtime.tick()
            questions = questions_asked(runtime)
        _spool_incidents(settings, range(2 * count, 3 * count))
        with at_work(replace(settings, remembered_verdicts=REMEMBERED)) as runtime:
            took_less, worked_less = _timed_tick(runtime)
            check(runtime, 3 * count)
        one = _alone(settings, 3 * count, alone)
    figures = [
        figure("end to end, six considered and three told", count / took, count / raw, "events/s"),
        figure("the same, verdicts remembered", count / took_less, count / raw, "events/s"),
        figure("processor time of an event, end to end", worked / count * 1000, raw_worked / count * 1000, "ms"),
        figure("the same, verdicts remembered", worked_less / count * 1000, raw_worked / count * 1000, "ms"),
        figure("one event alone, spool to receipt", one * 1000, raw / count * 1000, "ms"),
    ]
    return EndToEnd(figures, profile, questions)


def check(runtime: Embedded, count: int) -> None:
    """Check that each incident was put to six, shared with three, kept by each of them and receipted.

    Raises:
        WrongRunError: it was not so.
    """
    journal = runtime.hub.journal
    incidents = [event for event in journal.events() if event.considered]
    for event in incidents[:: max(1, len(incidents) // 50)]:
        effects = [each.effect for each in journal.decisions(event.event_id)]
        if len(effects) != CONSIDERED or effects.count(Effect.SHARE) != TOLD:
            msg = f"{len(effects)} were considered and {effects.count(Effect.SHARE)} told"
            raise WrongRunError(msg)
    counts = journal.counts()
    kept = sum(len(side.store.delivered()) for side in runtime.recipients.values())
    shares = {kept, counts["deliveries_released"], counts["deliveries_delivered"], counts["receipts"], TOLD * count}
    if len(incidents) != count or len(shares) != 1 or counts["records_pending"]:
        msg = f"{len(incidents)} incidents of {count}, {sorted(shares)} deliveries by account"
        raise WrongRunError(msg)


def _messages(settings: Settings, count: int) -> list[bytes]:
    """What waits in the force's spool, as bytes."""
    waiting: Spool = a_spool(settings, POLICE)
    events = waiting.pending(count)
    waiting.close()
    return [repr(sorted(each.attributes.items())).encode() + each.signature.encode() + each.data for each in events]


def _raw(settings: Settings, messages: Sequence[bytes]) -> tuple[float, float]:
    """What it takes to insert the same bytes in the same groups, with the journal's pragmas, and nothing else.

    Seconds, and seconds of the processor.
    """
    with at_work(settings) as runtime, runtime.hub.journal._store.reading() as session:
        pragmas = {name: session._connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in _PRAGMAS}
    connection = sqlite3.connect(settings.home / "raw.db", isolation_level=None)
    for name, value in pragmas.items():
        connection.execute(f"PRAGMA {name} = {value}")
    connection.execute("CREATE TABLE events (position INTEGER PRIMARY KEY, event BLOB NOT NULL)")
    waiting, began, began_work = iter(messages), perf_counter(), thread_time()
    while group := list(islice(waiting, BATCH)):
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("INSERT INTO events (event) VALUES (?)", [(each,) for each in group])
        connection.execute("COMMIT")
    took = perf_counter() - began, thread_time() - began_work
    connection.close()
    return took


def _alone(settings: Settings, start: int, times: int) -> float:
    """Seconds from spool to receipt for one event with nothing else to do: the median."""
    make_known(settings, range(start, start + times))
    took = []
    with at_work(settings) as runtime:
        for number in range(start, start + times):
            _spool_incidents(settings, range(number, number + 1))
            took.append(_timed_tick(runtime)[0])
    return statistics.median(took)


def growing(small: int, large: int) -> list[Figure]:
    """What an event costs, and what the process holds, once ``large`` events are in the home, against ``small``.

    Three of four events are relations that become known, the fourth is the incident. Time is that of the last fifth of
    the events up to each size.
    """
    marks: dict[int, tuple[float, float, float, float]] = {}
    took: list[tuple[float, float]] = []
    with a_bench_home() as settings, at_work(settings) as runtime:
        for done in range(4 * CHUNK, large + 1, 4 * CHUNK):
            children = range(done // 4 - CHUNK, done // 4)
            spool(settings, (event for number in children for event in relations(a_pupil(number))))
            known = _timed_tick(runtime)
            _spool_incidents(settings, children)
            took.extend((known, _timed_tick(runtime)))
            if done in {small, large}:
                marks[done] = (*_last_fifth(took), resident_megabytes(), _megabytes(settings.home))
        check(runtime, large // 4)
    early, early_work, memory, disk = marks[small]
    late, late_work, more_memory, more_disk = marks[large]
    sizes = f"at {large:,} events, against {small:,}"
    return [
        figure(f"time of an event {sizes}", late * 1000, early * 1000, "ms"),
        figure(f"processor time of an event {sizes}", late_work * 1000, early_work * 1000, "ms"),
        figure(f"memory {sizes}", more_memory, memory, "MB"),
        figure(f"disk an event {sizes}", more_disk * 1000 / large, disk * 1000 / small, "kB"),
    ]


def _timed_tick(runtime: Embedded) -> tuple[float, float]:
    """Seconds, and seconds of the processor."""
    began, began_work = perf_counter(), thread_time()
    runtime.tick()
    return perf_counter() - began, thread_time() - began_work


def _last_fifth(took: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Seconds an event, and seconds of the processor; ``took``: two ticks for each chunk."""
    last = took[-2 * max(1, len(took) // 10) :]
    events = len(last) * 2 * CHUNK
    return sum(wall for wall, _ in last) / events, sum(work for _, work in last) / events


def _megabytes(home: Path) -> float:
    return sum(path.stat().st_size for path in home.rglob("*") if path.is_file()) / 1e6
