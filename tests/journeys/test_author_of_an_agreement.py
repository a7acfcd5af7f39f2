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
