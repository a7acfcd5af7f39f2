"""Every error is a documented one."""

import ast

from broker.core.errors import MashError
from contracts.errors import ContractError
from infra.docs import errors
from tests.support.tree import kept, name


def test_every_error_carries_code_and_remedy_or_is_a_fault_of_the_build() -> None:
    """A TypeError or ValueError of ours says that a declaration is wrong: it stops the build; no user can meet it."""
    found = errors.errors()
    assert found
    strangers = [
        f"{error.__module__}.{error.__name__}"
        for error in found
        if not issubclass(error, MashError | ContractError | TypeError | ValueError)
    ]
    assert not strangers


def test_every_error_ends_in_error() -> None:
    assert not [error.__name__ for error in errors.errors() if not error.__name__.endswith("Error")]


def test_every_code_that_is_raised_is_a_listed_one() -> None:
    listed = {row.code for row in errors.listed_codes()}
    assert listed
    raised = {
        keyword.value.value: f"{name(place)}:{node.lineno}"
        for place in kept(".py")
        if name(place).split("/")[0] in errors.PACKAGES
        for node in ast.walk(ast.parse(place.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id.endswith("Error")
        for keyword in node.keywords
        if keyword.arg == "code" and isinstance(keyword.value, ast.Constant) and isinstance(keyword.value.value, str)
    }
    assert raised
    assert not {code: place for code, place in raised.items() if code not in listed}
