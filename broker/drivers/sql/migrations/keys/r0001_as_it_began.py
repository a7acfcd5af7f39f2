"""The key store as it began. Before this no store was released."""

import sqlalchemy as sa
from alembic import op

from broker.drivers.sql.migrations.columns import blobs, small, texts

revision = "0001"
down_revision = None


def _epochs() -> None:
    op.create_table("epochs", *small("epoch"), *blobs("wrapped"), sa.PrimaryKeyConstraint("epoch"))


def _child_keys() -> None:
    op.create_table(
        "child_keys",
        *texts("child"),
        *small("epoch"),
        *blobs("wrapped"),
        sa.ForeignKeyConstraint(["epoch"], ["epochs.epoch"]),
        sa.PrimaryKeyConstraint("child"),
    )


def _secrets() -> None:
    op.create_table(
        "secrets",
        *texts("purpose"),
        *small("epoch"),
        *blobs("wrapped"),
        sa.ForeignKeyConstraint(["epoch"], ["epochs.epoch"]),
        sa.PrimaryKeyConstraint("purpose"),
    )


def upgrade() -> None:
    """Make every table."""
    for make in (_epochs, _child_keys, _secrets):
        make()
