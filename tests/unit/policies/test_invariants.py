"""What holds for every verdict there can be: the promises to the family, the child and whoever shares."""

import os
from collections.abc import Iterator
from functools import cache

import pytest

from contracts.question import Approval, CandidateAsked, Question
from contracts.verdict import CandidateVerdict
from contracts.words import About, DataCategory, Duty, Effect, Form, Operation, Restriction
from policies.engine import Engine
from policies.engine.law import LawRow
from policies.engine.times import start_of, start_or_never
from tests.support.engines import FILES
from tests.support.random_questions import the_same_questions

ENGINE = Engine.load()
LAW = FILES.law
HOW_MANY = int(os.environ.get("MASH_QUESTIONS", "300"))

GIVEN = {Form.TOKEN, Form.SUMMARY, Form.GIVE}
RANK = {Form.WITHHOLD: 0, Form.ASK: 0, Form.TOKEN: 1, Form.SUMMARY: 2, Form.GIVE: 3}
NOTICES = {DataCategory.NOTICE_EXISTENCE, DataCategory.NOTICE_WITHHELD}
LIVE = {"active", "review_overdue"}
IN_PART_3 = {"police_mash", "probation", "youth_justice"}

ONLY_HIGHER_UP = frozenset({"level.front_door_first", "minimise.nothing_left"})
"""Bars that may appear because a report says a higher level of need: level 2 is for the front door where level 1 was
for nobody; and that nothing is left is said only where nothing else barred."""

Decided = tuple[Question, CandidateAsked, CandidateVerdict]


@cache
def corpus() -> tuple[Question, ...]:
    """The same questions in every run, weighted to edges."""
    return the_same_questions(ENGINE, HOW_MANY)


def decided(question: Question) -> Iterator[Decided]:
    for decision, candidate in zip(ENGINE.decide(question).decisions, question.candidates, strict=True):
        yield question, candidate, decision


@cache
def shares() -> tuple[Decided, ...]:
    """Every decision to share of the corpus."""
    found = tuple(each for question in corpus() for each in decided(question) if each[2].effect is Effect.SHARE)
    assert len(found) > HOW_MANY // 50
    return found


def given_categories(decision: CandidateVerdict) -> set[DataCategory]:
    return {each.category for each in decision.categories if each.form in GIVEN}


def is_in_force(row: LawRow, question: Question) -> bool:
    moment = question.now if row.judged_at == "sharing" else question.event.occurred_at
    return start_of(row.in_force_from) <= moment < start_or_never(row.in_force_to)


def test_no_special_category_leaves_without_a_condition_in_force_for_that_sender() -> None:
    for question, candidate, decision in shares():
        if not given_categories(decision) & set(LAW.special_categories):
            continue
        row = next(each for each in LAW.articles if each.article == "9" and each.id == decision.basis.art9)
        assert is_in_force(row, question)
        assert question.sender.kind in (row.may_use.senders or (question.sender.kind,))
        assert candidate.kind in (row.may_use.recipients or (candidate.kind,))
        paragraph = next(each for each in LAW.conditions if each.id == decision.basis.schedule1)
        assert is_in_force(paragraph, question)


def test_no_offence_data_leaves_without_article_10() -> None:
    for question, _, decision in shares():
        if given_categories(decision) & set(LAW.offence_categories):
            assert decision.basis.art10 in {"official_authority", "schedule1"}
            is_official = question.sender.kind in LAW.official_authority
            assert (decision.basis.art10 == "official_authority") == is_official


def test_what_is_under_part_3_leaves_it_on_both_legs() -> None:
    for question, candidate, decision in shares():
        if question.sender.competent_authority and candidate.kind not in IN_PART_3:
            row = next(each for each in LAW.part3_exits if each.id == decision.basis.part3_exit)
            assert is_in_force(row, question)
            assert question.sender.kind in (row.senders or (question.sender.kind,))
            assert decision.basis.art6 in {"c", "e", "d"}


def test_under_a_lapsed_agreement_only_a_duty_or_a_persons_decision_shares() -> None:
    for question, _, decision in shares():
        if decision.agreement.state not in LIVE:
            decided_by_a_person = {each.ask for each in question.approvals if each.granted}
            assert decision.duty is Duty.MUST or decided_by_a_person & {"agreement.lapsed", "agreement.missing"}


