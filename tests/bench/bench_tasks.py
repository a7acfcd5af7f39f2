"""How often people are asked: tasks and questions per 100 events of a synthetic week."""

import tempfile
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from broker.drivers.clock.scripted import ScriptedClock
from broker.runtimes.embedded import Embedded
from tests.bench.figure import Figure, figure
from tests.support import homes
from tests.support.busy_week import busy_week

DAYS = 7
CHILDREN = 48
A_TASK_EACH = 100.0
"""The reference: a task for every event."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What one week asked of people who answered nothing: one task holds all that waits about one child.

    ``verdicts``, ``found``: how often the policy was asked, and how often it was answered from memory.
    """

    events: int
    tasks: int
    questions: int
    verdicts: int = 0
    found: int = 0

    def per_100(self, number: int) -> float:
        """So many for every 100 events."""
        return 100 * number / self.events


def asked_in_a_week(children: int = CHILDREN) -> Asked:
    """Let the same week come to a fresh home, a seventh of it every morning, and count what waits at its end."""
    events = busy_week(children=children)
    with tempfile.TemporaryDirectory(prefix="mash-bench-") as folder:
        settings = homes.a_home(Path(folder))
        with closing(Embedded.open(settings)) as runtime:
            clock = runtime.clock
            if not isinstance(clock, ScriptedClock):
                raise TypeError(clock)
            for day in range(DAYS):
                clock.set(homes.MONDAY + timedelta(days=day))
                homes.spool(settings, events[day * len(events) // DAYS : (day + 1) * len(events) // DAYS])
                runtime.beat()
                runtime.tick()
            tasks, recalled = runtime.hub.journal.tasks(), runtime.engine.recalled
    questions = sum(len(task.questions) for task in tasks)
    return Asked(len({each.id for each in events}), len(tasks), questions, recalled.asked, recalled.found)


def figures() -> list[Figure]:
    """Tasks and questions per 100 events."""
    asked = asked_in_a_week()
    week = f"of a synthetic week ({asked.events} events about {CHILDREN} children)"
    return [
        figure(f"tasks per 100 events {week}", asked.per_100(asked.tasks), A_TASK_EACH, "tasks"),
        figure(f"questions in them per 100 events {week}", asked.per_100(asked.questions), A_TASK_EACH, "questions"),
        figure(f"verdicts found in memory {week}", asked.found, asked.verdicts, "verdicts"),
    ]
