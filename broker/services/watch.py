"""Watches for what goes wrong by itself: opens one incident for each, and ends it when it is over."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from broker.core.feeds import reporting_agencies, silent_agencies
from broker.core.incidents import (
    FEED_SILENT,
    HELD_BACK_FOR,
    PAPERS_LAPSE_SOON,
    RESTORING,
    WATCHED,
    Incident,
)
from broker.core.outcome import Outcome
from broker.ports.clock import Clock
from broker.ports.ids import Ids
from broker.ports.journal import Journal
from broker.ports.keys import Keys
from broker.ports.policy import Policy
from broker.services.incidents import Incidents
from contracts.words import AgencyId, Grade


class Watch:
    """Looks at what nobody reports: a feed that says nothing, a paper that ran out under what is reported."""

    def __init__(
        self,
        journal: Journal,
        keys: Keys,
        policy: Policy,
        clock: Clock,
        ids: Ids,
        *,
        expected: Callable[[], Mapping[AgencyId, datetime]],
        listening_since: datetime,
    ) -> None:
        """Take the ports. ``expected``: from when on each agency's feed might have been heard.

        ``listening_since``: from when on this process has heard what agencies say.
        """
        self._expected = expected
        self._since = listening_since
        self._journal = journal
        self._policy = policy
        self._clock = clock
        self._incidents = Incidents(journal, keys, policy, ids)

    def run(self) -> tuple[Incident, ...]:
        """Open and end incidents as things stand now; give those that were opened."""
        now = self._clock.now()
        wrong = self._wrong(now)
        known = {(each.cause, each.subject) for each in self._open()}
        if wrong.keys() == known:
            return ()
        with self._journal.transaction():
            for incident in self._open():
                if (incident.cause, incident.subject) not in wrong:
                    self._journal.commit(self._incidents.ended(incident, now=now))
            return tuple(
                incident
                for (cause, subject), detail in wrong.items()
                for incident in self._opened(cause, subject, detail, now)
            )

    def _open(self) -> list[Incident]:
        return [each for each in self._journal.open_incidents() if each.cause in WATCHED]

    def _wrong(self, now: datetime) -> Mapping[tuple[str, str], Mapping[str, Any]]:
        heard = tuple(self._journal.feeds())
        silent = silent_agencies(self._policy.directory().agencies, heard, self._expected(), now)
        lapsed = (paper for agency in reporting_agencies(heard) for paper in self._policy.lapsed(agency, now))
        lapsing = {f"{each.day}, {each.within} days before": each for each in self._policy.lapsing(now)}
        restoring = [each for each in self._open() if each.cause == RESTORING]
        lasting = [each for each in restoring if now - max(each.opened_at, self._since) < HELD_BACK_FOR]
        return {
            **{(each.cause, each.subject): {} for each in lasting},
            **{(FEED_SILENT, entry.agency): {"agency": entry.agency, "name": entry.name} for entry in silent},
            **{(paper.cause, paper.subject): {"name": paper.name} for paper in lapsed},
            **{
                (PAPERS_LAPSE_SOON, when): {"name": f"on {each.day}: {'; '.join(each.names)}"}
                for when, each in lapsing.items()
            },
        }

    def _opened(self, cause: str, subject: str, detail: Mapping[str, Any], now: datetime) -> tuple[Incident, ...]:
        grade = Grade.GREEN if cause == PAPERS_LAPSE_SOON else Grade.AMBER
        opened = self._incidents.opened(cause, subject, now=now, detail=detail, grade=grade)
        if opened is None:
            return ()
        self._journal.commit(
            Outcome(records=(opened.record,), questions=(opened.question,), incidents=(opened.incident,))
        )
        return (opened.incident,)
