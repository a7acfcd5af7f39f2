"""The ledger as it began, with the triggers that stop mistakes. Before this no store was released."""

import sqlalchemy as sa
from alembic import op

from broker.drivers.sql.migrations.columns import blobs, numbers, small, texts

revision = "0001"
down_revision = None

_SQLITE = "BEGIN SELECT RAISE(ABORT, '{table} are only ever added'); END"
_POSTGRES = "RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{table} are only ever added'; END $$"
GUARDS = {
    "sqlite": (
        "CREATE TRIGGER {table}_no_update BEFORE update ON {table} " + _SQLITE,
        "CREATE TRIGGER {table}_no_delete BEFORE delete ON {table} " + _SQLITE,
    ),
    "postgresql": (
        "CREATE FUNCTION {table}_guard() " + _POSTGRES,
        "CREATE TRIGGER {table}_no_update BEFORE update ON {table} EXECUTE FUNCTION {table}_guard()",
        "CREATE TRIGGER {table}_no_delete BEFORE delete ON {table} EXECUTE FUNCTION {table}_guard()",
        "CREATE TRIGGER {table}_no_truncate BEFORE truncate ON {table} EXECUTE FUNCTION {table}_guard()",
    ),
}


def _checkpoints() -> None:
    op.create_table(
        "checkpoints", *numbers("size"), *texts("note"), *numbers("at", "kept_at"), sa.PrimaryKeyConstraint("size")
    )


def _leaves() -> None:
    op.create_table(
        "leaves", *numbers("leaf_index"), *blobs("leaf"), *texts("record_id"), sa.PrimaryKeyConstraint("leaf_index")
    )


def _right_edge() -> None:
    op.create_table(
        "right_edge", *small("level"), *numbers("tile_index"), *blobs("hashes"), sa.PrimaryKeyConstraint("level")
    )


def _state() -> None:
    op.create_table(
        "state",
        *small("id"),
        *numbers("size"),
        *texts("note"),
        *numbers("at", "settled"),
        *texts("holder"),
        *numbers("fencing", "until"),
        sa.PrimaryKeyConstraint("id"),
    )


def _tiles() -> None:
    op.create_table(
        "tiles",
        *small("level"),
        *numbers("tile_index"),
        *blobs("hashes"),
        sa.PrimaryKeyConstraint("level", "tile_index"),
    )


def upgrade() -> None:
    """Make every table, and guard those that are only ever added to."""
    for make in (_checkpoints, _leaves, _right_edge, _state, _tiles):
        make()
    dialect = op.get_bind().dialect.name
    for table in ("leaves", "tiles", "checkpoints"):
        for guard in GUARDS[dialect]:
            op.execute(guard.format(table=table))
