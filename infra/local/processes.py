"""Every process of a partnership: its command and as whom it signs in to Kafka. One list for `make up` and Compose."""

from collections.abc import Iterable
from dataclasses import dataclass

HUBS = 2
EXCHANGE = ("hub", "sequencer", "release")
"""Users of the exchange's own processes, which open its stores."""


@dataclass(frozen=True, slots=True)
class Process:
    """One process. ``command``: what follows ``mash``; ``name`` is also its MASH_MEMBER."""

    name: str
    command: tuple[str, ...]
    user: str

    @property
    def opens_stores(self) -> bool:
        """Whether it is the exchange's own, and so needs root key, database and OPA server."""
        return self.user in EXCHANGE


def processes(agencies: Iterable[str], recipients: Iterable[str]) -> tuple[Process, ...]:
    """Hubs, sequencer, release, each agency's side, each recipient's side."""
    return (
        *(Process(f"hub-{number}", ("hub",), "hub") for number in range(1, HUBS + 1)),
        *(Process(name, (name,), name) for name in ("sequencer", "release")),
        *(Process(f"agency.{each}", ("adapter", each), f"agency.{each}") for each in agencies),
        *(Process(f"recipient.{each}", ("projector", each), f"recipient.{each}") for each in recipients),
    )
