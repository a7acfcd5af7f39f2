"""Release deliveries: only what is sealed in the ledger and still lawful, and never without a trace."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from broker.core.errors import MashError
from broker.core.outcome import Outcome, Record, RecordKind, ReleasedDelivery, StagedDelivery
from broker.core.records import RecordWriter
from broker.core.sealing import SealBrokenError, Sealer, unseal
from broker.core.settle import about_delivery
from broker.ports.clock import Clock
from broker.ports.ids import Ids
from broker.ports.journal import DeliveryStatus, Journal, Standing
from broker.ports.keys import Keys
from broker.ports.ledger import Ledger
from broker.ports.policy import NoVerdictError, Policy
from broker.ports.transport import Outbox
from broker.services.key_for import key_for
from contracts.canonical import digest
from contracts.delivery import Parcel
from contracts.errors import ContractError, EnvelopeError
from contracts.words import DeliveryId, RecipientId

NOT_THERE = "recipient.not_there"
"""Why a recipient took nothing, where it gave no reason of its own."""


class AskAgain(Protocol):
    """Decides anew what no longer stands, and supersedes these deliveries, in commits of its own."""

    def __call__(self, deliveries: Sequence[StagedDelivery], /) -> None:
        """Ask again about the events of these deliveries."""
        ...


@dataclass(frozen=True, slots=True)
class ReleaseServices:
    """What releasing needs."""

    journal: Journal
    ledger: Ledger
    keys: Keys
    policy: Policy
    clock: Clock
    ids: Ids
    ask_again: AskAgain


@dataclass(frozen=True, slots=True)
class Released:
    """What one turn did.

    ``asked_again``: deliveries whose facts or law had changed; ``undecided``: the same while the policy gives no
    verdict, so that they wait. ``unreachable``: recipients who took nothing, or not what cannot be carried, and
    why (a code). ``broken``: deliveries whose stored body is not what their record says, never sent; alarm.
    """

    released: tuple[DeliveryId, ...] = ()
    asked_again: tuple[DeliveryId, ...] = ()
    undecided: tuple[DeliveryId, ...] = ()
    unreachable: Mapping[RecipientId, str] = field(default_factory=dict)
    broken: tuple[DeliveryId, ...] = ()


@dataclass(frozen=True, slots=True)
class _Turn:
    """What is found out in one turn, under the journal's lock."""

    sent: tuple[StagedDelivery, ...]
    stale: tuple[StagedDelivery, ...]
    broken: tuple[StagedDelivery, ...]
    unreachable: Mapping[RecipientId, str]


def release(
    services: ReleaseServices, outbox: Outbox, *, limit: int = 500, without: frozenset[RecipientId] = frozenset()
) -> Released:
    """Release up to ``limit`` deliveries, reds first.

    Each: (1) its record is a leaf under the latest signed checkpoint; (2) its time has come; (3) the child's facts
    and the policy are those that its decision stands on, checked under the lock that every change needs (a notice
    goes to whoever was told, whatever is decided today); (4) its
    body is, byte for byte, what its record names. It is sent before its release becomes durable: a crash between
    the two sends it again, and never leaves it out. What fails (3) is asked again. A recipient who takes nothing
    does not keep others waiting. The wrapper bears the latest checkpoint that is kept for ever, so that recipients can
    compare theirs with one another's and with the log.
    """
    latest, kept = services.ledger.head().latest, services.ledger.last_kept()
    if latest is None:
        return Released()
    size = latest.read().size
    if not services.journal.releasable(below=size, now=services.clock.now(), limit=1, without=without):
        return Released()  # so that nobody's lock is waited for
    with services.journal.transaction():
        now = services.clock.now()
        found = services.journal.releasable(below=size, now=now, limit=limit, without=without)  # (1) (2)
        turn = _send(services, outbox, found, checkpoint=(kept or latest).note)
        if turn.sent:
            records = tuple(_record(services, delivery, size) for delivery in turn.sent)
            released = tuple(
                ReleasedDelivery(delivery.delivery_id, record.record_id, size, now)
                for delivery, record in zip(turn.sent, records, strict=True)
            )
            services.journal.commit(Outcome(records=records, released=released))
    is_asked = _ask_again(services, turn.stale)
    return Released(
        released=_ids(turn.sent),
        asked_again=_ids(turn.stale) if is_asked else (),
        undecided=() if is_asked else _ids(turn.stale),
        unreachable=turn.unreachable,
        broken=_ids(turn.broken),
    )


def send_again(services: ReleaseServices, outbox: Outbox, deliveries: Sequence[DeliveryId]) -> tuple[DeliveryId, ...]:
    """Send again what left and was not received, under the same id and with the same bytes; give what was handed over.

    Whoever has it already keeps one copy and answers again. What has not left yet is left to `release`.
    """
    kept = services.ledger.last_kept()
    found = [services.journal.delivery(each) for each in deliveries]
    missing = [each.delivery for each in found if each is not None and _is_missing(each)]
    if kept is None or not missing:
        return ()
    return _ids(_hand_over(services, outbox, missing, kept.note).sent)


