"""A whole partnership of processes on this machine tells the story that one process tells."""

import re
from pathlib import Path

import pytest

from tests.support.processes import MASH, a_partnership, complaints, run

pytestmark = pytest.mark.slow


def test_given_every_process_when_the_weekend_is_played_then_it_comes_to_the_same(tmp_path: Path) -> None:
    with a_partnership(tmp_path) as folder:
        played = run(MASH, "--home", str(folder.home), "demo", "--streaming", folder=tmp_path)
        assert played.returncode == 0, played.stdout + played.stderr + complaints(folder)
        compared = played.stdout.partition("The same weekend, played in one process")[2]
        found = {
            what: (int(equal), int(other))
            for what, equal, other in re.findall(r"^  (.+): (\d+) equal, (\d+) in one", compared, re.MULTILINE)
        }
        assert set(found) >= {"decisions that stand", "values that stand", "questions", "escalated", "log entries"}
        assert all(equal for equal, _ in found.values())
        for what in ("decisions that stand", "values that stand", "questions", "answers", "decided", "escalated"):
            assert found[what][1] == 0, compared
