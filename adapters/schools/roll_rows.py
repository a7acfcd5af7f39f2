"""One row of a roll, under whichever of the known header names its columns stand."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from adapters.kit.dates import is_adult, local_day, start_of_day
from adapters.kit.fields import Fields
from adapters.kit.records import Reading
from adapters.schools.errors import unusable
from adapters.schools.pupils import child_ref, establishment, make_child
from contracts.canonical import canonical, digest
from contracts.events.school import PupilEnrolled, PupilLeft
from contracts.payload import Address, Child, Organisation, Times

FORENAMES = ("forename", "forenames", "first_name", "legalforename", "legal_forename", "given_name")
SURNAME = ("surname", "last_name", "legalsurname", "legal_surname", "family_name")
BIRTH = ("dob", "date_of_birth", "birth_date", "birthdate", "personbirthdate")
ENTRY = ("entrydate", "entry_date", "start_date", "since", "date_of_entry")
LEAVING = ("leavingdate", "leaving_date", "left_on", "end_date", "date_of_leaving")
_UPN = ("upn", "unique_pupil_number")
_LOCAL = ("child_id", "pupil_id", "local_id")
_YEAR = ("ncyearactual", "ncyearleaving", "year_group", "nc_year")
_DESTINATION = ("destination", "leaving_destination")
_AS_AT = ("as_at", "extract_date")
_ADDRESS = ("address", "address_line_1", "address_line_2", "address_line_3", "town")
_TABLE_IDS = ("pupilonrolltableid", "pupilnolongeronrolltableid")
_VERSION_DIGITS = 16


def is_roll(header: Mapping[str, str]) -> bool:
    """Whether a table of this header is a roll: names, a birth date, and a day of entry or leaving."""
    needed = ((*FORENAMES, *SURNAME), BIRTH, (*ENTRY, *LEAVING))
    return all(any(name in header for name in names) for names in needed)


def is_other_census_table(header: Mapping[str, str]) -> bool:
    """Whether it is another table of the school census: sessions, addresses, exclusions."""
    return any(name in header for name in _TABLE_IDS)


def is_of_leavers_only(header: Mapping[str, str]) -> bool:
    """Whether the table lists only who left, so that nobody's absence from it means anything."""
    return _TABLE_IDS[1] in header or not any(name in header for name in ENTRY)


@dataclass(frozen=True, slots=True)
class Spell:
    """One child's time on one roll, as a row tells it."""

    child: Child
    reference: str
    place: Organisation
    since: date | None
    left: date | None
    year_group: str | None
    destination: str | None
    address: Address | None
    as_at: date | None

    @property
    def key(self) -> str:
        """Under which the spell is remembered: place, child, day of entry."""
        return f"{self.prefix}{self.reference}/{self.since or ''}"

    @property
    def prefix(self) -> str:
        """Under which every spell of the place is remembered."""
        return f"roll/{self.place.scheme}:{self.place.code}/"

    def is_on_roll(self, today: date) -> bool:
        """Whether the child is on the roll today; a leaving day still to come is no leaving."""
        return self.left is None or self.left > today

    def is_adults(self, today: date) -> bool:
        """Whether the pupil is 18 or over: today while on the roll, else on the day of leaving."""
        day = today if self.is_on_roll(today) or self.left is None else self.left
        return is_adult(self.child.birth_date, day)

    def said(self, today: date) -> dict[str, Any]:
        """What is remembered of the spell, as plain values."""
        return {
            "phase": "on" if self.is_on_roll(today) else "left",
            "child": self.child.model_dump(mode="json"),
            "reference": self.reference,
            "place": self.place.model_dump(mode="json"),
            "since": None if self.since is None else self.since.isoformat(),
            "left": None if self.left is None else self.left.isoformat(),
            "year": self.year_group,
            "destination": self.destination,
        }


def read_spell(fields: Fields, reading: Reading) -> Spell:
    """Read a row.

    Raises:
        SchoolRecordError: it says nothing of who the pupil is.
    """
    child = make_child(
        forenames=fields.line(*FORENAMES),
        surname=fields.line(*SURNAME),
        birth_date=fields.day(*BIRTH, flag="birth_date.unreadable"),
        sex=fields.sex("sex", "gender"),
        upn=fields.line(*_UPN),
        flags=fields.flags,
    )
    reference = child_ref(child, fields.line(*_LOCAL))
    if not reference:
        raise unusable(code="pupil.not_identified", remedy="fill in the UPN, or names and date of birth")
    since, left = fields.day(*ENTRY), fields.day(*LEAVING)
    if since is None:
        fields.flags.add("entry_date.missing")
    _flag_order(fields, child.birth_date, since, left)
    return Spell(
        child=child,
        reference=reference,
        place=_place(fields, reading),
        since=since,
        left=left,
        year_group=fields.line(*_YEAR),
        destination=fields.line(*_DESTINATION),
        address=_address(fields),
        as_at=fields.day(*_AS_AT),
    )


def as_event(spell: Spell, reading: Reading, *, flags: tuple[str, ...]) -> PupilEnrolled | PupilLeft:
    """The event of a spell: the child entered, or left."""
    today = local_day(reading.observed)
    recorded = None if spell.as_at is None else start_of_day(spell.as_at)
    day = spell.left if not spell.is_on_roll(today) and spell.left else spell.since or today
    common: dict[str, Any] = {
        "child": spell.child,
        "times": Times(occurred=min(start_of_day(day), reading.observed), recorded=recorded, observed=reading.observed),
        "address": spell.address,
        "quality_flags": flags,
        "establishment": spell.place,
    }
    if spell.is_on_roll(today):
        return PupilEnrolled(**common, since=day, year_group=spell.year_group)
    return PupilLeft(**common, left_on=day, destination=spell.destination)


def version(said: Mapping[str, Any], day: date) -> str:
    """The revision of what a spell says, for the event's id."""
    return digest(canonical([dict(said), day.isoformat()]))[:_VERSION_DIGITS]


def _flag_order(fields: Fields, born: date | None, since: date | None, left: date | None) -> None:
    days = [day for day in (born, since, left) if day is not None]
    if days != sorted(days):
        fields.flags.add("date.out_of_order")


def _place(fields: Fields, reading: Reading) -> Organisation:
    """The row's own school where the table names one, else the agency."""
    urn = fields.line("urn", "establishment_urn")
    if urn is not None:
        return Organisation(scheme="urn", code=urn)
    native = fields.line("nativeid")
    if native is not None:
        return Organisation(scheme="local", code=native)
    return establishment(reading)


def _address(fields: Fields) -> Address | None:
    lines = tuple(text for name in _ADDRESS if (text := fields.line(name)) is not None)
    postcode = fields.line("postcode")
    return Address(lines=lines, postcode=postcode) if lines or postcode else None
