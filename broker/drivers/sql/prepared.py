"""Statements that are compiled once, and the rows they give."""

import re
from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any

from sqlalchemy import Dialect, Insert, Table, Update, insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql import visitors
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.crud import REQUIRED
from sqlalchemy.sql.elements import TextClause
from sqlalchemy.sql.expression import ClauseElement

Params = Mapping[str, Any]
AnyRow = Any
"""A tuple that also knows its columns by name."""
ByDialect = Callable[[Dialect], ClauseElement]
_NAME = re.compile(r"\w+")
_INSERTS: Mapping[str, Callable[[Table], Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


class Prepared:
    """One statement, compiled once per dialect, run with named parameters.

    All columns of this store are of plain types, so parameters and rows need no conversion by SQLAlchemy.
    """

    def __init__(
        self, clause: ClauseElement | ByDialect, *, columns: Sequence[str] | None = None, into: Table | None = None
    ) -> None:
        """Keep the clause; ``columns`` are those that an insert sets, if not all.

        A clause that is another one in every dialect is made when it is first needed; ``into``: the table it changes.

        ``table``: which one an insert or update changes, if any; ``needs``: tables that its rows refer to; ``depth``:
        how long the longest chain of such references is, so that what is referred to has the smaller one.
        """
        self._clause = clause
        changed = clause.table if isinstance(clause, Insert | Update) else into
        table = changed if isinstance(changed, Table) else None
        self.table = table.name if table is not None else ""
        self.needs = frozenset(each.name for each in _needed(table)) if table is not None else frozenset()
        self.depth = _depth(table) if table is not None else 0
        self.names = self.needs
        """The same, and once it is compiled each table that it reads or changes."""
        self._columns = list(columns) if columns is not None else None
        self.copies: tuple[str, ...] = ()
        """Of an insert that does nothing else, once it is compiled: its columns, in the order of their values."""
        self._compiled: dict[str, tuple[str, Callable[[Params], Any]]] = {}
        self._row: Callable[[Iterable[Any]], AnyRow] | None = None

    def text_and(self, dialect: Dialect) -> tuple[str, Callable[[Params], Any]]:
        """The SQL text, and what puts one run's parameters in the form the dialect takes."""
        found = self._compiled.get(dialect.name)
        if found is None:
            found = self._compile(dialect)
            self._compiled[dialect.name] = found
        return found

    def row_of(self, description: Sequence[Sequence[Any]]) -> Callable[[Iterable[Any]], AnyRow]:
        """What makes a row, with its columns by name, of the values the database gives."""
        if self._row is None:
            self._row = _row_with([column[0] for column in description])
        return self._row

    def _compile(self, dialect: Dialect) -> tuple[str, Callable[[Params], Any]]:
        clause = self._clause if isinstance(self._clause, ClauseElement) else self._clause(dialect)
        compiled = clause.compile(dialect=dialect, column_keys=self._columns)
        if not isinstance(compiled, SQLCompiler):
            msg = f"{type(clause).__name__} is not a statement"
            raise TypeError(msg)
        fixed = {name: value for name, value in compiled.params.items() if value is not None and value is not REQUIRED}
        self.names |= _named_in(clause)
        order = tuple(compiled.positiontup) if compiled.positional and compiled.positiontup is not None else None
        if order is not None and isinstance(self._clause, Insert) and not fixed:
            self.copies = order
        return compiled.string, _arranged(order, fixed)


def _needed(table: Table) -> set[Table]:
    return {key.column.table for key in table.foreign_keys}


def _named_in(clause: ClauseElement) -> frozenset[str]:
    """Each table that a clause names, and every word of what is written in it as text."""
    parts = list(visitors.iterate(clause))
    named = {each.name for each in parts if isinstance(each, Table)}
    return frozenset(named.union(*(_NAME.findall(each.text) for each in parts if isinstance(each, TextClause))))


def _depth(table: Table) -> int:
    return max((1 + _depth(each) for each in _needed(table)), default=0)


def _arranged(order: Sequence[str] | None, fixed: Params) -> Callable[[Params], Any]:
    """What gives one run's parameters: in order where the dialect counts them, else by name."""
    if order is None:
        return (lambda params: {**fixed, **params}) if fixed else dict
    if not order:
        return lambda _: ()
    picked = itemgetter(*order, order[0])
    if fixed:
        return lambda params: picked({**fixed, **params})[:-1]
    return itemgetter(*order) if len(order) > 1 else lambda params: picked(params)[:-1]


def _row_with(columns: Sequence[str]) -> Callable[[Iterable[Any]], AnyRow]:
    made: Any = namedtuple("made", columns, rename=True)  # type: ignore[misc]  # noqa: PYI024 - columns are known only at work
    make: Callable[[Iterable[Any]], AnyRow] = made._make
    return make


def inserting(table: Table) -> Prepared:
    """An insert that sets every column but the position."""
    return Prepared(insert(table), columns=[c.name for c in table.columns if c.name != "position"])


def upserting(table: Table, build: Callable[[Any], ClauseElement], *, columns: Sequence[str] | None = None) -> Prepared:
    """An insert that says what happens where the row is there already; of all columns, if none are named.

    ``build`` is given the dialect's own insert, which has ``on_conflict_do_update``, and ``excluded``: the new values.
    """
    names = list(columns) if columns is not None else [c.name for c in table.columns]
    return Prepared(lambda dialect: build(_INSERTS[dialect.name](table)), columns=names, into=table)
