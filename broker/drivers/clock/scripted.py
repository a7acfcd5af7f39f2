"""A clock that stands still until it is set: for demonstrations and tests."""

import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import ClassVar

from broker.core.errors import MashError


class ScriptedClockError(MashError):
    """The scripted time cannot be read or set."""

    codes: ClassVar[Mapping[str, str]] = {
        "clock.unreadable": "The file of the scripted clock cannot be read.",
        "clock.backwards": "A clock does not go backwards, so it stays as it is.",
        "clock.no_zone": "A time needs a zone, so the clock stays as it is.",
    }


class ScriptedClock:
    """Keeps its time in a file, so that every process of one home tells the same."""

    def __init__(self, path: Path) -> None:
        """Read the time from ``path`` whenever it is asked for; `set` makes the file."""
        self._path = path

    def now(self) -> datetime:
        """The time to which the clock was last set, in UTC.

        Raises:
            ScriptedClockError: it was never set, or the file is damaged.
        """
        try:
            moment = datetime.fromisoformat(json.loads(self._path.read_text(encoding="utf-8"))["now"])
        except (OSError, ValueError, KeyError, TypeError):
            msg = "the file of the scripted clock cannot be read"
            raise ScriptedClockError(msg, code="clock.unreadable", remedy="set the clock") from None
        return moment.astimezone(UTC)

    def set(self, moment: datetime) -> None:
        """Set the clock to ``moment``, durably.

        Raises:
            ScriptedClockError: the moment has no zone, or lies before the present one.
        """
        if moment.tzinfo is None:
            msg = "a time needs a zone; the clock stays as it is"
            raise ScriptedClockError(msg, code="clock.no_zone", remedy="write it in UTC, as 2026-03-06T18:00:00Z")
        if self._path.exists() and moment < self.now():
            msg = "a clock does not go backwards; it stays as it is"
            raise ScriptedClockError(msg, code="clock.backwards", remedy="begin with a new home")
        beside = self._path.with_suffix(".new")
        with beside.open("w", encoding="utf-8") as file:
            json.dump({"now": moment.astimezone(UTC).isoformat()}, file)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(self._path)

    def advance(self, by: timedelta) -> datetime:
        """Set the clock forward by ``by``; the new time.

        Raises:
            ScriptedClockError: ``by`` is negative, or the clock was never set.
        """
        moment = self.now() + by
        self.set(moment)
        return moment
