"""The shape of the dated law: articles, Schedule 1 conditions, exits from Part 3, gateways and bars."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from contracts.base import Model
from contracts.words import AgencyKind, DataCategory, Purpose, RecipientKind, Restriction

Trigger = Literal[
    "domestic_abuse",
    "school_age",
    "section_47",
    "public_sender",
    "fgm_known",
    "sexual_offence_told",
    "absence_return",
    "child_death",
    "no_objection",
    "asked_under_16h",
    "asked_under_27",
]
"""What must be so for a gateway to open."""

Word = Annotated[str, Field(min_length=1, max_length=200)]


class LawRow(Model):
    """What every row of law says of itself. ``judged_at``: at the moment of sharing, or when it occurred."""

    citation: Word
    ref: Annotated[str, Field(pattern=r"^https://")]
    jurisdiction: Literal["england", "england_and_wales"]
    confirmed: bool
    in_force_from: date
    in_force_to: date | None = None
    judged_at: Literal["sharing", "occurred"]


class MayUse(Model):
    """Who may use an article; an empty list means anyone."""

    controllers: tuple[Literal["public", "private"], ...] = ()
    needs: Literal["", "duty", "red"] = ""
    senders: tuple[AgencyKind, ...] = ()
    recipients: tuple[RecipientKind, ...] = ()


class Article(LawRow):
    """One basis of Article 6 or condition of Article 9; the first that fits is derived."""

    id: Word
    article: Literal["6", "9"]
    title: Word
    may_use: MayUse


class Condition(LawRow):
    """One paragraph of Schedule 1."""

    id: Word
    title: Word
    policy_document: bool
    consent_reason: bool


class Part3Exit(LawRow):
    """What authorises law enforcement data to be used for something else; no senders: whoever holds such data."""

    id: Word
    rank: int
    duty: str = ""
    senders: tuple[AgencyKind, ...] = ()
    purposes: tuple[Purpose, ...]


class Gateway(LawRow):
    """A statute that requires or permits a kind of sender to tell a kind of recipient for a purpose.

    ``at_any_level``: a duty without a threshold, which the level gate does not keep back. ``without_agreement``: a duty
    that at level 2 waits for no family's agreement to a service.
    """

    id: Word
    effect: Literal["requires", "permits"]
    rank: int
    switch: str = ""
    senders: tuple[AgencyKind, ...]
    sorts: tuple[str, ...] = ()
    recipients: tuple[RecipientKind, ...]
    purposes: tuple[Purpose, ...]
    triggers: tuple[Trigger, ...] = ()
    at_any_level: bool = False
    without_agreement: bool = False


class Identifier(LawRow):
    """A duty of these senders to bear a child's number on what they pass on to these recipients."""

    id: Word
    switch: str = ""
    senders: tuple[AgencyKind, ...]
    recipients: tuple[RecipientKind, ...]


class StatutoryBar(LawRow):
    """What forbids sharing wherever a restriction stands; ``lasts``: on everything about a child who bears it."""

    code: Word
    restriction: Restriction
    lasts: bool = False


class Law(Model):
    """All of it."""

    articles: tuple[Article, ...]
    conditions: tuple[Condition, ...]
    special_categories: tuple[DataCategory, ...]
    offence_categories: tuple[DataCategory, ...]
    confidential_categories: tuple[DataCategory, ...]
    official_authority: tuple[AgencyKind, ...]
    part3_exits: tuple[Part3Exit, ...]
    gateways: tuple[Gateway, ...]
    identifiers: tuple[Identifier, ...]
    bars: tuple[StatutoryBar, ...]

    @property
    def turning_days(self) -> frozenset[date]:
        """Every day at whose start some row comes into force or ends."""
        rows: tuple[LawRow, ...] = (
            *self.articles,
            *self.conditions,
            *self.part3_exits,
            *self.gateways,
            *self.identifiers,
            *self.bars,
        )
        days = {day for row in rows for day in (row.in_force_from, row.in_force_to)}
        return frozenset(day for day in days if day is not None)
