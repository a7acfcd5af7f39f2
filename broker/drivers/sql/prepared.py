"""Statements that are compiled once, and the rows they give."""

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Dialect, Table, insert
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import ClauseElement

Params = Mapping[str, Any]
AnyRow = Any
"""A tuple that also knows its columns by name."""


class Prepared:
    """One statement, compiled once per dialect, run with named parameters.

    All columns of this store are of plain types, so parameters and rows need no conversion by SQLAlchemy.
    """

    def __init__(self, clause: ClauseElement, *, columns: Sequence[str] | None = None) -> None:
        """Keep the clause; ``columns`` are those that an insert sets, if not all."""
        self._clause = clause
        self._columns = list(columns) if columns is not None else None
        self._compiled: dict[str, tuple[str, tuple[str, ...] | None, dict[str, Any]]] = {}
        self._row: Callable[..., AnyRow] | None = None

    def text_and(self, dialect: Dialect, each: Sequence[Params]) -> tuple[str, list[Any]]:
        """The SQL text, and the parameters of each run in the form the dialect takes."""
        found = self._compiled.get(dialect.name)
        if found is None:
            found = self._compile(dialect)
            self._compiled[dialect.name] = found
        text, order, fixed = found
        if fixed:
            each = [{**fixed, **params} for params in each]
        if order is None:
            return text, list(each)
        return text, [tuple([params[name] for name in order]) for params in each]

    def row_of(self, description: Sequence[Sequence[Any]]) -> Callable[..., AnyRow]:
        """What makes a row, with its columns by name, of the values the database gives."""
        if self._row is None:
            self._row = _row_with([column[0] for column in description])
        return self._row

    def _compile(self, dialect: Dialect) -> tuple[str, tuple[str, ...] | None, dict[str, Any]]:
        compiled = self._clause.compile(dialect=dialect, column_keys=self._columns)
        if not isinstance(compiled, SQLCompiler):
            msg = f"{type(self._clause).__name__} is not a statement"
            raise TypeError(msg)
        fixed = {name: value for name, value in compiled.params.items() if value is not None}
        order = tuple(compiled.positiontup) if compiled.positional and compiled.positiontup is not None else None
        return compiled.string, order, fixed


def _row_with(columns: Sequence[str]) -> Callable[..., AnyRow]:
    made: Callable[..., AnyRow] = namedtuple("made", columns, rename=True)  # type: ignore[misc]  # noqa: PYI024 - columns are known only at work
    return made


def inserting(table: Table) -> Prepared:
    """An insert that sets every column but the position."""
    return Prepared(insert(table), columns=[c.name for c in table.columns if c.name != "position"])
