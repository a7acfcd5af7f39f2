"""Identifiers and chance."""

from typing import Protocol


class Ids(Protocol):
    """Makes what must not be guessable or must not repeat."""

    def new(self) -> str:
        """A fresh identifier: 32 lower-case hexadecimal digits."""
        ...

    def random(self, size: int) -> bytes:
        """``size`` random bytes: salts and nonces."""
        ...
