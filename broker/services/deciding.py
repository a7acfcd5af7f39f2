"""Gathers what is known, asks the policy once about every candidate, and settles; shared by whoever asks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from broker.core.ask import Gathered, ask, conditions, counted, gravity, seen
from broker.core.candidates import (
    Considered,
    Standing,
    consider,
    front_door_only,
    nobody,
    only_told,
    requested,
    with_old_address,
)
from broker.core.case import Case, Earlier, Tools
from broker.core.content import Content, content_of
from broker.core.facts import Fact, FactKind, KnownChild
from broker.core.guarded import guarded_facts, guarded_values
from broker.core.learn import Lesson, about_worker, learn, with_learned
from broker.core.outcome import TaskQuestion
from broker.core.partnership import CatalogueEntry, Directory
from broker.core.places import Located, locate
from broker.core.reasking import Trigger
from broker.core.sealing import Sealer, unseal
from broker.core.settle import Settled, settle
from broker.core.tasks import dpo_questions
from broker.core.triggers import told_of_what_came_to_nothing
from broker.ports.ids import Ids
from broker.ports.journal import DeliveryStatus, Journal
from broker.ports.keys import Keys
from broker.ports.policy import Policy
from broker.services.who_was_told import references_of, who_was_told
from contracts.canonical import read_json_object
from contracts.delivery import Delivery, Value
from contracts.envelope import Envelope
from contracts.leaves import leaves
from contracts.payload import Payload
from contracts.question import Approval, HistoryCount, RequestAsked
from contracts.verdict import Verdict
from contracts.words import (
    AgencyId,
    EventId,
    Operation,
    RecipientId,
    RelationKind,
)

HISTORY = timedelta(weeks=26)
_NOT_WHERE_THE_CHILD_LIVES = frozenset({RelationKind.FRONT_DOOR, RelationKind.POLICE, RelationKind.HOME_EDUCATION})


@dataclass(frozen=True, slots=True)
class Subject:
    """One event about one child.

    ``known``: what was known before the event was first taken in, by its own record. ``received_at``: when that was.
    """

    envelope: Envelope
    payload: Payload
    known: KnownChild
    received_at: datetime
    is_unsure: bool = False

    @property
    def event_id(self) -> EventId:
        """The event."""
        return EventId(self.envelope.id)


@dataclass(frozen=True, slots=True)
class Asking:
    """Why and about whom something is asked again; empty for the first time.

    ``only``: these recipients, by whatever relation; none means every candidate. ``shown_again``: what recipients are
    told of why, if not all of it. ``said``: by recipient, the last word, sent or about to be. ``is_parted``: whether
    what was taken for one child is now known to be two.
    """

    asked_again: str = ""
    only: frozenset[RecipientId] | None = None
    approvals: Sequence[Approval] = ()
    operation: Operation = Operation.SHARE
    request: RequestAsked | None = None
    requested_by: RecipientId | None = None
    earlier: Mapping[RecipientId, Earlier] = field(default_factory=dict)
    given: Mapping[RecipientId, Sequence[Value]] = field(default_factory=dict)
    said: Mapping[RecipientId, Delivery] = field(default_factory=dict)
    is_parted: bool = False


@dataclass(frozen=True, slots=True)
class Prepared:
    """An event with what it teaches and who is considered for it, before anything is asked."""

    subject: Subject
    entry: CatalogueEntry
    directory: Directory
    learned: tuple[Fact, ...]
    facts: tuple[Fact, ...]
    located: Located
    considered: Considered
    sealer: Sealer


@dataclass(frozen=True, slots=True)
class Decided:
    """What was settled, and from which verdict; what the data protection officer must hear; the question, sealed."""

    settled: Settled
    verdict: Verdict
    for_dpo: Sequence[TaskQuestion]
    asked: bytes


class Deciding:
    """Gather, ask, settle. Reads only; whoever uses it commits."""

    def __init__(self, journal: Journal, keys: Keys, policy: Policy, ids: Ids) -> None:
        """Take what it reads from."""
        self._journal = journal
        self._keys = keys
        self._policy = policy
        self._ids = ids

    def prepare(self, subject: Subject, *, now: datetime, asking: Asking | None = None) -> Prepared:
        """Learn from the event and find its candidates. Asked again, or a request, it teaches nothing new."""
        asking = asking or Asking()
        child, before = subject.known.child, subject.known.facts
        entry = self._policy.catalogue(subject.envelope.type)
        directory = self._policy.directory()
        sealer = Sealer(self._keys.child_key(child), self._ids.random)
        secret = self._keys.secret("identity")
        when = seen(subject.payload, before, now=now)
        records = subject.known.members
        located = locate(tuple(leaves(subject.payload)), before, when, child=child, secret=secret, records=records)
        lesson = Lesson(
            payload=subject.payload,
            child=child,
            event_id=subject.event_id,
            agency=subject.envelope.agency,
            agency_kind=subject.envelope.agency_kind,
            known=before,
            directory=directory,
            sealer=sealer,
            secret=secret,
            incident=subject.envelope.incident or "",
        )
        learned = () if asking.asked_again or asking.request is not None else _learned(lesson, located, entry, subject)
        facts = with_learned(before, learned)
        considered = self._considered(subject, entry, facts, located, now=now, asking=asking)
        return Prepared(subject, entry, directory, learned, facts, located, considered, sealer)

    def decide(self, prepared: Prepared, *, now: datetime, asking: Asking | None = None) -> Decided:
        """Ask the policy once about every candidate, and settle.

        Raises:
            NoVerdictError: the policy gave no verdict; nothing may leave.
        """
        asking, subject = asking or Asking(), prepared.subject
        gathered = self._gathered(prepared, asking, now)
        question = ask(gathered, now=now)
        verdict = self._policy.decide(question)
        case = Case(
            gathered=gathered,
            question=question,
            verdict=verdict,
            content=self.content(prepared),
            child=subject.known.child,
            known_as=subject.known.standing,
            facts_version=subject.known.version,
            contact=self._contact(prepared, now),
            now=now,
            asked_again=asking.asked_again,
            earlier=asking.earlier,
            given=asking.given,
            said=asking.said,
        )
        tools = self.tools(prepared.sealer)
        settled = settle(case, tools)
        about = about_question(settled.decisions[0].decision_id)
        asked = prepared.sealer.seal(question.model_dump_json().encode(), about=about)
        return Decided(settled, verdict, dpo_questions(case, tools), asked)

    def content(self, prepared: Prepared) -> Content:
        """What an event says, in parts, each known value beside those that give it away; guarded as it is today."""
        also_known = guarded_values(prepared.facts, self._keys.child_key)
        return content_of(prepared.subject.payload, prepared.located.leaves, also_known)

    def _history(self, prepared: Prepared, asking: Asking, now: datetime) -> tuple[HistoryCount, ...]:
        """What was told of the child lately, this event included: it may be the one that makes a pattern."""
        subject = prepared.subject
        before = tuple(self._journal.history(subject.known.child, now - HISTORY))
        if asking.asked_again or asking.request is not None or not prepared.entry.is_safeguarding:
            return before
        _, grade = gravity(subject.payload, prepared.entry, prepared.facts, subject.event_id)
        return (*before, counted(subject.envelope.type, subject.envelope.time, grade.value))

    def held_old_address(self, prepared: Prepared) -> frozenset[RecipientId]:
        """Who was given where the child was, where this event tells of a place that must be guarded."""
        if not (prepared.located.is_guarded and (prepared.located.has_moved or prepared.entry.brings_location)):
            return frozenset()
        return self._holders(prepared.subject, prepared.considered)

    def tools(self, sealer: Sealer) -> Tools:
        """What settling needs, from the ports."""
        return Tools(
            sealer=sealer,
            new_id=self._ids.new,
            id_in_order=self._ids.in_order,
            secret=self._keys.secret,
            due=self._policy.due,
            deciders=self._policy.deciders,
            opens_by=self._policy.opens_by,
        )

    def _gathered(self, prepared: Prepared, asking: Asking, now: datetime) -> Gathered:
        """All that is known, for the question."""
        subject = prepared.subject
        return Gathered(
            envelope=subject.envelope,
            payload=subject.payload,
            entry=prepared.entry,
            directory=prepared.directory,
            located=prepared.located,
            before=subject.known.facts,
            facts=prepared.facts,
            sender=self._policy.sender(AgencyId(subject.envelope.agency)),
            candidates=prepared.considered.candidates,
            received_at=subject.received_at,
            is_unsure=subject.is_unsure,
            history=self._history(prepared, asking, now),
            approvals=tuple(asking.approvals),
            operation=asking.operation,
            request=asking.request,
        )

    def _considered(
        self,
        subject: Subject,
        entry: CatalogueEntry,
        facts: Sequence[Fact],
        located: Located,
        *,
        now: datetime,
        asking: Asking,
    ) -> Considered:
        level, _ = gravity(subject.payload, entry, facts, subject.event_id)
        directory = self._policy.directory()
        standing = Standing(
            entry=entry,
            directory=directory,
            before=subject.known.facts,
            facts=facts,
            now=now,
            holds=conditions(subject.payload, facts, level, directory, now=now),
            requested_by=asking.requested_by,
        )
        if asking.request is not None and asking.requested_by is not None:
            return requested(standing, asking.requested_by, asking.request.purpose)
        if not entry.is_safeguarding and not subject.known.has_safeguarding_event:
            return nobody(entry, "no_safeguarding_event")
        if not entry.relations:
            return nobody(entry, "no_candidates")
        considered = front_door_only(standing, "identity_unsure") if subject.is_unsure else consider(standing)
        if entry.goes_to_those_told and not subject.is_unsure:
            considered = only_told(standing, considered, self._told(subject))
        if located.is_guarded and (located.has_moved or entry.brings_location):
            considered = with_old_address(considered, self._holders(subject, considered))
        if asking.only is None:
            return considered
        kept = tuple(each for each in considered.candidates if each.recipient in asking.only)
        return Considered(kept, considered.not_considered)

    def follows(
        self, subject: Subject, facts: Sequence[Fact], settled: Settled, *, now: datetime
    ) -> tuple[Trigger, ...]:
        """What must be asked again because somebody is told of a report that came to nothing before."""
        references = references_of(subject.envelope, subject.payload, self._keys)
        return told_of_what_came_to_nothing(subject.known.child, facts, references, settled.decisions, now=now)

    def _told(self, subject: Subject) -> frozenset[RecipientId]:
        """Who was told of what this event ends."""
        child, envelope = subject.known.child, subject.envelope
        return who_was_told(child, envelope, subject.payload, self._journal, self._keys)

    def _holders(self, subject: Subject, considered: Considered) -> frozenset[RecipientId]:
        """Who was given where the child was before this event told otherwise, or looked after the child there."""
        when = subject.payload.times.vouched
        before = {fact.key for fact in subject.known.facts if _stood_before(fact, subject)}
        given = {
            each.delivery.recipient
            for each in self._journal.deliveries(child=subject.known.child)
            if each.delivery.gives_location and (_is_on_its_way(each) or _left_before(each, when))
        }
        for candidate in considered.candidates:
            if candidate.relation in _NOT_WHERE_THE_CHILD_LIVES:
                continue
            if candidate.relation is RelationKind.HEALTH_VISITOR:
                looked_after = any(key.startswith(f"{RelationKind.GP}:") for key in before)
            else:
                looked_after = any(f"{candidate.relation}:{code}" in before for code in candidate.entry.organisations)
            if looked_after:
                given.add(candidate.recipient)
        return frozenset(given)

    def _contact(self, prepared: Prepared, now: datetime) -> str:
        """Whom to ask for what is kept back: the child's own worker where known, else the front door."""
        prefix = f"{RelationKind.ALLOCATED_WORKER}:"
        for fact in prepared.facts:
            if fact.key.startswith(prefix) and fact.sealed and fact.holds_at(now):
                key = self._keys.child_key(fact.child)
                who = read_json_object(unseal(key, fact.sealed, about=about_worker(fact.child, fact.key)))
                return ", ".join(part for part in (str(who["name"]), str(who["phone"])) if part)
        door = prepared.directory.recipients[prepared.directory.front_door]
        return ", ".join(part for part in (door.name, door.phone) if part)


def _learned(lesson: Lesson, located: Located, entry: CatalogueEntry, subject: Subject) -> tuple[Fact, ...]:
    """What the event teaches; names and addresses to guard only once there is more to the child than relations."""
    learned = learn(lesson, located.places)
    if entry.is_safeguarding or subject.known.has_safeguarding_event:
        return (*learned, *guarded_facts(lesson, located.leaves))
    return learned


def _is_on_its_way(status: DeliveryStatus) -> bool:
    """Whether a first word about a report is about to leave; what is told anew tells nobody where the child was."""
    return status.released_at is None and not status.is_superseded and not status.is_anew


def _left_before(status: DeliveryStatus, when: datetime) -> bool:
    return status.released_at is not None and status.released_at < when


def _stood_before(fact: Fact, subject: Subject) -> bool:
    """Whether a relation began before the day of the event; asked again, what the event itself taught is known."""
    if fact.kind is not FactKind.RELATION or fact.source_event == subject.event_id:
        return False
    return fact.since is None or fact.since.date() < subject.envelope.time.date()


def about_question(decision_id: str) -> str:
    """What a sealed question is bound to: the first decision it led to."""
    return f"asked:{decision_id}"
