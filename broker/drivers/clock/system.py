"""The machine's own clock."""

from datetime import UTC, datetime


class SystemClock:
    """Tells the present moment by the machine's clock."""

    def now(self) -> datetime:
        """The present moment, in UTC."""
        return datetime.now(UTC)
