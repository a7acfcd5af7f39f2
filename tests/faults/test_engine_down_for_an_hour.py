"""The policy engine is down for an hour of a busy day: nothing leaves, one incident, and all comes right soon after."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import pytest

from broker.core.incidents import AGREEMENT_LAPSED, ENGINE_DOWN
from broker.core.outcome import EventState, RecordKind, TaskQuestion
from broker.drivers.clock.scripted import ScriptedClock
from broker.ports.policy import NoVerdictError
from broker.runtimes.embedded import Embedded
from broker.services.setting_aside import WAITS
from contracts.question import Question
from contracts.verdict import Verdict
from contracts.words import Grade
from tests.support import homes
from tests.support.busy_week import busy_week
from tests.support.homes import MONDAY

CHILDREN = 10
MINUTE = timedelta(minutes=1)
DOWN = MONDAY + 60 * MINUTE
BACK = DOWN + 60 * MINUTE
END = BACK + 30 * MINUTE


@contextmanager
def engine_down_for_an_hour(runtime: Embedded, clock: ScriptedClock) -> Iterator[None]:
    """The real engine, but for one hour of the day."""
    policy = runtime.hub.policy
    asked = policy.decide

    def decide(question: Question) -> Verdict:
        if DOWN <= clock.now() < BACK:
            msg = "the policy engine gave no answer"
            raise NoVerdictError(msg)
        return asked(question)

    policy.decide = decide  # type: ignore[method-assign]
    try:
        yield
    finally:
        policy.decide = asked  # type: ignore[method-assign]


@dataclass
class Day:
    """The day as it went, seen from outside."""

    reds: int = 0
    reds_put_at_once: int = 0
    left_while_down: int = 0
    tasks_at_worst: int = 0
    decided_after: timedelta | None = None


def delivered(runtime: Embedded) -> int:
    return sum(len(side.store.delivered()) for side in runtime.recipients.values())


def questions(runtime: Embedded) -> list[TaskQuestion]:
    return [question for task in runtime.hub.journal.tasks() for question in task.questions]


def held(runtime: Embedded) -> int:
    return runtime.hub.journal.counts().get("events_held", 0)


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Embedded, Day, int]]:
    settings = homes.a_home(tmp_path_factory.mktemp("engine-down"))
    events = busy_week(children=CHILDREN)
    minutes = int((END - MONDAY) / MINUTE)
    day = Day()
    with homes.opened(settings) as runtime:
        clock = runtime.clock
        assert isinstance(clock, ScriptedClock)
        with engine_down_for_an_hour(runtime, clock):
            for minute in range(minutes):
                clock.set(MONDAY + minute * MINUTE)
                share = events[minute * len(events) // minutes : (minute + 1) * len(events) // minutes]
                homes.spool(settings, share, now=clock.now())
                live_one_minute(runtime, clock, day)
        yield runtime, day, len({event.id for event in events})


def live_one_minute(runtime: Embedded, clock: ScriptedClock, day: Day) -> None:
    before, now = delivered(runtime), clock.now()
    runtime.tick()
    if DOWN <= now < BACK:
        day.left_while_down += delivered(runtime) - before
        day.tasks_at_worst = max(day.tasks_at_worst, sum(1 for each in questions(runtime) if each.child is None))
        reds = [e for e in runtime.hub.journal.events(state=EventState.HELD) if e.grade is Grade.RED]
        put = {each.event_id for each in questions(runtime) if each.code == WAITS}
        day.reds, day.reds_put_at_once = len(reds), sum(1 for each in reds if each.event_id in put)
        assert day.reds == day.reds_put_at_once, "a red event waits without a task of its own"
    for seconds in (20, 40, 60) if now == BACK else ():
        if day.decided_after is None and not held(runtime):
            day.decided_after = clock.now() - BACK
        clock.set(BACK + timedelta(seconds=seconds))
        runtime.tick()


def test_nothing_leaves_while_the_engine_is_down(lived: tuple[Embedded, Day, int]) -> None:
    assert lived[1].left_while_down == 0


def test_one_incident_is_opened_with_a_record_and_a_task_and_ends_by_itself(lived: tuple[Embedded, Day, int]) -> None:
    runtime, _, _ = lived
    incidents = {each.cause: each for each in runtime.hub.journal.incidents()}
    assert len(incidents) == len(runtime.hub.journal.incidents())
    assert incidents.keys() == {ENGINE_DOWN, AGREEMENT_LAPSED}, "the neighbouring county's agreement has lapsed too"
    incident = incidents[ENGINE_DOWN]
    assert (incident.cause, incident.subject) == (ENGINE_DOWN, "")
    assert incident.opened_at - DOWN <= 2 * MINUTE
    assert incident.ended_at is not None
    assert incident.ended_at - BACK <= MINUTE
    told = [r.about for r, _ in runtime.hub.journal.records() if r.kind is RecordKind.INCIDENT]
    assert told.count(incident.incident_id) == 2


def test_every_red_event_has_a_task_at_once_and_no_other_has_one_of_its_own(lived: tuple[Embedded, Day, int]) -> None:
    _, day, _ = lived
    assert day.reds > 2
    assert day.reds_put_at_once == day.reds
    assert day.tasks_at_worst <= day.reds + 2


def test_all_is_decided_within_a_minute_of_its_return_and_nobody_is_asked_any_more(
    lived: tuple[Embedded, Day, int],
) -> None:
    runtime, day, _ = lived
    assert day.decided_after is not None
    assert day.decided_after <= MINUTE
    assert held(runtime) == 0
    assert not {ENGINE_DOWN, WAITS} & {each.code for each in questions(runtime)}
    assert {w.code for w in questions(runtime)} != set()


def test_nothing_is_lost(lived: tuple[Embedded, Day, int]) -> None:
    runtime, _, sent = lived
    events = runtime.hub.journal.events()
    assert len(events) == sent
    assert {event.state for event in events} == {EventState.ACCEPTED}
    assert runtime.reconcile().differences == ()
    assert all(not feed.pending(1) for feed in runtime.feeds.values())
