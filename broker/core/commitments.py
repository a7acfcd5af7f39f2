"""Leaves that show nothing: a minute and two commitments, each opened by its salt and its content."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, ClassVar

from broker.core.errors import MashError
from broker.core.note import decode, encode
from contracts.canonical import canonical, read_json_object
from contracts.errors import ContractError

VERSION = 1
SALT_SIZE = 32
COMMITMENT_SIZE = 32
_MINUTE = "%Y-%m-%dT%H:%MZ"
_MOMENTS_KEPT = 100


class CommitmentError(MashError):
    """A leaf cannot be read, or content does not open it."""

    codes: ClassVar[dict[str, str]] = {
        "leaf.malformed": "The bytes are not a leaf of this ledger.",
        "leaf.not_opened": "The content and its salt do not open the leaf: one of them was changed.",
        "leaf.salt_malformed": "A salt is not 32 bytes.",
    }


@dataclass(frozen=True, slots=True)
class Opening:
    """What opens a commitment: the salt, secret until it is shown, and the content, any JSON value."""

    salt: bytes = field(repr=False)
    content: Mapping[str, Any] = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse a salt that is too short to hide anything."""
        if len(self.salt) != SALT_SIZE:
            msg = f"a salt has {len(self.salt)} bytes and needs {SALT_SIZE}"
            raise CommitmentError(msg, code="leaf.salt_malformed", remedy="take the salt as it was stored")

    def commitment(self) -> bytes:
        """Return HMAC-SHA256 under the salt over the content as RFC 8785 JSON."""
        return hmac.digest(self.salt, canonical(self.content), "sha256")


@dataclass(frozen=True, slots=True)
class Leaf:
    """What one record shows to everybody: the minute it was written, and two commitments."""

    at: datetime
    disclosed: bytes
    internal: bytes

    def __bytes__(self) -> bytes:
        """Return the leaf's bytes; they are frozen when the record is written.

        They are RFC 8785 JSON, put together by hand, because nothing in them needs escaping or sorting.
        """
        at = _minute(self.at)
        disclosed, internal = encode(self.disclosed), encode(self.internal)
        return f'{{"at":"{at}","disclosed":"{disclosed}","internal":"{internal}","v":{VERSION}}}'.encode()


@lru_cache(maxsize=_MOMENTS_KEPT)
def _minute(at: datetime) -> str:
    return at.astimezone(UTC).strftime(_MINUTE)


def make_leaf(disclosed: Opening, internal: Opening, *, at: datetime) -> bytes:
    """Return the bytes of the leaf that commits to both parts of a record written ``at`` that minute."""
    return bytes(Leaf(at, disclosed.commitment(), internal.commitment()))


def read_leaf(content: bytes) -> Leaf:
    """Read a leaf's bytes.

    Raises:
        CommitmentError: they are not exactly what this ledger writes.
    """
    try:
        shown = dict(read_json_object(content))
        leaf = Leaf(
            datetime.strptime(shown["at"], _MINUTE).replace(tzinfo=UTC),
            decode(shown["disclosed"]) or b"",
            decode(shown["internal"]) or b"",
        )
    except (ContractError, KeyError, TypeError, ValueError):
        raise _malformed() from None
    sizes = {len(leaf.disclosed), len(leaf.internal)}
    if sizes != {COMMITMENT_SIZE} or bytes(leaf) != content:
        raise _malformed()
    return leaf


def check_opens(commitment: bytes, opening: Opening) -> None:
    """Check that the opening is what was committed to.

    Raises:
        CommitmentError: its salt or content is another.
    """
    if not hmac.compare_digest(opening.commitment(), commitment):
        msg = "the content does not open the leaf"
        raise CommitmentError(msg, code="leaf.not_opened", remedy="one was changed; compare with the recipient's copy")


def order_key(log_secret: bytes, record_id: str) -> bytes:
    """Return where a record stands within its group: nobody without the secret can tell why."""
    return hmac.digest(log_secret, record_id.encode(), "sha256")


def _malformed() -> CommitmentError:
    msg = "the bytes are not a leaf of this ledger"
    return CommitmentError(msg, code="leaf.malformed", remedy="take the leaf as it was stored or delivered")
