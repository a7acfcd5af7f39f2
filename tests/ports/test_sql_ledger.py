"""The ledger in SQLite keeps the port's promises, and guards what only a file has."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from broker.drivers.sql.ledger_store import SqlLedger
from broker.ports.ledger import Ledger
from tests.ports.ledger_cases import LedgerCases, a_growth
from tests.support.ledger import MORNING


class TestSqlLedger(LedgerCases):
    @pytest.fixture
    def place(self, tmp_path: Path) -> Path:
        return tmp_path / "ledger.db"

    @pytest.fixture
    def ledger(self, place: Path) -> Iterator[Ledger]:
        ledger = SqlLedger.in_file(place)
        yield ledger
        ledger.close()

    def test_what_was_added_is_there_after_opening_again(self, ledger: Ledger, place: Path) -> None:
        lease = ledger.take_lease("one", now=MORNING, seconds=30)
        ledger.append(a_growth(ledger, range(300)), lease)
        again = SqlLedger.in_file(place)
        assert again.head() == ledger.head()
        assert again.leaves(0, 300) == ledger.leaves(0, 300)
        again.close()

    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE leaves SET leaf = x'00' WHERE leaf_index = 1",
            "DELETE FROM leaves WHERE leaf_index = 1",
            "INSERT OR REPLACE INTO leaves VALUES (1, x'00', 'another')",
            "UPDATE checkpoints SET note = ''",
            "DELETE FROM checkpoints",
        ],
    )
    def test_leaves_and_kept_checkpoints_cannot_be_changed_by_mistake(
        self, ledger: Ledger, place: Path, statement: str
    ) -> None:
        lease = ledger.take_lease("one", now=MORNING, seconds=30)
        ledger.append(a_growth(ledger, range(3)), lease)
        connection = sqlite3.connect(place)
        connection.execute("PRAGMA recursive_triggers = ON")
        with pytest.raises(sqlite3.IntegrityError, match="only ever added"):
            connection.execute(statement)
        connection.close()

    def test_every_connection_waits_for_the_disk(self, place: Path, ledger: Ledger) -> None:
        assert isinstance(ledger, SqlLedger)
        with ledger._store.cursor(writes=False) as first, ledger._store.cursor(writes=False) as second:
            for cursor in (first, second):
                assert cursor.execute("PRAGMA synchronous").fetchone() == (2,)
                assert cursor.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert place.exists()
