"""The page of every error code, made from the classes that raise them."""

import importlib
import inspect
import pkgutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import ModuleType

from broker.cli.exit_codes import exit_code

PACKAGES = ("contracts", "policies", "adapters", "broker")


@dataclass(frozen=True, slots=True)
class ListedCode:
    """One code as the page shows it: what it says, and which class raises it where."""

    code: str
    meaning: str
    error: str
    module: str


def modules() -> Iterator[ModuleType]:
    """Import every module of the product but those that run when imported."""
    for package in PACKAGES:
        top = importlib.import_module(package)
        yield top
        for found in pkgutil.walk_packages(top.__path__, f"{package}."):
            if not found.name.endswith("__main__"):
                yield importlib.import_module(found.name)


def errors() -> list[type[Exception]]:
    """List the exception classes that the product defines, each once, by module and name.

    A private one never leaves its module, so nobody needs its code.
    """
    found = {
        member
        for module in modules()
        for member in vars(module).values()
        if inspect.isclass(member)
        and issubclass(member, Exception)
        and member.__module__ == module.__name__
        and not member.__name__.startswith("_")
    }
    return sorted(found, key=lambda error: (error.__module__, error.__name__))


def listed_codes() -> list[ListedCode]:
    """List every code that a class declares for itself, in alphabetical order.

    Raises:
        ValueError: one code is declared by two classes, so that a reader could not tell them apart.
    """
    listed: dict[str, ListedCode] = {}
    for error in errors():
        own: Mapping[str, str] = vars(error).get("codes", {})
        for code, meaning in own.items():
            if code in listed:
                msg = f"{code} is declared by {listed[code].error} and by {error.__name__}"
                raise ValueError(msg)
            listed[code] = ListedCode(code, meaning, error.__name__, error.__module__)
    return [listed[code] for code in sorted(listed)]


def page() -> str:
    """Write the page."""
    rows = "\n".join(
        f"| `{row.code}` | {row.meaning} | {exit_code(row.code)} | `{row.module}.{row.error}` |"
        for row in listed_codes()
    )
    return f"""# Errors

Every error says what happened, to which identifiers, what was not done, and what to do now. Its code is stable: search
for it here. No error carries the content of a record. Made by `make generate` from the classes themselves.

The command `mash` exits with 0 when it has done what was asked, 1 when a check found something, 2 on wrong usage, and
otherwise with the number of the error's family.

| code | what it means | exit | raised as |
|---|---|---|---|
{rows}
"""
