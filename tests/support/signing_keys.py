"""The signing keys and secrets of the tests; always the same, and worth nothing."""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from contracts.signing import PublicKeyEntry
from tests.support.event_parts import AGENCIES

KEYS_VALID_FROM = datetime(2026, 1, 1, tzinfo=UTC)


def key_of(owner: str) -> Ed25519PrivateKey:
    """The test signing key of an agency or recipient; always the same one."""
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(f"test key of {owner}".encode()).digest())


def keyid_of(owner: str) -> str:
    """The id of the test key of an agency or recipient."""
    return f"{owner}-2026"


@cache
def key_entry(owner: str) -> PublicKeyEntry:
    """The test key's row in the registry, valid from 1 January 2026."""
    return PublicKeyEntry(keyid_of(owner), owner, key_of(owner).public_key(), KEYS_VALID_FROM)


def key_registry(owners: tuple[str, ...] = AGENCIES) -> Mapping[str, PublicKeyEntry]:
    """The test keys of all agencies, by key id."""
    return {keyid_of(owner): key_entry(owner) for owner in owners}


def keyed_hash(owner: str, *parts: str) -> str:
    """The keyed hash an agency makes of its own references, 64 hexadecimal digits."""
    secret = f"test secret of {owner}".encode()
    return hmac.new(secret, "\x1f".join(parts).encode(), hashlib.sha256).hexdigest()
