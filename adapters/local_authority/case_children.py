"""The children of a case extract, gathered before anything about them is told."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from adapters.kit.dates import is_adult
from adapters.kit.fields import Fields
from adapters.kit.flags import Flags
from adapters.kit.identifiers import identifier, identifiers
from adapters.kit.safe_csv import Row
from contracts.identifiers import is_unborn
from contracts.payload import Address, Child, Identifier, Person
from contracts.words import About, DataCategory, IdentifierKind, PersonRole, Restriction

_TRACED = frozenset({"traced", "verified", "01", "1", "y", "yes"})
_NOT_TRACED = frozenset({"", "not_traced", "untraced", "no_match", "n", "no", "02", "03", "04", "05", "06", "07", "08"})
_LINES = ("address_line_1", "address_line_2", "address_line_3", "address_line_4")
_RESTRICTIONS = {restriction.value: restriction for restriction in Restriction}


@dataclass(frozen=True, slots=True)
class CaseChild:
    """A child of the extract: who it is, where it lives, what stands on it now, and what was odd about its row."""

    id: str
    child: Child
    address: Address | None = None
    restrictions: tuple[Restriction, ...] = ()
    is_adult: bool = False
    is_disputed: bool = False
    """Whether two rows give the id to children of different birth dates."""
    flags: tuple[str, ...] = ()
    mother: Person | None = None
    """Of an unborn child, who is known by her."""

    @property
    def born(self) -> date | None:
        """The day of birth, or on which it is expected."""
        return self.child.birth_date or self.child.expected_date


def gather(rows: Iterable[Row], today: date) -> dict[str, CaseChild]:
    """Every child that has a row of its own, by the authority's id, with the restrictions of all its rows."""
    usable = [row for row in rows if not row.problem]
    standing: dict[str, list[Restriction]] = {}
    for row in usable:
        for restriction in _standing(Fields(row.cells, Flags()), today):
            standing.setdefault(child_id_of(row), []).append(restriction)
    found: dict[str, CaseChild] = {}
    for child in (
        _case_child(row, tuple(standing.get(child_id_of(row), ())), today)
        for row in usable
        if kind_of(row) == "child" and child_id_of(row)
    ):
        former = found.setdefault(child.id, child)
        found[child.id] = replace(child, is_disputed=former.is_disputed or former.born != child.born)
    mothers = {child_id_of(row): _mother(Fields(row.cells, Flags())) for row in usable if _names_mother(row)}
    return {
        name: replace(child, mother=mothers.get(name)) if is_unborn(child.child) else child
        for name, child in found.items()
    }


def stranger(child_id: str) -> CaseChild:
    """A child that has no row of its own: its id is all that is known."""
    flags = Flags()
    flags.add("child.row_missing", "birth_date.unknown", "identifier.missing", "name.missing")
    return CaseChild(child_id, Child(identifiers=_known_by(child_id, flags)), flags=flags.all())


def kind_of(row: Row) -> str:
    """The row's kind, in lower case."""
    return row.cells["row"].strip().lower()


def child_id_of(row: Row) -> str:
    """The authority's id of the child that the row is about, spaces joined; empty where there is none."""
    return " ".join(row.cells["la_child_id"].split())


def restriction_named(fields: Fields) -> Restriction | None:
    """The restriction a row names; one that nobody knows guards the address, and is flagged."""
    code = fields.code("restriction")
    if not code:
        return None
    if code not in _RESTRICTIONS:
        fields.flags.add("restriction.unknown")
    return _RESTRICTIONS.get(code, Restriction.RESTRICTED_ADDRESS)


def _standing(fields: Fields, today: date) -> list[Restriction]:
    kind = fields.code("row")
    if kind == "child" and fields.yes("restricted") is True:
        return [Restriction.RESTRICTED_ADDRESS]
    until = fields.day("to")
    named = restriction_named(fields) if kind == "restriction" else None
    return [named] if named is not None and (until is None or until > today) else []


def _names_mother(row: Row) -> bool:
    return kind_of(row) == "adult" and Fields(row.cells, Flags()).code("relationship") == "mother"


def _mother(fields: Fields) -> Person:
    return Person(
        role=PersonRole.MOTHER,
        about=About.ADULT,
        forenames=fields.line("adult_forenames"),
        surname=fields.line("adult_surname"),
        birth_date=fields.day("adult_birth_date"),
    )


def _case_child(row: Row, restrictions: tuple[Restriction, ...], today: date) -> CaseChild:
    fields = Fields(row.cells, Flags())
    forenames, surname = fields.line("forenames"), fields.line("surname")
    birth_date = fields.day("birth_date", flag="birth_date.unreadable")
    expected = fields.day("expected_date")
    if birth_date is None and expected is None:
        fields.flags.add("birth_date.unknown")
    if surname is None:
        fields.flags.add("name.missing")
    child = Child(
        forenames=forenames,
        surname=surname,
        birth_date=birth_date,
        expected_date=expected if birth_date is None else None,
        sex=fields.sex("sex"),
        identifiers=_identifiers(fields),
    )
    return CaseChild(
        id=child_id_of(row),
        child=child,
        address=_address(fields, is_guarded=Restriction.RESTRICTED_ADDRESS in restrictions),
        restrictions=tuple(dict.fromkeys(restrictions)),
        is_adult=is_adult(birth_date, today),
        flags=fields.flags.all(),
    )


def _identifiers(fields: Fields) -> tuple[Identifier, ...]:
    status = fields.code("nhs_trace_status")
    if status not in _TRACED | _NOT_TRACED:
        fields.flags.add("trace_status.unknown")
    number = identifier(IdentifierKind.NHS_NUMBER, fields.line("nhs_number"), fields.flags, traced=status in _TRACED)
    upn = identifier(IdentifierKind.UPN, fields.line("upn"), fields.flags)
    if number is None and upn is None:
        fields.flags.add("identifier.missing")
    return identifiers(number, upn, *_known_by(fields.line("la_child_id") or "", fields.flags))


def _known_by(child_id: str, flags: Flags) -> tuple[Identifier, ...]:
    return identifiers(identifier(IdentifierKind.LA_CHILD_ID, child_id, flags))


def _address(fields: Fields, *, is_guarded: bool) -> Address | None:
    lines = tuple(text for name in _LINES if (text := fields.line(name)) is not None)
    postcode = fields.line("postcode")
    if not lines and postcode is None:
        return None
    return Address(
        category=DataCategory.ID_RESTRICTED_ADDRESS if is_guarded else DataCategory.ID_ADDRESS,
        lines=lines,
        postcode=postcode,
    )
