"""A person withdraws a report for the agency that made it: whoever was told of it is told to disregard it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from broker.core.errors import MashError
from broker.core.hashing import keyed_hash
from broker.core.outcome import EventState, Record, RecordKind, StoredEvent
from broker.core.records import RecordWriter
from broker.core.sealing import Sealer
from broker.core.withdrawing import MAY_WITHDRAW, WORDS, SignedWithdrawal, Withdrawn
from broker.ports.people import People
from broker.ports.transport import Submitted
from broker.services.accept import Needs
from broker.services.key_for import key_for
from broker.services.signed import signer
from broker.services.stored_event import by_the_exchange
from broker.services.taking_in import Arrival, TakingIn
from contracts.canonical import canonical, digest
from contracts.envelope import Envelope, SignedEvent
from contracts.events.mash import InformationRequested, ReportWithdrawn
from contracts.signing import sign
from contracts.words import DeliveryId, RecipientId


class CannotWithdrawError(MashError):
    """A report cannot be withdrawn by this person."""

    codes: ClassVar[Mapping[str, str]] = {
        "withdraw.unknown": "No report of that id was accepted.",
        "withdraw.over_already": "The report was corrected, withdrawn or erased already.",
        "withdraw.not_yours": "The person does not hold a role that may withdraw a report.",
        "withdraw.signature": "The act is not signed by the person it names, or was signed too long ago.",
        "withdraw.no_reason": "Withdrawing a report needs a reason.",
    }


def sign_withdrawal(act: SignedWithdrawal, key: Ed25519PrivateKey, *, keyid: str) -> SignedWithdrawal:
    """The same act, signed."""
    return replace(act, signature=sign(act.content(), key, keyid=keyid))


@dataclass(frozen=True, slots=True)
class Withdraw:
    """Takes people's signed withdrawals, along the way that an agency's own would go."""

    needs: Needs
    people: People

    def run(self, act: SignedWithdrawal) -> Withdrawn:
        """Withdraw one report: nothing of it leaves any more, and everybody who was told is told to disregard it.

        What waited for a person about the report needs no answer any more. It cannot be undone; the agency may report
        anew.

        Raises:
            CannotWithdrawError: no such report, over already, not this person's to do, no reason, or not signed.
        """
        now = self.needs.clock.now()
        self._check(act, now)
        with self.needs.journal.transaction():
            earlier = self._report(act)
            taking_in = TakingIn(self.needs.journal, self.needs.keys, self.needs.policy, self.needs.ids)
            outcome = taking_in.withdrawal(self._arrival(act, earlier, now), now=now, why=WORDS[act.because])
            self.needs.journal.commit(
                replace(
                    outcome,
                    heard=None,
                    replies=(),
                    records=(*outcome.records, self._record(act, earlier, now)),
                )
            )
        return Withdrawn(
            event_id=act.event_id,
            told=tuple(sorted({each.recipient for each in outcome.deliveries})),
            stopped=self._recipients(outcome.superseded),
            questions_closed=len(outcome.closed),
        )

    def _check(self, act: SignedWithdrawal, now: datetime) -> None:
        if not act.reason.strip():
            raise _refuse(act, code="withdraw.no_reason", remedy="say in a sentence whose word it is, and how it came")
        person = signer(self.people, act.person, act.content(), signature=act.signature, at=act.at, now=now)
        if person is None:
            raise _refuse(act, code="withdraw.signature", remedy="sign it again with your own key")
        if act.role not in person.roles or act.role not in MAY_WITHDRAW:
            raise _refuse(act, code="withdraw.not_yours", remedy=f"ask one of: {', '.join(MAY_WITHDRAW)}")

    def _report(self, act: SignedWithdrawal) -> StoredEvent:
        found = self.needs.journal.event(act.event_id)
        is_report = found is not None and found.event_type not in _NO_REPORTS
        if found is None or not is_report or found.state is EventState.HELD:
            raise _refuse(act, code="withdraw.unknown", remedy="see mash explain for every report that came in")
        if found.state is EventState.ERASED or found.corrected_by is not None:
            raise _refuse(act, code="withdraw.over_already", remedy="nothing: whoever was told of it has been told so")
        return found

    def _arrival(self, act: SignedWithdrawal, earlier: StoredEvent, now: datetime) -> Arrival:
        moment = now.replace(microsecond=0)
        payload = ReportWithdrawn(reason=act.because.value, withdrawn=moment)
        data = canonical(payload.model_dump(mode="json"))
        secret = self.needs.keys.secret("partnership")
        envelope = by_the_exchange(
            Envelope.from_attributes(earlier.attributes),
            event_id=keyed_hash(secret, "withdrawal", act.event_id),
            person=act.person,
        ).model_copy(
            update={
                "type": ReportWithdrawn.event_type,
                "time": moment,
                "rawhash": keyed_hash(secret, digest(data)),
                "incident": None,
            }
        )
        event = SignedEvent(envelope.attributes(), "", data)
        return Arrival(Submitted(earlier.agency, event, envelope.id), envelope, payload)

    def _record(self, act: SignedWithdrawal, earlier: StoredEvent, now: datetime) -> Record:
        """That a person did it, beside the records of each notice; under the child's key, for it names the report."""
        keys = self.needs.keys
        writer = RecordWriter(
            Sealer(key_for(keys, earlier.child), self.needs.ids.random),
            keys.secret("log"),
            self.needs.ids.in_order,
            now,
        )
        return writer.write(
            RecordKind.CORRECTION,
            about=act.event_id,
            event_id=act.event_id,
            child=earlier.child,
            disclosed={},
            internal={
                "withdraws": act.event_id,
                "because": act.because.value,
                "agency": earlier.agency,
                "person": act.person,
                "role": act.role,
                "reason": act.reason,
                "signature": act.signature,
                "signed_at": int(act.at.timestamp()),
            },
        )

    def _recipients(self, deliveries: Sequence[DeliveryId]) -> tuple[RecipientId, ...]:
        found = (self.needs.journal.delivery(delivery) for delivery in deliveries)
        return tuple(sorted({status.delivery.recipient for status in found if status is not None}))


_NO_REPORTS = frozenset({ReportWithdrawn.event_type, InformationRequested.event_type})


def _refuse(act: SignedWithdrawal, *, code: str, remedy: str) -> CannotWithdrawError:
    return CannotWithdrawError(
        f"{CannotWithdrawError.codes[code].rstrip('.')}; nothing was withdrawn",
        code=code,
        remedy=remedy,
        detail={"report": act.event_id, "role": act.role},
    )
