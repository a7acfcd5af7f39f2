"""The question put to the policy: nothing but what stands here can bear on a verdict.

Times are integer UTC seconds, dates are ``YYYY-MM-DD`` text, ages are whole years.
"""

from typing import Annotated

from pydantic import Field

from contracts.base import Model
from contracts.words import (
    About,
    AgencyKind,
    DataCategory,
    EntryKind,
    GivenBy,
    Grade,
    Operation,
    Purpose,
    RecipientKind,
    RelationKind,
    Restriction,
)

Seconds = Annotated[int, Field(ge=0, le=2**53 - 1)]
"""UTC seconds since 1970, a whole number."""


class CategoryAbout(Model):
    """One cell's address in the matrix: what kind of value, about whom."""

    category: DataCategory
    about: About


class LevelAsked(Model):
    """The level of need, 1 to 4, and who set it."""

    value: Annotated[int, Field(ge=1, le=4)]
    given_by: GivenBy


class GradeAsked(Model):
    """The urgency, and who set it."""

    value: Grade
    given_by: GivenBy


class ClaimsAsked(Model):
    """What the sender claims about the law and the family's position. Empty text: nothing claimed."""

    art6: str = ""
    art9: str = ""
    art10: str = ""
    schedule1: str = ""
    gateway: str = ""
    part3_exit: str = ""
    service_agreement: str = ""
    dissent: bool = False
    more_detrimental: bool = False
    unsure: bool = False
    consent_not_sought: str = ""
    necessity: bool = False


class EncompassAsked(Model):
    """What bears on telling a school of a domestic abuse incident."""

    both_parties_16_or_over: bool | None = None
    party_works_at: tuple[str, ...] = ()
    suspects_child_elsewhere: bool = False


class EventAsked(Model):
    """The event, without its content.

    ``return_due``: that a pupil's absence has lasted for as long as the law says before it must be returned.
    """

    type: str
    agency: str
    occurred_at: Seconds
    level: LevelAsked
    grade: GradeAsked
    categories: tuple[CategoryAbout, ...] = ()
    locating: tuple[CategoryAbout, ...] = ()
    restrictions: tuple[Restriction, ...] = ()
    entry_kinds: tuple[EntryKind, ...] = ()
    handling_code: str = ""
    reliability: str = ""
    crime_indicator: bool = False
    fgm_known: bool = False
    sexual_offence_told: bool = False
    return_due: bool = True
    new_address: bool = False
    not_before: Seconds = 0
    claims: ClaimsAsked = ClaimsAsked()
    encompass: EncompassAsked = EncompassAsked()
    quality_flags: tuple[str, ...] = ()
    identity_unsure: bool = False


class RequestAsked(Model):
    """Who asks for information, in what role, why, on what ground, and under which statute that makes others answer."""

    by: str
    role: str
    purpose: Purpose
    what: tuple[DataCategory, ...] = ()
    grounds: str = ""
    under: str = ""


class ActorAsked(Model):
    """The person who wants to open a view or act."""

    person: str
    role: str
    assigned: bool = False


class FlagFact(Model):
    """A yes or no about the child, with the moment it was last known to be so (0: never heard)."""

    value: bool = False
    as_at: Seconds = 0


class NamedFact(Model):
    """A named thing about the child (team, authority), with the moment it was last known to be so."""

    value: str = ""
    as_at: Seconds = 0


class PastMarker(Model):
    """A restriction or abuse marker held at some time, with when it was last seen."""

    restriction: Restriction
    as_at: Seconds = 0


class ChildAsked(Model):
    """What is known of the child that bears on who may be told.

    ``age`` is -1 when neither birth date nor expected date is known; ``is_unborn`` tells the
    unborn from the newly born. ``address_guarded`` is true where an abuse marker, a MARAC or a
    restriction stood within 12 months, or where one parent did not move with the child.
    ``processing_restricted``: the record is kept and used only where the law says (UK GDPR Article 18).
    """

    age: Annotated[int, Field(ge=-1, le=130)] = -1
    is_unborn: bool = False
    has_died: bool = False
    open_case: FlagFact = FlagFact()
    section_47: FlagFact = FlagFact()
    on_plan: FlagFact = FlagFact()
    team: NamedFact = NamedFact()
    home_authority: NamedFact = NamedFact()
    schools: tuple[NamedFact, ...] = ()
    home_educated: FlagFact = FlagFact()
    restrictions: tuple[PastMarker, ...] = ()
    address_guarded: bool = False
    processing_restricted: bool = False


class HistoryCount(Model):
    """How many events of one kind, from one kind of agency, at one grade, in one ISO week (``2026-W10``)."""

    kind: str
    agency_kind: AgencyKind
    grade: Grade
    week: str
    count: Annotated[int, Field(ge=1)]


class PolicyDocument(Model):
    """A sender's appropriate policy document for one condition, and when its review falls due."""

    condition: str
    review_due: Seconds


class SenderAsked(Model):
    """The source agency, as the partnership's directory has it."""

    id: str
    kind: AgencyKind
    sort: str = ""
    public_authority: bool
    competent_authority: bool
    policy_documents: tuple[PolicyDocument, ...] = ()


class Approval(Model):
    """A person's decision as a fact: this role cleared this ask code, for this scope, at this time.

    ``scope`` is a category (``id.restricted_address``) for a part kept back, or empty for the whole share.
    ``granted`` is false where the person decided against.
    """

    ask: str
    role: str
    person: str
    at: Seconds
    recipient: str = ""
    scope: str = ""
    granted: bool = True


class CandidateAsked(Model):
    """One recipient under consideration, and how it stands to the child.

    ``held_old_address`` is true for one that holds the address the child has left.
    ``relation_as_at`` is 0 where no relation is known.
    """

    recipient: str
    kind: RecipientKind
    role: str
    purpose: Purpose
    relation: RelationKind
    relation_as_at: Seconds = 0
    confidence: str = "verified"
    held_old_address: bool = False


class Question(Model):
    """Everything a verdict may depend on besides the law and the agreements."""

    operation: Operation
    now: Seconds
    event: EventAsked
    request: RequestAsked | None = None
    actor: ActorAsked | None = None
    child: ChildAsked = ChildAsked()
    history: tuple[HistoryCount, ...] = ()
    sender: SenderAsked
    approvals: tuple[Approval, ...] = ()
    candidates: Annotated[tuple[CandidateAsked, ...], Field(min_length=1)]
