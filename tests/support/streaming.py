"""The streaming runtime's processes over a Kafka for tests, turned one after another in this process."""

import tempfile
from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from copy import copy
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import Self

import yaml

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
from tests.support.tree import TOP

EXCHANGE = ("hub", "release", "sequencer")
QUIET_SECONDS = 0.5
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
    return (*EXCHANGE, "partner", *agencies, *(f"recipient.{each}" for each in directory.recipients))


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

    ``awaited_only``: a recipient's process starts when something is on its way to it.
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

    def turn(self, only: Collection[str] = ()) -> Mapping[str, int]:
        """One turn of everybody, or of these; the figures of all together."""
        figures: dict[str, int] = {}
        for name, process in list(self.processes.items()):
            if not only or name in only:
                for what, count in process.turn().items():
                    figures[f"{name} {what}"] = figures.get(f"{name} {what}", 0) + count
        return figures

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
            if monotonic() - since > (QUIET_SECONDS if self._is_settled() else waited):
                return
        msg = "the partnership does not come to rest"
        raise AssertionError(msg)

    def until_settled(self) -> None:
        """Turn until nobody has anything to do, and nothing is on its way to anybody."""
        last = monotonic() + LONGEST_UNSETTLED
        self.until_quiet()
        while not self._is_settled():
            assert monotonic() < last, "something is still on its way"
            self.until_quiet()

    def _is_settled(self) -> bool:
        """Whether nothing is on its way between anybody, as far as each one's own store tells."""
        agencies = [each for each in self.processes.values() if isinstance(each, AgencyProcess)]
        if any(each.feed.pending(1) for each in agencies):
            return False
        return not self._journal().counts()["records_pending"] and not self._awaited()

    def _awaited(self) -> set[str]:
        """To whom something is on its way."""
        return {
            each.delivery.recipient
            for each in self._journal().deliveries()
            if each.released_at is not None and each.delivered_at is None and not each.is_superseded
        }

    def _journal(self) -> Journal:
        return next(each for each in self.processes.values() if isinstance(each, HubProcess)).exchange.hub.journal

    def _made(self, name: str) -> Process:
        sort, _, who = name.partition(".")
        match sort.partition("-")[0]:
            case "hub":
                return HubProcess(open_exchange(self.settings), self.kafka.as_user("hub"), member=name, pace=self.pace)
            case "sequencer":
                return SequencerProcess(open_exchange(self.settings), self.kafka.as_user("sequencer"))
            case "release":
                return ReleaseProcess(open_exchange(self.settings), self.kafka.as_user("release"))
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
