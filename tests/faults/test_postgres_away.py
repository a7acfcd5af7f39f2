"""PostgreSQL falls over, or stands still, in mid-work: nothing is half done, and once it is back all goes on."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from broker.cli.main import main
from broker.core.store_errors import StoreError
from broker.runtimes.came_to import CameTo, came_to
from broker.runtimes.embedded import Embedded
from broker.runtimes.home import HomeError
from broker.runtimes.settings import Settings
from infra.local.postgres import LocalPostgres, NoPostgresError, a_postgres
from tests.support import homes
from tests.support.agreeing import check_everything_has_its_leaf
from tests.support.busy_week import busy_week
from tests.support.postgres import a_new_database

CHILDREN = 8

pytestmark = [
    pytest.mark.slow,
    # pg8000 leaves the socket of a server that is gone to be closed by whoever collects it.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.usefixtures("lost_sockets_collected"),
]


@pytest.fixture(scope="module")
def server() -> Iterator[LocalPostgres]:
    """A server that may be stopped, so it is always a process of this machine."""
    with a_postgres() as server:
        yield server


def a_home_there(folder: Path, server: LocalPostgres) -> Settings:
    return homes.moved_to_postgres(homes.a_home(folder), server.address)


@pytest.fixture(scope="module")
def straight(tmp_path_factory: pytest.TempPathFactory) -> CameTo:
    """What the week comes to in a home of files: where the journal stands changes nothing."""
    settings = homes.a_home(tmp_path_factory.mktemp("straight"))
    homes.spool(settings, busy_week(children=CHILDREN))
    with homes.opened(settings) as runtime:
        runtime.tick()
        return came_to(runtime)


def before_call(part: Any, method: str, what: Callable[[], object], *, at: int) -> Callable[[], bool]:
    """Let something happen before the n-th call; whether it did."""
    own, calls = getattr(part, method), 0

    def watched(*args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == at:
            what()
        return own(*args, **kwargs)

    setattr(part, method, watched)
    return lambda: calls >= at


def steps(runtime: Embedded) -> dict[str, Any]:
    hub = runtime.hub
    return {"commit": hub.journal, "mark_sequenced": hub.journal, "append": hub.ledger, "send": runtime.post}


def check_as_if_nothing_had_been(runtime: Embedded, straight: CameTo) -> None:
    after = came_to(runtime)
    assert after.decisions == straight.decisions
    assert after.held == straight.held
    check_everything_has_its_leaf(runtime)
    assert runtime.verify_ledger(against=None, tell=lambda _done, _total: None).finding is None
    assert runtime.reconcile().differences == ()


@pytest.mark.parametrize(
    "fall", [("commit", 1), ("commit", 30), ("mark_sequenced", 1), ("append", 2), ("send", 1)], ids=str
)
def test_wherever_it_falls_over_nothing_is_lost_and_nobody_is_told_twice(
    tmp_path: Path, server: LocalPostgres, straight: CameTo, fall: tuple[str, int]
) -> None:
    step, at = fall
    settings = a_home_there(tmp_path, server)
    homes.spool(settings, busy_week(children=CHILDREN))
    with homes.opened(settings) as runtime:
        fell_over = before_call(steps(runtime)[step], step, server.stop, at=at)
        try:
            with pytest.raises(StoreError) as failed:
                runtime.tick()
            assert fell_over()
            assert failed.value.code == "store.failed"
            with pytest.raises(StoreError) as still:
                runtime.tick()
            assert still.value.code == "store.failed"
        finally:
            server.start()
        runtime.tick()
        check_as_if_nothing_had_been(runtime, straight)


@pytest.mark.parametrize("step", [("commit", 5), ("mark_sequenced", 1), ("append", 2), ("send", 1)], ids=str)
def test_wherever_it_stands_still_nothing_is_lost_and_nobody_is_told_twice(
    tmp_path: Path, server: LocalPostgres, straight: CameTo, step: tuple[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every connection stays open, and nothing is answered; what was asked for may yet be done afterwards."""
    monkeypatch.setattr("broker.drivers.sql.postgres.ANSWER_SECONDS", 2)
    name, at = step
    settings = a_home_there(tmp_path, server)
    homes.spool(settings, busy_week(children=CHILDREN))
    with homes.opened(settings) as runtime, ExitStack() as stall:
        stood_still = before_call(steps(runtime)[name], name, lambda: stall.enter_context(server.stalled()), at=at)
        for _ in range(2):
            with pytest.raises(StoreError) as failed:
                runtime.tick()
            assert stood_still()
            assert failed.value.code == "store.failed"
        stall.close()
        runtime.tick()
        check_as_if_nothing_had_been(runtime, straight)


def test_a_home_is_opened_only_with_the_store_that_it_was_made_with(tmp_path: Path, server: LocalPostgres) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "here").mkdir()
    there = a_home_there(tmp_path / "there", server)
    with homes.opened(there):
        pass
    with pytest.raises(HomeError) as error, homes.opened(Settings(there.home, there.root_key_file, None, "info")):
        pass
    assert error.value.code == "home.in_database"
    here = homes.a_home(tmp_path / "here")
    with homes.opened(here):
        pass
    mixed = Settings(here.home, here.root_key_file, None, "info", database=there.database)
    with pytest.raises(HomeError) as error, homes.opened(mixed):
        pass
    assert error.value.code == "home.in_files"


def test_two_homes_never_share_a_database(tmp_path: Path, server: LocalPostgres) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "other").mkdir()
    one = a_home_there(tmp_path / "one", server)
    with homes.opened(one):
        pass
    other = homes.moved_to_postgres(homes.a_home(tmp_path / "other"), server.address)
    mixed = Settings(other.home, other.root_key_file, None, "info", database=one.database)
    with pytest.raises(StoreError, match="another home") as error, homes.opened(mixed):
        pass
    assert error.value.code == "store.not_ours"


def test_a_home_is_made_in_the_database_that_is_named_and_whatever_was_not_finished_is_made_later(
    tmp_path: Path, server: LocalPostgres, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MASH_HOME", str(tmp_path / "wrenshire"))
    monkeypatch.setenv("MASH_DATABASE_URL", a_new_database(server.address))
    server.stop()
    with pytest.raises(SystemExit) as ended:
        main(["init", "--root-key", str(tmp_path / "root-key")])
    assert ended.value.code == 10
    assert "PostgreSQL" in capsys.readouterr().err
    server.start()
    monkeypatch.setenv("MASH_ROOT_KEY_FILE", str(tmp_path / "root-key"))
    for words in (["tick"], ["reconcile"], ["ledger", "verify"]):
        with pytest.raises(SystemExit) as ended:
            main(words)
        assert ended.value.code in {0, None}, capsys.readouterr().err
    assert not (tmp_path / "wrenshire" / "hub" / "journal.db").exists()
    assert not (tmp_path / "mash-home").exists()


def test_where_there_is_no_postgres_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("infra.local.postgres.find_spec", lambda _: None)
    with pytest.raises(NoPostgresError, match="not installed"), a_postgres():
        pass
