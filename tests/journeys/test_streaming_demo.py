"""A whole partnership of processes on this machine tells the story that one process tells."""

import json
import re
from pathlib import Path
from time import monotonic, sleep

import pytest

from infra.local.partnership import Folder
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
        _is_sent_anew(folder)


def _is_sent_anew(folder: Folder) -> None:
    """The command leaves what follows to the processes, and they do it."""
    at_home, variables = (MASH, "--home", str(folder.home)), folder.variables("exchange")
    before = _figures(folder)
    sent = run(
        *at_home, "resend", "mash-core", "--why", "Tried out.", "--json", folder=folder.root, variables=variables
    )
    assert sent.returncode == 0, sent.stderr
    number = json.loads(sent.stdout)["sent"]
    assert number > 0
    last = monotonic() + 120
    while (now := _figures(folder))["deliveries_waiting"] or now["deliveries_on_the_way"]:
        assert monotonic() < last, complaints(folder)
        sleep(1)
    assert now["deliveries_released"] - before["deliveries_released"] == number


def _figures(folder: Folder) -> dict[str, int]:
    told = run(
        *(MASH, "--home", str(folder.home), "reconcile", "--json"),
        folder=folder.root,
        variables=folder.variables("exchange"),
    )
    found: dict[str, int] = json.loads(told.stdout)["figures"]
    return found
