"""Follows up what had left though it was stopped since: nobody could note that it did, until its receipt came."""

from datetime import datetime

from broker.core.erasing import FORGOTTEN
from broker.core.less import cause_of_less
from broker.core.outcome import Outcome
from broker.core.recall import RecallTools
from broker.ports.clock import Clock
from broker.ports.ids import Ids
from broker.ports.journal import DeliveryStatus, Journal
from broker.ports.keys import Keys
from broker.ports.policy import Policy
from broker.services.ask_again import AskAgain
from broker.services.correct import Correcting
from broker.services.deciding import Deciding
from broker.services.erase_notices import found_late
from broker.services.recalling import Recalling
from broker.services.release import release_writer
from contracts.words import DeliveryId

WHY = "its receipt shows that what was stopped had left"


class LeftAfterAll:
    """Gives what would have followed, had it been known that the delivery had left; commits nothing itself."""

    def __init__(self, journal: Journal, keys: Keys, policy: Policy, clock: Clock, ids: Ids) -> None:
        """Take the ports."""
        self._journal = journal
        self._keys = keys
        self._policy = policy
        self._clock = clock
        self._ids = ids
        self._again = AskAgain(journal, keys, policy, clock, ids)
        self._correcting = Correcting(journal, keys, policy, ids, Deciding(journal, keys, policy, ids))
        self._recalling = Recalling(journal, keys, policy, ids)

    def __call__(self, delivery_id: DeliveryId, /, *, now: datetime) -> Outcome | None:
        """What follows for the one recipient that holds it; none where what it was told since says it all.

        The caller holds the transaction, and has noted that it left.

        Raises:
            NoVerdictError: the policy gave no verdict.
        """
        status = self._journal.delivery(delivery_id)
        event = None if status is None else self._journal.event(status.delivery.event_id)
        if status is None or event is None:
            return None
        recipient, last = status.delivery.recipient, self._told_since(status)
        if status.delivery.digest == FORGOTTEN:
            return None if last else found_late(self._journal, status, self._tools(status), now=now)
        if last is not None and (last.delivery.is_notice or last.delivery.cause is not None):
            return None
        if last is not None and last.released_at is not None:
            return self._less(status, last, now)
        if event.corrected_by is not None:
            return self._correcting.found_late(event, recipient, now=now)
        return self._again.outcome(event.event_id, why=WHY, now=now)

    def _told_since(self, status: DeliveryStatus) -> DeliveryStatus | None:
        """The last that the same recipient was told of the same event since, or is about to be."""
        mine = status.delivery
        found = [
            each
            for each in self._journal.deliveries(event=mine.event_id)
            if each.delivery.recipient == mine.recipient
            and each.delivery.revision > mine.revision
            and (each.released_at is not None or not each.is_superseded)
        ]
        return max(found, key=lambda each: each.delivery.revision, default=None)

    def _less(self, status: DeliveryStatus, last: DeliveryStatus, now: datetime) -> Outcome | None:
        """What calls back what the last word gives no more: it was made as if nothing had been told before."""
        given, stands = self._recalling.opened(status), self._recalling.opened(last)
        cause, recipient = cause_of_less(given.values, stands.values), last.delivery.recipient
        if cause is None:
            return None
        return self._recalling.outcome(
            last.delivery.event_id,
            cause=cause,
            now=now,
            why=WHY,
            recipients={recipient},
            applies={recipient: stands.values},
        )

    def _tools(self, status: DeliveryStatus) -> RecallTools:
        writer = release_writer(self._keys, self._ids, self._clock, status.delivery)
        return RecallTools(writer.sealer, writer, self._keys.secret, self._policy.due)
