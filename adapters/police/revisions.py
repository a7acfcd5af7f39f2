"""What a force said before under one notice: what a later revision leaves as it was, puts right or takes back."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Self

from adapters.kit.draft import said
from adapters.kit.records import GaveEvents, Mapped, NothingToTell, Result, Snapshot, Unchanged
from adapters.kit.versions import content_digest
from contracts.base import Model
from contracts.canonical import canonical
from contracts.events.mash import ReportWithdrawn

OLDER = "older_than_known"


@dataclass(frozen=True, slots=True)
class Said:
    """What a notice last came to: its revision, and for every report its version and what stands for its content.

    ``told`` is keyed by child and event type. ``revision`` is empty where nothing was said yet.
    """

    revision: str = ""
    told: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    @classmethod
    def last(cls, snapshot: Snapshot, notice_id: str) -> Self:
        """What is remembered of the notice."""
        kept = snapshot.last(_key(notice_id))
        if not kept:
            return cls()
        read = json.loads(kept)
        return cls(read["revision"], {name: (version, digest) for name, (version, digest) in read["told"].items()})

    def is_after(self, revision: str) -> bool:
        """Whether what was said last is a later revision than ``revision``; only numbers have an order."""
        return self.revision.isdecimal() and revision.isdecimal() and int(self.revision) > int(revision)

    def remember(self, snapshot: Snapshot, notice_id: str) -> None:
        """Propose to keep this as what was said last."""
        written = {"revision": self.revision, "told": {name: list(each) for name, each in self.told.items()}}
        snapshot.propose(_key(notice_id), canonical(written).decode())


@dataclass(frozen=True, slots=True)
class Revised:
    """One notice as it came: its key, its revision, and the notice and revision that it stands in place of, if named.

    ``adds``: it says what came of the matter, and takes nothing back. ``at``: when this revision was recorded.
    """

    key: str
    revision: str
    replaces: tuple[str, str] | None
    adds: bool
    at: datetime


def compare(events: Sequence[Mapped], notice: Revised, snapshot: Snapshot) -> Result:
    """What this revision of a notice says that the one before did not; the snapshot remembers it.

    What is told in the same words again is not told again; what stands no longer is withdrawn. The same revision
    again gives the same events again.
    """
    earlier, before = _before(notice, snapshot)
    if earlier == notice.key and before.is_after(notice.revision):
        return NothingToTell(OLDER)
    told: dict[str, tuple[str, str]] = dict(before.told) if notice.adds else {}
    given: list[Mapped] = []
    for event in events:
        name, now = _name(event.child_ref, event.payload), (notice.revision, content_digest(_words(event.payload)))
        known = before.told.get(name)
        if known is not None and earlier == notice.key and (known[0] == now[0] or known[1] == now[1]):
            told[name] = known
            if known[0] == now[0]:
                given.append(event)
            continue
        told[name] = now
        given.append(replace(event, corrects=_corrected(notice, earlier, before, known)))
    given.extend(_withdrawn(before, told, notice, earlier))
    Said(notice.revision, told).remember(snapshot, notice.key)
    return GaveEvents(tuple(given)) if given else Unchanged()


def was_told(snapshot: Snapshot, notice: Revised) -> bool:
    """Whether reports were told of this notice, or of the one it stands in place of."""
    return bool(_before(notice, snapshot)[1].told)


def _before(notice: Revised, snapshot: Snapshot) -> tuple[str, Said]:
    """What was said last: under this notice's own key, or, where that is new, under the one it stands in place of."""
    own = Said.last(snapshot, notice.key)
    if own.revision or notice.replaces is None:
        return notice.key, own
    return notice.replaces[0], Said.last(snapshot, notice.replaces[0])


def _corrected(notice: Revised, earlier: str, before: Said, known: tuple[str, str] | None) -> tuple[str, str] | None:
    """The report of which this is the new form; where nothing is remembered, the one that the notice names."""
    if known is not None:
        return earlier, known[0]
    return notice.replaces if not before.revision else None


def _withdrawn(before: Said, told: Mapping[str, object], notice: Revised, earlier: str) -> Iterator[Mapped]:
    """What withdraws each report that this revision holds no longer."""
    for name, (version, _) in before.told.items():
        if name in told:
            continue
        child, event_type = name.rsplit("|", 1)
        yield Mapped(
            payload=ReportWithdrawn(reason="not_involved", withdrawn=notice.at),
            native_key=f"{notice.key}|{event_type}",
            native_version=notice.revision,
            child_ref=child,
            corrects=(earlier, version),
            corrects_type=event_type,
        )


def _words(payload: Model) -> object:
    """What a report says, whatever day it was written: a later revision restates everybody's status as at its own."""
    content = json.loads(said(payload))
    for person in content.get("people", ()):
        person.pop("status_as_at", None)
    return content


def _name(child_ref: str, payload: Model) -> str:
    return f"{child_ref}|{payload.event_type}"  # type: ignore[attr-defined]  # every payload model fixes one


def _key(notice_id: str) -> str:
    return f"notice/{notice_id}"
