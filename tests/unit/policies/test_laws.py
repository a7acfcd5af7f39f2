"""Laws that hold for every question anybody can ask."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.question import Question
from contracts.verdict import CandidateVerdict
from contracts.words import About, DataCategory, Duty, Effect, Form, Restriction
from policies.engine import Engine
from tests.support.random_questions import questions

ENGINE = Engine.load()

NOTICES = {
    (DataCategory.NOTICE_EXISTENCE, About.CHILD),
    (DataCategory.NOTICE_WITHHELD, About.CHILD),
}

ADDRESSES = {DataCategory.ID_ADDRESS, DataCategory.ID_RESTRICTED_ADDRESS}

NEWS = {each.type for each in ENGINE.catalogue.events if each.is_news}
"""That it happened is told, whatever is kept back of it."""

IN_PART_3 = {"police_mash", "probation", "youth_justice"}

RANK = {Form.WITHHOLD: 0, Form.ASK: 0, Form.TOKEN: 1, Form.SUMMARY: 2, Form.GIVE: 3}


def disclosed(decision: CandidateVerdict) -> dict[tuple[str, str], int]:
    """How much of each part leaves: nothing at all without a decision to share."""
    shares = decision.effect is Effect.SHARE
    return {(c.category, c.about): RANK[c.form] if shares else 0 for c in decision.categories}


def check_no_more_is_disclosed(before: CandidateVerdict, after: CandidateVerdict) -> None:
    """Only the named handler of a hidden move, the front door, may see more of an address for its being hidden."""
    earlier = disclosed(before)
    for cell, amount in disclosed(after).items():
        is_handled = before.recipient in {"mash-core", "csc-north-team"} and cell[0] in ADDRESSES
        assert amount <= earlier[cell] or is_handled


@settings(max_examples=150)
@given(question=questions(ENGINE))
def test_every_question_has_a_whole_verdict(question: Question) -> None:
    verdict = ENGINE.decide(question)
    for decision, candidate in zip(verdict.decisions, question.candidates, strict=True):
        assert decision.recipient == candidate.recipient
        asked = {(c.category, c.about) for c in question.event.categories}
        listed = [(c.category, c.about) for c in decision.categories]
        assert set(listed) == asked | NOTICES
        assert listed == sorted(listed)
        assert decision.grounds or decision.bars or decision.asks


@settings(max_examples=150)
@given(question=questions(ENGINE))
def test_nothing_is_shared_without_a_lawful_basis_a_gateway_a_ground_and_something_to_give(question: Question) -> None:
    for decision in ENGINE.decide(question).decisions:
        if decision.effect is Effect.SHARE:
            assert decision.basis.art6
            assert decision.basis.gateway
            assert decision.grounds
            assert not decision.bars
            assert not decision.asks
            assert decision.duty is not Duty.MUST_NOT
            assert decision.necessity
            assert max(disclosed(decision).values()) > 0 or question.event.type in NEWS
        elif decision.effect is Effect.ASK:
            assert decision.asks
            assert not decision.bars
            assert decision.clock
            assert decision.clock_hours


@settings(max_examples=100)
@given(question=questions(ENGINE))
def test_police_share_outside_policing_only_on_both_legs(question: Question) -> None:
    if not question.sender.competent_authority:
        question = question.model_copy(update={"sender": ENGINE.sender("wrenshire-police")})
    for decision, candidate in zip(ENGINE.decide(question).decisions, question.candidates, strict=True):
        if decision.effect is Effect.SHARE and candidate.kind not in IN_PART_3:
            assert decision.basis.part3_exit
            assert decision.basis.art6 in {"c", "e", "d"}


# A sign of domestic abuse is no restriction here: it is what the duty to tell a school turns on.
RESTRICTING = [r for r in Restriction if r is not Restriction.DOMESTIC_ABUSE]


@settings(max_examples=200)
@given(question=questions(ENGINE), restriction=st.sampled_from(RESTRICTING))
def test_a_restriction_never_raises_what_is_disclosed(question: Question, restriction: Restriction) -> None:
    event = question.event
    restricted = question.model_copy(
        update={"event": event.model_copy(update={"restrictions": (*event.restrictions, restriction)})}
    )
    for before, after in zip(ENGINE.decide(question).decisions, ENGINE.decide(restricted).decisions, strict=True):
        check_no_more_is_disclosed(before, after)


@settings(max_examples=100)
@given(question=questions(ENGINE))
def test_a_guarded_address_never_raises_what_is_disclosed(question: Question) -> None:
    open_child = question.child.model_copy(update={"address_guarded": False})
    guarded_child = question.child.model_copy(update={"address_guarded": True})
    before = ENGINE.decide(question.model_copy(update={"child": open_child}))
    after = ENGINE.decide(question.model_copy(update={"child": guarded_child}))
    for one, other in zip(before.decisions, after.decisions, strict=True):
        check_no_more_is_disclosed(one, other)


@settings(max_examples=60)
@given(question=questions(ENGINE))
def test_one_candidates_answer_does_not_hang_on_the_others(question: Question) -> None:
    if any(c.kind in {"la_education", "school"} for c in question.candidates):
        return  # whether the council is told depends on whether a current school is
    together = ENGINE.decide(question).decisions
    apart = [ENGINE.decide(question.model_copy(update={"candidates": (c,)})).decisions[0] for c in question.candidates]
    assert list(together) == apart


@settings(max_examples=60)
@given(question=questions(ENGINE))
def test_every_code_in_a_verdict_is_explained_in_plain_words(question: Question) -> None:
    verdict = ENGINE.decide(question)
    found = {reason.code for reason in (*verdict.warnings, *verdict.patterns, *ENGINE.edge(question).bars)}
    for decision in verdict.decisions:
        found |= {reason.code for reason in (*decision.grounds, *decision.bars, *decision.asks)}
        found |= {reason.code for reason in decision.category_asks} | {o.code for o in decision.obligations}
        found |= set(decision.would_allow)
    for code in found:
        assert ENGINE.explanation(code).message


@settings(max_examples=60)
@given(question=questions(ENGINE))
def test_a_protected_person_is_given_to_nobody_and_leaves_no_trace(question: Question) -> None:
    marked = question.model_copy(
        update={"event": question.event.model_copy(update={"restrictions": (Restriction.PROTECTED_PERSON,)})}
    )
    for decision in ENGINE.decide(marked).decisions:
        assert decision.effect is Effect.WITHHOLD
        assert decision.duty is Duty.MUST_NOT
        shown = {v.audience: v.show for v in decision.visibility if v.code == "protected_person.never"}
        assert set(shown.values()) == {"nothing"}
    assert ENGINE.edge(marked).effect == "keep"


@pytest.mark.parametrize("restriction", list(Restriction))
def test_every_restriction_has_a_meaning_here(restriction: Restriction) -> None:
    meant_elsewhere = {Restriction.RESTRICTED_ADDRESS, Restriction.DOMESTIC_ABUSE, Restriction.MARAC}
    codes = {text.code for text in ENGINE._texts.values()}
    assert restriction in meant_elsewhere or any(restriction.split("_")[0] in code for code in codes)
