"""The line in turns: finish what was begun, then take in the next batch."""

from collections.abc import Callable

from broker.ports.transport import Inbox, Outbox
from broker.runtimes.steps import BATCH, Done, Sealing, Sending, Steps
from broker.runtimes.wiring import Hub
from broker.services.release import Released
from contracts.words import DeliveryId, RecipientId


class Line:
    """Carries what waits through accept, sequence, release and receipts. For one thread.

    What was begun is finished before anything new is taken in. So wherever the exchange stops, it goes on with the
    same next batch and decides the same; and a report that came earlier leaves before a later one can hold it up.
    """

    def __init__(self, hub: Hub, inbox: Inbox, outbox: Outbox, *, batch: int = BATCH) -> None:
        """Carry between these, ``batch`` messages at a time."""
        self.steps = Steps(hub, inbox, outbox, batch=batch)
        self._sealing = Sealing(hub)
        self._sending = Sending(hub, outbox, most=self.steps.most)
        self._inbox = inbox
        self._unreachable: frozenset[RecipientId] = frozenset()
        self._asked: tuple[DeliveryId, ...] = ()

    def run(self, *, tell: Callable[[Done], None] = lambda _: None) -> Done:
        """Do everything that is waiting, until nothing is. Who cannot be reached is left until the next time."""
        self._inbox.begin()
        self._unreachable = frozenset()
        self._asked = ()
        done = self.finish()
        while True:
            turn = self.turn()
            done = done + turn
            tell(done)
            if turn == Done():
                return done

    def turn(self) -> Done:
        """Take in one batch, and finish it."""
        return self.steps.take_in() + self.finish()

    def finish(self) -> Done:
        """Hand back replies, ask past decisions again, seal, send and take receipts, until all that may leave has left.

        What is taken in is asked about before anything of it leaves: wherever the exchange stops, it goes on alike.
        """
        self.steps.hand_back_replies()
        done = self.steps.ask_past_again()
        while True:
            turn, sent = self._seal_and_send()
            done = done + turn
            is_full = len(sent.released) >= self.steps.most
            is_more = turn.asked_again or is_full or set(sent.unreachable) - self._unreachable
            self._unreachable |= frozenset(sent.unreachable)
            if not is_more:
                return done

    def _seal_and_send(self) -> tuple[Done, Released]:
        sealed = Done(log_entries=self._sealing.turn())
        sent = self._sending.turn(without=self._unreachable)
        taken = self.steps.take_receipts()
        asked, self._asked = self._asked, sent.asked_again
        done = sealed + Done(
            released=len(sent.released),
            asked_again=len(sent.asked_again) if sent.asked_again != asked else 0,
            receipts=len(taken.recorded),
        )
        return done, sent
