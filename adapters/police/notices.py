"""Reads police notices: JSON, one notice per object, people by role.

No force's notice format is public. This is a stated stand-in, POLE-style, with codes borrowed from public
schemas; a force maps its own export to it. See docs/how-to/native-formats.md.
"""

from collections.abc import Iterator
from datetime import datetime

from adapters.kit.dates import local_day
from adapters.kit.fields import Fields
from adapters.kit.flags import Flags
from adapters.kit.json_items import Item, read_items
from adapters.kit.outcome import settle
from adapters.kit.records import Mapped, NativeRecord, NothingToTell, Reading, Result
from adapters.police.errors import unusable
from adapters.police.incidents import Notice, outcome_of, payloads
from adapters.police.persons import Party, child_ref, parties
from adapters.police.revisions import Revised, compare, was_told
from contracts.words import AgencyKind

WRAPPERS = frozenset({"notices", "items", "data", "records"})
_KINDS = frozenset({"child", "domestic", "adult", "missing"})
_ADULT_AT = 18


class NoticesAdapter:
    """The stand-in for a force's notices. One event per child of a notice.

    A later revision of a notice puts right, or takes back, what changed.
    """

    kind = "police.notices"
    agency_kind = AgencyKind.POLICE
    version = "1"

    def read(self, content: bytes, reading: Reading) -> Iterator[NativeRecord]:
        """Yield every notice with the one thing it came to."""
        for item in read_items(content, wrappers=WRAPPERS):
            flags = Flags()
            flags.add(*item.flags)
            result = settle(lambda item=item, flags=flags: _result(item, flags, reading), item.raw)  # type: ignore[misc]  # mypy cannot type defaults that bind the loop
            yield NativeRecord(f"notice {item.place}", result, flags.all())


adapter = NoticesAdapter()


def _result(item: Item, flags: Flags, reading: Reading) -> Result:
    item.check()
    if not isinstance(item.value, dict):
        raise unusable(code="notice.not_an_object", remedy="send one object per notice")
    fields = Fields(item.value, flags)
    notice_id = fields.line("notice_id")
    if notice_id is None:
        raise unusable(code="notice.no_id", remedy="give every notice the id under which the force knows it")
    if not fields.each("persons"):
        raise unusable(code="notice.no_person", remedy="name the child as SUBJECT, VICTIM, SIBLING or PRESENT")
    notice = _notice(fields, notice_id, reading)
    children = [party for party in notice.parties if party.is_child]
    revised = _revised(notice, notice_id)
    if not children:
        nothing = _without_child(notice)
        if not was_told(reading.snapshot, revised):
            return nothing
    return compare(_events(notice, children, revised), revised, reading.snapshot)


def _notice(fields: Fields, notice_id: str, reading: Reading) -> Notice:
    recorded = fields.moment("created_at")
    occurred = fields.moment("occurred_at")
    if occurred is None:
        occurred = recorded
        if occurred is None:
            raise unusable(code="notice.no_time", remedy="include occurred_at as 2026-03-08T22:50:00Z")
        fields.flags.add("time.missing")
    _flag_order(fields, occurred, recorded, reading.observed)
    occurred = min(occurred, reading.observed)
    kind = fields.code("notice_type")
    if kind not in _KINDS:
        fields.flags.add("notice_type.unknown")
        kind = "child"
    return Notice(
        fields=fields,
        kind=kind,
        reference=fields.line("occurrence_ref") or notice_id,
        occurred=occurred,
        recorded=recorded,
        observed=reading.observed,
        parties=parties(fields, notice_kind=kind, on=local_day(occurred)),
    )


def _flag_order(fields: Fields, occurred: datetime, recorded: datetime | None, observed: datetime) -> None:
    if recorded is not None and recorded < occurred:
        fields.flags.add("date.out_of_order")
    if occurred > observed:
        fields.flags.add("date.in_future")


def _without_child(notice: Notice) -> Result:
    if any(party.role == "suspect" and party.age is not None and party.age < _ADULT_AT for party in notice.parties):
        raise unusable(
            code="notice.child_only_as_suspect",
            remedy="raise a CHILD notice about the young person, or confirm that none is needed",
        )
    return NothingToTell("adult_only")


def _revised(notice: Notice, notice_id: str) -> Revised:
    replaced = notice.fields.one("replaces")
    former = replaced.line("notice_id")
    return Revised(
        key=notice_id,
        revision=notice.fields.line("revision") or "1",
        replaces=None if former is None else (former, replaced.line("revision") or "1"),
        adds=outcome_of(notice.fields) is not None,
        at=min(notice.recorded or notice.observed, notice.observed),
    )


def _events(notice: Notice, children: list[Party], revised: Revised) -> tuple[Mapped, ...]:
    return tuple(
        Mapped(
            payload=payload,
            native_key=revised.key,
            native_version=revised.revision,
            child_ref=child_ref(child, revised.key),
            incident=notice.reference,
        )
        for child in children
        for payload in payloads(notice, child)
    )
