"""The steps of the line, each by itself: one process takes them all in turn, or several take some each."""

from dataclasses import asdict, dataclass, fields

from broker.ports.ledger import LedgerError
from broker.ports.transport import Inbox, Outbox
from broker.runtimes.logs import LogEvent, log
from broker.runtimes.wiring import Hub
from broker.services.accept import AcceptReport
from broker.services.receive_receipts import ReceiptsTaken, receive_receipts
from broker.services.release import Released, release
from broker.services.sequence import Sequenced, sequence
from broker.services.sweep import sweep_all
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


class Steps:
    """Takes in, answers, asks again, takes receipts, sweeps: each a step by itself. For one thread."""

    def __init__(self, hub: Hub, inbox: Inbox, outbox: Outbox, *, batch: int = BATCH, beside: bool = False) -> None:
        """Carry between these, ``batch`` messages at a time.

        ``beside``: whether other processes take in reports too. Then part of a batch may be durable while the rest is
        not; else all of it is, or nothing.
        """
        self._hub = hub
        self._inbox = inbox
        self._outbox = outbox
        self._batch = batch
        self._beside = beside

    @property
    def most(self) -> int:
        """How much one turn takes of what is the exchange's own."""
        return self._batch * 10

    def take_in(self) -> Done:
        """Accept, hold, quarantine or refuse one batch; try again what was held."""
        self._hub.keys.notice_erasures()
        batch = self._inbox.receive(self._batch)
        report = self._hub.accept.run(batch, beside=self._beside) if batch else AcceptReport()
        self._inbox.acknowledge(report.positions)
        retried = self._hub.retry_held.run()
        return Done(
            accepted=report.accepted + retried.accepted,
            repeated=report.duplicates,
            held=report.held,
            refused=report.refused,
            quarantined=report.quarantined,
        )

    def hand_back_replies(self) -> None:
        """Answer the agencies."""
        while replies := self._hub.journal.pending_replies(self.most):
            self._outbox.reply([reply for _, reply in replies])
            self._hub.journal.mark_replied([position for position, _ in replies])

    def ask_past_again(self) -> Done:
        """Ask again about some of what was decided lately, so that new reports are not kept waiting for all of it."""
        done = Done()
        while done.reasked < self.most:
            turn = self._hub.reask.run()
            done = done + Done(reasked=turn.asked, changed=turn.changed, recalled=turn.notices)
            if not turn.asked and not turn.finished:
                break
        return done

    def take_receipts(self) -> ReceiptsTaken:
        """Record the receipts that hold."""
        taken = receive_receipts(self._hub.receiving(), self._outbox, limit=self.most)
        for refused in taken.refused:
            log().error(LogEvent.RECEIPT_REFUSED, recipient=refused.recipient, code=refused.code)
        if left := taken.left_after_all:
            log().error(LogEvent.ALARM, what="left_after_all", number=len(left), delivery=left[0])
        return taken

    def watch_and_sweep(self) -> tuple[int, bool]:
        """Open and end incidents, pass on what is overdue; how much was passed on, and whether an incident is new."""
        opened = self._hub.watch()
        for incident in opened:
            log().error(LogEvent.ALARM, what=incident.cause, subject=incident.subject)
        swept = sweep_all(self._hub.sweeping())
        for overdue in swept.uncovered:
            log().error(LogEvent.ALARM, what="nobody_covers", kind=overdue.kind.value, about=overdue.about)
        return len(swept.passed_on), bool(opened)


class Sealing:
    """Puts records into the ledger. For one thread; of several processes one at a time."""

    def __init__(self, hub: Hub) -> None:
        """Seal what this exchange records."""
        self._hub = hub
        self._sealed: Sequenced | None = None

    def turn(self) -> int:
        """Add everything that waits, so that no delivery waits behind a later batch's records; how much that was.

        Another process of this home may have taken over since; then it is tried once more from the beginning, and
        left to that one if it is at work at this moment.
        """
        try:
            return self._all()
        except LedgerError:
            was_ours, self._sealed = self._sealed is not None, None
        try:
            return self._all() if was_ours else 0
        except LedgerError:
            return 0

    def _all(self) -> int:
        hub, added = self._hub, 0
        while True:
            self._sealed = sequence(hub.journal, hub.ledger, hub.signer, hub.clock, after=self._sealed)
            added += self._sealed.added
            if not self._sealed.added:
                return added


class Sending:
    """Releases what may leave. For one thread."""

    def __init__(self, hub: Hub, outbox: Outbox, *, most: int = 10 * BATCH) -> None:
        """Send through this outbox, at most so much in a turn."""
        self._hub = hub
        self._outbox = outbox
        self._most = most
        self._alarmed: frozenset[DeliveryId] = frozenset()

    def turn(self, *, without: frozenset[RecipientId] = frozenset()) -> Released:
        """Release what may leave; say once for each what a person must look into."""
        sent = release(self._hub.releasing(), self._outbox, limit=self._most, without=without)
        for delivery_id in set(sent.broken) - self._alarmed:
            log().error(LogEvent.ALARM, what="delivery_does_not_open", delivery=delivery_id)
        for recipient, code in (sent.unreachable or {}).items():
            log().warning(LogEvent.ALARM, what="recipient_unreachable", recipient=recipient, code=code)
        self._alarmed |= frozenset(sent.broken)
        return sent
