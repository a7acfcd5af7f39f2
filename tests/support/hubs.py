"""Several hubs with one journal in PostgreSQL, and what may happen while one of them asks the policy."""

from collections.abc import Callable
from contextlib import ExitStack, closing
from itertools import count
from pathlib import Path

from broker.drivers.opa.embedded import EmbeddedPolicy
from broker.drivers.sql.keys import SqlKeys
from broker.drivers.sql.postgres import Database, postgres_journal
from contracts.question import Question
from contracts.verdict import Verdict
from tests.support.hub import CountedIds, Hub, StillClock

_NUMBERS = count()
SECONDS = 10
"""So long one waits for another at most."""


class Watched(EmbeddedPolicy):
    """The shipped policy, of which it is seen when it is asked."""

    def __init__(self, asked: Callable[[], object]) -> None:
        self.__dict__.update(EmbeddedPolicy.load().__dict__)
        self._asked = asked

    def decide(self, question: Question) -> Verdict:
        """Give the verdict, once whatever is to happen meanwhile has."""
        self._asked()
        return super().decide(question)


class Hubs:
    """Hubs with one journal and one set of keys."""

    def __init__(self, database: Database, folder: Path, closed: ExitStack) -> None:
        self._database, self._folder, self._closed = database, folder, closed

    def one(self, policy: EmbeddedPolicy) -> Hub:
        """One more hub."""
        journal = self._closed.enter_context(closing(postgres_journal(self._database, busy_seconds=SECONDS)))
        keys = self._closed.enter_context(closing(SqlKeys.in_file(self._folder / "keys.db", b"r" * 32)))
        return Hub(journal, keys, policy, StillClock(), CountedIds(f"hub-{next(_NUMBERS)}"))
