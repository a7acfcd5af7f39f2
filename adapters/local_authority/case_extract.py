"""Reads the case extract of children's social care, a snapshot as CSV: emits what changed since the last one.

No vendor's export is public. This is a stated stand-in that any case system can fill from a report:
one row kind per line (child, worker, household, adult, section_47, restriction), closed by an ``end`` row that counts
the rows above. See docs/how-to/native-formats.md.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from adapters.kit.dates import local_day
from adapters.kit.errors import ContentError
from adapters.kit.fields import Fields
from adapters.kit.flags import Flags
from adapters.kit.outcome import settle
from adapters.kit.records import (
    GaveEvents,
    Mapped,
    NativeRecord,
    NothingToTell,
    Quarantined,
    Reading,
    Result,
    Unchanged,
)
from adapters.kit.safe_csv import Row, read_csv
from adapters.local_authority.case_children import CaseChild, child_id_of, gather, kind_of, stranger
from adapters.local_authority.case_entries import KINDS, Entry, Telling, as_event, read_entry
from adapters.local_authority.case_errors import unusable
from contracts.canonical import canonical, digest
from contracts.payload import Child
from contracts.words import AgencyKind, Restriction

FEW_GONE = 5
"""So many rows may be missing at once, however small the extract is."""
SHARE_GONE = 5
"""More than one in so many missing at once is a broken report, not work done."""
OLDER = "older_than_last_extract"
_MADE = "made/last"
_VERSION_DIGITS = 16
_REMEDY = "ask for the extract again; what could be read has been"


@dataclass(slots=True)
class _Pass:
    """One reading of an extract: its children, and what has been seen of what is remembered."""

    reading: Reading
    today: date
    children: dict[str, CaseChild]
    seen: set[str] = field(default_factory=set)
    grown: set[str] = field(default_factory=set)

    def child(self, child_id: str) -> CaseChild:
        """The child of a row."""
        return self.children.get(child_id) or stranger(child_id)


class CaseExtractAdapter:
    """The stand-in for a case system's export."""

    kind = "local_authority.case_extract"
    agency_kind = AgencyKind.LOCAL_AUTHORITY
    version = "1"

    def read(self, content: bytes, reading: Reading) -> Iterator[NativeRecord]:
        """Yield every row, and what a whole extract no longer holds, with the one thing it came to."""
        try:
            rows = list(read_csv(content, needs=frozenset({"row", "la_child_id"})))
        except ContentError as error:
            yield NativeRecord("file", Quarantined(error.code, error.remedy, content))
            return
        data = [row for row in rows if row.problem or kind_of(row) != "end"]
        ends = [row for row in rows if not row.problem and kind_of(row) == "end"]
        if _is_older(ends, reading):
            for row in data:
                yield NativeRecord(f"line {row.line}", NothingToTell(OLDER), row.flags)
            return
        today = local_day(reading.observed)
        run = _Pass(reading, today, gather(data, today))
        for row in data:
            flags = Flags()
            flags.add(*row.flags)
            result = settle(lambda row=row, flags=flags: _result(row, flags, run), row.raw)  # type: ignore[misc]  # mypy cannot type defaults that bind the loop
            yield NativeRecord(f"line {row.line}", result, flags.all())
        problem = _what_is_missing(ends, len(data))
        if problem:
            yield NativeRecord("end of file", settle(lambda: _refuse(problem), b""))
        else:
            yield from _gone(run)


adapter = CaseExtractAdapter()


def _is_older(ends: list[Row], reading: Reading) -> bool:
    """Whether the extract says that it was made before the last one that was read: what it says has been overtaken.

    One that says it was made later than it came was made when it came: no wrong clock silences what follows.
    """
    made = Fields(ends[-1].cells, Flags()).moment("from") if ends else None
    if made is None:
        return False
    last, stamp = reading.snapshot.last(_MADE) or "", min(made, reading.observed).isoformat()
    if stamp < last:
        return True
    reading.snapshot.propose(_MADE, stamp)
    return False


def _refuse(code: str) -> Result:
    raise unusable(code=code, remedy=_REMEDY)


def _what_is_missing(ends: list[Row], count: int) -> str:
    if not ends:
        return "extract.no_end"
    return "" if ends[-1].cells["la_child_id"] == str(count) else "extract.count_differs"


