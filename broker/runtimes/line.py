"""The line in turns: finish what was begun, then take in the next batch."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, fields

from broker.ports.ledger import LedgerError
from broker.runtimes.collector import collecting_rarely
from broker.runtimes.logs import LogEvent, log
from broker.runtimes.post import FeedInbox, LocalPost
from broker.runtimes.wiring import Hub
from broker.services.accept import AcceptReport
from broker.services.receive_receipts import ReceiptsTaken, receive_receipts
from broker.services.release import Released, release
from broker.services.sequence import Sequenced, sequence
from contracts.words import DeliveryId, RecipientId

BATCH = 100


@dataclass(frozen=True, slots=True)
class Done:
    """What one turn of the whole line did. ``files_refused`` stay where they lie."""

    files_read: int = 0
    files_refused: int = 0
    accepted: int = 0
    repeated: int = 0
    held: int = 0
    refused: int = 0
    quarantined: int = 0
    log_entries: int = 0
    released: int = 0
    asked_again: int = 0
    reasked: int = 0
    changed: int = 0
    recalled: int = 0
    receipts: int = 0
    escalated: int = 0

    def __add__(self, other: "Done") -> "Done":
        """The two turns together."""
        return Done(**{f.name: getattr(self, f.name) + getattr(other, f.name) for f in fields(self)})

    def as_json(self) -> dict[str, int]:
        """The figures by name."""
        return asdict(self)


class Line:
    """Carries what waits through accept, sequence, release and receipts. For one thread.

    What was begun is finished before anything new is taken in. So wherever the exchange stops, it goes on with the
    same next batch and decides the same; and a report that came earlier leaves before a later one can hold it up.
    """

    def __init__(self, hub: Hub, inbox: FeedInbox, post: LocalPost, *, batch: int = BATCH) -> None:
        """Carry between these, ``batch`` messages at a time."""
        self._hub = hub
        self._inbox = inbox
        self._post = post
        self._batch = batch
        self._unreachable: frozenset[RecipientId] = frozenset()
        self._sealed: Sequenced | None = None
        self._asked: tuple[DeliveryId, ...] = ()
        self._alarmed: frozenset[DeliveryId] = frozenset()

    def run(self, *, tell: Callable[[Done], None] = lambda _: None) -> Done:
        """Do everything that is waiting, until nothing is. Who cannot be reached is left until the next time."""
        self._inbox.begin()
        self._unreachable = frozenset()
        self._asked = ()
        with collecting_rarely():
            done = self.finish()
            while True:
                turn = self.turn()
                done = done + turn
                tell(done)
                if turn == Done():
                    return done

    def turn(self) -> Done:
        """Take in one batch, and finish it."""
        self._hub.keys.notice_erasures()
        batch = self._inbox.receive(self._batch)
        report = self._hub.accept.run(batch) if batch else AcceptReport()
        self._inbox.acknowledge(report.positions)
        retried = self._hub.retry_held.run()
        taken_in = Done(
            accepted=report.accepted + retried.accepted,
            repeated=report.duplicates,
            held=report.held,
            refused=report.refused,
            quarantined=report.quarantined,
        )
        return taken_in + self.finish()

    def _ask_past_again(self) -> Done:
        """Ask again about some of what was decided lately, so that new reports are not kept waiting for all of it."""
        done = Done()
        while done.reasked < self._most:
            turn = self._hub.reask.run()
            done = done + Done(reasked=turn.asked, changed=turn.changed, recalled=turn.notices)
            if not turn.asked and not turn.finished:
                break
        return done

    def finish(self) -> Done:
        """Hand back replies, ask past decisions again, seal, send and take receipts, until all that may leave has left.

        What is taken in is asked about before anything of it leaves: wherever the exchange stops, it goes on alike.
        """
        self._hand_back_replies()
        done = self._ask_past_again()
        while True:
            turn, sent = self._seal_and_send()
            done = done + turn
            is_more = turn.asked_again or len(sent.released) >= self._most or set(sent.unreachable) - self._unreachable
            self._unreachable |= frozenset(sent.unreachable)
            if not is_more:
                return done

    @property
    def _most(self) -> int:
        return self._batch * 10

    def _seal_and_send(self) -> tuple[Done, Released]:
        hub = self._hub
        added = self._seal()
        sent = release(hub.releasing(), self._post, limit=self._most, without=self._unreachable)
        taken = receive_receipts(hub.receiving(), self._post, limit=self._most)
        self._alarm(sent, taken)
        asked, self._asked = self._asked, sent.asked_again
        done = Done(
            log_entries=added,
            released=len(sent.released),
            asked_again=len(sent.asked_again) if sent.asked_again != asked else 0,
            receipts=len(taken.recorded),
        )
        return done, sent

    def _alarm(self, sent: Released, taken: ReceiptsTaken) -> None:
        """Say, once for each, what a person must look into: nothing of it left, and nothing of it is forgotten."""
        for delivery_id in set(sent.broken) - self._alarmed:
            log().error(LogEvent.ALARM, what="delivery_does_not_open", delivery=delivery_id)
        for recipient, code in (sent.unreachable or {}).items():
            log().warning(LogEvent.ALARM, what="recipient_unreachable", recipient=recipient, code=code)
        for refused in taken.refused:
            log().error(LogEvent.RECEIPT_REFUSED, recipient=refused.recipient, code=refused.code)
        self._alarmed |= frozenset(sent.broken)

    def _seal(self) -> int:
        """Add everything that waits to the ledger, so that no delivery waits behind a later batch's records.

        Another process of this home may have taken over since; then it is tried once more from the beginning, and
        left to that one if it is at work at this moment.
        """
        try:
            return self._seal_all()
        except LedgerError:
            was_ours, self._sealed = self._sealed is not None, None
        try:
            return self._seal_all() if was_ours else 0
        except LedgerError:
            return 0

    def _seal_all(self) -> int:
        hub, added = self._hub, 0
        while True:
            self._sealed = sequence(hub.journal, hub.ledger, hub.signer, hub.clock, after=self._sealed)
            added += self._sealed.added
            if not self._sealed.added:
                return added

    def _hand_back_replies(self) -> None:
        while replies := self._hub.journal.pending_replies(self._most):
            self._post.reply([reply for _, reply in replies])
            self._hub.journal.mark_replied([position for position, _ in replies])
