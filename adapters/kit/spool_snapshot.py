"""The sealed fingerprints of a snapshot feed, in the spool's database."""

import sqlite3
from collections.abc import Iterator, Mapping

from adapters.kit.ids import keyed
from adapters.kit.sealing import seal, unseal
from adapters.kit.spool_store import SpoolStore

_DIVIDER = "/"


class SpoolSnapshot:
    """What one adapter's feed last said. Keys are kept as keyed hashes; key and value are sealed together.

    Keys that read ``first/rest`` are found fastest by a prefix that holds ``first/``.
    """

    def __init__(self, store: SpoolStore, key: bytes, adapter: str) -> None:
        """Look at one adapter's fingerprints."""
        self._store = store
        self._key = key
        self._adapter = adapter

    def last(self, key: str) -> str | None:
        """The fingerprint kept for ``key``, or none."""
        row = self._store.reading.execute(
            "SELECT sealed FROM fingerprints WHERE adapter = ? AND key = ?", (self._adapter, self._hash(key))
        ).fetchone()
        return None if row is None else self._open(row[0])[1]

    def keys(self, prefix: str) -> Iterator[str]:
        """Every key kept that starts with ``prefix``, in order."""
        query, values = "SELECT sealed FROM fingerprints WHERE adapter = ?", [self._adapter]
        if _DIVIDER in prefix:
            query, values = f"{query} AND bucket = ?", [self._adapter, self._bucket(prefix)]
        rows = self._store.reading.execute(query, values).fetchall()
        yield from sorted(key for key, _ in (self._open(row[0]) for row in rows) if key.startswith(prefix))

    def write(self, db: sqlite3.Connection, proposals: Mapping[str, str | None]) -> None:
        """Keep what a reading proposed, inside the spool's transaction."""
        for key, value in proposals.items():
            place = (self._adapter, self._hash(key))
            if value is None:
                db.execute("DELETE FROM fingerprints WHERE adapter = ? AND key = ?", place)
                continue
            sealed = seal(self._key, f"{key}\n{value}".encode(), self._about())
            db.execute("INSERT OR REPLACE INTO fingerprints VALUES (?, ?, ?, ?)", (*place, self._bucket(key), sealed))

    def _open(self, sealed: bytes) -> tuple[str, str]:
        key, _, value = unseal(self._key, sealed, self._about()).decode().partition("\n")
        return key, value

    def _hash(self, key: str) -> str:
        return keyed(self._key, "fingerprint", self._adapter, key)

    def _bucket(self, key: str) -> str:
        return keyed(self._key, "bucket", self._adapter, key.split(_DIVIDER, 1)[0])[:16]

    def _about(self) -> str:
        return f"fingerprint|{self._adapter}"
