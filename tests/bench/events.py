"""What the bench sends: one domestic abuse incident per child; six recipients are considered and three are told.

Told are the front door, police, and the school its Operation Encompass notice. Not told are the allocated worker and
the general practice, for nobody has vouched for either relation for a year, and the council's education team, because
the school is. The law that ships decides so; the bench checks that it does.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from contracts.payload import Organisation, Team
from contracts.words import DataCategory, Grade
from tests.support.builders import (
    EventBuilder,
    a_domestic_incident,
    a_gp_registration,
    a_pupil_enrolment,
    a_worker_allocation,
    an_emergency_attendance,
)
from tests.support.event_parts import a_fact, an_allegation, at, child_words
from tests.support.people import CRAIG, DANA, FictionalChild, a_numbered_child

CONSIDERED, TOLD = 6, 3
EVENTS_PER_CHILD = 4
_PRACTICE = Organisation(scheme="ods", code="Y90001", name="Elm Street Surgery")
_TEAM = Team(code="CSC-NORTH", name="North Team")
_LONG_AGO, _LATELY = at("2025-03-01"), at("2026-03-05")
_SUNDAY = at("2026-03-08", "22:50")
_OLDEST, _DAYS = date(2010, 9, 1), 3600


def a_pupil(number: int) -> FictionalChild:
    """The ``number``-th of many children between five and fifteen."""
    return replace(a_numbered_child(number), birth_date=_OLDEST + timedelta(days=number * 7 % _DAYS))


def relations(child: FictionalChild) -> Iterator[EventBuilder]:
    """What is known of the child beforehand: practice, worker and school, as three agencies reported them."""
    yield a_gp_registration().about(child).saying(practice=_PRACTICE, practice_code=_PRACTICE.code).occurring(_LONG_AGO)
    yield a_worker_allocation().about(child).saying(team=_TEAM).occurring(_LONG_AGO)
    yield a_pupil_enrolment().about(child).occurring(_LATELY)


def an_incident(child: FictionalChild) -> EventBuilder:
    """The incident as a force reports it, with two people, what the child said and what an officer saw."""
    return (
        a_domestic_incident()
        .about(child)
        .occurring(_SUNDAY)
        .graded(Grade.AMBER)
        .at_level(3)
        .with_people(DANA, CRAIG)
        .with_entries(
            child_words("I stayed upstairs until it was quiet."),
            a_fact(DataCategory.POLICE_INCIDENT, text="Officers found a door broken and the kitchen in disarray."),
            an_allegation("The mother says that he pushed her against the wall.", code="assault"),
        )
        .saying(both_parties_16_or_over=True, risk_factors=("third call this year",))
    )


def an_attendance(child: FictionalChild) -> EventBuilder:
    """What a hospital, and so another agency than the force, reports on the same evening."""
    return an_emergency_attendance().about(child).occurring(_SUNDAY)
