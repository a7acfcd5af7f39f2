"""Identifiers and chance from the operating system."""

import os
import time

_MILLISECOND = 1_000_000


class SystemIds:
    """Makes what nobody can guess."""

    def new(self) -> str:
        """A fresh identifier: 32 lower-case hexadecimal digits."""
        return os.urandom(16).hex()

    def in_order(self) -> str:
        """The same, the first 12 digits being the millisecond in which it was made."""
        return f"{time.time_ns() // _MILLISECOND:012x}{os.urandom(10).hex()}"

    def random(self, size: int) -> bytes:
        """``size`` random bytes."""
        return os.urandom(size)
