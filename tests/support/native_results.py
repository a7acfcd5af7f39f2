"""What a made-up native file must come to, and how to say the same of what an adapter made of it."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from adapters.kit.records import (
    GaveEvents,
    KeptAtEdge,
    NativeRecord,
    NothingToTell,
    Quarantined,
    Reading,
    Snapshot,
    Unchanged,
)
from adapters.kit.snapshot import ReadingSnapshot
from contracts.payload import Payload

OBSERVED = datetime(2026, 3, 9, 9, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Expected:
    """One native record's result: ``gave``, ``nothing:<reason>``, ``unchanged`` or ``quarantined:<reason>``.

    ``events`` names each event by the noun and verb of its type, with the child's surname and birth date.
    """

    result: str
    events: tuple[tuple[str, str, date | None], ...] = ()
    flags: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class MadeFile:
    """A made-up file, what every native record in it must come to, and the faults put in on purpose."""

    content: bytes
    expected: tuple[Expected, ...]
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts over files: results, events by type, flags."""

    results: Counter[str] = field(default_factory=Counter)
    events: Counter[str] = field(default_factory=Counter)
    flags: Counter[str] = field(default_factory=Counter)

    def add(self, records: Iterable[Expected]) -> None:
        """Count what these records came to."""
        for record in records:
            self.results[record.result] += 1
            self.events.update(name for name, _, _ in record.events)
            self.flags.update(record.flags)


def a_reading(snapshot: Snapshot | None = None, settings: Mapping[str, str] | None = None) -> Reading:
    """What an adapter is told besides the bytes, at nine on the Monday morning."""
    return Reading(
        agency="wrenshire-example",
        name="example",
        observed=OBSERVED,
        snapshot=snapshot or ReadingSnapshot(),
        settings=settings or {},
    )


def came_to(record: NativeRecord) -> Expected:
    """Say what a native record came to, in the generators' words."""
    flags = frozenset(record.flags)
    match record.result:
        case GaveEvents(events):
            return Expected("gave", tuple(_named(event.payload) for event in events), flags)
        case NothingToTell(reason):
            return Expected(f"nothing:{reason}", (), flags)
        case Unchanged():
            return Expected("unchanged", (), flags)
        case Quarantined(reason=reason):
            return Expected(f"quarantined:{reason}", (), flags)
        case KeptAtEdge(code=code):
            return Expected(f"kept:{code}", (), flags)


def _named(payload: object) -> tuple[str, str, date | None]:
    assert isinstance(payload, Payload)
    name = ".".join(payload.event_type.split(".")[3:5])
    return name, payload.child.surname or "", payload.child.birth_date
