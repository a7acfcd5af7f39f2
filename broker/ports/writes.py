"""Marks the few methods through which the world is changed, so that a test can list them all."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

MARK = "__mash_writes__"


def writes(method: Callable[P, R]) -> Callable[P, R]:
    """Mark a port's method as one that makes something durable.

    Only Journal, Ledger and Keys have such methods; tests/architecture reflects over the ports and fails if another
    has one, or if it finds no port.
    """
    setattr(method, MARK, True)
    return method
