"""Kills an exchange again and again while it works, at random moments or at named steps, and restarts it each time.

Run as ``python -m tests.support.killing``: a process of its own loads everything once and forks each life from it.
"""

import json
import mmap
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from functools import wraps
from pathlib import Path
from typing import Any, NoReturn

from adapters.kit import run
from broker.runtimes.embedded import Embedded
from broker.runtimes.settings import DatabaseSettings, Settings
from broker.runtimes.steps import Done
from tests.support.homes import engine, open_home
from tests.support.postgres import counted

NAMED = (
    "inbox.receive",
    "keys.create",
    "journal.commit",
    "journal.transaction",
    "journal.mark_replied",
    "journal.mark_sequenced",
    "ledger.take_lease",
    "ledger.append",
    "post.reply",
    "post.send",
    "post.acknowledge_receipts",
)
"""The steps at which a life can be ended. Of a transaction, ``before`` its end is inside, with nothing durable yet."""

READING = ("reading.put_away", "reading.archive_file")
"""Steps of an agency's side while it reads a file: around the spool's one transaction."""

_HERE = "tests.support.killing"
ACCEPTED = "events WHERE state = 'accepted'"
LONGEST_PLACE = 100
"""Bytes in which a life notes where it is."""
A_PLACE = 0.004
"""Seconds, about, from one place to the next: so a kill falls between them too."""
ACCEPTS_KEPT = 2
"""How many accepts random kills leave to do, so that none comes after the last."""
OPENING, QUIET = "opening", "between steps"
PLACES = (OPENING, QUIET, *(f"{side} {name}" for name in (*NAMED, *READING) for side in ("before", "after")))


@dataclass(frozen=True, slots=True)
class Ending:
    """How one life shall end: while it opens, so long after it passed so many places, or when it comes to a place."""

    seconds: float = 0.0
    passings: int = 0
    place: str = ""
    times: int = 0


@dataclass(frozen=True, slots=True)
class Killed:
    """How one life ended: where it was last seen, and how many events were accepted by then."""

    place: str
    accepted: int
    was_killed: bool
    asked: str = ""


@dataclass(slots=True)
class Report:
    """All lives of one home. ``landed``: kills after the first accept and before the last."""

    events: int
    lives: list[Killed] = field(default_factory=list)
    checkpoints: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def landed(self) -> list[Killed]:
        """Kills between the first and the last accept."""
        return [each for each in self.lives if each.was_killed and 0 < each.accepted < self.events]


def kill_at_steps(settings: Settings, *, steps: Sequence[tuple[str, int]], batch: int) -> Report:
    """Kill once at each place, when a life comes there for the given time; then let one life finish."""
    return run_in_a_process(_HERE, settings, {"steps": [list(step) for step in steps], "batch": batch})


def run_together(settings: Settings, *, processes: int, batch: int) -> Report:
    """Let so many lives work on the same home at once, until there is nothing left to do."""
    return run_in_a_process(_HERE, settings, {"processes": processes, "batch": batch})


def run_in_a_process(module: str, settings: Settings, wanted: dict[str, Any]) -> Report:
    """Let a module that forks lives do what is wanted with this home."""
    database = settings.database.url if settings.database is not None else ""
    asked = {"home": str(settings.home), "root_key_file": str(settings.root_key_file), "database": database, **wanted}
    done = subprocess.run(
        [sys.executable, "-m", module],
        check=False,
        input=json.dumps(asked),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout.splitlines()[-1])
    return Report(**{**said, "lives": [Killed(**life) for life in said["lives"]]})


def settings_of(asked: dict[str, Any]) -> Settings:
    """The home that standard input names."""
    database = DatabaseSettings(asked["database"]) if asked["database"] else None
    return Settings(Path(asked["home"]), Path(asked["root_key_file"]), None, "info", database=database)


