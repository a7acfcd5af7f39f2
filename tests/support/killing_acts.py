"""A small partnership's days with everything in them that people and agencies do, killed at every step of each.

Run as ``python -m tests.support.killing_acts``. What is done is read from what is stored, so that a life which begins
anew goes on where the last one was killed.
"""

import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from functools import wraps
from typing import Any

from broker.core.grounds import Ground
from broker.core.identity_acts import ActKind
from broker.core.outcome import Outcome
from broker.drivers.clock.scripted import ScriptedClock
from broker.runtimes import steps
from broker.runtimes.embedded import Embedded
from broker.runtimes.settings import Settings
from broker.runtimes.steps import Done
from broker.services.identity_joining import UNSURE
from contracts.words import Because, EventId, Grade
from tests.support.builders import (
    EventBuilder,
    a_concern,
    a_domestic_incident,
    a_pupil_enrolment,
    a_restriction,
    a_section_47,
    a_withdrawal,
    a_worker_allocation,
    an_attendance_at_otherby,
    an_emergency_attendance,
)
from tests.support.erasing import DPO, MANAGER, PEOPLE, PRACTITIONER, SIRO
from tests.support.event_parts import at
from tests.support.homes import MONDAY, engine
from tests.support.killing import Ending, Lives, Report, at_random, run_in_a_process, settings_of
from tests.support.people import MYA, a_numbered_child

_HERE = "tests.support.killing_acts"
BATCH = 4
LATER = MONDAY + timedelta(days=6)
"""When every clock that began on Monday has run out."""

STEPS = (
    "inbox.receive",
    "keys.create",
    "keys.destroy",
    "journal.transaction",
    "journal.commit",
    "journal.compact",
    "journal.mark_replied",
    "journal.mark_sequenced",
    "ledger.take_lease",
    "ledger.append",
    "post.reply",
    "post.send",
    "post.acknowledge_receipts",
)
"""Of a transaction, ``before`` its end is inside, with nothing durable yet."""

ERASED = a_numbered_child(7)
_FORGOTTEN = an_emergency_attendance().about(ERASED)
_WRONG = a_domestic_incident().occurring(at("2026-03-07", "21:00"))
_TAKEN_BACK = a_concern().from_school()
_BY_A_PERSON = a_concern().from_health()
_DOUBTFUL = an_emergency_attendance().about(MYA).occurring(at("2026-03-08", "10:00"))


def days() -> list[EventBuilder]:
    """Relations, a late restriction, an enquiry, corrections, a doubt, a lapsed agreement, and a child to be erased."""
    return [
        a_pupil_enrolment(),
        a_worker_allocation(),
        an_emergency_attendance(),
        _FORGOTTEN,
        _WRONG,
        _TAKEN_BACK,
        _BY_A_PERSON,
        _DOUBTFUL,
        an_attendance_at_otherby(),
        a_domestic_incident().graded(Grade.RED).occurring(at("2026-03-08", "22:50")),
        a_restriction(),
        a_section_47(),
        a_domestic_incident().occurring(at("2026-03-07", "21:30")).correcting(_WRONG.id),
        a_withdrawal(_TAKEN_BACK),
    ]


def prepare(runtime: Embedded) -> None:
    """Whoever acts in these days."""
    for who in PEOPLE:
        held = f"{who.role}@{who.recipient}" if who.recipient else who.role
        runtime.add_person(who.name, (held,), person=who.person)


def act(runtime: Embedded, tell: Callable[[Done], None]) -> None:
    """Do whatever of these days is not done yet."""
    runtime.tick(tell=tell)
    for each in (_decide, _link, _part, _withdraw, _propose, _confirm, _let_time_pass):
        each(runtime)
        runtime.tick(tell=tell)


def _decide(runtime: Embedded) -> None:
    for waiting in runtime.desk.tasks(MANAGER):
        if waiting.code == "encompass.age_of_parties":
            runtime.decide_task(waiting.question_id, MANAGER, granted=True, reason="Both are over sixteen.")


def _link(runtime: Embedded) -> None:
    doubts = [each for each in runtime.desk.tasks(PRACTITIONER) if each.code == UNSURE]
    if doubts and not _acts(runtime):
        runtime.identity.say(ActKind.LINK, doubts[0].task_id, "Mia Marsh", PRACTITIONER, reason="Her mother says so.")


