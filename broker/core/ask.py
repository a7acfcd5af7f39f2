"""Putting the question: everything the policy may read, from the event, the child's facts and the candidates."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from broker.core.candidates import Candidate, holder_of
from broker.core.facts import Fact, FactKind
from broker.core.partnership import CatalogueEntry, Condition, Directory
from broker.core.places import GUARDING, MARKER, Located, Seen, guarded_since, stood_lately
from contracts.envelope import Envelope
from contracts.events.school import AbsenceReturned
from contracts.leaves import Leaf
from contracts.payload import Child, Payload, handling_code
from contracts.question import (
    Approval,
    CandidateAsked,
    CategoryAbout,
    ChildAsked,
    ClaimsAsked,
    EncompassAsked,
    EventAsked,
    FlagFact,
    GradeAsked,
    HistoryCount,
    LevelAsked,
    NamedFact,
    PastMarker,
    Question,
    RequestAsked,
    SenderAsked,
)
from contracts.words import AgencyKind, GivenBy, Grade, Operation, RelationKind, Restriction

_SESSIONS, _SESSIONS_OF_ILLNESS = 20, 30
"""Half days in a row from which an absence must be returned."""

_FOUR, _GROWN_UP = 4, 18
_NEWBORN, _OVERDUE = timedelta(days=28), timedelta(days=14)

COMPLEX = 3
"""From this level of need on a child may be in need under section 17."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """All that is known when a question is put.

    ``before``: the child's facts before this event; ``facts``: with what it teaches. ``located``: its leaves, with
    what must be guarded marked so. ``received_at``: when the event first came.
    """

    envelope: Envelope
    payload: Payload
    entry: CatalogueEntry
    directory: Directory
    located: Located
    before: Sequence[Fact]
    facts: Sequence[Fact]
    sender: SenderAsked
    candidates: Sequence[Candidate]
    received_at: datetime
    is_unsure: bool = False
    history: Sequence[HistoryCount] = ()
    approvals: Sequence[Approval] = ()
    operation: Operation = Operation.SHARE
    request: RequestAsked | None = None
    event_id: str = field(default="")


def ask(gathered: Gathered, *, now: datetime) -> Question:
    """Put the question about every candidate. It holds codes, ages and times, and no content."""
    return Question(
        operation=gathered.operation,
        now=seconds(now),
        event=event_asked(gathered),
        request=gathered.request,
        child=child_asked(gathered, now=now),
        history=tuple(gathered.history),
        sender=gathered.sender,
        approvals=tuple(gathered.approvals),
        candidates=tuple(_candidate(candidate) for candidate in gathered.candidates),
    )


def event_asked(gathered: Gathered) -> EventAsked:
    """The event's part: its gravity, what kinds of value it holds, what its sender claims."""
    payload = gathered.payload
    leaves = gathered.located.leaves
    level, grade = gravity(payload, gathered.entry, gathered.facts, gathered.envelope.id)
    not_before = planned_until(payload, gathered.received_at, gathered.directory)
    return EventAsked(
        type=gathered.envelope.type,
        agency=gathered.envelope.agency,
        occurred_at=seconds(payload.times.occurred),
        level=level,
        grade=grade,
        categories=_pairs(leaves),
        locating=_pairs([leaf for leaf in leaves if leaf.locates and _is_kept_back(leaf, gathered.located)]),
        restrictions=payload.restrictions,
        entry_kinds=tuple(sorted({entry.kind for entry in payload.entries})),
        handling_code=handling_code(payload),
        reliability=next((entry.reliability for entry in payload.entries if entry.reliability), ""),
        crime_indicator=has_crime_indicator(payload),
        fgm_known=is_fgm_known(payload),
        sexual_offence_told=is_sexual_offence_told(payload),
        return_due=is_return_due(payload),
        new_address=gathered.located.has_moved,
        not_before=seconds(not_before) if not_before is not None else 0,
        claims=_claims(payload),
        encompass=_encompass(payload, gathered.directory),
        quality_flags=payload.quality_flags,
        identity_unsure=gathered.is_unsure,
    )


