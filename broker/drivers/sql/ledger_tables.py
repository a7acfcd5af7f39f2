"""The ledger's tables, and the triggers that stop mistakes."""

from sqlalchemy import (
    DDL,
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    event,
)

metadata = MetaData()
_Number = BigInteger().with_variant(Integer, "sqlite")

leaves = Table(
    "leaves",
    metadata,
    Column("leaf_index", _Number, primary_key=True, autoincrement=False),
    Column("leaf", LargeBinary, nullable=False),
    Column("leaf_hash", LargeBinary(32), nullable=False),
    Column("record_id", String(64), nullable=False),
    Index("leaves_record_id", "record_id", unique=True),
)

tiles = Table(
    "tiles",
    metadata,
    Column("level", Integer, nullable=False),
    Column("tile_index", _Number, nullable=False),
    Column("hashes", LargeBinary, nullable=False),
    PrimaryKeyConstraint("level", "tile_index"),
)

checkpoints = Table(
    "checkpoints",
    metadata,
    Column("size", _Number, primary_key=True, autoincrement=False),
    Column("note", Text, nullable=False),
    Column("at", _Number, nullable=False),
    Column("kept_at", _Number, nullable=False),
)
"""Those kept for ever. Times are whole seconds since 1970, UTC."""

latest = Table(
    "latest_checkpoint",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("size", _Number, nullable=False),
    Column("note", Text, nullable=False),
    Column("at", _Number, nullable=False),
)
"""One row: the checkpoint published last."""

sequencer_lease = Table(
    "sequencer_lease",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("holder", String(200), nullable=False),
    Column("fencing", _Number, nullable=False),
    Column("until", _Number, nullable=False),
)
"""One row: who may add to the ledger, and until when."""

for _table in (leaves, checkpoints):
    for _action in ("UPDATE", "DELETE"):
        event.listen(
            _table,
            "after_create",
            DDL(  # type: ignore[no-untyped-call]
                f"CREATE TRIGGER {_table.name}_no_{_action.lower()} BEFORE {_action} ON {_table.name} "
                f"BEGIN SELECT RAISE(ABORT, '{_table.name} are only ever added'); END"
            ).execute_if(dialect="sqlite"),
        )
