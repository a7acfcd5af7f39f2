"""What a row of the case extract says of a child, and the event that says it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal, cast

from adapters.kit.dates import start_of_day
from adapters.kit.fields import Fields
from adapters.local_authority.case_children import CaseChild, restriction_named
from adapters.local_authority.case_errors import unusable
from contracts.events.local_authority import (
    AdultLinkRecorded,
    HouseholdLinkRecorded,
    RestrictionLifted,
    RestrictionRaised,
    Section47Ended,
    Section47Started,
    WorkerAllocated,
    WorkerEnded,
)
from contracts.payload import Payload, Person, Team, Times
from contracts.words import About, PersonRole, Restriction

Facts = dict[str, Any]
Relationship = Literal["mother", "father", "carer", "partner", "household_member", "other"]
Link = Literal["sibling", "same_household", "other"]

KINDS = ("worker", "household", "adult", "section_47", "restriction")
_LINKS = frozenset({"sibling", "same_household", "other", ""})
_RELATIONSHIPS = {
    "mother": PersonRole.MOTHER,
    "father": PersonRole.FATHER,
    "carer": PersonRole.CARER,
    "partner": PersonRole.HOUSEHOLD_MEMBER,
    "household_member": PersonRole.HOUSEHOLD_MEMBER,
    "other": PersonRole.OTHER,
}


@dataclass(frozen=True, slots=True)
class Entry:
    """What one row says: of which kind, under which key it is remembered, and its facts as plain values."""

    kind: str
    child_id: str
    key: str
    facts: Facts

    @property
    def since(self) -> date | None:
        """From when it holds."""
        return _day(self.facts["from"])

    @property
    def until(self) -> date | None:
        """Until when it held, or will hold."""
        return _day(self.facts["to"])

    def is_over(self, today: date) -> bool:
        """Whether it holds no more; an end still to come is no end."""
        return self.until is not None and self.until <= today


@dataclass(frozen=True, slots=True)
class Telling:
    """About whom, when, and with which flags an event is made."""

    child: CaseChild
    observed: datetime
    today: date
    flags: tuple[str, ...]


def read_entry(kind: str, child_id: str, fields: Fields, today: date) -> Entry:
    """Read a row of one of :data:`KINDS`.

    Raises:
        CaseExtractError: it lacks what an event of its kind must say.
    """
    since, until = fields.day("from"), fields.day("to")
    if since is not None and until is not None and until < since:
        fields.flags.add("date.out_of_order")
    if since is not None and since > today:
        fields.flags.add("date.in_future")
    if since is None and kind in {"worker", "section_47", "restriction"}:
        fields.flags.add("from.missing")
    facts, name = _READERS[kind](fields)
    days: Facts = {"from": _written(since), "to": _written(until)}
    return Entry(kind, child_id, f"case/{kind}/{child_id}/{name}/{since or ''}", facts | days)


def as_event(entry: Entry, telling: Telling) -> Payload:
    """The event that says what the entry says."""
    is_over = entry.is_over(telling.today)
    day = (entry.until if is_over else entry.since) or telling.today
    child = telling.child
    common: Facts = {
        "child": child.child,
        "times": Times(occurred=min(start_of_day(day), telling.observed), observed=telling.observed),
        "people": () if child.mother is None else (child.mother,),
        "address": child.address,
        "restrictions": child.restrictions,
        "quality_flags": telling.flags,
    }
    match entry.kind:
        case "worker":
            return _worker(entry, common, day, is_over=is_over)
        case "household":
            return _household(entry, common)
        case "adult":
            return _adult(entry, common)
        case "section_47":
            return _section_47(entry, common, day, is_over=is_over)
        case _:
            return _restriction(entry, common, day, is_over=is_over)


def _worker_facts(fields: Fields) -> tuple[Facts, str]:
    team = fields.line("team")
    if team is None:
        raise unusable(code="worker.no_team", remedy="fill in the team's code")
    worker = fields.line("worker")
    facts = {"team": team, "team_name": fields.line("team_name"), "worker": worker, "phone": fields.line("phone")}
    return facts, f"{team}/{worker or ''}"


def _household_facts(fields: Fields) -> tuple[Facts, str]:
    other = fields.line("other_child_id")
    if other is None:
        raise unusable(code="household.no_other_child", remedy="fill in the other child's id")
    link = fields.code("link")
    if link not in _LINKS:
        fields.flags.add("code.unknown")
        link = "other"
    return {"other": other, "link": link or "other"}, other


def _adult_facts(fields: Fields) -> tuple[Facts, str]:
    forenames, surname = fields.line("adult_forenames"), fields.line("adult_surname")
    if surname is None and forenames is None:
        raise unusable(code="adult.no_name", remedy="fill in the adult's names")
    relationship = fields.code("relationship") or "other"
    if relationship not in _RELATIONSHIPS:
        fields.flags.add("code.unknown")
        relationship = "other"
    facts = {
        "forenames": forenames,
        "surname": surname,
        "birth_date": _written(fields.day("adult_birth_date")),
        "relationship": relationship,
        "responsibility": fields.yes("parental_responsibility"),
    }
    return facts, f"{fields.line('adult_id') or f'{surname} {forenames}'}/{relationship}"


def _restriction_facts(fields: Fields) -> tuple[Facts, str]:
    named = restriction_named(fields)
    if named is None:
        raise unusable(code="restriction.not_named", remedy="name the restriction")
    return {"restriction": named.value}, named.value


_READERS: dict[str, Callable[[Fields], tuple[Facts, str]]] = {
    "worker": _worker_facts,
    "household": _household_facts,
    "adult": _adult_facts,
    "section_47": lambda _: ({}, "enquiry"),
    "restriction": _restriction_facts,
}


def _worker(entry: Entry, common: Facts, day: date, *, is_over: bool) -> Payload:
    facts = entry.facts
    team = Team(code=facts["team"], name=facts["team_name"])
    if is_over:
        return WorkerEnded(**common, team=team, worker_name=facts["worker"], ended_on=day)
    return WorkerAllocated(**common, team=team, worker_name=facts["worker"], worker_phone=facts["phone"], since=day)


def _household(entry: Entry, common: Facts) -> Payload:
    return HouseholdLinkRecorded(
        **common,
        other_child=entry.facts["other"],
        link=cast("Link", entry.facts["link"]),
        since=entry.since,
        until=entry.until,
    )


def _adult(entry: Entry, common: Facts) -> Payload:
    facts = entry.facts
    relationship = cast("Relationship", facts["relationship"])
    adult = Person(
        role=_RELATIONSHIPS[relationship],
        about=About.ADULT,
        forenames=facts["forenames"],
        surname=facts["surname"],
        birth_date=_day(facts["birth_date"]),
    )
    return AdultLinkRecorded(
        **common | {"people": tuple(dict.fromkeys((*common["people"], adult)))},
        relationship=relationship,
        has_parental_responsibility=facts["responsibility"],
        since=entry.since,
        until=entry.until,
    )


def _section_47(entry: Entry, common: Facts, day: date, *, is_over: bool) -> Payload:
    if is_over:
        return Section47Ended(**common, started_on=entry.since, ended_on=day)
    return Section47Started(**common, started_on=day)


def _restriction(entry: Entry, common: Facts, day: date, *, is_over: bool) -> Payload:
    restriction = Restriction(entry.facts["restriction"])
    if is_over:
        return RestrictionLifted(**common, restriction=restriction, until=day)
    return RestrictionRaised(**common, restriction=restriction, since=day)


def _written(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
