"""Walking a payload to its leaf values, each with its category and whom it is about.

One source for minimisation, the record of processing, AsyncAPI texts and the agreement editor.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from functools import cache

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


@dataclass(frozen=True, slots=True)
class Leaf:
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


def leaves(model: Model) -> Iterator[Leaf]:
    """Yield every leaf value that is set, in the order of the model's fields."""
    yield from _walk(model, "", About.CHILD)


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


def _walk(model: Model, prefix: str, about: About) -> Iterator[Leaf]:
    about_field = getattr(type(model), "about_field", None)
    if about_field is not None:
        about = getattr(model, about_field)
    for field in marks(type(model)):
        value = getattr(model, field.name)
        if value is None:
            continue
        path = f"{prefix}{field.name}"
        if field.mark is None:
            nested = value if isinstance(value, tuple) else (value,)
            for index, item in enumerate(nested):
                step = f"{path}.{index}." if isinstance(value, tuple) else f"{path}."
                yield from _walk(item, step, about)
            continue
        category = _category(model, field.mark)
        items = value if isinstance(value, tuple | frozenset) else (value,)
        for index, item in enumerate(items):
            step = f"{path}.{index}" if isinstance(value, tuple | frozenset) else path
            yield Leaf(
                step, _scalar(item), category, about, field.mark.key_fact, field.mark.locates, field.mark.free_text
            )


def _category(model: Model, mark: Category | CategoryFrom) -> DataCategory:
    if isinstance(mark, Category):
        return mark.category
    return stricter(mark.at_least, getattr(model, mark.field))


def _scalar(value: object) -> Scalar:
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
