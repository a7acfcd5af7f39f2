"""A machine's clock that is set forward or back: nothing is decided or sent by it, and nothing is lost."""

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.drivers.clock.steady import ALLOWED, ClockJumpedError, Machine, SteadyClock, this_machine
from broker.runtimes.embedded import Embedded
from broker.runtimes.home import Home
from broker.runtimes.logs import configure
from broker.runtimes.streaming import opened_in_time, run
from tests.support import homes
from tests.support.builders import a_concern, a_worker_allocation
from tests.support.homes import MONDAY
from tests.support.people import MIA

DAY = timedelta(days=1)


@dataclass
class FakeMachine:
    """A machine of which wall clock and counter are moved by hand."""

    wall: datetime = MONDAY
    running: float = 1000.0
    boot: str = "first-start"
    machine: Machine = field(init=False)

    def __post_init__(self) -> None:
        self.started()

    def started(self, boot: str = "first-start") -> None:
        """As after a start of that name."""
        self.boot = boot
        self.machine = Machine(lambda: self.wall, lambda: self.running, boot)

    def pass_by(self, by: timedelta) -> None:
        """Let time pass for both."""
        self.wall += by
        self.running += by.total_seconds()

    def jump(self, by: timedelta) -> None:
        """Set the wall clock alone; the counter runs on a little."""
        self.wall += by
        self.pass_by(timedelta(seconds=1))


@pytest.fixture
def machine() -> FakeMachine:
    return FakeMachine()


def test_it_tells_the_machines_time_while_that_passes_evenly(tmp_path: Path, machine: FakeMachine) -> None:
    clock = SteadyClock(tmp_path / "kept", machine.machine)
    for _ in range(50):
        assert clock.now() == machine.wall
        machine.pass_by(timedelta(hours=7))


@pytest.mark.parametrize("by", [DAY, -DAY, ALLOWED + timedelta(seconds=2), -ALLOWED - timedelta(seconds=2)])
def test_a_jump_tells_no_time_until_it_is_put_right(tmp_path: Path, machine: FakeMachine, by: timedelta) -> None:
    clock = SteadyClock(tmp_path / "kept", machine.machine)
    clock.now()
    machine.jump(by)
    with pytest.raises(ClockJumpedError, match="clock is"):
        clock.now()
    assert clock.jumped_by() == by
    machine.jump(-by)
    assert clock.now() == machine.wall
    assert not clock.jumped_by()


def test_a_jump_that_is_right_is_accepted(tmp_path: Path, machine: FakeMachine) -> None:
    clock = SteadyClock(tmp_path / "kept", machine.machine)
    clock.now()
    machine.jump(DAY)
    clock.accept()
    assert clock.now() == machine.wall
    machine.jump(-DAY)
    with pytest.raises(ClockJumpedError):
        clock.now()


def test_a_process_that_starts_after_the_jump_knows_of_it(tmp_path: Path, machine: FakeMachine) -> None:
    SteadyClock(tmp_path / "kept", machine.machine).now()
    machine.jump(DAY)
    with pytest.raises(ClockJumpedError):
        SteadyClock(tmp_path / "kept", machine.machine).now()


def test_what_one_process_accepts_all_of_the_home_accept(tmp_path: Path, machine: FakeMachine) -> None:
    running = SteadyClock(tmp_path / "kept", machine.machine)
    running.now()
    machine.jump(DAY)
    with pytest.raises(ClockJumpedError):
        running.now()
    SteadyClock(tmp_path / "kept", machine.machine).accept()
    machine.pass_by(timedelta(seconds=1))
    assert running.now() == machine.wall


def test_after_a_restart_of_the_machine_a_clock_that_went_back_is_noticed(tmp_path: Path, machine: FakeMachine) -> None:
    SteadyClock(tmp_path / "kept", machine.machine).now()
    machine.wall += timedelta(hours=3)
    machine.running = 5.0
    machine.started("second-start")
    assert SteadyClock(tmp_path / "kept", machine.machine).now() == machine.wall
    machine.wall -= timedelta(days=400)
    machine.started("third-start")
    with pytest.raises(ClockJumpedError):
        SteadyClock(tmp_path / "kept", machine.machine).now()


def test_two_machines_of_one_home_are_told_apart(tmp_path: Path, machine: FakeMachine) -> None:
    other = FakeMachine(running=77.0)
    other.started("elsewhere")
    here, there = (SteadyClock(tmp_path / "kept", each.machine) for each in (machine, other))
    for _ in range(5):
        assert here.now() == there.now()
        machine.pass_by(timedelta(minutes=3))
        other.pass_by(timedelta(minutes=3))
    other.jump(DAY)
    assert here.now() == machine.wall
    here.accept()
    with pytest.raises(ClockJumpedError):
        there.now()


def test_each_machine_follows_its_own_slow_corrections(tmp_path: Path, machine: FakeMachine) -> None:
    """Also where another one always looks first."""
    other = FakeMachine(running=77.0)
    other.started("elsewhere")
    here, there = (SteadyClock(tmp_path / "kept", each.machine) for each in (machine, other))
    for _ in range(200):
        machine.pass_by(timedelta(minutes=1))
        other.pass_by(timedelta(minutes=1))
        other.wall += timedelta(seconds=1)
        assert (here.now(), there.now()) == (machine.wall, other.wall)


