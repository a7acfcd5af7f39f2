"""The counts of one file, which must add up."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from adapters.kit.errors import SummaryError
from adapters.kit.records import GaveEvents, KeptAtEdge, NativeRecord, NothingToTell, Quarantined, Unchanged


@dataclass(frozen=True, slots=True)
class FileSummary:
    """How many native records a file held, and what each came to.

    ``gave`` counts records that gave events, ``events`` those events by type. ``nothing``, ``kept`` and
    ``quarantined`` count records by reason. ``flags`` count records by quality flag, apart from results.
    """

    kind: str
    records: int
    gave: int = 0
    unchanged: int = 0
    nothing: Mapping[str, int] = field(default_factory=dict)
    kept: Mapping[str, int] = field(default_factory=dict)
    quarantined: Mapping[str, int] = field(default_factory=dict)
    events: Mapping[str, int] = field(default_factory=dict)
    flags: Mapping[str, int] = field(default_factory=dict)

    @property
    def accounted_for(self) -> int:
        """How many records have a result."""
        by_reason = (self.nothing, self.kept, self.quarantined)
        return self.gave + self.unchanged + sum(sum(counts.values()) for counts in by_reason)

    def check(self) -> None:
        """Check that every record is accounted for.

        Raises:
            SummaryError: it is not.
        """
        if self.accounted_for != self.records:
            msg = f"{self.records} native records were read and {self.accounted_for} are accounted for"
            raise SummaryError(
                msg,
                code="summary.does_not_add_up",
                remedy="report this: it is a fault of the adapter",
            )

    def as_json(self) -> dict[str, object]:
        """The counts as plain values, for a machine to read."""
        return {
            "kind": self.kind,
            "records": self.records,
            "gave": self.gave,
            "events": dict(sorted(self.events.items())),
            "nothing_to_tell": dict(sorted(self.nothing.items())),
            "unchanged": self.unchanged,
            "kept_at_edge": dict(sorted(self.kept.items())),
            "quarantined": dict(sorted(self.quarantined.items())),
            "flags": dict(sorted(self.flags.items())),
        }


def summarise(kind: str, records: Iterable[NativeRecord]) -> FileSummary:
    """Count the records of one file. Events told in place of a record kept back count as events too."""
    counts: dict[str, Counter[str]] = {
        name: Counter() for name in ("nothing", "kept", "quarantined", "events", "flags")
    }
    total = gave = unchanged = 0
    for record in records:
        total += 1
        counts["flags"].update(record.flags)
        match record.result:
            case GaveEvents(events):
                gave += 1
                counts["events"].update(_type_of(event.payload) for event in events)
            case NothingToTell(reason):
                counts["nothing"][reason] += 1
            case Unchanged():
                unchanged += 1
            case KeptAtEdge(code, notices):
                counts["kept"][code] += 1
                counts["events"].update(_type_of(notice.payload) for notice in notices)
            case Quarantined(reason):
                counts["quarantined"][reason] += 1
    return FileSummary(kind, total, gave, unchanged, **{name: dict(found) for name, found in counts.items()})


def _type_of(payload: object) -> str:
    return str(getattr(payload, "event_type", ""))
