"""Accepts what agencies submit: each event is stored once, decided and recorded, in one commit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Final

from broker.core.beside import Named
from broker.core.errors import MashError
from broker.core.outcome import EventState, LastHeard, Outcome, StoredEvent
from broker.core.store_errors import BeyondError, StoreError
from broker.ports.agency_keys import AgencyKeys
from broker.ports.clock import Clock
from broker.ports.ids import Ids
from broker.ports.journal import Journal
from broker.ports.keys import Keys
from broker.ports.policy import NoVerdictError, Policy
from broker.ports.transport import Submitted
from broker.services.answering import Answering, check_asked
from broker.services.ask_again import AskAgain
from broker.services.authenticate import CLOCK, authenticate, read_content
from broker.services.setting_aside import QUARANTINED, SettingAside
from broker.services.taking_in import Arrival, TakingIn
from contracts.base import Model
from contracts.envelope import Envelope
from contracts.errors import ContractError, EnvelopeError, SignatureError
from contracts.events.mash import InformationRequested, ReportWithdrawn
from contracts.events.police import NoFurtherActionRecorded, NoticeKept
from contracts.payload import Payload
from contracts.reading import check_values
from contracts.reply import Reply
from contracts.words import ChildId, EventId, ReplyKind

CULPRITS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    ContractError,
    LookupError,
    MashError,
    TypeError,
    ValueError,
)
"""What one event's content can cause. A store that fails is nobody's content: that error goes up."""


PORTION: Final = 25
"""So many messages are taken in together where other hubs may do so at the same time: each names some ten things, and
whoever names one of them waits."""


ALONE_AFTER: Final = 8
"""So many portions are taken in alone once one could not be taken in beside others: what it was that made it so (an
agreement that has lapsed, a policy without an answer) mostly lasts, and each would be decided twice."""
_ALONE: Final = (InformationRequested, NoFurtherActionRecorded, NoticeKept, ReportWithdrawn)
"""What depends on more than the child that it is about."""


class UnansweredError(MashError):
    """A request was decided, but the policy gave no verdict on what it asks for."""

    codes: ClassVar[Mapping[str, str]] = {
        "request.unanswered": "The policy gave no verdict on what a request asks for, so the request is held.",
    }


class Came(StrEnum):
    """What became of one message."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    HELD = "held"
    QUARANTINED = "quarantined"
    REFUSED = "refused"


@dataclass(slots=True)
class AcceptReport:
    """What became of each message, by its position; every one may be acknowledged."""

    came: dict[str, Came] = field(default_factory=dict)
    events: list[EventId] = field(default_factory=list)

    @property
    def positions(self) -> tuple[str, ...]:
        """Every message of the batch."""
        return tuple(self.came)

    @property
    def accepted(self) -> int:
        """How many events were accepted for the first time."""
        return self._count(Came.ACCEPTED)

    @property
    def duplicates(self) -> int:
        """How many had come before and changed nothing."""
        return self._count(Came.DUPLICATE)

    @property
    def held(self) -> int:
        """How many wait undecided."""
        return self._count(Came.HELD)

    @property
    def quarantined(self) -> int:
        """How many were set aside for a person."""
        return self._count(Came.QUARANTINED)

    @property
    def refused(self) -> int:
        """How many were refused with a reply."""
        return self._count(Came.REFUSED)

    def _count(self, came: Came) -> int:
        return sum(1 for each in self.came.values() if each is came)


@dataclass(frozen=True, slots=True)
class Needs:
    """The ports that accepting needs."""

    journal: Journal
    keys: Keys
    policy: Policy
    clock: Clock
    ids: Ids
    agency_keys: AgencyKeys


@dataclass(frozen=True, slots=True)
class _Read:
    """One message as far as it can be read before anything is looked up.

    ``envelope``: where it is authentic; ``payload``: where its content can be read too. ``error``: why one is missing.
    """

    submitted: Submitted
    envelope: Envelope | None = None
    payload: Model | None = None
    error: Exception | None = None

    @property
    def position(self) -> str:
        """Of the message, in its channel."""
        return self.submitted.position

    def content(self) -> Model:
        """What it says.

        Raises:
            ContractError: it cannot be trusted or read; or any other error that its content causes.
        """
        if self.payload is None:
            raise self.error or TypeError
        return self.payload


