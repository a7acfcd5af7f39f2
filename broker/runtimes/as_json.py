"""Plain values of what is shown to people, for machines."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from contracts.base import Model
from contracts.envelope import write_time
from contracts.lean import Lean


def plain(value: object) -> Any:
    """Turn values, models and collections into what JSON can hold; times in UTC."""
    match value:
        case Model() | Lean():
            return value.model_dump(mode="json")
        case Enum():
            return value.value
        case datetime():
            return write_time(value)
        case Mapping():
            return {str(plain(k)): plain(v) for k, v in value.items()}
        case tuple() | list() | frozenset() | set():
            return [plain(item) for item in value]
        case _ if is_dataclass(value) and not isinstance(value, type):
            return {f.name: plain(getattr(value, f.name)) for f in fields(value)}
        case _:
            return value
