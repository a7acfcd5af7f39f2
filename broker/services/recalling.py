"""Tells every past recipient of an event anew: corrects or retracts what left, stops what has not left yet."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime

from broker.core.outcome import RETRACTION, Outcome, Record, StagedDelivery
from broker.core.recall import Recall, RecallTools, Told, recall, superseded
from broker.core.records import RecordWriter
from broker.core.sealing import SealBrokenError, Sealer, unseal
from broker.core.settle import about_delivery
from broker.ports.ids import Ids
from broker.ports.journal import DeliveryStatus, Journal
from broker.ports.keys import Keys
from broker.ports.policy import Policy
from contracts.delivery import Delivery, Value
from contracts.words import Cause, ChildId, EventId, RecipientId


class Recalling:
    """Gives the outcomes of corrections and retractions; commits nothing itself. The caller holds the transaction."""

    def __init__(self, journal: Journal, keys: Keys, policy: Policy, ids: Ids) -> None:
        """Take what it reads from."""
        self._journal = journal
        self._keys = keys
        self._policy = policy
        self._ids = ids

    def told(
        self, event_id: EventId, *, recipients: Collection[RecipientId] | None = None
    ) -> Mapping[RecipientId, Told]:
        """By recipient, the last delivery about the event that left for it and was not retracted, opened."""
        return {each.staged.recipient: each for each in self._standing(self._chains(event_id, recipients))}

    def said(
        self, event_id: EventId, *, recipients: Collection[RecipientId] | None = None
    ) -> Mapping[RecipientId, Delivery]:
        """By recipient, the last word about the event that left or is about to, opened; none where it was retracted.

        What does not open is left out: it never leaves, and holds up nothing else.
        """
        found: dict[RecipientId, Delivery] = {}
        for chain in self._chains(event_id, recipients):
            last = next((s for s in reversed(chain) if _waits(s) or s.released_at is not None), None)
            if last is None or _is_ended(chain):
                continue
            with suppress(SealBrokenError):
                found[last.delivery.recipient] = self.opened(last)
        return found

    def outcome(
        self,
        event_id: EventId,
        *,
        cause: Cause,
        now: datetime,
        why: str = "",
        recipients: Collection[RecipientId] | None = None,
        applies: Mapping[RecipientId, Sequence[Value]] | None = None,
    ) -> Outcome | None:
        """Notices to past recipients of one event, and the end of what waits to leave; none where there is neither.

        Whoever was told is told, whatever would be decided today. ``recipients``: only these; none means all.
        ``applies``: by recipient, the values that apply now: those of them get a correction, all others a retraction.
        A chain that a retraction ends already is left as it is: nobody is told twice.
        """
        chains = self._chains(event_id, recipients)
        waiting = tuple(status.delivery for chain in chains for status in chain if _waits(status))
        standing = tuple(self._standing(chains))
        if not waiting and not standing:
            return None
        child = (waiting[0] if waiting else standing[0].staged).child
        tools = self._tools(child, now)
        notices: list[StagedDelivery] = []
        records: list[Record] = [superseded(each, why or cause.value, tools.writer) for each in waiting]
        for each in standing:
            now_applies = None if applies is None else applies.get(each.staged.recipient)
            notice, record = recall(each, Recall(cause, now, why, now_applies), tools)
            notices.append(notice)
            records.append(record)
        return Outcome(
            records=tuple(records),
            deliveries=tuple(notices),
            superseded=tuple(each.delivery_id for each in waiting),
        )

    def _chains(
        self, event_id: EventId, recipients: Collection[RecipientId] | None
    ) -> tuple[tuple[DeliveryStatus, ...], ...]:
        """The deliveries of one event by recipient, oldest revision first."""
        chains: dict[RecipientId, list[DeliveryStatus]] = {}
        for status in self._journal.deliveries(event=event_id):
            recipient = status.delivery.recipient
            if recipients is None or recipient in recipients:
                chains.setdefault(recipient, []).append(status)
        return tuple(tuple(sorted(chain, key=lambda s: s.delivery.revision)) for chain in chains.values())

    def _standing(self, chains: Sequence[Sequence[DeliveryStatus]]) -> Iterator[Told]:
        for chain in chains:
            last = next((s for s in reversed(chain) if s.released_at is not None), None)
            if last is None or _is_ended(chain):
                continue
            yield Told(last.delivery, self.opened(last), chain[-1].delivery.revision)

    def opened(self, status: DeliveryStatus) -> Delivery:
        """One delivery, as its recipient reads it.

        Raises:
            KeyDestroyedError: its child is erased.
            SealBrokenError: it is not what was staged.
        """
        key = self._keys.child_key(status.delivery.child)
        body = unseal(key, status.delivery.sealed, about=about_delivery(status.delivery.delivery_id))
        return Delivery.model_validate_json(body)

    def _tools(self, child: ChildId, now: datetime) -> RecallTools:
        sealer = Sealer(self._keys.child_key(child), self._ids.random)
        writer = RecordWriter(sealer, self._keys.secret("log"), self._ids.in_order, now)
        return RecallTools(sealer, writer, self._keys.secret, self._policy.due)


def _is_ended(chain: Sequence[DeliveryStatus]) -> bool:
    """Whether the chain's last word, on its way or there, is a retraction."""
    standing = [status for status in chain if not status.is_superseded or status.released_at is not None]
    return bool(standing) and standing[-1].delivery.kind == RETRACTION


def _waits(status: DeliveryStatus) -> bool:
    """Whether a delivery may still leave and is no retraction, which must."""
    is_under_way = status.released_at is None and not status.is_superseded
    return is_under_way and status.delivery.kind != RETRACTION
