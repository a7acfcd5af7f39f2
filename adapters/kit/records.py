"""What reading a native record can come to, and what an adapter is."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from contracts.base import Model
from contracts.words import AgencyKind


@dataclass(frozen=True, slots=True)
class Mapped:
    """One contract event made from a native record, not yet numbered or signed.

    ``native_key`` and ``native_version`` name the native record and its revision; together with the
    event type and ``child_ref`` (the agency's own id of the child) they make the event's id, so the same
    record read twice gives the same event. ``incident`` links the events of one incident.
    ``corrects`` is the (native_key, native_version) of the record this one corrects; ``corrects_type`` the event
    type that it gave, where that was another.
    """

    payload: Model
    native_key: str
    native_version: str
    child_ref: str
    incident: str = ""
    corrects: tuple[str, str] | None = None
    corrects_type: str = ""


@dataclass(frozen=True, slots=True)
class GaveEvents:
    """The record gave one or more events."""

    events: tuple[Mapped, ...]


@dataclass(frozen=True, slots=True)
class NothingToTell:
    """The record holds nothing the exchange is for; ``reason`` is a stable code such as ``adult``."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unchanged:
    """A snapshot's record is as it was the last time."""


@dataclass(frozen=True, slots=True)
class KeptAtEdge:
    """The agency's own edge policy keeps the record back. ``notices`` is what may be told of it instead."""

    code: str
    notices: tuple[Mapped, ...] = ()


@dataclass(frozen=True, slots=True)
class Quarantined:
    """The record cannot be an event. ``reason`` is a stable code; ``raw`` the original bytes, to be sealed."""

    reason: str
    remedy: str
    raw: bytes


Result = GaveEvents | NothingToTell | Unchanged | KeptAtEdge | Quarantined


@dataclass(frozen=True, slots=True)
class NativeRecord:
    """One native record and the one thing it came to.

    ``position`` says where it stands in the file ("line 12", "Child 3"). ``flags`` are quality flags
    (stable codes such as ``identifier.nhs_number.failed``), counted apart from results. ``raw`` are the native
    record's bytes, for the keyed digest that tells a repeat from a changed record under one key and
    version; where a repeat may differ in bytes (another message id), leave it empty and the digest is
    taken over what the events say.
    """

    position: str
    result: Result
    flags: tuple[str, ...] = ()
    raw: bytes = b""


class Snapshot(Protocol):
    """The sealed fingerprints of what a snapshot feed last said. Reading alone changes nothing."""

    def last(self, key: str) -> str | None:
        """The fingerprint last kept for ``key``, or none."""
        ...

    def keys(self, prefix: str) -> Iterator[str]:
        """Every key kept that starts with ``prefix``."""
        ...

    def propose(self, key: str, fingerprint: str | None) -> None:
        """Remember ``fingerprint`` for ``key`` (none: forget it) once this file's events are spooled."""
        ...


@dataclass(frozen=True, slots=True)
class Reading:
    """What an adapter is told besides the bytes.

    ``observed``: when the adapter reads. ``settings``: the agency's own configuration, scalars only
    (for example ``establishment_urn``, ``establishment_name``, ``force_code``, ``timezone``).
    """

    agency: str
    name: str
    observed: datetime
    snapshot: Snapshot
    settings: Mapping[str, str] = field(default_factory=dict)


class Adapter(Protocol):
    """Reads one native format."""

    kind: str
    """As in ``--kind``: ``health.hl7_adt``."""
    agency_kind: AgencyKind
    version: str

    def read(self, content: bytes, reading: Reading) -> Iterator[NativeRecord]:
        """Yield every native record of ``content`` with the one thing it came to.

        Never raises for bad content: what cannot be read is one quarantined record.
        """
        ...
