"""An agency's side, as the embedded runtime runs it: its spool, its inbox folder, its replies."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from contracts.envelope import SignedEvent
from contracts.heartbeat import Heartbeat
from contracts.reply import Reply
from contracts.words import AgencyId


class FileSummary(Protocol):
    """What became of one native file. The parts add up to ``records``; flags are counted apart."""

    @property
    def counts(self) -> Mapping[str, int]:
        """Native records by what each came to, with ``records`` and ``events``."""
        ...

    def as_json(self) -> Mapping[str, object]:
        """The whole summary: counts, reasons, flags, problems with their positions. Nothing personal."""
        ...


class AgencyFeed(Protocol):
    """One agency's adapter side: reads native files, signs, numbers and spools events."""

    @property
    def agency(self) -> AgencyId:
        """Whose feed this is."""
        ...

    @property
    def keyid(self) -> str:
        """The name of the key it signs with."""
        ...

    @property
    def public_key(self) -> Ed25519PublicKey:
        """What the exchange registers to check its signatures."""
        ...

    def ingest(self, path: Path, *, kind: str, now: datetime) -> FileSummary:
        """Read one native file, apply the edge policy, number, sign and spool its events; archive the file."""
        ...

    def inbox(self) -> Sequence[tuple[Path, str]]:
        """Files waiting in the agency's inbox folder, oldest first, each with its kind."""
        ...

    def pending(self, limit: int) -> Sequence[SignedEvent]:
        """Spooled events that are not acknowledged, in order of their numbers."""
        ...

    def hand_back(self, replies: Sequence[Reply], *, now: datetime) -> None:
        """Take replies, all or none: an accepted, held or refused event leaves the spool's waiting list."""
        ...

    def heartbeat(self, now: datetime) -> Heartbeat:
        """The feed's signed sign of life."""
        ...

    def tidy(self, now: datetime) -> None:
        """Destroy what has been kept for as long as it may be: old quarantine, content acknowledged long ago."""
        ...

    def not_sent(self, now: datetime) -> Sequence[str]:
        """Ids of red events spooled for ten minutes without an answer: "NOT SENT: ring the front door"."""
        ...

    def close(self) -> None:
        """Let go of files."""
        ...
