"""A feed's sign of life: what the exchange shows as last heard."""

from datetime import datetime
from typing import Annotated, Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import Field

from adapters.kit.agency import Agency
from adapters.kit.spool import Spool
from contracts.base import Instant, Model
from contracts.canonical import canonical
from contracts.signing import sign, verify

Count = Annotated[int, Field(ge=0)]


class Heartbeat(Model):
    """A small signed statement: the agency's feed is alive, and how its spool stands.

    ``kept_back`` is one number over all reasons, so that it tells nothing about any of them.
    ``sequences`` names the last number of each adapter in this incarnation.
    """

    agency: str
    at: Instant
    incarnation: str
    sequences: dict[str, int] = Field(default_factory=dict)
    queued: Count = 0
    not_sent: Count = 0
    quarantined: Count = 0
    kept_back: Count = 0
    keyid: str
    signature: str = ""

    @classmethod
    def of(cls, agency: Agency, spool: Spool, *, now: datetime) -> Self:
        """The agency's signed heartbeat at ``now``."""
        stands = spool.summary(now=now)
        beat = cls(
            agency=agency.id,
            at=now,
            incarnation=stands.incarnation,
            sequences=dict(stands.sequences),
            queued=stands.queued,
            not_sent=stands.not_sent,
            quarantined=stands.quarantined,
            kept_back=sum(stands.refusals.values()),
            keyid=agency.keyid,
        )
        return beat.model_copy(update={"signature": sign(beat.content(), agency.key, keyid=agency.keyid)})

    def check(self, key: Ed25519PublicKey) -> None:
        """Check that ``key`` signed exactly this.

        Raises:
            SignatureError: it did not.
        """
        verify(self.content(), self.signature, key)

    def content(self) -> bytes:
        """The bytes that are signed."""
        return canonical(self.model_dump(mode="json", exclude={"signature"}))
