"""Whether a child's case is a recipient's business at a moment."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from broker.core.facts import Fact, FactKind, KnownChild
from broker.core.partnership import RecipientEntry
from contracts.words import RecipientId, RecipientKind, RelationKind

HUB_KEEPS_OPEN = timedelta(days=28)
"""For how long after its last report a child is the MASH's business without an open case or question."""

_CASE_FACTS = frozenset({FactKind.OPEN_CASE, FactKind.PLAN, FactKind.SECTION_47})


def is_assigned(
    known: KnownChild,
    recipient: RecipientEntry,
    *,
    last_report: datetime | None,
    has_open_question: bool,
    health_visitors: Mapping[str, RecipientId],
    now: datetime,
) -> bool:
    """Whether ``recipient`` has current business with the child.

    The MASH: a report within 28 days, an open question, or an open case, plan or enquiry. Everybody else: a
    relation that holds now. ``health_visitors``: by practice code, as the directory has them. Caldicott principle 4.
    """
    current = [fact for fact in known.facts if fact.holds_at(now)]
    match recipient.kind:
        case RecipientKind.MASH_CORE:
            is_recent = last_report is not None and now - last_report <= HUB_KEEPS_OPEN
            return has_open_question or is_recent or any(fact.kind in _CASE_FACTS for fact in current)
        case RecipientKind.POLICE_MASH:
            return any(fact.kind is FactKind.SECTION_47 for fact in current)
        case RecipientKind.HEALTH_VISITOR:
            practices = [_organisation(f) for f in current if _is_relation(f, RelationKind.GP)]
            return any(health_visitors.get(practice) == recipient.recipient for practice in practices)
        case _:
            return any(
                fact.kind is FactKind.RELATION and _organisation(fact) in recipient.organisations for fact in current
            )


def _is_relation(fact: Fact, relation: RelationKind) -> bool:
    return fact.kind is FactKind.RELATION and fact.key.startswith(f"{relation.value}:")


def _organisation(fact: Fact) -> str:
    return fact.key.partition(":")[2]
