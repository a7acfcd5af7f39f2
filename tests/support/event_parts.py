"""For each event type, the agency it usually comes from and the least it says; and parts to add."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from contracts.base import Model
from contracts.events import health, housing, local_authority, mash, police, probation, school, voluntary
from contracts.payload import Address, Entry, Organisation, ReleaseText, Team
from contracts.words import About, DataCategory, EntryKind, RecipientKind

POLICE = "wrenshire-police"
COUNCIL = "wrenshire-council"
HOSPITAL = "wren-valley-hospital"
COMMUNITY_HEALTH = "wrenshire-community-health"
ASHDOWN = "ashdown-primary"
ACORN = "acorn-nursery"
HELPLINE = "bramble-helpline"
MASH = "wrenshire-mash"
PROBATION = "wrenshire-probation"
HOUSING = "wrenshire-homes"
ICB = "wren-otherby-icb"
OTHERBY_COUNCIL = "otherby-council"
OTHERBY = "otherby-hospital"
VENDOR = "pennine-app"
AGENCIES = (
    *(POLICE, COUNCIL, HOSPITAL, COMMUNITY_HEALTH, ASHDOWN, ACORN, HELPLINE, MASH, OTHERBY, VENDOR),
    *(PROBATION, HOUSING, ICB, OTHERBY_COUNCIL),
)

ASHDOWN_SCHOOL = Organisation(scheme="urn", code="999001", name="Ashdown Primary")
ACORN_NURSERY = Organisation(scheme="urn", code="999002", name="Acorn Nursery")
ELM_STREET = Organisation(scheme="ods", code="X99001", name="Elm Street Surgery")
HARBOUR = Organisation(scheme="ods", code="X99002", name="Harbour Practice")
NORTH_TEAM = Team(code="csc-north-team", name="North Team")

MILL_LANE = Address(lines=("4 Mill Lane", "Wrenford"), postcode="ZZ99 4WR")
LARCH_HOUSE = Address(lines=("Larch House", "Quarry Road", "Wrenford"), postcode="ZZ99 9LH", is_new=True)
LARCH_HOUSE_GUARDED = LARCH_HOUSE.model_copy(update={"category": DataCategory.ID_RESTRICTED_ADDRESS})

DAY = date(2026, 3, 6)

USUAL: Mapping[type[Model], tuple[str, Mapping[str, Any]]] = {
    police.DomesticIncidentNotified: (POLICE, {"reference": "WP/2026/03081", "child_present": "yes"}),
    police.PoliceConcernRaised: (POLICE, {"reference": "WP/2026/03082"}),
    police.NoFurtherActionRecorded: (POLICE, {"reference": "WP/2026/03081", "outcome": "no_further_action"}),
    police.NoticeKept: (POLICE, {"kind": "child", "week": "2026-W10"}),
    health.EmergencyAttendanceRecorded: (
        HOSPITAL,
        {
            "site_code": "X9901",
            "site_name": "Wren Valley Hospital",
            "complaint": "injury of arm",
            "is_injury": True,
            "safeguarding_flag": True,
        },
    ),
    health.HealthConcernRaised: (COMMUNITY_HEALTH, {"author_role": "health visitor", "concern": "neglect"}),
    health.GpRegistrationChanged: (COMMUNITY_HEALTH, {"practice": HARBOUR, "practice_code": HARBOUR.code}),
    health.DemographicsChanged: (COMMUNITY_HEALTH, {"changed": ("address",)}),
    health.DeathNotified: (HOSPITAL, {"died_on": DAY}),
    health.DeathRetracted: (HOSPITAL, {}),
    health.ProtectionRecordViewed: (
        HOSPITAL,
        {"site_code": "X9901", "viewer_role": "emergency nurse", "found": "looked_after"},
    ),
    probation.SupervisionRecorded: (
        PROBATION,
        {"reference": "PR/2026/0417", "supervision": probation.Supervision(risk_of_serious_harm="high")},
    ),
    housing.HousingConcernRaised: (HOUSING, {"concern": "eviction", "author_role": "housing officer"}),
    voluntary.VoluntaryConcernRaised: (HELPLINE, {"author_role": "helpline worker", "concern": "neglect"}),
    local_authority.ReferralReceived: (COUNCIL, {"received_on": DAY}),
    local_authority.Section47Started: (COUNCIL, {"started_on": DAY}),
    local_authority.Section47Ended: (COUNCIL, {"ended_on": DAY}),
    local_authority.CaseClosed: (COUNCIL, {"closed_on": DAY}),
    local_authority.CaseSteppedDown: (COUNCIL, {"closed_on": DAY, "to": "Early help, North"}),
    local_authority.CaseTransferred: (
        COUNCIL,
        {"receiving_authority": "OTHERBY-CSC", "notified_on": DAY, "moves_on": DAY},
    ),
    local_authority.EarlyHelpStarted: (COUNCIL, {"started_on": DAY}),
    local_authority.EarlyHelpEnded: (COUNCIL, {"ended_on": DAY, "outcome": "needs_met"}),
    local_authority.EarlyHelpSteppedUp: (COUNCIL, {"stepped_up_on": DAY, "reason": "neglect"}),
    local_authority.AdultConcernRaised: (COUNCIL, {"author_role": "social worker for adults", "concern": "neglect"}),
    local_authority.ProtectionPlanStarted: (COUNCIL, {"started_on": date(2026, 2, 3), "category_of_abuse": "NEG"}),
    local_authority.ProtectionPlanEnded: (COUNCIL, {"ended_on": DAY}),
    local_authority.WorkerAllocated: (
        COUNCIL,
        {"team": NORTH_TEAM, "worker_name": "Asha Bell", "worker_phone": "01632 960201", "since": date(2026, 2, 3)},
    ),
    local_authority.WorkerEnded: (COUNCIL, {"team": NORTH_TEAM, "worker_name": "Asha Bell", "ended_on": DAY}),
    local_authority.HouseholdLinkRecorded: (COUNCIL, {"other_child": "WC100235", "link": "sibling"}),
    local_authority.AdultLinkRecorded: (COUNCIL, {"relationship": "mother", "has_parental_responsibility": True}),
    local_authority.RestrictionRaised: (COUNCIL, {"restriction": "restricted_address", "since": DAY}),
    local_authority.RestrictionLifted: (COUNCIL, {"restriction": "restricted_address", "until": DAY}),
    school.PupilEnrolled: (ASHDOWN, {"establishment": ASHDOWN_SCHOOL, "since": date(2020, 9, 3)}),
    school.PupilLeft: (ASHDOWN, {"establishment": ASHDOWN_SCHOOL, "left_on": DAY}),
    school.SchoolConcernRecorded: (ASHDOWN, {"establishment": ASHDOWN_SCHOOL, "concern": "domestic abuse"}),
    school.AbsenceReturned: (
        ASHDOWN,
        {
            "establishment": ASHDOWN_SCHOOL,
            "first_day": date(2026, 2, 23),
            "last_day": DAY,
            "sessions": 20,
            "reason": "unauthorised",
        },
    ),
    school.ProtectionStatusNoted: (
        ASHDOWN,
        {"establishment": ASHDOWN_SCHOOL, "status": "child protection plan", "since": date(2026, 2, 3)},
    ),
    mash.InformationRequested: (
        MASH,
        {"asked_by": "wrenshire-mash", "role": "practitioner", "asked_of": POLICE, "purpose": "safeguarding"},
    ),
    mash.ReportWithdrawn: (POLICE, {"reason": "recorded_in_error"}),
    mash.InformationReturned: (MASH, {"request": "request-1", "answer": "given"}),
    mash.RecordOpened: (MASH, {"opened_by": "p-17", "role": "practitioner"}),
    mash.CaseRegraded: (MASH, {"regrades": "event-1", "new_grade": "red", "reason": "A second report the same day."}),
    mash.OutcomeRecorded: (MASH, {"regarding": "event-1", "outcome": "assessment"}),
}
"""Usual agency and the fields that type alone has; every published type has a row."""


def at(day: str, clock: str = "10:00") -> datetime:
    """The moment ``day`` (``2026-03-08``), ``clock`` (``22:50``) in UTC."""
    return datetime.fromisoformat(f"{day}T{clock}:00").replace(tzinfo=UTC)


def child_words(text: str, *, code: str | None = None) -> Entry:
    """What the child said, in the child's words."""
    return Entry(kind=EntryKind.CHILD_WORDS, category=DataCategory.CHILD_VOICE, code=code, text=text)


