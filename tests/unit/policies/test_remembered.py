"""A verdict that is remembered is the verdict that would be given."""

import os
import sys
from collections.abc import Iterator

import pytest

from policies.engine import Engine, EngineLimits
from tests.support.questions import SCHOOL_CONCERN, VOLUNTARY_CONCERN, Case, candidate, seconds
from tests.support.random_questions import the_same_questions
from tests.support.twins import Twins

ENGINE = Engine.load()

MANY = int(os.environ.get("MASH_QUESTIONS", "1000"))
"""How many questions are compared. Read when the file is loaded, before settings are taken away."""


@pytest.fixture
def remembering() -> Iterator[Engine]:
    """Give an engine that remembers."""
    loaded = Engine.load(limits=EngineLimits(remembered=1000))
    yield loaded
    loaded.close()


def test_remembered_and_fresh_verdicts_are_equal(remembering: Engine) -> None:
    """Each question at random is followed by some that differ in what may or may not matter."""
    twins, compared = Twins(ENGINE, seed=1), 0
    for question in the_same_questions(ENGINE, MANY // 5):
        for each in (question, *(twins.of(question) for _ in range(4))):
            assert remembering.decide(each) == ENGINE.decide(each), each
            compared += 1
    recalled = remembering.recalled
    assert recalled.asked == compared
    assert recalled.found > compared // 10, "too few were remembered for this to prove anything"
    sys.stderr.write(f"\n{compared} questions compared, {recalled.found} of them answered from memory\n")


def test_on_both_sides_of_every_date_the_verdict_is_the_right_one(remembering: Engine) -> None:
    case = Case(ENGINE, "ashdown-primary", SCHOOL_CONCERN)
    question = case.question("mash-core", "csc-north-team")
    for moment in ENGINE.turning_moments:
        for now in (moment - 1, moment, moment + 1):
            each = question.model_copy(update={"now": now})
            assert remembering.decide(each) == ENGINE.decide(each)
    assert remembering.recalled.found >= len(ENGINE.turning_moments) // 2


def test_what_no_rule_turns_on_is_not_asked_about_again(remembering: Engine) -> None:
    case = Case(ENGINE, "ashdown-primary", SCHOOL_CONCERN)
    remembering.decide(case.question("mash-core", "csc-north-team"))
    known_since = candidate("csc-north-team", relation_as_at=seconds("2026-02-01T09:00:00+00:00"))
    later = case.question("mash-core", known_since, now=seconds("2026-03-09T10:00:00+00:00"), child={"age": 11})
    assert remembering.decide(later) == ENGINE.decide(later)
    assert remembering.recalled.found == 1


def test_another_of_the_same_kind_has_the_same_verdict_in_its_own_name(remembering: Engine) -> None:
    case = Case(ENGINE, "ashdown-primary", SCHOOL_CONCERN)
    remembering.decide(case.question("mash-core", "gp-elm-street"))
    question = case.question("mash-core", "gp-harbour")
    assert remembering.decide(question) == ENGINE.decide(question)
    assert remembering.recalled.found == 1


def test_a_verdict_whose_reasons_name_a_recipient_is_given_anew(remembering: Engine) -> None:
    """Where no agreement is in force but a duty stands, the warning names whom it is about."""
    lapsed = seconds("2039-01-01T00:00:00+00:00")
    asked = Case(ENGINE, "ashdown-primary", SCHOOL_CONCERN, facts={"child": {"section_47": {"value": True}}})
    for recipient in ("mash-core", "csc-north-team", "mash-core"):
        question = asked.question(recipient, now=lapsed)
        assert any("recipient" in warning.detail for warning in ENGINE.decide(question).warnings)
        assert remembering.decide(question) == ENGINE.decide(question)
    assert remembering.recalled.found == 0


def test_no_more_are_held_than_was_said_and_those_still_asked_for_stay() -> None:
    small = Engine.load(limits=EngineLimits(remembered=8))
    case = Case(small, "ashdown-primary", SCHOOL_CONCERN)
    often = case.question("mash-core")
    for number in range(40):
        small.decide(often)
        small.decide(case.question("mash-core", event={"claims": {"art6": str(number)}}))
        assert small.recalled.held <= 8
    assert small.recalled.found == 39
    small.close()


def test_without_a_number_nothing_is_remembered() -> None:
    question = Case(ENGINE, "ashdown-primary", SCHOOL_CONCERN).question("mash-core")
    assert ENGINE.decide(question) == ENGINE.decide(question)
    assert ENGINE.recalled.asked == ENGINE.recalled.held == 0


def test_a_sender_that_other_agreements_cover_has_its_own_verdict(remembering: Engine) -> None:
    for agency, event_type in (("ashdown-primary", SCHOOL_CONCERN), ("a stranger", VOLUNTARY_CONCERN)):
        sender = ENGINE.sender("ashdown-primary").model_copy(update={"id": agency})
        question = Case(ENGINE, "ashdown-primary", event_type).question("mash-core", sender=sender)
        assert remembering.decide(question) == ENGINE.decide(question)
    assert remembering.recalled.found == 0
