"""A practitioner compares two children side by side and says whether they are one, at the command line."""

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from broker.cli.main import main
from broker.core.outcome import RecordKind
from broker.runtimes.settings import Settings
from contracts.words import Cause, RecipientId
from tests.integration.services.test_reask import Exchange
from tests.support.builders import EventBuilder, a_worker_allocation, an_emergency_attendance
from tests.support.homes import a_home, opened
from tests.support.people import MIA, MYA

CORE, TEAM = RecipientId("mash-core"), RecipientId("csc-north-team")
Mash = Callable[..., str]


@dataclass(frozen=True)
class Reports:
    """Mia's attendance, and one that may be hers, in a home of the test's own."""

    settings: Settings
    hers: EventBuilder
    doubtful: EventBuilder

    def last_told(self, recipient: RecipientId) -> tuple[str, Cause | None]:
        """The last word that a recipient has of the doubtful one."""
        with opened(self.settings) as runtime:
            told = Exchange(self.settings, runtime).told(recipient, self.doubtful)
            assert told is not None
            return told.kind, told.cause


@pytest.fixture(name="reports")
def _reports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Reports]:
    settings = a_home(tmp_path)
    monkeypatch.setenv("MASH_HOME", str(settings.home))
    monkeypatch.setenv("MASH_ROOT_KEY_FILE", str(settings.root_key_file))
    hers, doubtful = an_emergency_attendance(), an_emergency_attendance().about(MYA)
    with opened(settings) as runtime:
        runtime.add_person("Sam", ("mash_practitioner@mash-core",))
        runtime.add_person("Lee", ("designated_safeguarding_lead@school-ashdown",))
        Exchange(settings, runtime).hears(hers, a_worker_allocation(), doubtful)
    yield Reports(settings, hers, doubtful)
    with opened(settings) as runtime:
        assert runtime.reconcile().differences == ()


@pytest.fixture(name="mash")
def _mash(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Mash:
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("NO_COLOR", "1")

    def run(*words: str) -> str:
        capsys.readouterr()
        with suppress(SystemExit):
            main(words)
        return capsys.readouterr().out

    return run


def the_task(mash: Mash) -> str:
    waiting = json.loads(mash("tasks", "list", "--as", "mash_practitioner", "--json"))
    return str(next(each for each in waiting if each["code"] == "identity.unsure")["task_id"])


@pytest.mark.usefixtures("reports")
def test_both_sides_are_shown_as_far_as_whoever_compares_may_know_them(mash: Mash) -> None:
    page = mash("tasks", "open", the_task(mash), "--as", "mash_practitioner")

    assert "Mya Marsh, born 2016-05-14, nhs number 9990000019 (failed)" in page
    assert "may be" in page
    assert MIA.nhs_number is not None
    assert f"Mia Marsh, born 2016-05-14, nhs number {MIA.nhs_number}" in page
    assert "mash identity link" in page


def test_to_compare_is_to_open_a_record_and_only_to_list_the_tasks_is_not(mash: Mash, reports: Reports) -> None:
    def opened_records() -> list[str]:
        with opened(reports.settings) as runtime:
            return [each.about for each, _ in runtime.hub.journal.records() if each.kind is RecordKind.READ]

    listed = json.loads(mash("tasks", "list", "--as", "mash_practitioner", "--json"))
    assert all(not each["compare"] for each in listed)
    assert opened_records() == []
    mash("tasks", "open", the_task(mash), "--as", "mash_practitioner")
    assert len(opened_records()) == 2, "the child of the report, and the one whom it may be about"


def test_of_a_child_whose_record_is_closed_to_them_they_see_only_that(mash: Mash, reports: Reports) -> None:
    with opened(reports.settings) as runtime:
        runtime.add_person("Dee", ("data_protection_officer",))
        hers = Exchange(reports.settings, runtime).told(CORE, reports.hers)
        assert hers is not None
    task = the_task(mash)
    mash(
        "restrict",
        hers.child,
        "--as",
        "data_protection_officer",
        "--reason",
        "she contests it",
        "--until",
        "2026-06-01",
    )
    page = mash("tasks", "open", task, "--as", "mash_practitioner")
    assert "closed to you; that you asked is recorded" in page
    assert "Mia Marsh" not in page
    assert "Mya Marsh, born 2016-05-14" in page


def test_a_link_by_hand_and_its_end_are_said_shown_and_told(mash: Mash, reports: Reports) -> None:
    task = the_task(mash)

    said = mash("identity", "link", task, "Mia Marsh", "--as", "mash_practitioner", "--reason", "her mother said so")
    assert "Recorded." in said
    assert reports.last_told(TEAM) == ("share", None)
    rows = json.loads(mash("identity", "show", "Mia Marsh", "--as", "mash_practitioner", "--json"))
    assert [row["stands"] for row in rows] == [True, False]
    assert rows[1]["joined"] == "sam, mash_practitioner"
    assert rows[1]["why"] == "her mother said so"

    said = mash("identity", "unlink", rows[1]["name"][:12], "--as", "mash_practitioner", "--reason", "another girl")

    assert "this was about a different child: disregard" in said
    assert reports.last_told(TEAM) == ("retraction", Cause.DIFFERENT_CHILD)
    [row] = json.loads(mash("identity", "show", "Mia Marsh", "--as", "mash_practitioner", "--json"))
    assert row["stands"]
    with opened(reports.settings) as runtime:
        kinds = [record.kind for record, _ in runtime.hub.journal.records() if record.kind is RecordKind.IDENTITY]
        assert len(kinds) == 2


def test_a_child_is_found_by_every_name_that_it_is_told_under_and_by_none_that_was_parted(
    mash: Mash, reports: Reports
) -> None:
    """The doubtful report is the later one, so the name in it is the last that was told."""
    later = (
        an_emergency_attendance()
        .about(MYA)
        .as_record("visit-2")
        .occurring(reports.hers.occurred_at + timedelta(hours=1))
    )
    with opened(reports.settings) as runtime:
        Exchange(reports.settings, runtime).hears(later)
    mash("identity", "link", the_task(mash), "Mia Marsh", "--as", "mash_practitioner", "--reason", "her mother said so")

    by_first, by_last = (
        json.loads(mash("identity", "show", name, "--as", "mash_practitioner", "--json")) for name in ("Mia", "Mya")
    )
    assert by_first == by_last
    record = next(row["name"] for row in by_first if not row["stands"])
    mash("identity", "unlink", record, "--as", "mash_practitioner", "--reason", "another girl")

    shown = json.loads(mash("identity", "show", "Mia", "--as", "mash_practitioner", "--json"))
    assert record not in [row["name"] for row in shown]


@pytest.mark.usefixtures("reports")
def test_a_role_that_may_not_say_who_a_child_is_sees_no_records(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(("identity", "show", "Mia", "--as", "designated_safeguarding_lead"))
    assert left.value.code == 16
    assert "identify.not_yours" in capsys.readouterr().err
