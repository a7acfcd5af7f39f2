"""Asks the policy again about an accepted event: what differs becomes a new decision; no old one is changed."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar

from broker.core.candidates import UNKNOWN, Candidate, Considered
from broker.core.errors import MashError
from broker.core.facts import KnownChild
from broker.core.outcome import Decision, EventState, Outcome, Reaffirmed, Record, StagedDelivery, StoredEvent
from broker.core.recall import superseded
from broker.core.records import RecordWriter
from broker.core.sealing import Sealer, unseal
from broker.core.settle import Settled
from broker.ports.clock import Clock
from broker.ports.ids import Ids
from broker.ports.journal import DeliveryStatus, Journal
from broker.ports.keys import Keys
from broker.ports.policy import Policy
from broker.services.deciding import Asking, Decided, Deciding, Prepared, Subject
from broker.services.open_questions import not_open_yet
from broker.services.stored_event import about_event
from contracts.envelope import Envelope
from contracts.payload import Payload
from contracts.question import Approval
from contracts.reading import read_payload
from contracts.verdict import CandidateVerdict
from contracts.words import DeliveryId, Effect, EventId, RecipientId, RelationKind

ASKED_AGAIN = "asked again"


class CannotAskAgainError(MashError):
    """An event cannot be asked about again."""

    codes: ClassVar[Mapping[str, str]] = {
        "ask_again.not_accepted": "The event is not accepted, so there is nothing to ask again.",
    }


@dataclass(frozen=True, slots=True)
class Reopened:
    """An accepted event, opened, with what is known of its child now."""

    event: StoredEvent
    subject: Subject
    key: bytes
    earlier: Sequence[DeliveryStatus]
    last: Mapping[RecipientId, Decision]


class AskAgain:
    """Puts the question about one event anew, to all or some recipients."""

    def __init__(self, journal: Journal, keys: Keys, policy: Policy, clock: Clock, ids: Ids) -> None:
        """Take the ports."""
        self._journal = journal
        self._keys = keys
        self._policy = policy
        self._clock = clock
        self._ids = ids
        self._deciding = Deciding(journal, keys, policy, ids)

    def run(
        self,
        event_id: EventId,
        *,
        why: str,
        recipients: Collection[RecipientId] | None = None,
        reaffirms: bool = False,
    ) -> tuple[Decision, ...]:
        """Ask again in a transaction of its own; give the decisions that differ from those that stood.

        ``recipients``: none means every candidate that would be considered today. ``why`` stands in each decision.
        ``reaffirms``: where the answer is as it was, note that the old decision stands on what is known now.

        Raises:
            CannotAskAgainError: the event is not accepted.
            NoVerdictError: the policy gave no verdict; nothing was stored.
        """
        now = self._clock.now()
        with self._journal.transaction():
            outcome = self.outcome(event_id, why=why, recipients=recipients, reaffirms=reaffirms, now=now)
            if outcome is None:
                return ()
            self._journal.commit(outcome)
        return outcome.decisions

    def outcome(
        self,
        event_id: EventId,
        *,
        why: str,
        now: datetime,
        recipients: Collection[RecipientId] | None = None,
        further: Sequence[Approval] = (),
        answering: Asking | None = None,
        reaffirms: bool = False,
    ) -> Outcome | None:
        """What asking again changes; none where nothing does. The caller holds the transaction.

        ``further``: approvals that are not stored yet. ``answering``: a request that this answers.

        Raises:
            CannotAskAgainError: the event is not accepted.
            NoVerdictError: the policy gave no verdict.
        """
        reopened = self._reopen(event_id)
        if reopened is None:
            return None
        only = None if recipients is None else frozenset(recipients)
        asking = replace(
            answering or Asking(),
            asked_again=why,
            only=only,
            approvals=(*self._journal.approvals(event_id), *further),
            earlier=_by_recipient(reopened.earlier),
        )
        prepared = self._deciding.prepare(reopened.subject, now=now, asking=asking)
        prepared = self._with_everybody(prepared, asking)
        if not prepared.considered.candidates:
            return None
        decided = self._deciding.decide(prepared, now=now, asking=asking)
        return self._changes(reopened, decided, now, reaffirms=reaffirms)

    def _reopen(self, event_id: EventId) -> Reopened | None:
        event = self._journal.event(event_id)
        if event is None or event.state is not EventState.ACCEPTED:
            msg = f"the event {event_id} is not accepted, so nothing was asked again"
            raise CannotAskAgainError(msg, remedy="wait until it is accepted", detail={"event": event_id})
        if event.child is None or not event.sealed:
            return None
        key = self._keys.child_key(event.child)
        payload = read_payload(event.event_type, unseal(key, event.sealed, about=about_event(event_id)))
        known = self._journal.known_child(event.child)
        if known is None or not isinstance(payload, Payload):
            return None
        subject = Subject(Envelope.from_attributes(event.attributes), payload, known, is_unsure=_is_unsure(known))
        last = {each.recipient: each for each in self._journal.decisions(event_id)}
        return Reopened(event, subject, key, self._journal.deliveries(event=event_id), last)

    def _with_everybody(self, prepared: Prepared, asking: Asking) -> Prepared:
        """Whoever is asked about by name is a candidate, related to the child or not."""
        if asking.only is None:
            return prepared
        found = {each.recipient for each in prepared.considered.candidates}
        held = self._deciding.held_old_address(prepared)
        strangers = tuple(
            Candidate(
                prepared.directory.recipients[each],
                RelationKind.NONE,
                prepared.entry.purpose,
                None,
                UNKNOWN,
                held_old_address=each in held,
            )
            for each in sorted(asking.only - found)
            if each in prepared.directory.recipients
        )
        everybody = Considered((*prepared.considered.candidates, *strangers), prepared.considered.not_considered)
        return replace(prepared, considered=everybody)

    def _changes(self, reopened: Reopened, decided: Decided, now: datetime, *, reaffirms: bool) -> Outcome | None:
        settled = _only_changed(decided.settled, reopened.last)
        still = _still_standing(decided, settled, reopened) if reaffirms else ()
        if not settled.decisions and not still:
            return None
        asked_of = {each.recipient for each in settled.decisions}
        stopped = tuple(
            status.delivery
            for status in reopened.earlier
            if may_be_stopped(status) and status.delivery.recipient in asked_of
        )
        return Outcome(
            decisions=settled.decisions,
            records=(*settled.records, *self._stopped(reopened, stopped, now)),
            deliveries=settled.deliveries,
            questions=not_open_yet(self._journal, (*settled.questions, *decided.for_dpo)),
            superseded=tuple(each.delivery_id for each in stopped),
            asked=decided.asked if settled.decisions[:1] == decided.settled.decisions[:1] else b"",
            reaffirmed=still,
        )

    def _stopped(self, reopened: Reopened, deliveries: Sequence[StagedDelivery], now: datetime) -> tuple[Record, ...]:
        """A record for each delivery that had not left yet and must not leave any more."""
        sealer = Sealer(reopened.key, self._ids.random)
        writer = RecordWriter(sealer, self._keys.secret("log"), self._ids.new, now)
        return tuple(superseded(each, ASKED_AGAIN, writer) for each in deliveries)


def may_be_stopped(status: DeliveryStatus) -> bool:
    """Whether a delivery has not left and need not: what corrects or retracts goes to its recipient in any case."""
    return status.released_at is None and not status.is_superseded and not status.delivery.is_notice


def _is_unsure(known: KnownChild) -> bool:
    return known.is_provisional


def _by_recipient(earlier: Sequence[DeliveryStatus]) -> dict[RecipientId, tuple[DeliveryId, ...]]:
    found: dict[RecipientId, tuple[DeliveryId, ...]] = {}
    for status in earlier:
        recipient = status.delivery.recipient
        found[recipient] = (*found.get(recipient, ()), status.delivery.delivery_id)
    return found


def _only_changed(settled: Settled, last: Mapping[RecipientId, Decision]) -> Settled:
    """Leave out what would be decided as it stands: asking again is quiet where nothing changed."""
    decisions = tuple(
        each
        for each in settled.decisions
        if each.recipient not in last
        or each.policy_digest != last[each.recipient].policy_digest
        or _turns_on(each.verdict) != _turns_on(last[each.recipient].verdict)
    )
    kept = {each.decision_id for each in decisions}
    asked_of = {each.recipient for each in decisions}
    return Settled(
        decisions,
        tuple(each for each in settled.records if each.about in kept),
        tuple(each for each in settled.deliveries if each.decision_id in kept),
        tuple(each for each in settled.questions if each.recipient is None or each.recipient in asked_of),
    )


def _still_standing(decided: Decided, changed: Settled, reopened: Reopened) -> tuple[Reaffirmed, ...]:
    """The standing decisions whose answer is the same today, under the same policy."""
    anew = {each.recipient for each in changed.decisions}
    return tuple(
        Reaffirmed(reopened.last[each.recipient].decision_id, each.child, each.facts_version)
        for each in decided.settled.decisions
        if each.recipient not in anew
    )


def _turns_on(verdict: CandidateVerdict) -> tuple[object, ...]:
    """What makes two decisions differ for whoever is concerned."""
    return (
        verdict.effect,
        verdict.categories,
        verdict.free_text,
        tuple(each.code for each in verdict.bars),
        tuple(each.code for each in verdict.asks),
        tuple((each.code, str(each.detail)) for each in verdict.category_asks),
        tuple(each.code for each in verdict.obligations) if verdict.effect is Effect.SHARE else (),
    )
