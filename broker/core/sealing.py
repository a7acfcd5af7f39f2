"""Sealing content under a key, bound to what it is about."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from broker.core.errors import MashError

NONCE_SIZE = 12

Random = Callable[[int], bytes]


class SealBrokenError(MashError):
    """Sealed content cannot be opened."""

    codes: ClassVar[Mapping[str, str]] = {
        "seal.broken": "Sealed content was changed, is about something else, or is under another key.",
    }


def seal(key: bytes, content: bytes, *, nonce: bytes, about: str) -> bytes:
    """Seal ``content`` under a 32-byte ``key``: nonce, then AES-256-GCM, bound to ``about``.

    A nonce of 12 random bytes is used once. What is sealed about one thing does not open as about another.
    """
    return nonce + AESGCM(key).encrypt(nonce, content, about.encode())


def unseal(key: bytes, sealed: bytes, *, about: str) -> bytes:
    """Open what ``seal`` made.

    Raises:
        SealBrokenError: it was changed, is about something else, or is under another key.
    """
    try:
        return AESGCM(key).decrypt(sealed[:NONCE_SIZE], sealed[NONCE_SIZE:], about.encode())
    except (InvalidTag, TypeError, ValueError):
        msg = f"what was sealed about {about} cannot be opened"
        raise SealBrokenError(msg, remedy="compare with a backup; if the key was destroyed, it is gone") from None


@dataclass(frozen=True, slots=True)
class Sealer:
    """One key with a source of nonces, so that pure functions can seal what they learn."""

    key: bytes = field(repr=False)
    random: Random = field(repr=False)

    def seal(self, content: bytes, *, about: str) -> bytes:
        """Seal under this key with a fresh nonce."""
        return seal(self.key, content, nonce=self.random(NONCE_SIZE), about=about)

    def unseal(self, sealed: bytes, *, about: str) -> bytes:
        """Open under this key.

        Raises:
            SealBrokenError: it was changed, is about something else, or is under another key.
        """
        return unseal(self.key, sealed, about=about)
