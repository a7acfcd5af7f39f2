"""What the product imports is what it declares, so that a runtime install lacks nothing and carries nothing idle."""

import ast
import importlib.metadata
import re
import sys
import tomllib

from tests.support.tree import PACKAGES, TOP, kept, name

PROJECT = tomllib.loads((TOP / "pyproject.toml").read_text(encoding="utf-8"))["project"]
BY_STREAMING_DRIVERS = (
    "broker/drivers/kafka/",
    "broker/drivers/sql/postgres.py",
    "broker/drivers/sql/postgres_statements.py",
    "broker/drivers/sql/rights.py",
    "broker/drivers/opa/server.py",
    "broker/drivers/prometheus/",
)
USED_WITHOUT_IMPORT = {"tzdata"}
"""tzdata is read by zoneinfo, where a machine has no time zones of its own."""


def _named(requirements: list[str]) -> set[str]:
    return {re.split(r"[<>=!~\[ ;]", requirement)[0].lower().replace("_", "-") for requirement in requirements}


def _imported() -> dict[str, set[str]]:
    """Map each distribution that the product imports to the files that import it."""
    belongs = importlib.metadata.packages_distributions()
    found: dict[str, set[str]] = {}
    for place in kept(".py"):
        file = name(place)
        if file.split("/")[0] not in PACKAGES or file.startswith(BY_STREAMING_DRIVERS):
            continue
        for module in _modules(ast.parse(place.read_text(encoding="utf-8"))):
            if module not in sys.stdlib_module_names and module not in PACKAGES:
                for distribution in belongs.get(module, [module]):
                    found.setdefault(distribution.lower().replace("_", "-"), set()).add(file)
    assert found
    return found


def _modules(tree: ast.Module) -> set[str]:
    nodes = list(ast.walk(tree))
    plain = {alias.name.split(".")[0] for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    return plain | {node.module.split(".")[0] for node in nodes if isinstance(node, ast.ImportFrom) and node.module}


def test_every_import_is_of_a_declared_dependency() -> None:
    declared = _named(PROJECT["dependencies"])
    assert not {who: files for who, files in _imported().items() if who not in declared}


def test_every_declared_dependency_is_imported() -> None:
    assert not _named(PROJECT["dependencies"]) - set(_imported()) - USED_WITHOUT_IMPORT


def test_every_adapter_that_is_declared_can_be_loaded() -> None:
    declared = PROJECT["entry-points"]["mash.adapters"]
    assert declared
    for kind, place in declared.items():
        module, _, attribute = place.partition(":")
        loaded = importlib.metadata.EntryPoint(kind, f"{module}:{attribute}", "mash.adapters").load()
        assert loaded is not None, kind
    installed = {point.name for point in importlib.metadata.entry_points(group="mash.adapters")}
    assert set(declared) <= installed, "the installed package is older than pyproject.toml: make clean, then make test"
