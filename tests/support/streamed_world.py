"""The stage for a case whose line is carried over Kafka: the same home, and every process of the streaming runtime."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from kafka import TopicPartition
from kafka.admin import KafkaAdminClient

from broker.drivers.clock.scripted import ScriptedClock
from broker.drivers.kafka.ledger import TOPIC
from broker.runtimes.embedded import Embedded
from broker.runtimes.home import Home
from broker.runtimes.scenario_world import BEGINNING, SetClock, World, settings_of
from broker.runtimes.steps import Done
from broker.runtimes.streaming import AgencyProcess, Pace
from contracts.reply import Reply
from infra.local.kafka import ADMIN
from policies.engine import Engine
from tests.support.kafka import KafkaAtHand
from tests.support.streaming import Partnership

ONLY_CARRIES = Pace(waits=0.01, sweeps_every=1e9, listens=1e9)
"""Deadlines are swept by whoever plays the case, as any hub worker may, once everything before them is done."""


class SharedClock(SetClock):
    """Stands where the case puts it, for the other processes too."""

    def __init__(self, clock: ScriptedClock) -> None:
        """Stand where ``clock`` does."""
        self._clock = clock

    @property
    def moment(self) -> datetime:
        """The time in the case."""
        return self._clock.now()

    @moment.setter
    def moment(self, moment: datetime) -> None:
        self._clock.set(moment)


class CarriedOverKafka(Embedded):
    """People's acts are done here; every message goes through Kafka and the processes of a partnership."""

    partnership: Partnership

    def tick(self, *, tell: Callable[[Done], None] | None = None) -> Done:
        """Turn every process until nothing is on its way; sweep; and again. ``tell`` is told nothing."""
        del tell
        self.partnership.until_settled()
        passed_on, is_new = self.line.steps.watch_and_sweep()
        if passed_on or is_new:
            self.partnership.until_settled()
        return Done(escalated=passed_on)

    def beat(self) -> None:
        """Let every feed say that it lives; it is heard before the next tick ends."""
        self.partnership.turn()


class Overheard:
    """An agency's feed, and what it was answered."""

    def __init__(self, feed: Any, heard: list[Reply]) -> None:
        self._feed = feed
        self._heard = heard

    def __getattr__(self, name: str) -> Any:
        return getattr(self._feed, name)

    def hand_back(self, replies: Sequence[Reply], *, now: datetime) -> None:
        """Take replies, and note them."""
        self._feed.hand_back(replies, now=now)
        self._heard.extend(replies)


@dataclass(slots=True)
class StreamedWorld(World):
    """One exchange and everybody around it, each a process of its own user."""

    def close(self) -> None:
        """Stop every process, and let go of every file."""
        assert isinstance(self.runtime, CarriedOverKafka)
        partnership = self.runtime.partnership
        partnership.stop(*partnership.processes)
        World.close(self)


def carried_over(kafka: KafkaAtHand) -> Callable[[Path, Engine], World]:
    """How to open a world whose line this Kafka carries; the log that was published before is not of this world."""

    def opened(folder: Path, engine: Engine) -> World:
        forget_the_log(kafka)
        settings = settings_of(folder)
        clock = SharedClock(ScriptedClock(Home(settings.home).scripted_clock))
        world = StreamedWorld.open(folder, engine, now=BEGINNING, clock=clock, runtime_of=CarriedOverKafka)
        assert isinstance(world.runtime, CarriedOverKafka)
        world.runtime.partnership = partnership = Partnership(settings, kafka, pace=ONLY_CARRIES, awaited_only=True)
        for process in partnership.processes.values():
            if isinstance(process, AgencyProcess):
                process.feed = process._end._feed = Overheard(process.feed, world.post.heard)
        return world

    return opened


def forget_the_log(kafka: KafkaAtHand) -> None:
    """Remove every message of the topic of the log."""
    admin = KafkaAdminClient(**kafka.as_user(ADMIN).arguments())
    try:
        admin.delete_records({TopicPartition(TOPIC, 0): -1})
    finally:
        admin.close()
