"""Each kind of process may do in the database what it does, and nothing else."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pg8000.dbapi
import pytest
from sqlalchemy import make_url

from broker.core.outcome import Outcome
from broker.core.process_kinds import ProcessKind
from broker.core.store_errors import StoreError
from broker.drivers.sql import ledger_tables, schema
from broker.drivers.sql.journal import SqlJournal
from broker.drivers.sql.rights import RIGHTS, Verb
from broker.drivers.sql.store import revisions
from broker.runtimes.database import laid_out, let_in
from broker.runtimes.home import Home
from broker.runtimes.settings import DatabaseSettings, Settings, SettingsError, read_root_key
from broker.runtimes.stores import open_stores
from contracts.words import EventId
from infra.local.postgres import a_postgres
from tests.support import homes
from tests.support.builders import a_domestic_incident
from tests.support.postgres import as_process, connected, let_processes_in

NOT_ALLOWED = "42501"
OWNER_PASSWORD = "the-password-of-the-owner"
BY_COLUMN = (
    "SELECT table_schema, privilege_type, table_name, column_name FROM information_schema.column_privileges"
    " WHERE grantee = %s"
)
BY_TABLE = (
    "SELECT table_schema, privilege_type, table_name FROM information_schema.table_privileges"
    " WHERE grantee = %s AND privilege_type NOT IN ('SELECT', 'INSERT', 'UPDATE')"
)
STORES = {"journal": schema.metadata, "ledger": ledger_tables.metadata}


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """A home with one report, in a server of its own that lets nobody in without a password."""
    folder = tmp_path_factory.mktemp("rights")
    password = folder / "password"
    password.write_text(OWNER_PASSWORD, encoding="ascii")
    with a_postgres(password=OWNER_PASSWORD) as server:
        settings = homes.a_home(folder)
        for file in (settings.home / "hub").glob("*.db*"):
            if not file.name.startswith("keys"):
                file.unlink()
        settings = replace(settings, database=DatabaseSettings(server.address, password))
        homes.spool(settings, [a_domestic_incident()])
        with homes.opened(settings) as runtime:
            runtime.tick()
        let_processes_in(settings)
        yield settings


def refused(settings: Settings, kind: ProcessKind, store: str, statement: str) -> bool:
    """Whether such a process is not allowed to do that; what it may do is undone."""
    assert settings.database is not None
    address = as_process(settings.database, kind).url
    with closing(connected(address, startup_params={"search_path": f"mash_{store}"})) as connection:
        try:
            connection.cursor().execute(statement)
        except pg8000.dbapi.Error as error:
            return bool(error.args[0]["C"] == NOT_ALLOWED)
        finally:
            connection.rollback()
        return False


def columns_of(store: str, table: str) -> tuple[str, ...]:
    return ("version_num",) if table == revisions.name else tuple(each.name for each in STORES[store].tables[table].c)


@pytest.mark.parametrize("kind", ProcessKind)
def test_a_process_may_do_exactly_what_is_listed(settings: Settings, kind: ProcessKind) -> None:
    assert settings.database is not None
    listed = {
        (store, right.verb, right.table, column)
        for store, rights in RIGHTS[kind].items()
        for right in rights
        for column in right.columns or columns_of(store, right.table)
    }
    with closing(connected(settings.database.url, password=OWNER_PASSWORD)) as connection:
        cursor = connection.cursor()
        cursor.execute(BY_COLUMN, (f"mash_{kind}",))
        found = {(place, Verb(verb), table, column) for place, verb, table, column in cursor.fetchall()}
        cursor.execute(BY_TABLE, (f"mash_{kind}",))
        for place, verb, table in cursor.fetchall():
            found |= {(place, Verb(verb), table, column) for column in columns_of(place.removeprefix("mash_"), table)}
    assert {(place.removeprefix("mash_"), *rest) for place, *rest in found} == listed


@pytest.mark.parametrize(
    "kind, store, statement",
    [
        *((kind, "ledger", f"{verb} leaves") for kind in ProcessKind for verb in ("DELETE FROM", "TRUNCATE")),
        *((kind, "ledger", "UPDATE leaves SET leaf = ''") for kind in ProcessKind),
        *((kind, "ledger", "UPDATE checkpoints SET note = ''") for kind in ProcessKind),
        *((kind, "ledger", "DROP TRIGGER leaves_no_update ON leaves") for kind in ProcessKind),
        *((kind, "ledger", "ALTER TABLE leaves DISABLE TRIGGER ALL") for kind in ProcessKind),
        *((kind, "journal", "UPDATE decisions SET effect = 'share'") for kind in ProcessKind),
        *((kind, "journal", "DELETE FROM decisions") for kind in ProcessKind),
        *((kind, "journal", "UPDATE records SET leaf = ''") for kind in ProcessKind),
        *((kind, "journal", "DELETE FROM records") for kind in ProcessKind),
        *((kind, "journal", "UPDATE deliveries SET sealed = ''") for kind in ProcessKind),
        *((kind, "journal", "UPDATE answers SET granted = 1") for kind in ProcessKind),
        *((kind, "journal", "UPDATE approvals SET approval = ''") for kind in ProcessKind),
        *((kind, "journal", "UPDATE marks SET lifted_at = 0") for kind in ProcessKind),
        *((kind, "journal", "UPDATE erasures SET finished_at = 0") for kind in ProcessKind),
        *((kind, "journal", "CREATE TABLE more (id int)") for kind in ProcessKind),
        (ProcessKind.HUB, "ledger", "INSERT INTO leaves VALUES (99, '', '')"),
        (ProcessKind.HUB, "ledger", "UPDATE state SET note = ''"),
        (ProcessKind.HUB, "journal", "UPDATE records SET leaf_index = 0"),
        (ProcessKind.SEQUENCER, "journal", "UPDATE deliveries SET released_at = 0"),
        (ProcessKind.RELEASE, "journal", "UPDATE records SET leaf_index = 0"),
        (ProcessKind.RELEASE, "journal", "UPDATE deliveries SET delivered_at = 0"),
        (ProcessKind.RELEASE, "journal", "DELETE FROM facts"),
        (ProcessKind.RELEASE, "ledger", "UPDATE state SET note = ''"),
        (ProcessKind.SEQUENCER, "journal", "SELECT * FROM events"),
        (ProcessKind.SEQUENCER, "journal", "SELECT sealed FROM records"),
        (ProcessKind.SEQUENCER, "journal", "SELECT child FROM records"),
        (ProcessKind.SEQUENCER, "journal", "SELECT * FROM children"),
    ],
)
def test_what_no_process_of_that_kind_does_it_may_not_do(
    settings: Settings, kind: ProcessKind, store: str, statement: str
) -> None:
    assert refused(settings, kind, store, statement)


def test_what_somebody_gave_besides_is_taken_away_again(settings: Settings) -> None:
    assert settings.database is not None
    with closing(connected(settings.database.url, password=OWNER_PASSWORD)) as connection:
        connection.cursor().execute("GRANT ALL ON mash_journal.answers TO mash_hub")
        connection.cursor().execute("GRANT UPDATE (leaf_index) ON mash_journal.records TO mash_hub")
        connection.commit()
    statements = ("DELETE FROM answers", "UPDATE records SET leaf_index = 0")
    assert not any(refused(settings, ProcessKind.HUB, "journal", each) for each in statements)
    laid_out(settings)
    assert all(refused(settings, ProcessKind.HUB, "journal", each) for each in statements)


class EndedError(Exception):
    """The process ended here."""


def test_a_hub_notes_what_left_where_the_release_was_ended_before_it_could(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert settings.database is not None
    report = a_domestic_incident()
    homes.spool(settings, [report])

    def ends(_journal: SqlJournal, _outcome: Outcome) -> None:
        raise EndedError

    with homes.opened(settings) as owner:
        owner.line.steps.take_in()
        owner.line._sealing.turn()
        with monkeypatch.context() as here:
            here.setattr(SqlJournal, "commit", ends)
            with pytest.raises(EndedError):
                owner.line._sending.turn()
        sent = owner.hub.journal.deliveries(event=EventId(report.id))
        assert sent
        assert not any(each.released_at for each in sent)
    as_hub = replace(as_process(settings.database, ProcessKind.HUB), password_file=None)
    with homes.opened(replace(settings, database=as_hub)) as hub:
        assert hub.line.steps.take_receipts().recorded
        told = [each for each in hub.hub.journal.deliveries(event=EventId(report.id)) if each.delivered_at]
        assert told
        assert all(each.released_at for each in told)
    with homes.opened(settings) as owner:
        owner.tick()
        assert owner.reconcile().differences == ()


def test_a_process_signs_in_with_the_last_password_alone(settings: Settings) -> None:
    assert settings.database is not None
    address = as_process(settings.database, ProcessKind.RELEASE).url
    let_in(settings, ProcessKind.RELEASE, "another-one")
    with pytest.raises(pg8000.dbapi.Error):
        connected(address)
    connected(address, password="another-one").close()
    let_processes_in(settings)
    connected(address).close()


def test_an_empty_password_is_refused(settings: Settings) -> None:
    with pytest.raises(SettingsError, match="password"):
        let_in(settings, ProcessKind.HUB, "")


def test_a_process_cannot_lay_out_the_database_and_is_told_who_can(settings: Settings) -> None:
    assert settings.database is not None
    as_hub = replace(settings, database=replace(as_process(settings.database, ProcessKind.HUB), password_file=None))
    for act in (laid_out, lambda its: let_in(its, ProcessKind.HUB, "taken-over")):
        with pytest.raises(StoreError) as error:
            act(as_hub)
        assert error.value.code == "store.not_allowed"
        assert "owner" in error.value.remedy


def test_a_process_that_comes_before_the_database_is_laid_out_is_told_so(settings: Settings, tmp_path: Path) -> None:
    assert settings.database is not None
    with closing(connected(settings.database.url, password=OWNER_PASSWORD)) as connection:
        connection.autocommit = True
        connection.cursor().execute("CREATE DATABASE not_laid_out")
    url = make_url(as_process(settings.database, ProcessKind.HUB).url).set(database="not_laid_out")
    other = homes.a_home(tmp_path)
    for file in (other.home / "hub").glob("*.db*"):
        file.unlink()
    named = DatabaseSettings(url.render_as_string(hide_password=False))
    with pytest.raises(StoreError) as error:
        open_stores(Home(other.home), read_root_key(other), named)
    assert error.value.code == "store.not_allowed"
    assert "mash database apply" in error.value.remedy


def test_nothing_is_called_destroyed_by_whom_the_server_does_not_show_who_reads(settings: Settings) -> None:
    assert settings.database is not None
    named = replace(as_process(settings.database, ProcessKind.HUB), password_file=None)
    stores = open_stores(Home(settings.home), read_root_key(settings), named)
    try:
        with pytest.raises(StoreError) as error:
            stores.journal.compact()
    finally:
        stores.close()
    assert error.value.code == "store.not_allowed"
    assert "pg_read_all_stats" in error.value.remedy
