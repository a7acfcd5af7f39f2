"""The public keys that a proof is checked with, as a file that a partner keeps: the log's, and recipients'."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from broker.core.errors import MashError
from broker.core.note import Ed25519Verifier, NoteError

LOG, RECIPIENT = "log", "recipient"
HEADER = "# Public keys to check proofs with. Take them from somebody you trust, not from whoever hands you a proof.\n"


class PublicKeysError(MashError):
    """The file of public keys cannot be used."""

    codes: ClassVar[dict[str, str]] = {
        "public_keys.malformed": "A line of the file of public keys cannot be read, or there is no key of a log in it."
    }


@dataclass(frozen=True, slots=True)
class RecipientKey:
    """A recipient's key for receipts; its name is the key's name in the receipt."""

    recipient: str
    key: Ed25519Verifier

    def public(self) -> Ed25519PublicKey:
        """Return the key as receipts are checked with it."""
        return Ed25519PublicKey.from_public_bytes(self.key.public_key)


@dataclass(frozen=True, slots=True)
class PublicKeys:
    """The keys of logs, and of recipients. A recipient's key never counts as a log's."""

    logs: tuple[Ed25519Verifier, ...]
    recipients: tuple[RecipientKey, ...] = ()

    def text(self) -> str:
        """Return the file: a line for each key."""
        lines = [f"{LOG} {each}\n" for each in self.logs]
        lines += [f"{RECIPIENT} {each.recipient} {each.key}\n" for each in self.recipients]
        return HEADER + "".join(lines)

    def of_recipient(self, recipient: str, keyid: str) -> Ed25519PublicKey | None:
        """Return the recipient's key of that name, or none."""
        for each in self.recipients:
            if (each.recipient, each.key.name) == (recipient, keyid):
                return each.public()
        return None


def parse_public_keys(text: str) -> PublicKeys:
    """Read the file. Empty lines, and lines that begin with ``#``, say nothing.

    Raises:
        PublicKeysError: a line is neither a log's nor a recipient's key, or no log's key is there.
    """
    found = list(_read(text))
    logs = tuple(key for owner, key in found if not owner)
    if not logs:
        raise _malformed(why="it holds no key of a log")
    return PublicKeys(logs, tuple(RecipientKey(owner, key) for owner, key in found if owner))


def _read(text: str) -> Iterator[tuple[str, Ed25519Verifier]]:
    """Yield (recipient, empty for a log; key)."""
    for number, line in enumerate(text.splitlines(), 1):
        match line.split():
            case []:
                continue
            case [first, *_] if first.startswith("#"):
                continue
            case ["log", key]:
                yield "", _key(key, number)
            case ["recipient", owner, key]:
                yield owner, _key(key, number)
            case _:
                raise _malformed(why=f"line {number} is neither `log KEY` nor `recipient ID KEY`")


def _key(text: str, number: int) -> Ed25519Verifier:
    try:
        return Ed25519Verifier.parse(text)
    except NoteError as error:
        raise _malformed(why=f"line {number} holds no key") from error


def _malformed(*, why: str) -> PublicKeysError:
    msg = f"the file of public keys cannot be used: {why}; nothing was checked"
    return PublicKeysError(msg, code="public_keys.malformed", remedy="make it anew with: mash ledger keys")