def child_asked(gathered: Gathered, *, now: datetime) -> ChildAsked:
    """The child's part: age and status, each with the moment it was last known to be so."""
    facts, child = gathered.facts, gathered.payload.child
    teams = _current(facts, RelationKind.ALLOCATED_WORKER, now)
    homes = _current(facts, RelationKind.HOME_AUTHORITY, now)
    schools = (*_current(facts, RelationKind.SCHOOL, now), *_current(facts, RelationKind.NURSERY, now))
    return ChildAsked(
        age=age_at(child.birth_date, now.date()) if child.birth_date else (0 if child.expected_date else -1),
        is_unborn=child.birth_date is None and child.expected_date is not None,
        has_died=_flag(facts, FactKind.DEATH, now).value,
        open_case=_flag(facts, FactKind.OPEN_CASE, now),
        section_47=_flag(facts, FactKind.SECTION_47, now),
        on_plan=_flag(facts, FactKind.PLAN, now),
        team=_named(teams[0]) if teams else NamedFact(),
        home_authority=_named(homes[0]) if homes else NamedFact(),
        schools=tuple(_named(fact) for fact in schools),
        home_educated=_home_educated(facts, now),
        restrictions=tuple(
            PastMarker(restriction=Restriction(fact.key), as_at=seconds(fact.as_at))
            for fact in facts
            if fact.kind is FactKind.RESTRICTION and _counts(fact, now)
        ),
        address_guarded=gathered.located.is_guarded,
        processing_restricted=_flag(facts, FactKind.PROCESSING, now).value,
    )


def child_read(facts: Sequence[Fact], *, now: datetime) -> ChildAsked:
    """The child's part where a view is opened: only what bears on whether the record may be used at all."""
    return ChildAsked(
        section_47=_flag(facts, FactKind.SECTION_47, now),
        processing_restricted=_flag(facts, FactKind.PROCESSING, now).value,
    )


def counted(event_type: str, occurred_at: datetime, grade: Grade) -> HistoryCount:
    """One event as it counts in a child's history, by the ISO week in which it occurred."""
    year, week, _ = occurred_at.isocalendar()
    kind = AgencyKind(event_type.split(".")[2])
    return HistoryCount(kind=event_type, agency_kind=kind, grade=grade, week=f"{year}-W{week:02d}", count=1)


def seen(payload: Payload, facts: Sequence[Fact], *, now: datetime) -> Seen:
    """When an event occurred, and since when places are kept back from it, by what is known or what itself demands."""
    own = [r for r in payload.restrictions if r is not Restriction.DOMESTIC_ABUSE]
    at = payload.times.vouched
    return Seen(at, guarded_since(facts, own, at=at, now=now))


def gravity(
    payload: Payload, entry: CatalogueEntry, facts: Sequence[Fact], event_id: str
) -> tuple[LevelAsked, GradeAsked]:
    """Level and grade: a person's if one regraded this event, else the sender's, else the catalogue's."""
    level = LevelAsked(value=entry.level, given_by=GivenBy.CATALOGUE)
    grade = GradeAsked(value=entry.grade, given_by=GivenBy.CATALOGUE)
    if payload.level is not None:
        level = LevelAsked(value=payload.level.value, given_by=payload.level.given_by)
    if payload.grade is not None:
        grade = GradeAsked(value=payload.grade.value, given_by=payload.grade.given_by)
    for fact in facts:
        if fact.kind is FactKind.LEVEL and fact.key == event_id:
            new_grade, _, new_level = fact.value.partition(":")
            grade = GradeAsked(value=Grade(new_grade), given_by=GivenBy.PERSON) if new_grade else grade
            level = LevelAsked(value=int(new_level), given_by=GivenBy.PERSON) if new_level else level
    return level, grade


