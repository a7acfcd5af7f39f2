"""A recipient's own keys: one to sign receipts, one to seal what it keeps. The exchange never sees either."""

import base64
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from contracts.canonical import digest
from contracts.errors import ContractError

NONCE_BYTES = 12


class RecipientKeyError(ContractError):
    """A recipient's key file cannot be used, or does not open what was kept under it."""

    codes: ClassVar[dict[str, str]] = {
        "recipient.key_unreadable": "The recipient's key file is missing or damaged.",
        "recipient.cannot_open": "Something kept by the recipient does not open under its key.",
    }


@dataclass(frozen=True, slots=True, repr=False)
class RecipientKeys:
    """The private keys of one recipient."""

    keyid: str
    signing: Ed25519PrivateKey
    sealing: bytes

    @property
    def public(self) -> Ed25519PublicKey:
        """What the exchange registers to check receipts."""
        return self.signing.public_key()

    def written(self) -> bytes:
        """The content of the key file."""
        content = {
            "keyid": self.keyid,
            "signing": base64.b64encode(self.signing.private_bytes_raw()).decode(),
            "sealing": base64.b64encode(self.sealing).decode(),
        }
        return json.dumps(content).encode()

    def renewed(self, recipient: str) -> "RecipientKeys":
        """The same with a new signing key. What is kept is sealed under the other, which stays."""
        signing = Ed25519PrivateKey.generate()
        keyid = f"{recipient}:{digest(signing.public_key().public_bytes_raw())[:16]}"
        return RecipientKeys(keyid, signing, self.sealing)


def create_keys(path: Path, keyid: str) -> RecipientKeys:
    """Make new keys and write them to ``path``, readable by the owner only."""
    keys = RecipientKeys(keyid, Ed25519PrivateKey.generate(), secrets.token_bytes(32))
    path.touch(mode=0o600, exist_ok=False)
    path.write_bytes(keys.written())
    return keys


def load_keys(path: Path) -> RecipientKeys:
    """Read keys back.

    Raises:
        RecipientKeyError: the file is missing or damaged.
    """
    try:
        content: Mapping[str, str] = json.loads(path.read_text(encoding="utf-8"))
        signing = Ed25519PrivateKey.from_private_bytes(base64.b64decode(content["signing"]))
        return RecipientKeys(content["keyid"], signing, base64.b64decode(content["sealing"]))
    except (OSError, ValueError, KeyError) as error:
        msg = f"the key file of recipient {path.parent.name} cannot be read"
        raise RecipientKeyError(
            msg, code="recipient.key_unreadable", path=path.name, remedy="restore it from its backup"
        ) from error


def seal(key: bytes, content: bytes, about: str) -> bytes:
    """Encrypt and authenticate ``content`` (AES-256-GCM), bound to ``about``."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, content, about.encode())


def unseal(key: bytes, sealed: bytes, about: str) -> bytes:
    """Open what ``seal`` gave.

    Raises:
        RecipientKeyError: another key, another ``about``, or changed bytes.
    """
    try:
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], about.encode())
    except InvalidTag as error:
        msg = "something kept by the recipient does not open"
        raise RecipientKeyError(
            msg, code="recipient.cannot_open", path=about, remedy="check that view.db and key belong together"
        ) from error
