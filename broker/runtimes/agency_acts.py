"""What is done for an agency wherever its feed is run: read what lies in its folders, say what was not sent."""

from collections.abc import Iterable
from datetime import datetime

from broker.core.errors import MashError
from broker.ports.feed import AgencyFeed
from broker.runtimes.logs import LogEvent, log
from contracts.errors import ContractError


def read_inbox(feed: AgencyFeed, now: datetime) -> tuple[int, int]:
    """Read every file that lies in the agency's folders; how many were read, and refused: these stay where they lie."""
    read = refused = 0
    for path, kind in feed.inbox():
        try:
            feed.ingest(path, kind=kind, now=now)
            read += 1
        except (ContractError, MashError) as error:
            refused += 1
            log().warning(LogEvent.FILE_REFUSED, agency=feed.agency, code=error.code)
    return read, refused


class NotSent:
    """Says of each red event, once, that it has waited ten minutes for an answer: the agency must ring."""

    def __init__(self) -> None:
        """Nothing has been said."""
        self._told: frozenset[str] = frozenset()

    def tell(self, feeds: Iterable[AgencyFeed], now: datetime) -> None:
        """Say what has not been said of these feeds."""
        waiting = {event: feed.agency for feed in feeds for event in feed.not_sent(now)}
        for event in sorted(waiting.keys() - self._told):
            log().error(LogEvent.ALARM, what="not_sent", agency=waiting[event], event_id=event)
        self._told = frozenset(waiting)
