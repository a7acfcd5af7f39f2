"""Content sealed to one reader's current key (JWE, ECDH-ES over X25519 with A256GCM), and the keys that open it."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar, Self

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from contracts.canonical import LARGEST_DELIVERY, digest
from contracts.envelope import write_time
from contracts.errors import ContractError

LARGEST_SEALED = LARGEST_DELIVERY * 3 // 2
"""Bytes of a message with its sealed content, which is a third larger than what was sealed."""
_ALGORITHMS = ("ECDH-ES", "A256GCM")
_REGISTRY = jwe.JWERegistry(algorithms=_ALGORITHMS)
_REGISTRY.max_ciphertext_length = LARGEST_SEALED  # joserfc reads 64 KiB unless it is told otherwise
_DOTS = 4

OPENS_FOR = timedelta(days=8)
"""How long a key still opens once another has replaced it: longer than any topic keeps content."""


class SealedError(ContractError):
    """Sealed content cannot be opened, or there is nobody's key to seal to."""

    codes: ClassVar[dict[str, str]] = {
        "sealed.unknown_key": "The content is sealed to a key that the reader does not have, or has no more.",
        "sealed.broken": "The sealed content was changed, or is no sealed content at all.",
        "sealed.no_reader": "No key is registered to which content for this reader could be sealed.",
        "sealed.keys_unreadable": "The file with the keys that open sealed content is damaged.",
    }


@dataclass(frozen=True, slots=True)
class ReaderKey:
    """The public half: whoever has it can seal to ``owner``."""

    keyid: str
    owner: str
    key: X25519PublicKey
    valid_from: datetime
    _imported: OKPKey = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Import the key once: that takes longer than to seal with it."""
        object.__setattr__(self, "_imported", _public(self.key))

    def seal(self, content: bytes) -> bytes:
        """Seal so that only the owner's own key opens it: a compact JWE."""
        header = {"alg": _ALGORITHMS[0], "enc": _ALGORITHMS[1], "kid": self.keyid}
        return jwe.encrypt_compact(header, content, self._imported, registry=_REGISTRY).encode("ascii")


@dataclass(frozen=True, slots=True)
class ReadingKey:
    """One private half, with the moment from which content is sealed to it."""

    keyid: str
    valid_from: datetime
    key: X25519PrivateKey = field(repr=False)
    _imported: OKPKey = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Import the key once: that takes as long as to open with it."""
        object.__setattr__(self, "_imported", _private(self.key))

    def open(self, sealed: bytes) -> bytes:
        """Open a compact JWE that was sealed to this key.

        Raises:
            SealedError: it was changed, or is not sealed at all.
        """
        try:
            opened = jwe.decrypt_compact(sealed, self._imported, registry=_REGISTRY).plaintext
        except (JoseError, LookupError, ValueError, TypeError):
            raise _broken() from None
        if opened is None:
            raise _broken()
        return opened


@dataclass(frozen=True, slots=True)
class ReadingKeys:
    """The private halves of one reader, oldest first: the last is current, the others still open what is on its way."""

    owner: str
    keys: tuple[ReadingKey, ...]

    @classmethod
    def fresh(cls, owner: str, *, now: datetime) -> Self:
        """One new key."""
        return cls(owner, (_new(owner, now),))

    @property
    def current(self) -> ReaderKey:
        """The public half of the current key."""
        last = self.keys[-1]
        return ReaderKey(last.keyid, self.owner, last.key.public_key(), last.valid_from)

    def renewed(self, *, now: datetime) -> Self:
        """With a new current key, and without those that were replaced eight days ago: these open nothing any more."""
        keys = (*self.keys, _new(self.owner, now))
        ends = [later.valid_from for later in keys[1:]]
        kept = tuple(key for key, end in zip(keys[:-1], ends, strict=True) if now < end + OPENS_FOR)
        return type(self)(self.owner, (*kept, keys[-1]))

    def open(self, sealed: bytes) -> bytes:
        """Open what was sealed to one of these keys.

        Raises:
            SealedError: it was sealed to another key, was changed, or is not sealed at all.
        """
        keyid = _sealed_to(sealed)
        found = next((each for each in self.keys if each.keyid == keyid), None)
        if found is None:
            msg = "the content is sealed to a key that is not here"
            remedy = "seal it to the reader's current key and send it again"
            raise SealedError(msg, code="sealed.unknown_key", remedy=remedy)
        return found.open(sealed)

    def written(self) -> bytes:
        """These keys as they stand in their owner's file."""
        rows = [
            {
                "keyid": each.keyid,
                "valid_from": write_time(each.valid_from),
                "key": base64.b64encode(each.key.private_bytes_raw()).decode(),
            }
            for each in self.keys
        ]
        return json.dumps({"owner": self.owner, "keys": rows}, indent=1).encode()

    @classmethod
    def read(cls, content: bytes) -> Self:
        """Read them back.

        Raises:
            SealedError: the content is damaged.
        """
        try:
            whole: Mapping[str, Any] = json.loads(content)
            keys = tuple(_read(row) for row in whole["keys"])
            owner, _ = str(whole["owner"]), keys[-1]
        except (LookupError, ValueError, TypeError, AttributeError):
            msg = "the file with the keys that open sealed content is damaged"
            raise SealedError(msg, code="sealed.keys_unreadable", remedy="restore it from its backup") from None
        return cls(owner, keys)


def _read(row: Mapping[str, str]) -> ReadingKey:
    key = X25519PrivateKey.from_private_bytes(base64.b64decode(row["key"]))
    return ReadingKey(row["keyid"], datetime.fromisoformat(row["valid_from"]), key)


def _new(owner: str, now: datetime) -> ReadingKey:
    key = X25519PrivateKey.generate()
    return ReadingKey(f"{owner}:{digest(key.public_key().public_bytes_raw())[:16]}", now.replace(microsecond=0), key)


def _sealed_to(sealed: bytes) -> str:
    """The key id in a compact JWE's header."""
    header, _, rest = sealed.partition(b".")
    if rest.count(b".") != _DOTS - 1:
        raise _broken()
    try:
        keyid = json.loads(base64.urlsafe_b64decode(header + b"=" * (-len(header) % 4)))["kid"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise _broken() from None
    return str(keyid)


def _public(key: X25519PublicKey) -> OKPKey:
    return OKPKey.import_key({"kty": "OKP", "crv": "X25519", "x": _encoded(key.public_bytes_raw())})


def _private(key: X25519PrivateKey) -> OKPKey:
    public, private = key.public_key().public_bytes_raw(), key.private_bytes_raw()
    return OKPKey.import_key({"kty": "OKP", "crv": "X25519", "x": _encoded(public), "d": _encoded(private)})


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _broken() -> SealedError:
    msg = "the sealed content cannot be opened"
    return SealedError(msg, code="sealed.broken", remedy="seal it again, whole, as a compact JWE")
