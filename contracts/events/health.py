"""Events of hospitals, general practice and community health."""

from datetime import date
from typing import Annotated, ClassVar, Literal

from contracts.base import Category
from contracts.payload import IdCore, Line, Meta, Organisation, Payload, Place
from contracts.words import DataCategory

Physical = Category(DataCategory.HEALTH_PHYSICAL)
PhysicalFact = Category(DataCategory.HEALTH_PHYSICAL, key_fact=True)
HealthPlace = Category(DataCategory.HEALTH_PHYSICAL, key_fact=True, locates=True)
ProtectionStatus = Category(DataCategory.SC_STATUS, key_fact=True)


class EmergencyAttendanceRecorded(Payload):
    """A child came to an emergency department, urgent treatment centre or by ambulance."""

    event_type: ClassVar[str] = "uk.mash.health.emergency_attendance.recorded.v1"
    site_code: Annotated[Line, HealthPlace]
    site_name: Annotated[Line | None, HealthPlace] = None
    visit: Annotated[Line | None, Physical] = None
    complaint: Annotated[Line | None, PhysicalFact] = None
    is_injury: Annotated[bool, PhysicalFact] = False
    accompanied_by: Annotated[Line | None, PhysicalFact] = None
    left_before_seen: Annotated[bool, PhysicalFact] = False
    discharged: Annotated[bool, Physical] = False
    safeguarding_flag: Annotated[bool, PhysicalFact] = False


class HealthConcernRaised(Payload):
    """A health professional is worried about a child.

    ``fgm_known``: they were told by the girl herself, or saw, that female genital mutilation was done.
    ``sexual_offence_told``: the child, a witness or whoever did it told of a sexual offence against the child, or
    it was seen; signs alone are not that.
    """

    event_type: ClassVar[str] = "uk.mash.health.concern.raised.v1"
    author_role: Annotated[Line, PhysicalFact]
    concern: Annotated[
        Literal["neglect", "physical_abuse", "emotional_abuse", "sexual_abuse", "domestic_abuse", "other"],
        PhysicalFact,
    ]
    is_crime: Annotated[bool, PhysicalFact] = False
    fgm_known: Annotated[bool | None, PhysicalFact] = None
    sexual_offence_told: Annotated[bool | None, PhysicalFact] = None


class GpRegistrationChanged(Payload):
    """The child is registered with another general practice."""

    event_type: ClassVar[str] = "uk.mash.health.gp_registration.changed.v1"
    practice: Organisation
    practice_code: Annotated[Line, Category(DataCategory.ID_ADDRESS, locates=True)]
    previous_practice_code: Annotated[Line | None, Category(DataCategory.ID_ADDRESS)] = None


class DemographicsChanged(Payload):
    """Name, address or NHS number changed. ``superseded`` is a number that now means this child."""

    event_type: ClassVar[str] = "uk.mash.health.demographics.changed.v1"
    changed: Annotated[tuple[Literal["name", "address", "nhs_number", "birth_date", "other"], ...], IdCore] = ()
    superseded: Annotated[tuple[Line, ...], IdCore] = ()


class DeathNotified(Payload):
    """A child has died. ``formal``: registered; otherwise told informally."""

    event_type: ClassVar[str] = "uk.mash.health.death.notified.v1"
    died_on: Annotated[date, IdCore]
    formal: Annotated[bool, IdCore] = False
    site_code: Annotated[Line | None, HealthPlace] = None


class DeathRetracted(Payload):
    """An earlier notice of death was wrong."""

    event_type: ClassVar[str] = "uk.mash.health.death.retracted.v1"
    reason: Annotated[Line | None, IdCore] = None


class ProtectionRecordViewed(Payload):
    """Unscheduled care looked up whether the child has a plan or is looked after; the authority that holds it is told.

    Source: Child Protection - Information Sharing (CP-IS). Nothing of why the child came stands here.
    """

    event_type: ClassVar[str] = "uk.mash.health.protection_record.viewed.v1"
    site_code: Annotated[Line, Place]
    site_name: Annotated[Line | None, Place] = None
    viewer_role: Annotated[Line, Meta]
    found: Annotated[Literal["child_protection_plan", "looked_after", "unborn_plan"], ProtectionStatus]
