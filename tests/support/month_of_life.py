"""A month in a partnership in which 1,000 children live: who is on which roll, and what agencies then report.

How often each thing happens is rounded from national counts for England (Children in need 2024: some 52 referrals, 33
children in need, 19 enquiries under section 47 and 4 children on a plan for every 1,000 children a year; hospital
episode statistics: some 400 emergency attendances; schools' and police figures vary with the area and are set between
published ones). The figures are from memory and nobody checked them.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from contracts.events import health, housing, local_authority, mash, police, probation, school
from contracts.words import Grade
from tests.support.builders import (
    EventBuilder,
    a_concern,
    a_demographics_change,
    a_domestic_incident,
    a_gp_registration,
    a_protection_plan,
    a_pupil_enrolment,
    a_referral,
    a_section_47,
    a_worker_allocation,
    an_emergency_attendance,
    an_event,
)
from tests.support.event_parts import ACORN, ACORN_NURSERY, ELM_STREET, HARBOUR, LARCH_HOUSE, at
from tests.support.people import CRAIG, DANA, FictionalChild, a_numbered_child

CHILDREN = 1_000
DAYS = 28
FIRST = at("2026-03-02", "07:00")
ROLLS_TOLD = FIRST - timedelta(days=1)
OLDEST_IN_NURSERY = 5
IN_NEED, ON_A_PLAN = 33, 4
"""Of 1,000 children, how many have an open case as the month begins, and how many of them a plan."""
UNKNOWN_NUMBER = 50
"""One report in so many does not know the child's NHS number."""

Make = Callable[[Random], EventBuilder]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of report. ``a_month``: so many a month for 1,000 children; ``of_open``: about one with an open case."""

    a_month: int
    make: Make
    of_open: bool = False


def _level(builder: EventBuilder, level: int, grade: Grade = Grade.GREEN) -> EventBuilder:
    return builder.at_level(level).graded(grade)


def _registered(rng: Random) -> EventBuilder:
    practice = rng.choice((ELM_STREET, HARBOUR))
    return a_gp_registration().saying(practice=practice, practice_code=practice.code)


KINDS: tuple[Kind, ...] = (
    Kind(32, lambda _: an_emergency_attendance().saying(safeguarding_flag=False)),
    Kind(3, lambda _: an_emergency_attendance()),
    Kind(7, _registered),
    Kind(6, lambda _: a_demographics_change().living_at(LARCH_HOUSE)),
    Kind(4, lambda _: an_event(school.PupilLeft)),
    Kind(4, lambda _: a_pupil_enrolment().saying(since=FIRST.date())),
    Kind(8, lambda _: _level(a_concern().from_school(), 2).claiming(service_agreement="agreed")),
    Kind(1, lambda _: _level(a_concern().from_school(), 2)),
    Kind(4, lambda _: _level(a_concern().from_school(), 3, Grade.AMBER)),
    Kind(6, lambda _: an_event(school.AbsenceReturned)),
    Kind(2, lambda _: a_domestic_incident().saying(both_parties_16_or_over=True).with_people(CRAIG, DANA)),
    Kind(1, lambda _: a_domestic_incident().saying(both_parties_16_or_over=True).at_level(4).graded(Grade.RED)),
    Kind(4, lambda _: _level(a_concern().from_police(), 3, Grade.AMBER)),
    Kind(6, lambda _: an_event(police.NoticeKept)),
    Kind(2, lambda _: _level(a_concern().from_health(), 3, Grade.AMBER)),
    Kind(1, lambda _: _level(a_concern().from_charity(), 3, Grade.AMBER)),
    Kind(1, lambda _: _level(an_event(housing.HousingConcernRaised), 2).claiming(service_agreement="agreed")),
    Kind(1, lambda _: an_event(local_authority.AdultConcernRaised)),
    Kind(1, lambda _: an_event(probation.SupervisionRecorded), of_open=True),
    Kind(4, lambda _: a_referral()),
    Kind(3, lambda rng: a_worker_allocation().saying(since=(FIRST + timedelta(days=rng.randrange(DAYS))).date())),
    Kind(2, lambda _: a_section_47(), of_open=True),
    Kind(2, lambda _: an_event(local_authority.Section47Ended), of_open=True),
    Kind(1, lambda _: a_protection_plan(), of_open=True),
    Kind(3, lambda _: an_event(local_authority.CaseClosed), of_open=True),
    Kind(2, lambda _: an_event(local_authority.EarlyHelpStarted)),
    Kind(1, lambda _: an_event(local_authority.EarlyHelpEnded)),
    Kind(1, lambda _: an_event(local_authority.EarlyHelpSteppedUp)),
    Kind(2, lambda _: an_event(health.ProtectionRecordViewed), of_open=True),
    Kind(3, lambda _: an_event(mash.OutcomeRecorded), of_open=True),
)


def before_the_month(children: int = CHILDREN) -> list[EventBuilder]:
    """What is known as it begins: practices, rolls, workers, plans."""
    return list(_before(children))


def the_month(children: int = CHILDREN, *, seed: int = 1) -> list[EventBuilder]:
    """Its reports, in the order of their days."""
    rng = Random(seed)
    found = list(_reports(rng, children))
    return sorted(found, key=lambda event: event.occurred_at)


def _before(children: int) -> Iterator[EventBuilder]:
    for number in range(children):
        child = a_numbered_child(number)
        for part, event in enumerate(_known(child, number, children)):
            yield event.about(child).occurring(ROLLS_TOLD).as_record(f"known-{number}/{part}")


def _known(child: FictionalChild, number: int, children: int) -> Iterator[EventBuilder]:
    practice = HARBOUR if number % 3 else ELM_STREET
    yield a_gp_registration().saying(practice=practice, practice_code=practice.code)
    if _age(child) >= OLDEST_IN_NURSERY:
        yield a_pupil_enrolment()
    elif number % 2:
        yield a_pupil_enrolment().by(ACORN).saying(establishment=ACORN_NURSERY)
    if number in _open_cases(children):
        yield a_worker_allocation()
    if number in _open_cases(children)[: ON_A_PLAN * children // CHILDREN]:
        yield a_protection_plan()


def _open_cases(children: int) -> range:
    return range(0, children, max(1, CHILDREN // IN_NEED))


def _reports(rng: Random, children: int) -> Iterator[EventBuilder]:
    open_cases = _open_cases(children)
    for place, kind in enumerate(KINDS):
        for number in range(max(1, kind.a_month * children // CHILDREN)):
            who = a_numbered_child(rng.choice(open_cases) if kind.of_open else rng.randrange(children))
            who = who.without_nhs_number() if rng.randrange(UNKNOWN_NUMBER) == 0 else who
            yield kind.make(rng).about(who).occurring(_moment(rng)).as_record(f"month-{place}/{number}")


def _moment(rng: Random) -> datetime:
    return FIRST + timedelta(days=rng.randrange(DAYS), minutes=rng.randrange(24 * 60))


def _age(child: FictionalChild) -> int:
    born = child.birth_date
    return 0 if born is None else (FIRST.date() - born).days // 365
