"""What a statement says of itself: the tables that it reads or changes, and no others."""

import re
from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules

from sqlalchemy import select
from sqlalchemy.dialects import sqlite

import broker.drivers.sql
from broker.drivers.sql import schema
from broker.drivers.sql.prepared import Prepared

DIALECT = sqlite.dialect()
TABLES = {each.name for each in schema.metadata.tables.values()}


def statements() -> Iterator[tuple[str, Prepared]]:
    """Every statement that a module of the store keeps under a name."""
    for found in iter_modules(broker.drivers.sql.__path__):
        if found.ispkg:
            continue
        module = import_module(f"{broker.drivers.sql.__name__}.{found.name}")
        for name, value in vars(module).items():
            for each in value.values() if isinstance(value, dict) else (value,):
                if isinstance(each, Prepared):
                    yield f"{found.name}.{name}", each


def read_or_changed(text: str) -> set[str]:
    """The tables after FROM, JOIN, INTO and UPDATE in a statement's text."""
    found = set(re.findall(r"(?:JOIN|INTO|UPDATE)\s+(\w+)", text))
    for listed in re.findall(r"FROM ([^()]*?)(?=WHERE|ORDER|GROUP|LIMIT|JOIN|\)|$)", text.replace("\n", " ")):
        found |= {each.split()[0] for each in listed.split(",") if each.strip()}
    return found & TABLES


def test_each_names_the_tables_that_it_reads_or_changes_and_no_column_of_the_same_name() -> None:
    named, meant = {}, {}
    for name, statement in statements():
        text, _ = statement.text_and(DIALECT)
        named[name] = statement.names & TABLES
        meant[name] = read_or_changed(text) | statement.needs & TABLES
    assert len(named) > 100
    assert named == meant


def test_a_column_is_no_table() -> None:
    statement = Prepared(select(schema.children.c.child, schema.children.c.events))
    statement.text_and(DIALECT)
    assert "events" in TABLES
    assert statement.names == {"children"}


def test_none_looks_for_what_is_not_in_a_list_of_another_table() -> None:
    """PostgreSQL goes through such a list for each row once it is too long for its working memory."""
    listed = re.compile(r"NOT IN\s*\(\s*SELECT", re.IGNORECASE)
    assert [name for name, statement in statements() if listed.search(statement.text_and(DIALECT)[0])] == []
