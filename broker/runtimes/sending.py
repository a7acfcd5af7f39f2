"""Sends again what has left and not arrived in time, at every step that is taken about it."""

from broker.ports.transport import Outbox
from broker.runtimes.wiring import Hub
from broker.services.release import send_again
from contracts.words import DeliveryId


class SendingAgain:
    """Remembers which steps it has acted on; after a new start it acts once more, which recipients do not notice."""

    def __init__(self, hub: Hub, outbox: Outbox) -> None:
        """Send through this outbox."""
        self._hub = hub
        self._outbox = outbox
        self._acted: dict[DeliveryId, int] = {}

    def turn(self) -> tuple[DeliveryId, ...]:
        """What was sent again."""
        steps = self._hub.journal.to_send_again(self._hub.clock.now())
        due = [delivery for delivery, taken in steps.items() if taken > self._acted.get(delivery, 0)]
        sent = send_again(self._hub.releasing(), self._outbox, due)
        self._acted = {delivery: steps[delivery] for delivery in steps if delivery in sent or delivery not in due}
        return sent
