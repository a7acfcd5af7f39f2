"""An explanation tells nobody by its other words what its reasons must not tell."""

from collections.abc import Iterator
from datetime import UTC, datetime

from hypothesis import given, settings

from broker.core.minimise import UNSPOKEN
from broker.core.outcome import Decision
from broker.core.visible import Audience
from broker.drivers.opa.embedded import EmbeddedPolicy
from broker.services.explain import ExplainedDecision, in_words
from contracts.question import Question
from contracts.words import ChildId, EventId, RecipientId, Restriction
from policies.engine import Engine
from tests.support.random_questions import questions

ENGINE = Engine.load()
POLICY = EmbeddedPolicy(ENGINE)
RULE = POLICY.words("protected_person.never")
AUDIENCES: tuple[Audience, ...] = ("sender", "recipient", "mash", "dpo")


def explained(question: Question) -> Iterator[tuple[Audience, ExplainedDecision]]:
    """Each decision on a question, as each audience reads it."""
    verdict = ENGINE.decide(question)
    for each in verdict.decisions:
        decision = Decision(
            decision_id="d",
            event_id=EventId("e"),
            recipient=RecipientId(each.recipient),
            child=ChildId("c"),
            effect=each.effect,
            verdict=each,
            policy_digest=verdict.policy_digest,
            facts_version=1,
            decided_at=datetime(2026, 3, 9, tzinfo=UTC),
        )
        for audience in AUDIENCES:
            yield audience, in_words(decision, audience, POLICY)


@settings(max_examples=60)
@given(question=questions(ENGINE))
def test_that_the_law_forbids_it_is_said_only_beside_the_rule_that_forbids(question: Question) -> None:
    for _, said in explained(question):
        forbids = any(POLICY.words(reason.code).forbids for reason in said.why_not)
        assert (said.duty == "the law forbids this") == forbids


@settings(max_examples=60)
@given(question=questions(ENGINE))
def test_of_a_protected_person_nobody_reads_anything(question: Question) -> None:
    marked = question.model_copy(
        update={"event": question.event.model_copy(update={"restrictions": (Restriction.PROTECTED_PERSON,)})}
    )
    for audience, said in explained(marked):
        told = repr((said.why, said.why_not, said.needs_a_person, said.would_allow, said.kept_back))
        assert not {words for words in (RULE.code, RULE.message, RULE.would_allow, RULE.title) if words in told}
        assert "protected_person" not in told
        assert audience == "dpo" or UNSPOKEN.isdisjoint(category for category, _, _ in said.kept_back)


@settings(max_examples=60)
@given(question=questions(ENGINE))
def test_the_front_door_reads_of_nothing_unspoken_that_others_were_given(question: Question) -> None:
    for audience, said in explained(question):
        cells = {category for category, _, _ in (*said.given, *said.kept_back)}
        assert audience != "mash" or UNSPOKEN.isdisjoint(cells)
