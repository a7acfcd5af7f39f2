"""What may be kept for a time only is destroyed when that time is over, without anybody asking."""

from datetime import timedelta
from pathlib import Path

from broker.drivers.clock.scripted import ScriptedClock
from broker.runtimes.demo import schedule
from tests.support import homes


def test_what_could_not_be_read_is_gone_after_thirty_days(tmp_path: Path) -> None:
    with homes.opened(homes.a_played_home(tmp_path)) as runtime:
        cut = next(step for step in schedule().files if "cut_short" in step.file)
        kept = runtime.home.agency(cut.agency) / "quarantine"
        assert list(kept.glob("*.sealed")), "nothing was set aside, so nothing can be destroyed"
        clock = runtime.clock
        assert isinstance(clock, ScriptedClock)
        clock.advance(timedelta(days=29))
        runtime.tick()
        assert list(kept.glob("*.sealed"))
        clock.advance(timedelta(days=2))
        runtime.tick()
        assert not list(kept.glob("*.sealed"))