@given(steps=st.lists(st.tuples(st.integers(1, 600), st.floats(-0.05, 0.05)), max_size=60))
def test_slow_corrections_are_followed_however_far_they_go(steps: list[tuple[int, float]]) -> None:
    import tempfile  # noqa: PLC0415 - a folder for each example

    machine = FakeMachine()
    with tempfile.TemporaryDirectory() as folder:
        clock = SteadyClock(Path(folder) / "kept", machine.machine)
        for seconds, faster in steps:
            machine.wall += timedelta(seconds=seconds * (1 + faster))
            machine.running += seconds
            assert clock.now() == machine.wall


@pytest.mark.parametrize("damaged", ["{", "[]", '{"first-start": 7}', '{"seen": "yesterday"}'])
def test_a_damaged_file_stops_nobody_and_hides_no_jump(tmp_path: Path, machine: FakeMachine, damaged: str) -> None:
    (tmp_path / "kept").write_text(damaged, encoding="utf-8")
    clock = SteadyClock(tmp_path / "kept", machine.machine)
    assert clock.now() == machine.wall
    (tmp_path / "kept").write_text(damaged, encoding="utf-8")
    machine.jump(DAY)
    with pytest.raises(ClockJumpedError):
        clock.now()


def test_where_nothing_can_be_written_the_process_itself_knows(tmp_path: Path, machine: FakeMachine) -> None:
    clock = SteadyClock(tmp_path / "gone" / "kept", machine.machine)
    assert clock.now() == machine.wall
    machine.jump(DAY)
    with pytest.raises(ClockJumpedError):
        clock.now()


def test_this_machine_runs_evenly(tmp_path: Path) -> None:
    here = this_machine()
    assert here is not None
    clock = SteadyClock(tmp_path / "kept", here)
    assert clock.now() <= clock.now()


def test_nothing_is_decided_or_sent_by_a_clock_that_jumped_and_nothing_is_lost(
    tmp_path: Path, machine: FakeMachine
) -> None:
    settings = homes.a_home(tmp_path)
    kept = Home(settings.home).steady_clock
    runtime = Embedded.open(settings, clock=SteadyClock(kept, machine.machine))
    known = homes.spool(settings, [a_worker_allocation().about(MIA)])
    runtime.tick()
    homes.spool(settings, [a_concern().from_police().about(MIA)])
    before = runtime.hub.journal.counts()
    machine.jump(40 * DAY)
    with pytest.raises(ClockJumpedError):
        runtime.tick()
    assert known
    assert runtime.hub.journal.counts() == before
    machine.jump(-40 * DAY)
    runtime.tick()
    after = runtime.hub.journal.counts()
    assert after["events_accepted"] == before["events_accepted"] + 1
    assert after["deliveries_delivered"] > before["deliveries_delivered"]
    assert runtime.reconcile().differences == ()
    runtime.close()


class Stopped:
    """A process whose clock jumped; it stops after some turns."""

    name = "hub"

    def __init__(self, clock: SteadyClock, stop: threading.Event, turns: int) -> None:
        self._clock, self._stop, self._left = clock, stop, turns

    def turn(self) -> Mapping[str, int]:
        """Ask what time it is."""
        self._left -= 1
        if not self._left:
            self._stop.set()
        self._clock.now()
        return {}

    def close(self) -> None:
        """Nothing to let go of."""


def test_a_process_alarms_once_and_tries_again(
    tmp_path: Path, machine: FakeMachine, capsys: pytest.CaptureFixture[str]
) -> None:
    configure("info")
    clock, stop = SteadyClock(tmp_path / "kept", machine.machine), threading.Event()
    clock.now()
    machine.jump(DAY)
    run(Stopped(clock, stop, turns=3), stop)
    printed = capsys.readouterr()
    lines = [json.loads(each) for each in (printed.out + printed.err).splitlines() if each.startswith("{")]
    assert [each["what"] for each in lines if each["event"] == "alarm"] == ["clock.jumped"]
    assert [each["code"] for each in lines if each["event"] == "step_failed"] == ["clock.jumped"] * 3


def test_a_process_that_starts_after_the_jump_waits_and_alarms_once(
    machine: FakeMachine, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("broker.runtimes.streaming.LONGEST_REST", 0.01)
    configure("info")
    clock, stop, tried = SteadyClock(tmp_path / "kept", machine.machine), threading.Event(), []
    clock.now()
    machine.jump(DAY)

    def opened() -> Stopped:
        tried.append(1)
        if len(tried) == 3:
            clock.accept()
        clock.now()
        return Stopped(clock, stop, turns=1)

    assert isinstance(opened_in_time(opened, stop), Stopped)
    printed = capsys.readouterr()
    assert (printed.out + printed.err).count("clock.jumped") == 1
    stop.set()
    assert opened_in_time(opened, stop) is None
