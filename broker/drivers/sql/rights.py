"""What each process of the streaming runtime may do in the database: what it does, and nothing else.

A role stands for each kind of process. Who owns the schemas makes the roles, gives these rights and takes away all
others. No process may change or delete a leaf, a record or what was decided; only the sequencer places records in the
ledger, only release and hub say that something left. Answers, approvals, marks and erasures are no process's to write.
"""

from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from scramp import ScramMechanism
from sqlalchemy import Column, Connection, MetaData, Table, text

from broker.core.process_kinds import ProcessKind
from broker.drivers.sql import ledger_tables, schema
from broker.drivers.sql.postgres import Database, connected, postgres_journal, postgres_ledger
from broker.drivers.sql.store import failed, revisions


class Verb(StrEnum):
    """What may be done with a table (PostgreSQL manual, "Privileges")."""

    SELECT = "SELECT"
    INSERT = "INSERT"
    UPDATE = "UPDATE"
    DELETE = "DELETE"


@dataclass(frozen=True, slots=True)
class Right:
    """That something may be done with a table; with some of its columns, where any are named."""

    verb: Verb
    table: str
    columns: tuple[str, ...] = ()


def _read_all(tables: MetaData) -> tuple[Right, ...]:
    return tuple(Right(Verb.SELECT, each.name) for each in tables.sorted_tables)


def _add(*tables: Table) -> tuple[Right, ...]:
    return tuple(Right(Verb.INSERT, each.name) for each in tables)


def _delete(*tables: Table) -> tuple[Right, ...]:
    return tuple(Right(Verb.DELETE, each.name) for each in tables)


def _change(*columns: Column[Any]) -> tuple[Right, ...]:
    by_table: dict[str, tuple[str, ...]] = {}
    for each in columns:
        by_table[each.table.name] = (*by_table.get(each.table.name, ()), each.name)
    return tuple(Right(Verb.UPDATE, table, names) for table, names in by_table.items())


def _values(table: Table) -> tuple[Column[Any], ...]:
    """Every column but those by which a row is found."""
    return tuple(each for each in table.columns if not each.primary_key)


_REVISION: Final = (Right(Verb.SELECT, revisions.name),)
_READS_LEDGER: Final = (*_REVISION, *_read_all(ledger_tables.metadata))
_ROLE: Final = text("SELECT rolcanlogin FROM pg_roles WHERE rolname = :name")
_j, _l = schema, ledger_tables
_DECIDES: Final = (
    *_REVISION,
    *_read_all(schema.metadata),
    *_add(_j.asked, _j.decisions, _j.records, _j.deliveries, _j.questions, _j.reasks),
    *_change(
        _j.decisions.c.stands_at,
        _j.deliveries.c.superseded_by,
        _j.questions.c.answered,
        _j.reasks.c.cursor,
        _j.reasks.c.asked,
        _j.reasks.c.changed,
        _j.reasks.c.finished_at,
    ),
)
"""To ask the policy and keep what follows: the hub does, and the release where a delivery no longer stands."""
_SAYS_LEFT: Final = _change(
    _j.deliveries.c.released_at, _j.deliveries.c.release_record, _j.deliveries.c.checkpoint_size
)
"""The release says so when it sends; the hub when a receipt proves it, where the release was ended before it could."""

RIGHTS: Final[Mapping[ProcessKind, Mapping[str, Sequence[Right]]]] = {
    ProcessKind.HUB: {
        "journal": (
            *_DECIDES,
            *_add(_j.children, _j.identity_acts, _j.identity_links, _j.facts, _j.taught, _j.events),
            *_add(_j.receipts, _j.replies, _j.feeds, _j.numbers, _j.quarantine, _j.escalations, _j.incidents),
            *_change(*_values(_j.children), _j.identity_links.c.child, *_values(_j.facts), *_values(_j.taught)),
            *_change(_j.events.c.corrected_by, _j.numbers.c.last, _j.replies.c.handed_over),
            *_change(_j.deliveries.c.delivered_at, _j.deliveries.c.opened_at, _j.deliveries.c.acknowledged_at),
            *_SAYS_LEFT,
            *_change(_j.feeds.c.at, _j.feeds.c.sequence, _j.incidents.c.ended_at, _j.incidents.c.ended_record),
            *_delete(_j.events, _j.facts, _j.taught, _j.numbers),
        ),
        "ledger": _READS_LEDGER,
    },
    ProcessKind.SEQUENCER: {
        "journal": (
            *_REVISION,
            Right(Verb.SELECT, _j.records.name, ("position", "record_id", "leaf", "order_key", "leaf_index")),
            *_change(_j.records.c.leaf_index),
        ),
        "ledger": (
            *_READS_LEDGER,
            *_add(_l.leaves, _l.tiles, _l.right_edge, _l.checkpoints),
            *_change(*_values(_l.right_edge), *_values(_l.state)),
        ),
    },
    ProcessKind.RELEASE: {
        "journal": (
            *_DECIDES,
            *_SAYS_LEFT,
        ),
        "ledger": _READS_LEDGER,
    },
}
"""By role and store. Whatever else is done in the database, people's acts and erasure first, its owner does."""


