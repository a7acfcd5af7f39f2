"""The number of a delivery's revision: what is decided later stands."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from broker.core.settle import revision_after

MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds are naive


@given(st.lists(MOMENTS, min_size=2, max_size=8))
def test_it_grows_within_one_report_whatever_the_clock_says(moments: list[datetime]) -> None:
    revision = 0
    for moment in moments:
        later = revision_after(revision, moment)
        assert later > revision
        revision = later


@given(MOMENTS, st.integers(1, 20), st.integers(21, 10**8))
def test_what_is_decided_after_a_restore_is_more_than_all_that_was_forgotten(
    at: datetime, forgotten: int, seconds: int
) -> None:
    before = 0
    for _ in range(forgotten):
        before = revision_after(before, at)
    assert revision_after(0, at + timedelta(seconds=seconds)) > before
