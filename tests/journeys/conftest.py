"""Journeys walk through the command as its readers do: what was typed, what was printed, the exit code."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from broker.cli.main import main

COLUMNS = "100"


@dataclass(frozen=True, slots=True)
class Ran:
    """What one command printed, with line breaks as one space each, and how it ended."""

    code: int
    out: str
    err: str

    @property
    def text(self) -> str:
        """What stands on standard output, so that no line break hides a sentence."""
        return " ".join(self.out.split())

    @property
    def said(self) -> str:
        """The same of standard error."""
        return " ".join(self.err.split())

    def json(self) -> Any:
        """Standard output as JSON."""
        return json.loads(self.out)


Mash = Callable[..., Ran]


@pytest.fixture(scope="session")
def weekend(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A home in which the weekend was played once by the installed command, and what that printed."""
    folder = tmp_path_factory.mktemp("weekend")
    kept = {key: value for key, value in os.environ.items() if not key.startswith("MASH_")}
    played = subprocess.run(
        [str(Path(sys.executable).parent / "mash"), "--home", "home", "demo"],
        cwd=folder,
        env={**kept, "COLUMNS": "160"},
        check=True,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    return folder, played.stdout


@pytest.fixture
def after_the_weekend(weekend: tuple[Path, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a copy of that home of the test's own, named by the environment."""
    home = tmp_path / "home"
    shutil.copytree(weekend[0] / "home", home)
    monkeypatch.setenv("MASH_HOME", str(home))
    shutil.copy(weekend[0] / "home.root-key", tmp_path / "home.root-key")
    return home


@pytest.fixture
def an_empty_home(mash: Mash, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a new home with nothing in it, named by the environment."""
    home = tmp_path / "home"
    assert mash("--home", str(home), "init", "--root-key", str(tmp_path / "root-key")).code == 0
    monkeypatch.setenv("MASH_HOME", str(home))
    monkeypatch.setenv("MASH_ROOT_KEY_FILE", str(tmp_path / "root-key"))
    return home


@pytest.fixture
def mash(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Mash:
    """Give the command itself, in this process."""
    monkeypatch.setenv("COLUMNS", COLUMNS)
    monkeypatch.setenv("NO_COLOR", "1")

    def run(*words: str) -> Ran:
        capsys.readouterr()
        try:
            main(words)
            code = 0
        except SystemExit as left:
            code = int(left.code or 0)
        printed = capsys.readouterr()
        return Ran(code, printed.out, printed.err)

    return run
