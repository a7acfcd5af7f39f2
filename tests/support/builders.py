"""Building signed events in words: ``a_concern().from_police().about(a_child("Mia")).signed()``."""

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from contracts.base import Model
from contracts.canonical import canonical, digest
from contracts.envelope import Envelope, SignedEvent
from contracts.events import EVENT_TYPES, health, local_authority, mash, police, school, voluntary
from contracts.payload import Address, Claims, Entry, InformFamily, Level, Payload, Person, Times, Urgency
from contracts.signing import sign_event
from contracts.words import GivenBy, Grade, Restriction
from tests.support.event_parts import HELPLINE, OTHERBY, POLICE, USUAL, at
from tests.support.people import MIA, FictionalChild
from tests.support.signing_keys import key_of, keyed_hash, keyid_of

FRIDAY = at("2026-03-06")
_native_keys = itertools.count(1)
_sequences: dict[str, Iterator[int]] = {}


@dataclass(frozen=True, slots=True)
class EventBuilder:
    """One event in the making; every step gives a new builder, ``signed()`` the event as it travels.

    An event keeps its id however often it is signed; each ``signed()`` takes the source's next number.
    """

    model: type[Model]
    agency: str
    specifics: Mapping[str, Any] = field(default_factory=dict)
    child: FictionalChild = MIA
    common: Mapping[str, Any] = field(default_factory=dict)
    occurred_at: datetime = FRIDAY
    adapter: str = "test-1"
    incarnation: str = "0000000a"
    native_key: str = field(default_factory=lambda: f"record-{next(_native_keys)}")
    native_version: str = "1"
    incident: str | None = None
    corrects: str | None = None
    fixed_sequence: int | None = None

    def about(self, child: FictionalChild) -> Self:
        """About this child."""
        return replace(self, child=child)

    def by(self, agency: str) -> Self:
        """Sent by this agency."""
        return replace(self, agency=agency)

    def saying(self, **specifics: Any) -> Self:
        """With these fields of its own type."""
        return replace(self, specifics={**self.specifics, **specifics})

    def occurring(self, when: datetime) -> Self:
        """Having occurred at this moment."""
        return replace(self, occurred_at=when)

    def graded(self, grade: Grade, given_by: GivenBy = GivenBy.SENDER) -> Self:
        """At this urgency."""
        return self._common(grade=Urgency(value=grade, given_by=given_by))

    def at_level(self, level: int, given_by: GivenBy = GivenBy.SENDER) -> Self:
        """At this level of need."""
        return self._common(level=Level(value=level, given_by=given_by))

    def with_people(self, *people: Person) -> Self:
        """Naming these people besides."""
        return self._common(people=(*self.common.get("people", ()), *people))

    def with_entries(self, *entries: Entry) -> Self:
        """Saying these things besides."""
        return self._common(entries=(*self.common.get("entries", ()), *entries))

    def living_at(self, address: Address) -> Self:
        """With this address."""
        return self._common(address=address)

    def restricted(self, *restrictions: Restriction) -> Self:
        """Under these restrictions."""
        return self._common(restrictions=restrictions)

    def flagged(self, *flags: str) -> Self:
        """With these quality flags."""
        return self._common(quality_flags=flags)

    def claiming(self, **claims: Any) -> Self:
        """With these claims on the law and the family's position."""
        return self._common(claims=Claims.model_validate(claims))

    def family_informed(self, **decision: Any) -> Self:
        """With this decision on informing the family."""
        return self._common(inform_family=InformFamily.model_validate(decision))

    def recorded(self, when: datetime) -> Self:
        """Recorded by the agency at this moment."""
        return self._common(recorded=when)

    def not_before(self, when: datetime) -> Self:
        """Not to be told before this moment."""
        return self._common(not_before=when)

    def as_record(self, native_key: str, version: str = "1") -> Self:
        """From this native record; the same key, version, type and child give the same event id."""
        return replace(self, native_key=native_key, native_version=version)

    def of_incident(self, reference: str) -> Self:
        """Belonging with the other events of this incident."""
        return replace(self, incident=reference)

    def correcting(self, event_id: str) -> Self:
        """Correcting an earlier event."""
        return replace(self, corrects=event_id)

    def numbered(self, sequence: int) -> Self:
        """With this number instead of the source's next."""
        return replace(self, fixed_sequence=sequence)

    def in_incarnation(self, incarnation: str) -> Self:
        """From another life of the adapter's spool; its numbers start anew."""
        return replace(self, incarnation=incarnation)

    @property
    def source(self) -> str:
        """Agency / adapter / incarnation."""
        return f"{self.agency}/{self.adapter}/{self.incarnation}"

    @property
    def subject(self) -> str:
        """The keyed hash of the agency's own id for the child."""
        return keyed_hash(self.agency, "child", self.child.reference)

    @property
    def event_type(self) -> str:
        """The type as the envelope names it."""
        return next(name for name, model in EVENT_TYPES.items() if model is self.model)

    @property
    def id(self) -> str:
        """The event's id."""
        return keyed_hash(self.agency, self.event_type, self.native_key, self.native_version, self.child.reference)

    def payload(self) -> Model:
        """The content as its model."""
        if self.model is mash.ReportWithdrawn:
            return self.model.model_validate({"withdrawn": self.occurred_at, **self.specifics})
        if not issubclass(self.model, Payload):
            return self.model.model_validate({"subject": self.subject, **self.specifics})
        common = dict(self.common)
        times = {name: common.pop(name) for name in ("recorded", "not_before") if name in common}
        return self.model.model_validate(
            {
                "child": self.child.as_child(),
                "times": Times(occurred=self.occurred_at, **times),
                **common,
                **self.specifics,
            }
        )

    def data(self) -> bytes:
        """The content as it travels."""
        return canonical(self.payload().model_dump(mode="json", exclude_none=True))

    def envelope(self) -> Envelope:
        """The attributes; takes the source's next number unless one was fixed."""
        number = self.fixed_sequence
        if number is None:
            number = next(_sequences.setdefault(self.source, itertools.count(1)))
        return Envelope(
            id=self.id,
            source=self.source,
            type=self.event_type,
            time=self.occurred_at,
            subject=self.subject,
            sequence=number,
            rawhash=keyed_hash(self.agency, "raw", self.native_key, digest(self.data())),
            incident=keyed_hash(self.agency, "incident", self.incident) if self.incident else None,
            adapter="test/1",
            corrects=self.corrects or self._named_anyway(),
            keyid=keyid_of(self.agency),
        )

    def signed(self, key: Ed25519PrivateKey | None = None) -> SignedEvent:
        """The event as it travels, signed with the agency's test key or the one given."""
        return sign_event(self.envelope(), self.data(), key or key_of(self.agency))

    def _named_anyway(self) -> str | None:
        """A withdrawal withdraws something, be it what nobody has heard of."""
        return keyed_hash(self.agency, "unheard of") if self.model is mash.ReportWithdrawn else None

    def _common(self, **parts: Any) -> Self:
        return replace(self, common={**self.common, **parts})


