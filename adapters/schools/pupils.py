"""A pupil and the place that holds the roll, as events carry them."""

from datetime import date

from adapters.kit.flags import Flags
from adapters.kit.identifiers import identifier, identifiers
from adapters.kit.records import Reading
from contracts.identifiers import is_upn_unknown
from contracts.payload import Child, Organisation
from contracts.words import IdentifierKind, Sex


def make_child(
    *, forenames: str | None, surname: str | None, birth_date: date | None, sex: Sex, upn: str | None, flags: Flags
) -> Child:
    """The child, with what is missing flagged."""
    number = None if upn is None or is_upn_unknown(upn) else identifier(IdentifierKind.UPN, upn, flags)
    if number is None:
        flags.add("identifier.missing")
    if forenames is None or surname is None:
        flags.add("name.missing")
    if birth_date is None:
        flags.add("birth_date.unknown")
    return Child(forenames=forenames, surname=surname, birth_date=birth_date, sex=sex, identifiers=identifiers(number))


def child_ref(child: Child, local_id: str | None) -> str:
    """The school's own id of the child: the UPN, else its system's id, else name and birth date; empty for nobody.

    The same in every format of one school, so that note and roll mean one child.
    """
    if child.identifiers:
        return f"upn/{child.identifiers[0].value}"
    if local_id:
        return f"local/{local_id}"
    if child.surname is None and child.forenames is None:
        return ""
    return f"name/{child.surname}/{child.forenames}/{child.birth_date}"


def establishment(reading: Reading) -> Organisation:
    """The agency's own school or nursery: by its URN from the settings, else by the agency's id."""
    urn = reading.settings.get("establishment_urn")
    name = reading.settings.get("establishment_name") or None
    if urn:
        return Organisation(scheme="urn", code=urn, name=name)
    return Organisation(scheme="local", code=reading.agency, name=name)
