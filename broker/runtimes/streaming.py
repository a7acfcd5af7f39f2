"""The streaming runtime: each process does its part of the line, over Kafka and over stores that all of them open."""

import socket
import sqlite3
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic
from typing import Final, Protocol

from broker.core.errors import MashError
from broker.drivers.clock.steady import JUMPED, ClockJumpedError
from broker.drivers.kafka.cluster import Cluster
from broker.drivers.kafka.inbox import KafkaInbox
from broker.drivers.kafka.outbox import KafkaOutbox
from broker.drivers.prometheus.monitor import Monitor, telling
from broker.ports.clock import Clock
from broker.runtimes.agency_acts import NotSent, read_inbox
from broker.runtimes.agency_end import AgencyEnd
from broker.runtimes.agreements import load_engine
from broker.runtimes.collecting import search_less_often
from broker.runtimes.exchange import Exchange, clock_of, open_exchange
from broker.runtimes.feeds import agency_side
from broker.runtimes.home import READING_KEYS, Home, HomeError
from broker.runtimes.kafka import named_cluster
from broker.runtimes.logs import LogEvent, log
from broker.runtimes.projecting import RecipientProcess
from broker.runtimes.publishing import Publishing
from broker.runtimes.readers import OwnKeys, Readers
from broker.runtimes.sending import SendingAgain
from broker.runtimes.settings import Settings
from broker.runtimes.steps import Sealing, Sending, Steps
from contracts.errors import ContractError
from contracts.messages import EXCHANGE
from policies.engine import Engine


@dataclass(frozen=True, slots=True)
class Pace:
    """In seconds: how long an idle turn waits for Kafka, how often a hub watches and sweeps, how long the idle rest.

    ``listens``: for how long it hears what came meanwhile before it judges who is silent, after a start or a pause.
    """

    waits: float = 0.2
    sweeps_every: float = 10.0
    listens: float = 3.0
    rests: float = 0.1


LONGEST_REST: Final = 5.0
"""Seconds; so long at most a process rests that fails again and again."""

_PACE: Final = Pace()
_PAUSE: Final = timedelta(seconds=60)
Figures = Mapping[str, int]


class Process(Protocol):
    """One process of the streaming runtime."""

    name: str

    def turn(self) -> Figures:
        """Do some of what waits; what was done, all noughts where nothing was."""
        ...

    def close(self) -> None:
        """Let go of everything; what was begun is finished or was never begun."""
        ...


class HubProcess:
    """Accepts, decides, answers, asks again, takes receipts, sweeps deadlines. Several share the agencies' topics."""

    def __init__(self, exchange: Exchange, cluster: Cluster, *, member: str, pace: Pace = _PACE) -> None:
        """``member``: this worker's name, the same each time that it starts.

        Raises:
            KafkaUseError: Kafka cannot be reached, or lets this user not in.
        """
        self.name = "hub"
        self.exchange = exchange
        home, hub = exchange.home, exchange.hub
        keys = OwnKeys(home.reading_keys)
        self._outbox = _outbox(exchange, cluster, keys, member)
        directory = hub.policy.directory()
        self._inbox = KafkaInbox(cluster, directory.agencies, keys, member=member, hear=hub.hear, unread=_unread)
        self._inbox.wait_seconds = self._outbox.wait_seconds = pace.waits / 2
        self._steps = Steps(hub, self._inbox, self._outbox, beside=True)
        self._sweeps_every, self._listens = pace.sweeps_every, pace.listens
        self._sweep_at, self._listened_at = monotonic() + pace.listens, hub.clock.now()

    def turn(self) -> Figures:
        """Take in one batch, answer, ask again, take receipts; with Kafka or without it, watch and sweep now and then.

        Raises:
            KafkaUseError: Kafka cannot be used; deadlines were swept all the same.
        """
        passed_on = 0
        try:
            done = self._steps.take_in()
            self._steps.hand_back_replies()
            done = done + self._steps.ask_past_again()
            receipts = len(self._steps.take_receipts().recorded)
        finally:
            if self._may_judge():
                passed_on, _ = self._steps.watch_and_sweep()
                self._sweep_at = monotonic() + self._sweeps_every
        return {**done.as_json(), "receipts": receipts, "escalated": passed_on}

    def _may_judge(self) -> bool:
        """Whether it is time to watch and sweep: not at once after a pause, when what came in it is not yet heard."""
        now = self.exchange.clock.now()
        if now - self._listened_at > _PAUSE:
            self._sweep_at = max(self._sweep_at, monotonic() + self._listens)
        self._listened_at = now
        return monotonic() >= self._sweep_at

    def close(self) -> None:
        """Leave Kafka, then let go of the stores."""
        self._inbox.close()
        self._outbox.close()
        self.exchange.close()


