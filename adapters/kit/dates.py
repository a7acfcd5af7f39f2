"""Dates and times as agencies write them. What cannot be read is left out and flagged, never refused."""

import re
from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

from adapters.kit.flags import Flags

LONDON = ZoneInfo("Europe/London")
EARLIEST_YEAR = 1900
LATEST_YEAR = 2200
ADULT_AT = 18

_MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1
    )
}
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})", re.ASCII)
_SLASHED = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})", re.ASCII)
_NAMED = re.compile(r"(\d{4})-([A-Za-z]{3})-(\d{1,2})", re.ASCII)
_DAY_NAMED = re.compile(r"(\d{1,2})[ -]([A-Za-z]{3})[a-z]*[ -](\d{4})", re.ASCII)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?\s*(Z|[+-]\d{2}:?\d{2})?", re.ASCII)
_HL7 = re.compile(r"(\d{8})(?:(\d{2})(?:(\d{2})(?:(\d{2})(?:\.\d+)?)?)?)?([+-]\d{4})?", re.ASCII)


def read_date(text: str | None, flags: Flags, *, flag: str = "date.unreadable") -> date | None:
    """Read a day: DD/MM/YYYY, YYYYMMDD, ISO, ``2025-Jun-02``, each with or without a time of day after it.

    Returns none for blank text; none and ``flag`` for what is no day between 1900 and 2200.
    """
    text = (text or "").strip()
    if not text:
        return None
    found = _day_at_start(text)
    if found is None:
        flags.add(flag)
        return None
    return found[0]


def read_time(
    text: str | None, flags: Flags, *, flag: str = "time.unreadable", zone: ZoneInfo = LONDON
) -> datetime | None:
    """Read a moment, as UTC in whole seconds.

    Reads ISO (with ``Z``, an offset, or neither), every form of :func:`read_date`, and HL7's
    ``YYYYMMDD[HH[MM[SS[.s]]]][+ZZZZ]``. Without a zone the time is ``zone``'s own, and flagged where
    the clocks leave it open. A day without a time gives the day's start there and ``time.date_only``.
    """
    text = (text or "").strip()
    if not text:
        return None
    value = _hl7_time(text, flags, zone) if _HL7.fullmatch(text) else _written_time(text, flags, zone)
    if value is None:
        flags.add(flag)
    return value


def start_of_day(day: date, *, zone: ZoneInfo = LONDON) -> datetime:
    """The moment at which ``day`` starts in ``zone``, as UTC."""
    return datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)


def local_day(moment: datetime, *, zone: ZoneInfo = LONDON) -> date:
    """The day on which ``moment`` falls in ``zone``."""
    return moment.astimezone(zone).date()


def age_on(birth_date: date, day: date) -> int:
    """Whole years on ``day``; below 0 before birth. Someone born on 29 February ages on 1 March."""
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))


def is_adult(birth_date: date | None, day: date) -> bool:
    """Whether someone was 18 or over on ``day``. An unknown birth date does not make an adult."""
    return birth_date is not None and age_on(birth_date, day) >= ADULT_AT


def _day_at_start(text: str) -> tuple[date, str] | None:
    for pattern, order in ((_ISO, "ymd"), (_SLASHED, "dmy"), (_NAMED, "ynd"), (_DAY_NAMED, "dny"), (_COMPACT, "ymd")):
        match = pattern.match(text)
        if match is None:
            continue
        parts = dict(zip(order, match.groups(), strict=True))
        month = _MONTHS.get(parts["n"].lower(), 0) if "n" in parts else int(parts["m"])
        rest = text[match.end() :]
        if rest[:1].isdigit() and pattern is not _COMPACT:
            return None
        return _with_rest(int(parts["y"]), month, int(parts["d"]), rest)
    return None


def _with_rest(year: int, month: int, day: int, rest: str) -> tuple[date, str] | None:
    if not EARLIEST_YEAR <= year <= LATEST_YEAR:
        return None
    try:
        return date(year, month, day), rest.lstrip(" T")
    except ValueError:
        return None


def _written_time(text: str, flags: Flags, zone: ZoneInfo) -> datetime | None:
    found = _day_at_start(text)
    if found is None:
        return None
    day, rest = found
    if not rest:
        flags.add("time.date_only")
        return start_of_day(day, zone=zone)
    clock = _CLOCK.fullmatch(rest)
    if clock is None:
        return None
    hour, minute, second, offset = clock.groups()
    return _moment(day, (hour, minute, second), offset, flags=flags, zone=zone)


def _hl7_time(text: str, flags: Flags, zone: ZoneInfo) -> datetime | None:
    match = _HL7.fullmatch(text)
    found = _day_at_start(match.group(1)) if match else None
    if match is None or found is None:
        return None
    _, hour, minute, second, offset = match.groups()
    if hour is None:
        flags.add("time.date_only")
        return start_of_day(found[0], zone=zone)
    return _moment(found[0], (hour, minute, second), offset, flags=flags, zone=zone)


def _moment(
    day: date, clock: tuple[str, str | None, str | None], offset: str | None, *, flags: Flags, zone: ZoneInfo
) -> datetime | None:
    hour, minute, second = (int(part or 0) for part in clock)
    try:
        local = datetime.combine(day, time(hour, minute, min(second, 59)))
        if offset is not None:
            return local.replace(tzinfo=_offset(offset)).astimezone(UTC)
    except ValueError:
        return None
    return _local(local, flags, zone)


def _offset(text: str) -> timezone:
    if text == "Z":
        return UTC
    digits = text[1:].replace(":", "")
    shift = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-shift if text[0] == "-" else shift)


def _local(local: datetime, flags: Flags, zone: ZoneInfo) -> datetime:
    first = local.replace(tzinfo=zone, fold=0)
    second = local.replace(tzinfo=zone, fold=1)
    moment = first.astimezone(UTC)
    if first.utcoffset() != second.utcoffset():
        returns = moment.astimezone(zone).replace(tzinfo=None) == local
        flags.add("time.ambiguous" if returns else "time.nonexistent")
    return moment
