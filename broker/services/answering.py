"""Answers a request for information: what is held about the child is asked about again, for whoever asked."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from broker.core.asked_again import REQUESTED_BY
from broker.core.outcome import EventState, Outcome, StoredEvent
from broker.core.partnership import Directory
from broker.core.sealing import unseal
from broker.ports.journal import Journal
from broker.ports.keys import Keys
from broker.ports.policy import Policy
from broker.services.ask_again import AskAgain
from broker.services.deciding import Asking
from broker.services.stored_event import about_event
from contracts.base import Model
from contracts.envelope import Envelope
from contracts.errors import PayloadError
from contracts.events.mash import InformationRequested
from contracts.question import RequestAsked
from contracts.reading import read_payload
from contracts.words import AgencyId, AgencyKind, ChildId, Effect, EventId, Operation, Purpose, RecipientId

EVERYBODY = "all"
"""Of whom information is asked, where it is asked of no agency by name."""

_OF_THE_HUB = "uk.mash.mash."
"""Requests, openings and outcomes are not what is asked for."""


def as_asking(request: InformationRequested, envelope: Envelope, directory: Directory) -> Asking:
    """A request as the policy is asked about it. An agency that names itself asks for its own recipient."""
    asker = RecipientId(request.asked_by)
    if request.asked_by == envelope.agency and asker not in directory.recipients:
        asker = _own(request, envelope, directory) or asker
    return Asking(
        operation=_operation(request.purpose),
        request=RequestAsked(
            by=asker,
            role=request.role,
            purpose=request.purpose,
            what=request.what,
            grounds=request.grounds or "",
            under=request.under or "",
        ),
        requested_by=asker,
    )


def _own(request: InformationRequested, envelope: Envelope, directory: Directory) -> RecipientId | None:
    """The agency's only recipient, or the only one at which the role opens what comes; of a hub, its front door.

    None: it cannot be told whose answer it would be.
    """
    own = [each for each in directory.recipients.values() if each.agency == envelope.agency]
    in_role = [each for each in own if request.role in {each.role, *each.deputies}]
    front_door = [each for each in own if each.recipient == directory.front_door]
    found = next((each for each in (own, in_role, front_door) if len(each) == 1), [])
    return found[0].recipient if found else None


def check_asked(payload: Model, directory: Directory) -> None:
    """Refuse a request to nobody; what was told by an agency that has left is found where all are asked.

    Raises:
        PayloadError: the partnership has no such agency (code ``payload.unknown_agency``).
    """
    if not isinstance(payload, InformationRequested) or payload.asked_of == EVERYBODY:
        return
    if AgencyId(payload.asked_of) in directory.agencies:
        return
    msg = "the request is made to an agency that the partnership does not have; nothing was asked"
    remedy = f"name the agency by its id in the directory, or {EVERYBODY!r} to ask all"
    raise PayloadError(msg, code="payload.unknown_agency", path="asked_of", remedy=remedy)


def _operation(purpose: Purpose) -> Operation:
    """A person's own right of access is asked about as that, and never answered like an agency's request."""
    return Operation.SUBJECT_ACCESS if purpose is Purpose.SUBJECT_ACCESS else Operation.ANSWER


class Answering:
    """Goes through what is held about a child for one accepted request."""

    def __init__(self, journal: Journal, keys: Keys, policy: Policy, again: AskAgain) -> None:
        """Take what it reads from and asks through."""
        self._journal = journal
        self._keys = keys
        self._policy = policy
        self._again = again

    def once_decided(self, event_id: EventId, decided: Outcome, asking: Asking, *, now: datetime) -> Iterator[Outcome]:
        """What follows where a person decided on a request itself: it is answered now, as `outcomes` would have.

        Where the request states no ground, that person's decision is the ground on which each answer is asked about.

        Raises:
            NoVerdictError: the policy gave no verdict.
        """
        event = self._journal.event(event_id)
        if event is None or event.event_type != InformationRequested.event_type or event.child is None:
            return
        content = unseal(self._keys.child_key(event.child), event.sealed, about=about_event(event_id))
        request = read_payload(event.event_type, content)
        if isinstance(request, InformationRequested) and asking.request is not None and decided.decisions:
            ground = asking.request.grounds or decided.decisions[0].asked_again
            stated = asking.request.model_copy(update={"grounds": ground})
            yield from self.outcomes(request, decided, replace(asking, request=stated), now=now)

    def outcomes(
        self, request: InformationRequested, accepted: Outcome, asking: Asking, *, now: datetime
    ) -> Iterator[Outcome]:
        """One outcome for each event whose answer differs from what the asker was told before.

        Nothing is looked for unless the request itself was decided to be one that may be answered. Each outcome must
        be committed before the next is taken; the caller holds the transaction.

        Raises:
            NoVerdictError: the policy gave no verdict.
        """
        asker = asking.requested_by
        if asker is None or not any(each.effect is Effect.SHARE for each in accepted.decisions):
            return
        child = accepted.decisions[0].child
        for event_id in self._held(child, AgencyId(request.asked_of)):
            outcome = self._again.outcome(
                event_id,
                why=f"{REQUESTED_BY}{asker}",
                recipients={asker},
                now=now,
                answering=self._with_what_is_held(event_id, asker, asking),
            )
            if outcome is not None:
                yield outcome

    def _with_what_is_held(self, event_id: EventId, asker: RecipientId, asking: Asking) -> Asking:
        """The same, widened by what the asker was given of this event before: an answer takes nothing away."""
        shared = [
            each
            for each in self._journal.decisions(event_id)
            if each.recipient == asker and each.effect is Effect.SHARE
        ]
        request = asking.request
        if not shared or request is None or not request.what:
            return replace(asking, earlier={})
        held = {cell.category for cell in shared[-1].verdict.categories if cell.form.disclosure > 0}
        what = tuple(sorted({*request.what, *held}))
        return replace(asking, earlier={}, request=request.model_copy(update={"what": what}))

    def _held(self, child: ChildId, asked_of: AgencyId) -> list[EventId]:
        """The child's events, of the agency asked; of all, where all are asked, or the hub, which has what all told."""
        events = [each for each in self._journal.events(child=child, state=EventState.ACCEPTED) if _is_content(each)]
        asked = self._policy.directory().agencies.get(asked_of)
        if asked_of == EVERYBODY or (asked is not None and asked.kind is AgencyKind.MASH):
            return [each.event_id for each in events]
        return [each.event_id for each in events if each.agency == asked_of]


def _is_content(event: StoredEvent) -> bool:
    return bool(event.sealed) and not event.event_type.startswith(_OF_THE_HUB)
