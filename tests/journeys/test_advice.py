"""Given a teacher with a child in front of her, when she asks whether she can share, then she is told, with the law."""

from typing import get_args

import pytest

from broker.cli.advice_commands import CONCERNS, FAMILY, KNOWN, WHAT
from broker.services.advise import CONCERNS as GRAVE
from broker.services.advise import PARTS, Family, Known
from tests.journeys.conftest import Mash

SCHOOL = ("advise", "--from", "ashdown-primary", "--to", "mash-core", "--what", "childs_words", "--known", "nothing")


def test_given_a_school_that_thinks_it_needs_permission_when_it_asks_then_it_is_told_that_it_does_not(
    mash: Mash,
) -> None:
    ran = mash(*SCHOOL, "--concern", "harm", "--family", "not_asked")

    assert ran.code == 0
    assert ran.text.startswith("Yes, you may tell Wrenshire MASH")
    assert "You do not need the parents' or the child's permission: this does not rest on consent" in ran.text
    assert "Art 6(1)(e), Art 9(2)(g), Schedule 1 para 18, EA2002 s.157" in ran.text
    assert "the child's own words: given" in ran.text
    assert "In immediate danger ring 999" in ran.text


def test_given_parents_who_said_no_when_a_child_is_in_danger_then_it_goes_and_that_is_to_be_written_down(
    mash: Mash,
) -> None:
    ran = mash(*SCHOOL, "--concern", "danger", "--family", "said_no")

    assert "Yes, you may tell Wrenshire MASH" in ran.text
    assert "They said no. That does not settle it" in ran.text


def test_given_parents_who_said_no_when_it_is_less_grave_then_a_person_decides_and_a_telephone_rings(
    mash: Mash,
) -> None:
    ran = mash(*SCHOOL, "--concern", "harm", "--family", "said_no")

    assert ran.text.startswith("Not by yourself: a person decides whether Wrenshire MASH is told")
    assert "01632 960100" in ran.text
    assert "The family or the child said no" in ran.text


def test_given_a_family_that_agreed_when_it_goes_for_that_alone_then_nobody_is_told_that_leave_is_not_needed(
    mash: Mash,
) -> None:
    agreed = mash(*SCHOOL, "--concern", "help", "--family", "agreed")
    asked = mash(*SCHOOL, "--concern", "help", "--family", "not_asked")

    assert agreed.text.startswith("Yes, you may tell Wrenshire MASH")
    assert "You do not need" not in agreed.text
    assert "It goes because the family agreed to a service" in agreed.text
    assert asked.text.startswith("Not by yourself")
    assert mash(*SCHOOL, "--concern", "harm", "--family", "agreed", "--json").json()["needs_no_leave"] is True


def test_given_an_enquiry_when_a_hospital_asks_then_the_answer_is_that_the_law_requires_it(mash: Mash) -> None:
    ran = mash(
        *("advise", "--from", "wren-valley-hospital", "--to", "mash-core", "--concern", "harm"),
        *("--what", "health", "--family", "said_no", "--known", "enquiry"),
    )

    assert ran.text.startswith("Yes. The law requires you to tell Wrenshire MASH.")


def test_given_a_small_worry_when_it_is_asked_about_then_the_no_says_what_would_allow_it(mash: Mash) -> None:
    ran = mash(*SCHOOL, "--concern", "worry", "--family", "not_asked", "--json")

    answer = ran.json()
    assert answer["effect"] == "withhold"
    assert "level.one" in {each["code"] for each in answer["why_not"]}
    assert any("front door" in each for each in answer["would_allow"])


def test_given_a_guarded_address_when_a_practice_is_to_hear_it_then_only_whom_to_ask_goes(mash: Mash) -> None:
    ran = mash(
        *("advise", "--from", "wren-valley-hospital", "--to", "gp-elm-street", "--concern", "danger"),
        *("--what", "guarded_address", "--what", "health", "--family", "not_asked", "--known", "nothing"),
    )

    assert "kept back, with whom to contact" in ran.text


def test_given_an_app_when_it_is_to_be_told_then_the_law_forbids_it(mash: Mash) -> None:
    ran = mash(
        *("advise", "--from", "ashdown-primary", "--to", "pennine-app", "--concern", "danger"),
        *("--what", "childs_words", "--family", "agreed", "--known", "nothing"),
    )

    assert ran.text.startswith("No, not to Pennine Parenting App in this way")


def test_given_nobody_at_the_terminal_when_a_question_is_left_open_then_it_is_named(mash: Mash) -> None:
    ran = mash("advise", "--from", "ashdown-primary")

    assert ran.code == 2
    assert "--to" in ran.said


@pytest.mark.parametrize("wrong", [("--from", "ashdown"), ("--to", "mash"), ("--what", "secrets"), ("--concern", "x")])
def test_given_a_word_that_is_none_when_it_is_asked_then_the_words_are_listed(
    mash: Mash, wrong: tuple[str, str]
) -> None:
    right = {
        "--from": "ashdown-primary", "--to": "mash-core", "--concern": "harm", "--what": "childs_words",
        "--family": "agreed", "--known": "nothing",
    }  # fmt: skip
    ran = mash("advise", *(word for pair in {**right, wrong[0]: wrong[1]}.items() for word in pair))

    assert ran.code in {2, 13}
    assert wrong[1] in ran.said


def test_the_words_on_the_screen_are_those_that_are_understood() -> None:
    assert set(WHAT) == set(PARTS)
    assert set(CONCERNS) == set(GRAVE)
    assert set(FAMILY) == set(get_args(Family))
    assert set(KNOWN) == set(get_args(Known))
