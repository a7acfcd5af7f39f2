"""Asks an agency for what it was told that the exchange has and which is not here: a backup was put in."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from broker.ports.clock import Clock
from broker.ports.journal import Journal
from contracts.heartbeat import Heartbeat
from contracts.reply import Reply
from contracts.words import ReplyKind

ASKED_AGAIN_AFTER: Final = timedelta(days=1)
"""A message that bore no valid signature leaves its number missing for ever; so does what the agency has destroyed."""


class Missing:
    """For one process: remembers what it has asked for, so that a gap that stays is no flood."""

    def __init__(self, journal: Journal, clock: Clock) -> None:
        """Nothing was asked for."""
        self._journal = journal
        self._clock = clock
        self._asked: dict[tuple[str, int, int], datetime] = {}

    def asked_for(self, heartbeat: Heartbeat) -> tuple[Reply, ...]:
        """The replies that ask again for what ``heartbeat`` calls answered and nobody here has heard of.

        The agency sends it again as far as its spool still holds it; what is here after all is dropped as a repeat.
        """
        now = self._clock.now()
        return tuple(
            Reply(
                agency=heartbeat.agency,
                kind=ReplyKind.MISSING,
                source=source,
                text="the exchange has lost these; they are sent again by themselves where they are still kept",
                first_missing=first,
                last_missing=last,
                at=now,
            )
            for source, first, last in self._gaps(heartbeat)
            if self._is_due(source, first, last, now)
        )

    def _gaps(self, heartbeat: Heartbeat) -> Iterator[tuple[str, int, int]]:
        for adapter, up_to in heartbeat.answered.items():
            source = f"{heartbeat.agency}/{adapter}/{heartbeat.incarnation}"
            for first, last in self._journal.numbers_missing(source, up_to):
                yield source, first, last

    def _is_due(self, source: str, first: int, last: int, now: datetime) -> bool:
        asked = self._asked.get((source, first, last))
        if asked is not None and now - asked < ASKED_AGAIN_AFTER:
            return False
        self._asked[source, first, last] = now
        return True