def _result(row: Row, flags: Flags, run: _Pass) -> Result:
    if row.problem:
        msg = "the row cannot be read"
        raise ContentError(msg, code=row.problem, remedy=_REMEDY)
    child_id, kind = child_id_of(row), kind_of(row)
    if not child_id:
        msg = "the row names no child"
        raise ContentError(msg, code="content.no_child_id", remedy="fill in la_child_id")
    if kind not in {"child", *KINDS}:
        raise unusable(code="row.unknown_kind", remedy=f"use one of child, {', '.join(KINDS)}")
    child = run.child(child_id)
    if child.is_disputed:
        raise unusable(code="child.two_rows_differ", remedy="give each child an id of its own")
    flags.add(*child.flags)
    if child.is_adult:
        run.grown.add(child_id)
        return NothingToTell("adult")
    fields = Fields(row.cells, flags)
    if kind == "child":
        return _guarded(fields, child, run)
    entry = read_entry(kind, child_id, fields, run.today)
    return _difference(entry, child, flags.all(), run)


def _guarded(fields: Fields, child: CaseChild, run: _Pass) -> Result:
    """The child's own row: its restricted address rises and falls with it; the details travel with every event."""
    is_restricted = fields.yes("restricted")
    key = f"case/restriction/{child.id}/address/"
    run.seen.add(key)
    stands = _remembered(run, key).get("phase") == "open"
    if not stands and not is_restricted:
        return NothingToTell("child_details")
    if stands and is_restricted is not False:
        return Unchanged()
    since = fields.day("from") or run.today
    facts = {
        "restriction": Restriction.RESTRICTED_ADDRESS.value,
        "from": since.isoformat(),
        "to": run.today.isoformat() if stands else None,
    }
    return _difference(Entry("restriction", child.id, key, facts), child, fields.flags.all(), run)


def _difference(entry: Entry, child: CaseChild, flags: tuple[str, ...], run: _Pass) -> Result:
    """What this entry says that the last extract did not."""
    run.seen.add(entry.key)
    phase = "ended" if entry.is_over(run.today) else "open"
    last = _remembered(run, entry.key)
    if last.get("phase") == phase and last.get("facts") == entry.facts:
        return Unchanged()
    said = {
        "kind": entry.kind,
        "id": child.id,
        "phase": phase,
        "facts": entry.facts,
        "child": child.child.model_dump(mode="json"),
        "revision": int(last.get("revision", 0)) + 1,
    }
    run.reading.snapshot.propose(entry.key, canonical(said).decode())
    event = as_event(entry, Telling(child, run.reading.observed, run.today, flags))
    revision = digest(canonical(said | {"occurred": event.times.occurred.isoformat()}))[:_VERSION_DIGITS]
    return GaveEvents((Mapped(event, entry.key, revision, child.id),))


def _remembered(run: _Pass, key: str) -> dict[str, Any]:
    kept = run.reading.snapshot.last(key)
    found = json.loads(kept) if kept else {}
    return found if isinstance(found, dict) else {}


def _gone(run: _Pass) -> Iterator[NativeRecord]:
    """What stood open and is in the extract no more. Too much at once is not believed; no restriction falls by it."""
    standing = [(key, _remembered(run, key)) for key in run.reading.snapshot.keys("case/")]
    standing = [(key, said) for key, said in standing if said.get("phase") == "open"]
    gone = [(key, said) for key, said in standing if key not in run.seen and said["id"] not in run.grown]
    if len(gone) > max(FEW_GONE, len(standing) // SHARE_GONE):
        yield NativeRecord("end of file", settle(lambda: _refuse("extract.too_many_gone"), b""))
        return
    for place, (key, said) in enumerate(gone, start=1):
        yield _ended(key, said, place, run)


def _ended(key: str, said: dict[str, Any], place: int, run: _Pass) -> NativeRecord:
    position = f"absent {place}"
    if said["kind"] == "restriction":
        run.reading.snapshot.propose(key, canonical(said | {"phase": "gone"}).decode())
        return NativeRecord(position, settle(lambda: _refuse("restriction.gone"), b""))
    child = run.children.get(said["id"]) or CaseChild(said["id"], Child.model_validate(said["child"]))
    facts = said["facts"] | {"to": run.today.isoformat()}
    flags = ("row.gone",)
    result = _difference(Entry(said["kind"], child.id, key, facts), child, flags, run)
    return NativeRecord(position, result, flags)
