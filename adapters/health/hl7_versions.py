"""Which revision of a thing a message tells of: the same content again is the same revision."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from adapters.kit.draft import said
from adapters.kit.records import Snapshot
from contracts.base import Model

_DIGITS = 16


@dataclass(frozen=True, slots=True)
class Revision:
    """``version`` of what is told now; ``previous`` is the one before it, empty if there was none.

    ``is_older``: the message tells of a state before the one last known.
    """

    version: str
    previous: str = ""
    is_older: bool = False


def content_digest(payload: Model) -> str:
    """Stands for what an event says, when it was recorded and observed aside."""
    return hashlib.sha256(said(payload)).hexdigest()[:_DIGITS]


def revise(snapshot: Snapshot, key: str, digest: str, at: datetime) -> Revision:
    """The revision that ``digest`` is of ``key``, as of a message recorded ``at``; the snapshot remembers it.

    Content that returns after something else was told between counts as a new revision.
    """
    state = _State.read(snapshot.last(key))
    stamp = at.isoformat()
    if digest in state.seen:
        version = _name(digest, state.seen[digest])
        if version == state.last or stamp <= state.at:
            return Revision(version, "" if version == state.last else state.last)
    elif stamp < state.at:
        return Revision(_name(digest, 0), state.last, is_older=True)
    generation = state.seen.get(digest, -1) + 1
    version = _name(digest, generation)
    snapshot.propose(key, _State(version, stamp, {**state.seen, digest: generation}).written())
    return Revision(version, state.last)


@dataclass(frozen=True, slots=True)
class _State:
    """The revision last told, when its message was recorded, and the latest generation of every content told."""

    last: str = ""
    at: str = ""
    seen: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def read(cls, kept: str | None) -> Self:
        return cls(**json.loads(kept)) if kept else cls()

    def written(self) -> str:
        return json.dumps({"last": self.last, "at": self.at, "seen": dict(self.seen)}, sort_keys=True)


def _name(digest: str, generation: int) -> str:
    return f"{digest}.{generation}"
