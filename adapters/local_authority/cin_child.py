"""One child of the census: who it is, and each thing that the census says happened to it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from lxml.etree import _Element

from adapters.kit.dates import read_date, start_of_day
from adapters.kit.errors import ContentError
from adapters.kit.flags import Flags
from adapters.kit.identifiers import identifier, identifiers
from adapters.kit.records import Reading
from adapters.kit.safe_xml import child_text, children, first_child
from adapters.kit.text import line
from adapters.local_authority.cin_codes import (
    ABUSE,
    DISABILITIES,
    ETHNICITIES,
    NO_DISABILITY,
    PRIMARY_NEEDS,
    REFERRAL_SOURCES,
    code,
    sex,
    whole_number,
    yes_no,
)
from contracts.events.local_authority import (
    CaseClosed,
    ProtectionPlanEnded,
    ProtectionPlanStarted,
    ReferralReceived,
    Section47Started,
)
from contracts.identifiers import quality_flags
from contracts.payload import Child, Payload, Times
from contracts.words import IdentifierKind


@dataclass(frozen=True, slots=True)
class Census:
    """What the header says: the reference day, and when the file was made (or else that day's start)."""

    reference: date
    made: datetime


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that happened: its key among the child's, what was said of it, and the event."""

    key: str
    said: tuple[object, ...]
    payload: Payload


@dataclass(frozen=True, slots=True)
class CensusChild:
    """One Child element, read. ``core`` is what, of the child itself, makes a new revision when it changes."""

    ref: str
    child: Child

    @property
    def core(self) -> tuple[object, ...]:
        """Birth date, expected date and identifiers."""
        found = tuple(one.value for one in self.child.identifiers)
        return (_text(self.child.birth_date), _text(self.child.expected_date), *found)


def read_child(element: _Element, flags: Flags) -> CensusChild:
    """Read who the child is.

    Raises:
        ContentError: ``content.no_child_id``, there is no LAchildID.
    """
    ids = first_child(element, "ChildIdentifiers")
    ref = line(child_text(ids, "LAchildID"), flags) if ids is not None else None
    if ids is None or ref is None:
        msg = "the child has no LAchildID"
        raise ContentError(msg, code="content.no_child_id", path="LAchildID", remedy="send the authority's own id")
    if any((one.tail or "").strip() for one in ids):
        flags.add("text.stray")
    birth_date = read_date(child_text(ids, "PersonBirthDate"), flags, flag="birth_date.unreadable")
    expected = read_date(child_text(ids, "ExpectedPersonBirthDate"), flags)
    child = Child(
        birth_date=birth_date,
        expected_date=None if birth_date else expected,
        sex=sex(child_text(ids, "Sex") or child_text(ids, "GenderCurrent"), flags),
        ethnicity=_ethnicity(element, flags),
        disabilities=_disabilities(element, flags),
        identifiers=identifiers(
            identifier(IdentifierKind.LA_CHILD_ID, ref, flags),
            identifier(IdentifierKind.UPN, child_text(ids, "UPN"), flags),
        ),
    )
    flags.add(*quality_flags(child))
    return CensusChild(ref, child)


def read_items(element: _Element, who: CensusChild, census: Census, reading: Reading, flags: Flags) -> tuple[Item, ...]:
    """Every referral, section 47 enquiry and protection plan of the child, those told twice once."""
    found: dict[str, Item] = {}
    for details in children(element, "CINdetails"):
        maker = _Maker(who, census, reading, flags)
        for item in (
            *maker.referral(details),
            *maker.enquiries(details),
            *maker.plans(details),
            *maker.closure(details),
        ):
            _put(found, item)
    return tuple(found.values())


@dataclass(frozen=True, slots=True)
class _Maker:
    """Makes the events of one CINdetails."""

    who: CensusChild
    census: Census
    reading: Reading
    flags: Flags

    def referral(self, details: _Element) -> Iterator[Item]:
        day = read_date(child_text(details, "CINreferralDate"), self.flags)
        if day is None:
            return
        source = code(child_text(details, "ReferralSource"), REFERRAL_SOURCES, self.flags)
        need = code(child_text(details, "PrimaryNeedCode"), PRIMARY_NEEDS, self.flags)
        nfa = yes_no(child_text(details, "ReferralNFA"), self.flags)
        times = self._times(day)
        payload = ReferralReceived(
            child=self.who.child,
            times=times,
            received_on=day,
            referral_source=source,
            primary_need=need,
            no_further_action=nfa,
            quality_flags=self.flags.all(),
        )
        yield Item(f"referral:{day}", (source, need, nfa), payload)

    def enquiries(self, details: _Element) -> Iterator[Item]:
        for enquiry in children(details, "Section47"):
            day = read_date(child_text(enquiry, "S47ActualStartDate"), self.flags)
            if day is None:
                continue
            times = self._times(day)
            payload = Section47Started(
                child=self.who.child, times=times, started_on=day, quality_flags=self.flags.all()
            )
            yield Item(f"section_47:{day}", (), payload)

    def closure(self, details: _Element) -> Iterator[Item]:
        day = read_date(child_text(details, "CINclosureDate"), self.flags)
        if day is not None:
            payload = CaseClosed(
                child=self.who.child, times=self._times(day), closed_on=day, quality_flags=self.flags.all()
            )
            yield Item(f"closure:{day}", (), payload)

    def plans(self, details: _Element) -> Iterator[Item]:
        for plan in children(details, "ChildProtectionPlans"):
            start = read_date(child_text(plan, "CPPstartDate"), self.flags)
            end = read_date(child_text(plan, "CPPendDate"), self.flags)
            if start is not None and end is not None and end < start:
                self.flags.add("date.out_of_order")
            if start is not None:
                yield self._plan_started(plan, start)
            if end is not None:
                yield self._plan_ended(start, end)

    def _plan_started(self, plan: _Element, start: date) -> Item:
        latest = child_text(plan, "LatestCategoryOfAbuse") or child_text(plan, "InitialCategoryOfAbuse")
        abuse = code(latest, ABUSE, self.flags)
        previous = whole_number(child_text(plan, "NumberOfPreviousCPP"), self.flags)
        times = self._times(start)
        payload = ProtectionPlanStarted(
            child=self.who.child,
            times=times,
            started_on=start,
            category_of_abuse=abuse,
            previous_plans=previous,
            quality_flags=self.flags.all(),
        )
        return Item(f"plan:{start}", (abuse, previous), payload)

    def _plan_ended(self, start: date | None, end: date) -> Item:
        times = self._times(end)
        payload = ProtectionPlanEnded(
            child=self.who.child, times=times, started_on=start, ended_on=end, quality_flags=self.flags.all()
        )
        return Item(f"plan_end:{start or end}", (_text(end),), payload)

    def _times(self, day: date) -> Times:
        """The effective day is when it happened; that the adapter learned of it later stands beside it."""
        moment = start_of_day(day)
        if moment > self.reading.observed:
            self.flags.add("date.in_future")
            moment = self.reading.observed
        return Times(occurred=moment, recorded=self.census.made, observed=self.reading.observed)


def _put(found: dict[str, Item], item: Item) -> None:
    """Keep an item; another one of the same day that says something else gets a key of its own."""
    key, number = item.key, 1
    while key in found and found[key].said != item.said:
        number += 1
        key = f"{item.key}#{number}"
    found.setdefault(key, Item(key, item.said, item.payload))


def _ethnicity(element: _Element, flags: Flags) -> str | None:
    traits = first_child(element, "ChildCharacteristics")
    return None if traits is None else code(child_text(traits, "Ethnicity"), ETHNICITIES, flags)


def _disabilities(element: _Element, flags: Flags) -> tuple[str, ...]:
    traits = first_child(element, "ChildCharacteristics")
    listed = None if traits is None else first_child(traits, "Disabilities")
    if listed is None:
        return ()
    found = (code((one.text or "").strip(), DISABILITIES, flags) for one in children(listed, "Disability"))
    return tuple(dict.fromkeys(value for value in found if value and value != NO_DISABILITY))


def _text(day: date | None) -> str:
    return day.isoformat() if day else ""
