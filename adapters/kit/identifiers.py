"""A child's identifiers as adapters carry them: cleaned, checked, flagged, never refused."""

from adapters.kit.flags import Flags
from adapters.kit.text import line
from contracts.identifiers import check, is_upn_unknown, tidy
from contracts.payload import Identifier
from contracts.words import CheckResult, IdentifierKind

_NHS_DIGITS = 10


def identifier(kind: IdentifierKind, text: str | None, flags: Flags, *, traced: bool = False) -> Identifier | None:
    """Make an identifier of what an agency wrote; none for blank text.

    It is written as it is compared: capitals, no spaces, an NHS number without hyphens. ``traced``: the
    agency's record says that a trace confirmed it. A code for "not known" in place of a UPN is no identifier.
    """
    value = tidy(kind, line(text, flags) or "")
    if kind is IdentifierKind.UPN and is_upn_unknown(value):
        return None
    if not value:
        return None
    return Identifier(kind=kind, value=value, check=_checked(kind, value, flags, traced=traced))


def identifiers(*found: Identifier | None) -> tuple[Identifier, ...]:
    """The identifiers that are there, each once, in order."""
    return tuple(dict.fromkeys(one for one in found if one is not None))


def _checked(kind: IdentifierKind, value: str, flags: Flags, *, traced: bool) -> CheckResult:
    result = check(kind, value)
    if result is not CheckResult.FAILED:
        return CheckResult.TRACED if traced else result
    flags.add(f"identifier.{kind}.failed")
    if kind is IdentifierKind.NHS_NUMBER and len(value) != _NHS_DIGITS:
        flags.add("nhs_number.not_ten_digits")
    return result
