"""What a case may expect of a step: of the report as a whole, and for each recipient."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field, GetJsonSchemaHandler, StringConstraints, WithJsonSchema, model_validator
from pydantic.json_schema import JsonSchemaValue

from contracts.base import Model
from contracts.words import About, DataCategory, Duty, Form, Purpose, RelationKind

HERE = ZoneInfo("Europe/London")
"""A time without a zone is one on a clock in England."""


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


EFFECTS = ("share", "withhold", "ask", "not_considered")


class TaskExpected(Model):
    """An open question about the event. What is not named is not compared; one word is the question's code."""

    code: Name
    recipient: Name | None = None
    owner: Name | None = None
    scope: DataCategory | None = None
    due: Moment | None = None

    @classmethod
    def __get_pydantic_json_schema__(cls, core: Any, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """One word stands for the code."""
        return {"anyOf": [{"type": "string"}, handler(core)]}

    @model_validator(mode="before")
    @classmethod
    def _one_word_is_the_code(cls, value: Any) -> Any:
        return {"code": value} if isinstance(value, str) else value


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

    @classmethod
    def __get_pydantic_json_schema__(cls, core: Any, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """One word stands for the effect."""
        return {"anyOf": [{"enum": list(EFFECTS)}, handler(core)]}

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
