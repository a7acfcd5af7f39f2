"""Which feeds are silent, and which of their numbers are missing."""

from datetime import timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from broker.core.feeds import missing_numbers, silent_agencies
from broker.core.outcome import LastHeard
from broker.core.partnership import AgencyEntry
from contracts.words import AgencyId, AgencyKind
from tests.support.homes import MONDAY


def runs_of(heard: set[int]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for number in sorted(heard):
        if runs and runs[-1][1] == number - 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return runs


@given(st.sets(st.integers(1, 40)), st.integers(0, 45))
def test_every_number_is_heard_or_missing(heard: set[int], up_to: int) -> None:
    missing = missing_numbers(runs_of(heard), up_to)
    told = [number for first, last in missing for number in range(first, last + 1)]
    assert told == [number for number in range(1, up_to + 1) if number not in heard]
    assert all(later[0] > earlier[1] + 1 for earlier, later in pairwise(missing))


def test_whoever_was_never_heard_is_silent_since_it_might_have_been() -> None:
    heard_of, never, later, not_yet = (AgencyId(name) for name in ("heard-of", "never", "later", "not-yet"))
    agencies = {each: AgencyEntry(each, each, AgencyKind.SCHOOL) for each in (heard_of, never, later, not_yet)}
    expected = {heard_of: MONDAY, never: MONDAY, later: MONDAY + timedelta(hours=20)}
    heard = [LastHeard(heard_of, "heard-of/mis/0000000a", MONDAY + timedelta(hours=2), 1)]

    def silent_after(hours: int) -> set[str]:
        return {each.agency for each in silent_agencies(agencies, heard, expected, MONDAY + timedelta(hours=hours))}

    assert silent_after(24) == set()
    assert silent_after(25) == {never}
    assert silent_after(27) == {heard_of, never}
    assert silent_after(45) == {heard_of, never, later}
