"""Asks the policy again about an accepted event: what differs becomes a new decision; no old one is changed."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import ClassVar

from broker.core.asked_again import DECIDED_BY, REQUESTED_BY
from broker.core.candidates import UNKNOWN, Candidate, Considered
from broker.core.case import Earlier
from broker.core.curtail import Curtailed
from broker.core.errors import MashError
from broker.core.outcome import CORRECTION, EventState, Outcome, Record, StagedDelivery, TaskQuestion
from broker.core.recall import superseded
from broker.core.records import RecordWriter
from broker.core.sealing import Sealer
from broker.core.settle import Settled
from broker.core.store_errors import KeyDestroyedError
from broker.core.triggers import CHILDREN_UNMERGED
from broker.ports.clock import Clock
from broker.ports.ids import Ids
from broker.ports.journal import DeliveryStatus, Journal
from broker.ports.keys import Keys
from broker.ports.policy import Policy
from broker.services.asked_for import request_behind
from broker.services.comparing import (
    NOTHING,
    Again,
    Extent,
    Reopened,
    gives_all,
    has_left,
    lost,
    may_be_stopped,
    only_changed,
    still_standing,
)
from broker.services.curtailing import Curtailing, subject_of
from broker.services.deciding import Asking, Decided, Deciding, Prepared
from broker.services.open_questions import closing, not_open_yet
from broker.services.recalling import Recalling
from contracts.delivery import Value
from contracts.question import Approval
from contracts.verdict import CandidateVerdict
from contracts.words import Cause, Effect, EventId, RecipientId, RelationKind

ASKED_AGAIN = "asked again"
ANSWERS = (REQUESTED_BY, DECIDED_BY)
_TOGETHER = 50
"""Events asked about while others wait for the journal's lock."""


