"""How a case is written: who the children are, what reached the exchange, and what must come of it for whom."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Discriminator, Field, StringConstraints, Tag, WithJsonSchema, model_validator

from contracts.base import Model
from contracts.words import (
    About,
    DataCategory,
    Duty,
    EntryKind,
    Form,
    Grade,
    PersonRole,
    Purpose,
    RecipientKind,
    RelationKind,
    Restriction,
    Sex,
)

HERE = ZoneInfo("Europe/London")
"""A time without a zone is one on a clock in England."""

EFFECTS = ("share", "withhold", "ask", "not_considered")
STEP_KINDS = ("event", "decide", "open", "request", "wait")


def _moment(value: object) -> datetime:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.strip())
        except ValueError:
            msg = "a time reads 2026-03-08 22:50 (a clock in England) or 2026-03-08T22:50:00Z"
            raise ValueError(msg) from None
    if not isinstance(value, datetime):
        msg = "a time reads 2026-03-08 22:50, with day and clock"
        raise ValueError(msg)  # noqa: TRY004 - pydantic reports a ValueError with its place
    local = value.replace(tzinfo=HERE) if value.tzinfo is None else value
    return local.astimezone(UTC)


def _cell(value: object) -> str:
    category, _, about = str(value).partition("/")
    if category not in set(DataCategory) or about not in set(About):
        msg = "a part of a report reads CATEGORY/ABOUT, as police.incident/child"
        raise ValueError(msg)
    return f"{category}/{about}"


Moment = Annotated[
    datetime, BeforeValidator(_moment), WithJsonSchema({"type": "string", "examples": ["2026-03-08 22:50"]})
]
Cell = Annotated[str, BeforeValidator(_cell), WithJsonSchema({"type": "string", "pattern": "^[a-z_.]+/[a-z_]+$"})]
"""What kind of value about whom: ``police.incident/child``."""

Name = Annotated[str, StringConstraints(min_length=1, max_length=120)]
Words = Annotated[str, StringConstraints(min_length=1, max_length=2_000)]


class ChildWritten(Model):
    """A child who does not exist. Identifiers get the result of their own check, whatever it is."""

    reference: Name
    forenames: Name | None = None
    surname: Name | None = None
    birth_date: date | None = None
    expected_date: date | None = None
    sex: Sex = Sex.UNKNOWN
    ethnicity: Name | None = None
    nhs_number: str | None = None
    upn: str | None = None
    la_child_id: str | None = None


class AboutChild(Model):
    """A child as one report has it: ``but`` changes what the report says, ``null`` leaves it out."""

    child: Name
    but: dict[str, Any] = Field(default_factory=dict)


class PersonWritten(Model):
    """A person in a report: one of the named people (``who``), with what differs; or one written out."""

    who: Name | None = None
    role: PersonRole | None = None
    about: About | None = None
    forenames: Name | None = None
    surname: Name | None = None
    birth_date: date | None = None
    phone: Name | None = None
    organisation: Name | None = None


class EntryWritten(Model):
    """One thing said: its kind, and its text, its code or both. ``released``: the text for one kind of recipient."""

    kind: EntryKind
    text: Words | None = None
    code: Name | None = None
    category: DataCategory | None = None
    about: About | None = None
    reliability: Name | None = None
    handling_code: Literal["P", "C"] | None = None
    said_by: Name | None = None
    released: dict[RecipientKind, Words] = Field(default_factory=dict)


class TaskExpected(Model):
    """An open question. What is not named is not compared."""

    code: Name
    recipient: Name | None = None
    owner: Name | None = None
    scope: DataCategory | None = None
    due: Moment | None = None


class LegExpected(Model):
    """What must come of a report for one recipient. What is not named is not compared.

    ``given``: what it holds of the report in its own records, part by part. ``kept_back``: parts that the report
    has and it does not hold. ``contains`` and ``never_contains``: words that stand, or must not stand, in what it
    was sent.
    """

    effect: Literal["share", "withhold", "ask", "not_considered"] | None = None
    duty: Duty | None = None
    basis: dict[str, str] = Field(default_factory=dict)
    purpose: Purpose | None = None
    agreement: Name | None = None
    received: bool | None = None
    given: dict[Cell, Form] = Field(default_factory=dict)
    kept_back: tuple[Cell, ...] = ()
    contains: tuple[Name, ...] = ()
    never_contains: tuple[Name, ...] = ()
    grounds: tuple[Name, ...] = ()
    bars: tuple[Name, ...] = ()
    asks: tuple[Name, ...] = ()
    obligations: tuple[Name, ...] = ()
    would_allow: tuple[Name, ...] = ()
    notices: tuple[Literal["existence", "withheld", "how_to_ask"], ...] | None = None
    unmatched: bool | None = None

    @model_validator(mode="before")
    @classmethod
    def _one_word_is_the_effect(cls, value: Any) -> Any:
        return {"effect": value} if isinstance(value, str) else value


class Comes(Model):
    """What must come of a step. What is not named is not compared.

    ``of``: the earlier event meant, where the step is none itself. ``expect``: by recipient.
    ``nobody_else``: whoever is not named is given nothing. ``matched``: whose records the event joined; ``nobody``
    where a person must say. ``replies``: kinds, or kind/code.
    """

    of: Name | None = None
    expect: dict[Name, LegExpected] = Field(default_factory=dict)
    nobody_else: bool = False
    not_considered: dict[RelationKind, str] = Field(default_factory=dict)
    state: Literal["accepted", "held", "refused", "quarantined", "kept_at_edge"] | None = None
    kept_at_edge: Name | None = None
    matched: Name | None = None
    replies: tuple[Name, ...] = ()
    tasks: tuple[TaskExpected, ...] = ()
    no_tasks: tuple[Name, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _one_word_is_a_tasks_code(cls, value: Any) -> Any:
        if not isinstance(value, dict) or not isinstance(value.get("tasks"), list):
            return value
        return {**value, "tasks": [{"code": t} if isinstance(t, str) else t for t in value["tasks"]]}


class Told(Model):
    """An event that an agency sends. ``at``: when it reaches the exchange; ``occurred``: the same unless said.

    ``name``: how later steps refer to it. ``record`` and ``version``: the agency's own record; the same two again
    are the same report again. ``sender`` is written ``from``, the type's own fields stand under ``with``.
    """

    event: Name
    about: Name | AboutChild
    at: Moment
    name: Name | None = None
    sender: Name | None = Field(default=None, alias="from")
    occurred: Moment | None = None
    recorded: Moment | None = None
    not_before: Moment | None = None
    record: Name | None = None
    version: Name = "1"
    incident: Name | None = None
    grade: Grade | None = None
    level: Annotated[int, Field(ge=1, le=4)] | None = None
    specifics: dict[str, Any] = Field(default_factory=dict, alias="with")
    people: tuple[Name | PersonWritten, ...] = ()
    address: Name | dict[str, Any] | None = None
    restrictions: tuple[Restriction, ...] = ()
    flags: tuple[Name, ...] = ()
    claims: dict[str, Any] = Field(default_factory=dict)
    inform_family: dict[str, Any] = Field(default_factory=dict)
    entries: tuple[EntryWritten, ...] = ()


class EventStep(Told, Comes):
    """An event that an agency sends, and what must come of it."""


class DecideStep(Comes):
    """A person answers an open question, named by its code and, where several stand open, by whom it concerns.

    ``by``: the role. ``refused``: the code with which the exchange does not take the answer.
    """

    decide: Name
    by: Name
    at: Moment
    granted: bool = True
    reason: Words = "Decided in the case."
    recipient: Name | None = None
    scope: DataCategory | None = None
    refused: Name | None = None


class OpenStep(Comes):
    """A person opens a child's view, as ROLE@RECIPIENT. ``refused``: the code with which it stays closed."""

    open: Name
    by: Name
    at: Moment
    refused: Name | None = None
    contains: tuple[Name, ...] = ()
    never_contains: tuple[Name, ...] = ()