def a_fact(category: DataCategory, code: str | None = None, *, text: str | None = None) -> Entry:
    """Something seen or established about the child."""
    return Entry(kind=EntryKind.FACT, category=category, code=code, text=text)


def an_opinion(category: DataCategory, text: str) -> Entry:
    """What a professional thinks."""
    return Entry(kind=EntryKind.OPINION, category=category, text=text)


def an_allegation(text: str, *, code: str | None = None, about: About = About.ADULT) -> Entry:
    """What someone is said to have done."""
    return Entry(kind=EntryKind.ALLEGATION, category=DataCategory.CRIME_ALLEGATION, about=about, code=code, text=text)


def intelligence(text: str, *, handling: str | None = "P", reliability: str = "B2") -> Entry:
    """Police intelligence about an adult under a handling code, P or C, or none."""
    return Entry.model_validate(
        {
            "kind": EntryKind.INTELLIGENCE,
            "category": DataCategory.POLICE_INTEL,
            "about": About.ADULT,
            "text": text,
            "reliability": reliability,
            "handling_code": handling,
        }
    )


def released_to(entry: Entry, audience: RecipientKind, text: str) -> Entry:
    """The entry with a text that the sender wrote for this kind of recipient."""
    return entry.model_copy(update={"released": (*entry.released, ReleaseText(audience=audience, text=text))})
