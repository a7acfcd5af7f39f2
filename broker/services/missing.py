"""Asks an agency for what it was told that the exchange has and which is not here: a backup was put in."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from broker.core.incidents import RESTORING
from broker.core.outcome import LastHeard, Outcome
from broker.ports.clock import Clock
from broker.ports.ids import Ids
from broker.ports.journal import Journal
from broker.ports.keys import Keys
from broker.ports.policy import Policy
from broker.services.incidents import Incidents
from contracts.heartbeat import Heartbeat
from contracts.reply import Reply
from contracts.words import AgencyId, ReplyKind

ASKED_AGAIN_AFTER: Final = timedelta(days=1)
"""A message that bore no valid signature leaves its number missing for ever; so does what the agency has destroyed."""
HELD_BACK_ONCE_IN: Final = timedelta(days=1)
"""On agencies' word alone: none may stop everybody's shares again and again. A restore takes the note of it along."""


class Missing:
    """For one process: remembers what it has asked for, so that a gap that stays is no flood."""

    def __init__(self, journal: Journal, keys: Keys, policy: Policy, clock: Clock, ids: Ids) -> None:
        """Nothing was asked for."""
        self._journal = journal
        self._clock = clock
        self._incidents = Incidents(journal, keys, policy, ids)
        self._asked: dict[tuple[str, int], datetime] = {}

    def hear(self, heartbeat: Heartbeat) -> int:
        """Note that an authentic feed lives, ask it again for what it calls answered and nobody here has heard of.

        The agency sends it again as far as its spool still holds it; what is here after all is dropped as a repeat.
        Where the last of what was answered is missing, a backup was put in: no share leaves for a while. A single
        number amid others is no sign of that. Gives how many were asked for.
        """
        now = self._clock.now()
        source = f"{heartbeat.agency}/heartbeat/{heartbeat.incarnation}"
        heard = LastHeard(AgencyId(heartbeat.agency), source, heartbeat.at, 0)
        with self._journal.transaction():
            gaps = [gap for gap in self._gaps(heartbeat) if self._is_due(gap, now)]
            replies = tuple(_reply(heartbeat.agency, gap, now) for gap in gaps)
            self._journal.commit(Outcome(heard=heard, replies=replies))
            is_tail = any(last == heartbeat.answered[source.split("/")[1]] for source, _, last in gaps)
            if is_tail and not self._was_held_back(now):
                self._hold_back(now)
        return sum(last - first + 1 for _, first, last in gaps)

    def begin(self) -> None:
        """Let no share leave for a while: a backup was put in, and what agencies reported since is yet to come."""
        with self._journal.transaction():
            self._hold_back(self._clock.now())

    def _was_held_back(self, now: datetime) -> bool:
        incidents = self._journal.incidents()
        return any(each.cause == RESTORING and now - each.opened_at < HELD_BACK_ONCE_IN for each in incidents)

    def _hold_back(self, now: datetime) -> None:
        opened = self._incidents.opened(RESTORING, "", now=now, detail={})
        if opened is not None:
            self._journal.commit(
                Outcome(records=(opened.record,), questions=(opened.question,), incidents=(opened.incident,))
            )

    def _gaps(self, heartbeat: Heartbeat) -> Iterator[tuple[str, int, int]]:
        for adapter, up_to in heartbeat.answered.items():
            source = f"{heartbeat.agency}/{adapter}/{heartbeat.incarnation}"
            for first, last in self._journal.numbers_missing(source, up_to):
                yield source, first, last

    def _is_due(self, gap: tuple[str, int, int], now: datetime) -> bool:
        source, first, _ = gap
        asked = self._asked.get((source, first))
        if asked is not None and now - asked < ASKED_AGAIN_AFTER:
            return False
        self._asked[source, first] = now
        return True


def _reply(agency: str, gap: tuple[str, int, int], now: datetime) -> Reply:
    source, first, last = gap
    return Reply(
        agency=agency,
        kind=ReplyKind.MISSING,
        source=source,
        text="the exchange has lost these; they are sent again by themselves where they are still kept",
        first_missing=first,
        last_missing=last,
        at=now,
    )