class RequestStep(Comes):
    """A person asks, as ROLE@RECIPIENT, for what was not shared; expectations are about the answer."""

    request: Name
    by: Name
    asked_of: Name
    at: Moment
    purpose: Purpose
    what: tuple[DataCategory, ...]
    grounds: Words
    name: Name | None = None


class WaitStep(Comes):
    """Time passes until ``wait``; whatever is due is done."""

    wait: Moment


def _kind_of(value: Any) -> str | None:
    keys = value if isinstance(value, Mapping) else getattr(type(value), "model_fields", {})
    return next((kind for kind in STEP_KINDS if kind in keys), None)


Step = Annotated[
    Annotated[EventStep, Tag("event")]
    | Annotated[DecideStep, Tag("decide")]
    | Annotated[OpenStep, Tag("open")]
    | Annotated[RequestStep, Tag("request")]
    | Annotated[WaitStep, Tag("wait")],
    Discriminator(
        _kind_of,
        custom_error_type="step_kind",
        custom_error_message="a step is one of event, decide, open, request, wait",
    ),
]


class Cast(Model):
    """Names that steps may use: children, people, addresses; and what event types say where nobody says else."""

    children: dict[Name, ChildWritten] = Field(default_factory=dict)
    people: dict[Name, PersonWritten] = Field(default_factory=dict)
    addresses: dict[Name, dict[str, Any]] = Field(default_factory=dict)

    def with_more(self, other: "Cast") -> "Cast":
        """Both; a name in ``other`` stands in place of the same name here."""
        return Cast(
            children={**self.children, **other.children},
            people={**self.people, **other.people},
            addresses={**self.addresses, **other.addresses},
        )


class Usual(Model):
    """Who usually sends an event type, and the fields of its own that it needs."""

    sender: Name = Field(alias="from")
    specifics: dict[str, Any] = Field(default_factory=dict, alias="with")


class Base(Model):
    """What is known before a case begins, told by real events. ``after``: another base that comes first."""

    title: Words
    after: Name | None = None
    events: tuple[Told, ...] = ()


class Bases(Cast):
    """The names and the base cases that every case may use."""

    usual: dict[Name, Usual]
    bases: dict[Name, Base]


class Case(Model):
    """One case. ``never_receives``: words that some report holds and a recipient must never be sent, in any step."""

    case: Name
    title: Words
    source: Words
    base: Name
    note: Words | None = None
    cast: Cast = Cast()
    given: tuple[Told, ...] = ()
    steps: Annotated[tuple[Step, ...], Field(min_length=1)]
    never_receives: dict[Name, tuple[Name, ...]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _time_runs_forward(self) -> Self:
        moments = [told.at for told in self.given] + [moment_of(step) for step in self.steps]
        if moments != sorted(moments):
            msg = "each step comes no earlier than the one before it"
            raise ValueError(msg)
        return self


def moment_of(step: EventStep | DecideStep | OpenStep | RequestStep | WaitStep) -> datetime:
    """When a step happens."""
    return step.wait if isinstance(step, WaitStep) else step.at
