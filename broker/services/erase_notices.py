"""Tells every past recipient of a child who is erased to destroy what it holds; nothing that waits leaves any more."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime

from broker.core.outcome import Outcome, Record, StagedDelivery
from broker.core.recall import Recall, RecallTools, Told, recall, superseded
from broker.core.sealing import SealBrokenError, unseal
from broker.core.settle import about_delivery, pseudonym, report_name
from broker.ports.journal import DeliveryStatus, Journal
from broker.ports.keys import Keys
from broker.services.key_for import key_for
from contracts.delivery import Delivery
from contracts.verdict import Basis
from contracts.words import Cause, ChildId, Duty, EventId, Purpose, RecipientId

WHY = "the child was erased"


def notices(journal: Journal, keys: Keys, members: Sequence[ChildId], tools: RecallTools, *, now: datetime) -> Outcome:
    """One notice to each recipient for each name under which it knows the child; and the end of what has not left.

    Where a report was told about what is another child now, that other child's name is not erased there: the notice
    is of that report alone. What a recipient was told to disregard is still held there, so it is told too.
    """
    chains = _chains(journal.deliveries(child=members[0]))
    waiting = [status.delivery for chain in chains.values() for status in chain if _waits(status)]
    records: list[Record] = [superseded(each, WHY, tools.writer) for each in waiting]
    staged: list[StagedDelivery] = []
    made: dict[tuple[EventId, RecipientId], int] = {}
    for told, cause in _to_tell(keys, members, chains):
        chain = (told.staged.event_id, told.staged.recipient)
        notice, record = recall(_bare(told, made.get(chain, told.revision)), Recall(cause, now, WHY), tools)
        made[chain] = notice.revision
        staged.append(notice)
        records.append(record)
    return Outcome(
        records=tuple(records), deliveries=tuple(staged), superseded=tuple(each.delivery_id for each in waiting)
    )


def found_late(journal: Journal, status: DeliveryStatus, tools: RecallTools, *, now: datetime) -> Outcome:
    """Notices where it is found only now that a delivery had left, of which nothing is kept any more.

    They say no more than that everything about the child is to be destroyed, under each name that it may bear there.
    """
    delivery = status.delivery
    known = journal.known_child(delivery.child)
    chain = journal.deliveries(event=delivery.event_id)
    last = max(each.delivery.revision for each in chain if each.delivery.recipient == delivery.recipient)
    secret = tools.secret(f"delivery:{delivery.recipient}")
    records: list[Record] = []
    staged: list[StagedDelivery] = []
    for member in known.members if known is not None else (delivery.child,):
        told = Delivery(
            delivery_id=delivery.delivery_id,
            report=report_name(secret, delivery.event_id),
            revision=delivery.revision,
            recipient=delivery.recipient,
            child=pseudonym(secret, member),
            event_type="",
            agency="",
            occurred_at=now.replace(microsecond=0),
            decided_at=now.replace(microsecond=0),
            purpose=Purpose.SAFEGUARDING,
            duty=Duty.MUST,
            basis=Basis(art6="c"),
            agreement="",
        )
        notice, record = recall(Told(delivery, told, last), Recall(Cause.ERASED, now, WHY), tools)
        last = notice.revision
        staged.append(notice)
        records.append(record)
    return Outcome(records=tuple(records), deliveries=tuple(staged))


_Chains = Mapping[tuple[EventId, RecipientId], Sequence[DeliveryStatus]]


def _chains(found: Sequence[DeliveryStatus]) -> _Chains:
    chains: dict[tuple[EventId, RecipientId], list[DeliveryStatus]] = {}
    for status in found:
        chains.setdefault((status.delivery.event_id, status.delivery.recipient), []).append(status)
    return chains


def _to_tell(keys: Keys, members: Sequence[ChildId], chains: _Chains) -> list[tuple[Told, Cause]]:
    own: dict[tuple[RecipientId, str], Told] = {}
    others: list[Told] = []
    for (_, recipient), chain in chains.items():
        secret = keys.secret(f"delivery:{recipient}")
        names = {pseudonym(secret, member) for member in members}
        for told in _by_name(keys, chain):
            if told.delivery.child in names:
                own[recipient, told.delivery.child] = told
            else:
                others.append(told)
    return [(told, Cause.ERASED) for told in own.values()] + [(told, Cause.REPORT_ERASED) for told in others]


def _by_name(keys: Keys, chain: Sequence[DeliveryStatus]) -> list[Told]:
    """For each name under which the chain told of the child, what left last under it. What does not open never left."""
    found: dict[str, Told] = {}
    last = max(status.delivery.revision for status in chain)
    for status in chain:
        if status.released_at is None:
            continue
        with suppress(SealBrokenError):
            delivery = _opened(keys, status.delivery)
            found[delivery.child] = Told(status.delivery, delivery, last)
    return list(found.values())


def _opened(keys: Keys, delivery: StagedDelivery) -> Delivery:
    body = unseal(key_for(keys, delivery.child), delivery.sealed, about=about_delivery(delivery.delivery_id))
    return Delivery.model_validate_json(body)


def _bare(told: Told, revision: int) -> Told:
    """Without what the notice needs not say. ``revision``: the highest yet made of its chain."""
    delivery = told.delivery.model_copy(update={"incident": "", "necessity": ""})
    return Told(told.staged, delivery, revision)


def _waits(status: DeliveryStatus) -> bool:
    return status.released_at is None and not status.is_superseded
