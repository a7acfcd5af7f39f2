"""Dates and times as agencies write them."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.kit.dates import age_on, is_adult, read_date, read_time, start_of_day
from adapters.kit.flags import FLAGS, Flags


@pytest.mark.parametrize(
    "text",
    [
        "2025-06-02",
        "02/06/2025",
        "2/6/2025",
        "20250602",
        "2025-Jun-02 00:00:00",
        "2025-06-02T00:00:00",
        "2025-06-02 23:59:59",
        "20250602235959",
        "20250602235959+0100",
        "2 June 2025",
    ],
)
def test_one_day_is_read_however_it_is_written(text: str) -> None:
    flags = Flags()
    assert read_date(text, flags) == date(2025, 6, 2)
    assert flags.all() == ()


@pytest.mark.parametrize(
    "text", ["31/02/2020", "1066-04-13", "2025-13-01", "tomorrow", "2025-06-021", "0", "\uff12\uff10\uff12\uff15-06-02"]
)
def test_what_is_no_day_is_left_out_and_flagged(text: str) -> None:
    flags = Flags()
    assert read_date(text, flags) is None
    assert flags.all() == ("date.unreadable",)


@pytest.mark.parametrize(
    "text, moment, flagged",
    [
        ("20260115221500", datetime(2026, 1, 15, 22, 15, tzinfo=UTC), ()),
        ("20260715221500", datetime(2026, 7, 15, 21, 15, tzinfo=UTC), ()),
        ("202607152215+0100", datetime(2026, 7, 15, 21, 15, tzinfo=UTC), ()),
        ("2026-07-15T22:15:00Z", datetime(2026, 7, 15, 22, 15, tzinfo=UTC), ()),
        ("2026-01-01T09:00:00.0000000-00:00", datetime(2026, 1, 1, 9, tzinfo=UTC), ()),
        ("20260715221500.1234", datetime(2026, 7, 15, 21, 15, tzinfo=UTC), ()),
        ("2026-07-15", datetime(2026, 7, 14, 23, tzinfo=UTC), ("time.date_only",)),
        ("20251026013000", datetime(2025, 10, 26, 0, 30, tzinfo=UTC), ("time.ambiguous",)),
        ("20250330013000", datetime(2025, 3, 30, 1, 30, tzinfo=UTC), ("time.nonexistent",)),
        ("202607152561", None, ("time.unreadable",)),
        ("22:15", None, ("time.unreadable",)),
    ],
)
def test_a_time_without_a_zone_is_londons(text: str, moment: datetime | None, flagged: tuple[str, ...]) -> None:
    flags = Flags()
    assert read_time(text, flags) == moment
    assert flags.all() == flagged


@given(st.text(max_size=40))
def test_no_text_is_too_odd_to_be_looked_at_and_no_flag_holds_it(text: str) -> None:
    flags = Flags()
    read_date(text, flags)
    read_time(text, flags)
    assert set(flags.all()) <= set(FLAGS)


@given(st.dates(date(1900, 1, 1), date(2200, 12, 31)))
def test_every_day_reads_back_in_every_form(day: date) -> None:
    for form in ("%Y-%m-%d", "%d/%m/%Y", "%Y%m%d", "%Y-%b-%d 00:00:00"):
        assert read_date(day.strftime(form), Flags()) == day
    assert start_of_day(day).tzinfo is UTC


def test_someone_is_an_adult_from_the_eighteenth_birthday_and_an_unknown_birth_makes_none() -> None:
    assert not is_adult(date(2008, 3, 9), date(2026, 3, 8))
    assert is_adult(date(2008, 3, 9), date(2026, 3, 9))
    assert age_on(date(2008, 2, 29), date(2026, 2, 28)) == 17
    assert not is_adult(None, date(2026, 3, 9))
