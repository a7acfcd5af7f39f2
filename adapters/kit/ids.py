"""Keyed identifiers: nobody without the agency's secret can guess content from them, or join them."""

import hashlib
import hmac

from contracts.canonical import canonical

DIGITS = 64


def keyed(secret: bytes, purpose: str, *parts: str) -> str:
    """HMAC-SHA256 under ``secret`` of ``purpose`` and ``parts``, as 64 hexadecimal digits.

    The parts are written as one JSON array first, so that no two lists of parts read alike.
    """
    return hmac.new(secret, canonical([purpose, *parts]), hashlib.sha256).hexdigest()


def derived_key(secret: bytes, purpose: str) -> bytes:
    """A key of 32 bytes for one purpose, derived from the agency's secret."""
    return hmac.new(secret, canonical(["key", purpose]), hashlib.sha256).digest()


def event_id(
    secret: bytes, *, agency: str, event_type: str, native_key: str, native_version: str, child_ref: str
) -> str:
    """The event's id: the same native record, revision, type and child always give the same one."""
    return keyed(secret, "event", agency, event_type, native_key, native_version, child_ref)


def subject(secret: bytes, child_ref: str) -> str:
    """The envelope's subject: stands for the agency's own id of the child."""
    return keyed(secret, "subject", child_ref)


def raw_hash(secret: bytes, raw: bytes) -> str:
    """The keyed digest of the native record's bytes, or of what stands for them."""
    return keyed(secret, "raw", hashlib.sha256(raw).hexdigest())


def incident(secret: bytes, incident_ref: str) -> str:
    """The keyed name of an incident; it links the events of one incident and no more."""
    return keyed(secret, "incident", incident_ref)
