"""Where a child lives that is kept back is told by its own team alone, whoever else holds the same role."""

from collections.abc import Collection
from datetime import timedelta
from pathlib import Path

import pytest

from broker.core.outcome import TaskQuestion
from broker.services.whose_to_decide import is_theirs
from contracts.events.local_authority import WorkerEnded
from contracts.words import ChildId, Grade, RecipientId
from tests.support.builders import a_concern, an_event
from tests.support.hub import MONDAY, Hub
from tests.support.people import JONAS, MIA, FictionalChild
from tests.support.settled_children import NORTH as THE_TEAM
from tests.support.settled_children import settled

NORTH, OTHERBY = RecipientId("csc-north-team"), RecipientId("otherby-csc")


@pytest.fixture
def hub(tmp_path: Path) -> Hub:
    return Hub.in_folder(tmp_path)


def decides(
    hub: Hub, places: Collection[RecipientId], *, about: FictionalChild, code: str = "safe_contact.worker"
) -> bool:
    event = a_concern().from_school().about(about)
    hub.submit(event)
    child = next(e.child for e in hub.journal.events() if e.event_id == event.id)
    now = hub.clock.now()
    asked = TaskQuestion("q", ChildId(child or ""), code, "allocated_worker", now + timedelta(hours=4), Grade.RED)
    return is_theirs(asked, places, hub.journal, hub.policy, now=now)


def test_only_the_team_that_works_with_the_child_decides_where_a_worker_must(hub: Hub) -> None:
    settled(hub)
    assert decides(hub, {NORTH}, about=MIA)
    assert not decides(hub, {OTHERBY}, about=MIA)
    assert decides(hub, {NORTH, OTHERBY}, about=MIA)
    assert decides(hub, {OTHERBY}, about=MIA, code="nursery.manager_decides")


def test_where_no_team_is_known_or_the_role_is_held_at_no_place_the_role_decides(hub: Hub) -> None:
    settled(hub)
    assert decides(hub, (), about=MIA)
    assert decides(hub, {OTHERBY}, about=JONAS)
    hub.submit(an_event(WorkerEnded).about(MIA).occurring(MONDAY).saying(team=THE_TEAM, ended_on=MONDAY.date()))
    assert decides(hub, {OTHERBY}, about=MIA)
