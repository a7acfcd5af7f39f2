"""Every security promise names the module that keeps it and a test that holds it there."""

import re

from tests.support.tree import TOP

ROW = re.compile(r"^\| (?P<promise>[^|]+) \| (?P<modules>[^|]+) \| (?P<tests>[^|]+) \|$", re.MULTILINE)
NAMED = re.compile(r"`([^`]+)`")


def _rows() -> list[tuple[str, list[str], list[str]]]:
    text = (TOP / "SECURITY.md").read_text(encoding="utf-8")
    rows = [
        (row["promise"], NAMED.findall(row["modules"]), NAMED.findall(row["tests"]))
        for row in ROW.finditer(text)
        if row["promise"] != "promise" and not row["promise"].startswith("---")
    ]
    assert rows, "no promise was found: there is nothing to guard"
    return rows


def test_every_promise_names_a_module_that_is_there() -> None:
    for promise, modules, _ in _rows():
        assert modules, promise
        assert not [module for module in modules if not (TOP / module).exists()], promise


def test_every_promise_names_a_test_that_is_there() -> None:
    for promise, _, tests in _rows():
        assert tests, promise
        for test in tests:
            file, _, function = test.partition("::")
            assert (TOP / file).is_file(), f"{promise}: {file}"
            assert f"def {function}(" in (TOP / file).read_text(encoding="utf-8"), f"{promise}: {test}"
