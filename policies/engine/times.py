"""Dates and hours in England, as the agreements and the law write them."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

ENGLAND = ZoneInfo("Europe/London")

FAR_FUTURE = 2**53 - 1
"""UTC seconds that stand for "no end"."""

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

WARN_DAYS = (90, 30, 7)
"""Days before something lapses at which its owner is warned."""

MINUTES_A_DAY = 1440


def start_of(day: date) -> int:
    """UTC seconds at which ``day`` starts in England."""
    return int(datetime.combine(day, time(), ENGLAND).timestamp())


def day_of(moment: datetime) -> date:
    """The day that it is in England at ``moment``."""
    return moment.astimezone(ENGLAND).date()


def start_or_never(day: date | None) -> int:
    """UTC seconds at which ``day`` starts in England, or the far future where there is none."""
    return FAR_FUTURE if day is None else start_of(day)


def minute_of_day(text: str) -> int:
    """Minutes since midnight for ``HH:MM``, where ``24:00`` is the end of the day."""
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)
