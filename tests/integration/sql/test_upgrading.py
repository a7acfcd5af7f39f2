"""A store that an earlier version made is brought to this one whole, or stays as it is; in either database."""

import shutil
from contextlib import closing
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData, insert, select, text

from broker.core.store_errors import StoreError
from broker.drivers.sql import keys, ledger_tables, schema, upgrading
from broker.drivers.sql.postgres import Database, open_postgres, postgres_to_upgrade
from broker.drivers.sql.sqlite import open_sqlite, sqlite_to_upgrade
from broker.drivers.sql.store import Session, SqlStore, revision_of, revisions, unnumbered
from broker.drivers.sql.upgrading import LAST, MIGRATIONS, upgrade

TABLES = {"journal": schema.metadata, "ledger": ledger_tables.metadata, "keys": keys.metadata}
_NUMBERS = count()
A_REVISION = """
from alembic import op
import sqlalchemy as sa

revision = "{revision}"
down_revision = "{before}"


def upgrade():
    {what}
"""
A_COLUMN = """with op.batch_alter_table("feeds") as feeds:
        feeds.add_column(sa.Column("name", sa.Text(), nullable=False, server_default="nameless"))"""


class Place:
    """Where one store is made, opened by this version, and opened to be upgraded."""

    def __init__(self, folder: Path, postgres: str | None) -> None:
        self._file = folder / "store.db"
        self._database = None if postgres is None else Database.at(postgres, prefix=f"upgrade{next(_NUMBERS)}")

    def like_it(self, folder: Path) -> "Place":
        """Another one of the same database."""
        other = Place(folder, None)
        if self._database is not None:
            other._database = replace(self._database, prefix=f"upgrade{next(_NUMBERS)}")
        return other

    def made(self, tables: MetaData, revision: str) -> SqlStore:
        """Open it, or make it, with these tables."""
        if self._database is not None:
            return open_postgres(self._database, "store", tables, revision=revision)
        return open_sqlite(self._file, tables, revision=revision)

    def to_upgrade(self) -> SqlStore:
        """Open it as it is."""
        if self._database is not None:
            return postgres_to_upgrade(self._database, "store")
        return sqlite_to_upgrade(self._file)


