"""The closed vocabularies of the published language."""

from enum import StrEnum
from typing import Literal, NewType

AgencyId = NewType("AgencyId", str)
ChildId = NewType("ChildId", str)
DeliveryId = NewType("DeliveryId", str)
EventId = NewType("EventId", str)
PersonId = NewType("PersonId", str)
RecipientId = NewType("RecipientId", str)
RecordId = NewType("RecordId", str)
TaskId = NewType("TaskId", str)


RequestedUnder = Literal["CA1989-27", "CA2004-16H"]
"""The statutes under which a request makes others answer, by their ids in the law."""


class AgencyKind(StrEnum):
    """What kind of body a source agency is, as it stands in an event's type."""

    POLICE = "police"
    HEALTH = "health"
    LOCAL_AUTHORITY = "local_authority"
    SCHOOL = "school"
    MASH = "mash"
    PROBATION = "probation"
    HOUSING = "housing"
    VOLUNTARY = "voluntary"


class DataCategory(StrEnum):
    """The kind of information a leaf value is; every one has a row in the agreement's matrix."""

    ID_CORE = "id.core"
    ID_ADDRESS = "id.address"
    ID_RESTRICTED_ADDRESS = "id.restricted_address"
    HEALTH_PHYSICAL = "health.physical"
    HEALTH_MENTAL = "health.mental"
    HEALTH_SEXUAL = "health.sexual"
    HEALTH_SUBSTANCE = "health.substance"
    POLICE_INCIDENT = "police.incident"
    POLICE_INTEL = "police.intel"
    CRIME_CONVICTION = "crime.conviction"
    CRIME_ALLEGATION = "crime.allegation"
    THIRD_PARTY = "third_party"
    INFORMANT = "informant"
    ADOPTION_PRIOR_IDENTITY = "adoption.prior_identity"
    PROTECTED_PERSON = "protected_person"
    IMMIGRATION = "immigration"
    EDU_ATTENDANCE = "edu.attendance"
    EDU_SEND = "edu.send"
    EDU_CONCERN = "edu.concern"
    EDU_EXCLUSION = "edu.exclusion"
    SC_STATUS = "sc.status"
    SC_NARRATIVE = "sc.narrative"
    LEGAL_PRIVILEGED = "legal.privileged"
    COURT_RESTRICTED = "court.restricted"
    CHILD_VOICE = "child_voice"
    PROFESSIONAL_CONTACT = "professional_contact"
    EQUALITY_ETHNICITY = "equality.ethnicity"
    EQUALITY_RELIGION = "equality.religion"
    EQUALITY_DISABILITY = "equality.disability"
    EVENT_META = "event.meta"
    EVENT_CLAIM = "event.claim"
    RELATION_HOUSEHOLD = "relation.household"
    NOTICE_EXISTENCE = "notice.existence"
    NOTICE_WITHHELD = "notice.withheld"


class About(StrEnum):
    """Whom a value is about."""

    CHILD = "child"
    OTHER_CHILD = "other_child"
    ADULT = "adult"
    THIRD_PARTY = "third_party"
    INFORMANT = "informant"
    PROFESSIONAL = "professional"


class Form(StrEnum):
    """How much of a category a recipient is given, least first.

    ``ask`` counts as withheld until a person has decided.
    """

    WITHHOLD = "withhold"
    ASK = "ask"
    TOKEN = "token"  # noqa: S105 - the policy's word for a stand-in, no secret
    SUMMARY = "summary"
    GIVE = "give"

    @property
    def disclosure(self) -> int:
        """How much is disclosed: 0 nothing, 1 token, 2 key facts only, 3 everything."""
        return {"withhold": 0, "ask": 0, "token": 1, "summary": 2, "give": 3}[self.value]


class Effect(StrEnum):
    """What was decided for one candidate."""

    SHARE = "share"
    WITHHOLD = "withhold"
    ASK = "ask"


class Duty(StrEnum):
    """Whether the law obliges, permits or forbids."""

    MUST = "must"
    MAY = "may"
    MUST_NOT = "must_not"


class Operation(StrEnum):
    """What is being asked of the policy."""

    SHARE = "share"
    ANSWER = "answer"
    READ = "read"
    LINK = "link"
    SUBJECT_ACCESS = "subject_access"
    CORRECT = "correct"


class Grade(StrEnum):
    """Urgency, most urgent first."""

    RED = "red"
    AMBER = "amber"
    GREEN = "green"
    BLUE = "blue"


class GivenBy(StrEnum):
    """Who set a level or a grade."""

    SENDER = "sender"
    CATALOGUE = "catalogue"
    PERSON = "person"


class EntryKind(StrEnum):
    """What sort of statement an entry is."""

    FACT = "fact"
    OPINION = "opinion"
    ALLEGATION = "allegation"
    INTELLIGENCE = "intelligence"
    CHILD_WORDS = "child_words"


class Sex(StrEnum):
    """Sex as recorded by the agency."""

    FEMALE = "female"
    MALE = "male"
    UNKNOWN = "unknown"


class IdentifierKind(StrEnum):
    """The schemes by which a child is known."""

    NHS_NUMBER = "nhs_number"
    UPN = "upn"
    LA_CHILD_ID = "la_child_id"
    LOCAL = "local"


