"""Signed notes (C2SP signed-note): a text, and signature lines by named keys below it."""

import base64
import binascii
import hmac
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import ClassVar, Protocol, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from broker.core.errors import MashError

KEY_ID_SIZE = 4
LARGEST_NOTE = 1_000_000
MOST_SIGNATURES = 100
ED25519 = b"\x01"
"""The signature type identifier of an Ed25519 signature."""

_DASH = "\u2014 "
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_NUMBER = re.compile(r"0|[1-9][0-9]{0,18}")
_NOT_IN_NAMES = re.compile(r"[\s+\x00-\x1f]")
_VERIFIER_KEY_PARTS = 3


class NoteError(MashError):
    """A signed note or a key for one cannot be read, or no known key signed it."""

    codes: ClassVar[dict[str, str]] = {
        "note.malformed": "The text is not a signed note.",
        "note.key_malformed": "The text is not a verifier key, or its parts do not belong together.",
        "note.unsigned": "No key that is known here signed the note.",
        "note.signature_invalid": "A known key's signature does not fit the text.",
    }


class NoteVerifier(Protocol):
    """A key that is known and trusted: its name, its id, and how its signatures are checked."""

    @property
    def name(self) -> str:
        """Return the key's name as it stands in signature lines."""
        ...

    @property
    def key_id(self) -> bytes:
        """Return the four bytes that, with the name, tell this key and its algorithm from others."""
        ...

    def is_valid(self, text: bytes, signature: bytes) -> bool:
        """Tell whether this key made that signature of that note text."""
        ...


class NoteSigner(Protocol):
    """A key that signs notes."""

    @property
    def name(self) -> str:
        """Return the key's name as it stands in signature lines."""
        ...

    @property
    def key_id(self) -> bytes:
        """Return the four bytes that, with the name, tell this key and its algorithm from others."""
        ...

    def sign(self, text: bytes) -> bytes:
        """Return the signature of a note text, without the key id."""
        ...


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """One signature line."""

    name: str
    key_id: bytes
    signature: bytes

    def line(self) -> str:
        """Return the line as it stands in the note, with its newline."""
        return f"{_DASH}{self.name} {encode(self.key_id + self.signature)}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """A text and its signatures; the text means nothing until a trusted key's signature was verified."""

    text: str
    signatures: tuple[NoteSignature, ...]

    def __str__(self) -> str:
        return f"{self.text}\n{''.join(each.line() for each in self.signatures)}"


@dataclass(frozen=True, slots=True)
class Ed25519Verifier:
    """A public Ed25519 key under a name (signed-note, "Verifier keys")."""

    name: str
    public_key: bytes

    def __post_init__(self) -> None:
        check_name(self.name)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a verifier key: name, key id in hex and type with public key in base64, joined by plus signs.

        Raises:
            NoteError: it is not one, not of type Ed25519, or its id does not belong to its key.
        """
        parts = text.strip().split("+", _VERIFIER_KEY_PARTS - 1)
        if len(parts) == _VERIFIER_KEY_PARTS:
            name, key_id, key = parts[0], parts[1], decode(parts[2])
            if key is not None and key[:1] == ED25519 and len(key) == 1 + 32:
                verifier = cls(name, key[1:])
                if verifier.key_id.hex() == key_id:
                    return verifier
        msg = "the text is not an Ed25519 verifier key"
        raise NoteError(msg, code="note.key_malformed", remedy="copy the whole line: name+id+key")

    @property
    def key_id(self) -> bytes:
        """Return the recommended id: the first bytes of a hash over name, type and key."""
        return sha256(self.name.encode() + b"\n" + ED25519 + self.public_key).digest()[:KEY_ID_SIZE]

    def is_valid(self, text: bytes, signature: bytes) -> bool:
        """Tell whether this key made that signature of that note text."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public_key).verify(signature, text)
        except (InvalidSignature, ValueError):
            return False
        return True

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{encode(ED25519 + self.public_key)}"


class Ed25519Signer:
    """A private Ed25519 key under a name."""

    def __init__(self, name: str, private_key: bytes) -> None:
        """Take the key's 32 secret bytes; they are in no text this object gives."""
        self._key = Ed25519PrivateKey.from_private_bytes(private_key)
        self.verifier = Ed25519Verifier(name, self._key.public_key().public_bytes_raw())
        self._key_id = self.verifier.key_id

    @property
    def name(self) -> str:
        """Return the key's name as it stands in signature lines."""
        return self.verifier.name

    @property
    def key_id(self) -> bytes:
        """Return the key's id as it stands in signature lines."""
        return self._key_id

    def sign(self, text: bytes) -> bytes:
        """Return the signature of a note text, without the key id."""
        return self._key.sign(text)

    def is_valid(self, text: bytes, signature: bytes) -> bool:
        """Tell whether this key made that signature, by making it again: a text has only one (RFC 8032).

        Three times as fast as verifying with the public half.
        """
        return hmac.compare_digest(self._key.sign(text), signature)