@pytest.fixture(params=["files", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    return Place(tmp_path, request.getfixturevalue("postgres") if request.param == "postgres" else None)


@pytest.fixture
def other_place(place: Place, tmp_path: Path) -> Place:
    """Another one of the same database."""
    (tmp_path / "other").mkdir()
    return place.like_it(tmp_path / "other")


def with_another(folder: Path, store: str, what: str) -> Path:
    """The store's revisions and one more, which does this."""
    shutil.copytree(MIGRATIONS / store, folder / "revisions")
    revision = A_REVISION.format(revision="9998", before=LAST[store], what=what)
    (folder / "revisions" / "r9998_another.py").write_text(revision, encoding="utf-8")
    return folder / "revisions"


def indexes_and_triggers(session: Session) -> set[str]:
    """Each as the database itself writes it down."""
    connection = session.connection
    if connection.dialect.name == "sqlite":
        return set(
            connection.execute(text("SELECT sql FROM sqlite_master WHERE type <> 'table' AND sql <> ''")).scalars()
        )
    schema_name = connection.execute(text("SELECT current_schema()")).scalar_one()
    found = connection.execute(text("SELECT indexdef FROM pg_indexes WHERE schemaname = current_schema()")).scalars()
    triggers = text(
        "SELECT pg_get_triggerdef(t.oid) FROM pg_trigger t JOIN pg_class c ON c.oid = tgrelid"
        " WHERE NOT tgisinternal AND c.relnamespace = current_schema()::regnamespace"
    )
    return {each.replace(f"{schema_name}.", "") for each in (*found, *connection.execute(triggers).scalars())}


def a_feed(store: SqlStore) -> None:
    with store.transaction() as session:
        row = {"agency": "police", "source": "police/1", "at": 1, "sequence": 2}
        session.connection.execute(insert(schema.feeds), row)


@pytest.mark.parametrize("store", LAST)
def test_the_last_revision_is_the_one_that_this_version_works_with(store: str) -> None:
    found = ScriptDirectory(str(MIGRATIONS / "environment"), version_locations=[str(MIGRATIONS / store)])
    assert found.get_current_head() == LAST[store]


@pytest.mark.parametrize("store", LAST)
def test_every_revision_together_makes_what_this_version_makes(place: Place, other_place: Place, store: str) -> None:
    place.made(MetaData(), "0000").close()
    with closing(place.to_upgrade()) as opened, opened.transaction() as session:
        session.connection.execute(text("DELETE FROM schema_revision"))
        command.upgrade(upgrading._alembic(session, MIGRATIONS / store), "head")
        options = {"version_table": revisions.name, "compare_server_default": True}
        context = MigrationContext.configure(session.connection, opts=options)
        assert compare_metadata(context, TABLES[store]) == []
        assert revision_of(session) == LAST[store]
        migrated = indexes_and_triggers(session)
    with closing(other_place.made(TABLES[store], LAST[store])) as opened, opened.reading() as session:
        assert indexes_and_triggers(session) == migrated
    place.made(TABLES[store], LAST[store]).close()


@pytest.mark.parametrize("table", ["leaves", "tiles", "checkpoints"])
@pytest.mark.parametrize("what", ["UPDATE {} SET {} = {}", "DELETE FROM {}"])
def test_the_ledgers_guards_are_made_by_its_revisions_too(place: Place, table: str, what: str) -> None:
    place.made(MetaData(), "0000").close()
    with closing(place.to_upgrade()) as opened:
        with opened.transaction() as session:
            session.connection.execute(text("DELETE FROM schema_revision"))
            command.upgrade(upgrading._alembic(session, MIGRATIONS / "ledger"), "head")
            tables = ledger_tables.metadata.tables
            row: dict[str, object] = {each.name: b"" if "BLOB" in str(each.type) else 1 for each in tables[table].c}
            row |= {each: "" for each in ("record_id", "note") if each in row}
            session.connection.execute(insert(tables[table]), row)
        column = next(iter(tables[table].c)).name
        with pytest.raises(StoreError), opened.transaction() as session:
            session.connection.exec_driver_sql(what.format(table, column, column))
        with opened.reading() as session:
            assert len(session.connection.execute(select(tables[table])).all()) == 1


def test_a_store_made_before_there_were_revisions_is_named_then_numbered_and_keeps_what_it_has(place: Place) -> None:
    with closing(place.made(schema.metadata, LAST["journal"])) as store:
        a_feed(store)
        with store.transaction() as session:
            session.connection.execute(text("DROP TABLE schema_revision"))
            unnumbered.create(session.connection)
            session.connection.execute(insert(unnumbered), {"version": int(LAST["journal"])})

    with pytest.raises(StoreError) as refused:
        place.made(schema.metadata, LAST["journal"])
    assert refused.value.code == "store.older"
    assert "mash upgrade" in refused.value.remedy

    with closing(place.to_upgrade()) as opened:
        done = upgrade(opened, "journal")
        again = upgrade(opened, "journal")
    assert (done.before, done.now) == (again.before, again.now) == (LAST["journal"], LAST["journal"])
    with closing(place.made(schema.metadata, LAST["journal"])) as store, store.reading() as session:
        assert session.connection.execute(select(schema.feeds.c.sequence)).scalar() == 2


def test_an_older_store_gets_what_is_new_and_keeps_what_it_has(place: Place, tmp_path: Path) -> None:
    with closing(place.made(schema.metadata, LAST["journal"])) as store:
        a_feed(store)
    with closing(place.to_upgrade()) as opened:
        done = upgrade(opened, "journal", revisions_in=with_another(tmp_path, "journal", A_COLUMN))
        assert (done.before, done.now) == (LAST["journal"], "9998")
        with opened.reading() as session:
            found = session.connection.execute(text("SELECT agency, name FROM feeds")).all()
            assert [tuple(row) for row in found] == [("police", "nameless")]
        with pytest.raises(StoreError) as newer:
            upgrade(opened, "journal")
    assert newer.value.code == "store.newer"
    with pytest.raises(StoreError) as refused:
        place.made(schema.metadata, LAST["journal"])
    assert refused.value.code == "store.newer"


def test_a_revision_that_cannot_be_done_changes_nothing(place: Place, tmp_path: Path) -> None:
    with closing(place.made(schema.metadata, LAST["journal"])) as store:
        a_feed(store)
    fails = A_COLUMN + '\n    op.drop_table("nowhere")'
    with closing(place.to_upgrade()) as opened, pytest.raises(StoreError):
        upgrade(opened, "journal", revisions_in=with_another(tmp_path, "journal", fails))
    with closing(place.made(schema.metadata, LAST["journal"])) as store, store.reading() as session:
        found = session.connection.execute(text("SELECT * FROM feeds")).one()
        assert "name" not in found._mapping


def test_a_revision_after_which_something_refers_to_nothing_changes_nothing(tmp_path: Path) -> None:
    place = Place(tmp_path, None)
    place.made(schema.metadata, LAST["journal"]).close()
    loses = """op.execute("INSERT INTO identity_links VALUES ('nhs', 'x', 'nobody')")"""
    with closing(place.to_upgrade()) as opened, pytest.raises(StoreError, match="not there"):
        upgrade(opened, "journal", revisions_in=with_another(tmp_path, "journal", loses))
    with closing(place.made(schema.metadata, LAST["journal"])) as store, store.reading() as session:
        assert session.connection.execute(select(schema.identity_links)).all() == []


def test_a_store_of_a_state_that_was_never_released_is_left_as_it_is(place: Place) -> None:
    with closing(place.made(schema.metadata, LAST["journal"])) as store:
        a_feed(store)
        with store.transaction() as session:
            session.connection.execute(text("UPDATE schema_revision SET version_num = '0002'"))
    with closing(place.to_upgrade()) as opened:
        with pytest.raises(StoreError, match="0002") as refused:
            upgrade(opened, "journal")
        assert refused.value.code == "store.older"
        assert "new home" in refused.value.remedy
        with opened.reading() as session:
            assert revision_of(session) == "0002"


def test_an_empty_store_is_not_upgraded(place: Place) -> None:
    with closing(place.made(MetaData(), "0000")) as store, store.transaction() as session:
        session.connection.execute(text("DROP TABLE schema_revision"))
    with closing(place.to_upgrade()) as opened, pytest.raises(StoreError, match="empty"):
        upgrade(opened, "journal")


def test_a_file_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"journal\.db"):
        sqlite_to_upgrade(tmp_path / "journal.db")
    assert not list(tmp_path.iterdir())
