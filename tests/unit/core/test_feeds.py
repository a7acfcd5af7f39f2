"""Which of a feed's numbers are missing."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from broker.core.feeds import missing_numbers


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
