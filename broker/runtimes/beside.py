"""A home whose line is carried by processes of their own: what people do is committed here, and they do the rest."""

import threading
from collections.abc import Callable

from broker.runtimes.embedded import Embedded
from broker.runtimes.steps import Done
from broker.runtimes.streamed import StreamedError


class Beside(Embedded):
    """For people's commands while hubs, sequencer and release run. It takes in nothing, and seals and sends nothing."""

    def follow_up(self) -> Done | None:
        """Carry on with what was confirmed of erasures; everything else that follows is the processes' to do."""
        self.officers.finish_erasures()
        return None

    def tick(self, *, tell: Callable[[Done], None] | None = None) -> Done:  # noqa: ARG002 - as in one process
        """Refuse.

        Raises:
            StreamedError: always; what is waiting is done by the processes.
        """
        raise _carried()

    def serve(self, stop: threading.Event, *, every: float) -> None:  # noqa: ARG002 - the same
        """Refuse.

        Raises:
            StreamedError: always; a second line beside theirs would deliver where the recipients do not read.
        """
        raise _carried()


def _carried() -> StreamedError:
    msg = "this home's line is carried by processes over Kafka; nothing was done here"
    remedy = "they do what is waiting by themselves: mash health. To work without them, unset MASH_KAFKA_SERVERS"
    return StreamedError(msg, code="streamed.carried", remedy=remedy)
