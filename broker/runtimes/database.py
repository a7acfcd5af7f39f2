"""Lays out the database for the processes of the streaming runtime, and lets them in."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from typing import TYPE_CHECKING

from broker.core.process_kinds import ProcessKind
from broker.runtimes.home import Home, HomeError
from broker.runtimes.settings import Settings, SettingsError
from broker.runtimes.stores import check_place, database_of

if TYPE_CHECKING:
    from broker.drivers.sql.postgres import Database


def laid_out(settings: Settings) -> Mapping[str, bool]:
    """Make stores and roles that are not there, and give each role its rights and no others.

    Returns: by user name of the database, whether that one may sign in already.

    Raises:
        HomeError: there is no home, or it keeps its journal in files.
        SettingsError: no database is named, or its settings cannot be used.
        StoreError: it does not answer, or the user it names may not do that; nothing was changed.
    """
    database = _own_database(settings)
    from broker.drivers.sql import rights  # noqa: PLC0415 - as in `database_of`

    return {rights.role_name(database, kind): signs_in for kind, signs_in in rights.lay_out(database).items()}


def moved_in(settings: Settings, tell: Callable[[str, int], None]) -> Mapping[str, int]:
    """Move a home's journal and ledger out of its files into the database; how many rows each has.

    While it lasts nobody can open the home. Where it fails, the home goes on with its files.

    Raises:
        HomeError: there is no home, or it keeps them in the database already.
        SettingsError: no database is named, or its settings cannot be used.
        StoreError: a process has the home open, or the database cannot take it; nothing was moved.
    """
    home = Home(settings.home)
    home.check_exists()
    files = {name: path for name, path in (("journal", home.journal), ("ledger", home.ledger)) if path.exists()}
    if not files:
        msg = f"the home {home.root.name} has no journal and ledger in files; nothing was moved"
        raise HomeError(msg, code="home.moved", remedy="nothing more is needed; see: mash reconcile")
    was_begun = home.database_mark.exists()
    with ExitStack() as held:
        try:
            database = database_of(home, settings.database)
            from broker.drivers.sql import moving  # noqa: PLC0415 - as in `database_of`

            counted = held.enter_context(moving.moved(files, database, tell=tell))
        except BaseException:
            if not was_begun:
                home.database_mark.unlink(missing_ok=True)
            raise
        moving.remove(files.values())
    return counted


def let_in(settings: Settings, kind: ProcessKind, password: str) -> str:
    """Let the processes of one kind sign in with this password, and with no other; as which user of the database.

    Raises:
        HomeError: there is no home, or it keeps its journal in files.
        SettingsError: no database is named, its settings cannot be used, or the password is empty.
        StoreError: it does not answer, the user it names may not do that, or it was never laid out.
    """
    database = _own_database(settings)
    if not password:
        msg = "the password is empty; nothing was changed"
        raise SettingsError(msg, code="settings.database", remedy="name a file with a password of some length")
    from broker.drivers.sql import rights  # noqa: PLC0415 - as in `database_of`

    rights.let_in(database, kind, password)
    return rights.role_name(database, kind)


def _own_database(settings: Settings) -> "Database":
    """The database in which the home already keeps its journal."""
    home = Home(settings.home)
    home.check_exists()
    check_place(home, settings.database)
    return database_of(home, settings.database)
