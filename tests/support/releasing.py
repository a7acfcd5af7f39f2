"""An exchange from a decision to its receipt: real journal, keys and ledger, recipients that keep what they get."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import ClassVar

from broker.core.errors import MashError
from broker.core.outcome import Outcome, RecordKind, StagedDelivery
from broker.core.records import RecordWriter
from broker.core.sealing import Sealer
from broker.core.settle import about_delivery
from broker.drivers.ids.system import SystemIds
from broker.drivers.memory.ledger_store import MemoryLedger
from broker.drivers.sql.journal import SqlJournal
from broker.drivers.sql.keys import SqlKeys
from broker.ports.policy import Policy
from broker.services.receive_receipts import ReceiptServices, ReceiptsTaken, receive_receipts
from broker.services.release import Released, ReleaseServices, release
from broker.services.sequence import sequence
from contracts.canonical import digest
from contracts.delivery import Parcel
from contracts.errors import EnvelopeError
from contracts.receipt import Receipt
from contracts.reply import Reply
from contracts.words import DeliveryId, Effect, ReceiptKind, RecipientId
from tests.support.ledger import SetClock, a_signer
from tests.support.outcomes import FRIDAY, RECIPIENTS, Told
from tests.support.signing_keys import key_of, key_registry, keyid_of

ROOT = b"the root key of a test, 32 bytes"
DIGEST = "digest of the policy"


class UnreachableError(MashError):
    """A recipient takes nothing."""

    codes: ClassVar[Mapping[str, str]] = {"test.unreachable": "The recipient takes nothing."}


class StoppedError(Exception):
    """The machine stopped."""


@dataclass
class Recipients:
    """Every recipient's side: what it keeps, and the receipts it has signed."""

    away: set[RecipientId] = field(default_factory=set)
    unknown: set[RecipientId] = field(default_factory=set)
    not_carried: set[str] = field(default_factory=set)
    kept: dict[RecipientId, dict[str, Parcel]] = field(default_factory=dict)
    waiting: list[Receipt] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)
    stops_after_sending: bool = False

    def send(self, parcels: Sequence[Parcel]) -> None:
        for parcel in parcels:
            if parcel.delivery_id in self.not_carried:
                msg = "the message is too large"
                raise EnvelopeError(msg, code="envelope.too_large")
        for parcel in parcels:
            recipient = RecipientId(parcel.recipient)
            if recipient in self.away:
                msg = "the recipient is away"
                raise UnreachableError(msg)
            if recipient in self.unknown:
                raise KeyError(recipient)
            self.kept.setdefault(recipient, {})[parcel.delivery_id] = parcel
            self.sent.append(parcel.delivery_id)
            self.waiting.append(a_receipt_for(parcel))
        if self.stops_after_sending:
            raise StoppedError

    def reply(self, replies: Sequence[Reply]) -> None:
        self.sent.extend(reply.event_id for reply in replies)

    def receipts(self, limit: int) -> Sequence[tuple[str, Receipt]]:
        return [(str(position), receipt) for position, receipt in enumerate(self.waiting[:limit])]

    def acknowledge_receipts(self, positions: Sequence[str]) -> None:
        gone = {int(position) for position in positions}
        self.waiting = [receipt for position, receipt in enumerate(self.waiting) if position not in gone]

    def delivered(self) -> dict[RecipientId, dict[DeliveryId, str]]:
        return {
            recipient: {DeliveryId(each): digest(parcel.body) for each, parcel in parcels.items()}
            for recipient, parcels in self.kept.items()
        }


def a_receipt_for(parcel: Parcel, kind: ReceiptKind = ReceiptKind.DELIVERED, *, at: datetime = FRIDAY) -> Receipt:
    receipt = Receipt(
        delivery_id=parcel.delivery_id,
        recipient=parcel.recipient,
        kind=kind,
        digest=digest(parcel.body),
        at=at,
        keyid=keyid_of(parcel.recipient),
    )
    return receipt.signed_by(key_of(parcel.recipient))


