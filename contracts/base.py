"""The shape every published model shares: frozen, closed, and each leaf value of a known category."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, WithJsonSchema

from contracts.words import DataCategory


class Model(BaseModel):
    """A published model: immutable, and refusing what it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=False, ser_json_timedelta="iso8601")


@dataclass(frozen=True, slots=True)
class Category:
    """Says of which category a leaf value is.

    ``key_fact`` marks what a summary consists of: a summary is exactly these values.
    ``locates`` marks a value that could tell where the child lives or can be found.
    ``free_text`` marks what someone wrote in their own words.
    """

    category: DataCategory
    key_fact: bool = False
    locates: bool = False
    free_text: bool = False


@dataclass(frozen=True, slots=True)
class CategoryFrom:
    """Says that a sibling field names this leaf value's category.

    The stricter of that field's value and ``at_least`` wins.
    """

    field: str
    at_least: DataCategory = DataCategory.EVENT_META
    key_fact: bool = False
    locates: bool = False
    free_text: bool = False


def _whole_utc_seconds(value: datetime) -> datetime:
    if value.tzinfo is None:
        msg = "a time needs a zone: write it in UTC, as 2026-03-08T22:50:00Z"
        raise ValueError(msg)
    try:
        return value.astimezone(UTC).replace(microsecond=0)
    except OverflowError:
        msg = "a time lies outside the years 1 to 9999"
        raise ValueError(msg) from None


Instant = Annotated[
    datetime,
    AfterValidator(_whole_utc_seconds),
    WithJsonSchema(
        {
            "type": "string",
            "format": "date-time",
            "pattern": r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}([.]\d+)?(Z|[+-]\d{2}:\d{2})$",
        }
    ),
]
"""A moment with a zone, kept as UTC in whole seconds."""
