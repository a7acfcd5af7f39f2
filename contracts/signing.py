"""Signing: a detached JWS (RFC 7797 form, EdDSA) over RFC 8785 JSON of all attributes and the content's digest."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from jwt.api_jws import PyJWS
from jwt.exceptions import PyJWTError

from contracts.canonical import canonical, digest
from contracts.envelope import Envelope, SignedEvent
from contracts.errors import SignatureError

ALGORITHM = "EdDSA"
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
    """Give a detached compact JWS over ``content``."""
    return _JWS.encode(
        content,
        key,
        algorithm=ALGORITHM,
        headers={"kid": keyid, "b64": False, "crit": ["b64"]},
        is_payload_detached=True,
    )


def verify(content: bytes, signature: str, key: Ed25519PublicKey) -> None:
    """Check a detached compact JWS over ``content``.

    Raises:
        SignatureError: the signature is missing, malformed, of another algorithm or does not fit.
    """
    if not signature:
        msg = "the message carries no signature"
        raise SignatureError(msg, code="signature.missing", remedy="sign it with the agency's registered key")
    try:
        _JWS.decode(signature, key, algorithms=[ALGORITHM], detached_payload=content)
    except (PyJWTError, ValueError) as error:
        raise _does_not_fit() from error


def _does_not_fit() -> SignatureError:
    msg = "the signature does not fit"
    return SignatureError(
        msg,
        code="signature.invalid",
        remedy="sign all attributes and the content's digest again, with the registered key",
    )


def _signed_part(attributes: Mapping[str, str], data: bytes) -> bytes:
    return canonical({"attributes": dict(attributes), "digest": digest(data)})
