"""Journal and ledger in PostgreSQL keep the ports' promises."""

import socket
from collections.abc import Iterator
from contextlib import closing
from itertools import count
from typing import Any

import pg8000.dbapi
import pytest

from broker.core.store_errors import StoreError
from broker.drivers.sql.postgres import Database, database_engine, postgres_journal, postgres_ledger
from broker.ports.journal import Journal
from broker.ports.ledger import Ledger
from tests.ports.journal_cases import WritingCases
from tests.ports.ledger_cases import LedgerCases, a_growth
from tests.ports.progress_cases import ProgressCases
from tests.support.ledger import MORNING
from tests.support.postgres import connected

_NUMBERS = count()


@pytest.fixture
def database(postgres: str) -> Database:
    """Schemas of one's own."""
    return Database.at(postgres, prefix=f"test{next(_NUMBERS)}")


class TestPostgresJournal(WritingCases, ProgressCases):
    @pytest.fixture
    def journal(self, database: Database) -> Iterator[Journal]:
        journal = postgres_journal(database, busy_seconds=1)
        yield journal
        journal.close()


def test_what_was_deleted_is_not_called_gone_while_somebody_reads_from_before(database: Database) -> None:
    journal = postgres_journal(database)
    address = database.url.render_as_string(hide_password=False)
    with closing(connected(address, startup_params={"search_path": database.schema("journal")})) as reader:
        cursor = reader.cursor()
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("SELECT count(*) FROM events")
        with pytest.raises(StoreError) as error:
            journal.compact()
        assert error.value.code == "store.not_erased"
        reader.rollback()
        journal.compact()
    journal.close()


def test_a_statement_planned_for_tables_that_are_others_by_now_is_planned_anew(database: Database) -> None:
    address = database.url.render_as_string(hide_password=False)
    with closing(postgres_journal(database)) as journal:
        assert journal.last_epoch() == ""
        with closing(connected(address, startup_params={"search_path": database.schema("journal")})) as owner:
            owner.cursor().execute("ALTER TABLE reasks ALTER COLUMN epoch TYPE varchar(80)")
            owner.commit()
        with pytest.raises(StoreError):
            journal.last_epoch()
        assert journal.last_epoch() == ""


def test_what_is_written_to_the_server_leaves_at_once(database: Database) -> None:
    engine = database_engine(database, "journal")
    connection = engine.raw_connection()
    try:
        server: Any = connection.driver_connection
        assert server._usock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
    finally:
        connection.close()
        engine.dispose()


class TestPostgresLedger(LedgerCases):
    @pytest.fixture
    def ledger(self, database: Database) -> Iterator[Ledger]:
        ledger = postgres_ledger(database)
        yield ledger
        ledger.close()

    def test_what_was_added_is_there_after_opening_again(self, ledger: Ledger, database: Database) -> None:
        lease = ledger.take_lease("one", now=MORNING, seconds=30)
        ledger.append(a_growth(ledger, range(300)), lease)
        again = postgres_ledger(database)
        assert again.head() == ledger.head()
        assert again.leaves(0, 300) == ledger.leaves(0, 300)
        again.close()

    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE leaves SET leaf = '' WHERE leaf_index = 1",
            "DELETE FROM leaves WHERE leaf_index = 1",
            "TRUNCATE leaves",
            "UPDATE checkpoints SET note = ''",
            "DELETE FROM checkpoints",
            "DELETE FROM tiles",
        ],
    )
    def test_leaves_and_kept_checkpoints_cannot_be_changed_by_mistake(
        self, ledger: Ledger, database: Database, statement: str
    ) -> None:
        lease = ledger.take_lease("one", now=MORNING, seconds=30)
        ledger.append(a_growth(ledger, range(3)), lease)
        address = database.url.render_as_string(hide_password=False)
        connection = connected(address, startup_params={"search_path": database.schema("ledger")})
        with pytest.raises(pg8000.dbapi.Error, match="only ever added"):
            connection.cursor().execute(statement)
        connection.close()


def test_a_server_that_does_not_answer_is_said_so_with_a_remedy() -> None:
    with pytest.raises(StoreError) as error:
        postgres_journal(Database.at("postgresql://mash@127.0.0.1:1/none"))
    assert error.value.code == "store.failed"
    assert "PostgreSQL" in error.value.remedy


@pytest.mark.parametrize(
    "address", ["", "nonsense", "sqlite:///x", "postgresql://127.0.0.1/name", "postgresql://mash@host"]
)
def test_an_address_that_cannot_be_used_is_refused(address: str) -> None:
    with pytest.raises(StoreError, match="address") as error:
        Database.at(address)
    assert error.value.code == "store.not_ours"
