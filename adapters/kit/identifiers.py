"""A child's identifiers as adapters carry them: cleaned, checked, flagged, never refused."""

from contracts.identifiers import check

from adapters.kit.flags import Flags
from adapters.kit.text import line
from contracts.payload import Identifier
from contracts.words import CheckResult, IdentifierKind

_FAILED = {IdentifierKind.NHS_NUMBER: "nhs_number.check_failed", IdentifierKind.UPN: "upn.check_failed"}
_NHS_DIGITS = 10


def identifier(kind: IdentifierKind, text: str | None, flags: Flags, *, traced: bool = False) -> Identifier | None:
    """Make an identifier of what an agency wrote; none for blank text.

    NHS numbers lose spaces and hyphens, UPNs become upper case. A number of one repeated digit is a
    placeholder and counts as failed. ``traced``: the agency's record says that a trace confirmed it.
    """
    value = line(text, flags)
    if value is None:
        return None
    if kind is IdentifierKind.NHS_NUMBER:
        value = value.replace(" ", "").replace("-", "")
    if kind is IdentifierKind.UPN:
        value = value.replace(" ", "").upper()
    if not value:
        return None
    return Identifier(kind=kind, value=value, check=_checked(kind, value, flags, traced=traced))


def identifiers(*found: Identifier | None) -> tuple[Identifier, ...]:
    """The identifiers that are there, each once, in order."""
    return tuple(dict.fromkeys(one for one in found if one is not None))


def _checked(kind: IdentifierKind, value: str, flags: Flags, *, traced: bool) -> CheckResult:
    result = check(kind, value)
    if kind is IdentifierKind.NHS_NUMBER and len(set(value)) == 1:
        result = CheckResult.FAILED
    if result is CheckResult.FAILED:
        flags.add(_FAILED.get(kind, "identifier.check_failed"))
        if kind is IdentifierKind.NHS_NUMBER and len(value) != _NHS_DIGITS:
            flags.add("nhs_number.not_ten_digits")
        return result
    return CheckResult.TRACED if traced else result
