"""The streaming runtime's processes over a Kafka for tests, turned one after another in this process."""

import tempfile
from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from copy import copy
from dataclasses import replace
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import Self

import yaml

from broker.core.process_kinds import ProcessKind
from broker.drivers.kafka.cluster import KafkaUseError
from broker.drivers.opa.embedded import EmbeddedPolicy
from broker.ports.journal import Journal
from broker.runtimes.exchange import clock_of, open_exchange
from broker.runtimes.home import Home
from broker.runtimes.projecting import RecipientProcess
from broker.runtimes.settings import Settings
from broker.runtimes.streaming import (
    AgencyProcess,
    HubProcess,
    Pace,
    Process,
    ReleaseProcess,
    SequencerProcess,
)
from broker.runtimes.topics import applied
from policies.engine import Engine
from tests.support import homes
from tests.support.kafka import KafkaAtHand, a_kafka_to_test_with
from tests.support.postgres import as_process
from tests.support.tree import TOP

QUIET_SECONDS = 0.25
"""So long nothing is done when all is taken to be done."""
WAITED_SECONDS = 4.0
"""The same, where something is still on its way, to somebody who is not there."""
LONGEST = 400
LONGEST_UNSETTLED = 60.0
AT_ONCE = Pace(waits=0.04, sweeps_every=0.0, listens=0.0)
"""One process after another waits for Kafka here."""


def users() -> tuple[str, ...]:
    """Everybody who signs in to a partnership's Kafka."""
    directory = EmbeddedPolicy(homes.engine()).directory()
    agencies = (f"agency.{each}" for each in directory.agencies)
    return (*ProcessKind, "partner", *agencies, *(f"recipient.{each}" for each in directory.recipients))


@contextmanager
def a_laid_out_kafka() -> Iterator[KafkaAtHand]:
    """A broker with every user, topic and right of the shipped file; for one broker instead of three."""
    shipped = yaml.safe_load((TOP / "infra" / "kafka" / "topics.yaml").read_text(encoding="utf-8"))
    with a_kafka_to_test_with(*users()) as kafka, tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "topics.yaml"
        file.write_text(yaml.safe_dump({**shipped, "replicas": 1, "in_sync": 1}), encoding="utf-8")
        applied(file, kafka.settings(Path(folder)))
        yield kafka


