"""Reading native files with an adapter alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, Protocol

from broker.drivers.clock.system import SystemClock
from broker.runtimes.feeds import FeedError

GROUP = "mash.reading"


@dataclass(frozen=True, slots=True)
class NativeReading:
    """What a file gave: contract events as plain values, and its summary."""

    events: Sequence[Mapping[str, Any]]
    summary: Mapping[str, Any]


class Reader(Protocol):
    """Reads one file with one adapter and changes nothing."""

    def __call__(
        self, path: Path, *, kind: str, agency: str, now: datetime
    ) -> tuple[Sequence[Mapping[str, Any]], Mapping[str, Any]]:
        """Give events and summary."""
        ...


def read_natively(path: Path, *, kind: str, agency: str) -> NativeReading:
    """Read one file.

    Raises:
        FeedError: the package's adapters are not installed.
    """
    for entry in entry_points(group=GROUP):
        reader: Reader = entry.load()
        events, summary = reader(path, kind=kind, agency=agency, now=SystemClock().now())
        return NativeReading(events, summary)
    msg = "the package's adapters are not installed"
    raise FeedError(msg, code="adapter.not_installed", remedy="install the package: pip install mash-broker")
