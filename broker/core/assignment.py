"""What a recipient may open of a child's records at a moment: what is its business then."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from broker.core.facts import Fact, FactKind, KnownChild
from broker.core.partnership import RecipientEntry
from contracts.words import RecipientId, RecipientKind, RelationKind

KEEPS_OPEN: Final = timedelta(days=28)
"""For how long a report keeps a child the business of whoever was told and has no relation or open case to show."""
EVER: Final = datetime.min.replace(tzinfo=UTC)
"""Since when what came may be opened, where all of it may."""

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
_FOLLOWS_CASES = frozenset(
    {
        RecipientKind.MASH_CORE,
        RecipientKind.POLICE_MASH,
        RecipientKind.LA_EDUCATION,
        RecipientKind.HEALTH_SAFEGUARDING,
        RecipientKind.CHILD_DEATH_PANEL,
    }
)
"""Whom an open case, plan or enquiry concerns. To others a view that opens would tell that there is one."""
_REVIEWS_DEATHS = frozenset({RecipientKind.CHILD_DEATH_PANEL, RecipientKind.HEALTH_SAFEGUARDING})


def opens_since(
    known: KnownChild,
    recipient: RecipientEntry,
    *,
    told: datetime | None,
    has_open_question: bool,
    health_visitors: Mapping[str, RecipientId],
    now: datetime,
) -> datetime:
    """Since when what came last to ``recipient`` about the child may be opened. Caldicott principle 4.

    A team, school, nursery, practice or health visitor: everything while its relation holds; without one, for 28 days,
    what came since it ended, as an answer to its own request does. Everybody else: everything, where the last report of
    which it was told came within 28 days; else what was corrected in that time. MASH, police, education and care board
    also while a case, plan or enquiry is open, the MASH while a question is, panel and care board while a death is
    known.

    Args:
        known: the child.
        recipient: who wants to open.
        told: when the last of the reports that came to it first came; of the MASH, when the child's last report did.
        has_open_question: whether anything about the child waits for a person.
        health_visitors: by practice code, as the directory has them.
        now: the moment.
    """
    current = [fact for fact in known.facts if fact.holds_at(now)]
    if recipient.kind in _BY_ITS_RELATION:
        if any(_is_theirs(fact, recipient, health_visitors) for fact in current):
            return EVER
        over = (_over(fact) for fact in known.facts if _is_theirs(fact, recipient, health_visitors))
        return max((now - KEEPS_OPEN, *over))
    is_open = (
        (told is not None and now - told <= KEEPS_OPEN)
        or (recipient.kind in _FOLLOWS_CASES and any(fact.kind in _CASE_FACTS for fact in current))
        or (recipient.kind is RecipientKind.MASH_CORE and has_open_question)
        or (recipient.kind in _REVIEWS_DEATHS and any(fact.kind is FactKind.DEATH for fact in current))
    )
    return EVER if is_open else now - KEEPS_OPEN


def _over(fact: Fact) -> datetime:
    """When a relation was over and that was said."""
    return max(fact.until or fact.as_at, fact.as_at)


def _is_theirs(fact: Fact, recipient: RecipientEntry, health_visitors: Mapping[str, RecipientId]) -> bool:
    if fact.kind is not FactKind.RELATION:
        return False
    relation, _, code = fact.key.partition(":")
    if recipient.kind is RecipientKind.HEALTH_VISITOR:
        return relation == RelationKind.GP and health_visitors.get(code) == recipient.recipient
    return code in recipient.organisations or code.partition(":")[2] == recipient.recipient