def _part(runtime: Embedded) -> None:
    if _acts(runtime) == [ActKind.LINK]:
        record = _record_of(runtime, _DOUBTFUL)
        runtime.identity.say_of(ActKind.UNLINK, record, None, PRACTITIONER, reason="The hospital says otherwise.")


def _withdraw(runtime: Embedded) -> None:
    event = runtime.hub.journal.event(EventId(_BY_A_PERSON.id))
    if event is not None and event.corrected_by is None:
        runtime.withdraw_report(event.event_id, MANAGER, because=Because.NOT_INVOLVED, reason="The ward rang.")


def _propose(runtime: Embedded) -> None:
    if not runtime.hub.journal.erasures():
        runtime.officers.propose_erasure(_FORGOTTEN.id, DPO, ground=Ground.RETENTION_OVER)


def _confirm(runtime: Embedded) -> None:
    for erasure in runtime.hub.journal.erasures():
        if erasure.confirmed_at is None:
            runtime.officers.confirm_erasure(erasure.erasure_id, SIRO)


def _let_time_pass(runtime: Embedded) -> None:
    clock = runtime.clock
    assert isinstance(clock, ScriptedClock)
    if clock.now() < LATER:
        clock.set(LATER)


def _acts(runtime: Embedded) -> list[ActKind]:
    record = _record_of(runtime, _DOUBTFUL)
    return [each.kind for each in runtime.hub.journal.identity_acts(record)]


def _record_of(runtime: Embedded, event: EventBuilder) -> Any:
    stored = runtime.hub.journal.event(EventId(event.id))
    assert stored is not None
    assert stored.child is not None
    return stored.child


class ActLives(Lives):
    """Lives that do all of it. ``passed`` is every place that the straight life came to, in order, each once."""

    def do_all(self, runtime: Embedded, tell: Callable[[Done], None]) -> None:
        """Everything of these days."""
        act(runtime, tell)

    def watch(self, runtime: Embedded, ending: Ending | None, note: Callable[[str], None]) -> None:
        """Note every step of every activity, and die at the one that was asked for."""
        left = ending.times if ending is not None else 0
        doing = ["line"]
        passed = self.settings.home.with_name("passed")

        def passing(side: str, step: str) -> None:
            nonlocal left
            place = f"{doing[-1]}: {side} {step}".strip()
            note(place)
            if ending is None:
                with passed.open("a", encoding="utf-8") as file:
                    file.write(f"{place}\n")
            elif place == ending.place:
                left -= 1
                if left == 0:
                    os.kill(os.getpid(), signal.SIGKILL)

        _watch_steps(runtime, passing)
        _watch_activities(runtime, doing)


def _watch_steps(runtime: Embedded, passing: Callable[[str, str], None]) -> None:
    hub = runtime.hub
    parts = {
        "inbox": runtime.line._inbox,
        "keys": hub.keys,
        "journal": hub.journal,
        "ledger": hub.ledger,
        "post": runtime.post,
    }
    for name in STEPS:
        part, method = name.split(".")
        kind = type(parts[part])
        if name in {"journal.transaction", "journal.commit"}:
            continue
        setattr(kind, method, _step(getattr(kind, method), name, passing))
    _watch_journal(type(hub.journal), passing)


def _watch_activities(runtime: Embedded, doing: list[str]) -> None:
    hub = runtime.hub
    for activity, part, method in (
        ("reask", hub.reask, "run"),
        ("watch", hub, "watch"),
        ("decide", hub.decide_task, "run"),
        ("identity", hub.identify, "run"),
        ("withdraw", hub.withdraw, "run"),
        ("erase", hub.erase, "run"),
        ("erase", hub.erase, "finish"),
    ):
        kind = type(part)
        setattr(kind, method, _doing(getattr(kind, method), doing, _always(activity)))
    accept = type(hub.accept)
    accept.run = _doing(accept.run, doing, _accepting)  # type: ignore[method-assign]
    for activity, module, name in (
        ("sequence", steps, "sequence"),
        ("release", steps, "release"),
        ("receipts", steps, "receive_receipts"),
        ("sweep", steps, "sweep_all"),
    ):
        setattr(module, name, _doing(getattr(module, name), doing, _always(activity)))


def _always(activity: str) -> Callable[[Sequence[Any]], str]:
    return lambda _: activity


def _accepting(arguments: Sequence[Any]) -> str:
    """A batch in which a report corrects or withdraws another is a correction; every other is accepted."""
    return "correct" if any("corrects" in each.event.attributes for each in arguments[1]) else "accept"


