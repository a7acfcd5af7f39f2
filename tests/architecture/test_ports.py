"""Only three ports change the world."""

import importlib
import inspect
import pkgutil
from typing import Protocol

import broker.ports
from broker.ports.writes import MARK

MAY_WRITE = {"Journal", "Ledger", "Keys"}


def _ports() -> dict[str, type]:
    modules = [
        importlib.import_module(found.name) for found in pkgutil.walk_packages(broker.ports.__path__, "broker.ports.")
    ]
    ports = {
        name: member
        for module in modules
        for name, member in vars(module).items()
        if inspect.isclass(member) and getattr(member, "_is_protocol", False) and member.__module__ == module.__name__
    }
    assert ports, "no port was found: there is nothing to guard"
    assert Protocol.__name__ not in ports
    return ports


def _writing_methods(port: type) -> set[str]:
    return {name for name, method in vars(port).items() if getattr(method, MARK, False)}


def test_only_journal_ledger_and_keys_write() -> None:
    assert {name for name, port in _ports().items() if _writing_methods(port)} == MAY_WRITE


def test_a_use_case_changes_the_world_through_commit_alone() -> None:
    """What else the journal notes is how far a committed thing has come: at its leaf, its agency, out of its file."""
    assert _writing_methods(_ports()["Journal"]) - {"mark_sequenced", "mark_replied", "compact"} == {"commit"}


def test_no_port_hides_a_write_behind_an_unmarked_verb() -> None:
    verbs = ("commit", "append", "insert", "write", "save", "store", "put", "delete", "destroy", "update", "add")
    hidden = {
        f"{port}.{name}"
        for port, kind in _ports().items()
        for name, method in inspect.getmembers(kind, inspect.isfunction)
        if name.split("_")[0] in verbs and not getattr(method, MARK, False)
    }
    assert not hidden
