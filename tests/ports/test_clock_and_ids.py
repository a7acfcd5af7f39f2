"""The drivers of the Clock and Ids ports keep their promises."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from broker.drivers.clock.scripted import ScriptedClock, ScriptedClockError
from broker.drivers.clock.system import SystemClock
from broker.drivers.ids.system import SystemIds
from broker.ports.clock import Clock
from broker.ports.ids import Ids
from tests.ports.clock_cases import ClockCases, IdsCases

FRIDAY = datetime(2026, 3, 6, 18, tzinfo=UTC)


class TestSystemClock(ClockCases):
    @pytest.fixture
    def clock(self) -> Clock:
        return SystemClock()


class TestScriptedClock(ClockCases):
    @pytest.fixture
    def clock(self, tmp_path: Path) -> Clock:
        clock = ScriptedClock(tmp_path / "clock.json")
        clock.set(FRIDAY)
        return clock


class TestSystemIds(IdsCases):
    @pytest.fixture
    def ids(self) -> Ids:
        return SystemIds()


def test_a_scripted_clock_tells_the_same_to_everybody_who_opens_its_file(tmp_path: Path) -> None:
    one, other = ScriptedClock(tmp_path / "clock.json"), ScriptedClock(tmp_path / "clock.json")
    one.set(FRIDAY)
    assert other.now() == FRIDAY
    assert other.advance(timedelta(hours=3)) == FRIDAY + timedelta(hours=3)
    assert one.now() == FRIDAY + timedelta(hours=3)


@pytest.mark.parametrize(
    "moment, code",
    [(FRIDAY - timedelta(seconds=1), "clock.backwards"), (FRIDAY.replace(tzinfo=None), "clock.no_zone")],
)
def test_a_scripted_clock_refuses_what_no_clock_does_and_stays(tmp_path: Path, moment: datetime, code: str) -> None:
    clock = ScriptedClock(tmp_path / "clock.json")
    clock.set(FRIDAY)
    with pytest.raises(ScriptedClockError) as refused:
        clock.set(moment)
    assert refused.value.code == code
    assert clock.now() == FRIDAY


def test_a_scripted_clock_that_was_never_set_says_so(tmp_path: Path) -> None:
    with pytest.raises(ScriptedClockError) as refused:
        ScriptedClock(tmp_path / "clock.json").now()
    assert refused.value.code == "clock.unreadable"
