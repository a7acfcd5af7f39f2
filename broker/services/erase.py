"""Forgets one child, by two people's signed word: everything is emptied and told, then the keys are destroyed."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, ClassVar

from broker.core.erasing import (
    MAY_ERASE,
    STANDS_FOR,
    Erasure,
    ErasureAct,
    Forgotten,
    SignedErasure,
    are_two,
    needed_for,
)
from broker.core.errors import MashError
from broker.core.facts import KnownChild
from broker.core.identity import agency_link, claim
from broker.core.marks import Lifted, MarkKind
from broker.core.outcome import EventState, Outcome, Record, RecordKind, StoredEvent, TaskQuestion
from broker.core.recall import RecallTools
from broker.core.records import RecordWriter
from broker.core.sealing import SealBrokenError, Sealer, unseal
from broker.core.store_errors import StoreError
from broker.ports.clock import Clock
from broker.ports.ids import Ids
from broker.ports.journal import Journal
from broker.ports.keys import Keys
from broker.ports.people import People
from broker.ports.policy import Policy
from broker.services.erase_notices import notices
from broker.services.key_for import PARTNERSHIP
from broker.services.open_questions import closing
from broker.services.signed import signer
from broker.services.stored_event import about_event
from contracts.envelope import Envelope, SignedEvent
from contracts.errors import ContractError
from contracts.payload import Payload
from contracts.reading import read_event
from contracts.words import ChildId, RecordId

CLOSED = "the child was erased"


class CannotEraseError(MashError):
    """A child is not erased, or not wholly yet."""

    codes: ClassVar[Mapping[str, str]] = {
        "erase.unknown_child": "Nothing is held about a child of that reference.",
        "erase.unknown": "No erasure of that id waits for a second person.",
        "erase.proposed_already": "The erasure of that child is proposed already and waits for a second person.",
        "erase.not_yours": "The person does not hold a role that may do this.",
        "erase.not_two": "It takes two people in two roles, one of them the data protection officer.",
        "erase.signature": "The act is not signed by the person it names, or was signed too long ago.",
        "erase.held": "A legal hold stands upon the child's record.",
        "erase.needed": "The record is needed: an open case, a child protection plan or a section 47 enquiry stands.",
        "erase.lapsed": "The proposal is too old.",
        "erase.being_read": "Somebody is reading the exchange's stores, so what is erased could not be cleared away.",
        "erase.not_finished": "The child is erased, but files may still hold what was, because somebody reads them.",
    }


@dataclass(frozen=True, slots=True)
class EraseServices:
    """What erasing needs."""

    journal: Journal
    keys: Keys
    policy: Policy
    people: People
    clock: Clock
    ids: Ids


class EraseChild:
    """Takes two people's signed word, and carries out what they decided; what was begun is always finished."""

    def __init__(self, services: EraseServices) -> None:
        """Take the ports."""
        self._journal = services.journal
        self._keys = services.keys
        self._policy = services.policy
        self._people = services.people
        self._clock = services.clock
        self._ids = services.ids

    def run(self, act: SignedErasure) -> Erasure:
        """Propose, confirm or withdraw; give the erasure as it stands now. Confirmed, it is carried out at once.

        Raises:
            CannotEraseError: not this person's to do, not signed by them, a hold or a need stands against it, or
                somebody reads the stores. Only with the code ``erase.not_finished`` was anything changed.
        """
        now = self._clock.now()
        self._check(act, now)
        match act.act:
            case ErasureAct.PROPOSE:
                return self._propose(act, now)
            case ErasureAct.WITHDRAW:
                return self._withdraw(act, now)
            case ErasureAct.CONFIRM:
                return self._confirm(act, now)

    def finish(self) -> tuple[Erasure, ...]:
        """Carry every confirmed erasure to its end: destroy the keys, clear the files, record it. Safe to repeat.

        Raises:
            CannotEraseError: somebody reads a store (code ``erase.not_finished``); try again.
        """
        return tuple(self._finish(each) for each in self._journal.erasures() if each.is_under_way)

    def _check(self, act: SignedErasure, now: datetime) -> None:
        person = signer(self._people, act.person, act.content(), signature=act.signature, at=act.at, now=now)
        if person is None:
            raise _refuse(act, code="erase.signature", remedy="sign it again with your own key")
        if act.role not in person.roles or act.role not in MAY_ERASE:
            raise _refuse(act, code="erase.not_yours", remedy=f"ask one of: {', '.join(MAY_ERASE)}")

    def _propose(self, act: SignedErasure, now: datetime) -> Erasure:
        with self._journal.transaction():
            known = self._known(act)
            if act.ground is None:
                raise _refuse(act, code="erase.unknown", remedy="name the ground on which the record must be erased")
            if any(each.child in known.members and _waits(each, now) for each in self._journal.erasures()):
                remedy = "see mash erase for what waits; the second person confirms it"
                raise _refuse(act, code="erase.proposed_already", remedy=remedy)
            erasure = Erasure(self._ids.new(), known.standing, act.ground, act.person, act.role, now, RecordId(""))
            self._check_allowed(act, erasure, known, now)
            return self._noted(erasure, act, now)

    def _withdraw(self, act: SignedErasure, now: datetime) -> Erasure:
        with self._journal.transaction():
            return self._noted(replace(self._waiting(act, now), withdrawn_at=now), act, now)

    def _confirm(self, act: SignedErasure, now: datetime) -> Erasure:
        if not (self._journal.can_forget() and self._keys.can_forget()):
            remedy = "close whatever has the home open (a view, a backup), then confirm again"
            raise _refuse(act, code="erase.being_read", remedy=remedy)
        with self._journal.transaction():
            erasure = self._waiting(act, now)
            if not are_two(erasure, act.person, act.role):
                remedy = f"a second person confirms, in another role of: {', '.join(MAY_ERASE)}"
                raise _refuse(act, code="erase.not_two", remedy=remedy)
            known = self._known(replace(act, about=erasure.child))
            self._check_allowed(act, erasure, known, now)
            confirmed = replace(erasure, confirmed_by=act.person, confirmed_role=act.role, confirmed_at=now)
            self._journal.commit(self._outcome(confirmed, act, known, now))
        return self._finish(confirmed)

    def _finish(self, erasure: Erasure) -> Erasure:
        """Destroy the keys, clear the files and record it. Each part may be done again."""
        known = self._journal.known_child(erasure.child)
        try:
            self._keys.destroy(known.members if known is not None else (erasure.child,))
            self._journal.compact()
        except StoreError as error:
            msg = "the child is erased, but files may still hold what was: a store could not be cleared"
            raise CannotEraseError(
                msg,
                code="erase.not_finished",
                remedy="close whatever has the home open; it is tried again by itself, or now with: mash erase",
                detail={"erasure": erasure.erasure_id, "why": error.code},
            ) from error
        now = self._clock.now()
        with self._journal.transaction():
            latest = {each.erasure_id: each for each in self._journal.erasures()}[erasure.erasure_id]
            if not latest.is_under_way:
                return latest
            record = self._record(erasure, {"step": "finished"}, now)
            finished = replace(latest, finished_at=now, record_id=record.record_id)
            self._journal.commit(Outcome(records=(record,), erasures=(finished,)))
        return finished

    def _known(self, act: SignedErasure) -> KnownChild:
        known = self._journal.known_child(ChildId(act.about))
        done = {each.child for each in self._journal.erasures() if each.confirmed_at is not None}
        if known is None or known.standing in done:
            raise _refuse(act, code="erase.unknown_child", remedy="see mash children, or name a report about the child")
        return known

    def _waiting(self, act: SignedErasure, now: datetime) -> Erasure:
        found = {each.erasure_id: each for each in self._journal.erasures() if each.is_proposed}.get(act.about)
        if found is None:
            raise _refuse(act, code="erase.unknown", remedy="see what waits: mash erase without a child")
        if not _waits(found, now):
            raise _refuse(act, code="erase.lapsed", remedy=f"propose it anew; a proposal stands {STANDS_FOR.days} days")
        return found

    def _check_allowed(self, act: SignedErasure, erasure: Erasure, known: KnownChild, now: datetime) -> None:
        held = {mark.child for mark in self._journal.marks() if mark.kind is MarkKind.HOLD}
        if held & set(known.members):
            raise _refuse(act, code="erase.held", remedy="see mash hold; when the hold is over, lift it first")
        needed = needed_for(known, erasure.ground, now)
        if needed:
            remedy = "wait until it is over; a court's order or unlawful processing is a ground even so"
            raise _refuse(act, code="erase.needed", remedy=remedy, stands=", ".join(needed))

    def _noted(self, erasure: Erasure, act: SignedErasure, now: datetime) -> Erasure:
        record = self._record(erasure, _told(act), now)
        noted = replace(erasure, record_id=record.record_id)
        self._journal.commit(Outcome(records=(record,), erasures=(noted,)))
        return noted

    def _outcome(self, erasure: Erasure, act: SignedErasure, known: KnownChild, now: datetime) -> Outcome:
        writer = self._writer(now)
        tools = RecallTools(writer.sealer, writer, self._keys.secret, self._policy.due)
        told = notices(self._journal, self._keys, known.members, tools, now=now)
        held = tuple(event for event in self._journal.events(state=EventState.HELD) if self._is_about(event, known))
        events = {event.event_id for event in (*self._journal.events(child=known.child), *held)}
        record = self._record(erasure, {**_told(act), "reports": len(events), "notices": len(told.deliveries)}, now)
        closed, answered = self._closed(known, held, now)
        lifted = self._lifted(known, record, now)
        return Outcome(
            records=(record, *told.records, *answered),
            deliveries=told.deliveries,
            superseded=told.superseded,
            closed=closed,
            lifted=lifted,
            forgotten=Forgotten(
                children=known.members,
                held=tuple(event.event_id for event in held),
                quarantined=tuple(q.quarantine_id for q in self._journal.quarantined() if q.event_id in events),
            ),
            erasures=(replace(erasure, record_id=record.record_id),),
        )

    def _closed(
        self, known: KnownChild, held: Sequence[StoredEvent], now: datetime
    ) -> tuple[tuple[str, ...], tuple[Record, ...]]:
        """What waited for a person about the child needs no answer any more."""
        found: list[TaskQuestion] = [*self._journal.open_questions(known.child)]
        found.extend(question for event in held for question in self._journal.questions_about(event.event_id))
        ids, records = closing(found, self._writer(now), why=CLOSED)
        return tuple(ids), tuple(records)

    def _lifted(self, known: KnownChild, record: Record, now: datetime) -> tuple[Lifted, ...]:
        return tuple(Lifted(mark.mark_id, record.record_id, now) for mark in self._journal.marks(known.child))

    def _is_about(self, event: StoredEvent, known: KnownChild) -> bool:
        """Whether a report that waits undecided is of this child, by any key that the exchange knows it by."""
        secret = self._keys.secret("identity")
        links = [agency_link(secret, event.agency, event.subject)]
        try:
            data = unseal(self._keys.secret(PARTNERSHIP), event.sealed, about=about_event(event.event_id))
            _, payload = read_event(SignedEvent(event.attributes, event.signature, data))
            if isinstance(payload, Payload):
                links.extend(claim(Envelope.from_attributes(event.attributes), payload, secret=secret).all_links())
        except (ContractError, SealBrokenError):
            pass
        return _means(self._journal.linked_children(links).values(), known)

    def _record(self, erasure: Erasure, internal: Mapping[str, Any], now: datetime) -> Record:
        about = {"erasure": erasure.erasure_id, "child": erasure.child, "ground": erasure.ground.value}
        return self._writer(now).write(
            RecordKind.ERASURE, about=erasure.erasure_id, disclosed={}, internal={**about, **internal}
        )

    def _writer(self, now: datetime) -> RecordWriter:
        """What writes records that outlive the child's key: ids and counts alone."""
        sealer = Sealer(self._keys.secret(PARTNERSHIP), self._ids.random)
        return RecordWriter(sealer, self._keys.secret("log"), self._ids.in_order, now)


def _told(act: SignedErasure) -> Mapping[str, Any]:
    return {
        "step": act.act.value,
        "person": act.person,
        "role": act.role,
        "signature": act.signature,
        "signed_at": int(act.at.timestamp()),
    }


def _waits(erasure: Erasure, now: datetime) -> bool:
    """Whether a second person may still confirm it."""
    return erasure.is_proposed and now < erasure.proposed_at + STANDS_FOR


def _means(records: Collection[ChildId], known: KnownChild) -> bool:
    return bool(set(records) & set(known.members))


def _refuse(act: SignedErasure, *, code: str, remedy: str, **detail: str) -> CannotEraseError:
    what = CannotEraseError.codes[code].rstrip(".")
    stands = f" ({detail['stands']})" if "stands" in detail else ""
    return CannotEraseError(
        f"{what}{stands}; nothing was changed", code=code, remedy=remedy, detail={"role": act.role, **detail}
    )
