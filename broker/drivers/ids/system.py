"""Identifiers and chance from the operating system."""

import secrets
import time

_MILLISECOND = 1_000_000


class SystemIds:
    """Makes what nobody can guess."""

    def new(self) -> str:
        """A fresh identifier: 32 lower-case hexadecimal digits, the first 12 of them the millisecond it was made.

        So what is made together stands together in every index, and adding it touches few of the index's pages. These
        identifiers stay within the exchange: what others are shown is named by a keyed hash.
        """
        return f"{time.time_ns() // _MILLISECOND:012x}{secrets.token_hex(10)}"

    def random(self, size: int) -> bytes:
        """``size`` random bytes."""
        return secrets.token_bytes(size)
