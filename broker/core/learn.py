"""What an event teaches about a child: relations, status, restrictions, places; each as at what its source vouches."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time

from broker.core.facts import Fact, FactKind
from broker.core.hashing import keyed_hash
from broker.core.partnership import Directory
from broker.core.places import MARKER
from broker.core.sealing import Sealer
from contracts.canonical import canonical
from contracts.events import health, local_authority, mash, police, school
from contracts.payload import Organisation, Payload, Team
from contracts.words import AgencyId, AgencyKind, ChildId, EventId, RecipientKind, RelationKind, Restriction

LASTING = frozenset(
    {
        Restriction.RESTRICTED_ADDRESS,
        Restriction.PROTECTED_PERSON,
        Restriction.ADOPTION,
        Restriction.DOMESTIC_ABUSE,
        Restriction.MARAC,
    }
)
"""Restrictions that stand on the child once an event states them; the others hold for that event alone."""


_KNOWN_FROM_THEN_ON = frozenset({FactKind.LOCATION, FactKind.RESTRICTION})


@dataclass(frozen=True, slots=True)
class Lesson:
    """One event with its incident, and what is needed to learn from it. ``known``: the child's facts so far."""

    payload: Payload
    child: ChildId
    event_id: EventId
    agency: AgencyId
    agency_kind: AgencyKind | None
    known: Sequence[Fact]
    directory: Directory
    sealer: Sealer
    secret: bytes
    incident: str = ""

    def fact(
        self,
        kind: FactKind,
        *,
        key: str = "",
        value: str = "",
        since: date | None = None,
        until: date | None = None,
        sealed: bytes = b"",
    ) -> Fact:
        """A fact about this child from this event."""
        return Fact(
            self.child,
            kind,
            key,
            value,
            self.payload.times.vouched,
            self.event_id,
            self.agency,
            _start(since),
            _start(until),
            sealed,
        )

    def from_then_on(self, kind: FactKind, *, key: str, value: str = "") -> Fact:
        """A fact that is known from the moment on for which this event vouches."""
        return replace(self.fact(kind, key=key, value=value), since=self.payload.times.vouched)


def learn(lesson: Lesson, places: Sequence[tuple[str, str]] = ()) -> tuple[Fact, ...]:
    """Give the facts that an event teaches and that are not older than what is known.

    ``places``: keyed hash and sort of each place of which no earlier report told.
    """
    known = {(fact.kind, fact.key): fact for fact in lesson.known}
    taught = [*_of_its_type(lesson), *_of_any_type(lesson)]
    taught.extend(lesson.from_then_on(FactKind.LOCATION, key=key, value=value) for key, value in places)
    taught = [_with_its_beginning(fact, known.get((fact.kind, fact.key))) for fact in taught]
    fresh = {(fact.kind, fact.key): fact for fact in taught if _is_news(fact, known.get((fact.kind, fact.key)))}
    return tuple(fresh.values())


def _with_its_beginning(fact: Fact, known: Fact | None) -> Fact:
    """A place or standing restriction is known from its earliest report on, in whatever order the reports came."""
    if known is None or fact.kind not in _KNOWN_FROM_THEN_ON or known.until is not None or fact.until is not None:
        return fact
    beginnings = [each for each in (fact.since, known.since) if each is not None]
    return replace(fact, since=min(beginnings, default=None), as_at=max(fact.as_at, known.as_at))


def with_learned(known: Sequence[Fact], learned: Sequence[Fact]) -> tuple[Fact, ...]:
    """The facts as they stand once ``learned`` is taken in."""
    if not learned:
        return tuple(known)
    facts = {(fact.kind, fact.key): fact for fact in known}
    facts.update({(fact.kind, fact.key): fact for fact in learned})
    return tuple(facts.values())


def relation_key(relation: RelationKind, code: str) -> str:
    """The key of a relation's fact."""
    return f"{relation}:{code}"


def keyed_references(secret: bytes, agency: str, reference: str, incident: str) -> frozenset[str]:
    """An agency's own number of a report, and of its incident, as facts may bear them."""
    own = frozenset({keyed_hash(secret, "reference", agency, reference)})
    return own | {keyed_hash(secret, "incident", agency, incident)} if incident else own


def organisation_code(organisation: Organisation) -> str:
    """An organisation as the directory names it: ``urn:999001``."""
    return f"{organisation.scheme}:{organisation.code}"


def team_code(team: Team) -> str:
    """A team as the directory names it: ``la_team:csc-north``."""
    return f"la_team:{team.code}"


