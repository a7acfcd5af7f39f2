"""Weekly hours: whether a moment falls in them, and when so many of them have passed."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from contracts.base import Model
from policies.engine.times import ENGLAND, MINUTES_A_DAY, WEEKDAYS, minute_of_day

TimeOfDay = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$")]


class Hours(Model):
    """The same hours on some days of the week, in English time; ``24:00`` is the end of the day."""

    days: Annotated[tuple[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], ...], Field(min_length=1)]
    start: Annotated[TimeOfDay, Field(alias="from")]
    end: Annotated[TimeOfDay, Field(alias="to")]

    @model_validator(mode="after")
    def _has_some_time_in_it(self) -> Self:
        if minute_of_day(self.start) >= minute_of_day(self.end):
            msg = f"hours from {self.start} to {self.end} hold no time; past midnight is two rows, one for each day"
            raise ValueError(msg)
        return self


def is_within(moment: datetime, hours: Iterable[Hours], closed: frozenset[date], *, on_closed_days: bool) -> bool:
    """Whether ``moment`` falls in ``hours``. On a closed day: never, or, with ``on_closed_days``, always."""
    local = moment.astimezone(ENGLAND)
    if local.date() in closed:
        return on_closed_days
    minute = local.hour * 60 + local.minute
    return any(start <= minute < end for start, end in _spans(local.date(), hours))


def deadline(started: datetime, hours: int, windows: tuple[Hours, ...], closed: frozenset[date]) -> datetime:
    """When ``hours`` have passed since ``started``, counted only within ``windows``; with none, day and night.

    The result is in UTC and in whole minutes of the windows. On closed days nothing counts.
    """
    if not windows:
        return started.astimezone(UTC) + timedelta(hours=hours)
    left = timedelta(hours=hours)
    local = started.astimezone(ENGLAND)
    day = local.date()
    while True:
        for start, end in () if day in closed else _spans(day, windows):
            opens = max(_at(day, start), local)
            shuts = _at(day, end)
            if opens >= shuts:
                continue
            open_for = shuts.astimezone(UTC) - opens.astimezone(UTC)
            if open_for >= left:
                return opens.astimezone(UTC) + left
            left -= open_for
        day += timedelta(days=1)


def _spans(day: date, hours: Iterable[Hours]) -> list[tuple[int, int]]:
    name = WEEKDAYS[day.weekday()]
    return sorted((minute_of_day(h.start), minute_of_day(h.end)) for h in hours if name in h.days)


def _at(day: date, minute: int) -> datetime:
    if minute == MINUTES_A_DAY:
        day, minute = day + timedelta(days=1), 0
    return datetime(day.year, day.month, day.day, minute // 60, minute % 60, tzinfo=ENGLAND)