class SequencerProcess:
    """Puts records into the ledger and signs what it has become. One at a time: a second one waits for its lease."""

    def __init__(self, exchange: Exchange, cluster: Cluster) -> None:
        """It connects to Kafka in its first turn."""
        self.name = "sequencer"
        self._exchange = exchange
        self._sealing = Sealing(exchange.hub)
        self._publishing = Publishing(exchange.hub, cluster)

    def turn(self) -> Figures:
        """Seal what waits, and publish what is sealed.

        Raises:
            BehindError, ForkError: sealing would contradict what is published; nothing is sealed.
            KafkaUseError: Kafka cannot be reached; what is sealed is published later.
        """
        self._publishing.check()
        added = self._sealing.turn()
        return {"log_entries": added, "published": self._publishing.turn()}

    def close(self) -> None:
        """Leave Kafka, then let go of the stores."""
        self._publishing.close()
        self._exchange.close()


class ReleaseProcess:
    """Sends what is sealed and still lawful, and sends again what did not arrive."""

    def __init__(self, exchange: Exchange, cluster: Cluster) -> None:
        """It connects to Kafka when there is something to send."""
        self.name = "release"
        self._exchange = exchange
        self._outbox = _outbox(exchange, cluster, OwnKeys(exchange.home.reading_keys), "release")
        self._sending = Sending(exchange.hub, self._outbox)
        self._again = SendingAgain(exchange.hub, self._outbox)

    def turn(self) -> Figures:
        """Release what may leave."""
        self._exchange.hub.keys.notice_erasures()
        sent = self._sending.turn()
        return {
            "released": len(sent.released),
            "asked_again": len(sent.asked_again),
            "sent_again": len(self._again.turn()),
        }

    def close(self) -> None:
        """Leave Kafka, then let go of the stores."""
        self._outbox.close()
        self._exchange.close()


class AgencyProcess:
    """One agency's own: reads its inbox folders into its spool, and carries the spool to Kafka and answers back."""

    def __init__(
        self, home: Home, agency: str, engine: Engine, cluster: Cluster, clock: Clock, *, pace: Pace = _PACE
    ) -> None:
        """Open the agency's folder; nothing of the exchange's but its public key is read.

        Raises:
            HomeError: the home has no such agency.
            KafkaUseError: Kafka cannot be reached, or lets this user not in.
        """
        if agency not in home.agencies():
            msg = f"the home knows no agency {agency!r}"
            raise HomeError(msg, code="home.unknown_agency", remedy=f"choose one of {', '.join(home.agencies())}")
        self.name = f"agency.{agency}"
        self._engine, self._clock, self._waits = engine, clock, pace.waits
        self.feed = agency_side().open(home.root / "agencies", agency, engine)
        readers = Readers(home.readers)
        self._end = AgencyEnd(
            cluster,
            self.feed,
            keys=OwnKeys(home.agency(agency) / READING_KEYS),
            exchange=lambda: readers.current(EXCHANGE),
            now=clock.now,
        )
        self._not_sent = NotSent()

    def turn(self) -> Figures:
        """Read what lies in the inbox, publish what waits, take answers."""
        now = self._clock.now()
        try:
            read, refused = read_inbox(self.feed, now)
            carried = self._end.turn(wait_seconds=self._waits)
        finally:
            self._not_sent.tell([self.feed], now)
        self.feed.tidy(now)
        figures = {"files_read": read, "files_refused": refused}
        return {**figures, "published": carried.published, "replies": carried.replies}

    def close(self) -> None:
        """Leave Kafka; what was not answered stays in the spool."""
        self._end.close()
        self.feed.close()
        self._engine.close()


def open_hub(settings: Settings) -> HubProcess:
    """Open a hub worker as the settings say.

    Raises:
        HomeError, SettingsError, StoreError: the home cannot be opened.
        KafkaUseError: Kafka cannot be reached, or lets this user not in.
    """
    cluster = named_cluster(settings.kafka)
    member = settings.member or f"hub-{socket.gethostname()}"
    exchange = open_exchange(settings)
    try:
        return HubProcess(exchange, cluster, member=member)
    except BaseException:
        exchange.close()
        raise