@dataclass(frozen=True, slots=True)
class _Concern:
    """A concern whose sender is still to be named."""

    def from_police(self) -> EventBuilder:
        return an_event(police.PoliceConcernRaised)

    def from_health(self) -> EventBuilder:
        return an_event(health.HealthConcernRaised)

    def from_school(self) -> EventBuilder:
        return an_event(school.SchoolConcernRecorded)

    def from_charity(self) -> EventBuilder:
        return an_event(voluntary.VoluntaryConcernRaised).by(HELPLINE)


def an_event(model: type[Model]) -> EventBuilder:
    """An event of this type about Mia, from the agency it usually comes from, saying the least."""
    agency, specifics = USUAL[model]
    return EventBuilder(model, agency, specifics)


def a_concern() -> _Concern:
    """A concern: name its sender with ``from_police()``, ``from_health()``, ``from_school()`` or ``from_charity()``."""
    return _Concern()


def a_domestic_incident() -> EventBuilder:
    """A police notice of a domestic abuse incident."""
    return an_event(police.DomesticIncidentNotified).by(POLICE)


def no_further_action() -> EventBuilder:
    """Police take no further action."""
    return an_event(police.NoFurtherActionRecorded)


def an_emergency_attendance() -> EventBuilder:
    """A child with an injured arm in the emergency department of Wren Valley Hospital."""
    return an_event(health.EmergencyAttendanceRecorded)


def an_attendance_at_otherby() -> EventBuilder:
    """The same in the neighbouring county, whose agreement has lapsed."""
    return an_event(health.EmergencyAttendanceRecorded).by(OTHERBY)


def a_gp_registration() -> EventBuilder:
    """The child moves to Harbour Practice."""
    return an_event(health.GpRegistrationChanged)


def a_demographics_change() -> EventBuilder:
    """The child's address changed."""
    return an_event(health.DemographicsChanged)


def a_referral() -> EventBuilder:
    """Children's social care received a referral."""
    return an_event(local_authority.ReferralReceived)


def a_section_47() -> EventBuilder:
    """A section 47 enquiry started."""
    return an_event(local_authority.Section47Started)


def a_protection_plan() -> EventBuilder:
    """A child protection plan for neglect started on 3 February 2026."""
    return an_event(local_authority.ProtectionPlanStarted)


def a_protection_plan_end() -> EventBuilder:
    """The plan ended."""
    return an_event(local_authority.ProtectionPlanEnded)


def a_worker_allocation() -> EventBuilder:
    """Asha Bell of the North Team holds the case."""
    return an_event(local_authority.WorkerAllocated)


def a_restriction(restriction: Restriction = Restriction.RESTRICTED_ADDRESS) -> EventBuilder:
    """A restriction now stands on the child."""
    return an_event(local_authority.RestrictionRaised).saying(restriction=restriction)


def a_pupil_enrolment() -> EventBuilder:
    """The child is on the roll of Ashdown Primary."""
    return an_event(school.PupilEnrolled)


def an_information_request() -> EventBuilder:
    """The MASH asks police about a child."""
    return an_event(mash.InformationRequested)


def an_opened_record() -> EventBuilder:
    """A practitioner opened the view of a child."""
    return an_event(mash.RecordOpened)


def a_withdrawal(report: EventBuilder) -> EventBuilder:
    """That the agency of a report takes it back."""
    return an_event(mash.ReportWithdrawn).by(report.agency).correcting(report.id)
