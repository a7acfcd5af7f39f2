"""Sealing what an agency keeps: AES-256-GCM, each sealed thing bound to what it is."""

import os
import secrets
import struct
from collections.abc import Iterator
from typing import BinaryIO, ClassVar

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from adapters.kit.errors import QuarantineError
from contracts.errors import ContractError

KEY_BYTES = 32
NONCE_BYTES = 12
CHUNK = 1024 * 1024
_MAGIC = b"MASHSEAL1\n"
_PREFIX_BYTES = 8
_LENGTH = struct.Struct(">IB")


class DamagedSealError(ContractError):
    """A sealed value is damaged, or was sealed under another key or as another thing."""

    codes: ClassVar[dict[str, str]] = {"seal.damaged": "A sealed value does not open under this key."}


def seal(key: bytes, plain: bytes, about: str) -> bytes:
    """Seal ``plain`` so that it opens only with ``key`` and as ``about``."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, about.encode())


def unseal(key: bytes, sealed: bytes, about: str) -> bytes:
    """Open what :func:`seal` made.

    Raises:
        DamagedSealError: it does not open.
    """
    try:
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], about.encode())
    except (InvalidTag, ValueError):
        msg = "a sealed value does not open"
        raise DamagedSealError(msg, code="seal.damaged", remedy="check that the secret is the agency's own") from None


def new_key() -> bytes:
    """A fresh random key."""
    return secrets.token_bytes(KEY_BYTES)


def seal_stream(key: bytes, source: BinaryIO, target: BinaryIO, about: str) -> None:
    """Seal a file of any size, a mebibyte at a time; order and end are sealed with it."""
    cipher = AESGCM(key)
    prefix = os.urandom(_PREFIX_BYTES)
    target.write(_MAGIC + prefix)
    chunk = source.read(CHUNK)
    number = 0
    while True:
        following = source.read(CHUNK)
        is_last = not following
        sealed = cipher.encrypt(_nonce(prefix, number), chunk, _bound(about, is_last=is_last))
        target.write(_LENGTH.pack(len(sealed), is_last) + sealed)
        if is_last:
            return
        chunk, number = following, number + 1


def unseal_stream(key: bytes, source: BinaryIO, about: str) -> Iterator[bytes]:
    """Yield the pieces of a sealed file.

    Raises:
        QuarantineError: the file is damaged, cut short, or sealed under another key.
    """
    if source.read(len(_MAGIC)) != _MAGIC:
        raise _damaged()
    cipher = AESGCM(key)
    prefix = source.read(_PREFIX_BYTES)
    number = 0
    is_last = False
    while not is_last:
        head = source.read(_LENGTH.size)
        if len(head) != _LENGTH.size:
            raise _damaged()
        length, is_last = _LENGTH.unpack(head)
        try:
            yield cipher.decrypt(_nonce(prefix, number), source.read(length), _bound(about, is_last=bool(is_last)))
        except (InvalidTag, ValueError):
            raise _damaged() from None
        number += 1


def _nonce(prefix: bytes, number: int) -> bytes:
    return prefix + number.to_bytes(NONCE_BYTES - _PREFIX_BYTES, "big")


def _bound(about: str, *, is_last: bool) -> bytes:
    return f"{about}|{'last' if is_last else 'more'}".encode()


def _damaged() -> QuarantineError:
    msg = "a sealed file does not open"
    return QuarantineError(
        msg,
        code="quarantine.damaged",
        remedy="ask the sender for the file again; check that the secret is the agency's own",
    )