def conditions(
    payload: Payload, facts: Sequence[Fact], level: LevelAsked, directory: Directory, *, now: datetime
) -> frozenset[Condition]:
    """Which conditions for being considered hold.

    A child of unknown age counts as young and as of school age, but as newborn only who is known to be.
    ``level``: the report's level of need, as :func:`gravity` has it.
    """
    child = payload.child
    unborn = child.birth_date is None and child.expected_date is not None
    age = age_at(child.birth_date, now.date()) if child.birth_date else -1
    open_case = _flag(facts, FactKind.OPEN_CASE, now).value or _flag(facts, FactKind.PLAN, now).value
    section_47 = _flag(facts, FactKind.SECTION_47, now).value
    holds = {
        Condition.NEWBORN: _is_newborn(child, now.date()),
        Condition.UNDER_FIVE: unborn or age < 5,  # noqa: PLR2004 - the condition's own name
        Condition.SCHOOL_AGE: not unborn and _is_of_school_age(age, facts, now),
        Condition.OPEN_CASE: open_case,
        Condition.SECTION_47: section_47,
        Condition.CRIME_INDICATOR: has_crime_indicator(payload),
        Condition.DOMESTIC_ABUSE: Restriction.DOMESTIC_ABUSE in payload.restrictions,
        Condition.NO_WORKER: not _is_relied_on(RelationKind.ALLOCATED_WORKER, facts, directory, now),
        Condition.OF_CONCERN: open_case or section_47 or _is_said_to_be_grave(payload, level),
    }
    return frozenset(condition for condition, value in holds.items() if value)


def _is_newborn(child: Child, day: date) -> bool:
    """Not yet born, or born within 28 days. Of whom only the expected date is told, up to two weeks late."""
    if child.birth_date is not None:
        return day - child.birth_date <= _NEWBORN
    return child.expected_date is not None and day - child.expected_date <= _NEWBORN + _OVERDUE


def _is_of_school_age(age: int, facts: Sequence[Fact], now: datetime) -> bool:
    """From reception to 17. At four some are in reception and others at a nursery; unknown counts."""
    if age == _FOUR:
        is_at_school = any(_current(facts, RelationKind.SCHOOL, now)) or _home_educated(facts, now).value
        return is_at_school or not any(_current(facts, RelationKind.NURSERY, now))
    return age == -1 or _FOUR < age < _GROWN_UP


def _is_relied_on(relation: RelationKind, facts: Sequence[Fact], directory: Directory, now: datetime) -> bool:
    """Whether somebody stands in this relation who can be told, and whom a recent enough fact vouches for."""
    greatest = timedelta(days=directory.greatest_age_days.get(relation, 0))
    return any(
        now - fact.as_at <= greatest and holder_of(directory, fact.value) is not None
        for fact in _current(facts, relation, now)
    )


def _is_said_to_be_grave(payload: Payload, level: LevelAsked) -> bool:
    """Whether somebody said so: the level that the catalogue gives where nobody did says nothing."""
    is_flagged = bool(getattr(payload, "safeguarding_flag", False))
    return is_flagged or (level.given_by is not GivenBy.CATALOGUE and level.value >= COMPLEX)


def planned_until(payload: Payload, received_at: datetime, directory: Directory) -> datetime | None:
    """Until when a planned arrest holds shares back: as its force says, and never longer than the agreement allows."""
    said = payload.times.not_before
    return said and min(said, received_at + timedelta(hours=directory.not_before_cap_hours))


def has_crime_indicator(payload: Payload) -> bool:
    """Whether the sender says that a crime may have been committed, or police took the child into protection."""
    said = getattr(payload, "is_crime", False) or getattr(payload, "police_protection", False)
    return bool(said) or is_fgm_known(payload) or is_sexual_offence_told(payload)


def is_sexual_offence_told(payload: Payload) -> bool:
    """Whether the sender was told of a sexual offence against the child, or saw it, and not only signs of one."""
    return bool(getattr(payload, "sexual_offence_told", None))


