"""What is known of Mia and Theo before a test begins: plan, worker, school, nursery, practice, address."""

from tests.support.builders import (
    EventBuilder,
    a_gp_registration,
    a_protection_plan,
    a_pupil_enrolment,
    a_worker_allocation,
)
from tests.support.event_parts import ACORN, ACORN_NURSERY, MILL_LANE, at
from tests.support.hub import Hub
from tests.support.people import MIA, THEO, FictionalChild

LATELY = at("2026-03-05")
ELM = {"scheme": "ods", "code": "Y90001", "name": "Elm Street Surgery"}
HARBOUR_PRACTICE = {"scheme": "ods", "code": "Y90002", "name": "Harbour Medical Practice"}
NORTH = {"code": "CSC-NORTH", "name": "North Team"}


def what_is_known(child: FictionalChild = MIA) -> tuple[EventBuilder, ...]:
    """Events that make a child known: on a plan, with a worker, a school or nursery, and a practice."""
    place = a_pupil_enrolment().about(child)
    if child is THEO:
        place = place.by(ACORN).saying(establishment=ACORN_NURSERY)
    gp = a_gp_registration().about(child).saying(practice=ELM, practice_code=ELM["code"])
    events = (
        a_protection_plan().living_at(MILL_LANE),
        a_worker_allocation().saying(team=NORTH),
        gp.occurring(at("2026-02-10")),
        place.living_at(MILL_LANE),
    )
    return tuple(
        each.about(child).as_record(f"{child.reference}-{index}").recorded(LATELY) for index, each in enumerate(events)
    )


def settled(hub: Hub, *children: FictionalChild) -> Hub:
    """The hub once it knows these children; Mia where none is named."""
    for child in children or (MIA,):
        hub.submit(*what_is_known(child))
    return hub
