"""Compares today's answers about an event with those that stood: what differs, what stands, what is taken back."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, auto

from broker.core.curtail import Curtailed
from broker.core.less import cause_of_loss, ended_by
from broker.core.minimise import released_forms
from broker.core.outcome import Decision, Reaffirmed, StoredEvent
from broker.core.partnership import RecipientEntry
from broker.core.recall import Told
from broker.core.settle import Settled
from broker.core.visible import obligations_shown
from broker.ports.journal import DeliveryStatus
from broker.services.deciding import Asking, Decided, Prepared, Subject
from contracts.verdict import CandidateVerdict
from contracts.words import Cause, Effect, Form, RecipientId, RecipientKind, RelationKind

_SAID_OF_THE_CHILD = frozenset({"identifier.bear", "court.order_stands"})
"""Obligations that go along with whatever is shared: that one begins or ends sends nothing again."""


@dataclass(frozen=True, slots=True)
class Reopened:
    """An accepted event, opened, with what is known of its child now."""

    event: StoredEvent
    subject: Subject
    key: bytes
    earlier: Sequence[DeliveryStatus]
    last: Mapping[RecipientId, Decision]
    told: Mapping[RecipientId, Told] = field(default_factory=dict)

    @property
    def is_corrected(self) -> bool:
        """Whether a later report stands in its place."""
        return self.event.corrected_by is not None

    @property
    def holders(self) -> frozenset[RecipientId]:
        """Who was sent something about it, or is about to be."""
        return frozenset(s.delivery.recipient for s in self.earlier if not s.is_superseded or s.released_at is not None)


class Extent(Enum):
    """What of asking again is wanted: what differs; that the rest stands, too; or all of it, as if nothing was held."""

    CHANGES = auto()
    STANDING = auto()
    ANEW = auto()


@dataclass(frozen=True, slots=True)
class Again:
    """Why and when an event is asked about again, and who, by cause, may hold no longer what it was told.

    ``is_answer``: for whoever requested it; that takes nothing away of what was on its way to them. ``less``: of whom
    some of what stays told is taken back.
    """

    why: str
    now: datetime
    extent: Extent
    is_answer: bool = False
    lost: Mapping[Cause, Collection[RecipientId]] = field(default_factory=dict)
    less: Mapping[RecipientId, Curtailed] = field(default_factory=dict)
    asked_for: Collection[RecipientId] = ()

    @property
    def reaffirms(self) -> bool:
        """Whether it is noted that what did not change stands on what is known now."""
        return self.extent is Extent.STANDING


NOTHING = Settled((), (), (), ())


def may_be_stopped(status: DeliveryStatus) -> bool:
    """Whether a delivery has not left and need not: what corrects or retracts goes to its recipient in any case."""
    return status.released_at is None and not status.is_superseded and not status.delivery.is_notice


def lost(
    reopened: Reopened, prepared: Prepared, verdicts: Mapping[RecipientId, CandidateVerdict], asking: Asking
) -> dict[Cause, set[RecipientId]]:
    """Who was told, or would have been, and may hold it no longer, by cause; ``verdicts``: today's."""
    visitors = prepared.directory.health_visitor_by_practice
    holding = reopened.holders
    found: dict[Cause, set[RecipientId]] = {}
    for recipient in sorted(holding if asking.only is None else holding & asking.only):
        cause = cause_of_loss(verdicts.get(recipient))
        entry = prepared.directory.recipients.get(recipient)
        if cause is None:
            continue
        if cause is Cause.RELATION_ENDED:
            if _grew_out_of(entry, prepared) and not asking.is_parted:
                continue
            if entry is not None and reopened.event.event_id in ended_by(prepared.facts, entry, visitors):
                continue
            cause = Cause.DIFFERENT_CHILD if asking.is_parted else cause
        found.setdefault(cause, set()).add(recipient)
    return found


def _grew_out_of(entry: RecipientEntry | None, prepared: Prepared) -> bool:
    """Whether a child is only too old by now for midwives, who were told while it was not: that stays told."""
    is_older = (RelationKind.MIDWIFERY, "not_newborn") in prepared.considered.not_considered
    return is_older and entry is not None and entry.kind is RecipientKind.MIDWIFERY


def only_changed(settled: Settled, reopened: Reopened, again: Again) -> Settled:
    """Leave out what would be decided as it stands: asking again is quiet where nothing changed.

    Under another policy the same answer stands for what has left; what has not is decided under the new one.
    """
    waiting = {status.delivery.recipient for status in reopened.earlier if may_be_stopped(status)}
    decisions = tuple(
        each
        for each in settled.decisions
        if each.recipient not in again.asked_for
        and (
            (again.extent is Extent.ANEW and each.effect is Effect.SHARE)
            or _is_another(each, reopened, waiting, settled.renewed)
        )
    )
    kept = {each.decision_id for each in decisions}
    asked_of = {each.recipient for each in decisions}
    return Settled(
        decisions,
        tuple(each for each in settled.records if each.about in kept),
        tuple(each for each in settled.deliveries if each.decision_id in kept),
        tuple(each for each in settled.questions if each.recipient is None or each.recipient in asked_of),
    )


def _is_another(
    decision: Decision, reopened: Reopened, waiting: Collection[RecipientId], renewed: Collection[RecipientId]
) -> bool:
    if decision.recipient in renewed:
        return True
    last = reopened.last.get(decision.recipient)
    if last is None or _turns_on(decision.verdict) != _turns_on(last.verdict):
        return True
    if decision.recipient in waiting:
        return decision.policy_digest != last.policy_digest
    return decision.effect is Effect.SHARE and decision.recipient not in reopened.told


def still_standing(decided: Decided, changed: Settled, reopened: Reopened) -> tuple[Reaffirmed, ...]:
    """The standing decisions whose answer is the same today, under the same policy."""
    anew = {each.recipient for each in changed.decisions}
    return tuple(
        Reaffirmed(reopened.last[each.recipient].decision_id, each.child, each.facts_version)
        for each in decided.settled.decisions
        if each.recipient not in anew
    )


def has_left(recipient: RecipientId, prepared: Prepared) -> bool:
    """Whether a recipient's own relation to the child has ended, and none is left by which it would be considered."""
    entry = prepared.directory.recipients.get(recipient)
    is_considered = any(each.recipient == recipient for each in prepared.considered.candidates)
    visitors = prepared.directory.health_visitor_by_practice
    return entry is None or (not is_considered and bool(ended_by(prepared.facts, entry, visitors)))


def gives_all(verdict: CandidateVerdict, earlier: CandidateVerdict) -> bool:
    """Whether what is shared today holds everything that was given earlier, in no lesser form."""
    now = released_forms(verdict) if verdict.effect is Effect.SHARE else {}
    before = released_forms(earlier).items()
    return bool(now) and all(form.disclosure <= now.get(cell, Form.WITHHOLD).disclosure for cell, form in before)


def _duties(verdict: CandidateVerdict) -> Iterator[str]:
    """What a recipient must do with what it is given; what is said of the child at large tells nobody anew."""
    return (each.code for each in obligations_shown(verdict, "recipient") if each.code not in _SAID_OF_THE_CHILD)


def _turns_on(verdict: CandidateVerdict) -> tuple[object, ...]:
    """What makes two decisions differ for whoever is concerned."""
    return (
        verdict.effect,
        verdict.categories,
        verdict.free_text,
        tuple(each.code for each in verdict.bars),
        tuple(each.code for each in verdict.asks),
        tuple((each.code, sorted(each.detail.items())) for each in verdict.category_asks),
        tuple(_duties(verdict)) if verdict.effect is Effect.SHARE else (),
    )