def role_name(database: Database, kind: ProcessKind) -> str:
    """As whom the processes of that kind sign in."""
    return f"{database.prefix}_{kind}"


def lay_out(database: Database) -> Mapping[ProcessKind, bool]:
    """Make the stores and roles that are not there, and give each role its rights and no others; for the owner.

    Running processes notice nothing. Returns: for each role whether it may sign in already.

    Raises:
        StoreError: the server does not answer, or this user may not do that; nothing was changed.
    """
    for opened in (postgres_journal, postgres_ledger):
        opened(database).close()
    with connected(database) as connection:
        _one_at_a_time(connection)
        for kind in ProcessKind:
            if not _exists(connection, role_name(database, kind)):
                connection.exec_driver_sql(f"CREATE ROLE {role_name(database, kind)}")
            for statement in statements(database, kind):
                connection.exec_driver_sql(statement)
        return {kind: _signs_in(connection, role_name(database, kind)) for kind in ProcessKind}


def statements(database: Database, kind: ProcessKind) -> Iterator[str]:
    """What gives a role its rights and takes all others, in order."""
    name = role_name(database, kind)
    for store, rights in RIGHTS[kind].items():
        place = database.schema(store)
        for everything in ("TABLES", "SEQUENCES", "FUNCTIONS"):
            yield f"REVOKE ALL ON ALL {everything} IN SCHEMA {place} FROM {name}"
        yield f"REVOKE ALL ON SCHEMA {place} FROM {name}"
        yield f"GRANT USAGE ON SCHEMA {place} TO {name}"
        for right in rights:
            columns = f" ({', '.join(right.columns)})" if right.columns else ""
            yield f"GRANT {right.verb}{columns} ON {place}.{right.table} TO {name}"
        if any(right.verb is Verb.INSERT for right in rights):
            yield f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {place} TO {name}"


def let_in(database: Database, kind: ProcessKind, password: str) -> None:
    """Let a role sign in with this password from now on, and with no other; for the owner.

    The server is told what it needs to check the password (RFC 5803), so that it stands in no log of its own.

    Raises:
        StoreError: the server does not answer, this user may not do that, or there is no such role; nothing was
            changed.
    """
    name = role_name(database, kind)
    with connected(database) as connection:
        _one_at_a_time(connection)
        if not _exists(connection, name):
            msg = f"the database has no role {name}"
            raise failed(msg, code="store.not_laid_out", remedy="make it first: mash database apply")
        connection.exec_driver_sql(f"ALTER ROLE {name} LOGIN PASSWORD '{_verifier(password)}'")


def _one_at_a_time(connection: Connection) -> None:
    connection.exec_driver_sql("SELECT pg_advisory_xact_lock(hashtextextended('mash roles', 2))")


def _exists(connection: Connection, name: str) -> bool:
    return connection.execute(_ROLE, {"name": name}).first() is not None


def _signs_in(connection: Connection, name: str) -> bool:
    found = connection.execute(_ROLE, {"name": name}).first()
    return found is not None and bool(found.rolcanlogin)


def _verifier(password: str) -> str:
    """What PostgreSQL keeps of a password (PostgreSQL manual, catalog pg_authid)."""
    salt, stored, server, rounds = ScramMechanism("SCRAM-SHA-256").make_auth_info(password)
    salt, stored, server = (b64encode(each).decode() for each in (salt, stored, server))
    return f"SCRAM-SHA-256${rounds}:{salt}${stored}:{server}"
