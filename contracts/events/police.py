"""Events of police forces."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from contracts.base import Category, Model
from contracts.envelope import KeyedHash
from contracts.payload import Line, Meta, Organisation, Payload
from contracts.words import DataCategory

Incident = Category(DataCategory.POLICE_INCIDENT)
IncidentFact = Category(DataCategory.POLICE_INCIDENT, key_fact=True)
IncidentPlace = Category(DataCategory.POLICE_INCIDENT, locates=True)


class DomesticIncidentNotified(Payload):
    """Police attended a domestic abuse incident that this child may have seen, heard or felt."""

    event_type: ClassVar[str] = "uk.mash.police.domestic_incident.notified.v1"
    reference: Annotated[Line, IncidentFact]
    child_present: Annotated[Literal["yes", "no", "unknown"], IncidentFact] = "unknown"
    child_whereabouts: Annotated[Line | None, Incident] = None
    place: Annotated[Line | None, IncidentPlace] = None
    risk_factors: Annotated[tuple[Line, ...], Incident] = ()
    is_crime: Annotated[bool, IncidentFact] = True
    both_parties_16_or_over: Annotated[bool | None, Category(DataCategory.EVENT_CLAIM)] = None
    party_works_at: Annotated[tuple[Line, ...], Category(DataCategory.EVENT_CLAIM)] = ()
    suspects_child_elsewhere: Annotated[bool, Category(DataCategory.EVENT_CLAIM)] = False
    school: Organisation | None = None


class PoliceConcernRaised(Payload):
    """A child came to notice: a welfare concern, a missing episode, an officer's report."""

    event_type: ClassVar[str] = "uk.mash.police.concern.raised.v1"
    reference: Annotated[Line, IncidentFact]
    concern: Annotated[Literal["child", "adult", "missing"], IncidentFact] = "child"
    risk_factors: Annotated[tuple[Line, ...], Incident] = ()
    is_crime: Annotated[bool, IncidentFact] = False
    police_protection: Annotated[bool, IncidentFact] = False


class NoFurtherActionRecorded(Payload):
    """Police take no further action on an earlier report; goes to everyone who was told of it."""

    event_type: ClassVar[str] = "uk.mash.police.no_further_action.recorded.v1"
    reference: Annotated[Line, IncidentFact]
    outcome: Annotated[Literal["no_further_action", "unfounded", "acquitted"], IncidentFact]


class NoticeKept(Model):
    """A level 1 report stays with the force: only that there was one, of what kind, in which week."""

    event_type: ClassVar[str] = "uk.mash.police.notice.kept.v1"
    subject: Annotated[KeyedHash, Meta]
    kind: Annotated[Literal["child", "domestic", "adult", "missing"], Meta]
    week: Annotated[str, Field(pattern=r"^[0-9]{4}-W[0-9]{2}$"), Meta]
