"""Whether a child's case is a recipient's business at a moment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from broker.core.facts import Fact, FactKind, KnownChild
from broker.core.partnership import RecipientEntry
from contracts.words import RecipientId, RecipientKind, RelationKind

KEEPS_OPEN = timedelta(days=28)
"""For how long after its last report a child is the MASH's business without an open case or question, and that of
whoever stands in no relation of its own after it was last told."""

_CASE_FACTS = frozenset({FactKind.OPEN_CASE, FactKind.PLAN, FactKind.SECTION_47})
_BY_ITS_RELATION = frozenset(
    {
        RecipientKind.CSC_TEAM,
        RecipientKind.SCHOOL,
        RecipientKind.NURSERY,
        RecipientKind.GP,
        RecipientKind.HEALTH_VISITOR,
    }
)
_REVIEWS_DEATHS = frozenset({RecipientKind.CHILD_DEATH_PANEL, RecipientKind.HEALTH_SAFEGUARDING})


@dataclass(frozen=True, slots=True)
class Told:
    """When a recipient was last told anything of a child, and when it was last given what it had asked for itself."""

    last: datetime | None = None
    answered: datetime | None = None


def is_assigned(
    known: KnownChild,
    recipient: RecipientEntry,
    *,
    last_report: datetime | None,
    has_open_question: bool,
    health_visitors: Mapping[str, RecipientId],
    told: Told,
    now: datetime,
) -> bool:
    """Whether ``recipient`` has current business with the child. Caldicott principle 4.

    The MASH: a report within 28 days, an open question, or an open case, plan or enquiry. A team, school, nursery,
    practice or health visitor: a relation that holds now, or what it asked for and was given within 28 days. Everybody
    else stands in no relation that events tell of: what it was told within 28 days, or at any time while a case, a plan
    or an enquiry is open, or the death is reviewed. ``health_visitors``: by practice code, as the directory has them.
    """
    current = [fact for fact in known.facts if fact.holds_at(now)]
    has_case = any(fact.kind in _CASE_FACTS for fact in current)
    if recipient.kind is RecipientKind.MASH_CORE:
        return has_open_question or _is_recent(last_report, now) or has_case
    if recipient.kind in _BY_ITS_RELATION:
        return _is_related(recipient, current, health_visitors) or _is_recent(told.answered, now)
    is_reviewed = recipient.kind in _REVIEWS_DEATHS and any(fact.kind is FactKind.DEATH for fact in current)
    return _is_recent(told.last, now) or (told.last is not None and (has_case or is_reviewed))


def _is_recent(moment: datetime | None, now: datetime) -> bool:
    return moment is not None and now - moment <= KEEPS_OPEN


def _is_related(recipient: RecipientEntry, current: Sequence[Fact], health_visitors: Mapping[str, RecipientId]) -> bool:
    if recipient.kind is RecipientKind.HEALTH_VISITOR:
        practices = [_organisation(fact) for fact in current if _is_relation(fact, RelationKind.GP)]
        return any(health_visitors.get(practice) == recipient.recipient for practice in practices)
    return any(fact.kind is FactKind.RELATION and _organisation(fact) in recipient.organisations for fact in current)


def _is_relation(fact: Fact, relation: RelationKind) -> bool:
    return fact.kind is FactKind.RELATION and fact.key.startswith(f"{relation.value}:")


def _organisation(fact: Fact) -> str:
    return fact.key.partition(":")[2]
