"""The people of a notice: which of them are children, and what bears on each child of all the others."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from adapters.kit.dates import age_on, is_adult
from adapters.kit.fields import Fields
from adapters.kit.identifiers import identifier, identifiers
from contracts.payload import Address, Child, Organisation, Person
from contracts.words import About, DataCategory, IdentifierKind, PersonRole

GROWN_AT = 16
_ROLES = frozenset({"subject", "victim", "suspect", "parent", "sibling", "present", "informant", "caller", "other"})
_INFORMANTS = frozenset({"informant", "caller"})
_CHILD_WITHOUT_BIRTH_DATE = frozenset({"sibling", "present"})
_CHILD_NOTICES = frozenset({"child", "missing"})
_RELATIONSHIPS = {
    "mother": PersonRole.MOTHER,
    "father": PersonRole.FATHER,
    "parent": PersonRole.PARENT,
    "carer": PersonRole.CARER,
    "partner": PersonRole.HOUSEHOLD_MEMBER,
    "household_member": PersonRole.HOUSEHOLD_MEMBER,
}
_BY_ROLE = {
    "victim": PersonRole.VICTIM,
    "suspect": PersonRole.SUSPECT,
    "parent": PersonRole.PARENT,
    "sibling": PersonRole.SIBLING,
}


@dataclass(frozen=True, slots=True)
class Party:
    """One person of a notice. ``age`` is in whole years when it happened; none where it is not known."""

    fields: Fields
    place: int
    role: str
    birth_date: date | None
    age: int | None
    is_child: bool

    @property
    def reference(self) -> str:
        """The force's own id of the person; empty where there is none."""
        return self.fields.line("person_id", "nominal_id") or ""


def parties(notice: Fields, *, notice_kind: str, on: date) -> tuple[Party, ...]:
    """Every person of the notice, in its order."""
    return tuple(
        _party(fields, place, notice_kind=notice_kind, on=on)
        for place, fields in enumerate(notice.each("persons"), start=1)
    )


def make_child(party: Party) -> Child:
    """The child as an event carries it, what is missing flagged."""
    fields = party.fields
    forenames, surname = fields.line("forenames"), fields.line("surname")
    if forenames is None and surname is None:
        fields.flags.add("name.missing")
    if party.birth_date is None:
        fields.flags.add("birth_date.unknown")
        if party.role == "present":
            fields.flags.add("child.may_be_adult")
    return Child(
        forenames=forenames,
        surname=surname,
        birth_date=party.birth_date,
        sex=fields.sex("sex"),
        ethnicity=fields.line("ethnicity"),
        identifiers=identifiers(
            identifier(IdentifierKind.NHS_NUMBER, fields.line("nhs_number"), fields.flags),
            identifier(IdentifierKind.UPN, fields.line("upn"), fields.flags),
        ),
    )


def child_ref(party: Party, notice_id: str) -> str:
    """The force's own id of the child: its nominal, else the child's place in this notice."""
    return f"nominal/{party.reference}" if party.reference else f"notice/{notice_id}/{party.place}"


def home_of(party: Party) -> Address | None:
    """The person's address, guarded where the notice says that it is restricted."""
    given = party.fields.one("address")
    lines = given.lines("lines") or party.fields.lines("address")
    uprn, postcode = given.line("uprn"), given.line("postcode")
    if not (lines or uprn or postcode):
        return None
    guarded = given.yes("restricted") is True
    return Address(
        category=DataCategory.ID_RESTRICTED_ADDRESS if guarded else DataCategory.ID_ADDRESS,
        lines=lines,
        postcode=postcode,
        uprn=uprn,
    )


def school_of(party: Party) -> Organisation | None:
    """The school or nursery that the child is said to go to."""
    name, urn = party.fields.line("school_name"), party.fields.line("school_urn")
    if urn is not None:
        return Organisation(scheme="urn", code=urn, name=name)
    if name is None:
        return None
    party.fields.flags.add("school.name_only")
    return Organisation(scheme="local", code=name, name=name)


def others(everyone: tuple[Party, ...], child: Party, *, as_at: date) -> Iterator[Person]:
    """What bears on this child of everyone else: other children by reference, adults by role, informants as such."""
    for party in everyone:
        if party is child:
            continue
        if party.role in _INFORMANTS:
            yield _informant(party)
        elif party.is_child:
            yield _other_child(party)
        else:
            yield _adult(party, child, as_at)


def both_grown(everyone: tuple[Party, ...]) -> bool | None:
    """Whether both parties of a domestic incident were 16 or over; none where it cannot be said.

    Source: Domestic Abuse Act 2021, section 1: both are aged 16 or over. A child who saw it is no party.
    """
    suspects = [_is_grown(party) for party in everyone if party.role == "suspect"]
    victims = [_is_grown(party) for party in everyone if party.role == "victim"]
    if not suspects or not victims:
        return None
    if False in suspects or not any(grown is not False for grown in victims):
        return False
    return True if None not in suspects and True in victims else None


def _is_grown(party: Party) -> bool | None:
    return None if party.age is None else party.age >= GROWN_AT


def _party(fields: Fields, place: int, *, notice_kind: str, on: date) -> Party:
    role = fields.code("role")
    if role not in _ROLES:
        fields.flags.add("role.unknown")
        role = "other"
    birth_date = fields.day("dob", flag="birth_date.unreadable")
    age = None if birth_date is None else age_on(birth_date, on)
    return Party(fields, place, role, birth_date, age, _is_child(role, birth_date, notice_kind=notice_kind, on=on))


def _is_child(role: str, birth_date: date | None, *, notice_kind: str, on: date) -> bool:
    """Whether an event is made about this person; a young suspect or parent is told of as a role only."""
    if role in {"suspect", "parent", *_INFORMANTS}:
        return False
    if birth_date is not None:
        return not is_adult(birth_date, on)
    return role in _CHILD_WITHOUT_BIRTH_DATE or (notice_kind in _CHILD_NOTICES and role in {"subject", "victim"})


def _informant(party: Party) -> Person:
    return Person(
        role=PersonRole.INFORMANT,
        about=About.INFORMANT,
        forenames=party.fields.line("forenames"),
        surname=party.fields.line("surname"),
        phone=party.fields.line("phone"),
        status=party.fields.line("relationship"),
    )


def _other_child(party: Party) -> Person:
    return Person(
        role=_BY_ROLE.get(party.role, PersonRole.OTHER_CHILD) if party.role == "sibling" else PersonRole.OTHER_CHILD,
        about=About.OTHER_CHILD,
        forenames=party.fields.line("forenames"),
        child_reference=party.reference or None,
    )


def _adult(party: Party, child: Party, as_at: date) -> Person:
    """An adult: how they stand to this child, and as at this day whether they are victim or suspect."""
    links = (link for link in party.fields.each("relationships") if link.line("to") == child.reference)
    relationship = next((link.code("kind") for link in links), "")
    role = _RELATIONSHIPS.get(relationship) or _BY_ROLE.get(party.role, PersonRole.OTHER)
    is_party = party.role in {"suspect", "victim"}
    stranger = role is PersonRole.OTHER
    category = DataCategory.CRIME_ALLEGATION if party.role == "suspect" else DataCategory.ID_CORE
    return Person(
        role=role,
        about=About.THIRD_PARTY if stranger else About.ADULT,
        category=DataCategory.THIRD_PARTY if stranger else category,
        forenames=party.fields.line("forenames"),
        surname=party.fields.line("surname"),
        birth_date=None if stranger else party.birth_date,
        status=party.role if is_party else None,
        status_as_at=as_at if is_party else None,
    )
