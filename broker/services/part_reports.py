"""A person says that what one agency reports under one of its records is about another child than it was taken for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import ClassVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from broker.core.errors import MashError
from broker.core.facts import FactKind, KnownChild
from broker.core.hashing import keyed_hash
from broker.core.identity import Claim
from broker.core.identity_acts import ActKind
from broker.core.outcome import EventState, StoredEvent
from broker.core.sealing import unseal
from broker.ports.people import People
from broker.ports.transport import Submitted
from broker.services.accept import Needs
from broker.services.correct import ANOTHER
from broker.services.identify import Identified
from broker.services.identity_joining import UNSURE, Grounds, Joining, Move
from broker.services.signed import signer
from broker.services.stored_event import about_event, by_the_exchange
from broker.services.taking_in import Arrival, TakingIn
from contracts.canonical import canonical
from contracts.envelope import Envelope, SignedEvent
from contracts.payload import Payload
from contracts.reading import read_payload
from contracts.signing import sign
from contracts.words import ChildId, EventId, PersonId, Restriction


class CannotPartError(MashError):
    """The reports are not parted from the child."""

    codes: ClassVar[Mapping[str, str]] = {
        "part.unknown": "No report of that id is kept as one about a child.",
        "part.nothing_else": "All that is known under that record comes from this one source.",
        "part.not_yours": "The person does not hold a role that may say who this child is.",
        "part.signature": "The act is not signed by the person it names, or was signed too long ago.",
        "part.no_reason": "An act on who a child is needs a reason.",
    }


@dataclass(frozen=True, slots=True)
class SignedParting:
    """What a person says of one report, in which role and why, signed with their own key."""

    event_id: EventId
    person: PersonId
    role: str
    reason: str
    at: datetime
    signature: str = field(default="", repr=False)

    def content(self) -> bytes:
        """The bytes that are signed."""
        return canonical(
            {
                "act": ActKind.PART.value,
                "report": self.event_id,
                "person": self.person,
                "role": self.role,
                "reason": self.reason,
                "at": int(self.at.timestamp()),
            }
        )


def sign_parting(act: SignedParting, key: Ed25519PrivateKey, *, keyid: str) -> SignedParting:
    """The same act, signed."""
    return replace(act, signature=sign(act.content(), key, keyid=keyid))


@dataclass(frozen=True, slots=True)
class PartedReports:
    """What followed. ``child``: the new record; ``reports``: how many it has; ``told``: how many are told to disregard.

    ``not_kept``: reports that only told of relations and whose content was not kept; they must be reported anew.
    """

    child: ChildId
    reports: int
    told: int
    not_kept: int = 0


@dataclass(frozen=True, slots=True)
class _Report:
    """One report that is kept, opened: under which record, and whom it says it is about."""

    event: StoredEvent
    record: ChildId
    envelope: Envelope
    payload: Payload
    data: bytes
    claim: Claim


@dataclass(frozen=True, slots=True)
class PartReports:
    """Takes what people say; a new record is made, and each report is taken in again as about its child."""

    needs: Needs
    people: People

    def run(self, act: SignedParting) -> PartedReports:
        """Part everything that the report's agency said under the same record of its own, in one transaction.

        Everybody who was told is told that it was about a different child. What it taught of the one child is known no
        longer, nor does it recognise that child by it; all of it is decided anew for the other, whom the agency's later
        reports from that record follow.

        Raises:
            CannotPartError: no such report, nothing else in the record, no reason, or not this person's to say.
        """
        now = self.needs.clock.now()
        self._check(act, now)
        with self.needs.journal.transaction():
            known, theirs, others = self._sorted(act)
            taking_in = TakingIn(self.needs.journal, self.needs.keys, self.needs.policy, self.needs.ids)
            opened = [report for each in theirs if (report := self._opened(each, taking_in)) is not None]
            if not opened:
                raise _refuse(act, code="part.unknown", remedy="have the agency withdraw it and report it anew")
            child, told = self._taken_in_anew(taking_in, opened, others, act, now)
            self._commit_act(known, child, theirs, act, now)
            relations = [each for each in theirs if not each.sealed]
            told += self._ended(taking_in, relations, opened[0], now)
        return PartedReports(child, len(opened), told, len(relations))

    def _sorted(self, act: SignedParting) -> tuple[KnownChild, Sequence[StoredEvent], Sequence[StoredEvent]]:
        """The child, and what stands under the report's record: of the same source, and of all others."""
        journal = self.needs.journal
        report = journal.event(act.event_id)
        if report is None or report.child is None or not _stands(report):
            raise _refuse(act, code="part.unknown", remedy="see mash explain for every report that came in")
        known = self._known(act, report.child)
        protected = (fact for fact in known.facts if fact.kind is FactKind.RESTRICTION)
        if any(fact.key == Restriction.ADOPTION for fact in protected):
            raise _refuse(act, code="part.not_yours", remedy="ask your adoption gatekeeper")
        under = [each for each in journal.events(child=report.child) if each.child == report.child and _stands(each)]
        source = (report.agency, report.subject)
        others = [each for each in under if (each.agency, each.subject) != source]
        if not others:
            remedy = "where the record was joined to another, use mash identity unmerge or unlink"
            raise _refuse(act, code="part.nothing_else", remedy=remedy)
        return known, [each for each in under if (each.agency, each.subject) == source], others

    def _opened(self, event: StoredEvent, taking_in: TakingIn) -> _Report | None:
        if not event.sealed or event.child is None:
            return None
        data = unseal(self.needs.keys.child_key(event.child), event.sealed, about=about_event(event.event_id))
        payload = read_payload(event.event_type, data)
        if not isinstance(payload, Payload):
            return None
        envelope = Envelope.from_attributes(event.attributes)
        return _Report(event, event.child, envelope, payload, data, taking_in.claimed(envelope, payload))

    def _taken_in_anew(
        self,
        taking_in: TakingIn,
        opened: Sequence[_Report],
        others: Sequence[StoredEvent],
        act: SignedParting,
        now: datetime,
    ) -> tuple[ChildId, int]:
        first = opened[0]
        remaining = [report for each in others if (report := self._opened(each, taking_in)) is not None]
        links = {link for each in opened for link in each.claim.all_links()}
        own = {link for each in opened for link in (each.claim.agency_link, each.claim.provisional_link)}
        movable = links - {link for each in remaining for link in each.claim.all_links()}
        if len(remaining) < len(others):
            movable &= own  # what a report that was not kept vouched for, nobody knows: it stays with the child
        known = self.needs.journal.linked_children(sorted(movable))
        taken = tuple(link for link, record in known.items() if record == first.record)
        found = taking_in.apart(first.claim, taken=taken, not_its_own=links.difference(taken))
        told = 0
        for report in opened:
            about = found if report is first else Identified(self._known(act, found.known.child), None)
            outcome = taking_in.about(self._arrival(report, act), report.payload, about, now=now, why=ANOTHER)
            self.needs.journal.commit(replace(outcome, heard=None, replies=()))
            told += sum(1 for each in outcome.deliveries if each.is_notice)
        renamed = taking_in.named_by([each.claim for each in remaining], first.record)
        if renamed is not None:
            self.needs.journal.commit(renamed)
        return found.known.child, told

    def _known(self, act: SignedParting, child: ChildId) -> KnownChild:
        known = self.needs.journal.known_child(child)
        if known is None:
            raise _refuse(act, code="part.unknown", remedy="see mash explain for every report that came in")
        return known

    def _arrival(self, report: _Report, act: SignedParting) -> Arrival:
        envelope = by_the_exchange(report.envelope, event_id=self._anew(report), person=act.person)
        event = SignedEvent(envelope.attributes(), "", report.data)
        return Arrival(Submitted(report.event.agency, event, envelope.id), envelope, report.payload)

    def _commit_act(
        self, known: KnownChild, child: ChildId, theirs: Sequence[StoredEvent], act: SignedParting, now: datetime
    ) -> None:
        grounds = Grounds(
            kind=ActKind.PART,
            reports=tuple(each.event_id for each in theirs),
            person=act.person,
            role=act.role,
            reason=act.reason,
            signature=act.signature,
            signed_at=act.at,
        )
        joining = Joining(self.needs.journal, self.needs.keys, self.needs.ids)
        self.needs.journal.commit(joining.parted(Move(known.standing, child, ()), grounds, now=now))

    def _ended(self, taking_in: TakingIn, relations: Sequence[StoredEvent], by: _Report, now: datetime) -> int:
        """What only told of relations, and was not kept, holds of nobody until it is reported anew."""
        told = 0
        for event in relations:
            outcome = taking_in.ended(event, by=EventId(self._anew(by)), now=now)
            self.needs.journal.commit(outcome)
            told += len(outcome.deliveries)
        return told

    def _anew(self, report: _Report) -> str:
        """The id of what stands in the report's place, about the other child."""
        return keyed_hash(self.needs.keys.secret("partnership"), "parted", report.event.event_id)

    def _check(self, act: SignedParting, now: datetime) -> None:
        if not act.reason.strip():
            raise _refuse(act, code="part.no_reason", remedy="say why, in a sentence")
        person = signer(self.people, act.person, act.content(), signature=act.signature, at=act.at, now=now)
        if person is None:
            raise _refuse(act, code="part.signature", remedy="sign it again with your own key")
        may = self.needs.policy.deciders(UNSURE)
        if act.role not in person.roles or act.role not in may:
            raise _refuse(act, code="part.not_yours", remedy=f"ask one of: {', '.join(may)}")


def _stands(event: StoredEvent) -> bool:
    return event.state is EventState.ACCEPTED and event.corrected_by is None


def _refuse(act: SignedParting, *, code: str, remedy: str) -> CannotPartError:
    return CannotPartError(
        f"{CannotPartError.codes[code].rstrip('.')}; nothing was changed",
        code=code,
        remedy=remedy,
        detail={"report": act.event_id, "role": act.role},
    )
