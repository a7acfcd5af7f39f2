"""The machine's clock while it runs evenly: one that was set forward or back tells no time until somebody looks."""

import json
import os
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import ClassVar, Final

from broker.core.errors import MashError

JUMPED: Final = "clock.jumped"
ALLOWED: Final = timedelta(minutes=2)
"""By so much the clock may be put right at once; more is a jump. Slow corrections are followed however far they go."""
KEPT_EVERY: Final = timedelta(minutes=1)
LOOKS_EVERY_SECONDS: Final = 0.5
MOST_BOOTS: Final = 16
_LAST: Final = "seen"
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


class ClockJumpedError(MashError):
    """The machine's clock was set by more than it may be."""

    codes: ClassVar[Mapping[str, str]] = {
        JUMPED: "The machine's clock was set forward or back, so nothing is decided, sent or swept by it."
    }


@dataclass(frozen=True, slots=True)
class Machine:
    """What a machine says of time. ``since_boot``: seconds that pass evenly, asleep or awake; ``boot``: which start."""

    wall: Callable[[], datetime]
    since_boot: Callable[[], float]
    boot: str


def this_machine() -> Machine | None:
    """The machine this runs on; none where it does not tell since when it runs."""
    counter = getattr(time, "CLOCK_BOOTTIME", None)
    try:
        boot = _BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        return None
    if counter is None:
        return None
    return Machine(lambda: datetime.now(UTC), lambda: time.clock_gettime(counter), boot)


class SteadyClock:
    """Tells the machine's time while that passes as evenly as the machine's own counter.

    What was last seen stands in a file, by the machine's start: so a process that starts anew knows it too, and so
    does every other process of the home. After a restart of the machine only a clock that went back is noticed.
    """

    def __init__(self, kept: Path, machine: Machine) -> None:
        """``kept``: the file; it is made when it is not there."""
        self._kept, self._machine = kept, machine
        self._looked_at = float("-inf")
        self._trouble: ClockJumpedError | None = None
        self._kept_at = float("-inf")
        self._seen: Mapping[str, datetime] = {}

    def now(self) -> datetime:
        """The present moment, in UTC.

        Raises:
            ClockJumpedError: the clock was set by more than two minutes, and nobody has accepted that.
        """
        since_boot = self._machine.since_boot()
        if since_boot - self._looked_at >= LOOKS_EVERY_SECONDS:
            self._looked_at = since_boot
            self._trouble = self._look(since_boot)
        if self._trouble is not None:
            raise self._trouble
        return self._machine.wall()

    def jumped_by(self) -> timedelta:
        """By how much the clock is ahead of what it should be, in whole seconds; nothing where it runs evenly."""
        by = self._ahead(self._machine.wall(), self._machine.since_boot(), self._read())
        return timedelta(seconds=round(by.total_seconds())) if abs(by) > ALLOWED else timedelta(0)

    def accept(self) -> None:
        """Take the time as it is now for the right one."""
        self._keep(self._machine.wall(), self._machine.since_boot(), self._read())
        self._looked_at = float("-inf")

    def _look(self, since_boot: float) -> ClockJumpedError | None:
        now, seen = self._machine.wall(), self._read()
        by = self._ahead(now, since_boot, seen)
        if abs(by) > ALLOWED:
            way = "ahead of" if by > timedelta(0) else "behind"
            much = timedelta(seconds=round(abs(by).total_seconds()))
            msg = f"this machine's clock is {much} {way} what it should be"
            remedy = "compare it with another clock; put it right, or say that it is right with mash clock --accept"
            return ClockJumpedError(msg, code=JUMPED, remedy=remedy)
        if since_boot - self._kept_at >= KEPT_EVERY.total_seconds() or self._machine.boot not in seen:
            self._keep(now, since_boot, seen)
        return None

    def _ahead(self, now: datetime, since_boot: float, seen: Mapping[str, datetime]) -> timedelta:
        started = seen.get(self._machine.boot)
        if started is not None:
            return now - timedelta(seconds=since_boot) - started
        return min(now - seen.get(_LAST, now), timedelta(0))

    def _read(self) -> Mapping[str, datetime]:
        """By the id of a machine's start, when that was by its clock; and when somebody last looked."""
        try:
            found = json.loads(self._kept.read_text(encoding="utf-8"))
            return {str(name): datetime.fromisoformat(at).astimezone(UTC) for name, at in found.items()}
        except (OSError, ValueError, TypeError, AttributeError):
            return self._seen

    def _keep(self, now: datetime, since_boot: float, seen: Mapping[str, datetime]) -> None:
        others = {name: at for name, at in seen.items() if name not in {_LAST, self._machine.boot}}
        newest = dict(list(others.items())[-(MOST_BOOTS - 1) :])
        started = now - timedelta(seconds=since_boot)
        self._kept_at = since_boot
        self._seen = {**newest, self._machine.boot: started, _LAST: now}
        text = json.dumps({name: at.isoformat() for name, at in self._seen.items()})
        beside = self._kept.with_name(f"{self._kept.name}.{os.getpid()}")
        with suppress(OSError):  # where nothing can be written this process alone knows
            beside.write_text(text, encoding="utf-8")
            beside.replace(self._kept)
