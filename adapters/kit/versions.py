"""Which revision of a thing a message or a snapshot tells of: the same content again is the same revision."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Self

from adapters.kit.draft import said
from adapters.kit.records import Snapshot
from contracts.base import Model
from contracts.canonical import canonical

_DIGITS = 16


@dataclass(frozen=True, slots=True)
class Revision:
    """``version`` of what is told now; ``previous`` is the one told before it, empty if there was none.

    ``is_known``: exactly this was the last thing told. ``is_older``: this is a state from before the last one told.
    """

    version: str
    previous: str = ""
    is_known: bool = False
    is_older: bool = False


def content_digest(content: Model | object) -> str:
    """Stands for what an event says (when it was recorded and observed aside), or for any plain value."""
    written = said(content) if isinstance(content, Model) else canonical(content)
    return hashlib.sha256(written).hexdigest()[:_DIGITS]


def revise(snapshot: Snapshot, key: str, digest: str, at: datetime) -> Revision:
    """The revision that ``digest`` is of ``key``, as told at ``at``; the snapshot remembers it.

    Content that returns after something else was told between counts as a new revision.
    """
    state = _State.read(snapshot.last(key))
    stamp = at.isoformat()
    if digest in state.seen:
        version = _name(digest, state.seen[digest])
        if version == state.last:
            return Revision(version, is_known=True)
        if stamp <= state.at:
            return Revision(version, state.last, is_older=True)
    elif stamp < state.at:
        return Revision(_name(digest, 0), state.last, is_older=True)
    generation = state.seen.get(digest, -1) + 1
    version = _name(digest, generation)
    snapshot.propose(key, _State(version, stamp, {**state.seen, digest: generation}).written())
    return Revision(version, state.last)


def withdraw(snapshot: Snapshot, key: str, at: datetime) -> bool:
    """Note that what was last told of ``key`` no longer holds. Gives whether it held until now."""
    state = _State.read(snapshot.last(key))
    if not state.last or at.isoformat() <= state.at:
        return False
    snapshot.propose(key, replace(state, last="", at=at.isoformat()).written())
    return True


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
