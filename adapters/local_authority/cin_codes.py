"""Code lists of the children in need census; a code that is not in them is flagged and passed on."""

from adapters.kit.flags import Flags
from adapters.kit.text import line
from contracts.words import Sex

REFERRAL_SOURCES = frozenset(
    ("1A", "1B", "1C", "1D", "2A", "2B", "3A", "3B", "3C", "3D", "3E", "3F", "4", "5A", "5B", "5C", "5D", "6", "7")
) | frozenset(("8", "9", "10"))
PRIMARY_NEEDS = frozenset(f"N{number}" for number in range(10))
ABUSE = frozenset(("NEG", "PHY", "SAB", "EMO", "MUL"))
DISABILITIES = frozenset(("NONE", "MOB", "HAND", "PC", "INC", "COMM", "LD", "HEAR", "VIS", "BEH", "CON", "AUT", "DDA"))
NO_DISABILITY = "NONE"
ETHNICITIES = frozenset(
    ("WBRI", "WIRI", "WIRT", "WOTH", "WROM", "MWBC", "MWBA", "MWAS", "MOTH", "AIND", "APKN", "ABAN", "AOTH", "BCRB")
) | frozenset(("BAFR", "BOTH", "CHNE", "OOTH", "REFU", "NOBT"))

_SEXES = {"M": Sex.MALE, "F": Sex.FEMALE, "U": Sex.UNKNOWN, "": Sex.UNKNOWN}
_GENDERS = {"1": Sex.MALE, "2": Sex.FEMALE, "0": Sex.UNKNOWN, "9": Sex.UNKNOWN}
_YES_NO = {"1": True, "0": False, "TRUE": True, "FALSE": False, "Y": True, "N": False}


def code(text: str, known: frozenset[str], flags: Flags) -> str | None:
    """A code as it came, in capitals; none if blank, flagged if it is not in its list."""
    value = line(text.upper(), flags)
    if value is not None and value not in known:
        flags.add("code.unknown")
    return value


def sex(text: str, flags: Flags) -> Sex:
    """The sex by the codes of any year: M, F, U since 2023, 0, 1, 2, 9 before; each is read in either place."""
    value = text.upper()
    found = _SEXES.get(value, _GENDERS.get(value))
    if found is None:
        flags.add("sex.unknown_code")
    return found or Sex.UNKNOWN


def yes_no(text: str, flags: Flags) -> bool | None:
    """A yes or no as 0 and 1, or in words; none if blank or neither."""
    if not text:
        return None
    found = _YES_NO.get(text.upper())
    if found is None:
        flags.add("boolean.unreadable")
    return found


def whole_number(text: str, flags: Flags) -> int | None:
    """A count; none if blank or unreadable."""
    if not text:
        return None
    if text.isascii() and text.isdigit():
        return int(text[:6])
    flags.add("number.unreadable")
    return None
