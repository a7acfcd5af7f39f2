"""A London borough's agreement: short clocks, and an open case goes to its worker instead of triage."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from broker.drivers.clock.scripted import ScriptedClock
from broker.runtimes import agreements
from broker.runtimes.agreements import EXAMPLES
from broker.runtimes.embedded import Embedded
from broker.runtimes.home import Home, make_root_key
from broker.runtimes.settings import Settings
from contracts.payload import Team
from contracts.words import EventId, Grade
from tests.support import homes
from tests.support.builders import EventBuilder, a_concern, a_worker_allocation
from tests.support.homes import MONDAY
from tests.support.people import JONAS, MIA

COUNCIL, HEALTH = "fenmarsh-council", "fenmarsh-community-health"
TEAM = Team(code="FEN-ASSESS", name="Assessment team")
WORRY = a_concern().from_health().by(HEALTH).at_level(3)


@pytest.fixture
def borough(tmp_path: Path) -> Iterator[Embedded]:
    """A home that works by the borough's agreement; Mia has an open case and a worker there, Jonas none."""
    make_root_key(tmp_path / "root-key")
    settings = Settings(tmp_path / "home", tmp_path / "root-key", None, "info")
    Home(settings.home).make()
    agreements.use(Home(settings.home), [EXAMPLES["london"]], MONDAY)
    clock = ScriptedClock(tmp_path / "clock.json")
    clock.set(MONDAY)
    runtime = Embedded.make(settings, clock=clock)
    allocated = a_worker_allocation().by(COUNCIL).about(MIA)
    told(runtime, allocated.saying(team=TEAM, since=MONDAY.date() - timedelta(days=3)))
    yield runtime
    runtime.close()


def told(runtime: Embedded, event: EventBuilder) -> dict[str, tuple[str, set[str]]]:
    """Who was told of it and who was not, with the reasons."""
    (reported,) = homes.spool(runtime.settings, [event])
    runtime.tick()
    decisions = runtime.hub.journal.decisions(EventId(reported.id))
    return {each.recipient: (each.effect.value, {bar.code for bar in each.verdict.bars}) for each in decisions}


def test_an_open_case_goes_to_its_worker_and_not_through_triage(borough: Embedded) -> None:
    found = told(borough, WORRY.about(MIA))
    assert found["csc-assessment"] == ("share", set())
    assert found["mash-core"] == ("withhold", {"triage.worker_has_the_case"})


def test_a_new_child_goes_through_triage(borough: Embedded) -> None:
    assert told(borough, WORRY.about(JONAS))["mash-core"] == ("share", set())


def test_what_is_red_goes_to_the_front_door_as_well(borough: Embedded) -> None:
    found = told(borough, WORRY.about(MIA).graded(Grade.RED))
    assert (found["csc-assessment"], found["mash-core"]) == (("share", set()), ("share", set()))


@pytest.mark.parametrize("grade, hours", [("red", 2), ("amber", 6), ("green", 24), ("blue", 24)])
def test_its_clocks_are_short(borough: Embedded, grade: str, hours: int) -> None:
    agreement = borough.engine.agreement("fenmarsh")
    assert agreement.clock(grade).hours == hours
    assert agreement.deadline(grade, MONDAY) >= MONDAY + timedelta(hours=hours)
