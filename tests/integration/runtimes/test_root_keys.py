"""A root key is renewed: everything opens by the new one alone, wherever the renewal was cut short."""

from dataclasses import replace
from pathlib import Path

import pytest

from broker.cli.main import main
from broker.core.errors import MashError
from broker.core.store_errors import RootKeyError, StoreError
from broker.drivers.sql.keys import SqlKeys
from broker.drivers.sql.sqlite import SqliteStore
from broker.runtimes.root_keys import renew_root_key
from broker.runtimes.settings import Settings
from tests.support import homes


class CutShortError(Exception):
    """The process ended here."""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A home of whom much is known."""
    return homes.a_played_home(tmp_path)


def check_opens(settings: Settings) -> None:
    """Its ledger verifies, and every record and delivery opens."""
    with homes.opened(settings) as runtime:
        assert runtime.verify_ledger(against=None, tell=lambda _done, _total: None).finding is None
        assert runtime.reconcile().differences == ()


def test_after_it_the_home_opens_by_the_new_root_key_alone(settings: Settings, tmp_path: Path) -> None:
    new = tmp_path / "new.root-key"
    assert renew_root_key(settings, new)
    assert new.stat().st_mode & 0o077 == 0
    check_opens(replace(settings, root_key_file=new))
    with pytest.raises(RootKeyError), homes.opened(settings):
        pass
    assert not renew_root_key(settings, new), "nothing is left to do"
    check_opens(replace(settings, root_key_file=new))


def test_cut_short_before_the_keys_are_wrapped_the_old_one_opens_them_and_it_is_run_again(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = tmp_path / "new.root-key"

    def ends(_keys: SqlKeys, _root: bytes) -> None:
        raise CutShortError

    with monkeypatch.context() as here:
        here.setattr(SqlKeys, "renew_root", ends)
        with pytest.raises(CutShortError):
            renew_root_key(settings, new)
    check_opens(settings)
    written = new.read_text(encoding="ascii")
    assert renew_root_key(settings, new)
    assert new.read_text(encoding="ascii") == written
    check_opens(replace(settings, root_key_file=new))


def test_cut_short_while_the_new_key_is_written_there_is_no_file_that_is_none(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = tmp_path / "new.root-key"

    def ends(_file: int) -> None:
        raise CutShortError

    with monkeypatch.context() as here:
        here.setattr("os.fsync", ends)
        with pytest.raises(CutShortError):
            renew_root_key(settings, new)
    assert not new.exists()
    assert renew_root_key(settings, new)
    check_opens(replace(settings, root_key_file=new))


def test_while_what_the_old_key_opens_is_left_in_the_log_it_never_says_that_it_is_done(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = tmp_path / "new.root-key"
    with monkeypatch.context() as here:
        here.setattr(SqliteStore, "empty_log", lambda _store: False)
        for _ in range(2):
            with pytest.raises(StoreError) as refused:
                renew_root_key(settings, new)
            assert refused.value.code == "store.not_erased"
    assert not renew_root_key(settings, new)
    check_opens(replace(settings, root_key_file=new))


@pytest.mark.parametrize(
    "where, code",
    [
        ("home/new.root-key", "settings.root_key_inside_home"),
        ("the one in use", "home.exists"),
        ("no key", "settings.root_key_unusable"),
    ],
)
def test_a_file_that_cannot_be_it_is_refused_and_nothing_is_changed(
    settings: Settings, tmp_path: Path, where: str, code: str
) -> None:
    (tmp_path / "words").write_text("no key", encoding="ascii")
    assert settings.root_key_file is not None
    new = {
        "home/new.root-key": settings.home / "new.root-key",
        "the one in use": settings.root_key_file,
        "no key": tmp_path / "words",
    }[where]
    with pytest.raises(MashError) as refused:
        renew_root_key(settings, new)
    assert refused.value.code == code
    assert not (settings.home / "new.root-key").exists()
    check_opens(settings)


def test_the_command_says_what_is_to_be_done_next(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MASH_HOME", str(settings.home))
    monkeypatch.setenv("MASH_ROOT_KEY_FILE", str(settings.root_key_file))
    new = tmp_path / "new.root-key"
    for said in ("Only this root key opens", "That was done before"):
        with pytest.raises(SystemExit) as ended:
            main(["keys", "renew-root", str(new)])
        assert ended.value.code == 0
        printed = capsys.readouterr().out
        assert said in printed
        assert "MASH_ROOT_KEY_FILE" in printed
