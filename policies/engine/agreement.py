"""The shape of an information-sharing agreement, and what can be asked of one."""

from datetime import date, datetime
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from contracts.base import Model
from contracts.question import PolicyDocument, SenderAsked
from contracts.words import About, AgencyKind, DataCategory, Grade, Purpose, RecipientKind, RelationKind
from policies.engine.errors import UnknownInPolicyError
from policies.engine.hours import Hours, deadline, is_within
from policies.engine.times import start_of

Word = Annotated[str, Field(min_length=1, max_length=120)]
Sentence = Annotated[str, Field(min_length=10, max_length=400)]
Phone = Annotated[str, Field(pattern=r"^[0-9 ]{10,14}$")]
Column = Literal["mash_core", "csc_team", "police_mash", "health_mash", "school_dsl", "voluntary"]
Cell = Annotated[str, Field(pattern=r"^(give|summary|token|withhold|ask [a-z_]+)$")]


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
    """How many reports of one grade make a pattern."""

    grade: Grade
    at_least: Annotated[int, Field(ge=2, le=50)]


class Pattern(Model):
    """A number of small things, within so many weeks, that a person should look at together."""

    code: Word
    weeks: Annotated[int, Field(ge=1, le=52)]
    counts: PatternCount


class Retention(Model):
    """How long the exchange keeps what passes through it."""

    transit_days: int
    unmatched_notice_days: int
    decision_years: int
    linked_record: Sentence


class Document(Model):
    """An appropriate policy document: for which Schedule 1 paragraph, and when its review falls due."""

    condition: Word
    review_due: date


class Party(Model):
    """An agency that has signed, in which capacity, and the roles in it that may take part."""

    id: Word
    name: Word
    kind: AgencyKind
    sort: str = ""
    capacity: Literal["controller", "joint_controller", "processor"]
    public_authority: bool
    competent_authority: bool = False
    roles: tuple[Word, ...]
    documents: tuple[Document, ...] = ()


class OpenedBy(Model):
    """The role that opens what arrives, its deputies in order, and the phone when nobody does."""

    role: Word
    deputies: tuple[Word, ...]
    phone: Phone


class Term(Model):
    """A stretch of days on which a school is open, both included."""

    first: Annotated[date, Field(alias="from")]
    last: Annotated[date, Field(alias="to")]


class Recipient(Model):
    """A place a share can go to. ``column`` is its column of the matrix, or ``none``."""

    id: Word
    agency: Word
    kind: RecipientKind
    column: Column | Literal["none"]
    name: Word
    roles: tuple[Word, ...]
    opened_by: OpenedBy
    contact: str = ""
    day_starts: str = ""
    terms: tuple[Term, ...] = ()
    verified: date

    def is_term_day(self, day: date) -> bool:
        """Whether the school is open on ``day``: a weekday within a term; always for a place without terms."""
        return not self.terms or (day.weekday() < 5 and any(t.first <= day <= t.last for t in self.terms))


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


class MatrixQuestion(Model):
    """What a cell that asks puts to a person, and the form given once it is cleared."""

    code: Word
    then: Literal["give", "summary", "token"]


