"""Finds the agencies' own side by name: the broker never imports an adapter."""

from collections.abc import Mapping
from importlib.metadata import entry_points
from pathlib import Path
from typing import ClassVar, Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from broker.core.errors import MashError
from broker.ports.feed import AgencyFeed
from contracts.words import AgencyKind

GROUP = "mash.agency"


class FeedError(MashError):
    """The agencies' side is not installed."""

    codes: ClassVar[Mapping[str, str]] = {"adapter.not_installed": "The package's adapters are not installed."}


class AgencySide(Protocol):
    """Makes and opens agencies' feeds; ``policy`` is the engine that is asked at the edge."""

    def create(self, home: Path, agency: str, kind: AgencyKind, settings: Mapping[str, str]) -> None:
        """Make an agency's folder with fresh keys; one that is there stays as it is."""
        ...

    def next_key(self, home: Path, agency: str) -> tuple[str, Ed25519PublicKey]:
        """The name and public half of the key that an agency will sign with next; made if there is none yet."""
        ...

    def use_next_key(self, home: Path, agency: str) -> None:
        """Let an agency sign with its next key from now on; a process that opened it goes on with the old one."""
        ...

    def open(self, home: Path, agency: str, policy: object) -> AgencyFeed:
        """Open an agency's feed."""
        ...


def agency_side() -> AgencySide:
    """The installed agencies' side.

    Raises:
        FeedError: the package is not installed (running from a bare checkout).
    """
    for entry in entry_points(group=GROUP):
        side: AgencySide = entry.load()
        return side
    msg = "the package's adapters are not installed"
    raise FeedError(msg, code="adapter.not_installed", remedy="install the package: pip install mash-broker")
