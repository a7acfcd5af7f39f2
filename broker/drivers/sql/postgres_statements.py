"""Statements that a connection to PostgreSQL has prepared, so that each is read and planned once."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, Self, cast

import pg8000.dbapi
from pg8000.converters import make_params
from sqlalchemy.pool import PoolProxiedConnection

_KEPT: Final = "mash_statements"
_TO_PREPARE_ANEW: Final = frozenset({"0A000", "26000"})
"""SQLSTATEs: it was planned for tables that are others by now; there is no such statement (any more)."""


class Answer:
    """What one statement came to, as a cursor tells it."""

    def __init__(self, context: Any) -> None:
        """Take what pg8000 noted."""
        self.rowcount: int = context.row_count
        self.description = tuple((each["name"],) for each in context.columns or ())
        self._rows: list[Any] = context.rows or []

    def fetchall(self) -> list[Any]:
        """Every row."""
        return self._rows

    def fetchmany(self, size: int) -> list[Any]:
        """The first rows."""
        return self._rows[:size]


class Statements:
    """The statements of one connection, each prepared when it is first run.

    pg8000's own cursor has the server read and plan a statement each time, in two exchanges, and counts its parameters
    letter by letter: for a short look-up most of its time. Outside a transaction each is one by itself.
    """

    def __init__(self, connection: Any) -> None:
        """Take pg8000's own connection."""
        self._connection = connection
        self._prepared: dict[str, tuple[bytes, Any, Any]] = {}

    @classmethod
    def of(cls, pooled: PoolProxiedConnection) -> Self:
        """Those of this connection, kept for as long as it is."""
        kept = pooled.info.get(_KEPT)
        if kept is None:
            kept = pooled.info[_KEPT] = cls(pooled.driver_connection)
        return cast("Self", kept)

    def run(self, statement: str, values: Sequence[Any]) -> Answer:
        """Run one statement, its parameters as ``%s``."""
        prepared = self._prepared.get(statement)
        if prepared is None:
            numbered, _ = pg8000.dbapi.convert_paramstyle("format", statement, ())
            prepared = self._connection.prepare_statement(numbered, ())
            self._prepared[statement] = prepared
        name, columns, converters = prepared
        given = make_params(self._connection.py_types, values)
        try:
            return Answer(self._connection.execute_named(name, given, columns, converters, statement))
        except pg8000.dbapi.Error as error:
            if state_of(error) in _TO_PREPARE_ANEW:
                del self._prepared[statement]
            raise


def state_of(error: Exception) -> str:
    """The SQLSTATE of an error; empty where the server said nothing. Its words may quote what was stored."""
    said = error.args[0] if error.args else None
    return str(said.get("C", "")) if isinstance(said, Mapping) else ""
