"""Columns as revisions write them: of a plain type, so that every database keeps them alike."""

from typing import Any

import sqlalchemy as sa

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def position() -> sa.Column[int]:
    """The number that the database gives a row; rows are in this order."""
    return sa.Column("position", _NUMBER, autoincrement=True, nullable=False)


def texts(*names: str, nullable: bool = False) -> list[sa.Column[str]]:
    """Identifiers, words, JSON."""
    return [sa.Column(name, sa.Text(), nullable=nullable) for name in names]


def numbers(*names: str, nullable: bool = False) -> list[sa.Column[int]]:
    """Instants, places, whatever may grow large."""
    return [sa.Column(name, _NUMBER, nullable=nullable) for name in names]


def small(*names: str, nullable: bool = False) -> list[sa.Column[int]]:
    """Counts, yes and no."""
    return [sa.Column(name, sa.Integer(), nullable=nullable) for name in names]


def blobs(*names: str, nullable: bool = False) -> list[sa.Column[bytes]]:
    """Bytes, sealed or not."""
    return [sa.Column(name, sa.LargeBinary(), nullable=nullable) for name in names]


def where(condition: str) -> dict[str, Any]:
    """What a partial index covers, in either database."""
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}
