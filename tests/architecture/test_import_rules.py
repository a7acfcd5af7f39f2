"""The architecture's sentences hold, and each of them would notice a breach."""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.support.tree import PACKAGES, TOP

RULES = {
    rule["id"]: rule
    for rule in tomllib.loads((TOP / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
}


class Breach(NamedTuple):
    """A line that the architecture forbids, and the file in which it is planted."""

    rule: str
    file: str
    line: str


BREACHES = [
    Breach("layers", "broker/core/breach.py", "import broker.services"),
    Breach("layers", "broker/ports/breach.py", "import broker.drivers"),
    Breach("layers", "broker/services/breach.py", "import broker.recipient"),
    Breach("layers", "broker/runtimes/breach.py", "import broker.cli"),
    Breach("layers", "broker/a_package_in_no_layer/__init__.py", ""),
    Breach("core", "broker/core/breach.py", "import sqlite3"),
    Breach("core", "broker/core/breach.py", "import random"),
    Breach("core", "broker/core/breach.py", "import time"),
    Breach("core", "broker/core/breach.py", "import policies.engine"),
    Breach("contracts", "contracts/breach.py", "import broker.core"),
    Breach("contracts", "contracts/breach.py", "import policies"),
    Breach("contracts", "contracts/breach.py", "import adapters.kit"),
    Breach("adapters", "adapters/kit/breach.py", "import broker.core"),
    Breach("broker-adapters", "broker/runtimes/breach.py", "import adapters.kit"),
    Breach("contracts-alone", "broker/recipient/breach.py", "import broker.core"),
    Breach("contracts-alone", "policies/engine/breach.py", "import adapters.kit"),
    Breach("agencies", "adapters/police/breach.py", "import adapters.health"),
    Breach("drivers", "broker/drivers/sql/breach.py", "import broker.drivers.memory"),
    Breach("construct", "broker/cli/breach.py", "import broker.drivers.sql"),
    Breach("cycles", "broker/core/breach.py", "import broker.core.other_breach"),
]
SECOND_HALF = {"cycles": ("broker/core/other_breach.py", "import broker.core.breach")}


def _lint(top: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the linter on the tree under ``top``, not on the one that is installed."""
    return subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache", *arguments],
        cwd=top,
        env={**os.environ, "PYTHONPATH": str(top)},
        check=False,
        capture_output=True,
        text=True,
    )


@pytest.fixture
def copy_of_the_tree(tmp_path: Path) -> Path:
    """Copy what the linter reads."""
    for package in (*PACKAGES, "infra/lint"):
        shutil.copytree(
            TOP / package,
            tmp_path / package,
            ignore=lambda folder, names: {
                name for name in names if not (Path(folder) / name).is_dir() and not name.endswith(".py")
            },
        )
    shutil.copy(TOP / "pyproject.toml", tmp_path)
    return tmp_path


def test_every_import_rule_holds() -> None:
    linted = _lint(TOP)
    assert linted.returncode == 0, linted.stdout


def test_every_import_rule_has_a_breach_that_shows_it_guarding() -> None:
    assert {breach.rule for breach in BREACHES} == set(RULES)


@pytest.mark.parametrize("breach", BREACHES, ids=lambda breach: f"{breach.rule}: {breach.line or breach.file}")
def test_a_planted_breach_is_noticed_under_the_rules_own_sentence(breach: Breach, copy_of_the_tree: Path) -> None:
    for file, line in [(breach.file, breach.line), *([SECOND_HALF[breach.rule]] if breach.rule in SECOND_HALF else [])]:
        place = copy_of_the_tree / file
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(f"{line}\n", encoding="utf-8")
    linted = _lint(copy_of_the_tree, "--contract", breach.rule)
    assert linted.returncode == 1, linted.stdout + linted.stderr
    assert f"{RULES[breach.rule]['name']} BROKEN" in " ".join(linted.stdout.split()), linted.stdout


def test_every_agency_folder_is_named_in_the_rule_of_strangers() -> None:
    folders = {f"adapters.{place.parent.name}" for place in (TOP / "adapters").glob("*/__init__.py")}
    assert folders - {"adapters.kit"} == set(RULES["agencies"]["modules"])
