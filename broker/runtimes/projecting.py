"""The projector of one recipient: a Faust stream of what is delivered, into the recipient's own view."""

import threading
from collections.abc import Mapping, Sequence
from functools import partial
from time import sleep
from typing import Final

from broker.core.errors import MashError
from broker.drivers.kafka.cluster import Cluster, KafkaUseError
from broker.drivers.kafka.outbox import SHARES
from broker.drivers.kafka.projector import FaustProjector
from broker.drivers.kafka.reader import Arrived
from broker.ports.clock import Clock
from broker.recipient.store import RecipientStore
from broker.runtimes.home import READING_KEYS, Home, HomeError
from broker.runtimes.logs import LogEvent, log
from broker.runtimes.post import RecipientSide
from broker.runtimes.readers import OwnKeys, Readers
from broker.runtimes.recipient_end import BATCH, RecipientEnd
from contracts.errors import ContractError
from contracts.messages import EXCHANGE

_WAITS: Final = 0.2
_SECONDS: Final = 60


class Stream:
    """A projector at work in a thread of its own."""

    def __init__(self, projector: FaustProjector) -> None:
        """Run this one, once."""
        self._projector = projector
        self._has_begun = threading.Event()
        self._broken: BaseException | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        """Start, and wait until it reads.

        Raises:
            KafkaUseError: it does not within a minute.
        """
        self._thread.start()
        self._has_begun.wait(_SECONDS)
        self.check()
        if not self._has_begun.is_set():
            msg = "Kafka cannot be used; nothing was read"
            remedy = "check that the broker runs, and the user's rights"
            raise KafkaUseError(msg, code="kafka.unreachable", remedy=remedy)

    def check(self) -> None:
        """Raise what ended it, if something did.

        Raises:
            MashError, ContractError: what its projection raised when it began.
            KafkaUseError: anything else; what is not acknowledged comes again.
        """
        if isinstance(self._broken, MashError | ContractError):
            raise self._broken
        if self._broken is not None:
            msg = f"the stream ended ({type(self._broken).__name__}); what is not acknowledged comes again"
            remedy = "check MASH_KAFKA_SERVERS, the user, its password and the authority; that the broker runs"
            raise KafkaUseError(msg, code="kafka.unreachable", remedy=remedy) from self._broken

    def stop(self) -> None:
        """Let what is at hand be kept, and leave."""
        self._projector.stop()
        self._thread.join(_SECONDS)

    def _run(self) -> None:
        try:
            self._projector.run(has_begun=self._has_begun.set)
        except BaseException as error:  # noqa: BLE001 - handed to whoever checks
            self._broken = error
        finally:
            self._has_begun.set()


class _View:
    """The recipient's view as the stream keeps it: its store lives in the stream's thread."""

    def __init__(self, home: Home, recipient: str, cluster: Cluster, clock: Clock) -> None:
        self._recipient, self._folder = recipient, home.recipient(recipient)
        self._readers, self._cluster, self._clock = Readers(home.readers), cluster, clock
        self._end: RecipientEnd | None = None
        self._store: RecipientStore | None = None
        self.received = self.receipts = 0

    def begin(self) -> None:
        side = RecipientSide(self._recipient, self._folder)
        self._store = side.store
        self._end = RecipientEnd(
            self._cluster,
            side,
            keys=OwnKeys(self._folder / READING_KEYS),
            exchange=lambda: self._readers.current(EXCHANGE),
            now=self._clock.now,
        )

    def keep(self, arrived: Sequence[Arrived]) -> None:
        if self._end is not None:
            self._end.keep(arrived)
            self.received += len(arrived)

    def between(self) -> None:
        if self._end is not None:
            self.receipts += self._end.send_receipts()

    def end(self) -> None:
        if self._end is not None:
            self._end.close()
            self._end = None
        if self._store is not None:
            self._store.close()
            self._store = None

    def failed(self, error: MashError | ContractError) -> None:
        log().error(LogEvent.STEP_FAILED, process=f"recipient.{self._recipient}", code=error.code)


class RecipientProcess:
    """One recipient's own: keeps what is delivered and sends its receipts. `turn` only says how that goes.

    Nothing of the exchange's but its public key is read. The stream runs in a thread of its own, and is begun anew
    where Kafka ended it.
    """

    def __init__(self, home: Home, recipient: str, cluster: Cluster, clock: Clock, *, waits: float = _WAITS) -> None:
        """Take the recipient's folder; `start` opens it.

        Raises:
            HomeError: the home has no such recipient.
        """
        if recipient not in home.recipients():
            msg = f"the home knows no recipient {recipient!r}"
            known = ", ".join(home.recipients())
            raise HomeError(msg, code="home.unknown_recipient", remedy=f"choose one of {known}")
        self.name = f"recipient.{recipient}"
        self._topic, self._cluster, self._waits = f"{SHARES}{recipient}", cluster, waits
        self._new_view = partial(_View, home, recipient, cluster, clock)
        self._view, self._stream = self._made()

    def start(self) -> None:
        """Open the folder and begin the stream.

        Raises:
            KafkaUseError: Kafka cannot be reached, or lets this user not in.
        """
        self._stream.start()

    def turn(self) -> Mapping[str, int]:
        """What was kept and sent since the last turn.

        Raises:
            KafkaUseError, ContractError: the stream ended; it is begun anew.
        """
        sleep(self._waits)
        try:
            self._stream.check()
        except (MashError, ContractError):
            self._stream.stop()
            self._view, self._stream = self._made()
            self._stream.start()
            raise
        view = self._view
        received, view.received = view.received, 0
        receipts, view.receipts = view.receipts, 0
        return {"received": received, "receipts": receipts}

    def close(self) -> None:
        """Leave Kafka; what was not acknowledged comes again."""
        self._stream.stop()

    def _made(self) -> tuple[_View, Stream]:
        view = self._new_view()
        projector = FaustProjector(self._cluster, self._topic, view, group=f"{self.name}.shares", most=BATCH)
        return view, Stream(projector)
