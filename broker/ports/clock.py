"""The clock."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time; a demo or a test may script it."""

    def now(self) -> datetime:
        """The present moment, in UTC, in whole seconds or finer."""
        ...
