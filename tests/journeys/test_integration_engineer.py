"""Given an agency's integration engineer with native files, when they try and send them, then each is accounted for."""

import json
from importlib.resources import files
from pathlib import Path

import pytest

from tests.journeys.conftest import Mash

WEEKEND = Path(str(files("broker"))) / "demo" / "weekend"
ROLL = str(WEEKEND / "0c_school_roll.csv")
NOTICES = str(WEEKEND / "4_police_notice.json")
CUT_SHORT = str(WEEKEND / "6_school_roll_cut_short.csv")


def test_given_no_home_when_a_file_is_read_then_events_and_a_summary_come_apart(mash: Mash) -> None:
    ran = mash("read", NOTICES, "--kind", "police.notices")

    assert ran.code == 0
    assert [json.loads(line)["type"] for line in ran.out.splitlines()] == [
        "uk.mash.police.domestic_incident.notified.v1"
    ] * 2
    assert "1 native record = 1 gave reports" in ran.said
    assert "2 Domestic incident notified" in ran.said


def test_given_a_machine_when_a_file_is_read_then_the_summary_is_one_json_line(mash: Mash) -> None:
    ran = mash("read", ROLL, "--kind", "schools.roll", "--json")

    summary = json.loads(ran.err)
    assert ran.code == 0
    assert (summary["file"], summary["records"], summary["gave"]) == ("0c_school_roll.csv", 3, 3)


def test_given_a_file_cut_short_when_it_is_read_then_the_rest_is_told_and_the_exit_code_says_so(mash: Mash) -> None:
    ran = mash("read", CUT_SHORT, "--kind", "schools.roll")

    assert ran.code == 1
    assert "4 native records = 3 gave reports + 1 could not be read" in ran.said
    assert "ends in the middle (content.truncated)" in ran.said


def test_given_a_wrong_format_when_it_is_read_then_the_reason_stands_in_words(mash: Mash) -> None:
    ran = mash("read", NOTICES, "--kind", "health.hl7_adt")

    assert ran.code == 1
    assert ran.out == ""
    assert "could not be read: The file holds no HL7 message (content.not_hl7)" in ran.said


def test_given_a_mistyped_kind_when_a_file_is_read_then_the_kinds_are_named(mash: Mash) -> None:
    ran = mash("read", ROLL, "--kind", "schools.rolls")

    assert ran.code == 11
    assert "no adapter of kind 'schools.rolls' is installed" in ran.said
    assert "schools.roll" in ran.said


def test_given_a_bad_file_among_good_ones_when_they_are_read_then_the_good_ones_still_are(
    mash: Mash, tmp_path: Path
) -> None:
    empty = tmp_path / "empty.csv"
    empty.touch()

    ran = mash("read", str(empty), ROLL, "--kind", "schools.roll")

    assert ran.code in {1, 11}
    assert "empty.csv" in ran.said
    assert len(ran.out.splitlines()) == 3


def test_given_no_such_file_when_it_is_read_then_usage_is_shown(mash: Mash) -> None:
    ran = mash("read", "nowhere.csv", "--kind", "schools.roll")

    assert ran.code == 2
    assert "nowhere.csv" in ran.said


@pytest.mark.usefixtures("an_empty_home")
def test_given_a_file_sent_twice_when_it_is_ingested_then_the_second_changes_nothing(mash: Mash) -> None:
    first = mash("ingest", NOTICES, "--agency", "wrenshire-police", "--kind", "police.notices", "--json")
    second = mash("ingest", NOTICES, "--agency", "wrenshire-police", "--kind", "police.notices")

    assert first.code == 0
    assert first.json()["done"]["accepted"] == 2
    assert second.code == 0
    assert "told before" in second.said
    assert "Nothing was waiting." in second.text


@pytest.mark.usefixtures("an_empty_home")
def test_given_another_agencys_name_when_a_file_is_ingested_then_nothing_is_sent(mash: Mash) -> None:
    unknown = mash("ingest", ROLL, "--agency", "nobody", "--kind", "schools.roll")
    wrong = mash("ingest", ROLL, "--agency", "wrenshire-police", "--kind", "schools.roll")

    assert (unknown.code, wrong.code) == (10, 11)
    assert "Choose one of acorn-nursery" in unknown.said
    assert "for school" in wrong.said


def test_given_files_in_the_inbox_when_the_exchange_ticks_then_they_are_read_and_what_cannot_be_stays(
    mash: Mash, an_empty_home: Path
) -> None:
    inbox = an_empty_home / "agencies" / "ashdown-primary" / "inbox"
    for kind in ("schools.roll", "schools.rolls"):
        (inbox / kind).mkdir(parents=True, exist_ok=True)
        (inbox / kind / "roll.csv").write_bytes(Path(ROLL).read_bytes())

    ran = mash("tick")

    assert ran.code == 0
    assert "1 files read" in ran.text
    assert "1 files that could not be taken in; they stay where they lie" in ran.text
    assert not (inbox / "schools.roll" / "roll.csv").exists()
    assert (inbox / "schools.rolls" / "roll.csv").exists()


@pytest.mark.usefixtures("an_empty_home")
def test_given_an_empty_home_when_anybody_looks_then_every_list_says_what_its_emptiness_means(mash: Mash) -> None:
    assert "mash person add" in mash("person", "list").text
    assert mash("person", "add", "Ruth Okafor", "--role", "mash_practitioner@mash-core").code == 0
    assert "Nothing has been shared with you yet" in mash("children", "--as", "mash_practitioner").text
    assert mash("tasks", "list", "--as", "mash_practitioner").text == "Nothing waits for you."
    mash("tick")  # by the machine's own date an agreement may be about to lapse, which is a task for a manager
    assert mash("tick").text == "Nothing was waiting."
    assert mash("reconcile").text.endswith("Everything agrees.")


@pytest.mark.usefixtures("an_empty_home")
def test_given_a_mistyped_role_when_a_person_is_added_then_the_nearest_is_named(mash: Mash) -> None:
    ran = mash("person", "add", "Ruth Okafor", "--role", "mash_practitioner@mash-cor")

    assert ran.code == 17
    assert "mash_practitioner@mash-core" in ran.said


def test_given_no_home_when_it_is_needed_then_the_remedy_names_two_ways_to_one(mash: Mash, tmp_path: Path) -> None:
    ran = mash("--home", str(tmp_path / "nowhere"), "tick")

    assert ran.code == 10
    assert "mash init" in ran.said
    assert "mash demo" in ran.said
