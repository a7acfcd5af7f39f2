"""Measures the line over Kafka: one hub and two, how long a report takes, and a bare Faust application beside it.

    python -m tests.bench.streamed --page docs/performance.md

A whole partnership runs on this machine (`make up`), so every process shares its processors with all others.
"""

import argparse
import asyncio
import json
import os
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread
from typing import Any, Final, Self

import faust
from kafka.admin import KafkaAdminClient, NewTopic

from adapters.kit.run import Signing
from broker.drivers.clock.scripted import ScriptedClock
from broker.drivers.kafka.cluster import Cluster
from broker.runtimes.demo import open_streamed_demo
from broker.runtimes.home import Home, demo_key
from broker.runtimes.kafka import named_cluster
from broker.runtimes.settings import KafkaSettings, Settings
from broker.runtimes.streamed import Streamed
from contracts.events.police import DomesticIncidentNotified
from contracts.words import EventId, RecipientId
from infra.local.kafka import ADMIN
from infra.local.partnership import Folder
from tests.bench.bench_line import WrongRunError
from tests.bench.events import CONSIDERED, TOLD, a_pupil, an_attendance, an_incident, relations
from tests.bench.machine import machine
from tests.bench.page import STREAMED, table_page, with_part
from tests.support import homes
from tests.support.builders import EventBuilder
from tests.support.event_parts import POLICE
from tests.support.processes import a_partnership

AT_ONCE: Final = 500
"""Incidents that lie in the force's spool when the clock starts."""
RATES: Final = {1: 30, 10: 200, 25: 500}
"""Incidents a second, and how many of them."""
FRONT_DOOR: Final = RecipientId("mash-core")
_COPY: Final = "bench.copy"
_LONGEST: Final = 300.0


