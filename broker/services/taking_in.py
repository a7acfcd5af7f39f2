"""Turns one authentic event into everything that its acceptance changes."""

from collections import deque
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from broker.core.ask import gravity, planned_until
from broker.core.candidates import nobody
from broker.core.facts import PROTECTING
from broker.core.identity import BEHIND_FIREWALL, Claim, Link, agency_link, claim
from broker.core.identity_acts import ActKind
from broker.core.learn import organisation_code
from broker.core.outcome import LastHeard, Outcome, StoredEvent, TaskQuestion
from broker.core.reasking import Trigger
from broker.core.sealing import Sealer
from broker.core.store_errors import KeyDestroyedError
from broker.core.tasks import owner_of
from broker.core.triggers import PLANNED_ARREST, triggers_of
from broker.ports.ids import Ids
from broker.ports.journal import Journal
from broker.ports.keys import Keys
from broker.ports.policy import Policy
from broker.ports.transport import Submitted
from broker.services.answering import as_asking
from broker.services.correct import CORRECTED, WITHDRAWN, Correcting
from broker.services.deciding import Asking, Decided, Deciding, Prepared, Subject
from broker.services.identify import Identified, Identify
from broker.services.identity_joining import FIREWALL, UNSURE, Grounds, Joining
from broker.services.open_questions import is_pattern, not_open_yet
from broker.services.stored_event import about_event, stored
from contracts.base import Model
from contracts.envelope import Envelope
from contracts.events.mash import InformationRequested, ReportWithdrawn
from contracts.events.police import NoticeKept
from contracts.payload import Payload
from contracts.reply import Reply
from contracts.verdict import Verdict
from contracts.words import ChildId, Effect, EventId, Grade, ReplyKind


@dataclass(frozen=True, slots=True)
class Arrival:
    """One authentic message with its envelope and content."""

    submitted: Submitted
    envelope: Envelope
    payload: Model


