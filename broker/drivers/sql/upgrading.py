"""Brings a store of an earlier version to this one, by the revisions in ``migrations``, whole or not at all."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import DDL

from broker.drivers.sql import keys, ledger_tables, schema
from broker.drivers.sql.store import Session, SqlStore, failed, of_another_revision, revision_of, revisions, unnumbered

LAST: Final[Mapping[str, str]] = {
    "journal": schema.REVISION,
    "ledger": ledger_tables.REVISION,
    "keys": keys.REVISION,
}
"""The revision of this exchange, by store."""
MIGRATIONS: Final = Path(__file__).with_name("migrations")


@dataclass(frozen=True, slots=True)
class Upgraded:
    """From which revision to which a store was brought; the same where nothing was to do."""

    store: str
    before: str
    now: str


def upgrade(store: SqlStore, name: str, *, revisions_in: Path | None = None) -> Upgraded:
    """Bring one store to the last revision in one transaction. ``revisions_in``: the folder of its revisions.

    Raises:
        StoreError: it is empty, of a newer version, or a revision could not be done; nothing was changed.
    """
    with store.transaction() as session:
        before = revision_of(session)
        if before is None:
            msg = f"the {name} is empty"
            raise failed(msg, code="store.not_ours", remedy="make the home first: mash init")
        if before > LAST[name] and revisions_in is None:
            raise of_another_revision(before, LAST[name])
        alembic = _alembic(session, revisions_in or MIGRATIONS / name)
        if before not in {each.revision for each in ScriptDirectory.from_config(alembic).walk_revisions()}:
            msg = f"nothing leads from revision {before} of the {name} to this version"
            raise failed(msg, code="store.older", remedy="make a new home: that state was never released")
        if not session.has(revisions):
            _number(session, before)
        command.upgrade(alembic, "head")
        if store.dangling(session):
            msg = f"the {name} would refer to what is not there after its upgrade"
            raise failed(msg, code="store.failed", remedy="keep the version that you have, and report this")
        return Upgraded(name, before, revision_of(session) or before)


def _number(session: Session, revision: str) -> None:
    """Let Alembic know of what revision a store is that was made before there were any."""
    session.make(revisions.metadata)
    session.connection.execute(revisions.insert(), {"version_num": revision})
    session.connection.execute(DDL(f"DROP TABLE {unnumbered.name}"))  # type: ignore[no-untyped-call]  # untyped there


def _alembic(session: Session, folder: Path) -> Config:
    found = Config()
    found.set_main_option("script_location", str(MIGRATIONS / "environment"))
    found.set_main_option("version_locations", str(folder))
    found.set_main_option("path_separator", "newline")
    found.attributes.update(connection=session.connection, version_table=revisions.name)
    return found
