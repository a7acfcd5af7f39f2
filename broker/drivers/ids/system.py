"""Identifiers and chance from the operating system."""

import secrets
import time

_MILLISECOND = 1_000_000


class SystemIds:
    """Makes what nobody can guess."""

    def new(self) -> str:
        """A fresh identifier: 32 lower-case hexadecimal digits."""
        return secrets.token_hex(16)

    def in_order(self) -> str:
        """The same, the first 12 digits being the millisecond in which it was made."""
        return f"{time.time_ns() // _MILLISECOND:012x}{secrets.token_hex(10)}"

    def random(self, size: int) -> bytes:
        """``size`` random bytes."""
        return secrets.token_bytes(size)
