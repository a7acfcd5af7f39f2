"""A whole hub for one test: a journal and keys in files, the shipped policy, a clock that is set by hand."""

import hashlib
import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Self

from broker.core.sealing import unseal
from broker.core.settle import about_delivery
from broker.drivers.opa.embedded import EmbeddedPolicy
from broker.drivers.sql.journal import SqlJournal
from broker.drivers.sql.keys import SqlKeys
from broker.ports.policy import NoVerdictError, Policy
from broker.ports.transport import Submitted
from broker.services.accept import Accept, AcceptReport, Needs
from contracts.canonical import read_json_object
from contracts.delivery import Delivery
from contracts.envelope import SignedEvent
from contracts.question import Question
from contracts.signing import PublicKeyEntry
from contracts.verdict import Verdict
from contracts.words import AgencyId, EventId, RecipientId
from tests.support.builders import EventBuilder
from tests.support.signing_keys import key_registry

MONDAY = datetime(2026, 3, 9, 9, tzinfo=UTC)


class StillClock:
    """A clock that stands where it is put."""

    def __init__(self, moment: datetime = MONDAY) -> None:
        self.moment = moment

    def now(self) -> datetime:
        """Where it was put."""
        return self.moment


class CountedIds:
    """Identifiers and bytes that follow from how many were asked for; the same seed gives the same."""

    def __init__(self, seed: str = "ids") -> None:
        self._seed = seed
        self._count = itertools.count()

    def new(self) -> str:
        """The next identifier."""
        return hashlib.sha256(f"{self._seed}/{next(self._count)}".encode()).hexdigest()[:32]

    def in_order(self) -> str:
        """The next identifier, behind those before."""
        number = next(self._count)
        return f"{number:012x}{hashlib.sha256(f'{self._seed}/{number}'.encode()).hexdigest()[:20]}"

    def random(self, size: int) -> bytes:
        """The next bytes."""
        return hashlib.shake_128(f"{self._seed}/{next(self._count)}".encode()).digest(size)


class TestKeys:
    """The registry of the tests' agencies."""

    __test__ = False

    def __init__(self, entries: Mapping[str, PublicKeyEntry] | None = None) -> None:
        self._entries = entries if entries is not None else key_registry()

    def key(self, keyid: str) -> PublicKeyEntry | None:
        """The key of that name."""
        return self._entries.get(keyid)


@cache
def shipped_policy() -> EmbeddedPolicy:
    """The policy that ships with the package; one for all tests."""
    return EmbeddedPolicy.load()


@dataclass(slots=True)
class Hub:
    """The parts of a hub, and the steps a test takes with it."""

    journal: SqlJournal
    keys: SqlKeys
    policy: Policy
    clock: StillClock
    ids: CountedIds
    positions: Iterable[int] = field(default_factory=itertools.count)

    @classmethod
    def in_folder(cls, folder: Path, *, policy: Policy | None = None, now: datetime = MONDAY) -> Self:
        """A new hub whose files lie in ``folder``."""
        return cls(
            SqlJournal.in_file(folder / "journal.db"),
            SqlKeys.in_file(folder / "keys.db", b"r" * 32),
            policy or shipped_policy(),
            StillClock(now),
            CountedIds(),
        )

    @property
    def needs(self) -> Needs:
        """The ports, as accepting takes them."""
        return Needs(self.journal, self.keys, self.policy, self.clock, self.ids, TestKeys())

    def submit(self, *events: EventBuilder | SignedEvent, channel: str = "") -> AcceptReport:
        """Submit events as one batch, each on its own agency's channel unless one is given."""
        signed = [each.signed() if isinstance(each, EventBuilder) else each for each in events]
        batch = [
            Submitted(AgencyId(channel or each.attributes["source"].split("/")[0]), each, str(index))
            for index, each in enumerate(signed)
        ]
        return Accept(self.needs).run(batch, beside=True)

    def effects(self, event: EventBuilder) -> dict[str, str]:
        """The latest decision on an event for each recipient."""
        return {each.recipient: each.effect.value for each in self.journal.decisions(EventId(event.id))}

    def bodies(self, event: EventBuilder) -> dict[str, Delivery]:
        """The latest delivery of an event to each recipient, opened."""
        found = {}
        for status in self.journal.deliveries(event=EventId(event.id)):
            staged = status.delivery
            body = unseal(self.keys.child_key(staged.child), staged.sealed, about=about_delivery(staged.delivery_id))
            found[str(staged.recipient)] = Delivery.model_validate(dict(read_json_object(body)))
        return found

    def body(self, event: EventBuilder, recipient: str) -> Delivery:
        """The latest delivery of an event to one recipient."""
        return self.bodies(event)[RecipientId(recipient)]


class SilentPolicy(EmbeddedPolicy):
    """The shipped policy whose engine can be taken down, for all questions or for some event types."""

    def __init__(self, shipped: EmbeddedPolicy) -> None:
        self.__dict__.update(shipped.__dict__)
        self.is_down = False
        self.down_for: frozenset[str] = frozenset()

    def decide(self, question: Question) -> Verdict:
        """Give the verdict, unless the engine is down."""
        if self.is_down or question.event.type in self.down_for:
            msg = "the engine is down"
            raise NoVerdictError(msg)
        return super().decide(question)
