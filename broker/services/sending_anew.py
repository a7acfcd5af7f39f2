"""A recipient lost what it held: what it may hold today is shared with it again, each report asked about anew."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar

from broker.core.asked_again import LOST
from broker.core.errors import MashError
from broker.core.incidents import VIEW_LOST, Incident
from broker.core.outcome import RETRACTION, Outcome
from broker.core.store_errors import KeyDestroyedError
from broker.ports.clock import Clock
from broker.ports.ids import Ids
from broker.ports.journal import DeliveryStatus, Journal
from broker.ports.keys import Keys
from broker.ports.policy import Policy
from broker.services.ask_again import AskAgain
from broker.services.incidents import Incidents
from contracts.words import EventId, Grade, RecipientId

_TOGETHER = 50
"""Reports asked about in one transaction."""


class CannotSendAnewError(MashError):
    """Nothing can be sent anew."""

    codes: ClassVar[Mapping[str, str]] = {
        "recipient.unknown": "No recipient of that name is in the partnership's directory.",
        "recipient.no_reason": "Sending everything anew needs a reason.",
    }


@dataclass(frozen=True, slots=True)
class SentAnew:
    """What became of the reports that a recipient held: sent anew, taken back, or kept back today."""

    reports: int = 0
    sent: int = 0
    taken_back: int = 0

    @property
    def kept_back(self) -> int:
        """Reports of which nothing is sent: what it was told then is not shared with it today."""
        return self.reports - self.sent - self.taken_back

    def __add__(self, other: "SentAnew") -> "SentAnew":
        """Both together."""
        return SentAnew(self.reports + other.reports, self.sent + other.sent, self.taken_back + other.taken_back)


class SendingAnew:
    """Asks about everything that one recipient was told, for it alone."""

    def __init__(self, journal: Journal, keys: Keys, policy: Policy, clock: Clock, ids: Ids) -> None:
        """Take the ports."""
        self._journal = journal
        self._policy = policy
        self._clock = clock
        self._incidents = Incidents(journal, keys, policy, ids)
        self._again = AskAgain(journal, keys, policy, clock, ids)

    def run(self, recipient: RecipientId, *, why: str, tell: Callable[[int, int], None]) -> SentAnew:
        """Share again what the recipient held when this was first begun; ``tell``: how many of how many are done.

        One incident says from when on it had lost everything; its task stays with whoever is on duty, because a loss of
        personal data is for a data protection officer to judge (UK GDPR Article 33). Stopped half way it goes on when
        begun again: what was sent since is left alone. What it has opened before it need not open again.

        Raises:
            CannotSendAnewError: there is no such recipient, or no reason.
            NoVerdictError: the policy gave no verdict; what is done is done, and the rest waits.
        """
        incident = self._begun(recipient, why)
        events = self._journal.held_by(recipient, incident.opened_at)
        done = SentAnew()
        for first in range(0, len(events), _TOGETHER):
            done = done + self._together(events[first : first + _TOGETHER], recipient, incident.opened_at)
            tell(done.reports, len(events))
        with self._journal.transaction():
            if incident in self._journal.open_incidents():
                self._journal.commit(self._incidents.ended(incident, now=self._clock.now(), is_seen_to=False))
        return done

    def _begun(self, recipient: RecipientId, why: str) -> Incident:
        entry = self._policy.directory().recipients.get(recipient)
        if entry is None:
            msg = f"there is no recipient {recipient} in the partnership's directory"
            remedy = f"name one of: {', '.join(sorted(self._policy.directory().recipients))}"
            raise CannotSendAnewError(msg, code="recipient.unknown", remedy=remedy)
        if not why.strip():
            msg = "nothing is sent anew without a reason"
            remedy = "say in a sentence what was lost, and on whose word"
            raise CannotSendAnewError(msg, code="recipient.no_reason", remedy=remedy)
        with self._journal.transaction():
            now, detail = self._clock.now(), {"name": entry.name}
            opened = self._incidents.opened(VIEW_LOST, recipient, now=now, detail=detail, grade=Grade.AMBER, why=why)
            if opened is not None:
                self._journal.commit(
                    Outcome(records=(opened.record,), questions=(opened.question,), incidents=(opened.incident,))
                )
                return opened.incident
        found = self._journal.open_incidents()
        return next(each for each in found if (each.cause, each.subject) == (VIEW_LOST, recipient))

    def _together(self, events: Sequence[EventId], recipient: RecipientId, lost_at: datetime) -> SentAnew:
        now, done = self._clock.now(), SentAnew()
        with self._journal.transaction():
            for event_id in events:
                earlier = self._journal.deliveries(event=event_id, recipient=recipient)
                if not any(_is_told_since(each, lost_at) for each in earlier):
                    done = done + self._one(event_id, recipient, earlier, now)
        return done

    def _one(
        self, event_id: EventId, recipient: RecipientId, earlier: Sequence[DeliveryStatus], now: datetime
    ) -> SentAnew:
        done = SentAnew(reports=1)
        try:
            outcome = self._again.anew(event_id, recipient, why=LOST, now=now)
        except KeyDestroyedError:
            return done
        if outcome is None:
            return done
        if any(each.opened_at is not None for each in earlier):
            deliveries = (each if each.is_notice else replace(each, receipt_due=None) for each in outcome.deliveries)
            outcome = replace(outcome, deliveries=tuple(deliveries))
        self._journal.commit(outcome)
        is_sent = any(each.kind != RETRACTION for each in outcome.deliveries)
        return done + SentAnew(sent=int(is_sent), taken_back=int(bool(outcome.deliveries) and not is_sent))


def _is_told_since(status: DeliveryStatus, lost_at: datetime) -> bool:
    """Whether it left after the loss, or is about to: somebody else may be at the same work."""
    return not status.is_superseded and (status.released_at is None or status.released_at > lost_at)
