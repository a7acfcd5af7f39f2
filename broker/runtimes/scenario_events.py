"""Turns a report as a case writes it into the contract event that its agency's adapter reads."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from broker.runtimes.scenario_files import ScenarioError, find, where
from broker.runtimes.scenario_format import Bases, Cast, ChildWritten, EntryWritten, PersonWritten, Told, Usual
from contracts.envelope import write_time
from contracts.events import EVENT_TYPES
from contracts.identifiers import check
from contracts.words import About, DataCategory, EntryKind, IdentifierKind, PersonRole

PREFIX, SUFFIX = "uk.mash.", ".v1"

_CATEGORY_OF_KIND: Mapping[EntryKind, DataCategory] = {
    EntryKind.CHILD_WORDS: DataCategory.CHILD_VOICE,
    EntryKind.ALLEGATION: DataCategory.CRIME_ALLEGATION,
    EntryKind.INTELLIGENCE: DataCategory.POLICE_INTEL,
}
_ABOUT_OF_KIND: Mapping[EntryKind, About] = {
    EntryKind.ALLEGATION: About.ADULT,
    EntryKind.INTELLIGENCE: About.ADULT,
}
_ABOUT_OF_ROLE: Mapping[PersonRole, About] = {
    PersonRole.INFORMANT: About.INFORMANT,
    PersonRole.FRIEND: About.THIRD_PARTY,
    PersonRole.WITNESS: About.THIRD_PARTY,
    PersonRole.SIBLING: About.OTHER_CHILD,
    PersonRole.OTHER_CHILD: About.OTHER_CHILD,
    PersonRole.SOCIAL_WORKER: About.PROFESSIONAL,
    PersonRole.GP: About.PROFESSIONAL,
    PersonRole.HEALTH_VISITOR: About.PROFESSIONAL,
    PersonRole.TEACHER: About.PROFESSIONAL,
    PersonRole.DESIGNATED_LEAD: About.PROFESSIONAL,
    PersonRole.OFFICER: About.PROFESSIONAL,
    PersonRole.CLINICIAN: About.PROFESSIONAL,
}


@dataclass(frozen=True, slots=True)
class Report:
    """One event ready for its agency's folder: who sends it, and the JSON that the adapter reads."""

    agency: str
    child_reference: str
    content: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes reports with the names of one case and the usual values of the base cases."""

    cast: Cast
    usual: Mapping[str, Usual]

    @classmethod
    def of(cls, bases: Bases, cast: Cast) -> "Writer":
        """With the names that every case has, and the case's own."""
        return cls(Cast.with_more(bases, cast), bases.usual)

    def write(self, told: Told, *, record: str) -> Report:
        """Write one report. ``record``: the agency's own key, where the case names none.

        Raises:
            ScenarioError: a name is unknown, or the report does not fit its event type's contract.
        """
        usual = self.usual.get(told.event)
        sender = told.sender or find(self.usual, told.event, what="usual sender of").sender
        child = self.child(told)
        event_type = f"{PREFIX}{told.event}{SUFFIX}"
        payload = self._payload(event_type, told, child, dict(usual.specifics) if usual else {})
        content: dict[str, Any] = {
            "type": event_type,
            "native_key": told.record or record,
            "native_version": told.version,
            "child_ref": child.reference,
            "payload": payload,
        }
        if told.incident:
            content["incident"] = told.incident
        return Report(sender, child.reference, content)

    def child(self, told: Told) -> ChildWritten:
        """The child as this report has it.

        Raises:
            ScenarioError: nobody gave the child's name.
        """
        name, but = (told.about, {}) if isinstance(told.about, str) else (told.about.child, told.about.but)
        child = find(self.cast.children, name, what="child")
        try:
            return ChildWritten.model_validate({**child.model_dump(), **but})
        except ValidationError as error:
            raise _invalid(told, where(error)) from error

    def _payload(self, event_type: str, told: Told, child: ChildWritten, usual: dict[str, Any]) -> dict[str, Any]:
        written = {
            "child": _child(child),
            "times": _times(told),
            "people": [self._person(person) for person in told.people],
            "address": self._address(told.address),
            "level": None if told.level is None else {"value": told.level},
            "grade": None if told.grade is None else {"value": told.grade},
            "restrictions": list(told.restrictions),
            "quality_flags": list(told.flags),
            "claims": told.claims,
            "inform_family": told.inform_family,
            "entries": [_entry(entry) for entry in told.entries],
            **usual,
            **told.specifics,
        }
        model = find(EVENT_TYPES, event_type, what="event type")
        try:
            return model.model_validate(written).model_dump(mode="json", exclude_none=True)
        except ValidationError as error:
            raise _invalid(told, where(error)) from error

    def _person(self, person: str | PersonWritten) -> dict[str, Any]:
        written = PersonWritten(who=person) if isinstance(person, str) else person
        said = written.model_dump(exclude={"who"}, exclude_none=True)
        if written.who is not None:
            known = find(self.cast.people, written.who, what="person")
            said = {**known.model_dump(exclude={"who"}, exclude_none=True), **said}
        role = said.get("role", PersonRole.OTHER)
        about = written.about or _ABOUT_OF_ROLE.get(role, said.get("about", About.ADULT))
        return {**said, "role": role, "about": about}

    def _address(self, address: str | dict[str, Any] | None) -> dict[str, Any] | None:
        if not isinstance(address, str):
            return address
        return find(self.cast.addresses, address, what="address")


def _child(child: ChildWritten) -> dict[str, Any]:
    said = child.model_dump(exclude={"reference", "nhs_number", "upn", "la_child_id"}, exclude_none=True)
    numbers = (
        (IdentifierKind.NHS_NUMBER, child.nhs_number),
        (IdentifierKind.UPN, child.upn),
        (IdentifierKind.LA_CHILD_ID, child.la_child_id),
    )
    found = [{"kind": kind, "value": value, "check": check(kind, value)} for kind, value in numbers if value]
    return {**said, "identifiers": found}


def _times(told: Told) -> dict[str, Any]:
    times: dict[str, datetime | None] = {
        "occurred": told.occurred or told.at,
        "recorded": told.recorded,
        "observed": told.at,
        "not_before": told.not_before,
    }
    return {name: write_time(moment) for name, moment in times.items() if moment is not None}


def _entry(entry: EntryWritten) -> dict[str, Any]:
    said = entry.model_dump(exclude={"released"}, exclude_none=True)
    said.setdefault("category", _CATEGORY_OF_KIND.get(entry.kind))
    said.setdefault("about", _ABOUT_OF_KIND.get(entry.kind, About.CHILD))
    said["released"] = [{"audience": audience, "text": text} for audience, text in entry.released.items()]
    return {name: value for name, value in said.items() if value is not None}


def _invalid(told: Told, why: str) -> ScenarioError:
    return ScenarioError(
        f"the report {told.event} does not fit its contract at {why}",
        code="scenario.report_invalid",
        remedy="compare it with the event type's page in docs/reference/events.md",
    )
