"""The stage for a case whose line is carried over Kafka: the same home, and every process of the streaming runtime."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from kafka import TopicPartition
from kafka.admin import KafkaAdminClient

from broker.drivers.clock.scripted import ScriptedClock
from broker.drivers.kafka.ledger import TOPIC
from broker.runtimes.database import moved_in
from broker.runtimes.embedded import Embedded
from broker.runtimes.home import Home
from broker.runtimes.scenario_world import BEGINNING, SetClock, World, settings_of
from broker.runtimes.settings import DatabaseSettings, Settings
from broker.runtimes.steps import Done
from broker.runtimes.streaming import AgencyProcess, Pace
from contracts.reply import Reply
from infra.local.kafka import ADMIN
from policies.engine import Engine
from tests.support.kafka import KafkaAtHand
from tests.support.postgres import a_copy, a_new_database, drop, let_processes_in
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
        """Stop every process, let go of every file, and remove the database."""
        assert isinstance(self.runtime, CarriedOverKafka)
        partnership, database = self.runtime.partnership, self.runtime.settings.database
        partnership.stop(*partnership.processes)
        World.close(self)
        assert database is not None
        drop(database)


def carried_over(kafka: KafkaAtHand, postgres: str) -> Callable[[Path, Engine], World]:
    """How to open a world whose line this Kafka carries, with its journal and ledger in a database of that server.

    The log that was published before is not of this world.
    """
    moved = Moved(postgres)

    def opened(folder: Path, engine: Engine) -> World:
        forget_the_log(kafka)
        settings = moved.into_a_database(settings_of(folder))
        clock = SharedClock(ScriptedClock(Home(settings.home).scripted_clock))
        world = StreamedWorld.open(
            folder, engine, now=BEGINNING, clock=clock, runtime_of=CarriedOverKafka, database=settings.database
        )
        assert isinstance(world.runtime, CarriedOverKafka)
        world.runtime.partnership = partnership = Partnership(settings, kafka, pace=ONLY_CARRIES, awaited_only=True)
        for process in partnership.processes.values():
            if isinstance(process, AgencyProcess):
                process.feed = process._end._feed = Overheard(process.feed, world.post.heard)
        return world

    return opened


class Moved:
    """Homes whose journal and ledger were moved into databases of one server; a copy of a moved home gets a copy."""

    def __init__(self, server: str) -> None:
        self._server = server
        self._moved: dict[bytes, tuple[DatabaseSettings, str]] = {}

    def into_a_database(self, settings: Settings) -> Settings:
        """The same home with its journal and ledger in a database of its own, which processes may sign in to."""
        home = Home(settings.home)
        files = [home.journal, home.ledger]
        content = sha256(b"".join(each.read_bytes() for each in files)).digest()
        if content in self._moved:
            like, mark = self._moved[content]
            home.database_mark.write_text(mark, encoding="ascii")
            for each in files:
                each.unlink()
            return replace(settings, database=a_copy(like))
        settings = replace(settings, database=DatabaseSettings(a_new_database(self._server)))
        moved_in(settings, lambda _store, _rows: None)
        let_processes_in(settings)
        assert settings.database is not None
        self._moved[content] = settings.database, home.database_mark.read_text(encoding="ascii")
        return replace(settings, database=a_copy(settings.database))


def forget_the_log(kafka: KafkaAtHand) -> None:
    """Remove every message of the topic of the log."""
    admin = KafkaAdminClient(**kafka.as_user(ADMIN).arguments())
    try:
        admin.delete_records({TopicPartition(TOPIC, 0): -1})
    finally:
        admin.close()
