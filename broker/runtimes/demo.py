"""The demonstration: a weekend in Wrenshire, told by native files on a scripted clock, through the production path."""

import json
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import Self

import yaml

from broker.core.findings import Verification
from broker.core.ladder import Escalation
from broker.core.outcome import Decision
from broker.drivers.clock.scripted import ScriptedClock
from broker.drivers.opa.embedded import EmbeddedPolicy
from broker.ports.feed import FileSummary
from broker.runtimes.audit import LONDON, verify_ledger
from broker.runtimes.demo_acts import Act, perform
from broker.runtimes.embedded import Embedded
from broker.runtimes.home import Home, HomeError, demo_key, make_root_key
from broker.runtimes.registry import KeyRegistry
from broker.runtimes.settings import DatabaseSettings, Settings, read_root_key
from broker.runtimes.steps import Done
from broker.runtimes.stores import open_stores
from broker.runtimes.streamed import Streamed
from broker.runtimes.wiring import wire
from contracts.base import Model
from contracts.words import Cause, Effect, EventId, RecipientId

BEFORE = datetime(2026, 2, 9, 9, 0, tzinfo=LONDON)
_LEFT_OUT = ("journal.db*", "ledger.db*", "spool.db*", "view.db*", "clock.json", "database")
"""Of a home's files, those that keep what happens in it; the rest is who is who."""
PEOPLE: Mapping[str, tuple[str, ...]] = {
    "Ruth Okafor": ("mash_practitioner@mash-core",),
    "Tom Averill": ("mash_manager@mash-core",),
    "Asha Bell": ("allocated_worker@csc-north-team",),
    "Priya Nair": ("designated_safeguarding_lead@school-ashdown",),
    "Lena Frost": ("nursery_manager@nursery-acorn",),
    "Grace Mensah": ("health_visitor@hv-wrenshire",),
    "Sam Whitlock": ("police_mash_practitioner@police-mash",),
    "Joy Adeyemi": ("practice_safeguarding_lead@gp-elm-street",),
    "Piotr Zielinski": ("practice_safeguarding_lead@gp-harbour",),
    "Imran Shah": ("data_protection_officer",),
}
"""Who is who in the demonstration; all made up."""


class Step(Model):
    """One native file on its way: when it arrives, whose it is, in which format, and what it is about."""

    at: datetime
    agency: str
    kind: str
    file: str
    caption: str


class Schedule(Model):
    """The scene before the weekend, and the weekend."""

    scene: tuple[Step, ...]
    weekend: tuple[Step | Act, ...]

    @property
    def files(self) -> tuple[Step, ...]:
        """Every file, in the order in which they arrive."""
        return tuple(step for step in (*self.scene, *self.weekend) if isinstance(step, Step))


@dataclass(frozen=True, slots=True)
class Anew:
    """That a recipient was told anew, in this step, of a report that it was told of before: why."""

    event_id: EventId
    recipient: RecipientId
    cause: Cause


@dataclass(frozen=True, slots=True)
class Played:
    """One step as it came out.

    ``summary``: of the file that came; none where people acted. ``acts``: a line for each thing that they did.
    ``decisions``: on the reports that came in this step, the standing one of each recipient. ``now_shared``: decisions
    on earlier reports that are shared since this step. ``anew``: corrections and retractions that left in it.
    """

    step: Step | Act
    summary: FileSummary | None
    done: Done
    decisions: tuple[tuple[EventId, tuple[Decision, ...]], ...]
    now_shared: tuple[Decision, ...] = ()
    anew: tuple[Anew, ...] = ()
    chased: tuple[Escalation, ...] = ()
    acts: tuple[str, ...] = ()


def open_demo(settings: Settings) -> Embedded:
    """Open the demonstration's home, or make it: its own root key beside it, its own clock and stores in it.

    Whatever servers the settings name for real homes, it plays in files of its own.

    Raises:
        HomeError: a home of real people is there; nothing was played in it.
    """
    home = Home(settings.home)
    if home.registry.exists() and not home.scripted_clock.exists():
        msg = f"the home {home.root.name} is not a demonstration's; nothing was played"
        raise HomeError(msg, code="home.not_a_demo", remedy="name another folder: mash --home DIR demo")
    settings = replace(settings, database=None, opa_url="", kafka=None)
    if home.registry.exists():
        settings = replace(settings, root_key_file=demo_key(settings.home))
        return Embedded.open(settings, clock=ScriptedClock(home.scripted_clock))
    return make_demo(settings)


def make_demo(settings: Settings) -> Embedded:
    """Make a demonstration's home where the settings say, its root key beside it, and open it; nothing is played."""
    home, key = Home(settings.home), demo_key(settings.home)
    if not key.exists():
        make_root_key(key)
    clock = ScriptedClock(home.scripted_clock)
    home.make()
    clock.set(BEFORE)
    runtime = Embedded.make(replace(settings, root_key_file=key), clock=clock)
    for name, roles in PEOPLE.items():
        runtime.add_person(name, roles)
    return runtime


