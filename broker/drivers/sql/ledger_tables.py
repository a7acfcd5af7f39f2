"""The ledger's tables, and the triggers that stop mistakes."""

from sqlalchemy import (
    DDL,
    BigInteger,
    Column,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    event,
)

REVISION = "0001"
"""The last of ``migrations/ledger``."""

metadata = MetaData()
_Number = BigInteger().with_variant(Integer, "sqlite")

leaves = Table(
    "leaves",
    metadata,
    Column("leaf_index", _Number, primary_key=True, autoincrement=False),
    Column("leaf", LargeBinary, nullable=False),
    Column("record_id", Text, nullable=False),
)
"""A leaf's hash stands in its tile only. Record ids have no index: nobody looks a leaf up by one, and when they were
random, adding a group to half a million leaves took four times as long with it. That a record is a leaf once follows
from ``state.settled``."""

tiles = Table(
    "tiles",
    metadata,
    Column("level", Integer, nullable=False),
    Column("tile_index", _Number, nullable=False),
    Column("hashes", LargeBinary, nullable=False),
    PrimaryKeyConstraint("level", "tile_index"),
)
"""Full tiles only: 256 hashes each, written once."""

right_edge = Table(
    "right_edge",
    metadata,
    Column("level", Integer, primary_key=True, autoincrement=False),
    Column("tile_index", _Number, nullable=False),
    Column("hashes", LargeBinary, nullable=False),
)
"""The last, partial tile of each level, written anew with each group; outdated once the tile is full."""

checkpoints = Table(
    "checkpoints",
    metadata,
    Column("size", _Number, primary_key=True, autoincrement=False),
    Column("note", Text, nullable=False),
    Column("at", _Number, nullable=False),
    Column("kept_at", _Number, nullable=False),
)
"""Those kept for ever. Times are whole seconds since 1970, UTC."""

state = Table(
    "state",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("size", _Number, nullable=False),
    Column("note", Text, nullable=False),
    Column("at", _Number, nullable=False),
    Column("settled", _Number, nullable=False),
    Column("holder", Text, nullable=False),
    Column("fencing", _Number, nullable=False),
    Column("until", _Number, nullable=False),
)
"""One row: the checkpoint published last, below which leaf every record is marked, and who may add and until when."""

_GUARDS = {
    "sqlite": (
        "CREATE TRIGGER {table}_no_{action} BEFORE {action} ON {table} "
        "BEGIN SELECT RAISE(ABORT, '{table} are only ever added'); END"
    ),
    "postgresql": (
        "CREATE OR REPLACE FUNCTION {table}_guard() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '{table} are only ever added'; END $$; "
        "CREATE TRIGGER {table}_no_{action} BEFORE {action} ON {table} EXECUTE FUNCTION {table}_guard()"
    ),
}
_ACTIONS = {"sqlite": ("update", "delete"), "postgresql": ("update", "delete", "truncate")}

for _table in (leaves, tiles, checkpoints):
    for _dialect, _guard in _GUARDS.items():
        for _action in _ACTIONS[_dialect]:
            _ddl = DDL(_guard.format(table=_table.name, action=_action))  # type: ignore[no-untyped-call]  # untyped there
            event.listen(_table, "after_create", _ddl.execute_if(dialect=_dialect))
