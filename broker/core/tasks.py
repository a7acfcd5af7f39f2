"""What waits for a person: one question per doubt, with the role that decides and by when."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from broker.core.case import NOTHING_LEFT, Case, Tools
from broker.core.outcome import TaskQuestion
from contracts.verdict import CandidateVerdict
from contracts.words import Effect, RecipientId

TELL_DPO = "tell.dpo"
DPO = "data_protection_officer"
FALLBACK_OWNER = "mash_manager"
REVIEW = "review.withheld_under_duty"
"""A person withheld what the law says must be shared: somebody else looks at it (Caldicott principle 7)."""


def questions_of(case: Case, verdict: CandidateVerdict, tools: Tools) -> Sequence[TaskQuestion]:
    """Each ask once; a part that is asked about once per category. Nothing is asked about what is barred.

    But whoever withheld under a duty has that reviewed.
    """
    waiting: dict[tuple[str, str], Mapping[str, Any]] = {}
    if verdict.effect is Effect.ASK:
        waiting.update({(reason.code, ""): reason.detail for reason in verdict.asks})
    if not any(bar.code != NOTHING_LEFT for bar in verdict.bars):
        for reason in verdict.category_asks:
            waiting.setdefault((reason.code, str(reason.detail.get("category", ""))), reason.detail)
    waiting.update({(each.code, ""): each.detail for each in verdict.obligations if each.code == REVIEW})
    if not waiting:
        return ()
    deadline = tools.due(verdict.clock or case.grade.value, verdict.clock_hours, case.now)
    return tuple(
        TaskQuestion(
            question_id=tools.new_id(),
            child=case.child,
            code=code,
            owner=owner_of(code, tools.deciders),
            deadline=deadline,
            grade=case.grade,
            event_id=case.event_id,
            recipient=RecipientId(verdict.recipient),
            scope=scope,
            detail=dict(detail),
        )
        for (code, scope), detail in waiting.items()
    )


def screening(case: Case, tools: Tools) -> Sequence[TaskQuestion]:
    """One question for a pattern of small things: how many, of what kind, and nothing else."""
    return tuple(
        TaskQuestion(
            question_id=tools.new_id(),
            child=case.child,
            code=pattern.code,
            owner=owner_of(pattern.code, tools.deciders),
            deadline=tools.due(case.grade.value, 0, case.now),
            grade=case.grade,
            event_id=case.event_id,
            detail=dict(pattern.detail),
        )
        for pattern in case.verdict.patterns[:1]
    )


def dpo_questions(case: Case, tools: Tools) -> Sequence[TaskQuestion]:
    """What the data protection officer must hear of, once per matter and agency; not one per event or recipient."""
    matters = {
        str(obligation.detail.get("about", ""))
        for verdict in case.verdict.decisions
        for obligation in verdict.obligations
        if obligation.code == TELL_DPO
    }
    return tuple(
        TaskQuestion(
            question_id=tools.new_id(),
            child=None,
            code=TELL_DPO,
            owner=DPO,
            deadline=tools.due(case.grade.value, 0, case.now),
            grade=case.grade,
            detail={"about": matter, "agency": case.gathered.envelope.agency},
        )
        for matter in sorted(matters)
    )


def owner_of(code: str, deciders: Callable[[str], tuple[str, ...]]) -> str:
    """The role that decides a question first; a manager of the MASH where the agreement names nobody."""
    return next(iter(deciders(code)), FALLBACK_OWNER)
