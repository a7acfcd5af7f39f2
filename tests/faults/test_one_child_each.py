"""Two processes that meet the same new children at the same moment make one child of each."""

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from broker.core.outcome import EventState
from broker.drivers.sql.journal import SqlJournal
from broker.drivers.sql.keys import SqlKeys
from tests.support.identity_worker import ROOT_KEY, SENDERS

TOP = Path(__file__).parents[2]
IS_LONG = bool(os.environ.get("MASH_LONG"))


def children_made(folder: Path, mode: str, *, events: int, children: int) -> tuple[int, int]:
    """How many children, and how many accepted events, all workers together leave."""
    SqlJournal.in_file(folder / "journal.db").close()
    SqlKeys.in_file(folder / "keys.db", ROOT_KEY).close()
    workers = [
        subprocess.Popen(
            [
                *(sys.executable, "-m", "tests.support.identity_worker", str(folder), mode),
                *(str(number), str(events // len(SENDERS)), str(children)),
            ],
            cwd=TOP,
        )
        for number in range(len(SENDERS))
    ]
    assert [worker.wait() for worker in workers] == [0] * len(SENDERS)
    journal = SqlJournal.in_file(folder / "journal.db")
    kept = Counter(event.state for event in journal.events())
    made = journal.counts()["children"]
    journal.close()
    return made, kept[EventState.ACCEPTED]


@pytest.mark.slow
def test_two_processes_make_one_child_of_each_new_child(tmp_path: Path) -> None:
    events, children = (10_000, 100) if IS_LONG else (400, 20)

    made, accepted = children_made(tmp_path, "locked", events=events, children=children)

    assert (made, accepted) == (children, events)


@pytest.mark.slow
def test_without_the_lock_the_index_alone_still_refuses_a_second_child(tmp_path: Path) -> None:
    made, _ = children_made(tmp_path, "unlocked", events=200, children=20)

    assert made == 20


@pytest.mark.slow
def test_without_the_lock_and_the_index_children_are_made_twice(tmp_path: Path) -> None:
    made, _ = children_made(tmp_path, "unguarded", events=200, children=20)

    assert made > 20
