"""Reads the roll of a school or nursery, a snapshot: emits who entered and who left since the last one."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
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
from adapters.schools.roll_rows import (
    Spell,
    as_event,
    is_of_leavers_only,
    is_other_census_table,
    is_roll,
    read_spell,
    version,
)
from contracts.canonical import canonical
from contracts.payload import Child, Organisation
from contracts.words import AgencyKind

FEW_GONE = 5
"""So many pupils may be missing from a roll at once, however small it is."""
SHARE_GONE = 5
"""More than one in so many missing at once is a broken extract, not the end of a term."""
_REMEDIES = {
    "content.truncated": "ask the sender for the whole file; nobody is taken as gone because of this one",
    "content.not_csv": "export it again as comma-separated values",
}
_TOO_MANY = "send the whole roll, or give those who left a leaving date"
_WRONG = "check that the file is a roll: names, date of birth, date of entry or leaving"


@dataclass(slots=True)
class _Seen:
    """What a whole file said: which spells, which pupils, of which places."""

    keys: set[str] = field(default_factory=set)
    pupils: set[str] = field(default_factory=set)
    prefixes: set[str] = field(default_factory=set)
    is_whole: bool = True


class RollAdapter:
    """The roll as CSV: the school census's own tables, or a nursery's list; see docs/how-to/native-formats.md."""

    kind = "schools.roll"
    agency_kind = AgencyKind.SCHOOL
    version = "1"

    def read(self, content: bytes, reading: Reading) -> Iterator[NativeRecord]:
        """Yield every row, and every pupil who is no longer in a whole roll, with the one thing it came to."""
        try:
            rows = list(read_csv(content))
        except ContentError as error:
            yield NativeRecord("file", Quarantined(error.code, error.remedy, content))
            return
        if rows and is_roll(rows[0].cells):
            yield from _read_roll(rows, reading)
        elif rows and is_other_census_table(rows[0].cells):
            for row in rows:
                yield NativeRecord(f"line {row.line}", NothingToTell("census_table_not_used"), row.flags)
        else:
            yield NativeRecord("file", Quarantined("content.wrong_format", _WRONG, content))


adapter = RollAdapter()


def _read_roll(rows: list[Row], reading: Reading) -> Iterator[NativeRecord]:
    seen = _Seen(is_whole=not is_of_leavers_only(rows[0].cells))
    for row in rows:
        flags = Flags()
        flags.add(*row.flags)
        if row.problem:
            seen.is_whole = False
            result: Result = Quarantined(row.problem, _REMEDIES.get(row.problem, _WRONG), row.raw)
        else:
            result = settle(lambda row=row, flags=flags: _result(row, flags, reading, seen), row.raw)  # type: ignore[misc]  # mypy cannot type defaults that bind the loop
        yield NativeRecord(f"line {row.line}", result, flags.all())
    if seen.is_whole and reading.settings.get("roll_is_partial") != "yes":
        yield from _gone(seen, reading)


def _result(row: Row, flags: Flags, reading: Reading, seen: _Seen) -> Result:
    spell = read_spell(Fields(row.cells, flags), reading)
    if _is_older(spell, reading):
        seen.is_whole = False
        return NothingToTell("older_than_last_roll")
    seen.keys.add(spell.key)
    seen.pupils.add(spell.prefix + spell.reference)
    seen.prefixes.add(spell.prefix)
    today = local_day(reading.observed)
    if spell.is_adults(today):
        return NothingToTell("adult")
    if spell.since is not None and spell.since > today:
        flags.add("date.in_future")
    return _difference(spell, reading, flags.all(), today)


def _is_older(spell: Spell, reading: Reading) -> bool:
    """Whether the roll is of an earlier day than the last one read: what it says has been overtaken."""
    if spell.as_at is None:
        return False
    mark, day = f"as_at/{spell.prefix}", spell.as_at.isoformat()
    last = reading.snapshot.last(mark) or ""
    if day < last:
        return True
    if day > last:
        reading.snapshot.propose(mark, day)
    return False


def _difference(spell: Spell, reading: Reading, flags: tuple[str, ...], today: date) -> Result:
    """What this spell says that the last snapshot did not."""
    said = spell.said(today)
    last = _remembered(reading, spell.key)
    if {name: value for name, value in last.items() if name != "revision"} == said:
        return Unchanged()
    said["revision"] = int(last.get("revision", 0)) + 1
    reading.snapshot.propose(spell.key, canonical(said).decode())
    event = as_event(spell, reading, flags=flags)
    return GaveEvents((Mapped(event, spell.key, version(said, local_day(event.times.occurred)), spell.reference),))


def _remembered(reading: Reading, key: str) -> dict[str, Any]:
    kept = reading.snapshot.last(key)
    found = json.loads(kept) if kept else {}
    return found if isinstance(found, dict) else {}


def _gone(seen: _Seen, reading: Reading) -> Iterator[NativeRecord]:
    """Who was on the roll and is in it no more; too many at once are not believed."""
    for prefix in sorted(seen.prefixes):
        on_roll = [
            (key, said)
            for key in reading.snapshot.keys(prefix)
            if (said := _remembered(reading, key)).get("phase") == "on"
        ]
        missing = [(key, said) for key, said in on_roll if key not in seen.keys]
        moved = [(key, said) for key, said in missing if prefix + str(said["reference"]) in seen.pupils]
        for key, _ in moved:
            reading.snapshot.propose(key, None)
        gone = [(key, said) for key, said in missing if (key, said) not in moved]
        if len(gone) > max(FEW_GONE, len(on_roll) // SHARE_GONE):
            yield NativeRecord("end of file", Quarantined("roll.too_many_gone", _TOO_MANY, b""))
            continue
        for place, (_, said) in enumerate(gone, start=1):
            yield _left(said, place, reading)


def _left(said: dict[str, Any], place: int, reading: Reading) -> NativeRecord:
    today = local_day(reading.observed)
    since = said.get("since")
    spell = Spell(
        child=Child.model_validate(said["child"]),
        reference=str(said["reference"]),
        place=Organisation.model_validate(said["place"]),
        since=None if since is None else date.fromisoformat(since),
        left=today,
        year_group=said.get("year"),
        destination=None,
        address=None,
        as_at=None,
    )
    flags = ("pupil.gone_from_roll",)
    if spell.is_adults(today):
        reading.snapshot.propose(spell.key, None)
        return NativeRecord(f"absent {place}", NothingToTell("adult"), flags)
    return NativeRecord(f"absent {place}", _difference(replace(spell), reading, flags, today), flags)
