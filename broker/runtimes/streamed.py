"""A home whose line is carried by processes of their own: what people do is done here, and then waited for."""

from collections.abc import Callable
from datetime import timedelta
from time import monotonic, sleep
from typing import ClassVar, Final

from broker.core.errors import MashError
from broker.runtimes.embedded import Embedded
from broker.runtimes.steps import Done

_LOOKS_EVERY: Final = 0.1
_RESTS_FOR: Final = 0.6
"""Seconds in which nothing changes when all is taken to be done."""
_LONGEST: Final = 120.0


class StreamedError(MashError):
    """The processes do not do what they should."""

    codes: ClassVar[dict[str, str]] = {
        "streamed.restless": "What was begun does not come to an end: a process is missing, or Kafka is.",
        "streamed.carried": "A command would do in one process what processes of their own do in this home.",
        "streamed.silent": "A feed's process says no more that it lives.",
    }


class Streamed(Embedded):
    """For one thread. It takes nothing in and sends nothing: hub, sequencer, release, adapters and projectors do."""

    def tick(self, *, tell: Callable[[Done], None] | None = None) -> Done:
        """Wait until the processes have done everything that is waiting; sweep as any hub worker may; wait again.

        Raises:
            StreamedError: they do not come to rest.
        """
        before = self.hub.journal.counts()
        self._rest()
        passed_on, is_new = self.line.steps.watch_and_sweep()
        if passed_on or is_new:
            self._rest()
        after = self.hub.journal.counts()
        done = Done(
            accepted=after.get("events_accepted", 0) - before.get("events_accepted", 0),
            held=max(0, after.get("events_held", 0) - before.get("events_held", 0)),
            log_entries=after["records"] - before["records"],
            released=after["deliveries_released"] - before["deliveries_released"],
            receipts=after["receipts"] - before["receipts"],
            escalated=passed_on,
        )
        if tell is not None:
            tell(done)
        return done

    def beat(self) -> None:
        """Wait until every feed has said that it lives at the present time.

        Raises:
            StreamedError: one does not.
        """
        now, last = self.clock.now() - timedelta(seconds=30), monotonic() + _LONGEST
        while silent := set(self.feeds) - {each.agency for each in self.hub.journal.feeds() if each.at >= now}:
            if monotonic() > last:
                msg = f"nothing is heard of {', '.join(sorted(silent))}"
                raise StreamedError(msg, code="streamed.silent", remedy="see the log of that agency's process")
            sleep(_LOOKS_EVERY)

    def _rest(self) -> None:
        last, since = monotonic() + _LONGEST, monotonic()
        seen = self._seen()
        while monotonic() - since < _RESTS_FOR or not self._is_settled():
            sleep(_LOOKS_EVERY)
            now = self._seen()
            since, seen = (since, seen) if now == seen else (monotonic(), now)
            if monotonic() > last:
                msg = "the exchange's processes do not come to rest"
                raise StreamedError(msg, code="streamed.restless", remedy="see their logs: one fails, or is not there")

    def _seen(self) -> object:
        return self.hub.journal.counts(), len(self.hub.journal.reasks_waiting())

    def _is_settled(self) -> bool:
        """Whether nothing is on its way between anybody."""
        if any(feed.pending(1) for feed in self.feeds.values()):
            return False
        if any(side.store.waiting(1) for side in self.recipients.values()):
            return False
        journal, now = self.hub.journal, self.clock.now()
        counts = journal.counts()
        if counts["records_pending"] or counts["replies_pending"]:
            return False
        if any(each.trigger.due <= now for each in journal.reasks_waiting()):
            return False
        return counts["deliveries_released"] == counts["deliveries_delivered"] or all(
            each.delivered_at is not None or each.is_superseded
            for each in journal.deliveries()
            if each.released_at is not None
        )