class TakingIn:
    """Identifies the child, learns, decides, and gives the whole outcome; commits only fresh keys and merges."""

    def __init__(self, journal: Journal, keys: Keys, policy: Policy, ids: Ids) -> None:
        """Take what it reads from."""
        self._journal = journal
        self._keys = keys
        self._policy = policy
        self._ids = ids
        self._spares: deque[ChildId] = deque()
        self._given: list[ChildId] = []
        self._identify = Identify(journal, keys, ids, self._new_child)
        self._deciding = Deciding(journal, keys, policy, ids)
        self._correcting = Correcting(journal, keys, policy, ids, self._deciding)
        self._joining = Joining(journal, keys, ids)

    def spare_children(self, needed: int) -> None:
        """Have that many child keys ready, durable before any commit that uses one."""
        self._given.clear()
        missing = needed - len(self._spares)
        if missing > 0:
            fresh = [ChildId(self._ids.new()) for _ in range(missing)]
            self._keys.create(fresh)
            self._spares.extend(fresh)

    def give_back_children(self) -> None:
        """Use again the keys that were taken since `spare_children`: nothing of it was stored."""
        self._spares.extendleft(reversed(self._given))
        self._given.clear()

    def outcome(self, arrival: Arrival, *, now: datetime) -> Outcome:
        """Everything that accepting this event changes; the caller holds the transaction.

        Raises:
            NoVerdictError: the policy gave no verdict; the event must be held.
        """
        if isinstance(arrival.payload, NoticeKept):
            return self._notice(arrival, arrival.payload, now)
        if isinstance(arrival.payload, ReportWithdrawn):
            return self.withdrawal(arrival, now=now)
        if not isinstance(arrival.payload, Payload):
            msg = f"events of type {arrival.envelope.type} are about no child"
            raise TypeError(msg)
        entry = self._policy.catalogue(arrival.envelope.type)
        claimed = self.claimed(arrival.envelope, arrival.payload)
        found = self._identified(claimed, now=now, keeps_names=entry.is_safeguarding)
        return self.about(arrival, arrival.payload, found, now=now)

    def claimed(self, envelope: Envelope, payload: Payload) -> Claim:
        """Whom a report says it is about."""
        secret = self._keys.secret("identity")
        return claim(envelope, payload, secret=secret, school=self._school(envelope, payload))

    def about(
        self, arrival: Arrival, payload: Payload, found: Identified, *, now: datetime, why: str = CORRECTED
    ) -> Outcome:
        """Everything that accepting this event as about that child changes; the caller holds the transaction.

        ``why``: for the record, where it stands in place of an earlier report.

        Raises:
            NoVerdictError: the policy gave no verdict.
        """
        known = self._correcting.known(arrival.envelope, found.known)
        subject = Subject(arrival.envelope, payload, known, now, is_unsure=found.is_unsure)
        prepared = self._deciding.prepare(subject, now=now)
        by = self._correcting.corrected_by(arrival.envelope)
        if by is not None:
            stays = tuple(fact for fact in prepared.learned if fact.kind in PROTECTING)
            prepared = replace(prepared, considered=nobody(prepared.entry, "corrected"), learned=stays)
        decided = self._deciding.decide(prepared, now=now) if prepared.considered.candidates else None
        whole = self._whole(arrival, found, prepared, decided, now)
        if whole.event is not None and by is not None:
            whole = replace(whole, event=replace(whole.event, corrected_by=by))
        return self._correcting.added(whole, prepared, now=now, why=why) if arrival.envelope.corrects else whole

    def apart(self, claimed: Claim, *, taken: tuple[Link, ...], not_its_own: Collection[Link]) -> Identified:
        """A new child, as a person has said; ``taken`` recognises it now, and no longer the other."""
        return self._identify.apart(claimed, taken=taken, not_its_own=not_its_own)

    def named_by(self, claims: Sequence[Claim], record: ChildId) -> Outcome | None:
        """What makes a record's child be called what these reports say, and nothing else."""
        change = self._identify.named_by(claims, record)
        return None if change is None else Outcome(identity=change)

    def ended(self, earlier: StoredEvent, *, by: EventId, now: datetime) -> Outcome:
        """That a report was about a different child: it teaches nothing, and whoever was told is told so."""
        return self._correcting.of_another(earlier, by=by, now=now)

    def _identified(self, claimed: Claim, *, now: datetime, keeps_names: bool) -> Identified:
        """The child; where two checked numbers of the report name two, these are made one first, on that evidence."""
        found = self._identify.run(claimed, now=now, keeps_names=keeps_names)
        if found.joins is None:
            return found
        evidence = tuple(sorted({kind for kind, _ in claimed.demographics.numbers}))
        grounds = Grounds(ActKind.MERGE, evidence)
        self._journal.commit(self._joining.joined(*found.joins, grounds, now=now))
        return self._identify.run(claimed, now=now, keeps_names=keeps_names)

    def check(self, envelope: Envelope) -> None:
        """Refuse what may not be taken in, whatever it says.

        Raises:
            EnvelopeError: it says that it corrects itself, or a report of another agency.
        """
        self._correcting.check(envelope)

    def requested(
        self, arrival: Arrival, request: InformationRequested, *, now: datetime, child: ChildId | None = None
    ) -> tuple[Outcome, Asking]:
        """What accepting a request changes. It teaches nothing about the child, nor how to recognise it.

        ``child``: whom it is about, where that is known for certain.

        Raises:
            NoVerdictError: the policy gave no verdict; the request must be held.
        """
        asking = as_asking(request, arrival.envelope, self._policy.directory())
        known = self._journal.known_child(child) if child is not None else None
        found = Identified(known, None) if known is not None else self._of_request(arrival, request, now)
        subject = Subject(arrival.envelope, request, found.known, now, is_unsure=found.is_unsure)
        prepared = self._deciding.prepare(subject, now=now, asking=asking)
        decided = self._deciding.decide(prepared, now=now, asking=asking) if prepared.considered.candidates else None
        outcome = self._whole(arrival, replace(found, doubt=None), prepared, decided, now)
        return outcome, asking

    def _of_request(self, arrival: Arrival, request: InformationRequested, now: datetime) -> Identified:
        claimed = claim(arrival.envelope, request, secret=self._keys.secret("identity"))
        found = self._identified(claimed, now=now, keeps_names=False)
        if found.change is None or not found.change.is_new:
            return replace(found, change=None)
        return replace(found, change=replace(found.change, links=()))

    def _whole(
        self, arrival: Arrival, found: Identified, prepared: Prepared, decided: Decided | None, now: datetime
    ) -> Outcome:
        event = self._event(arrival, found, prepared, now)
        triggers = self._triggers(prepared, now)
        heard = LastHeard(arrival.envelope.agency, arrival.envelope.source, now, arrival.envelope.sequence)
        if decided is None:
            questions = self._doubts((), found, event, now)
            return Outcome(
                event=event,
                facts=prepared.learned,
                identity=found.change,
                questions=questions,
                replies=(_accepted(arrival.envelope, now),),
                heard=heard,
                triggers=triggers,
            )
        settled = decided.settled
        patterns = not_open_yet(self._journal, [each for each in settled.questions if is_pattern(each)])
        others = [each for each in settled.questions if not is_pattern(each)]
        questions = self._doubts((*others, *patterns), found, event, now)
        return Outcome(
            event=event,
            decisions=settled.decisions,
            records=settled.records,
            deliveries=settled.deliveries,
            questions=(*questions, *not_open_yet(self._journal, decided.for_dpo)),
            facts=prepared.learned,
            identity=found.change,
            replies=self._replies(arrival.envelope, decided, now),
            heard=heard,
            asked=decided.asked,
            triggers=(*triggers, *self._deciding.follows(prepared.subject, prepared.facts, settled, now=now)),
        )

    def _triggers(self, prepared: Prepared, now: datetime) -> tuple[Trigger, ...]:
        """What was decided before about the child and must be asked again; this event itself once an arrest is over."""
        known = prepared.subject.known
        found: tuple[Trigger, ...] = ()
        if known.has_safeguarding_event or prepared.entry.is_safeguarding:
            found = triggers_of(known.child, known.facts, prepared.learned, now=now)
            found = found if known.has_safeguarding_event else tuple(each for each in found if each.due > now)
        subject = prepared.subject
        not_before = planned_until(subject.payload, subject.received_at, prepared.directory)
        if not_before is not None and not_before > now:
            found = (*found, Trigger(known.child, PLANNED_ARREST, Grade.RED, not_before))
        return found

    def _event(self, arrival: Arrival, found: Identified, prepared: Prepared, now: datetime) -> StoredEvent:
        """The event as it is kept. While only relations are known of a child, its content is not."""
        known, entry = found.known, prepared.entry
        is_request = isinstance(arrival.payload, InformationRequested)
        keeps_content = entry.is_safeguarding or known.has_safeguarding_event
        level, grade = gravity(prepared.subject.payload, entry, prepared.facts, arrival.envelope.id)
        event = stored(arrival.submitted, arrival.envelope, now=now, grade=grade.value, level=level.value)
        about = about_event(event.event_id)
        return replace(
            event,
            sealed=prepared.sealer.seal(arrival.submitted.event.data, about=about) if keeps_content else b"",
            child=known.child,
            is_safeguarding=entry.is_safeguarding and not is_request,
            considered=tuple(each.recipient for each in prepared.considered.candidates),
            not_considered=prepared.considered.not_considered,
        )

    def _notice(self, arrival: Arrival, notice: NoticeKept, now: datetime) -> Outcome:
        """That a force kept a report: linked to a child it is known by, else waiting, uncounted. Nobody is told."""
        envelope = arrival.envelope
        link = agency_link(self._keys.secret("identity"), envelope.agency, notice.subject)
        return self._untold(arrival, self._journal.linked_children((link,)).get(link), now)

    def withdrawal(self, arrival: Arrival, *, now: datetime, why: str = WITHDRAWN) -> Outcome:
        """That a report does not hold: whoever was told it is told so. It is about the child of that report."""
        corrects = arrival.envelope.corrects
        earlier = self._journal.event(EventId(corrects)) if corrects else None
        child = earlier.child if earlier is not None else None
        return self._correcting.withdrawn(self._untold(arrival, child, now), now=now, why=why)

    def _untold(self, arrival: Arrival, child: ChildId | None, now: datetime) -> Outcome:
        """An event that is itself told to nobody, kept under the child's key where there is one."""
        envelope = arrival.envelope
        entry = self._policy.catalogue(envelope.type)
        try:
            key = self._keys.secret("partnership") if child is None else self._keys.child_key(child)
        except KeyDestroyedError:
            key, child = self._keys.secret("partnership"), None
        event = stored(arrival.submitted, envelope, now=now, grade=entry.grade, level=entry.level)
        about = about_event(event.event_id)
        sealed = Sealer(key, self._ids.random).seal(arrival.submitted.event.data, about=about)
        return Outcome(
            event=replace(event, sealed=sealed, child=child, is_safeguarding=False),
            replies=(_accepted(envelope, now),),
            heard=LastHeard(envelope.agency, envelope.source, now, envelope.sequence),
        )

    def _replies(self, envelope: Envelope, decided: Decided, now: datetime) -> tuple[Reply, ...]:
        replies = [_accepted(envelope, now)]
        replies.extend(self._corrections(envelope, decided.verdict, now))
        if all(each.effect is Effect.WITHHOLD for each in decided.settled.decisions):
            code = _shown_to_sender(decided)
            text = self._policy.words(code).message if code else ""
            replies.append(_reply(envelope, ReplyKind.RETURNED, now, code=code, text=text))
        return tuple(replies)

    def _corrections(self, envelope: Envelope, verdict: Verdict, now: datetime) -> list[Reply]:
        """Where the sender claimed a basis that does not hold, the right one."""
        wrong = [warning for warning in verdict.warnings if "claimed" in warning.detail]
        return [
            _reply(
                envelope,
                ReplyKind.BASIS_CORRECTED,
                now,
                code=warning.code,
                path="claims",
                text=f"{self._policy.words(warning.code).message}. Right: {warning.detail.get('right', '')}",
            )
            for warning in {warning.code: warning for warning in wrong}.values()
        ]

    def _doubts(
        self, questions: Sequence[TaskQuestion], found: Identified, event: StoredEvent, now: datetime
    ) -> tuple[TaskQuestion, ...]:
        """Say whom a doubtful event may be about in the question that the policy asks, or in one of its own.

        Nobody is asked twice about one provisional child, nor about children of whom only relations are known. Where an
        adoption stands in between, the gatekeeper is asked, and not told of which child; nobody else learns of it.
        """
        if found.doubt is None:
            return tuple(questions)
        if found.doubt.why == BEHIND_FIREWALL:
            return self._for_gatekeeper(questions, found, event, now)
        detail = {"why": found.doubt.why, "candidates": list(found.doubt.candidates)}
        if any(each.code == UNSURE for each in questions):
            return tuple(
                replace(each, detail={**each.detail, **detail}) if each.code == UNSURE else each for each in questions
            )
        if found.change is None or not (event.is_safeguarding or self._matters(found.doubt.candidates)):
            return tuple(questions)
        return (*questions, self._who_is_it(UNSURE, found, event, now, detail))

    def _for_gatekeeper(
        self, questions: Sequence[TaskQuestion], found: Identified, event: StoredEvent, now: datetime
    ) -> tuple[TaskQuestion, ...]:
        asked = any(each.code == FIREWALL for each in self._journal.open_questions(found.known.child))
        if asked or not event.is_safeguarding:
            return tuple(questions)
        return (*questions, self._who_is_it(FIREWALL, found, event, now, {}))

    def _who_is_it(
        self, code: str, found: Identified, event: StoredEvent, now: datetime, detail: dict[str, Any]
    ) -> TaskQuestion:
        return TaskQuestion(
            question_id=self._ids.new(),
            child=found.known.child,
            code=code,
            owner=owner_of(code, self._policy.deciders),
            deadline=self._policy.due(event.grade.value, 0, now),
            grade=event.grade,
            event_id=event.event_id,
            detail=detail,
        )

    def _matters(self, candidates: Sequence[ChildId]) -> bool:
        known = (self._journal.known_child(each) for each in candidates)
        return any(each is not None and each.has_safeguarding_event for each in known)

    def _school(self, envelope: Envelope, payload: Payload) -> str:
        """The school that vouches for the child, or that the sender names."""
        for name in ("establishment", "school"):
            place = getattr(payload, name, None)
            if place is not None:
                return organisation_code(place)
        agency = self._policy.directory().agencies.get(envelope.agency)
        return agency.organisation if agency is not None else ""

    def _new_child(self) -> ChildId:
        if not self._spares:
            self.spare_children(1)
        self._given.append(self._spares.popleft())
        return self._given[-1]


def _shown_to_sender(decided: Decided) -> str:
    """The first bar whose reason the sender may see; empty where it may see none."""
    for decision in decided.settled.decisions:
        hidden = {
            each.code for each in decision.verdict.visibility if each.audience == "sender" and each.show != "show"
        }
        for bar in decision.verdict.bars:
            if bar.code not in hidden:
                return bar.code
    return ""


def _accepted(envelope: Envelope, now: datetime) -> Reply:
    return _reply(envelope, ReplyKind.ACCEPTED, now)


def _reply(
    envelope: Envelope, kind: ReplyKind, now: datetime, *, code: str = "", path: str = "", text: str = ""
) -> Reply:
    return Reply(
        agency=envelope.agency,
        kind=kind,
        event_id=envelope.id,
        source=envelope.source,
        sequence=envelope.sequence,
        code=code,
        path=path,
        text=text,
        at=now,
    )