class CannotAskAgainError(MashError):
    """An event cannot be asked about again."""

    codes: ClassVar[Mapping[str, str]] = {
        "ask_again.not_accepted": "The event is not accepted, so there is nothing to ask again.",
    }


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
        self._recalling = Recalling(journal, keys, policy, ids)
        self._curtailing = Curtailing(journal, keys, self._deciding, self._recalling)

    def run(self, asked: Mapping[EventId, Collection[RecipientId]], *, why: str) -> None:
        """Ask again about these events, to these recipients, many in one transaction; ``why`` stands in each decision.

        Where the answer is as it was, it is noted that the old decision stands on what is known now. What of many
        cannot be asked about does not keep the others waiting.

        Raises:
            CannotAskAgainError: an event is not accepted; all others were asked about.
            KeyDestroyedError: an event's child is erased; all others were asked about.
            NoVerdictError: the policy gave no verdict; of those at hand nothing was stored.
        """
        events, failed = list(asked.items()), []
        for first in range(0, len(events), _TOGETHER):
            failed += self._together(events[first : first + _TOGETHER], why)
        if failed:
            raise failed[0]

    def _together(self, asked: Sequence[tuple[EventId, Collection[RecipientId]]], why: str) -> list[MashError]:
        """Ask about all of these in one transaction, or, where one cannot be asked about, each in its own; why not."""
        now = self._clock.now()
        try:
            with self._journal.transaction():
                for event_id, recipients in asked:
                    self._stands(event_id, recipients, why, now)
        except (CannotAskAgainError, KeyDestroyedError) as error:
            if len(asked) == 1:
                return [error]
            return [failed for each in asked for failed in self._together([each], why)]
        return []

    def _stands(self, event_id: EventId, recipients: Collection[RecipientId], why: str, now: datetime) -> None:
        """Ask again about one event; about what was requested as that, each for itself."""
        last = {each.recipient: each.asked_again for each in self._journal.decisions(event_id)}
        requests = {
            each: request_behind(event_id, each, self._journal, self._keys)
            if last.get(each, "").startswith(ANSWERS)
            else None
            for each in recipients
        }
        groups = [({each}, answering) for each, answering in requests.items() if answering is not None]
        shared = {each for each, answering in requests.items() if answering is None}
        for group, answering in [*groups, *([(shared, None)] if shared else [])]:
            because = why if answering is None else f"{REQUESTED_BY}{answering.requested_by}; {why}"
            outcome = self.outcome(
                event_id, why=because, recipients=group, answering=answering, extent=Extent.STANDING, now=now
            )
            if outcome is not None:
                self._journal.commit(outcome)

    def anew(self, event_id: EventId, recipient: RecipientId, *, why: str, now: datetime) -> Outcome | None:
        """What tells one recipient again what it may hold of an event, as if it held nothing; the caller commits.

        Raises:
            CannotAskAgainError: the event is not accepted.
            KeyDestroyedError: its child is erased.
            NoVerdictError: the policy gave no verdict.
        """
        answering = request_behind(event_id, recipient, self._journal, self._keys)
        because = why if answering is None else f"{REQUESTED_BY}{recipient}; {why}"
        return self.outcome(
            event_id,
            why=because,
            now=now,
            recipients={recipient},
            answering=answering,
            extent=Extent.ANEW,
        )

    def outcome(
        self,
        event_id: EventId,
        *,
        why: str,
        now: datetime,
        recipients: Collection[RecipientId] | None = None,
        further: Sequence[Approval] = (),
        answering: Asking | None = None,
        extent: Extent = Extent.CHANGES,
    ) -> Outcome | None:
        """What asking again changes; none where nothing does. The caller holds the transaction.

        ``extent``: what of it is wanted. ``further``: approvals that are not stored yet. ``answering``: a request that
        this answers.

        Raises:
            CannotAskAgainError: the event is not accepted.
            NoVerdictError: the policy gave no verdict.
        """
        reopened = self._reopen(event_id)
        if reopened is None:
            return None
        only = None if recipients is None else frozenset(recipients)
        told = {} if answering else self._recalling.told(event_id, recipients=only)
        asking = replace(
            answering or Asking(),
            asked_again=why,
            only=only,
            approvals=(*self._journal.approvals(event_id), *further),
            earlier=_last_made(reopened.earlier),
            given={recipient: each.delivery.values for recipient, each in told.items()},
            said={} if answering else self._recalling.said(event_id, recipients=only),
            is_parted=CHILDREN_UNMERGED in why,
        )
        prepared = self._deciding.prepare(reopened.subject, now=now, asking=asking)
        prepared = self._with_everybody(prepared, asking)
        if reopened.is_corrected or (only is None and not reopened.event.is_safeguarding):
            prepared = _only_held(prepared, reopened.holders)
        decided = None
        if prepared.considered.candidates:
            decided = self._deciding.decide(prepared, now=now, asking=asking)
        again = Again(why, now, extent, is_answer=answering is not None)
        if not answering:
            again = self._with_what_is_taken_back(reopened, prepared, decided, again, asking)
        return self._changes(replace(reopened, told=told), decided, again)

    def _with_what_is_taken_back(
        self, reopened: Reopened, prepared: Prepared, decided: Decided | None, again: Again, asking: Asking
    ) -> Again:
        verdicts = {each.recipient: each.verdict for each in decided.settled.decisions} if decided is not None else {}
        answers = self._answers(reopened, prepared, verdicts, asking, again.now)
        verdicts = {**verdicts, **answers}
        again = replace(again, asked_for=frozenset(answers), lost=lost(reopened, prepared, verdicts, asking))
        less = self._curtailing.less(reopened, prepared, verdicts, again, asking)
        if again.extent is Extent.ANEW and reopened.is_corrected:
            less = {**self._as_told(reopened, again, asking), **less}
        return replace(again, less=less)

    def _as_told(self, reopened: Reopened, again: Again, asking: Asking) -> dict[RecipientId, Curtailed]:
        """What applies in the place of a corrected report, as it was told last, of whoever may keep it."""
        gone = {recipient for recipients in again.lost.values() for recipient in recipients}
        said = self._recalling.said(reopened.event.event_id, recipients=asking.only)
        return {
            recipient: Curtailed(last.cause or Cause.CORRECTED, last.values)
            for recipient, last in said.items()
            if recipient not in gone
        }

    def _answers(
        self,
        reopened: Reopened,
        prepared: Prepared,
        shared: Mapping[RecipientId, CandidateVerdict],
        asking: Asking,
        now: datetime,
    ) -> dict[RecipientId, CandidateVerdict]:
        """What the policy says today of what was given because it was asked for, where it is not shared anyway.

        Whose relation to the child has ended keeps nothing, asked for or not.
        """
        found: dict[RecipientId, CandidateVerdict] = {}
        for recipient, last in reopened.last.items():
            is_given = recipient in shared and gives_all(shared[recipient], last.verdict)
            is_asked_about = asking.only is None or recipient in asking.only
            is_theirs = is_asked_about and recipient in reopened.holders and not has_left(recipient, prepared)
            if is_given or not is_theirs or not last.asked_again.startswith(ANSWERS):
                continue
            answering = request_behind(reopened.event.event_id, recipient, self._journal, self._keys)
            if answering is not None:
                asked = replace(answering, asked_again=asking.asked_again, approvals=asking.approvals)
                answer = self._deciding.prepare(reopened.subject, now=now, asking=asked)
                decided = self._deciding.decide(answer, now=now, asking=asked)
                found.update((each.recipient, each.verdict) for each in decided.settled.decisions)
        return found

    def _reopen(self, event_id: EventId) -> Reopened | None:
        event = self._journal.event(event_id)
        if event is None or event.state is not EventState.ACCEPTED:
            msg = f"the event {event_id} is not accepted, so nothing was asked again"
            raise CannotAskAgainError(msg, remedy="wait until it is accepted", detail={"event": event_id})
        earlier = self._journal.deliveries(event=event_id)
        if event.corrected_by is not None and not any(each.delivery.kind == CORRECTION for each in earlier):
            return None
        subject = subject_of(event, self._journal, self._keys)
        if subject is None or event.child is None:
            return None
        last = {each.recipient: each for each in self._journal.decisions(event_id)}
        return Reopened(event, subject, self._keys.child_key(event.child), earlier, last)

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

    def _changes(self, reopened: Reopened, decided: Decided | None, again: Again) -> Outcome | None:
        recalled = self._recalled(reopened, again)
        if reopened.is_corrected:
            decided = None  # what was corrected is shared with nobody: what they hold of it stands, or is taken back
        settled = NOTHING if decided is None else only_changed(decided.settled, reopened, again)
        still = still_standing(decided, settled, reopened) if decided is not None and again.reaffirms else ()
        if not settled.decisions and not still and not recalled:
            return None
        anew = settled.deliveries if again.is_answer and not again.reaffirms else settled.decisions
        asked_of = {each.recipient for each in anew} - {r for each in again.lost.values() for r in each}
        stopped = [s.delivery for s in reopened.earlier if may_be_stopped(s) and s.delivery.recipient in asked_of]
        closed, why_closed = closing(
            self._moot(reopened, settled), self._writer(reopened, again.now), why=again.why, child=reopened.event.child
        )
        is_whole = decided is not None and settled.decisions[:1] == decided.settled.decisions[:1]
        return Outcome(
            decisions=settled.decisions,
            records=(
                *settled.records,
                *why_closed,
                *self._stopped(reopened, stopped, again.now),
                *(record for each in recalled for record in each.records),
            ),
            deliveries=(*settled.deliveries, *(notice for each in recalled for notice in each.deliveries)),
            questions=self._questions(settled, decided),
            superseded=(
                *(each.delivery_id for each in stopped),
                *(gone for each in recalled for gone in each.superseded),
            ),
            closed=tuple(closed),
            asked=decided.asked if decided is not None and is_whole else b"",
            reaffirmed=still,
            triggers=self._deciding.follows(reopened.subject, reopened.subject.known.facts, settled, now=again.now),
        )

    def _moot(self, reopened: Reopened, settled: Settled) -> list[TaskQuestion]:
        """What waits for a person about whoever is told now, and is asked no more.

        Where the law forbids it now, the question stays: whoever answers it is told why nothing follows.
        """
        decided = {each.recipient for each in settled.decisions if each.effect is Effect.SHARE}
        if not decided or reopened.event.child is None:
            return []
        asked = {(each.recipient, each.code, each.scope) for each in settled.questions}
        return [
            each
            for each in self._journal.open_questions(reopened.event.child)
            if each.event_id == reopened.event.event_id
            and each.recipient in decided
            and (each.recipient, each.code, each.scope) not in asked
        ]

    def _questions(self, settled: Settled, decided: Decided | None) -> tuple[TaskQuestion, ...]:
        for_dpo = decided.for_dpo if decided is not None else ()
        return not_open_yet(self._journal, (*settled.questions, *for_dpo))

    def _recalled(self, reopened: Reopened, again: Again) -> list[Outcome]:
        """What takes back what some were told, by cause."""
        taken: dict[Cause, dict[RecipientId, tuple[Value, ...] | None]] = {}
        for cause, recipients in again.lost.items():
            taken.setdefault(cause, {}).update(dict.fromkeys(recipients))
        for recipient, each in again.less.items():
            taken.setdefault(each.cause, {})[recipient] = each.values
        found = (
            self._recalling.outcome(
                reopened.event.event_id,
                cause=cause,
                now=again.now,
                why=again.why,
                recipients=them,
                applies={recipient: values for recipient, values in them.items() if values is not None},
            )
            for cause, them in taken.items()
        )
        return [outcome for outcome in found if outcome is not None]

    def _stopped(self, reopened: Reopened, deliveries: Sequence[StagedDelivery], now: datetime) -> tuple[Record, ...]:
        """A record for each delivery that had not left yet and must not leave any more."""
        writer = self._writer(reopened, now)
        return tuple(superseded(each, ASKED_AGAIN, writer) for each in deliveries)

    def _writer(self, reopened: Reopened, now: datetime) -> RecordWriter:
        sealer = Sealer(reopened.key, self._ids.random)
        return RecordWriter(sealer, self._keys.secret("log"), self._ids.in_order, now)


def _only_held(prepared: Prepared, holders: Collection[RecipientId]) -> Prepared:
    """What only tells of a relation is no news later: it is asked about for whoever holds it, and for nobody else."""
    considered = prepared.considered
    kept = tuple(each for each in considered.candidates if each.recipient in holders)
    return replace(prepared, considered=replace(considered, candidates=kept))


def _last_made(earlier: Sequence[DeliveryStatus]) -> dict[RecipientId, Earlier]:
    found: dict[RecipientId, Earlier] = {}
    for delivery in (status.delivery for status in earlier):
        last = found.get(delivery.recipient)
        if last is None or delivery.revision > last.revision:
            found[delivery.recipient] = Earlier(delivery.delivery_id, delivery.revision)
    return found
