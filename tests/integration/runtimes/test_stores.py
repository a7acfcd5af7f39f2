"""Which store a home has is said once; what cannot be is refused with a remedy, and nothing is made."""

import sys
from pathlib import Path

import pytest

from broker.runtimes.home import Home
from broker.runtimes.settings import DatabaseSettings, SettingsError, read_root_key, read_settings
from broker.runtimes.stores import open_stores
from tests.support import homes

URL = "postgresql://mash@127.0.0.1:1/mash"


def refused(folder: Path, database: DatabaseSettings) -> SettingsError:
    settings = homes.a_home(folder)
    home = Home(settings.home)
    for file in (home.journal, home.ledger):
        file.unlink()
    with pytest.raises(SettingsError) as error:
        open_stores(home, read_root_key(settings), database)
    assert not home.journal.exists()
    assert not home.database_mark.exists()
    return error.value


def test_without_the_driver_what_to_install_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "broker.drivers.sql.postgres", None)
    assert "streaming" in refused(tmp_path, DatabaseSettings(URL)).remedy


def test_a_password_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    error = refused(tmp_path, DatabaseSettings(URL, password_file=tmp_path / "none"))
    assert error.code == "settings.database"
    assert "MASH_DATABASE_PASSWORD_FILE" in error.remedy


def test_the_database_is_named_by_three_variables_and_shown_by_none() -> None:
    given = {"MASH_DATABASE_URL": URL, "MASH_DATABASE_PASSWORD_FILE": "/secret", "MASH_DATABASE_CA_FILE": "/ca"}
    database = read_settings(given).database
    assert database == DatabaseSettings(URL, Path("/secret"), Path("/ca"))
    assert "127.0.0.1" not in repr(database)
    assert read_settings({}).database is None
    with pytest.raises(SettingsError, match="no database"):
        read_settings({"MASH_DATABASE_CA_FILE": "/ca"})
