"""A month in a partnership of 1,000 children asks little of people, and a paper that lapses in it is one incident."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from broker.core.incidents import DOCUMENT_LAPSED
from broker.core.outcome import TaskQuestion
from broker.runtimes.embedded import Embedded
from policies.engine import Engine
from policies.engine.terms import Party
from tests.support import homes
from tests.support.engines import FILES, an_engine
from tests.support.month_of_life import DAYS, FIRST, ROLLS_TOLD, before_the_month, the_month

POLICE = "wrenshire-police"
MOST_TASKS_PER_100 = 5


def a_month_of(folder: Path, engine: Engine) -> Embedded:
    """A home to which the month has come, a day's reports each morning; nobody answers anything."""
    settings = homes.a_home(folder, now=ROLLS_TOLD)
    runtime = homes.open_home(settings, engine)
    homes.spool(settings, before_the_month(), now=ROLLS_TOLD)
    runtime.beat()
    runtime.tick()
    events = the_month()
    for day in range(1, DAYS + 1):
        now = FIRST + timedelta(days=day)
        runtime.clock.set(now)  # type: ignore[attr-defined]  # a home for tests has a scripted one
        todays = [each for each in events if now - timedelta(days=1) <= each.occurred_at < now]
        homes.spool(settings, todays, now=now)
        runtime.beat()
        runtime.tick()
    return runtime


def close(runtime: Embedded) -> None:
    """Let go of the home; the engine is this test's own."""
    for feed in runtime.feeds.values():
        feed.close()
    for side in runtime.recipients.values():
        side.store.close()
    runtime.hub.close()


def questions(runtime: Embedded) -> list[TaskQuestion]:
    """Everything that waits for a person."""
    return [question for task in runtime.hub.journal.tasks() for question in task.questions]


def test_a_month_asks_for_at_most_five_tasks_in_a_hundred_reports(tmp_path: Path) -> None:
    runtime = a_month_of(tmp_path, homes.engine())
    tasks, asked = runtime.hub.journal.tasks(), questions(runtime)
    assert len(the_month()) > 100
    assert 0 < 100 * len(tasks) <= MOST_TASKS_PER_100 * len(the_month())
    assert all(each.owner and each.deadline for each in asked)
    assert not runtime.hub.journal.open_incidents()
    assert runtime.reconcile().differences == ()
    close(runtime)


def test_a_policy_document_that_lapses_in_it_is_one_incident(tmp_path: Path) -> None:
    def aged(party: Party) -> Party:
        lapsing = tuple(each.model_copy(update={"review_due": date(2026, 3, 9)}) for each in party.documents)
        return party.model_copy(update={"documents": lapsing}) if party.id == POLICE else party

    agreements = tuple(each.model_copy(update={"parties": tuple(map(aged, each.parties))}) for each in FILES.agreements)
    runtime = a_month_of(tmp_path, an_engine(replace(FILES, agreements=agreements)))
    (incident,) = runtime.hub.journal.open_incidents()
    assert (incident.cause, incident.subject) == (DOCUMENT_LAPSED, POLICE)
    held = [each for each in questions(runtime) if each.code == "schedule1.document_lapsed"]
    assert held
    assert all(each.owner and each.deadline for each in held)
    close(runtime)
