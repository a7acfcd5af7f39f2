"""How a case is written: who the children are, what reached the exchange, and what must come of it for whom."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, Literal, Self

from pydantic import Discriminator, Field, Tag, model_validator

from broker.runtimes.scenario_expected import Comes, Moment, Name, Words
from contracts.base import Model
from contracts.words import (
    About,
    DataCategory,
    EntryKind,
    Grade,
    PersonRole,
    Purpose,
    RecipientKind,
    RequestedUnder,
    Restriction,
    Sex,
)

STEP_KINDS = ("event", "decide", "open", "request", "wait")


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
    """A person asks, as ROLE@RECIPIENT, an agency for what was not shared.

    Expectations are about the request itself, or with ``of`` about what is answered of that earlier event.
    """

    request: Name
    by: Name
    asked_of: Name
    at: Moment
    purpose: Purpose
    what: tuple[DataCategory, ...]
    grounds: Words
    under: RequestedUnder | None = None
    name: Name | None = None
    refused: Name | None = None


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
    """One case.

    ``never_receives``: words that some report holds and a recipient must never be sent, in any step. ``terms``: by
    agreement, what differs in it.
    """

    case: Name
    title: Words
    source: Words
    base: Name
    note: Words | None = None
    cast: Cast = Cast()
    given: tuple[Told, ...] = ()
    steps: Annotated[tuple[Step, ...], Field(min_length=1)]
    never_receives: dict[Name, tuple[Name, ...]] = Field(default_factory=dict)
    terms: dict[Name, dict[str, Any]] = Field(default_factory=dict)

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
