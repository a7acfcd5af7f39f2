"""Identifiers and chance from the operating system."""

import secrets


class SystemIds:
    """Makes what nobody can guess."""

    def new(self) -> str:
        """A fresh identifier: 32 lower-case hexadecimal digits."""
        return secrets.token_hex(16)

    def random(self, size: int) -> bytes:
        """``size`` random bytes."""
        return secrets.token_bytes(size)
