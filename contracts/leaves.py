"""Walking a payload to its leaf values, each with its category and whom it is about.

One source for minimisation, the record of processing, AsyncAPI texts and the agreement editor.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from functools import cache
from typing import NamedTuple

from contracts.base import Category, CategoryFrom, Model
from contracts.envelope import write_time
from contracts.words import About, DataCategory

Scalar = str | int | bool

STRICTNESS: tuple[DataCategory, ...] = (
    DataCategory.EVENT_META,
    DataCategory.ID_CORE,
    DataCategory.PROFESSIONAL_CONTACT,
    DataCategory.ID_ADDRESS,
    DataCategory.SC_STATUS,
)
"""Categories that yield to any other, least strict first; every category not listed is stricter than these."""


class Leaf(NamedTuple):
    """One value and what must be known to decide on it. ``path`` reads ``entries.0.text``."""

    path: str
    value: Scalar
    category: DataCategory
    about: About
    key_fact: bool
    locates: bool
    free_text: bool


@dataclass(frozen=True, slots=True)
class FieldMark:
    """How one field of a model is marked: a category (or the field that names it), or a nested model."""

    name: str
    mark: Category | CategoryFrom | None


class UnmarkedFieldError(TypeError):
    """A field of a published model has no category; the build must fail."""


def leaves(model: Model) -> tuple[Leaf, ...]:
    """Every leaf value that is set, in the order of the model's fields."""
    found: list[Leaf] = []
    _collect(model, "", About.CHILD, found)
    return tuple(found)


@cache
def marks(model: type[Model]) -> tuple[FieldMark, ...]:
    """How each field of ``model`` is marked.

    Raises:
        UnmarkedFieldError: a field is neither marked nor a nested model.
    """
    found = []
    for name, info in model.model_fields.items():
        mark = next((m for m in info.metadata if isinstance(m, Category | CategoryFrom)), None)
        if mark is None and not _is_nested(info.annotation):
            msg = f"{model.__name__}.{name} has no category: annotate it with Category or CategoryFrom"
            raise UnmarkedFieldError(msg)
        found.append(FieldMark(name, mark))
    return tuple(found)


def stricter(one: DataCategory, other: DataCategory) -> DataCategory:
    """Of two categories the stricter; of two equally strict ones the second, which is the value's own."""
    return one if _strictness(one) > _strictness(other) else other


def _is_nested(annotation: object) -> bool:
    if isinstance(annotation, type):
        return issubclass(annotation, Model)
    args = [a for a in getattr(annotation, "__args__", ()) if a not in (type(None), Ellipsis)]
    return bool(args) and all(_is_nested(a) for a in args)


def _strictness(category: DataCategory) -> int:
    return STRICTNESS.index(category) if category in STRICTNESS else len(STRICTNESS)


def _collect(model: Model, prefix: str, about: About, found: list[Leaf]) -> None:
    about_field, fields = _plan(type(model))
    values = model.__dict__
    if about_field is not None:
        about = values[about_field]
    for name, mark in fields:
        value = values[name]
        if value is None:
            continue
        path = prefix + name
        if mark is None:
            if isinstance(value, tuple):
                for index, item in enumerate(value):
                    _collect(item, f"{path}.{index}.", about, found)
            else:
                _collect(value, f"{path}.", about, found)
            continue
        category = mark.category if isinstance(mark, Category) else stricter(mark.at_least, values[mark.field])
        marked = (category, about, mark.key_fact, mark.locates, mark.free_text)
        if isinstance(value, tuple | frozenset):
            found.extend(Leaf(f"{path}.{index}", _scalar(item), *marked) for index, item in enumerate(value))
        else:
            found.append(Leaf(path, _scalar(value), *marked))


@cache
def _plan(model: type[Model]) -> tuple[str | None, tuple[tuple[str, Category | CategoryFrom | None], ...]]:
    """The field that says whom a model is about, if one does, and each field with its mark."""
    return getattr(model, "about_field", None), tuple((field.name, field.mark) for field in marks(model))


def _scalar(value: object) -> Scalar:
    if type(value) is str:
        return value
    match value:
        case bool() | int():
            return value
        case Enum():
            return str(value.value)
        case datetime():
            return write_time(value)
        case date():
            return value.isoformat()
        case _:
            return str(value)