class Accept:
    """Takes in batches of submitted messages; each batch is one transaction unless something in it fails."""

    def __init__(self, needs: Needs) -> None:
        """Take the ports."""
        self._needs = needs
        self._taking_in = TakingIn(needs.journal, needs.keys, needs.policy, needs.ids)
        again = AskAgain(needs.journal, needs.keys, needs.policy, needs.clock, needs.ids)
        self._answering = Answering(needs.journal, needs.keys, needs.policy, again)
        self._aside = SettingAside(needs.journal, needs.keys, needs.policy, needs.ids)
        self._alone_for = 0

    def run(self, batch: Sequence[Submitted], *, beside: bool = False) -> AcceptReport:
        """Accept, hold, quarantine or refuse every message; afterwards all may be acknowledged.

        ``beside``: where the journal lets it, other hubs take in reports about other children at the same time; then
        each portion of the batch is a transaction of its own.

        Raises:
            StoreError: the store failed. Nothing of the transaction at hand was stored; the batch may be run again, and
                what is stored already changes nothing.
        """
        beside = beside and self._needs.journal.lets_beside
        report, most = AcceptReport(), PORTION if beside else len(batch)
        for start in range(0, len(batch), most or 1):
            self._portion(batch[start : start + most], report, beside=beside)
        return report

    def _portion(self, portion: Sequence[Submitted], report: AcceptReport, *, beside: bool) -> None:
        self._taking_in.spare_children(len(portion))
        now = self._needs.clock.now()
        read = tuple(self._read(each, now) for each in portion)
        named = self._named(read) if beside and self._alone_for == 0 else None
        self._alone_for = max(0, self._alone_for - 1)
        self._together(read, report, named)

    def _read(self, submitted: Submitted, now: datetime) -> _Read:
        """Open one message, before the lock is waited for."""
        if submitted.problem is not None:
            return _Read(submitted)
        try:
            envelope = authenticate(submitted, self._needs.agency_keys, now=now)
        except CULPRITS as error:
            return _Read(submitted, error=error)
        try:
            payload = read_content(submitted, now=now)
            check_values(payload, submitted.event.data)
            return _Read(submitted, envelope, payload)
        except CULPRITS as error:
            return _Read(submitted, envelope, error=error)

    def _named(self, batch: Sequence[_Read]) -> Named | None:
        """What all of them name; none where one of them must be taken in alone, whatever it is."""
        named = Named()
        for each in batch:
            if each.envelope is None or each.envelope.corrects or not isinstance(each.payload, Payload):
                return None
            if isinstance(each.payload, _ALONE):
                return None
            try:
                named |= Named.by(each.envelope, self._taking_in.claimed(each.envelope, each.payload))
            except CULPRITS:
                return None
        return named

    def _together(self, batch: tuple[_Read, ...], report: AcceptReport, named: Named | None = None) -> None:
        """All in one transaction; where that fails, each half in its own, until the culprit is alone.

        ``named``: what they name; where they turn out to reach further, they are taken in while nobody else is.
        """
        now = self._needs.clock.now()
        try:
            with self._needs.journal.transaction(named):
                came = {each.position: self._one(each, now) for each in batch}
        except BeyondError:
            self._taking_in.give_back_children()
            self._alone_for = ALONE_AFTER
            self._together(batch, report)
            return
        except StoreError:
            raise
        except CULPRITS as error:
            if len(batch) == 1:
                report.came[batch[0].position] = self._alone(batch[0].submitted, error, now)
                return
            half = len(batch) // 2
            self._together(batch[:half], report)
            self._together(batch[half:], report)
            return
        report.came.update(came)
        accepted = (each.submitted.event.attributes["id"] for each in batch if came[each.position] is Came.ACCEPTED)
        report.events.extend(EventId(event_id) for event_id in accepted)

    def _one(self, read: _Read, now: datetime) -> Came:
        submitted, envelope = read.submitted, read.envelope
        if envelope is None:
            return self._not_authentic(read, now)
        stored = self._needs.journal.event(EventId(envelope.id))
        if stored is not None:
            return self._again(submitted, envelope, stored, now)
        try:
            self._taking_in.check(envelope)
            payload = read.content()
            check_asked(payload, self._needs.policy.directory())
        except ContractError as error:
            if error.code != "payload.unknown_type":
                self._commit(self._aside.refused(submitted, error, now=now, envelope=envelope))
                return Came.REFUSED
            return self._hold(submitted, envelope, now, reason="contract.unknown_type")
        return self._take(Arrival(submitted, envelope, payload), now)

    def _not_authentic(self, read: _Read, now: datetime) -> Came:
        """Set aside what may not be trusted, or cannot even be opened; any other error goes up."""
        submitted = read.submitted
        if submitted.problem is not None:
            self._commit(self._aside.unread(submitted, submitted.problem, now=now))
            return Came.REFUSED
        try:
            read.content()
        except SignatureError as error:
            self._commit(self._aside.unread(submitted, error, now=now))
        except EnvelopeError as error:
            is_authentic = error.code == CLOCK
            authentic = Envelope.from_attributes(submitted.event.attributes) if is_authentic else None
            self._commit(self._aside.refused(submitted, error, now=now, envelope=authentic))
        return Came.REFUSED

    def _take(self, arrival: Arrival, now: datetime) -> Came:
        try:
            self.take_in(arrival, now)
        except NoVerdictError:
            return self._hold(arrival.submitted, arrival.envelope, now, reason="policy.no_verdict")
        return Came.ACCEPTED

    def take_in(self, arrival: Arrival, now: datetime) -> None:
        """Take in one authentic, readable event; the caller holds the transaction.

        Raises:
            NoVerdictError: the policy gave no verdict; nothing was committed.
            UnansweredError: a request was decided but not answered; the transaction must not stand.
        """
        if isinstance(arrival.payload, InformationRequested):
            self.take_request(arrival, None, now)
        else:
            self._commit(self._taking_in.outcome(arrival, now=now))

    def take_request(self, arrival: Arrival, child: ChildId | None, now: datetime) -> tuple[Outcome, ...]:
        """Take in one request and answer it from what is held; the caller holds the transaction.

        ``child``: whom it is about, where the exchange itself made the request for a person; then no feed was heard.

        Raises:
            NoVerdictError: the policy gave no verdict; nothing was committed.
            UnansweredError: the request was decided but not answered; the transaction must not stand.
        """
        request = arrival.payload
        if not isinstance(request, InformationRequested):
            msg = f"an event of type {arrival.envelope.type} requests nothing"
            raise TypeError(msg)
        outcome, asking = self._taking_in.requested(arrival, request, now=now, child=child)
        if child is not None:
            outcome = replace(outcome, heard=None, replies=())
        self._commit(outcome)
        done = [outcome]
        try:
            for answer in self._answering.outcomes(request, outcome, asking, now=now):
                self._commit(answer)
                done.append(answer)
        except NoVerdictError as error:
            msg = f"the request {arrival.envelope.id} could not be answered; nothing was stored"
            raise UnansweredError(msg, remedy="nothing; it is held and tried again") from error
        return tuple(done)

    def _hold(self, submitted: Submitted, envelope: Envelope, now: datetime, *, reason: str) -> Came:
        self._commit(self._aside.held(submitted, envelope, now=now, reason=reason))
        return Came.HELD

    def _again(self, submitted: Submitted, envelope: Envelope, stored: StoredEvent, now: datetime) -> Came:
        """The same event again changes nothing; the same id with other content is set aside and told."""
        if stored.rawhash != envelope.rawhash and stored.state is not EventState.ERASED:
            self._commit(self._aside.reused_id(submitted, envelope, now=now))
            return Came.QUARANTINED
        is_held = stored.state is EventState.HELD
        reply = Reply(
            agency=envelope.agency,
            kind=ReplyKind.HELD if is_held else ReplyKind.ACCEPTED,
            event_id=envelope.id,
            source=envelope.source,
            sequence=envelope.sequence,
            code=stored.held_reason,
            until=stored.held_until,
            at=now,
        )
        heard = LastHeard(envelope.agency, envelope.source, now, envelope.sequence)
        self._commit(Outcome(replies=(reply,), heard=heard))
        return Came.DUPLICATE

    def _alone(self, submitted: Submitted, error: BaseException, now: datetime) -> Came:
        """What to do with the one message that made a transaction fail."""
        with self._needs.journal.transaction():
            if isinstance(error, UnansweredError):
                envelope = Envelope.from_attributes(submitted.event.attributes)
                return self._hold(submitted, envelope, now, reason="policy.no_verdict")
            code = error.code if isinstance(error, MashError | ContractError) else QUARANTINED
            authentic = self._authentic(submitted, now)
            self._commit(self._aside.quarantined(submitted, now=now, reason=code, envelope=authentic))
            return Came.QUARANTINED

    def _authentic(self, submitted: Submitted, now: datetime) -> Envelope | None:
        """The envelope, if the message may be trusted; only then does its number count as heard."""
        try:
            return authenticate(submitted, self._needs.agency_keys, now=now)
        except CULPRITS:
            return None

    def _commit(self, outcome: Outcome) -> None:
        self._needs.journal.commit(outcome)
