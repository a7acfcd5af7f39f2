"""Reads the children in need census (XML): a snapshot, of which only what is new or changed is told."""

from collections.abc import Iterator
from datetime import datetime

from lxml.etree import _Element
from pydantic import ValidationError

from adapters.kit.dates import is_adult, local_day, read_date, read_time, start_of_day
from adapters.kit.errors import ContentError
from adapters.kit.flags import Flags
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
from adapters.kit.safe_xml import Broken, Part, child_text, each_element, first_child, local_name
from adapters.kit.versions import content_digest, revise, withdraw
from adapters.local_authority.cin_child import Census, CensusChild, Item, read_child, read_items
from contracts.words import AgencyKind

_PARTS = frozenset({"Header", "Child"})
_COLLECTION = "CIN"
_RESEND = "ask for the whole file again; the children before the break have been read"


class CinCensus:
    """The Department for Education's children in need census, of any year since 2017, read leniently.

    One ``Child`` element is one native record. Told of it: referrals received, section 47 enquiries started,
    protection plans started and ended, each with a key of its own; a missing end means still open. A plan whose
    end is withdrawn is told again as open. Something that is no longer in the file is not withdrawn: a census
    covers one year. Whoever is 18 on the reference day has nothing to tell.
    """

    kind = "local_authority.cin"
    agency_kind = AgencyKind.LOCAL_AUTHORITY
    version = "1"

    def read(self, content: bytes, reading: Reading) -> Iterator[NativeRecord]:
        """Yield every child of ``content`` with the one thing it came to."""
        try:
            yield from _Reader(reading).read(content)
        except ContentError as error:
            yield NativeRecord(error.path or "file", Quarantined(error.code, error.remedy, content))


class _Reader:
    """Reads one file from start to end."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._census = Census(local_day(reading.observed), reading.observed)
        self._births: dict[str, object] = {}
        self._count = 0

    def read(self, content: bytes) -> Iterator[NativeRecord]:
        has_header = False
        for part in each_element(content, _PARTS):
            if isinstance(part, Broken):
                yield NativeRecord(f"line {part.line}", Quarantined(part.code, _RESEND, part.raw))
                return
            if local_name(part.element) == "Header":
                self._census = _census(part.element, self._reading.observed)
                has_header = True
                continue
            self._count += 1
            yield self._record(part)
        if self._count == 0:
            if not has_header:
                raise _wrong_format()
            yield NativeRecord("file", NothingToTell("no_children"))

    def _record(self, part: Part) -> NativeRecord:
        flags = Flags()
        try:
            result = self._result(part.element, flags)
        except ContentError as error:
            result = Quarantined(error.code, error.remedy, part.raw)
        except ValidationError:
            result = Quarantined("content.not_contract", "report this: a value was taken for another kind", part.raw)
        return NativeRecord(f"Child {self._count}", result, flags.all())

    def _result(self, element: _Element, flags: Flags) -> Result:
        who = read_child(element, flags)
        self._check_one_child(who)
        if is_adult(who.child.birth_date, self._census.reference):
            return NothingToTell("adult")
        items = read_items(element, who, self._census, self._reading, flags)
        if not items:
            return NothingToTell("no_event_dates")
        events = tuple(event for item in items for event in self._told(item, items, who, flags))
        return GaveEvents(events) if events else Unchanged()

    def _check_one_child(self, who: CensusChild) -> None:
        """Refuse a second child under one id: its events would count as corrections of the first one's."""
        if self._births.setdefault(who.ref, who.child.birth_date) != who.child.birth_date:
            msg = "one LAchildID stands for two children"
            raise ContentError(
                msg, code="content.two_children", path="LAchildID", remedy="give each child an id of its own"
            )

    def _told(self, item: Item, items: tuple[Item, ...], who: CensusChild, flags: Flags) -> Iterator[Mapped]:
        snapshot, at = self._reading.snapshot, self._census.made
        said: tuple[object, ...] = (*who.core, *item.said)
        if item.key.startswith("plan:"):
            said = (*said, *self._reopened(item, items, who, flags))
        key = f"{who.ref}/{item.key}"
        revision = revise(snapshot, key, content_digest(said), at)
        if revision.is_known or revision.is_older:
            return
        native_key = f"{who.ref}:{item.key}"
        corrects = (native_key, revision.previous) if revision.previous else None
        yield Mapped(item.payload, native_key, revision.version, who.ref, corrects=corrects)

    def _reopened(self, item: Item, items: tuple[Item, ...], who: CensusChild, flags: Flags) -> tuple[str, ...]:
        """A mark that makes a new revision of a plan whose end was told before and is now gone."""
        snapshot = self._reading.snapshot
        end, mark = item.key.replace("plan:", "plan_end:", 1), f"{who.ref}/reopened:{item.key}"
        if any(other.key == end for other in items):
            return (snapshot.last(mark) or "",)
        if withdraw(snapshot, f"{who.ref}/{end}", self._census.made):
            flags.add("plan.end_withdrawn")
            snapshot.propose(mark, self._census.made.isoformat())
        return (snapshot.last(mark) or "",)


def _census(header: _Element, observed: datetime) -> Census:
    """Reference day and moment of making; what the header lacks is taken from the day of reading.

    Raises:
        ContentError: ``content.wrong_format``, the file is another collection.
    """
    flags = Flags()
    details, source = first_child(header, "CollectionDetails"), first_child(header, "Source")
    if details is None or child_text(details, "Collection").upper() not in {_COLLECTION, ""}:
        raise _wrong_format()
    reference = read_date(child_text(details, "ReferenceDate"), flags) or local_day(observed)
    made = read_time(child_text(source, "DateTime"), flags) if source is not None else None
    return Census(reference, min(made or start_of_day(reference), observed))


def _wrong_format() -> ContentError:
    msg = "the file is not a children in need census"
    return ContentError(
        msg, code="content.wrong_format", remedy="check the kind; this adapter reads the DfE's CIN census XML"
    )


adapter = CinCensus()