class Lives:
    """One home, opened by one life after another. Subclassed for other work than what waits in the spools."""

    def do_all(self, runtime: Embedded, tell: Callable[[Done], None]) -> None:
        """What a life does."""
        runtime.tick(tell=tell)

    def watch(self, runtime: Embedded, ending: Ending | None, note: Callable[[str], None]) -> None:
        """Note every place as it is passed, and die at the one that was asked for."""
        _watch(runtime, ending, note)

    def finish(self, started: float) -> None:
        """Write the report as JSON to standard output."""
        self.report.seconds = time.monotonic() - started
        published = self.side_log.read_text(encoding="utf-8").splitlines()
        self.report.checkpoints = sorted({*self.report.checkpoints, *map(json.loads, published)})
        json.dump(asdict(self.report), sys.stdout)

    def __init__(self, settings: Settings, *, batch: int) -> None:
        self.settings = settings
        self.batch = batch
        self.report = Report(_spooled(settings))
        self.side_log = settings.home.with_name("published")
        self._seen = mmap.mmap(-1, LONGEST_PLACE)
        self._passed = mmap.mmap(-1, 8)
        self.opening = 0.3

    def live(self, ending: Ending | None) -> Killed:
        """Fork one life and end it so; none: let it finish."""
        reading, writing = os.pipe()
        self._note(OPENING)
        self._passed[:] = bytes(8)
        started = time.monotonic()
        child = os.fork()
        if child == 0:
            os.close(reading)
            self._work(ending, writing)
        os.close(writing)
        self._end(child, reading, ending, started)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        os.close(reading)
        assert status in {0, -signal.SIGKILL}, status
        life = Killed(
            self._seen[:].rstrip(b"\0").decode(),
            self.accepted(),
            status != 0,
            ending.place or "at random" if ending is not None else "",
        )
        self.report.lives.append(life)
        self.report.checkpoints.extend(_at_recipients(self.settings))
        return life

    def live_together(self, processes: int) -> None:
        """Fork so many lives at once, and let them finish."""
        children = []
        for _ in range(processes):
            _, writing = os.pipe()
            child = os.fork()
            if child == 0:
                self._work(None, writing)
            children.append(child)
        for child in children:
            status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            assert status == 0, status
            self.report.lives.append(Killed("", self.accepted(), was_killed=False))

    def accepted(self) -> int:
        """How many events are accepted, durably."""
        if self.settings.database is not None:
            return counted(self.settings.database, ACCEPTED)
        return _count(self.settings.home / "hub" / "journal.db", ACCEPTED)

    @property
    def passed(self) -> int:
        """How many places the latest life passed."""
        return int.from_bytes(self._passed[:], "big")

    def _end(self, child: int, reading: int, ending: Ending | None, started: float) -> None:
        """Wait for the moment, and kill; a life that dies by itself is left to do so."""
        if ending is None or ending.place:
            return
        if ending.passings:
            os.read(reading, 1)
            self.opening += (time.monotonic() - started - self.opening) / 4
            os.read(reading, 1)
        time.sleep(ending.seconds)
        os.kill(child, signal.SIGKILL)

    def _work(self, ending: Ending | None, ready: int) -> NoReturn:
        """Be one life: open the home, do all there is to do, and note every checkpoint after its turn."""
        runtime = open_home(self.settings, engine(), batch=self.batch)

        def note(place: str) -> None:
            self._note(place)
            passed = self.passed + 1
            self._passed[:] = passed.to_bytes(8, "big")
            if ending is not None and passed == ending.passings:
                os.write(ready, b"p")

        self.watch(runtime, ending, note)
        os.write(ready, b"o")
        with self.side_log.open("a", encoding="utf-8") as log:

            def tell(_: Done) -> None:
                latest = runtime.hub.ledger.head().latest
                if latest is not None:
                    log.write(json.dumps(latest.note) + "\n")
                    log.flush()

            self.do_all(runtime, tell)
        os._exit(0)

    def _note(self, place: str) -> None:
        self._seen[:] = place.encode().ljust(LONGEST_PLACE, b"\0")


def _watch(runtime: Embedded, ending: Ending | None, note: Callable[[str], None]) -> None:
    """Note every named step as it is passed, and die at the one that was asked for."""
    hub = runtime.hub
    parts = {
        "inbox": runtime.line._inbox,
        "keys": hub.keys,
        "journal": hub.journal,
        "ledger": hub.ledger,
        "post": runtime.post,
        "reading": run,
    }
    left = ending.times if ending is not None else 0

    def passing(place: str) -> None:
        nonlocal left
        note(place)
        if ending is not None and place == ending.place:
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    for name in (*NAMED, *READING):
        part, method = name.split(".")
        watched = _watched_transaction if method == "transaction" else _watched
        setattr(parts[part], method, watched(getattr(parts[part], method), name, passing))


def _watched(method: Callable[..., Any], name: str, passing: Callable[[str], None]) -> Callable[..., Any]:
    @wraps(method)
    def watched(*args: Any, **kwargs: Any) -> Any:
        passing(f"before {name}")
        result = method(*args, **kwargs)
        passing(f"after {name}")
        return result

    return watched


def _watched_transaction(method: Callable[..., Any], name: str, passing: Callable[[str], None]) -> Callable[..., Any]:
    @contextmanager
    def watched(*args: Any) -> Iterator[None]:
        with method(*args):
            yield
            passing(f"before {name}")
        passing(f"after {name}")

    return watched


def _at_recipients(settings: Settings) -> list[str]:
    found: list[str] = []
    for store in sorted(settings.home.glob("recipients/*/view.db")):
        database = sqlite3.connect(store)
        found.extend(str(row[0]) for row in database.execute("SELECT note FROM checkpoints"))
        database.close()
    return found


def _spooled(settings: Settings) -> int:
    return sum(_count(spool, "events") for spool in settings.home.glob("agencies/*/spool.db"))


def _count(path: Path, what: str) -> int:
    database = sqlite3.connect(path, timeout=30)
    try:
        return int(database.execute(f"SELECT count(*) FROM {what}").fetchone()[0])  # noqa: S608 - our own words
    finally:
        database.close()


def at_random(lives: Lives, kills: int, seed: int) -> None:
    """Kill evenly over all that is to do, however fast the machine: what a life does is counted in places passed.

    The first life dies right after the first accept; the last accepts are left for whoever finishes, so every kill
    lands. ``reach`` is how far the other lives come at most: longer when the work lags behind the kills, else shorter.
    """
    chance = random.Random(seed)
    an_accept = lives.live(Ending(place="before post.reply", times=1)).accepted
    places = reach = float(lives.passed)
    begun = lives.report.events - an_accept
    for done in range(1, kills):
        left = lives.report.events - lives.accepted()
        spare = left / an_accept - ACCEPTS_KEPT
        if chance.random() < 0.1 or spare <= 0:
            lives.live(Ending(chance.uniform(0, lives.opening)))
            continue
        passings = 1 + int(chance.uniform(0, min(reach, spare * places)))
        lives.live(Ending(chance.uniform(0, A_PLACE), passings=passings))
        reach *= 1.2 if left / begun > 1 - done / kills else 0.8


def main() -> None:
    """Do what standard input asks, and write the report as JSON."""
    asked = json.load(sys.stdin)
    engine()
    lives = Lives(settings_of(asked), batch=asked["batch"])
    started = time.monotonic()
    if "processes" in asked:
        lives.live_together(asked["processes"])
    else:
        for place, times in asked["steps"]:
            lives.live(Ending(place=place, times=times))
    if "processes" not in asked:
        last = lives.live(None)
        assert not last.was_killed
    lives.finish(started)


if __name__ == "__main__":
    main()
