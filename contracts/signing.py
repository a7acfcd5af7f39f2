"""Signing: a detached JWS (RFC 7797 form, EdDSA) over RFC 8785 JSON of all attributes and the content's digest."""

import binascii
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from jwt.api_jws import PyJWS
from jwt.exceptions import PyJWTError

from contracts.canonical import canonical, canonical_fields, digest
from contracts.envelope import Envelope, SignedEvent
from contracts.errors import SignatureError

ALGORITHM = "EdDSA"
_HEADERS_KEPT = 1000
_NAMES = Envelope.model_fields.keys()
_JWS = PyJWS(algorithms=[ALGORITHM])


@dataclass(frozen=True, slots=True)
class PublicKeyEntry:
    """One registered key: whose it is, and from when until when it may sign."""

    keyid: str
    owner: str
    key: Ed25519PublicKey
    valid_from: datetime
    valid_to: datetime | None = None

    def is_valid_at(self, moment: datetime) -> bool:
        """Whether the key may sign at ``moment``."""
        return self.valid_from <= moment and (self.valid_to is None or moment < self.valid_to)


def sign_event(envelope: Envelope, data: bytes, key: Ed25519PrivateKey) -> SignedEvent:
    """Sign every attribute and the content's digest."""
    attributes = envelope.attributes()
    return SignedEvent(attributes, sign(_signed_part(attributes, data), key, keyid=envelope.keyid), data)


def verify_event(event: SignedEvent, key: Ed25519PublicKey) -> None:
    """Check that ``key`` signed exactly these attributes and this content.

    Raises:
        SignatureError: it did not.
    """
    try:
        signed = _signed_part(event.attributes, event.data)
    except ValueError as error:
        raise _does_not_fit() from error
    verify(signed, event.signature, key)


def sign(content: bytes, key: Ed25519PrivateKey, *, keyid: str) -> str:
    """Give a detached compact JWS over ``content``, byte for byte what PyJWT would give."""
    header = _header(keyid)
    return f"{header}..{_encoded(key.sign(header.encode() + b'.' + content))}"


def verify(content: bytes, signature: str, key: Ed25519PublicKey) -> None:
    """Check a detached compact JWS over ``content``.

    One that is written as ours are is checked here, because taking a JWS apart costs more than the signature; whatever
    else a JWS may be, PyJWT judges.

    Raises:
        SignatureError: the signature is missing, malformed, of another algorithm or does not fit.
    """
    header, _, encoded = signature.partition("..")
    signed = _decoded(encoded) if _is_as_ours(header) else None
    if signed is not None:
        try:
            key.verify(signed, header.encode() + b"." + content)
        except InvalidSignature as error:
            raise _does_not_fit() from error
        return
    if not signature:
        msg = "the message carries no signature"
        raise SignatureError(msg, code="signature.missing", remedy="sign it with the agency's registered key")
    try:
        _JWS.decode(signature, key, algorithms=[ALGORITHM], detached_payload=content)
    except (PyJWTError, ValueError) as error:
        raise _does_not_fit() from error


@lru_cache(maxsize=_HEADERS_KEPT)
def _header(keyid: str) -> str:
    fields = {"typ": "JWT", "alg": ALGORITHM, "kid": keyid, "b64": False, "crit": ["b64"]}
    return _encoded(json.dumps(fields, separators=(",", ":"), sort_keys=True).encode())


@lru_cache(maxsize=_HEADERS_KEPT)
def _is_as_ours(header: str) -> bool:
    """Whether a protected header is exactly what `sign` writes for the key that it names."""
    content = _decoded(header)
    try:
        keyid = json.loads(content or b"")["kid"]
        return isinstance(keyid, str) and _header(keyid) == header
    except (ValueError, RecursionError, TypeError, KeyError):
        return False


def _encoded(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()


def _decoded(text: str) -> bytes | None:
    """What `_encoded` wrote, or none where it never writes this."""
    try:
        content = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        return None
    return content if _encoded(content) == text else None


def _does_not_fit() -> SignatureError:
    msg = "the signature does not fit"
    return SignatureError(
        msg,
        code="signature.invalid",
        remedy="sign all attributes and the content's digest again, with the registered key",
    )


def _signed_part(attributes: Mapping[str, str], data: bytes) -> bytes:
    write = canonical_fields if attributes.keys() <= _NAMES else canonical
    return write({"attributes": dict(attributes), "digest": digest(data)})
