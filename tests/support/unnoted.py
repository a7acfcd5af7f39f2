"""A machine that stops between sending something and noting that, and another process that goes on meanwhile."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress

import pytest

from broker.core.outcome import Outcome
from broker.drivers.sql.journal import SqlJournal
from tests.integration.services.test_reask import Exchange
from tests.support.builders import EventBuilder
from tests.support.homes import spool


class StoppedError(Exception):
    """The machine stopped."""


def sent_and_not_noted(exchange: Exchange, *events: EventBuilder) -> None:
    """Take these in; what follows leaves, and the machine stops before that is noted."""
    spool(exchange.settings, events)
    with _not_noting():
        exchange.runtime.tick()


def another_hears(
    exchange: Exchange, *events: EventBuilder, receipts_first: bool = False, goes_on: bool = True
) -> None:
    """Take these in beside whoever sends, as a process of its own does; then everything goes on, or stops once more.

    ``receipts_first``: what recipients say comes before anything else is sent.
    """
    spool(exchange.settings, events)
    steps = exchange.runtime.line.steps
    steps.take_in()
    steps.ask_past_again()
    if receipts_first:
        steps.take_receipts()
    with nullcontext() if goes_on else _not_noting():
        exchange.runtime.tick()


@contextmanager
def _not_noting() -> Iterator[None]:
    commit = SqlJournal.commit

    def stopping(journal: SqlJournal, outcome: Outcome) -> None:
        if outcome.released and not outcome.received:
            raise StoppedError
        commit(journal, outcome)

    with pytest.MonkeyPatch.context() as stopped:
        stopped.setattr(SqlJournal, "commit", stopping)
        with suppress(StoppedError):
            yield