def open_sequencer(settings: Settings) -> SequencerProcess:
    """Open the sequencer as the settings say.

    Raises:
        HomeError, SettingsError, StoreError: the home cannot be opened.
    """
    cluster = named_cluster(settings.kafka)
    return SequencerProcess(open_exchange(settings), cluster)


def open_release(settings: Settings) -> ReleaseProcess:
    """Open the release as the settings say.

    Raises:
        HomeError, SettingsError, StoreError: the home cannot be opened.
    """
    cluster = named_cluster(settings.kafka)
    return ReleaseProcess(open_exchange(settings), cluster)


def open_agency(settings: Settings, agency: str) -> AgencyProcess:
    """Open an agency's own side as the settings say.

    Raises:
        HomeError, SettingsError: the home, or the agency in it, cannot be opened.
        KafkaUseError: Kafka cannot be reached, or lets this user not in.
    """
    home = Home(settings.home)
    return AgencyProcess(home, agency, load_engine(home), named_cluster(settings.kafka), clock_of(home))


def open_recipient(settings: Settings, recipient: str) -> RecipientProcess:
    """Open a recipient's own side as the settings say.

    Raises:
        HomeError, SettingsError: the home, or the recipient in it, cannot be opened.
        KafkaUseError: Kafka cannot be reached, or lets this user not in.
    """
    home = Home(settings.home)
    process = RecipientProcess(home, recipient, named_cluster(settings.kafka), clock_of(home))
    process.start()
    return process


def opened_in_time(open_one: Callable[[], Process], stop: threading.Event) -> Process | None:
    """Open a process. Where the clock jumped before it started it alarms once and waits until that is over.

    None: it was told to stop in the meantime.
    """
    is_told = False
    while not stop.is_set():
        try:
            return open_one()
        except ClockJumpedError:
            if not is_told:
                log().error(LogEvent.ALARM, what="clock.jumped")
            is_told = True
            stop.wait(LONGEST_REST)
    return None


def run(process: Process, stop: threading.Event, *, monitor_at: tuple[str, int] | None = None) -> None:
    """Turn until ``stop`` is set, then finish the turn at hand and let go of everything.

    What fails, Kafka away, a full disk, a busy store, is logged and tried again, ever more rarely up to once in five
    seconds: nothing is lost in the meantime. Whoever asks at ``monitor_at`` is told.

    Raises:
        MonitorError: nothing can listen there; no turn was done.
    """
    search_less_often()
    monitor = Monitor(process.name)
    try:
        with telling(monitor, monitor_at):
            log().info(LogEvent.STARTED, process=process.name)
            _turn_until(stop, process, monitor)
    finally:
        process.close()
        log().info(LogEvent.STOPPED, process=process.name)


def _turn_until(stop: threading.Event, process: Process, monitor: Monitor) -> None:
    rest, told = _PACE.rests, ""
    while not stop.is_set():
        began = monotonic()
        try:
            done = process.turn()
        except (ContractError, MashError) as error:
            if error.code == JUMPED and told != JUMPED:
                log().error(LogEvent.ALARM, what="clock.jumped")
            told = error.code
            log().error(LogEvent.STEP_FAILED, process=process.name, code=error.code)
            monitor.failed(error.code)
            rest = min(rest * 2, LONGEST_REST)
        except sqlite3.Error as error:
            log().error(LogEvent.STEP_FAILED, process=process.name, code="store.failed", why=type(error).__name__)
            monitor.failed("store.failed")
            rest = min(rest * 2, LONGEST_REST)
        else:
            monitor.turned(done, monotonic() - began)
            rest, told = _PACE.rests, ""
            if any(done.values()):
                log().info(LogEvent.TURNED, process=process.name, **done)
                continue
        stop.wait(rest)


def _outbox(exchange: Exchange, cluster: Cluster, keys: OwnKeys, member: str) -> KafkaOutbox:
    readers = Readers(exchange.home.readers)
    recipients = exchange.hub.policy.directory().recipients
    return KafkaOutbox(cluster, recipients, keys, member=member, reader=readers.current, unread=_unread)


def _unread(topic: str, code: str) -> None:
    log().error(LogEvent.ALARM, what="message_unreadable", topic=topic, code=code)
