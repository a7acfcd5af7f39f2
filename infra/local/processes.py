"""Every process of a partnership: its command and as whom it signs in to Kafka. One list for `make up` and Compose."""

from collections.abc import Iterable
from dataclasses import dataclass

from broker.core.process_kinds import ProcessKind

HUBS = 2


@dataclass(frozen=True, slots=True)
class Process:
    """One process. ``command``: what follows ``mash``; ``name`` is also its MASH_MEMBER.

    ``kind``: of the exchange's own, which need root key, database and OPA server.
    """

    name: str
    command: tuple[str, ...]
    user: str
    kind: ProcessKind | None = None


def processes(agencies: Iterable[str], recipients: Iterable[str], *, hubs: int = HUBS) -> tuple[Process, ...]:
    """Hubs, sequencer, release, each agency's side, each recipient's side."""
    return (
        *(
            Process(name, (kind,), kind, kind)
            for kind in ProcessKind
            for name in ([f"hub-{number}" for number in range(1, hubs + 1)] if kind is ProcessKind.HUB else [kind])
        ),
        *(Process(f"agency.{each}", ("adapter", each), f"agency.{each}") for each in agencies),
        *(Process(f"recipient.{each}", ("projector", each), f"recipient.{each}") for each in recipients),
    )
