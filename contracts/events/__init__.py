"""Every event type, and the one place where a type is looked up."""

from contracts.base import Model
from contracts.errors import PayloadError
from contracts.events import health, housing, local_authority, mash, police, probation, school, voluntary
from contracts.payload import Payload

PAYLOADS: tuple[type[Payload], ...] = (
    police.DomesticIncidentNotified,
    police.PoliceConcernRaised,
    police.NoFurtherActionRecorded,
    health.EmergencyAttendanceRecorded,
    health.HealthConcernRaised,
    health.GpRegistrationChanged,
    health.DemographicsChanged,
    health.DeathNotified,
    health.DeathRetracted,
    health.ProtectionRecordViewed,
    voluntary.VoluntaryConcernRaised,
    probation.SupervisionRecorded,
    housing.HousingConcernRaised,
    local_authority.ReferralReceived,
    local_authority.Section47Started,
    local_authority.Section47Ended,
    local_authority.CaseClosed,
    local_authority.CaseSteppedDown,
    local_authority.CaseTransferred,
    local_authority.EarlyHelpStarted,
    local_authority.EarlyHelpEnded,
    local_authority.EarlyHelpSteppedUp,
    local_authority.AdultConcernRaised,
    local_authority.ProtectionPlanStarted,
    local_authority.ProtectionPlanEnded,
    local_authority.WorkerAllocated,
    local_authority.WorkerEnded,
    local_authority.HouseholdLinkRecorded,
    local_authority.AdultLinkRecorded,
    local_authority.RestrictionRaised,
    local_authority.RestrictionLifted,
    school.PupilEnrolled,
    school.PupilLeft,
    school.SchoolConcernRecorded,
    school.AbsenceReturned,
    school.ProtectionStatusNoted,
    mash.InformationRequested,
    mash.InformationReturned,
    mash.RecordOpened,
    mash.CaseRegraded,
    mash.OutcomeRecorded,
)
"""Every event about a child."""

EVENT_TYPES: dict[str, type[Model]] = {
    **{model.event_type: model for model in PAYLOADS},
    police.NoticeKept.event_type: police.NoticeKept,
    mash.ReportWithdrawn.event_type: mash.ReportWithdrawn,
}
"""Every event type the exchange knows, and the model of its content."""


def payload_model(event_type: str) -> type[Model]:
    """The model of ``event_type``'s content.

    Raises:
        PayloadError: nobody published such a type (code ``payload.unknown_type``).
    """
    model = EVENT_TYPES.get(event_type)
    if model is None:
        msg = f"the event type {event_type!r} is not published"
        raise PayloadError(
            msg,
            code="payload.unknown_type",
            path="type",
            remedy="use a type from the contract, or upgrade the exchange",
        )
    return model
