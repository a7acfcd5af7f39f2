"""Reading one native record's fields leniently: what is odd is flagged, what is unreadable is left out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Self

from adapters.kit.dates import read_date, read_time
from adapters.kit.flags import Flags
from adapters.kit.text import free_text, line
from contracts.words import Sex

_YES = frozenset({"y", "yes", "true", "t", "1"})
_NO = frozenset({"n", "no", "false", "f", "0"})
_NOT_KNOWN = frozenset({"unknown", "u", "not known", "nk"})
_SEXES = {
    "f": Sex.FEMALE,
    "female": Sex.FEMALE,
    "2": Sex.FEMALE,
    "m": Sex.MALE,
    "male": Sex.MALE,
    "1": Sex.MALE,
    "u": Sex.UNKNOWN,
    "unknown": Sex.UNKNOWN,
    "i": Sex.UNKNOWN,
    "0": Sex.UNKNOWN,
    "9": Sex.UNKNOWN,
    "": Sex.UNKNOWN,
}
_SURROGATES = dict.fromkeys(range(55296, 57344), "�")


@dataclass(frozen=True, slots=True)
class Fields:
    """One object of a JSON file, or one row of a table, and where its flags go.

    A field that is absent, blank or of an unexpected type reads as none (or empty).
    """

    native: Mapping[str, Any]
    flags: Flags

    def line(self, *names: str) -> str | None:
        """The first of these fields that is set, as one line of the published contract."""
        return line(self._first(names), self.flags)

    def free_text(self, *names: str) -> str | None:
        """The first of these fields that is set, as free text of the published contract."""
        return free_text(self._first(names), self.flags)

    def code(self, *names: str) -> str:
        """The first of these fields that is set, in lower case with underscores; empty if none is."""
        return "_".join((self.line(*names) or "").lower().replace("-", " ").split())

    def day(self, *names: str, flag: str = "date.unreadable") -> date | None:
        """The first of these fields that is set, as a day; ``flag`` where it is none."""
        return read_date(self._first(names), self.flags, flag=flag)

    def moment(self, *names: str) -> datetime | None:
        """The first of these fields that can be read as a moment, in UTC."""
        found = (read_time(_text(self.native.get(name)), self.flags) for name in names)
        return next((moment for moment in found if moment is not None), None)

    def yes(self, *names: str) -> bool | None:
        """The first of these fields that is set, as yes or no; none where it is blank, not known or neither."""
        text = self._first(names).strip().lower()
        if text in _YES:
            return True
        if text in _NOT_KNOWN:
            return None
        if text and text not in _NO:
            self.flags.add("boolean.unreadable")
            return None
        return False if text else None

    def sex(self, *names: str) -> Sex:
        """The first of these fields that is set, as a sex; flagged where the code is not known."""
        found = _SEXES.get(self._first(names).strip().lower())
        if found is None:
            self.flags.add("sex.unknown_code")
        return found or Sex.UNKNOWN

    def one(self, name: str) -> Self:
        """The object in this field; an empty one where there is none."""
        value = self.native.get(name)
        return type(self)(value if isinstance(value, dict) else {}, self.flags)

    def each(self, name: str) -> tuple[Self, ...]:
        """The objects in this field's list."""
        value = self.native.get(name)
        found = value if isinstance(value, list) else []
        return tuple(type(self)(item, self.flags) for item in found if isinstance(item, dict))

    def lines(self, name: str) -> tuple[str, ...]:
        """The single-line values in this field's list; a plain value counts as a list of one."""
        value = self.native.get(name)
        found = value if isinstance(value, list) else [value]
        read = (line(_text(item), self.flags) for item in found)
        return tuple(item for item in read if item is not None)

    def _first(self, names: tuple[str, ...]) -> str:
        return next((text for name in names if (text := _text(self.native.get(name))).strip()), "")


def _text(value: object) -> str:
    """A scalar as text; nothing for what is none. A lone half of a surrogate pair is no character."""
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return str(value)
        case str():
            return value if value.isascii() else value.translate(_SURROGATES)
        case _:
            return ""
