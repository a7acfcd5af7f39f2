"""Brings a home's stores to the revision that this version of the exchange works with."""

from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING

from broker.runtimes.home import Home
from broker.runtimes.settings import Settings
from broker.runtimes.stores import check_place, database_of

if TYPE_CHECKING:
    from broker.drivers.sql.store import SqlStore
    from broker.drivers.sql.upgrading import Upgraded


def upgraded(settings: Settings) -> "Iterator[Upgraded]":
    """Upgrade keys, journal and ledger, each in one transaction, and give what came of each as it is done.

    Cut short, it goes on where it was when called again.

    Raises:
        HomeError: there is no home, or it keeps its journal elsewhere than the settings say.
        SettingsError: the database's settings cannot be used.
        StoreError: one of them cannot be upgraded; that one was not changed.
    """
    from broker.drivers.sql.upgrading import upgrade  # noqa: PLC0415 - Alembic is loaded only where it is used

    home = Home(settings.home)
    home.check_exists()
    check_place(home, settings.database)
    for name, opened in _stores(home, settings).items():
        with closing(opened()) as store:
            yield upgrade(store, name)


def _stores(home: Home, settings: Settings) -> "dict[str, Callable[[], SqlStore]]":
    from broker.drivers.sql.sqlite import sqlite_to_upgrade  # noqa: PLC0415 - beside the other one

    keys = partial(sqlite_to_upgrade, home.keys)
    if settings.database is None:
        files = {"journal": home.journal, "ledger": home.ledger}
        return {"keys": keys, **{name: partial(sqlite_to_upgrade, path) for name, path in files.items()}}
    database = database_of(home, settings.database)
    from broker.drivers.sql.postgres import postgres_to_upgrade  # noqa: PLC0415 - as in `database_of`

    return {"keys": keys, **{name: partial(postgres_to_upgrade, database, name) for name in ("journal", "ledger")}}
