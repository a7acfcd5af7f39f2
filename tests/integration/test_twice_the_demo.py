"""The demonstration itself, played twice on one home: reads grow by the views that it prints, and nothing else does."""

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from broker.cli.demo_command import VIEWS
from broker.runtimes.demo import open_demo
from broker.runtimes.settings import Settings
from contracts.words import EventId
from tests.support.tree import TOP

pytestmark = pytest.mark.slow


def told(settings: Settings) -> Counter[str]:
    """How much there is of everything, and each kind of record."""
    runtime = open_demo(settings)
    try:
        journal = runtime.hub.journal
        counts = Counter(journal.counts())
        counts.update(f"record of {record.kind}" for record, _ in journal.records())
        counts["tasks"] = sum(len(task.questions) for task in journal.tasks())
        events: list[EventId] = [event.event_id for event in journal.events()]
        counts["all decisions"] = sum(len(journal.decisions(event_id)) for event_id in events)
        assert runtime.reconcile().differences == ()
        return counts
    finally:
        runtime.close()


SERVERS = {"MASH_DATABASE_URL": "postgresql://mash@127.0.0.1:1/real", "MASH_OPA_URL": "http://127.0.0.1:1"}
"""Servers of real homes, which a demonstration must leave alone: nobody is there."""


def demo(home: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "broker.cli.main", "--home", str(home), "demo"],
        check=False,
        cwd=TOP,
        env={**os.environ, **SERVERS, "NO_COLOR": "1", "COLUMNS": "120"},
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_demonstration_twice_on_one_home_adds_only_its_reads(tmp_path: Path) -> None:
    settings = Settings(tmp_path / "home", None, None, "info")
    first = demo(settings.home)
    before = told(settings)
    second = demo(settings.home)
    after = told(settings)
    grown = {name: after[name] - before[name] for name in after if after[name] != before[name]}
    assert grown.pop("record of read") == len(VIEWS)
    assert grown.pop("records") - len(VIEWS) == grown.pop("record of receipt", 0) == grown.pop("receipts", 0)
    assert grown.pop("deliveries_opened", 0) == 0
    assert grown == {}
    assert "Mia Marsh" in first
    assert "Mia Marsh" in second
