"""One exchange of its own for one case: a home in a temporary folder, agencies that send, a clock that is set."""

import itertools
import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from broker.drivers.opa.embedded import EmbeddedPolicy
from broker.ports.feed import FileSummary
from broker.recipient.store import Kept
from broker.runtimes.embedded import Embedded
from broker.runtimes.home import Home, make_root_key
from broker.runtimes.line import Line
from broker.runtimes.people import SignedIn
from broker.runtimes.post import FeedInbox, LocalPost
from broker.runtimes.registry import KeyRegistry
from broker.runtimes.scenario_events import Report
from broker.runtimes.settings import DatabaseSettings, Settings, read_root_key
from broker.runtimes.setup import make_home
from broker.runtimes.stores import open_stores
from broker.runtimes.wiring import wire
from broker.services.decide_task import SignedAnswer, sign_answer
from contracts.reply import Reply
from contracts.words import PersonId
from policies.engine import Engine

KIND = "contract_json"
BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)


class SetClock:
    """A clock that stands where the case puts it."""

    def __init__(self, moment: datetime) -> None:
        """Stand at ``moment``."""
        self.moment = moment

    def now(self) -> datetime:
        """The time in the case."""
        return self.moment


class ListeningPost(LocalPost):
    """The runtime's own post, which also remembers what agencies were told."""

    heard: list[Reply]

    def reply(self, replies: Sequence[Reply]) -> None:
        """Hand replies to their agencies, and remember them."""
        super().reply(replies)
        self.heard.extend(replies)


@dataclass(slots=True)
class World:
    """One exchange and everybody around it. The same runtime as in production; only the clock is set by hand."""

    runtime: Embedded
    clock: SetClock
    post: ListeningPost
    folder: Path
    people: dict[str, Ed25519PrivateKey] = field(default_factory=dict)
    counted: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    @classmethod
    def open(
        cls,
        folder: Path,
        engine: Engine,
        *,
        now: datetime,
        clock: SetClock | None = None,
        runtime_of: type[Embedded] = Embedded,
        database: DatabaseSettings | None = None,
    ) -> Self:
        """Open the home in ``folder``, where :func:`make_world` or :func:`copy_world` made one.

        ``clock``: which clock to stand at ``now``; ``runtime_of``: what carries the line; ``database``: where its
        journal and ledger are, if not in its files.
        """
        settings = replace(settings_of(folder), database=database)
        home, clock = Home(settings.home), clock or SetClock(now)
        clock.moment = now
        stores = open_stores(home, read_root_key(settings), database)
        hub = wire(home, stores, EmbeddedPolicy(engine), clock, KeyRegistry(home.registry))
        runtime = runtime_of(settings, hub, engine, clock)
        post = ListeningPost(runtime.recipients, runtime.feeds, clock.now)
        post.heard = []
        runtime.post = post
        runtime.line = Line(hub, FeedInbox(runtime.feeds), post)
        return cls(runtime, clock, post, folder)

    def close(self) -> None:
        """Let go of every file, but not of the engine, which other cases use."""
        for feed in self.runtime.feeds.values():
            feed.close()
        for side in self.runtime.recipients.values():
            side.store.close()
        self.runtime.hub.close()

    def send(self, report: Report) -> FileSummary:
        """Let an agency's own adapter read a report, apply its edge policy, sign, number and spool it."""
        file = self.folder / f"report-{next(self.counted)}.json"
        file.write_text(json.dumps(dict(report.content)), encoding="utf-8")
        return self.runtime.ingest(file, agency=report.agency, kind=KIND)

    def settle(self, now: datetime) -> None:
        """Put the clock to ``now`` and do everything that waits."""
        self.clock.moment = now
        self.runtime.beat()
        self.runtime.tick()

    def answer(self, question_id: str, *, role: str, granted: bool, reason: str) -> None:
        """Let a person in ``role`` answer one question, signed with a key of their own.

        Raises:
            CannotDecideError: the exchange does not take the answer.
        """
        person, key = self._person(role)
        answer = SignedAnswer(question_id, PersonId(person), role, granted, reason, self.clock.now())
        self.runtime.hub.decide_task.run(sign_answer(answer, key, keyid=f"{person}:person"))

    def signed_in(self, held: str) -> SignedIn:
        """A person who holds ``ROLE@RECIPIENT``."""
        role, _, recipient = held.partition("@")
        person, _ = self._person(role)
        return SignedIn(person, f"The {role.replace('_', ' ')}", role, recipient)

    def kept_by(self, recipient: str) -> list[Kept]:
        """Everything in a recipient's own records."""
        side = self.runtime.recipients.get(recipient)
        if side is None:
            return []
        return [kept for child in side.store.children() for kept in side.store.deliveries(child)]

    def _person(self, role: str) -> tuple[str, Ed25519PrivateKey]:
        person = f"the-{role.replace('_', '-')}"
        if person not in self.people:
            key = self.people[person] = Ed25519PrivateKey.generate()
            details = {"name": f"The {role.replace('_', ' ')}", "roles": [role]}
            self.runtime.registry.register(
                f"{person}:person", key.public_key(), sort="person", owner=person, valid_from=BEGINNING, details=details
            )
        return person, self.people[person]


def make_world(folder: Path, engine: Engine, agreements: Path | None = None) -> None:
    """Make a new home with fresh keys for every party and recipient of the agreements.

    ``agreements``: the folder of those that the home has of its own; what ``engine`` was loaded with.
    """
    folder.mkdir(parents=True)
    settings = settings_of(folder)
    make_root_key(folder / "root.key")
    home = Home(settings.home)
    home.make()
    if agreements is not None:
        shutil.copytree(agreements, home.agreements)
    make_home(home, engine, now=BEGINNING)


def copy_world(source: Path, target: Path) -> None:
    """Begin a case where another world stood; its keys are as fresh as that one's."""
    shutil.copytree(source, target)


def settings_of(folder: Path) -> Settings:
    """The settings of a world's home."""
    return Settings(folder / "home", folder / "root.key", None, "error")