def _is_news(fact: Fact, known: Fact | None) -> bool:
    if known is None:
        return True
    if fact.as_at < known.as_at:
        return False
    return (fact.as_at, fact.value, fact.since, fact.until) != (known.as_at, known.value, known.since, known.until)


def _of_any_type(lesson: Lesson) -> Iterator[Fact]:
    if lesson.agency_kind is AgencyKind.LOCAL_AUTHORITY:
        key = relation_key(RelationKind.HOME_AUTHORITY, lesson.agency)
        yield lesson.fact(FactKind.RELATION, key=key, value=lesson.agency)
    for restriction in lesson.payload.restrictions:
        if restriction in LASTING:
            value = MARKER if restriction is Restriction.DOMESTIC_ABUSE else ""
            yield lesson.from_then_on(FactKind.RESTRICTION, key=restriction, value=value)


def _of_its_type(lesson: Lesson) -> Iterator[Fact]:
    match lesson.payload:
        case school.PupilEnrolled() | school.PupilLeft() | school.SchoolConcernRecorded():
            yield from _roll(lesson, lesson.payload)
        case health.GpRegistrationChanged(practice=practice):
            yield from _gp(lesson, practice)
        case local_authority.WorkerAllocated() | local_authority.WorkerEnded():
            yield from _worker(lesson, lesson.payload)
        case health.DeathNotified(died_on=died_on):
            yield lesson.fact(FactKind.DEATH, since=died_on)
        case health.DeathRetracted():
            yield lesson.fact(FactKind.DEATH, until=lesson.payload.times.occurred.date())
        case police.DomesticIncidentNotified() | police.NoFurtherActionRecorded() as report:
            yield from _of_police(lesson, report)
        case mash.CaseRegraded(regrades=event, new_grade=grade, new_level=level):
            yield lesson.fact(FactKind.LEVEL, key=event, value=f"{grade or ''}:{level or ''}")
        case _:
            yield from _of_social_care(lesson)


def _of_police(
    lesson: Lesson, report: police.DomesticIncidentNotified | police.NoFurtherActionRecorded
) -> Iterator[Fact]:
    if isinstance(report, police.DomesticIncidentNotified):
        yield lesson.from_then_on(FactKind.RESTRICTION, key=Restriction.DOMESTIC_ABUSE, value=MARKER)
        return
    for key in keyed_references(lesson.secret, lesson.agency, report.reference, lesson.incident):
        yield lesson.fact(FactKind.NO_FURTHER_ACTION, key=key, value=report.outcome)


def _of_social_care(lesson: Lesson) -> Iterator[Fact]:
    match lesson.payload:
        case local_authority.ReferralReceived(received_on=since, no_further_action=is_closed):
            yield lesson.fact(FactKind.OPEN_CASE, since=since, until=since if is_closed else None)
        case local_authority.Section47Started(started_on=since):
            yield lesson.fact(FactKind.SECTION_47, since=since)
            yield lesson.fact(FactKind.OPEN_CASE, since=since)
        case local_authority.Section47Ended(started_on=since, ended_on=until):
            yield lesson.fact(FactKind.SECTION_47, since=since, until=until)
        case local_authority.CaseClosed(closed_on=until) | local_authority.CaseSteppedDown(closed_on=until):
            yield lesson.fact(FactKind.OPEN_CASE, until=until)
        case local_authority.ProtectionPlanStarted(started_on=since, category_of_abuse=category):
            yield lesson.fact(FactKind.PLAN, value=category or "", since=since)
            yield lesson.fact(FactKind.OPEN_CASE, since=since)
        case local_authority.ProtectionPlanEnded(started_on=since, ended_on=until):
            yield lesson.fact(FactKind.PLAN, since=since, until=until)
        case _:
            yield from _of_restrictions_links_and_moves(lesson)


def _of_restrictions_links_and_moves(lesson: Lesson) -> Iterator[Fact]:
    match lesson.payload:
        case local_authority.RestrictionRaised(restriction=restriction, since=since):
            yield lesson.fact(FactKind.RESTRICTION, key=restriction, since=since)
        case local_authority.RestrictionLifted(restriction=restriction, until=until):
            yield lesson.fact(FactKind.RESTRICTION, key=restriction, until=until)
        case local_authority.HouseholdLinkRecorded() as link:
            other = keyed_hash(lesson.secret, "other child", lesson.agency, link.other_child)
            yield lesson.fact(FactKind.HOUSEHOLD, key=other, value=link.link, since=link.since, until=link.until)
        case local_authority.AdultLinkRecorded() as link:
            adult = keyed_hash(lesson.secret, "adult", lesson.child, link.relationship, *_first_adult(lesson))
            yield lesson.fact(FactKind.ADULT, key=adult, value=link.relationship, since=link.since, until=link.until)
        case local_authority.CaseTransferred(receiving_authority=team):
            code = f"la_team:{team}"
            yield lesson.fact(FactKind.RELATION, key=relation_key(RelationKind.RECEIVING_AUTHORITY, code), value=code)
        case _:
            return


