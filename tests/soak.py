"""Kills the processes of a whole partnership at random while events pour in, and then checks every promise.

`make soak` runs it long; tests/faults/test_soak.py runs a slice. What came of it is printed, and kept on a page:

    python -m tests.soak --events 100000 --kills 1000 --page docs/performance.md

Interrupted (control and C), it ends early: no more comes and nobody is killed any more, and all is checked.
"""

import argparse
import json
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count, islice, pairwise
from pathlib import Path
from threading import Event
from typing import Any, Final

from sqlalchemy import func, select

from broker.core.errors import MashError
from broker.core.store_errors import StoreError
from broker.drivers.clock.scripted import ScriptedClock
from broker.drivers.sql import schema
from broker.drivers.sql.prepared import Prepared
from broker.runtimes.demo import open_streamed_demo
from broker.runtimes.embedded import Embedded
from broker.runtimes.home import demo_key
from broker.runtimes.settings import Settings
from broker.runtimes.streamed import Streamed
from contracts.canonical import canonical
from contracts.delivery import Delivery
from infra.local.partnership import Folder
from tests.bench.machine import machine
from tests.bench.page import SOAK, table_page, with_part
from tests.support import homes
from tests.support.agreeing import check_checkpoints, check_everything_has_its_leaf
from tests.support.builders import EventBuilder
from tests.support.busy_week import busy_week
from tests.support.processes import MASH, a_partnership, complaints, run

EXCHANGE: Final = ("hub-1", "hub-2", "sequencer", "release")
PORTION = 200
"""Events that are put into the spools at a time."""
WAITING = 200
"""So few of them wait when the next portion comes."""
ITS_OWN = frozenset({"delivery_id", "revision", "revises", "decided_at", "asked_again"})
"""What of a delivery is another in each revision, whatever it tells."""
CHILDREN_OF_A_WEEK = 48
"""One busy week follows another, each about other children: who is told what begins with the first of them."""
_SETTLES = timedelta(minutes=16)
_SETTLED_BY: Final = 900.0
_SETTLED_A_SECOND: Final = 100
"""Events for each of which, beside, one more second may pass until all is at rest."""
_STILL_FOR: Final = 15.0
_STUCK_AFTER: Final = 120.0
"""Seconds of stillness after which what is still on its way will not arrive: then the checks say so."""
_LONGEST: Final = 24 * 3600.0
_ASKED_AGAIN: Final = 2000
"""Of so many reports it is seen that nothing would come out otherwise; about 10 ms each."""
_LOOKS_EVERY: Final = 0.5
"""Seconds between two looks at how far the exchange is."""
_TAKEN_IN: Final = Prepared(select(func.count()).select_from(schema.events))


@dataclass
class Came:
    """What one soak did, and what is wrong after it: nothing, or the names of what is."""

    seed: int
    events: int = 0
    repeats: int = 0
    kills: Counter[str] = field(default_factory=Counter)
    kills_between_accepts: int = 0
    seconds_of_kills: float = 0.0
    seconds_to_settle: float = 0.0
    decisions: int = 0
    deliveries: int = 0
    leaves: int = 0
    checkpoints: int = 0
    left_after_all: int = 0
    told_again: int = 0
    wrong: dict[str, Any] = field(default_factory=dict)

    def figures(self) -> dict[str, str]:
        """For the page of figures."""
        return {
            "seed": str(self.seed),
            "events": f"{self.events:,}, and {self.repeats:,} of them a second time",
            "kills": f"{sum(self.kills.values()):,}, {self.kills_between_accepts:,} between the first and last accept",
            "killed": ", ".join(f"{name} {times}" for name, times in self.kills.most_common()),
            "time": f"{self.seconds_of_kills:,.0f} s, and {self.seconds_to_settle:,.0f} s until all was at rest",
            "decisions, deliveries": f"{self.decisions:,}, {self.deliveries:,}",
            "leaves, kept checkpoints": f"{self.leaves:,}, {self.checkpoints:,}",
            "stopped, and had left": f"{self.left_after_all:,}; of these the same was told again: {self.told_again:,}",
            "wrong": str(self.wrong or "nothing"),
        }

    def told(self) -> str:
        """For people."""
        return "; ".join(f"{name}: {value}" for name, value in self.figures().items())


