"""The registry of keys that agencies sign with."""

from typing import Protocol

from contracts.signing import PublicKeyEntry


class AgencyKeys(Protocol):
    """Knows whose each signing key is, and from when until when it may sign."""

    def key(self, keyid: str) -> PublicKeyEntry | None:
        """The key of that name, valid now or not; none where it was never registered."""
        ...