def _roll(
    lesson: Lesson, event: school.PupilEnrolled | school.PupilLeft | school.SchoolConcernRecorded
) -> Iterator[Fact]:
    code = organisation_code(event.establishment)
    entry = lesson.directory.by_organisation(code)
    is_nursery = entry is not None and entry.kind is RecipientKind.NURSERY
    key = relation_key(RelationKind.NURSERY if is_nursery else RelationKind.SCHOOL, code)
    since, until = getattr(event, "since", None), getattr(event, "left_on", None)
    if isinstance(event, school.SchoolConcernRecorded) and _has_ended(lesson, key):
        return
    yield lesson.fact(FactKind.RELATION, key=key, value=code, since=since, until=until)


def _has_ended(lesson: Lesson, key: str) -> bool:
    """Whether it is known that the child left: what a school writes down later brings nobody back onto its roll."""
    return any(fact.kind is FactKind.RELATION and fact.key == key and fact.until is not None for fact in lesson.known)


def _gp(lesson: Lesson, practice: Organisation) -> Iterator[Fact]:
    code = organisation_code(practice)
    since = lesson.payload.times.occurred.date()
    yield from _ended(lesson, RelationKind.GP, code, since)
    until = _already_succeeded(lesson, RelationKind.GP, code, since)
    key = relation_key(RelationKind.GP, code)
    yield lesson.fact(FactKind.RELATION, key=key, value=code, since=since, until=until)


def _worker(lesson: Lesson, event: local_authority.WorkerAllocated | local_authority.WorkerEnded) -> Iterator[Fact]:
    code = team_code(event.team)
    key = relation_key(RelationKind.ALLOCATED_WORKER, code)
    if isinstance(event, local_authority.WorkerEnded):
        yield lesson.fact(FactKind.RELATION, key=key, value=code, until=event.ended_on)
        return
    yield from _ended(lesson, RelationKind.ALLOCATED_WORKER, code, event.since)
    who = canonical({"name": event.worker_name or "", "phone": event.worker_phone or ""})
    sealed = lesson.sealer.seal(who, about=about_worker(lesson.child, key)) if event.worker_name else b""
    until = _already_succeeded(lesson, RelationKind.ALLOCATED_WORKER, code, event.since)
    yield lesson.fact(FactKind.RELATION, key=key, value=code, since=event.since, until=until, sealed=sealed)
    yield lesson.fact(FactKind.OPEN_CASE, since=event.since)


def about_worker(child: ChildId, key: str) -> str:
    """What a worker's sealed name and telephone are bound to."""
    return f"worker:{child}:{key}"


def _ended(lesson: Lesson, relation: RelationKind, code: str, on: date) -> Iterator[Fact]:
    """Whoever stood in a relation that only one can have does so no longer."""
    for fact in _others(lesson, relation, code):
        if fact.until is None and (fact.since is None or fact.since <= _midnight(on)):
            since = fact.since.date() if fact.since else None
            sealed = fact.sealed if fact.child == lesson.child else b""
            yield lesson.fact(FactKind.RELATION, key=fact.key, value=fact.value, since=since, until=on, sealed=sealed)


def _already_succeeded(lesson: Lesson, relation: RelationKind, code: str, since: date) -> date | None:
    """When somebody else took over, where an older event arrives after a newer one."""
    begun = (fact.since for fact in _others(lesson, relation, code) if fact.since is not None)
    return min((start.date() for start in begun if start > _midnight(since)), default=None)


def _others(lesson: Lesson, relation: RelationKind, code: str) -> Iterator[Fact]:
    prefix = f"{relation}:"
    for fact in lesson.known:
        if fact.kind is FactKind.RELATION and fact.key.startswith(prefix) and fact.value != code:
            yield fact


def _first_adult(lesson: Lesson) -> tuple[str, str]:
    person = next(iter(lesson.payload.people), None)
    return ("", "") if person is None else (person.surname or "", person.forenames or "")


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)


def _start(day: date | None) -> datetime | None:
    return None if day is None else _midnight(day)