def is_return_due(payload: Payload) -> bool:
    """Whether an absence must be returned: ten school days without leave or reason, fifteen of illness.

    Source: the School Attendance (Pupil Registration) (England) Regulations 2024.
    """
    if not isinstance(payload, AbsenceReturned):
        return True
    return payload.sessions >= _SESSIONS_OF_ILLNESS if payload.reason == "illness" else payload.sessions >= _SESSIONS


def is_fgm_known(payload: Payload) -> bool:
    """Whether the sender knows, and does not only suspect, that female genital mutilation was done."""
    return bool(getattr(payload, "fgm_known", None))


def age_at(born: date, day: date) -> int:
    """Whole years; a date of birth in the future counts as nought."""
    return max(0, day.year - born.year - ((day.month, day.day) < (born.month, born.day)))


def seconds(moment: datetime) -> int:
    """A moment as whole UTC seconds since 1970; earlier ones as 0."""
    return max(0, int(moment.timestamp()))


def _is_kept_back(leaf: Leaf, located: Located) -> bool:
    return not located.is_guarded or leaf.category == "id.restricted_address"


def _pairs(leaves: Sequence[Leaf]) -> tuple[CategoryAbout, ...]:
    found = sorted({(leaf.category, leaf.about) for leaf in leaves})
    return tuple(CategoryAbout(category=category, about=about) for category, about in found)


def _claims(payload: Payload) -> ClaimsAsked:
    said = payload.claims.model_dump(exclude_none=True)
    return ClaimsAsked.model_validate({**said, "necessity": bool(said.get("necessity"))})


def _encompass(payload: Payload, directory: Directory) -> EncompassAsked:
    works_at = tuple(
        entry.recipient if (entry := directory.by_organisation(code)) else code
        for code in getattr(payload, "party_works_at", ())
    )
    return EncompassAsked(
        both_parties_16_or_over=getattr(payload, "both_parties_16_or_over", None),
        party_works_at=works_at,
        suspects_child_elsewhere=getattr(payload, "suspects_child_elsewhere", False),
    )


def _flag(facts: Sequence[Fact], kind: FactKind, now: datetime) -> FlagFact:
    """A yes only while it holds; the moment is that of the latest word on it, yes or no."""
    of_kind = [fact for fact in facts if fact.kind is kind]
    if not of_kind:
        return FlagFact()
    latest = max(of_kind, key=lambda fact: fact.as_at)
    return FlagFact(value=latest.holds_at(now), as_at=seconds(latest.as_at))


def _current(facts: Sequence[Fact], relation: RelationKind, now: datetime) -> list[Fact]:
    prefix = f"{relation}:"
    held = [f for f in facts if f.kind is FactKind.RELATION and f.key.startswith(prefix) and f.holds_at(now)]
    return sorted(held, key=lambda fact: fact.as_at, reverse=True)


def _named(fact: Fact) -> NamedFact:
    return NamedFact(value=fact.value, as_at=seconds(fact.as_at))


def _home_educated(facts: Sequence[Fact], now: datetime) -> FlagFact:
    held = _current(facts, RelationKind.HOME_EDUCATION, now)
    return FlagFact(value=True, as_at=seconds(held[0].as_at)) if held else FlagFact()


def _counts(fact: Fact, now: datetime) -> bool:
    """Guarding restrictions count for twelve months; the others while they stand."""
    if fact.key in GUARDING or fact.value == MARKER:
        return stood_lately(fact, now)
    return fact.holds_at(now)


def _candidate(candidate: Candidate) -> CandidateAsked:
    return CandidateAsked(
        recipient=candidate.recipient,
        kind=candidate.entry.kind,
        role=candidate.entry.role,
        purpose=candidate.purpose,
        relation=candidate.relation,
        relation_as_at=seconds(candidate.as_at) if candidate.as_at is not None else 0,
        confidence=candidate.confidence,
        held_old_address=candidate.held_old_address,
    )
