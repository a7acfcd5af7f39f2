"""A feed's sign of life: what the exchange shows as last heard."""

from typing import Annotated

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic import Field

from contracts.base import Instant, Model
from contracts.canonical import canonical
from contracts.signing import sign, verify

Count = Annotated[int, Field(ge=0, le=2**53 - 1)]


class Heartbeat(Model):
    """A small signed statement: the agency's feed is alive, and how its spool stands.

    ``kept_back`` is one number over all reasons, so that it tells nothing about any of them.
    ``sequences`` names the last number of each adapter in this incarnation; ``answered`` the one up to which the
    exchange has answered every event, so that it can tell what it has lost.
    """

    agency: str
    at: Instant
    incarnation: str
    sequences: dict[str, Count] = Field(default_factory=dict)
    answered: dict[str, Count] = Field(default_factory=dict)
    queued: Count = 0
    not_sent: Count = 0
    quarantined: Count = 0
    kept_back: Count = 0
    keyid: str
    signature: str = ""

    def signed_by(self, key: Ed25519PrivateKey) -> "Heartbeat":
        """The same heartbeat with its signature."""
        return self.model_copy(update={"signature": sign(self.content(), key, keyid=self.keyid)})

    def check(self, key: Ed25519PublicKey) -> None:
        """Check that ``key`` signed exactly this.

        Raises:
            SignatureError: it did not.
        """
        verify(self.content(), self.signature, key)

    def content(self) -> bytes:
        """The bytes that are signed."""
        return canonical(self.model_dump(mode="json", exclude={"signature"}))
