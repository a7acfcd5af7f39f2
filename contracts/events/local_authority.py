"""Events of children's social care."""

from datetime import date
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from contracts.base import Category
from contracts.payload import Line, Payload, Team
from contracts.words import DataCategory, Restriction

Status = Category(DataCategory.SC_STATUS, key_fact=True)
StatusDetail = Category(DataCategory.SC_STATUS)
Narrative = Category(DataCategory.SC_NARRATIVE, key_fact=True)
Worker = Category(DataCategory.PROFESSIONAL_CONTACT, key_fact=True)
Household = Category(DataCategory.RELATION_HOUSEHOLD, key_fact=True)
ReceivingPlace = Category(DataCategory.SC_STATUS, key_fact=True, locates=True)
Guarded = Category(DataCategory.EVENT_CLAIM)
AbuseCategory = Literal["NEG", "PHY", "SAB", "EMO", "MUL"]


class ReferralReceived(Payload):
    """Children's social care received a referral."""

    event_type: ClassVar[str] = "uk.mash.local_authority.referral.received.v1"
    received_on: Annotated[date, Status]
    referral_source: Annotated[Line | None, Narrative] = None
    primary_need: Annotated[Line | None, Narrative] = None
    no_further_action: Annotated[bool | None, Status] = None


class Section47Started(Payload):
    """An enquiry under section 47 of the Children Act 1989 started."""

    event_type: ClassVar[str] = "uk.mash.local_authority.section_47.started.v1"
    started_on: Annotated[date, Status]


class Section47Ended(Payload):
    """An enquiry under section 47 of the Children Act 1989 ended."""

    event_type: ClassVar[str] = "uk.mash.local_authority.section_47.ended.v1"
    started_on: Annotated[date | None, StatusDetail] = None
    ended_on: Annotated[date, Status]


class CaseClosed(Payload):
    """Children's social care closed the child's case."""

    event_type: ClassVar[str] = "uk.mash.local_authority.case.closed.v1"
    closed_on: Annotated[date, Status]


class CaseSteppedDown(Payload):
    """Children's social care closed the child's case, and early help carries on with the family."""

    event_type: ClassVar[str] = "uk.mash.local_authority.case.stepped_down.v1"
    closed_on: Annotated[date, Status]
    to: Annotated[Line, Worker]


class CaseTransferred(Payload):
    """The child moves for good to another authority, which was formally told on ``notified_on``.

    ``receiving_authority``: the team there, by the code that the directory knows it by.
    """

    event_type: ClassVar[str] = "uk.mash.local_authority.case.transferred.v1"
    receiving_authority: Annotated[Line, ReceivingPlace]
    notified_on: Annotated[date, Status]
    moves_on: Annotated[date, Status]
    conference_by: Annotated[date | None, Status] = None


class EarlyHelpStarted(Payload):
    """Early help began for a family that agreed to it."""

    event_type: ClassVar[str] = "uk.mash.local_authority.early_help.started.v1"
    started_on: Annotated[date, Status]
    reason: Annotated[Line | None, Narrative] = None
    lead: Annotated[Line | None, Worker] = None


class EarlyHelpEnded(Payload):
    """Early help ended."""

    event_type: ClassVar[str] = "uk.mash.local_authority.early_help.ended.v1"
    ended_on: Annotated[date, Status]
    outcome: Annotated[Literal["needs_met", "declined", "moved"], Status]


class EarlyHelpSteppedUp(Payload):
    """The child needs more than early help can give: children's social care is to look."""

    event_type: ClassVar[str] = "uk.mash.local_authority.early_help.stepped_up.v1"
    stepped_up_on: Annotated[date, Status]
    reason: Annotated[Line, Narrative]


class AdultConcernRaised(Payload):
    """Adult social care is worried about a child in the home of an adult it works with."""

    event_type: ClassVar[str] = "uk.mash.local_authority.adult_concern.raised.v1"
    author_role: Annotated[Line, Narrative]
    concern: Annotated[
        Literal[
            "neglect", "physical_abuse", "emotional_abuse", "sexual_abuse", "domestic_abuse", "young_carer", "other"
        ],
        Narrative,
    ]
    is_crime: Annotated[bool, Narrative] = False


class ProtectionPlanStarted(Payload):
    """The child became subject to a child protection plan."""

    event_type: ClassVar[str] = "uk.mash.local_authority.protection_plan.started.v1"
    started_on: Annotated[date, Status]
    category_of_abuse: Annotated[Line | None, Status] = None
    previous_plans: Annotated[Annotated[int, Field(ge=0, le=999)] | None, StatusDetail] = None


class ProtectionPlanEnded(Payload):
    """The child protection plan ended."""

    event_type: ClassVar[str] = "uk.mash.local_authority.protection_plan.ended.v1"
    started_on: Annotated[date | None, StatusDetail] = None
    ended_on: Annotated[date, Status]


class WorkerAllocated(Payload):
    """A social worker and team now hold the case."""

    event_type: ClassVar[str] = "uk.mash.local_authority.worker.allocated.v1"
    team: Team
    worker_name: Annotated[Line | None, Worker] = None
    worker_phone: Annotated[Line | None, Worker] = None
    since: Annotated[date, Worker]


class WorkerEnded(Payload):
    """A social worker's allocation ended."""

    event_type: ClassVar[str] = "uk.mash.local_authority.worker.ended.v1"
    team: Team
    worker_name: Annotated[Line | None, Worker] = None
    ended_on: Annotated[date, Worker]


class HouseholdLinkRecorded(Payload):
    """The child lives, or no longer lives, in one household with another known child."""

    event_type: ClassVar[str] = "uk.mash.local_authority.household_link.recorded.v1"
    other_child: Annotated[Line, Household]
    link: Annotated[Literal["sibling", "same_household", "other"], Household]
    since: Annotated[date | None, Household] = None
    until: Annotated[date | None, Household] = None


class AdultLinkRecorded(Payload):
    """An adult stands, or no longer stands, in a relation to the child. The adult is in ``people``."""

    event_type: ClassVar[str] = "uk.mash.local_authority.adult_link.recorded.v1"
    relationship: Annotated[Literal["mother", "father", "carer", "partner", "household_member", "other"], Household]
    has_parental_responsibility: Annotated[bool | None, Household] = None
    since: Annotated[date | None, Household] = None
    until: Annotated[date | None, Household] = None


class RestrictionRaised(Payload):
    """A restriction now stands on everything about the child."""

    event_type: ClassVar[str] = "uk.mash.local_authority.restriction.raised.v1"
    restriction: Annotated[Restriction, Guarded]
    since: Annotated[date, Guarded]


class RestrictionLifted(Payload):
    """A restriction no longer stands."""

    event_type: ClassVar[str] = "uk.mash.local_authority.restriction.lifted.v1"
    restriction: Annotated[Restriction, Guarded]
    until: Annotated[date, Guarded]
