"""A whole partnership of processes on this machine tells the story that one process tells."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.tree import TOP

pytestmark = pytest.mark.slow
MASH = str(Path(sys.executable).with_name("mash"))


def run(*command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MASH_")}
    environment["PYTHONPATH"] = str(TOP)
    return subprocess.run(command, check=False, capture_output=True, text=True, cwd=folder, env=environment)


def said_by_processes(logs: Path) -> str:
    """What the processes complained of, the last of each."""
    complaints = []
    for log in sorted(logs.glob("*.log")):
        lines = [each for each in log.read_text(errors="replace").splitlines() if '"level": "info"' not in each]
        complaints += [f"{log.stem}: {each}" for each in lines[-5:]]
    return "\n".join(complaints)


def test_given_every_process_when_the_weekend_is_played_then_it_comes_to_the_same(tmp_path: Path) -> None:
    partnership = [sys.executable, "-m", "infra.local.partnership"]
    started = run(*partnership, "up", "streaming", folder=tmp_path)
    try:
        if "NoKafkaError" in started.stderr and not os.environ.get("CI"):
            pytest.skip(f"nothing was checked: {started.stderr}")
        assert started.returncode == 0, started.stderr
        played = run(MASH, "--home", "streaming/home", "demo", "--streaming", folder=tmp_path)
        assert played.returncode == 0, (
            played.stdout + played.stderr + said_by_processes(tmp_path / "streaming" / "logs")
        )
        compared = played.stdout.partition("The same weekend, played in one process")[2]
        found = {
            what: (int(equal), int(other))
            for what, equal, other in re.findall(r"^  (.+): (\d+) equal, (\d+) in one", compared, re.MULTILINE)
        }
        assert set(found) >= {"decisions that stand", "values that stand", "questions", "escalated", "log entries"}
        assert all(equal for equal, _ in found.values())
        for what in ("decisions that stand", "values that stand", "questions", "answers", "decided", "escalated"):
            assert found[what][1] == 0, compared
    finally:
        ended = run(*partnership, "down", "streaming", folder=tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert not (tmp_path / "streaming").exists()
