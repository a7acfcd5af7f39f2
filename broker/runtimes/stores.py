"""Opens the exchange's stores: in files of the home, or journal and ledger in PostgreSQL where one is named."""

import secrets
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from broker.core.store_errors import StoreError
from broker.drivers.sql.journal import SqlJournal
from broker.drivers.sql.keys import SqlKeys
from broker.drivers.sql.ledger_store import SqlLedger
from broker.runtimes.home import Home, HomeError
from broker.runtimes.settings import DatabaseSettings, SettingsError

if TYPE_CHECKING:
    from broker.drivers.sql.postgres import Database


@dataclass(frozen=True, slots=True)
class Stores:
    """What the exchange writes to. Keys are always in a file of the home: no database's log or copy has any."""

    journal: SqlJournal
    keys: SqlKeys
    ledger: SqlLedger

    def close(self) -> None:
        """Let go of them."""
        self.journal.close()
        self.keys.close()
        self.ledger.close()


def open_stores(home: Home, root_key: bytes, database: DatabaseSettings | None) -> Stores:
    """Open, or make, the stores of one home.

    Raises:
        HomeError: the home keeps its journal elsewhere than the settings say; nothing was opened.
        SettingsError: the database's settings cannot be used.
        StoreError: a store cannot be opened, was written by a newer version, or belongs to another home.
        RootKeyError: the root key is not the one that this home was made with.
    """
    check_place(home, database)
    keys = SqlKeys.in_file(home.keys, root_key)
    try:
        if database is None:
            return Stores(SqlJournal.in_file(home.journal), keys, SqlLedger.in_file(home.ledger))
        return _in_postgres(home, keys, database)
    except BaseException:
        keys.close()
        raise


def check_place(home: Home, database: DatabaseSettings | None) -> None:
    """See that a home keeps its journal where the settings say.

    Raises:
        HomeError: it keeps it elsewhere, or is being moved.
    """
    if home.database_mark.exists() and (home.journal.exists() or home.ledger.exists()):
        msg = f"the home {home.root.name} is being moved into PostgreSQL, or that was cut short; nothing was opened"
        raise HomeError(msg, code="home.moving", remedy="if nobody moves it now, finish it: mash database move")
    if database is None and home.database_mark.exists():
        msg = f"the home {home.root.name} keeps its journal and ledger in PostgreSQL; nothing was opened"
        raise HomeError(msg, code="home.in_database", remedy="set MASH_DATABASE_URL as it was when the home was made")
    if database is not None and home.journal.exists():
        msg = f"the home {home.root.name} keeps its journal and ledger in files of its own; nothing was opened"
        raise HomeError(msg, code="home.in_files", remedy="unset MASH_DATABASE_URL, or move it: mash database move")


def _in_postgres(home: Home, keys: SqlKeys, named: DatabaseSettings) -> Stores:
    database = database_of(home, named)
    from broker.drivers.sql.postgres import postgres_journal, postgres_ledger  # noqa: PLC0415 - as in `database_of`

    journal = postgres_journal(database)
    try:
        return Stores(journal, keys, postgres_ledger(database))
    except StoreError:
        journal.close()
        raise


def database_of(home: Home, named: DatabaseSettings | None) -> "Database":
    """The database in which a home keeps journal and ledger.

    Raises:
        SettingsError: none is named, or its settings cannot be used.
        StoreError: that is no address of one (code ``store.not_ours``).
    """
    if named is None:
        msg = "no database is named"
        raise SettingsError(msg, code="settings.database", remedy="set MASH_DATABASE_URL, as the database's owner")
    try:
        from broker.drivers.sql.postgres import Database  # noqa: PLC0415 - its driver is installed only where it is used
    except ImportError as error:
        msg = "a database is named, but the driver for it is not installed"
        remedy = 'pip install "mash-broker[streaming]"'
        raise SettingsError(msg, code="settings.database", remedy=remedy) from error
    password, tls = _password_and_tls(named)
    return Database.at(named.url, password=password, tls=tls, owner=_mark(home.database_mark))


def _password_and_tls(named: DatabaseSettings) -> tuple[str, ssl.SSLContext | None]:
    try:
        password = named.password_file.read_text(encoding="utf-8").strip() if named.password_file else ""
        tls = ssl.create_default_context(cafile=named.ca_file) if named.ca_file else None
    except OSError as error:
        msg = "a file that the database's settings name cannot be read"
        raise SettingsError(
            msg, code="settings.database", remedy="check MASH_DATABASE_PASSWORD_FILE and MASH_DATABASE_CA_FILE"
        ) from error
    return password, tls


def _mark(place: Path) -> str:
    """What tells this home's schemas from another's; chosen once."""
    if not place.exists():
        place.touch(mode=0o600)
        place.write_text(secrets.token_hex(16) + "\n", encoding="ascii")
    return place.read_text(encoding="ascii").strip()
