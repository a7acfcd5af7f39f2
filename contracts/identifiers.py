"""Checking the identifiers of a child. A failed check is a flag, never a refusal."""

import re

from nhs_number.standardise import standardise_format
from nhs_number.validate import is_valid

from contracts.payload import Child, Person
from contracts.words import CheckResult, IdentifierKind, PersonRole

UPN_LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"
"""The letters of a UPN in the order of their worth, 0 to 22; I, O and S are not used."""

_PERMANENT_UPN = re.compile(r"[A-HJ-NP-RT-Z][0-9]{12}", re.ASCII)
_TEMPORARY_UPN = re.compile(r"[A-HJ-NP-RT-Z][0-9]{11}[A-HJ-NP-RT-Z]", re.ASCII)
_UPN_UNKNOWN = re.compile(r"UN[1-9]", re.ASCII)
_ONE_DIGIT_TEN_TIMES = re.compile(r"([0-9])\1{9}", re.ASCII)


def check(kind: IdentifierKind, value: str) -> CheckResult:
    """Say whether ``value`` keeps to the rules of its kind.

    An NHS number and a UPN have a check digit or letter: passed or failed. A local authority's child
    id is that authority's own free text, and a local id has no rules: neither is ever checked.
    """
    match kind:
        case IdentifierKind.NHS_NUMBER:
            return _outcome(is_good=is_nhs_number(value))
        case IdentifierKind.UPN:
            return CheckResult.NOT_CHECKED if is_upn_unknown(value) else _outcome(is_good=is_upn(value))
        case IdentifierKind.LA_CHILD_ID | IdentifierKind.LOCAL:
            return CheckResult.NOT_CHECKED


def tidy(kind: IdentifierKind, value: str) -> str:
    """Write an identifier as it is compared: capitals, no spaces; an NHS number as ten digits."""
    plain = "".join(value.split()).upper()
    return plain.replace("-", "") if kind is IdentifierKind.NHS_NUMBER else plain


def is_nhs_number(value: str) -> bool:
    """Whether ``value`` is ten digits, perhaps as 3 3 4, whose last is the modulus 11 check digit.

    One digit written ten times is a placeholder, whatever its arithmetic. Numbers from 999 are for tests.
    Source: NHS Data Dictionary, NHS NUMBER.
    """
    digits = standardise_format(value) if value.isascii() else ""
    return bool(digits) and not _ONE_DIGIT_TEN_TIMES.fullmatch(digits) and is_valid(digits)


def is_upn(value: str) -> bool:
    """Whether ``value`` is a unique pupil number, permanent or temporary, whose first letter checks.

    Source: Department for Education, UPN guide: the characters after the first, weighted 2 to 13, modulo 23.
    """
    upn = tidy(IdentifierKind.UPN, value)
    if not (_PERMANENT_UPN.fullmatch(upn) or _TEMPORARY_UPN.fullmatch(upn)):
        return False
    return upn[0] == upn_check_letter(upn[1:])


def upn_check_letter(rest: str) -> str:
    """Give the first letter for the other twelve characters of a UPN; a last letter counts its place in the order."""
    total = sum(
        weight * (int(character) if character.isdigit() else UPN_LETTERS.index(character))
        for weight, character in enumerate(rest, start=2)
    )
    return UPN_LETTERS[total % len(UPN_LETTERS)]


def is_upn_unknown(value: str) -> bool:
    """Whether ``value`` stands where a UPN is not known (UN1 to UN9); it identifies nobody."""
    return bool(_UPN_UNKNOWN.fullmatch(tidy(IdentifierKind.UPN, value)))


def is_unborn(child: Child) -> bool:
    """Whether the child is not born yet: an expected date, and no birth date."""
    return child.expected_date is not None and child.birth_date is None


def quality_flags(child: Child, people: tuple[Person, ...] = ()) -> tuple[str, ...]:
    """Give the flags that the child's own fields earn, in a settled order and each once.

    An unborn child is known by its expected date and its mother, and has no identifiers of its own.
    """
    flags = [
        f"identifier.{identifier.kind}.failed"
        for identifier in child.identifiers
        if identifier.check is CheckResult.FAILED
    ]
    if is_unborn(child):
        if not any(person.role is PersonRole.MOTHER and person.surname for person in people):
            flags.append("unborn.mother_unknown")
        if any(identifier.kind is not IdentifierKind.LOCAL for identifier in child.identifiers):
            flags.append("unborn.has_identifier")
    elif child.birth_date is None:
        flags.append("birth_date.unknown")
    elif child.expected_date is not None:
        flags.append("unborn.has_birth_date")
    return tuple(dict.fromkeys(flags))


def _outcome(*, is_good: bool) -> CheckResult:
    return CheckResult.PASSED if is_good else CheckResult.FAILED