class Killer:
    """Kills what the supervisor runs, and nothing else."""

    def __init__(self, folder: Folder, chance: random.Random, killed: Counter[str]) -> None:
        self._folder = folder
        self._chance = chance
        self._killed = killed

    def kill_one(self) -> str | None:
        """Kill one process: every second time one of the exchange's. Its name; None if it is not there just now."""
        pids: dict[str, int] = json.loads((self._folder.root / "pids.json").read_text(encoding="ascii"))
        others = sorted(set(pids) - set(EXCHANGE))
        name = self._chance.choice(EXCHANGE if self._chance.random() < 0.5 else others)
        if not _is_mash(pids[name]):
            return None
        os.kill(pids[name], signal.SIGKILL)
        self._killed[name] += 1
        return name


def _is_mash(pid: int) -> bool:
    try:
        return MASH.encode() in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


class Feeding:
    """Puts events into the agencies' spools, a portion at a time, so that some always wait."""

    def __init__(self, settings: Settings, events: Iterator[EventBuilder]) -> None:
        self._settings = settings
        self._left = events
        self.ids: set[str] = set()
        self.given, self.is_over = 0, False

    def turn(self, number: int, now: datetime) -> None:
        """Put in the next portion, if few wait of what came before: ``number`` have been taken in."""
        if self.is_over or len(self.ids) - number > WAITING:
            return
        portion = list(islice(self._left, PORTION))
        homes.spool(self._settings, portion, now=now)
        self.ids |= {each.id for each in portion}
        self.given += len(portion)
        self.is_over = not portion


def busy_weeks() -> Iterator[EventBuilder]:
    """Week after week, without end."""
    for week in count():
        yield from busy_week(CHILDREN_OF_A_WEEK, first=week * CHILDREN_OF_A_WEEK)


def accepted(runtime: Streamed, before: int = 0) -> int:
    """How many events the exchange has taken in, one way or another; ``before``, where the database is too busy."""
    try:
        with runtime.hub.journal._store.reading() as session:
            row = session.row(_TAKEN_IN)
    except StoreError:
        return before
    return 0 if row is None else int(row[0])


@dataclass(frozen=True)
class Limits:
    """How much is done: at least so many kills while so many events come, or what comes in so many seconds.

    ``enough``: once set, what was done until then is enough.
    """

    events: int
    kills: int
    seconds: float = _LONGEST
    enough: Event = field(default_factory=Event)


def soak(root: Path, limits: Limits, *, seed: int, tell: Callable[[str], None]) -> Came:
    """Run one soak in this folder, and check.

    Raises:
        StreamedError, TimeoutError: it does not come to rest.
    """
    came = Came(seed)
    with a_partnership(root) as folder:
        settings = Settings(folder.home, demo_key(folder.home), None, "warning")
        runtime = open_streamed_demo(settings)
        try:
            clock = ScriptedClock(runtime.home.scripted_clock)
            clock.set(homes.MONDAY)
            feeding = Feeding(runtime.settings, islice(busy_weeks(), limits.events))
            _kill_while_fed(runtime, Killer(folder, random.Random(seed), came.kills), feeding, limits, came, tell)
            _settle(runtime, clock, came, tell)
            check(runtime, feeding.ids, came)
        except (MashError, TimeoutError):
            tell(complaints(folder))
            raise
        finally:
            runtime.close()
        _follow(folder, came)
        if came.wrong:
            tell(complaints(folder))
    return came