class Agreement(Model):
    """A whole agreement. One without operator, assessment, breach contact or red cover does not load."""

    id: Word
    title: Word
    version: Word
    state: Literal["draft", "proposed", "signed", "active", "suspended", "terminated"]
    valid_from: date
    review_due: date
    valid_to: date
    home_authority: Word
    operator: Operator
    dpia: Assessment
    breach_contacts: Annotated[tuple[BreachContact, ...], Field(min_length=1)]
    clocks: dict[Grade, Clock]
    working_hours: tuple[Hours, ...]
    closed_on: tuple[date, ...]
    not_before_cap_hours: int
    greatest_age_days: dict[str, int]
    patterns: tuple[Pattern, ...]
    retention: Retention
    onward: Sentence
    switches: dict[str, bool]
    parties: tuple[Party, ...]
    recipients: tuple[Recipient, ...]
    organisations: tuple[OrganisationCode, ...]
    standing: dict[RelationKind, str]
    cover: tuple[Cover, ...]
    free_text: tuple[Column, ...]
    matrix: tuple[MatrixRow, ...]
    questions: dict[str, MatrixQuestion]
    approvals: dict[str, tuple[Word, ...]]
    purposes: tuple[PurposeTerms, ...]

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        agencies = {party.id for party in self.parties}
        strangers = {r.agency for r in self.recipients} - agencies
        places = {r.id for r in self.recipients}
        lost = (
            {o.recipient for o in self.organisations} | set(self.standing.values()) | {c.recipient for c in self.cover}
        )
        asked = {c[4:] for row in self.matrix for c in row.model_dump().values() if str(c).startswith("ask ")}
        problems = {
            "recipients of agencies that are not parties": strangers,
            "recipients that the directory does not have": lost - places,
            "questions that are not defined": asked - set(self.questions),
            "questions that nobody may decide": {q.code for q in self.questions.values()} - set(self.approvals),
            "grades without a clock": set(Grade) - set(self.clocks),
        }
        for what, which in problems.items():
            if which:
                msg = f"{what}: {', '.join(sorted(which))}"
                raise ValueError(msg)
        return self

    def party(self, agency: str) -> Party:
        """The party ``agency``.

        Raises:
            UnknownInPolicyError: it has not signed (code ``policy.unknown_agency``).
        """
        found = next((p for p in self.parties if p.id == agency), None)
        if found is None:
            raise UnknownInPolicyError(
                f"{agency!r} is no party to {self.id!r}",
                code="policy.unknown_agency",
                remedy="add the agency to the agreement's parties, or correct its name",
            )
        return found

    def sender(self, agency: str) -> SenderAsked:
        """The sender's part of a question, as the directory has it.

        Raises:
            UnknownInPolicyError: it has not signed (code ``policy.unknown_agency``).
        """
        party = self.party(agency)
        return SenderAsked(
            id=party.id,
            kind=party.kind,
            sort=party.sort,
            public_authority=party.public_authority,
            competent_authority=party.competent_authority,
            policy_documents=tuple(
                PolicyDocument(condition=d.condition, review_due=start_of(d.review_due)) for d in party.documents
            ),
        )

    def recipient(self, recipient: str) -> Recipient:
        """The directory's entry for ``recipient``.

        Raises:
            UnknownInPolicyError: the directory has none (code ``policy.unknown_recipient``).
        """
        found = next((r for r in self.recipients if r.id == recipient), None)
        if found is None:
            raise UnknownInPolicyError(
                f"the directory of {self.id!r} has no recipient {recipient!r}",
                code="policy.unknown_recipient",
                remedy="add the recipient to the directory, or correct its name",
            )
        return found

    def organisation(self, scheme: str, code: str) -> OrganisationCode | None:
        """The directory's entry for an organisation's code, or none."""
        return next((o for o in self.organisations if o.scheme == scheme and o.code == code), None)

    def clock(self, grade: str) -> Clock:
        """The clock for ``grade``, which is also the clock code of a verdict.

        Raises:
            UnknownInPolicyError: there is no such clock (code ``policy.unknown_clock``).
        """
        if grade not in tuple(Grade):
            raise UnknownInPolicyError(
                f"{self.id!r} has no clock {grade!r}",
                code="policy.unknown_clock",
                remedy="use red, amber, green or blue",
            )
        return self.clocks[Grade(grade)]

    def deadline(self, grade: str, started: datetime) -> datetime:
        """When something that began to wait at ``started`` must have been opened; in UTC.

        Raises:
            UnknownInPolicyError: there is no such clock (code ``policy.unknown_clock``).
        """
        clock = self.clock(grade)
        windows = self.working_hours if clock.runs == "working_hours" else ()
        return deadline(started, clock.hours, windows, frozenset(self.closed_on))

    def covered_by(self, moment: datetime, grade: Grade = Grade.RED) -> Cover | None:
        """Who opens what is ``grade`` at ``moment``; none where nobody does."""
        closed = frozenset(self.closed_on)
        return next((c for c in self.cover if grade in c.grades and _covers(c, moment, closed)), None)

    def confidence(self, fact: str, as_at: int, now: int) -> Literal["verified", "stale", "unknown"]:
        """Whether a fact last known at ``as_at`` may still be relied on at ``now`` (UTC seconds).

        ``fact`` is a relation kind or ``open_case``, ``section_47``, ``on_plan``. Too old is stale; never heard, or
        a fact without a greatest age, is unknown.
        """
        days = self.greatest_age_days.get(fact)
        if days is None or as_at <= 0:
            return "unknown"
        return "verified" if now - as_at <= days * 86_400 else "stale"


def _covers(cover: Cover, moment: datetime, closed: frozenset[date]) -> bool:
    return is_within(moment, cover.hours, closed, on_closed_days=cover.closed_days)
