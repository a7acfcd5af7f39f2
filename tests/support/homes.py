"""Whole homes for tests: made once, copied for each, on a scripted clock, with events already in the spools."""

import atexit
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from adapters.kit.agency import Agency, load_agency
from adapters.kit.draft import Draft
from adapters.kit.run import Signing
from adapters.kit.spool import Spool, Spooled
from broker.drivers.clock.scripted import ScriptedClock
from broker.runtimes.demo import PEOPLE, play, schedule
from broker.runtimes.embedded import Embedded
from broker.runtimes.home import Home, make_root_key
from broker.runtimes.line import Line
from broker.runtimes.policies import open_policy
from broker.runtimes.post import FeedInbox
from broker.runtimes.registry import KeyRegistry
from broker.runtimes.settings import DatabaseSettings, Settings, read_root_key
from broker.runtimes.stores import open_stores
from broker.runtimes.wiring import wire
from contracts.base import Model
from contracts.envelope import SignedEvent
from contracts.payload import Payload
from contracts.signing import sign_event
from policies.engine import Engine
from tests.support import postgres
from tests.support.builders import EventBuilder

MADE = datetime(2026, 2, 1, 9, tzinfo=UTC)
WEEKEND = (*schedule().scene, *schedule().weekend)
FILES = schedule().files
MONDAY = datetime(2026, 3, 9, 9, tzinfo=UTC)


@cache
def engine() -> Engine:
    """The shipped policy, loaded once for all homes of this process."""
    return Engine.load()


@cache
def _template() -> Settings:
    folder = Path(tempfile.mkdtemp(prefix="mash-homes-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    settings = Settings(folder / "home", folder / "root-key", None, "info")
    make_root_key(folder / "root-key")
    home = Home(settings.home)
    home.make()
    clock = ScriptedClock(home.scripted_clock)
    clock.set(MADE)
    runtime = Embedded.make(settings)
    for purpose in ("identity", "log", "partnership", *(f"delivery:{recipient}" for recipient in runtime.recipients)):
        runtime.hub.keys.secret(purpose)
    runtime.close()
    return settings


@cache
def _played() -> Settings:
    folder = Path(tempfile.mkdtemp(prefix="mash-homes-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    settings = a_home(folder, now=MADE)
    with opened(settings) as runtime:
        for name, roles in PEOPLE.items():
            runtime.add_person(name, roles)
        for _ in play(runtime, WEEKEND):
            pass
    return settings


def a_home(folder: Path, *, now: datetime = MONDAY) -> Settings:
    """A fresh home in ``folder``, at nine on Monday 9 March 2026."""
    settings = copy_home(_template(), folder)
    ScriptedClock(Home(settings.home).scripted_clock).set(now)
    return settings


def a_played_home(folder: Path) -> Settings:
    """A home in ``folder`` to which the demonstration's weekend has come."""
    return copy_home(_played(), folder)


def copy_home(settings: Settings, folder: Path) -> Settings:
    """A home like that one, with the same keys and secrets, in ``folder``."""
    shutil.copytree(settings.home, folder / "home")
    database = postgres.a_copy(settings.database) if settings.database is not None else None
    return replace(settings, home=folder / "home", database=database)


def moved_to_postgres(settings: Settings, server: str) -> Settings:
    """The same home, in which nothing has happened yet, with journal and ledger in a new database of that server."""
    for store in ("journal", "ledger"):
        for file in (settings.home / "hub").glob(f"{store}.db*"):
            file.unlink()
    return replace(settings, database=DatabaseSettings(postgres.a_new_database(server)))


@contextmanager
def opened(settings: Settings, *, batch: int = 100) -> Iterator[Embedded]:
    """Open a home; the policy is shared and stays loaded."""
    runtime = open_home(settings, engine(), batch=batch)
    try:
        yield runtime
    finally:
        for feed in runtime.feeds.values():
            feed.close()
        for side in runtime.recipients.values():
            side.store.close()
        runtime.hub.close()


def open_home(settings: Settings, engine: Engine, *, batch: int = 100) -> Embedded:
    """Open a home with a policy that is loaded already."""
    home = Home(settings.home)
    clock = ScriptedClock(home.scripted_clock)
    stores = open_stores(home, read_root_key(settings), settings.database)
    hub = wire(home, stores, open_policy(engine, clock, settings.opa_url), clock, KeyRegistry(home.registry))
    runtime = Embedded(settings, hub, engine, clock)
    runtime.line = Line(hub, FeedInbox(runtime.feeds), runtime.post, batch=batch)
    return runtime


def agency_of(settings: Settings, agency: str) -> Agency:
    """An agency of the home, with its key."""
    return load_agency(settings.home / "agencies", agency)


def a_spool(settings: Settings, agency: str) -> Spool:
    """The agency's spool; the caller closes it."""
    found = agency_of(settings, agency)
    return Spool.open(found.spool_path, found.derived("spool"))


def spool(settings: Settings, events: Iterable[EventBuilder], *, now: datetime = MONDAY) -> list[Spooled]:
    """Put events into their agencies' spools, in this order per agency, as their adapters would."""
    by_agency: dict[str, list[EventBuilder]] = {}
    for event in events:
        by_agency.setdefault(event.agency, []).append(event)
    done: list[Spooled] = []
    for agency, theirs in by_agency.items():
        into = a_spool(settings, agency)
        done.extend(into.spool([a_draft(each) for each in theirs], Signing(agency_of(settings, agency)), now=now))
        into.close()
    return done


def signed(settings: Settings, event: EventBuilder, *, number: int = 1) -> SignedEvent:
    """An event signed with the key that its agency has in this home."""
    agency = agency_of(settings, event.agency)
    envelope = event.numbered(number).envelope().model_copy(update={"keyid": agency.keyid})
    return sign_event(envelope, event.data(), agency.key)


def a_draft(event: EventBuilder) -> Draft:
    """An event as an adapter hands it to its spool."""
    envelope = event.numbered(1).envelope()
    payload: Model = event.payload()
    grade = payload.grade.value if isinstance(payload, Payload) and payload.grade else None
    return Draft(
        id=envelope.id,
        adapter=event.adapter,
        version="1",
        type=envelope.type,
        time=envelope.time,
        subject=envelope.subject,
        rawhash=envelope.rawhash,
        incident=envelope.incident,
        corrects=envelope.corrects,
        grade=grade,
        data=event.data(),
    )