def _kill_while_fed(
    runtime: Streamed, killer: Killer, feeding: Feeding, limits: Limits, came: Came, tell: Callable[[str], None]
) -> None:
    """Kill at random, about evenly over the events, until all are in and killed often enough, or the time is over."""
    clock = ScriptedClock(runtime.home.scripted_clock)
    began = told = last = time.monotonic()
    accepts: list[int] = []
    number = 0
    while (passed := time.monotonic() - began) < limits.seconds and not limits.enough.is_set():
        number, killed = accepted(runtime, number), sum(came.kills.values())
        feeding.turn(number, runtime.clock.now())
        if feeding.is_over and number >= len(feeding.ids) and killed >= limits.kills:
            break
        share = max((feeding.given - len(feeding.ids) + number) / limits.events, passed / limits.seconds)
        if killed < limits.kills * share and killer.kill_one():
            accepts.append(number)
        now = time.monotonic()
        clock.advance(timedelta(seconds=now - last))
        last = now
        if now - told > 30:
            told = now
            tell(f"{passed:.0f} s: {number} events in, {killed} kills")
        time.sleep(_LOOKS_EVERY)
    came.seconds_of_kills = time.monotonic() - began
    final = accepted(runtime, number)
    came.events, came.repeats = len(feeding.ids), feeding.given - len(feeding.ids)
    came.kills_between_accepts = sum(0 < each < final for each in accepts)


def _settle(runtime: Streamed, clock: ScriptedClock, came: Came, tell: Callable[[str], None]) -> None:
    """Let everything that was begun come to an end, with time enough for what is sent again."""
    tell("nobody is killed any more; what was begun comes to an end")
    began = time.monotonic()
    longest = _SETTLED_BY + came.events / _SETTLED_A_SECOND
    for _ in range(3):
        _rest(runtime, began, longest)
        clock.advance(_SETTLES)
        runtime.beat()
    still = 0.0
    while still < _STILL_FOR or (_waits(runtime) and still < _STUCK_AFTER):
        still = 0.0 if _stirs(runtime, began, longest) else still + _STILL_FOR
    came.seconds_to_settle = time.monotonic() - began


def _waits(runtime: Streamed) -> bool:
    """Whether a delivery is still on its way: on a machine out of breath a process may take long to start again."""
    counts = runtime.hub.journal.counts()
    return bool(counts["records_pending"] or counts["deliveries_waiting"])


def _stirs(runtime: Streamed, began: float, longest: float) -> bool:
    """Whether anything is still done after all seemed at rest: a hub may be slow, and sweeps every ten seconds."""
    _rest(runtime, began, longest)
    before = runtime.hub.journal.counts()
    time.sleep(_STILL_FOR)
    if runtime.hub.journal.counts() == before:
        return False
    if time.monotonic() - began > longest:
        msg = "what was begun does not come to an end"
        raise TimeoutError(msg)
    return True


def _rest(runtime: Streamed, began: float, longest: float) -> None:
    """Wait until the processes are at rest."""
    while True:
        try:
            runtime.tick()
        except MashError:
            if time.monotonic() - began > longest:
                raise
        else:
            return


def check(runtime: Embedded, spooled: set[str], came: Came) -> None:
    """Every promise; what is broken is named in ``came.wrong``."""
    journal, ledger = runtime.hub.journal, runtime.hub.ledger
    events, statuses = journal.events(), journal.deliveries()
    decisions = [each for event in events for each in journal.decisions(event.event_id)]
    came.decisions, came.deliveries, came.leaves = len(decisions), len(statuses), ledger.head().size

    def note(what: str, found: object) -> None:
        if found:
            came.wrong[what] = found

    note("lost", sorted(spooled - {str(each.event_id) for each in events})[:10])
    note("waiting in spools", [name for name, feed in runtime.feeds.items() if feed.pending(1)])
    firsts = Counter((each.event_id, each.recipient, each.child) for each in decisions if not each.asked_again)
    note("decided twice", [str(each) for each, times in firsts.items() if times > 1][:10])
    not_known = {each.delivery.delivery_id for each in statuses if each.is_superseded and each.released_at is not None}
    for name, side in runtime.recipients.items():
        kept = [each.delivery for child in side.store.children() for each in side.store.deliveries(child)]
        note(f"told twice: {name}", told_twice(kept, not_known=not_known)[:10])
        came.told_again += len(told_twice(kept)) - len(told_twice(kept, not_known=not_known))
    came.left_after_all = len(not_known)
    note("not reconciled", [str(each) for each in runtime.reconcile().differences][:10])
    found = runtime.verify_ledger(against=None, tell=lambda _done, _total: None).finding
    note("ledger", str(found) if found else "")
    try:
        check_everything_has_its_leaf(runtime)
    except AssertionError as error:
        note("without a leaf", str(error) or "something that is not named")
    note("would come out otherwise", _not_at_rest(runtime, random.Random(came.seed))[:10])
    came.checkpoints = check_checkpoints(runtime, [])


