"""Reads again, several times faster, what was checked against a published model before it was kept."""

import inspect
from collections.abc import Callable
from enum import Enum
from functools import cache
from types import UnionType
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin

import msgspec
from pydantic import BaseModel

M = TypeVar("M", bound=BaseModel)


class Lean(msgspec.Struct, frozen=True):
    """What every twin of a published model is."""

    def model_dump_json(self) -> str:
        """Its fields as JSON, in their own order."""
        return msgspec.json.encode(self).decode()

    def model_dump(self, *, mode: Literal["json"]) -> Any:  # noqa: ARG002 - as the model has it
        """The same as plain values."""
        return msgspec.json.decode(msgspec.json.encode(self))


def lean_reader(model: type[M]) -> Callable[[bytes], M]:
    """A reader of JSON that this model wrote, giving an object with its fields, defaults and methods.

    What it gives is immutable too, but no pydantic model: it does not validate beyond types and names, so it is for
    bytes that were validated when they came and could not be changed since. Times are taken as they stand: in UTC.

    Raises (the reader):
        msgspec.DecodeError: not JSON, or not of this model's shape.
    """
    return cast("Callable[[bytes], M]", msgspec.json.Decoder(_twin(model)).decode)


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
        fields.append((name, _type(field.annotation), default))
    methods = {name: each for name, each in vars(model).items() if inspect.isfunction(each)}
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
    if origin is Literal:
        return type(parts[0]) if isinstance(parts[0], Enum) else annotation
    if origin in {Union, UnionType, tuple, dict}:
        return (Union if origin is UnionType else origin)[tuple(map(_type, parts))]
    return annotation
