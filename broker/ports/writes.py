"""Marks the port methods that change the world, so that a guard can list them."""

from collections.abc import Callable
from typing import TypeVar

Method = TypeVar("Method", bound=Callable[..., object])


def writes(method: Method) -> Method:
    """Mark a method of a port as one that writes.

    Only Journal, Ledger and Keys may carry the mark; a test reflects over the ports and compares.
    """
    method.__mash_writes__ = True  # type: ignore[attr-defined]
    return method