class PolicyOfOneDigest:
    """All that releasing asks of a policy."""

    digest = DIGEST


class Registry:
    """The recipients' public keys."""

    def __init__(self) -> None:
        self._entries = key_registry(RECIPIENTS)
        self.key = self._entries.get


class Releasing:
    """One home with everything after the decision."""

    def __init__(self, home: Path) -> None:
        self.journal = SqlJournal.in_file(home / "journal.db", busy_seconds=1)
        self.keys = SqlKeys.in_file(home / "keys.db", ROOT)
        self.ledger = MemoryLedger()
        self.recipients = Recipients()
        self.clock = SetClock(FRIDAY + timedelta(hours=1))
        self.ids = SystemIds()
        self.policy = PolicyOfOneDigest()
        self.asked_again: list[DeliveryId] = []
        self.left_after_all: list[DeliveryId] = []

    def close(self) -> None:
        self.journal.close()
        self.keys.close()

    def decide(self, told: Told, *, is_new: bool = False, **changes: object) -> Outcome:
        """Commit an event's outcome whose records open and whose deliveries have real bodies."""
        self.keys.create([told.child])
        plain = told.outcome(is_new=is_new, **changes)
        sealer = Sealer(self.keys.child_key(told.child), self.ids.random)
        writer = RecordWriter(sealer, self.keys.secret("log"), self.ids.in_order, FRIDAY)
        bodies = {each.decision_id: a_body(each) for each in plain.deliveries}
        records = []
        for decision in plain.decisions:
            shown = {}
            if decision.effect is Effect.SHARE:
                named = next(each for each in plain.deliveries if each.decision_id == decision.decision_id)
                body = bodies[decision.decision_id]
                shown = {"delivery": named.delivery_id, "digest": digest(body), "recipient": named.recipient}
            records.append(
                writer.write(
                    RecordKind.DECISION,
                    about=decision.decision_id,
                    disclosed=shown,
                    internal={"child": told.child},
                    event_id=told.event_id,
                    child=told.child,
                    recipient=decision.recipient,
                )
            )
        by_decision = {record.about: record.record_id for record in records}
        deliveries = tuple(
            replace(
                each,
                record_id=by_decision[each.decision_id],
                digest=digest(bodies[each.decision_id]),
                sealed=sealer.seal(bodies[each.decision_id], about=about_delivery(each.delivery_id)),
            )
            for each in plain.deliveries
        )
        outcome = replace(plain, records=tuple(records), deliveries=deliveries)
        self.journal.commit(outcome)
        return outcome

    def sequence(self) -> None:
        sequence(self.journal, self.ledger, a_signer(), self.clock)

    def release(self, **changes: frozenset[RecipientId]) -> Released:
        return release(self.release_services(), self.recipients, limit=100, **changes)

    def release_services(self) -> ReleaseServices:
        policy: Policy = self.policy  # type: ignore[assignment]
        return ReleaseServices(
            journal=self.journal,
            ledger=self.ledger,
            keys=self.keys,
            policy=policy,
            clock=self.clock,
            ids=self.ids,
            ask_again=self._ask_again,
        )

    def take_receipts(self) -> ReceiptsTaken:
        services = ReceiptServices(
            self.journal, self.keys, Registry(), self.clock, self.ids, left_after_all=self._left_after_all
        )
        return receive_receipts(services, self.recipients, limit=100)

    def _ask_again(self, deliveries: Sequence[StagedDelivery]) -> None:
        self.asked_again.extend(delivery.delivery_id for delivery in deliveries)

    def _left_after_all(self, delivery_id: DeliveryId, /, *, now: datetime) -> None:
        assert now == self.clock.now()
        self.left_after_all.append(delivery_id)


def a_body(delivery: StagedDelivery) -> bytes:
    return json.dumps({"delivery_id": delivery.delivery_id, "values": ["Mia Marsh"]}).encode()
