"""Identifiers and chance."""

from typing import Protocol


class Ids(Protocol):
    """Makes what must not be guessable or must not repeat."""

    def new(self) -> str:
        """A fresh identifier: 32 lower-case hexadecimal digits, of which the first few tell it from others."""
        ...

    def in_order(self) -> str:
        """The same, sorting with what is made at the same time: for what is many, and named to nobody.

        So what is stored together stands together in every index.
        """
        ...

    def random(self, size: int) -> bytes:
        """``size`` random bytes: salts and nonces."""
        ...
