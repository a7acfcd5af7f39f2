"""Which of those who hold a role decides: of where one child lives, whoever works with that child."""

from collections.abc import Collection
from datetime import datetime

from broker.core.candidates import holder_of
from broker.core.facts import FactKind
from broker.core.outcome import TaskQuestion
from broker.ports.journal import Journal
from broker.ports.policy import Policy
from contracts.words import RecipientId, RelationKind

_ITS_OWN_WORKER = frozenset({"safe_contact.worker"})


def is_theirs(
    question: TaskQuestion, places: Collection[RecipientId], journal: Journal, policy: Policy, *, now: datetime
) -> bool:
    """Whether a question that a role may answer is for whoever holds that role at one of these places.

    No other team's worker tells where a child lives that is kept back. Where no team is known any more, or the role is
    held at no place, the role alone decides.
    """
    if question.code not in _ITS_OWN_WORKER or question.child is None or not places:
        return True
    known, directory = journal.known_child(question.child), policy.directory()
    prefix = f"{RelationKind.ALLOCATED_WORKER}:"
    teams = {
        entry.recipient
        for fact in (known.facts if known is not None else ())
        if fact.kind is FactKind.RELATION and fact.key.startswith(prefix) and fact.holds_at(now)
        if (entry := holder_of(directory, fact.value)) is not None
    }
    return not teams or not teams.isdisjoint(places)