def open_streamed_demo(settings: Settings) -> Streamed:
    """Open a demonstration's home whose processes run, as `make up` leaves it.

    Raises:
        HomeError: there is none.
    """
    home = Home(settings.home)
    home.check_exists()
    if not servers_of_demo(settings.home).exists():
        msg = f"the home {home.root.name} is not a demonstration's whose processes run; nothing was played"
        raise HomeError(msg, code="home.not_a_demo", remedy="start one with: make up")
    servers = json.loads(servers_of_demo(settings.home).read_text(encoding="utf-8"))
    settings = replace(
        settings,
        root_key_file=demo_key(settings.home),
        database=DatabaseSettings(servers["database"], Path(servers["database_password_file"])),
        opa_url=servers["opa"],
    )
    return Streamed.open(settings, clock=ScriptedClock(home.scripted_clock))


def servers_of_demo(home: Path) -> Path:
    """Where a demonstration's home is told which servers of this machine are its own: beside it, like its key."""
    return home.with_name(f"{home.name}.servers.json")


def unplayed_twin(runtime: Embedded, folder: Path) -> Embedded:
    """A home in ``folder`` like that one, with the same keys and secrets, in which nothing has happened yet."""
    root = folder / "home"
    shutil.copytree(runtime.home.root, root, ignore=shutil.ignore_patterns(*_LEFT_OUT))
    key = demo_key(root)
    shutil.copy(demo_key(runtime.home.root), key)
    clock = ScriptedClock(Home(root).scripted_clock)
    clock.set(BEFORE)
    settings = replace(runtime.settings, home=root, root_key_file=key, database=None, opa_url="", kafka=None)
    return Embedded.open(settings, clock=clock)


def schedule() -> Schedule:
    """The files that ship with the package, in the order in which they arrive."""
    return Schedule.model_validate(yaml.safe_load(_folder().joinpath("schedule.yaml").read_text(encoding="utf-8")))


def play(runtime: Embedded, steps: Sequence[Step | Act]) -> Iterator[Played]:
    """Let each file arrive, and people act, at their time, and all that follows happen; the clock never goes back."""
    clock = runtime.clock
    for step in steps:
        at = step.at.replace(tzinfo=LONDON)
        if isinstance(clock, ScriptedClock) and at > clock.now():
            clock.set(at)
        runtime.beat()
        before = _Before.see(runtime)
        played = _let_happen(runtime, step)
        done = runtime.tick()
        runtime.beat()
        yield before.and_then(runtime, replace(played, done=done))


def _let_happen(runtime: Embedded, step: Step | Act) -> Played:
    if isinstance(step, Act):
        return Played(step, None, Done(), (), acts=tuple(perform(runtime, step)))
    summary = runtime.ingest(_folder() / step.file, agency=step.agency, kind=step.kind)
    return Played(step, summary, Done(), ())


@dataclass(frozen=True, slots=True)
class _Before:
    """What stood before a step."""

    shares: Mapping[EventId, frozenset[RecipientId]]
    sent: frozenset[str]
    chased: int

    @classmethod
    def see(cls, runtime: Embedded) -> Self:
        journal = runtime.hub.journal
        shares = {e.event_id: _shares(_standing(runtime, e.event_id)) for e in journal.events()}
        sent = frozenset(each.delivery.delivery_id for each in journal.deliveries())
        return cls(shares, sent, len(journal.escalations()))

    def and_then(self, runtime: Embedded, played: Played) -> Played:
        """The step with what came of it."""
        journal = runtime.hub.journal
        events = journal.events()
        new = tuple((e.event_id, _standing(runtime, e.event_id)) for e in events if e.event_id not in self.shares)
        now_shared = tuple(
            decision
            for event_id, before in self.shares.items()
            for decision in _standing(runtime, event_id)
            if decision.effect is Effect.SHARE and decision.recipient not in before
        )
        anew = tuple(
            Anew(each.delivery.event_id, each.delivery.recipient, each.delivery.cause)
            for each in journal.deliveries()
            if each.delivery.delivery_id not in self.sent and each.delivery.cause is not None
        )
        chased = tuple(journal.escalations()[self.chased :])
        return replace(played, decisions=new, now_shared=now_shared, anew=anew, chased=chased)


def _shares(decisions: Sequence[Decision]) -> frozenset[RecipientId]:
    return frozenset(each.recipient for each in decisions if each.effect is Effect.SHARE)


def verify_an_edited_copy(runtime: Embedded, *, entry: int) -> Verification:
    """Copy the home, edit one row of the copy's ledger as somebody with the file could, and verify the copy."""
    with tempfile.TemporaryDirectory(prefix="mash-demo-") as folder:
        copy = Path(folder) / "home"
        shutil.copytree(runtime.home.root, copy)
        database = sqlite3.connect(copy / "hub" / "ledger.db")
        with database:
            triggers = database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
            for (name,) in triggers:
                database.execute(f'DROP TRIGGER "{name}"')
            database.execute("UPDATE leaves SET leaf = leaf || x'20' WHERE leaf_index = ?", (entry,))
        database.close()
        home = Home(copy)
        stores = open_stores(home, read_root_key(runtime.settings), None)
        hub = wire(home, stores, EmbeddedPolicy(runtime.engine), runtime.clock, KeyRegistry(home.registry))
        try:
            return verify_ledger(hub, against=None, tell=lambda _done, _total: None)
        finally:
            hub.close()


def _standing(runtime: Embedded, event_id: EventId) -> tuple[Decision, ...]:
    latest: dict[str, Decision] = {}
    for decision in runtime.hub.journal.decisions(event_id):
        latest[decision.recipient] = decision
    return tuple(latest.values())


def _folder() -> Path:
    return Path(str(files("broker"))) / "demo" / "weekend"
