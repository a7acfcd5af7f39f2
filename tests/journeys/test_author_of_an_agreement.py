"""Given the author of an agreement, when they ask the policy and try cases, then the answers are plain."""

import json
from pathlib import Path

import pytest

from policies.engine.files import ROOT
from tests.journeys.conftest import Mash
from tests.support.tree import TOP

QUESTIONS = TOP / "contracts" / "examples" / "valid" / "question.v1"
CASE = ROOT / "scenarios" / "S01.yaml"


def test_given_a_case_that_ships_when_it_is_run_then_it_agrees(mash: Mash) -> None:
    ran = mash("policy", "scenarios", str(CASE))

    assert ran.code == 0
    assert "agrees S01" in ran.text
    assert "0 that differ." in ran.text


def test_given_a_case_with_another_expectation_when_it_is_run_then_the_difference_is_named(
    mash: Mash, tmp_path: Path
) -> None:
    case = tmp_path / "mine.yaml"
    text = CASE.read_text(encoding="utf-8")
    assert "effect: share" in text
    case.write_text(text.replace("effect: share", "effect: withhold", 1), encoding="utf-8")

    ran = mash("policy", "scenarios", str(case))

    assert ran.code == 1
    assert "DIFFERS" in ran.text
    assert "1 that differ." in ran.text


@pytest.mark.parametrize("content", ["", "a: [", "case: S01\n"])
def test_given_a_file_that_holds_no_case_when_it_is_run_then_the_error_says_what_is_wanted(
    mash: Mash, tmp_path: Path, content: str
) -> None:
    file = tmp_path / "case.yaml"
    file.write_text(content, encoding="utf-8")

    ran = mash("policy", "scenarios", str(file))

    assert ran.code == 13
    assert "case.yaml" in ran.said


def test_given_something_that_is_no_question_when_the_policy_is_asked_then_the_schema_is_named(
    mash: Mash, tmp_path: Path
) -> None:
    file = tmp_path / "question.json"
    file.write_text("{}", encoding="utf-8")

    ran = mash("policy", "decide", str(file))

    assert ran.code == 13
    assert "question.v1.json" in ran.said


def test_given_a_question_when_the_policy_is_asked_then_the_verdict_is_json(mash: Mash) -> None:
    examples = sorted(QUESTIONS.glob("*.json"))
    assert examples

    ran = mash("policy", "decide", str(examples[0]))

    assert ran.code == 0
    assert json.loads(ran.out)["decisions"]


def test_given_the_example_when_it_is_made_ones_own_then_the_check_leads_to_a_home(mash: Mash, tmp_path: Path) -> None:
    ours = tmp_path / "ours"
    assert mash("agreement", "new", str(ours)).code == 0
    assert mash("agreement", "check", str(ours)).code == 0
    roster = ours / "roster.yaml"
    roster.write_text(roster.read_text(encoding="utf-8").replace("[red, amber]", "[amber]"), encoding="utf-8")

    broken = mash("agreement", "check", str(ours))

    assert broken.code == 1
    assert "fault roster.yaml:3 cover: nobody opens what is red from" in broken.text
    assert "law: Children Act 1989 section 47" in broken.text

    home, key = tmp_path / "home", tmp_path / "root-key"
    refused = mash("--home", str(home), "init", "--root-key", str(key), "--agreement", str(ours))

    assert refused.code == 13
    assert "mash agreement check" in refused.said
    assert not key.exists()

    roster.write_text(roster.read_text(encoding="utf-8").replace("[amber]", "[red, amber]"), encoding="utf-8")

    assert mash("--home", str(home), "init", "--root-key", str(key), "--agreement", str(ours)).code == 0
    listed = mash("--home", str(home), "agreement", "list")
    assert "wrenshire 3.1, active" in listed.text


def test_given_a_home_without_an_agreement_when_they_are_listed_then_it_says_they_are_made_up(
    mash: Mash, an_empty_home: Path
) -> None:
    assert an_empty_home.exists()
    listed = mash("agreement", "list")
    assert "it works by the fictional ones that come with mash" in listed.said
    assert {each["id"] for each in mash("agreement", "list", "--json").json()} == {"wrenshire", "border", "otherby"}


def test_given_nothing_at_the_place_when_it_is_checked_then_that_is_said(mash: Mash, tmp_path: Path) -> None:
    ran = mash("agreement", "check", str(tmp_path / "nowhere"))
    assert ran.code == 13
    assert "there is no agreement at nowhere" in ran.said


def test_given_a_folder_that_is_there_when_the_example_is_wanted_then_nothing_is_written_over(
    mash: Mash, tmp_path: Path
) -> None:
    assert mash("agreement", "new", str(tmp_path)).code == 13
    assert list(tmp_path.iterdir()) == []


def test_given_a_nursery_that_was_not_told_when_that_is_looked_up_then_the_rule_and_what_allows_it_stand_there(
    mash: Mash,
) -> None:
    ran = mash("policy", "catalogue", "nursery", "manager")

    assert ran.code == 0
    assert "nursery.manager_decides" in ran.text
    assert "what would allow it:" in ran.text


def test_given_the_law_when_what_nobody_confirmed_is_asked_for_then_it_is_marked_so(mash: Mash) -> None:
    ran = mash("policy", "catalogue", "--unconfirmed", "--json")

    found = ran.json()
    assert {each["name"] for each in found} >= {"CA2004-16LA", "paragraph 36"}
    assert {each["confirmed"] for each in found} == {False}


def test_given_words_that_stand_nowhere_when_they_are_searched_then_that_is_said(mash: Mash) -> None:
    assert "Nothing has all of these words." in mash("policy", "catalogue", "zebra").text
