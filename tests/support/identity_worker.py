"""One of several processes that take in reports about the same new children, in one home, at the same time."""

import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path

from broker.core.beside import Named
from broker.core.outcome import Outcome
from broker.drivers.ids.system import SystemIds
from broker.drivers.sql.journal import SqlJournal
from broker.drivers.sql.keys import SqlKeys
from broker.ports.transport import Submitted
from broker.services.accept import Accept, Needs
from contracts.words import AgencyId
from tests.support.builders import EventBuilder, a_concern
from tests.support.hub import StillClock, TestKeys, shipped_policy
from tests.support.people import a_numbered_child

ROOT_KEY = b"r" * 32
BATCH = 10
SENDERS = (a_concern().from_police, a_concern().from_health)


class SlowJournal(SqlJournal):
    """A journal in which 50 ms pass between looking for a child and making one."""

    def commit(self, outcome: Outcome) -> None:
        """Wait before a new child is made."""
        if _makes_a_child(outcome):
            time.sleep(0.05)
        super().commit(outcome)


class UnlockedJournal(SqlJournal):
    """The same without the lock under which a child is looked for and made; each commit is by itself."""

    def transaction(self, named: Named | None = None) -> AbstractContextManager[None]:  # type: ignore[override]  # noqa: ARG002 - SqlJournal's
        """Hold nothing."""
        return nullcontext()

    def commit(self, outcome: Outcome) -> None:
        """Wait, without a lock, before a new child is made."""
        if _makes_a_child(outcome) and not self._store.in_transaction:
            time.sleep(0.05)
            outcome = self.before(outcome)
        super().commit(outcome)

    def before(self, outcome: Outcome) -> Outcome:
        """What is committed after the wait."""
        return outcome


class UnguardedJournal(UnlockedJournal):
    """The same without the unique index either: a key that means another child by then is left out."""

    def before(self, outcome: Outcome) -> Outcome:
        """Leave out what the index would refuse."""
        if outcome.identity is None:
            return outcome
        taken = self.linked_children(outcome.identity.links)
        free = tuple(link for link in outcome.identity.links if link not in taken)
        return replace(outcome, identity=replace(outcome.identity, links=free))


def _makes_a_child(outcome: Outcome) -> bool:
    return outcome.identity is not None and outcome.identity.is_new


JOURNALS = {"locked": SlowJournal, "unlocked": UnlockedJournal, "unguarded": UnguardedJournal}


def reports(worker: int, *, events: int, children: int) -> Iterator[EventBuilder]:
    """This worker's share of the reports, about every child in turn, so that all meet each new child at once."""
    for number in range(events):
        yield SENDERS[worker]().about(a_numbered_child(number % children)).as_record(f"{worker}-{number}")


def work(folder: Path, mode: str, worker: int, events: int, children: int) -> None:
    """Take all of them in, a small batch at a time, once every other worker is ready as well."""
    journal = JOURNALS[mode].in_file(folder / "journal.db")
    keys = SqlKeys.in_file(folder / "keys.db", ROOT_KEY)
    accept = Accept(Needs(journal, keys, shipped_policy(), StillClock(), SystemIds(), TestKeys()))
    signed = [each.signed() for each in reports(worker, events=events, children=children)]
    (folder / f"ready-{worker}").touch()
    while len(list(folder.glob("ready-*"))) < len(SENDERS):
        time.sleep(0.01)
    for start in range(0, events, BATCH):
        accept.run(
            [
                Submitted(AgencyId(each.attributes["source"].split("/")[0]), each, str(number))
                for number, each in enumerate(signed[start : start + BATCH])
            ]
        )
    journal.close()
    keys.close()


if __name__ == "__main__":
    work(Path(sys.argv[1]), sys.argv[2], *(int(each) for each in sys.argv[3:]))
