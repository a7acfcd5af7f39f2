"""The patient of an ADT message as a child: names, identifiers, address, carers, practice."""

from dataclasses import dataclass
from datetime import date

from adapters.health.hl7_codes import (
    LOCAL_TYPES,
    NHS_TYPES,
    NO_FIXED_ABODE,
    ODS_PRACTICE,
    RELATIONS,
    RESTRICTED_LOCATION,
    SEXES,
    YES,
)
from adapters.health.hl7_message import Message, Segment
from adapters.kit.dates import read_date
from adapters.kit.errors import ContentError
from adapters.kit.flags import Flags
from adapters.kit.identifiers import identifier, identifiers
from adapters.kit.text import line
from contracts.payload import Address, Child, Organisation, Person
from contracts.words import About, IdentifierKind, PersonRole, Restriction, Sex

_CURRENT_ADDRESSES = ("H", "C", "P", "")
_HAS_NAMES = frozenset({PersonRole.MOTHER, PersonRole.FATHER, PersonRole.PARENT, PersonRole.CARER})


@dataclass(frozen=True, slots=True)
class Patient:
    """Who a message is about. ``ref`` is the trust's own number, or what stands for it."""

    ref: str
    child: Child
    address: Address | None
    people: tuple[Person, ...]
    practice: Organisation | None
    restrictions: tuple[Restriction, ...]

    @property
    def birth_date(self) -> date | None:
        """The day of birth, if it is known."""
        return self.child.birth_date


def read_patient(message: Message, pid: Segment, flags: Flags) -> Patient:
    """Read one PID and the segments around it.

    Raises:
        ContentError: ``content.no_child_id``, the message does not say whose it is.
    """
    nhs, local = numbers(pid, 3)
    ref = local or (f"nhs:{nhs}" if nhs else "")
    if not ref:
        msg = "the message holds no patient number"
        raise ContentError(msg, code="content.no_child_id", path="PID-3", remedy="send the trust's own number in PID-3")
    restricted = _is_restricted(message)
    return Patient(
        ref=ref,
        child=_child(pid, nhs, local, flags),
        address=None if restricted else _address(pid, flags),
        people=_people(message, flags),
        practice=_practice(message.first("PD1"), flags),
        restrictions=(Restriction.RESTRICTED_ADDRESS,) if restricted else (),
    )


def numbers(segment: Segment, field: int) -> tuple[str, str]:
    """The NHS number and the trust's own number among a field's repetitions; empty where there is none."""
    nhs = ""
    local: dict[int, str] = {}
    for number in segment.repetitions(field):
        value = segment.get(field, 1, repetition=number)
        marks = [segment.get(field, component, repetition=number).upper() for component in (5, 4)]
        if not value:
            continue
        if not NHS_TYPES.isdisjoint(marks):
            nhs = nhs or value
            continue
        rank = LOCAL_TYPES.index(marks[0]) if marks[0] in LOCAL_TYPES else len(LOCAL_TYPES)
        local.setdefault(rank, value)
    return nhs, local[min(local)] if local else ""


def _child(pid: Segment, nhs: str, local: str, flags: Flags) -> Child:
    birth_date = read_date(pid.get(7)[:8] or None, flags, flag="birth_date.unreadable")
    if birth_date is None:
        flags.add("birth_date.unknown")
    code = pid.get(8).upper()
    if code not in SEXES:
        flags.add("sex.unknown_code")
    found = identifiers(
        identifier(IdentifierKind.NHS_NUMBER, nhs, flags), identifier(IdentifierKind.LOCAL, local, flags)
    )
    if not nhs:
        flags.add("identifier.missing")
    surname = line(pid.get(5, 1), flags)
    forenames = line(" ".join(part for part in (pid.get(5, 2), pid.get(5, 3)) if part), flags)
    if surname is None and forenames is None:
        flags.add("name.missing")
    return Child(
        forenames=forenames,
        surname=surname,
        birth_date=birth_date,
        sex=SEXES.get(code, Sex.UNKNOWN),
        ethnicity=line(pid.get(22) or pid.get(10), flags),
        identifiers=found,
    )


def _address(pid: Segment, flags: Flags) -> Address | None:
    by_rank: dict[int, int] = {}
    for number in pid.repetitions(11):
        kind = pid.get(11, 7, repetition=number).upper()
        if kind in _CURRENT_ADDRESSES:
            by_rank.setdefault(_CURRENT_ADDRESSES.index(kind), number)
    if not by_rank:
        return None
    chosen = by_rank[min(by_rank)]
    parts = (line(pid.get(11, component, repetition=chosen), flags) for component in (1, 2, 3, 4))
    lines = tuple(part for part in parts if part)
    postcode = line(pid.get(11, 5, repetition=chosen).upper(), flags)
    if postcode and postcode.startswith(NO_FIXED_ABODE):
        flags.add("address.no_fixed_abode")
    return Address(lines=lines, postcode=postcode) if lines or postcode else None


def _people(message: Message, flags: Flags) -> tuple[Person, ...]:
    found = []
    for kin in message.segments("NK1"):
        known = RELATIONS.get(kin.get(3, 1).upper()) or RELATIONS.get(kin.get(3, 2).upper())
        if known is None:
            continue
        role, about = known
        if role not in _HAS_NAMES:
            found.append(Person(role=role, about=about))
            continue
        found.append(
            Person(
                role=role,
                about=About.ADULT,
                forenames=line(kin.get(2, 2), flags),
                surname=line(kin.get(2, 1), flags),
                birth_date=read_date(kin.get(16)[:8] or None, flags),
            )
        )
    return tuple(found)


def _practice(pd1: Segment, flags: Flags) -> Organisation | None:
    """The practice by its ODS code, wherever in PD1-4 (or else PD1-3) the trust puts it; else its local code."""
    values = [*pd1.values(4), *pd1.values(3)]
    code = next((value for value in values if ODS_PRACTICE.fullmatch(value)), None)
    name = line(next((value for value in pd1.values(3) if value != code and not value.isdigit()), ""), flags)
    if code is not None:
        return Organisation(scheme="ods", code=code, name=name)
    local = line(pd1.get(4), flags)
    return Organisation(scheme="local", code=local, name=name) if local else None


def _is_restricted(message: Message) -> bool:
    """PD1-12 (protection), or an access restriction (ARV) on where the patient is."""
    if message.first("PD1").get(12).upper() in YES:
        return True
    return any(arv.get(3).upper() == RESTRICTED_LOCATION for arv in message.segments("ARV"))
