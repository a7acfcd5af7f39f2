"""A home that has outgrown its files moves into PostgreSQL whole, or not at all."""

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from broker.core.errors import MashError
from broker.core.process_kinds import ProcessKind
from broker.core.store_errors import StoreError
from broker.drivers.sql import moving
from broker.runtimes.came_to import came_to
from broker.runtimes.database import laid_out, let_in, moved_in
from broker.runtimes.home import Home, HomeError
from broker.runtimes.settings import DatabaseSettings, Settings
from tests.support import homes
from tests.support.builders import a_domestic_incident
from tests.support.postgres import a_new_database, connected


def quietly(_store: str, _rows: int) -> None:
    """Tell nobody."""


@pytest.fixture
def files(tmp_path: Path) -> Settings:
    """A home to which the weekend has come, in files."""
    return homes.a_played_home(tmp_path)


@pytest.fixture
def moved(files: Settings, postgres: str) -> Settings:
    """The settings with which it moves into a new database."""
    return replace(files, database=DatabaseSettings(a_new_database(postgres)))


def stores_of(settings: Settings) -> set[str]:
    return {path.name for path in Home(settings.home).hub.glob("*.db*")} - {"keys.db", "keys.db-wal", "keys.db-shm"}


def test_everything_is_there_afterwards_and_goes_on_as_it_would_have(
    files: Settings, moved: Settings, tmp_path: Path
) -> None:
    stayed = homes.copy_home(files, tmp_path / "stayed")
    counted = moved_in(moved, quietly)
    assert set(counted) == {"journal", "ledger"}
    assert min(counted.values()) > 0
    assert stores_of(moved) == set()
    came, incident = [], a_domestic_incident()
    for each in (stayed, moved):
        homes.spool(each, [incident])
        with homes.opened(each) as runtime:
            runtime.tick()
            assert runtime.reconcile().differences == ()
            assert runtime.verify_ledger(against=None, tell=lambda _done, _all: None).is_sound
            came.append(came_to(runtime))
    assert came[0] == came[1]


def test_a_home_that_somebody_has_open_stays_as_it_is(
    files: Settings, moved: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moving, "_WAITS_SECONDS", 0.1)
    before = stores_of(files)
    with homes.opened(files) as runtime:
        counts = runtime.hub.journal.counts()
        with pytest.raises(StoreError) as error:
            moved_in(moved, quietly)
        assert error.value.code == "store.busy"
        assert "stop every process" in error.value.remedy
    assert before <= stores_of(files)
    with homes.opened(files) as runtime:
        assert runtime.hub.journal.counts() == counts


@pytest.mark.parametrize("where", ["before anything is durable", "before the files go", "between the files"])
def test_where_it_is_cut_short_it_is_done_by_doing_it_again(
    moved: Settings, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    class Cut(BaseException):
        """As if the process were killed: nothing of ours is done any more."""

    home = Home(moved.home)
    unlink = Path.unlink

    def cut(path: Path, **how: bool) -> None:
        if (
            path == home.database_mark
            or where == "before the files go"
            or (where == "between the files" and path.name.startswith("ledger"))
        ):
            raise Cut
        unlink(path, **how)

    def tells(_store: str, _rows: int) -> None:
        if where == "before anything is durable":
            raise Cut

    with monkeypatch.context() as patched:
        patched.setattr(Path, "unlink", cut)
        with pytest.raises(Cut):
            moved_in(moved, tells)
    for settings in (moved, replace(moved, database=None)):
        with pytest.raises(HomeError) as error, homes.opened(settings):
            pass
        assert error.value.code == "home.moving"
        assert "mash database move" in error.value.remedy
    moved_in(moved, quietly)
    assert stores_of(moved) == set()
    with homes.opened(moved) as runtime:
        assert runtime.reconcile().differences == ()


def test_where_the_database_cannot_take_it_the_home_goes_on_with_its_files(files: Settings) -> None:
    away = replace(files, database=DatabaseSettings("postgresql://mash@127.0.0.1:1/none"))
    with pytest.raises(StoreError):
        moved_in(away, quietly)
    with homes.opened(files) as runtime:
        assert runtime.reconcile().differences == ()


def test_a_database_that_keeps_another_home_s_journal_is_left_alone(moved: Settings, tmp_path: Path) -> None:
    moved_in(moved, quietly)
    other = replace(homes.a_played_home(tmp_path / "other"), database=moved.database)
    with pytest.raises(StoreError) as error:
        moved_in(other, quietly)
    assert error.value.code == "store.not_ours"
    with homes.opened(replace(other, database=None)) as runtime:
        assert runtime.reconcile().differences == ()


def test_a_table_that_is_not_what_the_file_has_keeps_the_files(
    moved: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stops(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Path, "unlink", stops)
        with pytest.raises(KeyboardInterrupt):
            moved_in(moved, quietly)
    assert moved.database is not None
    with closing(connected(moved.database.url, startup_params={"search_path": "mash_journal"})) as connection:
        connection.cursor().execute("UPDATE decisions SET effect = 'withhold' WHERE position = 1")
        connection.commit()
    with pytest.raises(StoreError, match="decisions") as error:
        moved_in(moved, quietly)
    assert error.value.code == "store.not_empty"
    assert {"journal.db", "ledger.db"} <= stores_of(moved)


@pytest.mark.parametrize("address", ["nonsense", "postgresql://mash@127.0.0.1:1/none"])
def test_where_the_address_is_wrong_the_home_goes_on_with_its_files(files: Settings, address: str) -> None:
    wrong = replace(files, database=DatabaseSettings(address))
    for act in (lambda its: moved_in(its, quietly), laid_out, lambda its: let_in(its, ProcessKind.HUB, "a-password")):
        with pytest.raises(MashError):
            act(wrong)
        with homes.opened(files) as runtime:
            assert runtime.reconcile().differences == ()


def test_what_an_operator_keeps_beside_a_file_stays(moved: Settings) -> None:
    kept = Home(moved.home).journal.with_name("journal.db.before-the-move")
    kept.write_bytes(Home(moved.home).journal.read_bytes())
    moved_in(moved, quietly)
    assert kept.exists()


def test_a_home_that_is_moved_already_is_told_so(moved: Settings) -> None:
    moved_in(moved, quietly)
    with pytest.raises(HomeError) as error:
        moved_in(moved, quietly)
    assert error.value.code == "home.moved"


def test_a_file_that_is_no_store_is_named(files: Settings, moved: Settings) -> None:
    home = Home(files.home)
    for each in home.hub.glob("journal.db-*"):
        each.unlink()
    home.journal.write_bytes(b"not a database at all" * 100)
    with pytest.raises(StoreError, match=r"journal\.db") as error:
        moved_in(moved, quietly)
    assert error.value.code == "store.not_ours"