@dataclass
class Watching:
    """Notes when each delivery is there to be read at the front door, to about ten milliseconds."""

    view: Path
    seen: dict[str, float] = field(default_factory=dict)
    _over: Event = field(default_factory=Event)

    @contextmanager
    def running(self) -> Iterator[Self]:
        """Look until the end."""
        thread = Thread(target=self._look, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._over.set()
            thread.join()

    def until(self, number: int) -> float:
        """Wait until so many have come; the time of the last."""
        last = time.monotonic() + _LONGEST
        while len(self.seen) < number:
            if time.monotonic() > last:
                msg = f"{len(self.seen)} of {number} came to the front door"
                raise WrongRunError(msg)
            time.sleep(0.05)
        return max(self.seen.values())

    def _look(self) -> None:
        with closing(sqlite3.connect(f"file:{self.view}?mode=ro", uri=True)) as opened:
            row = int(opened.execute("SELECT coalesce(max(rowid), 0) FROM deliveries").fetchone()[0])
            while not self._over.wait(0.01):
                for number, delivery in opened.execute(
                    "SELECT rowid, delivery_id FROM deliveries WHERE rowid > ? ORDER BY rowid", (row,)
                ).fetchall():
                    row, self.seen[str(delivery)] = int(number), time.monotonic()


class Partnership:
    """A running partnership, and which incidents have been sent into it."""

    def __init__(self, folder: Folder) -> None:
        """Open it beside its processes."""
        self._folder = folder
        self.runtime: Streamed = open_streamed_demo(Settings(folder.home, demo_key(folder.home), None, "warning"))
        ScriptedClock(self.runtime.home.scripted_clock).set(homes.MONDAY)
        self.settings = self.runtime.settings
        self._next = 0

    def close(self) -> None:
        """Leave it as it is."""
        self.runtime.close()

    def make_known(self, number: int) -> None:
        """Let the relations of so many children be known beforehand."""
        homes.spool(self.settings, (each for child in range(number) for each in relations(a_pupil(child))))
        self._until_accepted(3 * number)
        self.runtime.tick()

    def all_at_once(self) -> tuple["Burst", float]:
        """Send many at once; how they are taken in, and how many a second are at the front door."""
        with self._watching().running() as view:
            burst = self._burst([an_incident(each) for each in self._children(AT_ONCE)])
            return burst, AT_ONCE / (view.until(AT_ONCE) - burst.began)

    def from_two(self) -> "Burst":
        """Send as many at once, half of them from another agency, whose topic another hub reads where there is one."""
        children, half = self._children(AT_ONCE), AT_ONCE // 2
        return self._burst([*map(an_incident, children[:half]), *map(an_attendance, children[half:])])

    def steadily(self, rate: int, number: int) -> Sequence[float]:
        """Send so many evenly; for each the seconds from the adapter's report to the front door's view, sorted."""
        agency = homes.agency_of(self.settings, POLICE)
        begun: dict[str, float] = {}
        with self._watching().running() as view, closing(homes.a_spool(self.settings, POLICE)) as spool:
            start = time.monotonic()
            for place, child in enumerate(self._children(number)):
                draft = homes.a_draft(an_incident(child))
                time.sleep(max(0.0, start + place / rate - time.monotonic()))
                begun[draft.id] = time.monotonic()
                spool.spool([draft], Signing(agency), now=homes.MONDAY)
            view.until(number)
        self.runtime.tick()
        return sorted(view.seen[self._delivery(EventId(event))] - at for event, at in begun.items())

    def check(self) -> None:
        """Check that incidents were put to six and shared with three.

        Raises:
            WrongRunError: it was not so.
        """
        journal = self.runtime.hub.journal
        incidents = [each for each in journal.events() if each.event_type == DomesticIncidentNotified.event_type]
        for event in incidents[:: AT_ONCE // 10]:
            decisions = journal.decisions(event.event_id)
            if len(decisions) != CONSIDERED or sum(each.effect.value == "share" for each in decisions) != TOLD:
                msg = f"{event.event_id} was not put to {CONSIDERED} and shared with {TOLD}"
                raise WrongRunError(msg)

    def as_admin(self) -> Cluster:
        """Kafka, with all rights."""
        named = self._folder.variables("partner")
        server, authority = named["MASH_KAFKA_SERVERS"], Path(named["MASH_KAFKA_CA_FILE"])
        return named_cluster(KafkaSettings((server,), ADMIN, self._folder.password(ADMIN), authority))

    def _burst(self, events: Sequence[EventBuilder]) -> "Burst":
        """Send all of them at once, and wait until everything is at rest."""
        before = self._accepted()
        with _Waits(self.runtime) as waits:
            worked = self._hubs_worked()
            homes.spool(self.settings, events)
            began = time.monotonic()
            self._until_accepted(before + len(events))
            taken_in = time.monotonic() - began
            self.runtime.tick()
        return Burst(began, len(events) / taken_in, (self._hubs_worked() - worked) / len(events), waits.share())

    def _children(self, number: int) -> list[Any]:
        first, self._next = self._next, self._next + number
        return [a_pupil(each) for each in range(first, first + number)]

    def _watching(self) -> Watching:
        return Watching(Home(self.settings.home).recipient(FRONT_DOOR) / "view.db")

    def _delivery(self, event: EventId) -> str:
        found = self.runtime.hub.journal.deliveries(event=event, recipient=FRONT_DOOR)
        return next(each.delivery.delivery_id for each in found if each.released_at is not None)

    def _until_accepted(self, number: int) -> None:
        """Wait until so many are; looked at four times a second, for each look counts the rows of all tables."""
        last = time.monotonic() + _LONGEST
        while (accepted := self._accepted()) < number:
            if time.monotonic() > last:
                msg = f"{accepted} of {number} reports were taken in"
                raise WrongRunError(msg)
            time.sleep(0.25)

    def _accepted(self) -> int:
        return int(self.runtime.hub.journal.counts().get("events_accepted", 0))

    def _hubs_worked(self) -> float:
        """Processor seconds of all hubs until now."""
        pids: Mapping[str, int] = json.loads((self._folder.root / "pids.json").read_text(encoding="ascii"))
        return sum(_worked(pid) for name, pid in pids.items() if name.startswith("hub-"))


@dataclass(frozen=True, slots=True)
class Burst:
    """When it began; reports a second taken in; the hubs' processor seconds for each; waiting for a lock."""

    began: float
    taken_in: float
    worked: float
    waits: float


class _Waits:
    """Looks twenty times a second how many of the database's connections of hubs wait for a lock."""

    def __init__(self, runtime: Streamed) -> None:
        self._engine = runtime.hub.journal._store.engine
        self._over = Event()
        self._thread = Thread(target=self._look, daemon=True)
        self._looks = self._waiting = 0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def share(self) -> float:
        """Of the looks at a hub that did something, in how many it waited."""
        return self._waiting / self._looks if self._looks else 0.0

    def _look(self) -> None:
        asked = (
            "SELECT count(*), count(*) FILTER (WHERE wait_event_type = 'Lock') FROM pg_stat_activity"
            " WHERE usename = 'mash_hub' AND state <> 'idle'"
        )
        with self._engine.connect() as connection:
            while not self._over.wait(0.05):
                busy, waiting = connection.exec_driver_sql(asked).one()
                connection.rollback()
                self._looks, self._waiting = self._looks + busy, self._waiting + waiting


def copied_by_faust(cluster: Cluster, number: int) -> float:
    """Messages a second that a bare Faust application copies one by one from the force's topic to another."""
    admin = KafkaAdminClient(**cluster.arguments())
    admin.create_topics([NewTopic(_COPY, 1, 1)])
    admin.close()
    with tempfile.TemporaryDirectory(prefix="mash-bench-") as folder:
        return asyncio.run(_copying(cluster, number, folder))


async def _copying(cluster: Cluster, number: int, folder: str) -> float:
    app = faust.App(
        "bench",
        broker=[f"kafka://{each}" for each in cluster.servers],
        broker_credentials=faust.SASLCredentials(
            username=cluster.user, password=cluster.password, mechanism="SCRAM-SHA-512", ssl_context=cluster.tls
        ),
        store="memory://",
        datadir=folder,
        autodiscover=False,
        web_enabled=False,
        topic_disable_leader=True,
        topic_allow_declare=False,
        consumer_auto_offset_reset="earliest",
    )
    source, copy = (
        app.topic(name, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw")
        for name in (f"submitted.{POLICE}", _COPY)
    )
    times: list[float] = []
    all_copied = asyncio.Event()

    @app.agent(source, concurrency=1)
    async def copying(stream: Any) -> None:
        async for event in stream.events():
            await (await copy.send(key=event.key, value=event.value, headers=event.headers))
            times.append(time.monotonic())
            if len(times) == number:
                all_copied.set()

    await app.start()
    try:
        await asyncio.wait_for(all_copied.wait(), _LONGEST)
    finally:
        await app.stop()
    return (number - 1) / (times[number - 1] - times[0])


def _worked(pid: int) -> float:
    after_name = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(after_name[11]) + int(after_name[12])) / os.sysconf("SC_CLK_TCK")


def figures() -> dict[str, str]:
    """Run both partnerships, one after the other."""
    with tempfile.TemporaryDirectory(prefix="mash-bench-") as root:
        _say("a partnership with one hub")
        with a_partnership(Path(root), hubs=1) as folder:
            one, latencies, bare = _with_one_hub(Partnership(folder))
    with tempfile.TemporaryDirectory(prefix="mash-bench-") as root:
        _say("a partnership with two hubs")
        with a_partnership(Path(root), hubs=2) as folder, closing(Partnership(folder)) as partnership:
            partnership.make_known(2 * AT_ONCE)
            two = _bursts(partnership)
            partnership.check()
    of_bare = one.force.taken_in / bare
    return {
        "one hub takes in": one.told_as(),
        "two hubs take in": two.told_as(),
        "a bare Faust application copies the same": f"{bare:,.0f} a second; one hub is {of_bare:.2f} of it",
        "from two agencies at once": f"one hub {one.two.taken_in:.0f} reports a second, two {two.two.taken_in:.0f}",
        "processor time of the hubs, a report of them": f"one {_ms(one.two.worked)}, two {_ms(two.two.worked)}",
        "hubs at work in the database that wait for a lock": f"{one.two.waits:.0%}, of two {two.two.waits:.0%}",
        **{
            f"adapter to front door, {rate} a second": f"median {_ms(_at(found, 0.5))}, p99 {_ms(_at(found, 0.99))}"
            for rate, found in latencies.items()
        },
    }


@dataclass(frozen=True, slots=True)
class _Bursts:
    """What the force sends at once, how much of it a second the front door has, and what two agencies send at once."""

    force: Burst
    told: float
    two: Burst

    def told_as(self) -> str:
        """For people."""
        return f"{self.force.taken_in:.0f} reports a second; the front door has them at {self.told:.0f} a second"


def _bursts(partnership: Partnership) -> _Bursts:
    _say("many at once")
    force, told = partnership.all_at_once()
    _say("many at once from two agencies")
    return _Bursts(force, told, partnership.from_two())


def _with_one_hub(partnership: Partnership) -> tuple[_Bursts, Mapping[int, Sequence[float]], float]:
    with closing(partnership):
        partnership.make_known(2 * AT_ONCE + sum(RATES.values()))
        bursts = _bursts(partnership)
        _say("evenly")
        latencies = {rate: partnership.steadily(rate, number) for rate, number in RATES.items()}
        partnership.check()
        _say("a bare Faust application")
        return bursts, latencies, copied_by_faust(partnership.as_admin(), AT_ONCE)


def _at(found: Sequence[float], share: float) -> float:
    return found[min(len(found) - 1, int(share * len(found)))]


def _ms(seconds: float) -> str:
    return f"{1000 * seconds:,.0f} ms"


def _say(what: str) -> None:
    sys.stderr.write(f"{what}\n")
    sys.stderr.flush()


def main() -> int:
    """Measure, say, and write the page's part."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.streamed", description=__doc__)
    parser.add_argument("--page", type=Path, default=None, help="the page of figures, whose part it writes anew")
    page: Path | None = parser.parse_args().page
    on = machine()
    found = figures()
    sys.stdout.write("".join(f"{name}: {value}\n" for name, value in found.items()))
    if page is not None:
        before = page.read_text(encoding="utf-8")
        page.write_text(with_part(before, STREAMED, table_page(found, on)), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
