"""What a snapshot feed last said, while a file is being read: reading proposes, spooling keeps."""

from collections.abc import Iterator, Mapping
from typing import Protocol


class Kept(Protocol):
    """Fingerprints as they were kept with the last spooled file."""

    def last(self, key: str) -> str | None:
        """The fingerprint kept for ``key``, or none."""
        ...

    def keys(self, prefix: str) -> Iterator[str]:
        """Every key kept that starts with ``prefix``."""
        ...


class NothingKept:
    """The fingerprints of an adapter that has never read anything."""

    def last(self, key: str) -> str | None:  # noqa: ARG002 - a null twin takes what its kind takes
        """None, always."""
        return None

    def keys(self, prefix: str) -> Iterator[str]:  # noqa: ARG002 - see above
        """No key."""
        return iter(())


class ReadingSnapshot:
    """The snapshot that one reading sees: what was kept, and over it what this reading proposed.

    Implements :class:`adapters.kit.records.Snapshot`. ``last`` and ``keys`` see this reading's own
    proposals, so that a file with two messages about one thing reads as two files would.
    Nothing is kept until someone hands :attr:`proposals` to the spool.
    """

    def __init__(self, kept: Kept | None = None) -> None:
        """Start with nothing proposed."""
        self._kept = kept or NothingKept()
        self._proposals: dict[str, str | None] = {}

    @property
    def proposals(self) -> Mapping[str, str | None]:
        """What to keep (none: forget) once the events are spooled."""
        return dict(self._proposals)

    def last(self, key: str) -> str | None:
        """The fingerprint last proposed or kept for ``key``, or none."""
        return self._proposals[key] if key in self._proposals else self._kept.last(key)

    def keys(self, prefix: str) -> Iterator[str]:
        """Every key kept or proposed that starts with ``prefix``, and is not proposed to be forgotten."""
        proposed = {key for key, value in self._proposals.items() if value is not None and key.startswith(prefix)}
        kept = (key for key in self._kept.keys(prefix) if key not in self._proposals)
        yield from sorted({*proposed, *kept})

    def propose(self, key: str, fingerprint: str | None) -> None:
        """Remember ``fingerprint`` for ``key`` (none: forget it) once this file's events are spooled."""
        self._proposals[key] = fingerprint


class MemoryKept:
    """Fingerprints kept in memory: for tests and for reading without an agency."""

    def __init__(self) -> None:
        """Start with nothing kept."""
        self._values: dict[str, str] = {}

    def last(self, key: str) -> str | None:
        """The fingerprint kept for ``key``, or none."""
        return self._values.get(key)

    def keys(self, prefix: str) -> Iterator[str]:
        """Every key kept that starts with ``prefix``."""
        return (key for key in sorted(self._values) if key.startswith(prefix))

    def keep(self, proposals: Mapping[str, str | None]) -> None:
        """Keep what a reading proposed."""
        for key, value in proposals.items():
            if value is None:
                self._values.pop(key, None)
            else:
                self._values[key] = value