class Partnership:
    """Every process of one home, each as its own user. Close it when done.

    ``awaited_only``: a recipient's process starts when something is on its way to it, and agencies, in whose inboxes
    nothing lies, take their turns together.
    """

    def __init__(
        self,
        settings: Settings,
        kafka: KafkaAtHand,
        *,
        hubs: int = 1,
        pace: Pace = AT_ONCE,
        awaited_only: bool = False,
    ) -> None:
        self.settings, self.kafka, self.home, self.pace = settings, kafka, Home(settings.home), pace
        self.clock = clock_of(self.home)
        self.processes: dict[str, Process] = {}
        self._at_once = ThreadPoolExecutor(len(self.home.agencies()))
        for number in range(hubs):
            self.start(f"hub-{number}")
        self.start("sequencer")
        self.start("release")
        for agency in self.home.agencies():
            self.start(f"agency.{agency}")
        self._awaited_only = awaited_only
        if not awaited_only:
            self.start_recipients(self.home.recipients())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop(*self.processes)

    def start_recipients(self, recipients: Collection[str]) -> None:
        """Start the processes of these, together."""
        names = [f"recipient.{each}" for each in recipients]
        with ThreadPoolExecutor(len(names) or 1) as at_once:
            self.processes |= dict(zip(names, at_once.map(self._made, names), strict=True))

    def start(self, name: str) -> None:
        """Start one process, which is not there."""
        assert name not in self.processes
        self.processes[name] = self._made(name)

    def stop(self, *names: str) -> None:
        """Stop some as they would stop themselves: streams together, everything else in the thread that opened it."""
        stopped = [self.processes.pop(name) for name in names]
        streams = [each for each in stopped if isinstance(each, RecipientProcess)]
        with ThreadPoolExecutor(len(streams) or 1) as at_once:
            list(at_once.map(RecipientProcess.close, streams))
        for process in stopped:
            if process not in streams:
                process.close()
        if not self.processes:
            self._at_once.shutdown()

    def turn(self, only: Collection[str] = ()) -> Mapping[str, int]:
        """One turn of everybody, or of these; the figures of all together."""
        turning = {name: process for name, process in self.processes.items() if not only or name in only}
        together = {n: each for n, each in turning.items() if self._awaited_only and isinstance(each, AgencyProcess)}
        done = dict(zip(together, self._at_once.map(AgencyProcess.turn, together.values()), strict=True))
        done |= {name: each.turn() for name, each in turning.items() if name not in done}
        return {f"{name} {what}": count for name, figures in done.items() for what, count in figures.items()}

    def until_quiet(self, *, patience: int = 0) -> None:
        """Turn until nobody has anything to do any more.

        ``patience``: how many turns may fail for want of Kafka; then what is on its way is waited for longer, too.
        """
        waited = WAITED_SECONDS * (10 if patience else 1)
        since = monotonic()
        for _ in range(LONGEST):
            if self._awaited_only:
                self.start_recipients({each for each in self._awaited() if f"recipient.{each}" not in self.processes})
            try:
                is_busy = any(self.turn().values())
            except KafkaUseError:
                patience -= 1
                if patience < 0:
                    raise
                is_busy = True
            since = monotonic() if is_busy else since
            if monotonic() - since > (waited if self._on_its_way() else QUIET_SECONDS):
                return
        msg = "the partnership does not come to rest"
        raise AssertionError(msg)

    def until_settled(self) -> None:
        """Turn until nobody has anything to do, and nothing is on its way to anybody."""
        last = monotonic() + LONGEST_UNSETTLED
        self.until_quiet()
        while waiting := self._on_its_way():
            assert monotonic() < last, waiting
            self.until_quiet()

    def _on_its_way(self) -> Mapping[str, object]:
        """What is still on its way between anybody, as far as each one's own store tells."""
        journal, now = self._journal(), self.clock.now()
        counts = journal.counts()
        agencies = [each for each in self.processes.values() if isinstance(each, AgencyProcess)]
        found = {
            "reports": [each.name for each in agencies if each.feed.pending(1)],
            "records": counts["records_pending"],
            "replies": counts["replies_pending"],
            "deliveries": self._awaited(),
            "asked again": [each.trigger for each in journal.reasks_waiting() if each.trigger.due <= now],
        }
        return {name: what for name, what in found.items() if what}

    def _awaited(self) -> set[str]:
        """To whom something is on its way."""
        return {
            each.delivery.recipient
            for each in self._journal().deliveries()
            if each.released_at is not None and each.delivered_at is None and not each.is_superseded
        }

    def _journal(self) -> Journal:
        return next(each for each in self.processes.values() if isinstance(each, HubProcess)).exchange.hub.journal

    def _as(self, kind: ProcessKind) -> Settings:
        """The home's settings, in its database as the user of such a process."""
        if self.settings.database is None:
            return self.settings
        return replace(self.settings, database=as_process(self.settings.database, kind))

    def _made(self, name: str) -> Process:
        sort, _, who = name.partition(".")
        match sort.partition("-")[0]:
            case ProcessKind.HUB:
                exchange = open_exchange(self._as(ProcessKind.HUB))
                return HubProcess(exchange, self.kafka.as_user("hub"), member=name, pace=self.pace)
            case ProcessKind.SEQUENCER:
                return SequencerProcess(open_exchange(self._as(ProcessKind.SEQUENCER)), self.kafka.as_user("sequencer"))
            case ProcessKind.RELEASE:
                return ReleaseProcess(open_exchange(self._as(ProcessKind.RELEASE)), self.kafka.as_user("release"))
            case "agency":
                return AgencyProcess(
                    self.home, who, _kept_engine(), self.kafka.as_user(name), self.clock, pace=self.pace
                )
            case _:
                process = RecipientProcess(self.home, who, self.kafka.as_user(name), self.clock, waits=self.pace.waits)
                process.start()
                return process


def _kept_engine() -> Engine:
    """The shipped policy for one process, loaded once for all; closing it changes nothing."""
    engine = copy(homes.engine())
    engine.close = lambda: None  # type: ignore[method-assign]  # others still ask it
    return engine
