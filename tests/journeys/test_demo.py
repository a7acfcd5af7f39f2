"""Given anybody with a few minutes, when they play the weekend, then they see it once, whole and checkable."""

import re
import shutil
import sqlite3
from pathlib import Path

import pytest

from tests.journeys.conftest import Mash


def _sentences(text: str) -> str:
    return " ".join(text.split())


def _counts(home: Path) -> dict[str, int]:
    database = sqlite3.connect(home / "hub" / "journal.db")
    tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    found = {name: _rows(database, name) for name in tables}
    database.close()
    return found


def _rows(database: sqlite3.Connection, table: str) -> int:
    return int(database.execute(f'SELECT COUNT(*) FROM "{table}"').fetchone()[0])  # noqa: S608 - a table's own name


def test_given_the_weekend_when_it_is_played_then_every_turn_of_it_is_told(weekend: tuple[Path, str]) -> None:
    told = _sentences(weekend[1])

    for turn in (
        "Before the weekend: 18 reports set the scene",
        "School concern recorded, Mia",
        "Told before: nothing is sent twice.",
        "not shared: Wrenshire Police, MASH desk",
        "kept back: who told us",
        "decision needed: Acorn Nursery (for Theo)",
        "where the children are is kept back, contact through their worker",
        "the rest is kept sealed for a person, and the sender is told",
        "It is not certain which child this report is about",
        "the data protection officer is told",
        "now shared with Wrenshire Police, MASH desk: Emergency attendance recorded, Theo (asked again because",
        "The address is recalled: destroy what you hold of it and pass it on to nobody.",
        "Corrected by whoever reported it",
        "This was about a different child: disregard.",
        "chased: Harbour Medical Practice has not said that it acted on the correction",
        "Reconciled: nothing lost, nothing doubled",
        "First bad place: log entry 7 was changed after it was sealed.",
        "What to type next",
        "This does not replace a referral. In immediate danger ring 999.",
    ):
        assert turn in told


def test_given_a_wide_terminal_when_the_weekend_ends_then_the_two_views_stand_side_by_side(
    weekend: tuple[Path, str],
) -> None:
    beside = [line for line in weekend[1].splitlines() if "MASH practitioner · Wrenshire MASH" in line]

    assert any("Ashdown Primary School" in line for line in beside)


def test_given_the_figures_when_they_are_added_up_then_they_give_the_messages_that_came_in(
    weekend: tuple[Path, str],
) -> None:
    told = _sentences(weekend[1])
    records = re.search(r"(\d+) native records in = ([^.]*)\.", told)
    reports = re.search(r"(\d+) reports out of them = (\d+) new \+ (\d+) told before", told)
    new = re.search(r"Of the new: (\d+) received and recorded, (\d+) waiting.*?, (\d+) refused, (\d+) could", told)
    decisions = re.search(r"(\d+) decisions = (\d+) shared \+ (\d+) not shared \+ (\d+) decision needed", told)

    assert records
    assert int(records[1]) == sum(map(int, re.findall(r"\d+", records[2])))
    deliveries = re.search(r"(\d+) deliveries = (\d+) that tell \+ (\d+) that correct or take back", told)
    for found in (reports, decisions, deliveries):
        assert found
        total, *parts = map(int, found.groups())
        assert total == sum(parts)
    assert reports
    assert new
    assert int(reports[2]) == sum(map(int, new.groups()))


def test_given_a_home_that_was_played_when_it_is_played_again_then_only_the_views_are_recorded(
    mash: Mash, weekend: tuple[Path, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, key = tmp_path / "again", tmp_path / "again.root-key"
    monkeypatch.setenv("COLUMNS", "80")
    _copy(weekend[0], home, key)
    before = _counts(home)

    ran = mash("--home", str(home), "demo")

    after = _counts(home)
    assert ran.code == 0
    assert "Played on this home before" in ran.text
    assert "= 0 new + " in ran.text
    assert {name for name in before if before[name] != after[name]} <= {"records"}
    assert after["records"] == before["records"] + 2


def _copy(folder: Path, home: Path, key: Path) -> None:
    shutil.copytree(folder / "home", home)
    shutil.copy(folder / "home.root-key", key)


def test_given_a_home_of_real_people_when_the_demo_is_called_then_nothing_is_played_in_it(
    mash: Mash, an_empty_home: Path
) -> None:
    before = _counts(an_empty_home)

    ran = mash("demo")

    assert ran.code == 10
    assert "not a demonstration's; nothing was played" in ran.said
    assert _counts(an_empty_home) == before
