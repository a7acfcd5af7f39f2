"""Events of schools and nurseries."""

from datetime import date
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from contracts.base import Category
from contracts.payload import Line, Organisation, Payload
from contracts.words import DataCategory

Roll = Category(DataCategory.EDU_ATTENDANCE, key_fact=True, locates=True)
Absence = Category(DataCategory.EDU_ATTENDANCE, key_fact=True)
Concern = Category(DataCategory.EDU_CONCERN, key_fact=True)
Status = Category(DataCategory.SC_STATUS, key_fact=True)


class PupilEnrolled(Payload):
    """A child is on the roll of a school or nursery."""

    event_type: ClassVar[str] = "uk.mash.school.pupil.enrolled.v1"
    establishment: Organisation
    since: Annotated[date, Roll]
    year_group: Annotated[Line | None, Roll] = None


class PupilLeft(Payload):
    """A child left the roll."""

    event_type: ClassVar[str] = "uk.mash.school.pupil.left.v1"
    establishment: Organisation
    left_on: Annotated[date, Roll]
    destination: Annotated[Line | None, Roll] = None


class SchoolConcernRecorded(Payload):
    """A school recorded a safeguarding concern. Text other than the child's released words stays at the school.

    ``fgm_known``: a teacher was told by the girl herself, or saw, that female genital mutilation was done.
    ``sexual_offence_told``: the child, a witness or whoever did it told of a sexual offence against the child, or
    it was seen; signs alone are not that.
    """

    event_type: ClassVar[str] = "uk.mash.school.concern.recorded.v1"
    establishment: Organisation
    concern: Annotated[Line, Concern]
    author_role: Annotated[Line | None, Concern] = None
    is_crime: Annotated[bool, Concern] = False
    fgm_known: Annotated[bool | None, Concern] = None
    sexual_offence_told: Annotated[bool | None, Concern] = None


class AbsenceReturned(Payload):
    """The return of a pupil's absence that a school must make to its authority.

    ``sessions``: half days missed in a row. Source: the School Attendance (Pupil Registration) (England) Regulations
    2024.
    """

    event_type: ClassVar[str] = "uk.mash.school.absence.returned.v1"
    establishment: Organisation
    first_day: Annotated[date, Absence]
    last_day: Annotated[date, Absence]
    sessions: Annotated[Annotated[int, Field(ge=1, le=400)], Absence]
    reason: Annotated[Literal["unauthorised", "illness", "no_reason_given"], Absence]


class ProtectionStatusNoted(Payload):
    """A school was told of a child protection status. Second-hand: only the authority opens or ends one."""

    event_type: ClassVar[str] = "uk.mash.school.protection_status.noted.v1"
    establishment: Organisation
    status: Annotated[Line, Status]
    responsible_authority: Annotated[Line | None, Status] = None
    since: Annotated[date, Status]
    until: Annotated[date | None, Status] = None