class CheckResult(StrEnum):
    """What checking an identifier found. A failed check is a flag, never a refusal."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_CHECKED = "not_checked"
    TRACED = "traced"


class PersonRole(StrEnum):
    """The part a person plays in what is told; people are roles unless the child needs more."""

    MOTHER = "mother"
    FATHER = "father"
    PARENT = "parent"
    CARER = "carer"
    SIBLING = "sibling"
    HOUSEHOLD_MEMBER = "household_member"
    VICTIM = "victim"
    SUSPECT = "suspect"
    WITNESS = "witness"
    INFORMANT = "informant"
    FRIEND = "friend"
    OTHER_CHILD = "other_child"
    ACCOMPANYING_ADULT = "accompanying_adult"
    SOCIAL_WORKER = "social_worker"
    GP = "gp"
    HEALTH_VISITOR = "health_visitor"
    TEACHER = "teacher"
    DESIGNATED_LEAD = "designated_lead"
    OFFICER = "officer"
    CLINICIAN = "clinician"
    OTHER = "other"


class Restriction(StrEnum):
    """What limits the handling of everything about a child, or of one event."""

    RESTRICTED_ADDRESS = "restricted_address"
    PROTECTED_PERSON = "protected_person"
    ADOPTION = "adoption"
    SEXUAL_HEALTH = "sexual_health"
    GENDER_RECOGNITION = "gender_recognition"
    DOMESTIC_ABUSE = "domestic_abuse"
    MARAC = "marac"
    COURT_ORDER = "court_order"
    INTELLIGENCE_CONDITIONS = "intelligence_conditions"
    STATUTORY_BAR = "statutory_bar"
    HOLD = "hold"


class RelationKind(StrEnum):
    """How an organisation or role stands to a child."""

    ALLOCATED_WORKER = "allocated_worker"
    SCHOOL = "school"
    NURSERY = "nursery"
    GP = "gp"
    HEALTH_VISITOR = "health_visitor"
    MIDWIFERY = "midwifery"
    HOME_AUTHORITY = "home_authority"
    FRONT_DOOR = "front_door"
    POLICE = "police"
    HOME_EDUCATION = "home_education"
    RECEIVING_AUTHORITY = "receiving_authority"
    HEALTH_SAFEGUARDING = "health_safeguarding"
    CHILD_DEATH_PANEL = "child_death_panel"
    REQUESTED = "requested"
    NONE = "none"


class RecipientKind(StrEnum):
    """What a recipient is; the agreement maps each kind to a column of its matrix."""

    MASH_CORE = "mash_core"
    CSC_TEAM = "csc_team"
    POLICE_MASH = "police_mash"
    GP = "gp"
    HEALTH_VISITOR = "health_visitor"
    SCHOOL = "school"
    NURSERY = "nursery"
    LA_EDUCATION = "la_education"
    HEALTH_SAFEGUARDING = "health_safeguarding"
    """The safeguarding team of an integrated care board."""
    MIDWIFERY = "midwifery"
    SCHOOL_NURSE = "school_nurse"
    CAMHS = "camhs"
    EMERGENCY_DEPARTMENT = "emergency_department"
    PROBATION = "probation"
    YOUTH_JUSTICE = "youth_justice"
    HOUSING = "housing"
    ADULT_SOCIAL_CARE = "adult_social_care"
    DOMESTIC_ABUSE_ADVOCATE = "domestic_abuse_advocate"
    EARLY_HELP = "early_help"
    CHILD_DEATH_PANEL = "child_death_panel"
    ANALYST = "analyst"
    VOLUNTARY = "voluntary"
    VENDOR = "vendor"
    OTHER = "other"


class Purpose(StrEnum):
    """Why information is wanted or given."""

    SAFEGUARDING = "safeguarding"
    CHILD_PROTECTION_ENQUIRY = "child_protection_enquiry"
    EARLY_HELP = "early_help"
    ENCOMPASS_NOTIFICATION = "encompass_notification"
    DIRECT_CARE = "direct_care"
    CRIME_PREVENTION = "crime_prevention"
    CHILD_DEATH_REVIEW = "child_death_review"
    CASE_WORK = "case_work"
    MARKETING = "marketing"
    IMMIGRATION_ENFORCEMENT = "immigration_enforcement"
    SUBJECT_ACCESS = "subject_access"
    ANALYSIS = "analysis"
    """Joint analysis by the partnership, of no named child."""


class ReceiptKind(StrEnum):
    """What a recipient acknowledges."""

    DELIVERED = "delivered"
    OPENED = "opened"
    ACKNOWLEDGED = "acknowledged"
    """A named role says that it has acted on a correction or retraction."""


class Cause(StrEnum):
    """Why what a recipient was told is told anew, or is to be disregarded."""

    CORRECTED = "corrected"
    WITHDRAWN = "withdrawn"
    DIFFERENT_CHILD = "different_child"
    NO_LONGER_LAWFUL = "no_longer_lawful"
    RELATION_ENDED = "relation_ended"
    ADDRESS_RECALLED = "address_recalled"
    ERASED = "erased"
    """Of everything about the child: all of it is destroyed."""
    REPORT_ERASED = "report_erased"
    """Of one report, that was told about another child before: that report is destroyed."""


class Because(StrEnum):
    """Why a report does not hold; the same words as an agency's own ``report.withdrawn``."""

    RECORDED_IN_ERROR = "recorded_in_error"
    NOT_INVOLVED = "not_involved"


class ReplyKind(StrEnum):
    """What the exchange tells a source agency."""

    ACCEPTED = "accepted"
    HELD = "held"
    MISSING = "missing"
    REFUSED = "refused"
    BASIS_CORRECTED = "basis_corrected"
    RETURNED = "returned"
    QUESTION = "question"
    OUTCOME = "outcome"