def _is_missing(status: DeliveryStatus) -> bool:
    return status.released_at is not None and status.delivered_at is None and not status.is_superseded


def _ask_again(services: ReleaseServices, stale: Sequence[StagedDelivery]) -> bool:
    """Whether all could be decided anew; while the policy gives no verdict they wait, and are asked next time."""
    if not stale:
        return True
    try:
        services.ask_again(stale)
    except NoVerdictError:
        return False
    return True


def _send(services: ReleaseServices, outbox: Outbox, found: Sequence[StagedDelivery], *, checkpoint: str) -> _Turn:
    standing = services.journal.standing([delivery.delivery_id for delivery in found])
    stale = [
        each
        for each in found
        if not each.is_notice and not _still_stands(standing[each.delivery_id], services.policy.digest)  # (3)
    ]
    gone = {each.delivery_id for each in stale}
    turn = _hand_over(services, outbox, [each for each in found if each.delivery_id not in gone], checkpoint)
    return replace(turn, stale=tuple(stale))


def _hand_over(
    services: ReleaseServices, outbox: Outbox, deliveries: Sequence[StagedDelivery], checkpoint: str
) -> _Turn:
    parcels: dict[RecipientId, list[tuple[StagedDelivery, Parcel]]] = {}
    broken: list[StagedDelivery] = []
    for delivery in deliveries:
        body = _body(services.keys, delivery)  # (4)
        if body is None:
            broken.append(delivery)
            continue
        parcel = Parcel(
            recipient=delivery.recipient, delivery_id=delivery.delivery_id, body=body, checkpoint=checkpoint
        )
        parcels.setdefault(delivery.recipient, []).append((delivery, parcel))
    sent: list[StagedDelivery] = []
    unreachable: dict[RecipientId, str] = {}
    for recipient, theirs in parcels.items():
        taken, why = _handed_over(outbox, theirs)
        sent.extend(taken)
        if why:
            unreachable[recipient] = why
    return _Turn(tuple(sent), (), tuple(broken), unreachable)


def _handed_over(
    outbox: Outbox, theirs: Sequence[tuple[StagedDelivery, Parcel]]
) -> tuple[Sequence[StagedDelivery], str]:
    """What one recipient took, all together, and why not all; what cannot be carried keeps nothing else waiting."""
    try:
        outbox.send([parcel for _, parcel in theirs])
    except EnvelopeError as error:
        if len(theirs) == 1:
            return (), error.code
        half = len(theirs) // 2
        (first, why), (second, why_too) = (_handed_over(outbox, part) for part in (theirs[:half], theirs[half:]))
        return (*first, *second), why or why_too
    except (MashError, ContractError, OSError, LookupError) as error:
        return (), error.code if isinstance(error, MashError | ContractError) else NOT_THERE
    return tuple(delivery for delivery, _ in theirs), ""


def _still_stands(standing: Standing, policy_digest: str) -> bool:
    return standing.stands_at == standing.facts_now and standing.policy_digest == policy_digest


def _body(keys: Keys, delivery: StagedDelivery) -> bytes | None:
    """The body as it was staged, or none where it is not what its record names, or the child was erased."""
    try:
        body = unseal(key_for(keys, delivery.child), delivery.sealed, about=about_delivery(delivery.delivery_id))
    except SealBrokenError:
        return None
    return body if digest(body) == delivery.digest else None


def _record(services: ReleaseServices, delivery: StagedDelivery, size: int) -> Record:
    return release_writer(services.keys, services.ids, services.clock, delivery).write(
        RecordKind.RELEASE,
        about=delivery.delivery_id,
        event_id=delivery.event_id,
        child=delivery.child,
        recipient=delivery.recipient,
        disclosed={
            "recipient": delivery.recipient,
            "delivery": delivery.delivery_id,
            "digest": delivery.digest,
            "checkpoint_size": size,
        },
        internal={"event": delivery.event_id, "child": delivery.child, "decision": delivery.decision_id},
    )


def release_writer(keys: Keys, ids: Ids, clock: Clock, delivery: StagedDelivery) -> RecordWriter:
    """What writes records about one delivery, under its child's key; under the partnership's once that is destroyed."""
    return RecordWriter(
        Sealer(key_for(keys, delivery.child), ids.random), keys.secret("log"), ids.in_order, clock.now()
    )


def _ids(deliveries: Sequence[StagedDelivery]) -> tuple[DeliveryId, ...]:
    return tuple(delivery.delivery_id for delivery in deliveries)