def test_a_duty_is_one_of_the_law_in_force_and_switched_on() -> None:
    for question, candidate, decision in shares():
        row = next(each for each in LAW.gateways if each.id == decision.basis.gateway)
        assert is_in_force(row, question)
        assert question.sender.kind in row.senders
        assert candidate.kind in row.recipients
        assert candidate.purpose in row.purposes
        assert (decision.duty is Duty.MUST) == (row.effect == "requires")


def test_no_delivery_holds_two_identities_of_an_adopted_child() -> None:
    for _, _, decision in shares():
        forms = {(each.category, each.about): each.form for each in decision.categories}
        now = forms.get((DataCategory.ID_CORE, About.CHILD), Form.WITHHOLD)
        before = forms.get((DataCategory.ADOPTION_PRIOR_IDENTITY, About.CHILD), Form.WITHHOLD)
        assert not (now in GIVEN and before in GIVEN)


def test_a_decision_to_share_carries_a_complete_basis() -> None:
    for _, candidate, decision in shares():
        assert decision.basis.art6
        assert decision.basis.gateway
        told = given_categories(decision)
        assert decision.basis.art9 or not told & set(LAW.special_categories)
        assert decision.basis.schedule1 or not told & {*LAW.special_categories, *LAW.offence_categories}
        is_confidential = bool(told & set(LAW.confidential_categories)) and candidate.kind != "analyst"
        assert decision.basis.confidentiality_route or not is_confidential
        assert decision.agreement.state
        assert decision.necessity


def test_a_higher_level_brings_no_new_bar() -> None:
    for question in corpus():
        for level in range(question.event.level.value + 1, 5):
            said = question.event.level.model_copy(update={"value": level})
            higher = question.model_copy(update={"event": question.event.model_copy(update={"level": said})})
            for (_, _, before), (_, _, after) in zip(decided(question), decided(higher), strict=True):
                new = {each.code for each in after.bars} - {each.code for each in before.bars}
                assert new <= ONLY_HIGHER_UP, (before.recipient, new)


@pytest.mark.parametrize("role", ["mash_manager", "caldicott_guardian", "data_protection_officer"])
def test_an_approval_never_lifts_a_bar(role: str) -> None:
    for question in corpus():
        for _, candidate, before in decided(question):
            for bar in before.bars:
                approval = Approval(
                    ask=bar.code, role=role, person="p", at=5, recipient=candidate.recipient, scope="", granted=True
                )
                asked = question.model_copy(update={"approvals": (*question.approvals, approval)})
                after = next(each for _, one, each in decided(asked) if one == candidate)
                assert bar.code in {each.code for each in after.bars}


def test_a_part_that_waits_for_a_person_holds_back_no_other() -> None:
    """Without that part everything else would go just so; but that something is kept back may be the secret itself."""
    for question, candidate, decision in shares():
        waiting = {(each.category, each.about) for each in decision.categories if each.form is Form.ASK}
        if not waiting:
            continue
        kept = tuple(each for each in question.event.categories if (each.category, each.about) not in waiting)
        without = question.model_copy(update={"event": question.event.model_copy(update={"categories": kept})})
        other = next(each for _, one, each in decided(without) if one == candidate)
        forms = {(each.category, each.about): each.form for each in other.categories}
        for each in decision.categories:
            if (each.category, each.about) not in waiting and each.category not in NOTICES:
                assert forms[(each.category, each.about)] == each.form


SECRETS = {
    "protected_person.never",
    "gender_recognition.protected",
    "statutory_bar.stands",
    "adoption.gatekeeper",
    "minimise.adoption",
    "link.adoption_firewall",
    "sexual_health.caldicott",
    "minimise.sexual_health",
    "new_address.not_told",
    "timing.planned_arrest",
    "intelligence.conditions",
}
"""Reasons of which even to hear tells what is kept back."""


@pytest.mark.parametrize("code", sorted(SECRETS))
def test_a_reason_that_is_itself_the_secret_is_shown_to_no_recipient(code: str) -> None:
    assert dict(ENGINE.explanation(code).visibility)["recipient"] == "nothing"


def test_only_a_request_is_answered_and_only_a_share_is_gated() -> None:
    for question, _, decision in shares():
        if question.operation is Operation.ANSWER:
            assert question.request is not None
        assert Restriction.PROTECTED_PERSON not in question.event.restrictions
        assert decision.recipient