def _not_at_rest(runtime: Embedded, chance: random.Random) -> list[str]:
    """Of some reports, those about which anything would come out otherwise if they were asked about again now."""
    hub, now = runtime.hub, runtime.clock.now()
    since = now - timedelta(days=hub.policy.reask_window_days)
    past = hub.journal.past_events(child=None, since=since, after=0, limit=sys.maxsize)
    found: list[str] = []
    for each in chance.sample(list(past), min(len(past), _ASKED_AGAIN)):
        with hub.journal.transaction():
            if hub.ask_again.outcome(each.event_id, why="whether all is at rest", now=now) is not None:
                found.append(each.event_id)
    return found


def told_twice(deliveries: Iterable[Delivery], *, not_known: Collection[str] = frozenset()) -> list[str]:
    """Each report of which one recipient was told the same again: two revisions, one after the other, say the same.

    That a delivery comes again under its own id is no such thing: its receiver keeps it once. Nor is it where the
    earlier is ``not_known``: it left, and was stopped before that could be noted, so what came after could not know.
    """
    said: dict[str, dict[int, tuple[str, bytes]]] = {}
    for each in deliveries:
        body = {name: value for name, value in each.model_dump(mode="json").items() if name not in ITS_OWN}
        said.setdefault(each.report, {})[each.revision] = each.delivery_id, canonical(body)
    return [
        f"report {report}, revisions {earlier} and {later}"
        for report, revisions in said.items()
        for earlier, later in pairwise(sorted(revisions))
        if revisions[earlier][1] == revisions[later][1] and revisions[earlier][0] not in not_known
    ]


def _follow(folder: Folder, came: Came) -> None:
    """As a partner: every checkpoint that was ever published is a prefix of what the log has become."""
    keys = folder.root / "public.keys"
    printed = run(
        MASH, "--home", str(folder.home), "ledger", "keys", folder=folder.root, variables=folder.variables("exchange")
    )
    keys.write_text(printed.stdout, encoding="utf-8")
    followed = run(
        MASH, "ledger", "follow", "--keys", str(keys), folder=folder.root, variables=folder.variables("partner")
    )
    if followed.returncode:
        came.wrong["published log"] = printed.stderr + followed.stdout + followed.stderr
    tell_of = run(
        MASH, "--home", str(folder.home), "reconcile", folder=folder.root, variables=folder.variables("exchange")
    )
    if tell_of.returncode:
        came.wrong["mash reconcile"] = tell_of.stdout + tell_of.stderr


def _tell(said: str) -> None:
    sys.stderr.write(said + "\n")
    sys.stderr.flush()


def main() -> int:
    """Run one soak as the command line says; exits with 1 where anything is wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=_LONGEST, help="no event and no kill after so many")
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--page", type=Path, default=None, help="the page of figures, whose part it writes anew")
    asked = parser.parse_args()
    seed = random.SystemRandom().randrange(10**9) if asked.seed is None else asked.seed
    limits = Limits(asked.events, asked.kills, asked.seconds)
    signal.signal(signal.SIGINT, lambda _number, _frame: limits.enough.set())
    with tempfile.TemporaryDirectory(prefix="mash-soak-") as folder:
        came = soak(Path(folder), limits, seed=seed, tell=_tell)
    sys.stdout.write(came.told() + "\n")
    if asked.page:
        before = asked.page.read_text(encoding="utf-8")
        asked.page.write_text(with_part(before, SOAK, table_page(came.figures(), machine())), encoding="utf-8")
    return 1 if came.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
