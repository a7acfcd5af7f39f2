"""Reads what fits a published model several times faster than the model does."""

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from enum import Enum
from functools import cache, partial
from types import UnionType
from typing import Annotated, Any, Literal, Self, TypeVar, Union, cast, get_args, get_origin

import msgspec
from pydantic import AfterValidator, BaseModel, WithJsonSchema

from contracts.base import Category, CategoryFrom

M = TypeVar("M", bound=BaseModel)


class Lean(msgspec.Struct, frozen=True):
    """What every twin of a published model is."""

    def model_copy(self, *, update: Mapping[str, Any]) -> Self:
        """The same with these fields changed."""
        return msgspec.structs.replace(self, **update)

    def model_dump_json(self) -> str:
        """Its fields as JSON, in their own order."""
        return msgspec.json.encode(self).decode()

    def model_dump(self, *, mode: Literal["json", "python"] = "python") -> Any:  # noqa: ARG002 - as the model has it
        """The same as plain values."""
        return msgspec.json.decode(msgspec.json.encode(self))

    def __iter__(self) -> Iterator[tuple[str, Any]]:
        """Each field's name and value, as a model gives them."""
        return iter([(name, getattr(self, name)) for name in self.__struct_fields__])


def lean_reader(model: type[M]) -> Callable[[bytes], M]:
    """A reader of JSON that fits this model, giving an object with its fields, defaults and methods.

    What it gives is immutable too, but no pydantic model. Everything must be of the type that the model says, nothing
    is coerced, and least numbers hold; but of a choice between some words of a vocabulary every word is taken, and a
    time stands as it was written, in its own zone.

    Raises (the reader):
        msgspec.DecodeError: not JSON, or not of this model's shape.

    Raises:
        TypeError: the model checks something that its twin cannot.
    """
    return cast("Callable[[bytes], M]", msgspec.json.Decoder(_twin(model)).decode)


def lean_converter(model: type[M]) -> Callable[[object], M]:
    """The same for plain values, as a reader of JSON gives them.

    Raises (the converter):
        msgspec.ValidationError: not of this model's shape.
    """
    return cast("Callable[[object], M]", partial(msgspec.convert, type=_twin(model)))


@cache
def _twin(model: type[BaseModel]) -> type[msgspec.Struct]:
    fields: list[tuple[str, Any, Any]] = []
    default: Any
    for name, field in model.model_fields.items():
        if field.is_required():
            default = msgspec.NODEFAULT
        elif field.default_factory is not None:
            default = msgspec.field(default_factory=cast("Callable[[], Any]", field.default_factory))
        elif isinstance(field.default, BaseModel):
            default = msgspec.convert(field.default.model_dump(mode="json"), _twin(type(field.default)))
        else:
            default = field.default
        fields.append((name, _checked(_type(field.annotation), field.metadata), default))
    methods = {name: each for name, each in vars(model).items() if inspect.isfunction(each) and name[:2] != "__"}
    return msgspec.defstruct(
        model.__name__,
        fields,
        bases=(Lean,),
        namespace=methods,
        frozen=True,
        forbid_unknown_fields=True,
        kw_only=True,
        gc=False,
    )


def _type(annotation: Any) -> Any:
    """The same type, with the twin of every model in it."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return _twin(annotation)
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _checked(_type(parts[0]), parts[1:])
    if origin is Literal:
        return type(parts[0]) if isinstance(parts[0], Enum) else annotation
    if origin in {Union, UnionType, tuple, dict}:
        return (Union if origin is UnionType else origin)[tuple(map(_type, parts))]
    return annotation


def _checked(annotation: Any, marks: Iterable[object]) -> Any:
    """The type with what its marks check of every value."""
    for mark in marks:
        least = getattr(mark, "ge", None)
        if least is not None:
            annotation = Annotated[annotation, msgspec.Meta(ge=least)]
        elif isinstance(mark, AfterValidator) and annotation is datetime:
            annotation = Annotated[annotation, msgspec.Meta(tz=True)]
        elif not isinstance(mark, Category | CategoryFrom | WithJsonSchema):
            msg = f"a twin cannot check {type(mark).__name__}"
            raise TypeError(msg)
    return annotation
