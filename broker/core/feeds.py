"""Which feeds are silent for longer than their agreement allows, and which of their numbers are missing."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from broker.core.outcome import LastHeard
from broker.core.partnership import AgencyEntry
from contracts.words import AgencyId


def last_heard(heard: Iterable[LastHeard]) -> Mapping[AgencyId, datetime]:
    """When each agency was last heard, by whichever of its feeds; nothing of one that was never heard."""
    latest: dict[AgencyId, datetime] = {}
    for each in heard:
        latest[each.agency] = max(each.at, latest.get(each.agency, each.at))
    return latest


def reporting_agencies(heard: Iterable[LastHeard]) -> tuple[AgencyId, ...]:
    """The agencies that have reported anything; a heartbeat, which bears no number, is no report."""
    return tuple(sorted({each.agency for each in heard if each.sequence}))


def missing_numbers(runs: Iterable[tuple[int, int]], up_to: int) -> tuple[tuple[int, int], ...]:
    """Which of the numbers 1 to ``up_to`` were not heard, as (first, last).

    ``runs``: those that were, each without a gap, in order.
    """
    missing, expected = list[tuple[int, int]](), 1
    for first, last in (*runs, (up_to + 1, up_to + 1)):
        if expected < first and expected <= up_to:
            missing.append((expected, min(first - 1, up_to)))
        expected = max(expected, last + 1)
    return tuple(missing)


def is_silent(last: datetime, allowed_hours: int, now: datetime) -> bool:
    """Whether a feed last heard at ``last`` is silent for longer than its agreement allows."""
    return now - last > timedelta(hours=allowed_hours)


def silent_agencies(
    agencies: Mapping[AgencyId, AgencyEntry],
    heard: Iterable[LastHeard],
    expected: Mapping[AgencyId, datetime],
    now: datetime,
) -> tuple[AgencyEntry, ...]:
    """Agencies that are silent for too long now.

    ``expected``: from when on each might have been heard; one that was never heard is silent since then, and one that
    is not in it has not begun.
    """
    since = {**expected, **last_heard(heard)}
    return tuple(
        entry
        for agency, entry in agencies.items()
        if agency in since and is_silent(since[agency], entry.silent_after_hours, now)
    )
