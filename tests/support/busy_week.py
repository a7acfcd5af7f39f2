"""Some hundreds of events about some tens of children in one order: relations, incidents, restrictions, doubts."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

from contracts.events import health, local_authority, police
from contracts.words import DataCategory, Grade, Restriction
from tests.support.builders import (
    EventBuilder,
    a_concern,
    a_demographics_change,
    a_domestic_incident,
    a_gp_registration,
    a_protection_plan,
    a_protection_plan_end,
    a_pupil_enrolment,
    a_referral,
    a_restriction,
    a_section_47,
    a_withdrawal,
    a_worker_allocation,
    an_attendance_at_otherby,
    an_emergency_attendance,
    no_further_action,
)
from tests.support.event_parts import ELM_STREET, HARBOUR, LARCH_HOUSE, a_fact, an_allegation, at, child_words
from tests.support.people import CRAIG, DANA, MR_ORME, FictionalChild, a_numbered_child

CHILDREN = 48
SUNDAY = at("2026-03-08", "22:50")
RESTRICTIONS = (Restriction.RESTRICTED_ADDRESS, Restriction.DOMESTIC_ABUSE, Restriction.MARAC, Restriction.COURT_ORDER)

CORRECTED = frozenset({health.HealthConcernRaised, local_authority.Section47Started, police.DomesticIncidentNotified})
"""Of what some reports are corrected or withdrawn later."""

Step = Callable[[int], Sequence[EventBuilder]]


def busy_week(children: int = CHILDREN, *, first: int = 0) -> list[EventBuilder]:
    """The same events in the same order each time, about so many children; ``first``: the number of the first."""
    return list(_busy_week(range(first, first + children)))


def a_week_with_corrections(children: int = CHILDREN) -> list[EventBuilder]:
    """The same week; in the end some agencies correct or withdraw what they reported in it."""
    week = busy_week(children)
    reports = list({event.id: event for event in week if event.model in CORRECTED}.values())
    for place, report in enumerate(reports[:: max(1, len(reports) // children)]):
        if place % 2:
            week.append(a_withdrawal(report).as_record(f"withdrawn-{place}"))
        else:
            again = report.as_record(f"again-{place}").with_entries(child_words("It was the day before."))
            week.append(again.correcting(report.id))
    return week


def _busy_week(children: range) -> Iterator[EventBuilder]:
    for place, step in enumerate(STEPS):
        for number in children:
            for part, said in enumerate(step(number)):
                event = said.about(_child(place, number)).occurring(_moment(place, number))
                event = event.as_record(f"step-{place}/{part}/child-{number}")
                yield event
                if number % 9 == 0:
                    yield event


def _child(place: int, number: int) -> FictionalChild:
    """The child as this step's agency knows it; now and then nobody there knows the NHS number."""
    child = a_numbered_child(number)
    return child.without_nhs_number() if (place + number) % 17 == 0 else child


def _moment(place: int, number: int) -> datetime:
    return SUNDAY - timedelta(hours=60) + timedelta(hours=4 * place, seconds=number)


def _enrolled(number: int) -> Sequence[EventBuilder]:
    return (a_pupil_enrolment(),) if number % 4 else ()


def _gp(number: int) -> Sequence[EventBuilder]:
    practice = HARBOUR if number % 3 else ELM_STREET
    return (a_gp_registration().saying(practice=practice, practice_code=practice.code),)


def _worker(number: int) -> Sequence[EventBuilder]:
    return (a_worker_allocation(),) if number % 2 == 0 else ()


def _plan(number: int) -> Sequence[EventBuilder]:
    return (a_protection_plan(),) if number % 3 == 0 else ()


def _school(number: int) -> Sequence[EventBuilder]:
    return (a_concern().from_school().with_entries(child_words(f"He was shouting again, said child {number}.")),)


def _hospital(_: int) -> Sequence[EventBuilder]:
    return (an_emergency_attendance().with_people(DANA),)


def _incident(number: int) -> Sequence[EventBuilder]:
    event = a_domestic_incident().of_incident(f"incident-{number}").with_people(CRAIG, MR_ORME)
    event = event.with_entries(an_allegation(f"Craig Doyle is said to have hit the door of number {number}."))
    return (event.graded(Grade.RED) if number % 2 else event,)


def _restriction(number: int) -> Sequence[EventBuilder]:
    """A referral that names where the child is, and at once what forbids to tell it."""
    if number % 2:
        return ()
    return a_referral().living_at(LARCH_HOUSE), a_restriction(RESTRICTIONS[number % 4])


def _moved(number: int) -> Sequence[EventBuilder]:
    return (a_demographics_change().living_at(LARCH_HOUSE),) if number % 3 == 0 else ()


def _health(_: int) -> Sequence[EventBuilder]:
    weight = a_fact(DataCategory.HEALTH_PHYSICAL, "weight", text="Losing weight.")
    return (a_concern().from_health().with_entries(weight),)


def _charity(number: int) -> Sequence[EventBuilder]:
    return (a_concern().from_charity(),) if number % 4 == 1 else ()


def _police(number: int) -> Sequence[EventBuilder]:
    return (a_concern().from_police().with_people(CRAIG),) if number % 4 == 2 else ()


def _inquiry(number: int) -> Sequence[EventBuilder]:
    return (a_section_47(),) if number % 5 == 0 else ()


def _elsewhere(number: int) -> Sequence[EventBuilder]:
    return (an_attendance_at_otherby(),) if number % 7 == 3 else ()


def _over(number: int) -> Sequence[EventBuilder]:
    if number % 6 == 0:
        return (a_protection_plan_end(),)
    return (no_further_action().of_incident(f"incident-{number}"),) if number % 6 == 1 else ()


STEPS: tuple[Step, ...] = (
    _enrolled,
    _gp,
    _worker,
    _plan,
    _school,
    _hospital,
    _incident,
    _restriction,
    _moved,
    _health,
    _charity,
    _police,
    _inquiry,
    _elsewhere,
    _over,
)
