"""The parts of an information-sharing agreement: parties, recipients, clocks, cover, purposes and the matrix."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from contracts.base import Model
from contracts.words import About, AgencyKind, DataCategory, Grade, Purpose, RecipientKind
from policies.engine.hours import Hours
from policies.engine.times import ENGLAND, start_of

Word = Annotated[str, Field(min_length=1, max_length=120)]
Name = Annotated[str, Field(pattern="^[a-z0-9][a-z0-9-]{1,62}$")]
"""What an agreement, a party or a recipient is called by machines: it names folders and topics too."""
Sentence = Annotated[str, Field(min_length=10, max_length=400)]
Phone = Annotated[str, Field(pattern=r"^[0-9 ]{10,14}$")]
Column = Literal[
    "mash_core",
    "csc_team",
    "police_mash",
    "health_mash",
    "school_dsl",
    "voluntary",
    "probation",
    "child_death",
    "analyst",
]
Cell = Annotated[str, Field(pattern=r"^(give|summary|token|withhold|ask [a-z_]+)$")]

SATURDAY = 5
LONGEST_WEEKEND = 4


class Operator(Model):
    """Who runs the exchange for the parties, and in which capacity."""

    agency: Word
    role: Word
    contact: Word


class Assessment(Model):
    """The data protection impact assessment behind the agreement."""

    reference: Word
    approved: date


class BreachContact(Model):
    """Whom to tell of a breach, and how soon."""

    role: Word
    agency: Word
    email: Word
    phone: Phone
    within_hours: Annotated[int, Field(ge=1, le=72)]


class Clock(Model):
    """How long something may wait for a person, in hours of the kind it runs in."""

    hours: Annotated[int, Field(ge=1, le=400)]
    runs: Literal["any_time", "working_hours"]


class PatternCount(Model):
    """How many events count; an empty grade, agency kind or event type means any."""

    grade: Grade | Literal[""] = ""
    agency_kind: AgencyKind | Literal[""] = ""
    kind: str = ""
    at_least: Annotated[int, Field(ge=1, le=50)]


class Pattern(Model):
    """Small things that, within so many weeks, a person should look at together. All counts must be reached."""

    code: Word
    weeks: Annotated[int, Field(ge=1, le=52)]
    counts: tuple[PatternCount, ...]


class Retention(Model):
    """How long the exchange keeps what passes through it."""

    transit_days: Annotated[int, Field(ge=1, le=7)]
    unmatched_notice_days: Annotated[int, Field(ge=1, le=366)]
    decision_years: Annotated[int, Field(ge=1, le=100)]
    linked_record: Sentence


class Document(Model):
    """An appropriate policy document: for which Schedule 1 paragraph, and the day by whose end it must be reviewed."""

    condition: Word
    review_due: date

    @property
    def lapses(self) -> date:
        """The first day on which nothing rests on it."""
        return self.review_due + timedelta(days=1)


class Party(Model):
    """An agency that has signed, in which capacity, and the roles in it that may take part.

    ``silent_after_hours``: how long its feed may be silent before every view names that. ``does_not_cover``: what
    nobody may take its feed to tell of.
    """

    id: Name
    name: Word
    kind: AgencyKind
    sort: str = ""
    capacity: Literal["controller", "joint_controller", "processor"]
    public_authority: bool
    competent_authority: bool = False
    roles: tuple[Word, ...]
    documents: tuple[Document, ...] = ()
    silent_after_hours: Annotated[int, Field(ge=1, le=8760)] = 24
    does_not_cover: str = ""

    def lapsed_paragraphs(self, moment: int) -> tuple[str, ...]:
        """The Schedule 1 paragraphs whose policy document is past its review at ``moment``, in UTC seconds."""
        live = {each.condition for each in self.documents if moment < start_of(each.lapses)}
        return tuple(dict.fromkeys(each.condition for each in self.documents if each.condition not in live))


class OpenedBy(Model):
    """The role that opens what arrives, its deputies in order, and the phone when nobody does."""

    role: Word
    deputies: tuple[Word, ...]
    phone: Phone


class Term(Model):
    """A stretch of days on which a school is open, both included."""

    first: Annotated[date, Field(alias="from")]
    last: Annotated[date, Field(alias="to")]

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.last < self.first:
            msg = f"a term from {self.first} to {self.last} ends before it begins"
            raise ValueError(msg)
        return self


class Recipient(Model):
    """A place a share can go to. ``column`` is its column of the matrix, or ``none``."""

    id: Name
    agency: Word
    kind: RecipientKind
    column: Column | Literal["none"]
    name: Word
    roles: tuple[Word, ...]
    opened_by: OpenedBy
    contact: str = ""
    day_starts: Annotated[str, Field(pattern=r"^$|^([01][0-9]|2[0-3]):[0-5][0-9]$")] = ""
    terms: tuple[Term, ...] = ()
    verified: date

    def is_term_day(self, day: date) -> bool:
        """Whether the school is open on ``day``: a weekday within a term; always for a place without terms."""
        return not self.terms or (day.weekday() < SATURDAY and any(t.first <= day <= t.last for t in self.terms))

    def opens_by(self, after: datetime, *, minutes_before: int = 45) -> datetime | None:
        """When the school must have opened what came at ``after``: so long before its next day starts, in UTC.

        None in the holidays, when no school day starts within four days, and for a place whose day has no start.
        """
        if not self.day_starts:
            return None
        local = after.astimezone(ENGLAND)
        for ahead in range(LONGEST_WEEKEND + 1):
            day = local.date() + timedelta(days=ahead)
            starts = datetime.combine(day, time.fromisoformat(self.day_starts), ENGLAND)
            due = starts - timedelta(minutes=minutes_before)
            if self.is_term_day(day) and due > local:
                return due.astimezone(UTC)
        return None


class OrganisationCode(Model):
    """Which recipient an organisation's code stands for, and who visits the children of a practice."""

    scheme: Literal["ods", "urn", "dfe", "la_team", "local"]
    code: Word
    recipient: Word
    health_visitor: str = ""


class Cover(Model):
    """Who covers which hours for which grades."""

    name: Word
    recipient: Word
    grades: tuple[Grade, ...]
    role: Word
    deputies: tuple[Word, ...]
    phone: Phone
    closed_days: bool
    hours: tuple[Hours, ...]


class Necessity(Model):
    """Why each kind of recipient needs events of some families."""

    events: tuple[Word, ...]
    recipients: dict[RecipientKind, Sentence]


class PurposeTerms(Model):
    """One purpose, with the reason why consent is not sought where the sender gives none."""

    purpose: Purpose
    consent_not_sought: Literal["", "cannot_be_given", "cannot_reasonably_be_obtained", "would_prejudice_protection"]
    necessity: tuple[Necessity, ...]


class MatrixRow(Model):
    """How much of one category about some people each column is given; an absent column is withheld."""

    category: DataCategory
    about: tuple[About, ...]
    mash_core: Cell = "withhold"
    csc_team: Cell = "withhold"
    police_mash: Cell = "withhold"
    health_mash: Cell = "withhold"
    school_dsl: Cell = "withhold"
    voluntary: Cell = "withhold"
    probation: Cell = "withhold"
    child_death: Cell = "withhold"
    analyst: Cell = "withhold"


class MatrixQuestion(Model):
    """What a cell that asks puts to a person, and the form given once it is cleared."""

    code: Word
    then: Literal["give", "summary", "token"]
