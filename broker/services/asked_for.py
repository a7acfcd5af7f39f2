"""Tells what was given because it was asked for from what was shared of the exchange's own accord."""

from broker.core.asked_again import DECIDED_BY, REQUESTED_BY
from broker.core.sealing import unseal
from broker.ports.journal import Journal
from broker.ports.keys import Keys
from broker.services.deciding import Asking, about_question
from contracts.events.mash import InformationRequested
from contracts.question import Question
from contracts.words import EventId, RecipientId


def request_behind(event_id: EventId, recipient: RecipientId, journal: Journal, keys: Keys) -> Asking | None:
    """The request that the standing decision about this event answers, as the policy was asked; none for a share.

    A person's decision changes nothing of what was asked.
    """
    made = [each for each in journal.decisions(event_id) if each.recipient == recipient]
    asked = next((each for each in reversed(made) if not each.asked_again.startswith(DECIDED_BY)), None)
    event = journal.event(event_id)
    if asked is None or event is None:
        return None
    if event.event_type != InformationRequested.event_type and not asked.asked_again.startswith(REQUESTED_BY):
        return None
    sealed = journal.asked(asked.decision_id)
    if sealed is None:
        return None
    content = unseal(keys.child_key(asked.child), sealed, about=about_question(asked.decision_id))
    question = Question.model_validate_json(content)
    return Asking(operation=question.operation, request=question.request, requested_by=recipient)