def _doing(function: Callable[..., Any], doing: list[str], named: Callable[[Sequence[Any]], str]) -> Callable[..., Any]:
    @wraps(function)
    def watched(*args: Any, **kwargs: Any) -> Any:
        doing.append(named(args))
        try:
            return function(*args, **kwargs)
        finally:
            doing.pop()

    return watched


def _step(method: Callable[..., Any], name: str, passing: Callable[[str, str], None]) -> Callable[..., Any]:
    @wraps(method)
    def watched(*args: Any, **kwargs: Any) -> Any:
        passing("before", name)
        result = method(*args, **kwargs)
        passing("after", name)
        return result

    return watched


def _watch_journal(journal: Any, passing: Callable[[str, str], None]) -> None:
    """Commits and transactions are told apart by what they make durable."""
    commit, transaction, within = journal.commit, journal.transaction, [""]

    @wraps(commit)
    def committing(self: Any, outcome: Outcome) -> Any:
        within[0] = what_of(outcome) or within[0]
        passing("before", f"journal.commit {what_of(outcome)}".strip())
        result = commit(self, outcome)
        passing("after", f"journal.commit {what_of(outcome)}".strip())
        return result

    @contextmanager
    def transacting(self: Any, *args: Any) -> Iterator[None]:
        within[0] = ""
        with transaction(self, *args):
            yield
            passing("before", f"journal.transaction {within[0]}".strip())
        passing("after", f"journal.transaction {within[0]}".strip())

    journal.commit, journal.transaction = committing, transacting


def what_of(outcome: Outcome) -> str:
    """In a word or two what an outcome makes durable, where one activity makes several things so."""
    if outcome.forgotten is not None:
        return "(emptied)"
    if outcome.erasures:
        return "(finished)" if outcome.erasures[0].finished_at is not None else "(proposed)"
    if outcome.corrected:
        return "(corrected)"
    if outcome.reasked:
        return "(how far)"
    if outcome.decisions and outcome.event is None:
        return "(asked again)"
    return ""


class WeekLives(Lives):
    """Lives that take in a busy week, decide what one role may, and see every clock run out."""

    def do_all(self, runtime: Embedded, tell: Callable[[Done], None]) -> None:
        """Everything of the week."""
        runtime.tick(tell=tell)
        for waiting in runtime.desk.tasks(MANAGER):
            if waiting.code in {"nursery.manager_decides", "encompass.age_of_parties", "agreement.lapsed"}:
                runtime.decide_task(waiting.question_id, MANAGER, granted=True, reason="So that the child is safe.")
        runtime.tick(tell=tell)
        _let_time_pass(runtime)
        runtime.tick(tell=tell)


def week_straight(settings: Settings, *, batch: int) -> Report:
    """Let one life do the whole week."""
    return run_in_a_process(_HERE, settings, {"kills": 0, "seed": 0, "batch": batch})


def week_killed(settings: Settings, *, kills: int, seed: int, batch: int) -> Report:
    """Kill so often between the first and the last accept, then let one life finish."""
    return run_in_a_process(_HERE, settings, {"kills": kills, "seed": seed, "batch": batch})


def act_straight(settings: Settings) -> tuple[Report, list[str]]:
    """Let one life do everything; the places that it came to, in the order of the first time."""
    report = run_in_a_process(_HERE, settings, {"steps": []})
    places = settings.home.with_name("passed").read_text(encoding="utf-8").splitlines()
    return report, list(dict.fromkeys(places))


def act_killed(settings: Settings, places: Sequence[str]) -> Report:
    """Kill once at each place, each time in a new life, then let one life finish."""
    return run_in_a_process(_HERE, settings, {"steps": list(places)})


def main() -> None:
    """Do what standard input asks, and write the report as JSON."""
    asked = json.load(sys.stdin)
    engine()
    settings = settings_of(asked)
    lives: Lives = WeekLives(settings, batch=asked["batch"]) if "kills" in asked else ActLives(settings, batch=BATCH)
    started = time.monotonic()
    if asked.get("kills"):
        at_random(lives, asked["kills"], asked["seed"])
    for place in asked.get("steps", ()):
        lives.live(Ending(place=place, times=1))
    last = lives.live(None)
    assert not last.was_killed
    lives.finish(started)


if __name__ == "__main__":
    main()
