"""An information-sharing agreement as a whole, and what can be asked of one."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from contracts.base import Model
from contracts.question import PolicyDocument, SenderAsked
from contracts.words import Grade, RelationKind
from policies.engine.errors import unknown
from policies.engine.hours import Hours, deadline, is_within
from policies.engine.terms import (
    Assessment,
    BreachContact,
    Clock,
    Column,
    Cover,
    MatrixQuestion,
    MatrixRow,
    Name,
    Operator,
    OrganisationCode,
    Party,
    Pattern,
    PurposeTerms,
    Recipient,
    Retention,
    Sentence,
    Word,
)
from policies.engine.times import start_of

LooseEnd = tuple[tuple[str | int, ...], str]
"""Where a name is written that leads nowhere, as keys and positions from 0, and what is missing."""


class Agreement(Model):
    """A whole agreement. One without operator, assessment or breach contact does not load; checks find the rest.

    ``open_cases_bypass_triage``: what concerns a child with an open case goes to its worker and not to the front door,
    unless it is red.
    """

    id: Name
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
    open_cases_bypass_triage: bool = False
    working_hours: tuple[Hours, ...]
    closed_on: tuple[date, ...]
    not_before_cap_hours: int
    greatest_age_days: dict[str, int]
    patterns: tuple[Pattern, ...]
    retention: Retention
    reask_window_days: Annotated[int, Field(ge=1, le=3660)]
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
        for _, what in loose_ends(self):
            raise ValueError(what)
        return self

    def party(self, agency: str) -> Party:
        """The party ``agency``.

        Raises:
            UnknownInPolicyError: it has not signed (code ``policy.unknown_agency``).
        """
        found = next((p for p in self.parties if p.id == agency), None)
        if found is None:
            what = f"{agency!r} is no party to {self.id!r}"
            raise unknown(what, code="policy.unknown_agency")
        return found

    @property
    def turning_days(self) -> frozenset[date]:
        """Every day at whose start this agreement may decide otherwise: it begins, is overdue, ends, a paper lapses."""
        papers = {document.lapses for party in self.parties for document in party.documents}
        return frozenset({self.valid_from, self.review_due, self.valid_to} | papers)

    def is_in_force(self, moment: int) -> bool:
        """Whether anything may rest on it at ``moment``, in UTC seconds. An overdue review alone ends nothing."""
        return self.state == "active" and start_of(self.valid_from) <= moment < start_of(self.valid_to)

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
                PolicyDocument(condition=d.condition, review_due=start_of(d.lapses)) for d in party.documents
            ),
        )

    def recipient(self, recipient: str) -> Recipient:
        """The directory's entry for ``recipient``.

        Raises:
            UnknownInPolicyError: the directory has none (code ``policy.unknown_recipient``).
        """
        found = next((r for r in self.recipients if r.id == recipient), None)
        if found is None:
            what = f"the directory of {self.id!r} has no recipient {recipient!r}"
            raise unknown(what, code="policy.unknown_recipient")
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
            what = f"{self.id!r} has no clock {grade!r}"
            raise unknown(what, code="policy.unknown_clock")
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


def loose_ends(agreement: Agreement) -> Iterator[LooseEnd]:
    """Every name in ``agreement`` that leads nowhere, and every grade without a clock."""
    yield from _of_the_directory(agreement)
    yield from _of_questions(agreement)
    for grade in Grade:
        if grade not in agreement.clocks:
            yield ("clocks",), f"there is no clock for {grade}"


def _of_the_directory(agreement: Agreement) -> Iterator[LooseEnd]:
    agencies, places = {party.id for party in agreement.parties}, {entry.id for entry in agreement.recipients}
    for n, entry in enumerate(agreement.recipients):
        if entry.agency not in agencies:
            yield ("recipients", n, "agency"), f"{entry.agency} is no party"
    named: list[LooseEnd] = [
        *((("organisations", n, "recipient"), each.recipient) for n, each in enumerate(agreement.organisations)),
        *((("cover", n, "recipient"), each.recipient) for n, each in enumerate(agreement.cover)),
        *((("standing", kind), place) for kind, place in agreement.standing.items()),
    ]
    yield from ((at, f"the directory has no recipient {place}") for at, place in named if place not in places)


def _of_questions(agreement: Agreement) -> Iterator[LooseEnd]:
    for n, row in enumerate(agreement.matrix):
        for column, cell in row.model_dump().items():
            name = str(cell).removeprefix("ask ")
            if name != cell and name not in agreement.questions and isinstance(cell, str):
                yield ("matrix", n, column), f"the question {name} is not defined under questions"
    for name, question in agreement.questions.items():
        if question.code not in agreement.approvals:
            yield ("questions", name, "code"), f"nobody may decide {question.code}: approvals names no role for it"


def _covers(cover: Cover, moment: datetime, closed: frozenset[date]) -> bool:
    return is_within(moment, cover.hours, closed, on_closed_days=cover.closed_days)