def encode(content: bytes) -> str:
    """Return standard base64 (RFC 4648, section 4)."""
    return base64.b64encode(content).decode("ascii")


def decode(text: str) -> bytes | None:
    """Return what a standard base64 text stands for, or nothing unless it is exactly that content's one encoding."""
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return content if encode(content) == text else None


def read_number(text: str) -> int | None:
    """Return the number that an ASCII decimal below 2**63 without leading zeroes stands for, or nothing."""
    if not _NUMBER.fullmatch(text) or int(text) >= 1 << 63:
        return None
    return int(text)


def check_name(name: str) -> None:
    """Check a key's name: not empty, without Unicode spaces and plus signs.

    Raises:
        NoteError: it is not such a name.
    """
    if not name or _NOT_IN_NAMES.search(name):
        msg = "a key's name must not be empty nor hold a space or a plus sign"
        raise NoteError(msg, code="note.key_malformed", remedy="name it like a web address: example.org/log")


def sign_note(text: str, signers: Sequence[NoteSigner]) -> Note:
    """Return the text with the signatures of these keys below it.

    Raises:
        NoteError: the text does not end in a newline, or holds control characters.
    """
    _check_text(text)
    content = text.encode()
    return Note(text, tuple(NoteSignature(each.name, each.key_id, each.sign(content)) for each in signers))


def parse_note(content: str | bytes) -> Note:
    """Read a signed note, proving nothing yet.

    Raises:
        NoteError: it is not one, or is larger than any we read.
    """
    text = _text_of(content)
    body, gap, lines = text.rpartition("\n\n")
    if not gap or not lines.endswith("\n"):
        raise _malformed(why="it has no blank line before its signatures")
    signatures = [_signature(line) for line in lines[:-1].split("\n")]
    if len(signatures) > MOST_SIGNATURES:
        raise _malformed(why=f"it has more than {MOST_SIGNATURES} signatures")
    _check_text(body + "\n")
    return Note(body + "\n", tuple(signatures))


def open_note(content: str | bytes, verifiers: Iterable[NoteVerifier]) -> tuple[Note, tuple[NoteVerifier, ...]]:
    """Read a signed note and return it with the known keys that signed it, at least one.

    What is proved: (1) the note is well formed; (2) every signature by a known key fits the text; (3) there is one.
    Signatures by unknown keys are passed over, even where name or id, but not both, is a known one.

    Raises:
        NoteError: any of the three is not so.
    """
    note = parse_note(content)  # (1)
    known = {(each.name, each.key_id): each for each in verifiers}
    signed: dict[tuple[str, bytes], NoteVerifier] = {}
    for signature in note.signatures:
        key = (signature.name, signature.key_id)
        if key not in known:
            continue
        if not known[key].is_valid(note.text.encode(), signature.signature):  # (2)
            msg = f"the signature by {signature.name} does not fit the note"
            raise NoteError(msg, code="note.signature_invalid", remedy="do not use it; ask its sender")
        signed[key] = known[key]
    if not signed:  # (3)
        by = ", ".join(f"{each.name}+{each.key_id.hex()}" for each in note.signatures)
        msg = f"no known key signed the note; it carries signatures by {by}"
        raise NoteError(msg, code="note.unsigned", remedy="check that the verifier key is the log's")
    return note, tuple(signed.values())


def _text_of(content: str | bytes) -> str:
    if len(content) > LARGEST_NOTE:
        raise _malformed(why=f"it is larger than {LARGEST_NOTE} bytes")
    if isinstance(content, str):
        return content
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        raise _malformed(why="it is not UTF-8") from None


def _check_text(text: str) -> None:
    if not text.endswith("\n"):
        raise _malformed(why="its text does not end in a newline")
    if _CONTROL.search(text):
        raise _malformed(why="its text holds control characters")


def _signature(line: str) -> NoteSignature:
    name, gap, encoded = line.removeprefix(_DASH).partition(" ")
    content = decode(encoded) if line.startswith(_DASH) and gap else None
    if content is None or len(content) <= KEY_ID_SIZE:
        raise _malformed(why="a signature line cannot be read")
    try:
        check_name(name)
    except NoteError:
        raise _malformed(why="a signature line names no key") from None
    return NoteSignature(name, content[:KEY_ID_SIZE], content[KEY_ID_SIZE:])


def _malformed(*, why: str) -> NoteError:
    return NoteError(f"the text is not a signed note: {why}", code="note.malformed", remedy="take the whole file")
