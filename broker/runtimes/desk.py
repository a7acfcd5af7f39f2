"""What people do at the exchange: open views, ask why, ask for more, decide."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from broker.core.assignment import EVER, opens_since
from broker.core.facts import KnownChild
from broker.core.feeds import last_heard
from broker.core.incidents import HOLDS_NOTHING, WORDS
from broker.core.outcome import Task, TaskQuestion
from broker.core.partnership import RecipientEntry
from broker.core.settle import pseudonym
from broker.core.visible import Audience
from broker.ports.clock import Clock
from broker.recipient.receive import note_opened
from broker.recipient.store import Kept
from broker.recipient.told import came_since, last_told
from broker.recipient.view import build_view
from broker.runtimes.compared import side_by_side
from broker.runtimes.lookup import DeskError, find_child, find_event, name_known, the_one
from broker.runtimes.notices import TakenBack, acknowledge_notice, taken_back
from broker.runtimes.people import SignedIn
from broker.runtimes.post import RecipientSide
from broker.runtimes.reports import ReportRow, reports
from broker.runtimes.views import Answered, FeedHeard, OpenView, Waiting
from broker.runtimes.wiring import Hub
from broker.services.asked_for import request_behind
from broker.services.explain import ASK_THE_MASH_CODE, Caller, Explanation, explain, in_words
from broker.services.identity_joining import UNSURE
from broker.services.read import Reader, ReadRefusedError, ReadServices, read
from broker.services.request import Requested
from broker.services.whose_to_decide import is_theirs
from contracts.words import AgencyId, ChildId, DeliveryId, Effect, EventId, RecipientId, RecipientKind
from policies.engine import Engine
from policies.engine.errors import UnknownInPolicyError

SEES_EVERY_LEG: Mapping[str, Audience] = {
    "data_protection_officer": "dpo",
    "mash_manager": "mash",
    "mash_practitioner": "mash",
    "duty_manager": "mash",
}


@dataclass(frozen=True, slots=True)
class ChildRow:
    """One child in a recipient's list."""

    child: str
    name: str
    birth_date: str
    last_report: str
    reports: int
    unread: int


class Desk:
    """Serves people who have signed in. Everything they open is asked of the policy and recorded."""

    def __init__(self, hub: Hub, engine: Engine, recipients: Mapping[str, RecipientSide], clock: Clock) -> None:
        """Serve from these."""
        self._hub = hub
        self._engine = engine
        self._recipients = recipients
        self._clock = clock

    def children(self, who: SignedIn) -> Sequence[ChildRow]:
        """The children about whom something was shared with this person's recipient, latest first.

        Raises:
            DeskError: the role has no records of its own.
        """
        side = self._side(who)
        views = [(child, build_view(child, side.store.deliveries(child))) for child in side.store.children()]
        return [
            ChildRow(
                child=child,
                name=view.name,
                birth_date=view.birth_date,
                last_report=view.timeline[-1].occurred_at if view.timeline else "",
                reports=len(view.timeline),
                unread=view.unread,
            )
            for child, view in views
        ]

    def view(self, wanted: str, who: SignedIn) -> OpenView:
        """Open one child's view, if the policy lets this person; the opening is recorded either way.

        Raises:
            DeskError: nobody, or more than one child, fits.
            ReadRefusedError: the case is not theirs.
        """
        side = self._side(who)
        pseudonym_of_child = find_child(side, wanted)
        child = self._child(side, pseudonym_of_child)
        known = self._hub.journal.known_child(child)
        entry = self._entry(who)
        now = self._clock.now()
        kept = self._theirs(known, entry, side.store.deliveries(pseudonym_of_child), now)
        reader = Reader(who.person, who.role, entry, self._agency(entry), is_assigned=bool(kept))
        read(child, reader, self._read_services())
        view = build_view(pseudonym_of_child, kept)
        note_opened(side.store, side.keys, side.recipient, kept, role=who.role, now=now)
        return OpenView(
            view=view,
            person=who.name,
            role=who.role,
            recipient=entry.recipient,
            recipient_name=entry.name,
            now=now,
            feeds=self.feeds(),
            waiting=tuple(self._waiting_about(child, who)),
            titles={m.event_type: self._title(m.event_type) for m in view.timeline},
        )

    def corrections(self, who: SignedIn) -> Sequence[TakenBack]:
        """What this person's recipient was told to correct or disregard, what waits to be acknowledged first.

        Raises:
            DeskError: the role has no records of its own.
        """
        return taken_back(self._side(who))

    def acknowledge(self, notice: str, who: SignedIn) -> TakenBack:
        """Say, signed, that this person's role has acted on one correction; the start of its id is enough.

        Raises:
            DeskError: the role has no records of its own.
            NoticeError: none, or more than one, correction begins like that.
        """
        return acknowledge_notice(self._side(who), notice, role=who.role, now=self._clock.now())

    def explain(self, event: str, who: SignedIn) -> Explanation:
        """Explain one report as far as this person may know; the start of its id, or of its timeline entry, is enough.

        Raises:
            DeskError: more than one report begins like that.
            UnknownEventError: none does, or none that concerns them.
        """
        audience = SEES_EVERY_LEG.get(who.role, "recipient")
        caller = Caller(audience, recipient=RecipientId(who.recipient) if audience == "recipient" else None)
        return explain(self.find_report(event, who), caller, journal=self._hub.journal, policy=self._hub.policy)

    def answered(self, made: Requested, who: SignedIn) -> Answered:
        """What whoever made a request may know of what became of it: what they may have explained, and no more."""
        audience, policy = SEES_EVERY_LEG.get(who.role, "recipient"), self._hub.policy
        waiting = [
            each.event_id
            for each in made.answers
            if each.effect is Effect.SHARE
            if any(said.code != ASK_THE_MASH_CODE for said in in_words(each, audience, policy).needs_a_person)
        ]
        return Answered(made.event_id, in_words(made.decision, audience, policy), tuple(dict.fromkeys(waiting)))

    def reports(self, who: SignedIn) -> Sequence[ReportRow]:
        """Every report that came in, for whoever may have each of them explained.

        Raises:
            DeskError: the role sees its own records only.
        """
        if who.role not in SEES_EVERY_LEG:
            msg = f"the role {who.role} has only what was shared with it explained"
            raise DeskError(msg, code="explain.name_a_report", remedy="name one, as the timeline of mash view shows it")
        return reports(self._hub)

    def tasks(self, who: SignedIn) -> Sequence[Waiting]:
        """Open questions that this person's role may answer, most pressing first, those of one task together."""
        return [
            self._waiting(task, question, who)
            for task in self._hub.journal.tasks()
            for question in task.questions
            if self._may_answer(question, who)
        ]

    def open_task(self, task: str, who: SignedIn) -> Sequence[Waiting]:
        """Every open question of the one task, or the one question, whose id begins so.

        Where it asks who a child is, with the evidence side by side; that is opening a record, and recorded as such.
        Where a request led to it, with the grounds that were given.

        Raises:
            DeskError: none that this role may answer, or more than one task.
        """
        waiting = self.tasks(who)
        found = [w for w in waiting if w.task_id.startswith(task)] or [
            w for w in waiting if w.question_id.startswith(task)
        ]
        the_task = the_one(sorted({w.task_id for w in found}), task)
        return [self._with_grounds(self._with_evidence(w, who)) for w in waiting if w.task_id == the_task]

    def _with_grounds(self, waiting: Waiting) -> Waiting:
        hub = self._hub
        asking = request_behind(EventId(waiting.event_id), RecipientId(waiting.recipient), hub.journal, hub.keys)
        return waiting if asking is None or asking.request is None else replace(waiting, grounds=asking.request.grounds)

    def _with_evidence(self, waiting: Waiting, who: SignedIn) -> Waiting:
        side = self._recipients.get(who.recipient)
        if waiting.code != UNSURE or side is None:
            return waiting
        (question,) = (
            question
            for task in self._hub.journal.tasks()
            for question in task.questions
            if question.question_id == waiting.question_id
        )
        return replace(waiting, compare=side_by_side(side, self._hub, question, lambda child: self._opens(child, who)))

    def _opens(self, child: ChildId, who: SignedIn) -> bool:
        """Whether the policy lets this person see of the child what their task is about; recorded either way."""
        entry = self._entry(who)
        reader = Reader(who.person, who.role, entry, self._agency(entry), is_assigned=True)
        try:
            read(child, reader, self._read_services())
        except ReadRefusedError:
            return False
        return True

    def find_question(self, question: str, who: SignedIn) -> Waiting:
        """The one open question whose id begins so.

        Raises:
            DeskError: none, or more than one, that this role may answer.
        """
        waiting = {w.question_id: w for w in self.tasks(who)}
        return waiting[the_one([known for known in waiting if known.startswith(question)], question)]

    def find_child(self, wanted: str, who: SignedIn) -> ChildId:
        """The child that this person means.

        Raises:
            DeskError: nobody, or more than one child, fits.
        """
        side = self._side(who)
        return self._child(side, find_child(side, wanted))

    def find_report(self, start: str, who: SignedIn) -> EventId:
        """The one report whose id, or whose entry in this person's timeline, begins so.

        Raises:
            DeskError: more than one does.
        """
        return find_event(self._hub.journal, self._recipients.get(who.recipient), start)

    def feeds(self) -> tuple[FeedHeard, ...]:
        """When each agency was last heard, by the partnership's directory."""
        heard, expected = last_heard(self._hub.journal.feeds()), self._hub.feeds_expected()
        return tuple(
            FeedHeard(
                a.agency, a.name, heard.get(a.agency), a.silent_after_hours, a.does_not_cover, expected.get(a.agency)
            )
            for a in self._hub.policy.directory().agencies.values()
        )

    def roles(self) -> Sequence[str]:
        """Every role that somebody may hold, as ROLE@RECIPIENT, and the partnership's own."""
        held = [f"{role}@{r.id}" for a in self._engine.agreements for r in a.recipients for role in r.roles]
        deciders = {role for a in self._engine.agreements for roles in a.approvals.values() for role in roles}
        at_recipients = {role.partition("@")[0] for role in held}
        return [
            *dict.fromkeys(held),
            *sorted(deciders - at_recipients | {"data_protection_officer", "senior_information_risk_owner", "auditor"}),
        ]

    def _side(self, who: SignedIn) -> RecipientSide:
        side = self._recipients.get(who.recipient)
        if side is None:
            msg = f"the role {who.role} has no records of its own to open"
            raise DeskError(msg, code="view.no_records", remedy="use mash explain, or a role at a recipient")
        return side

    def _entry(self, who: SignedIn) -> RecipientEntry:
        return self._hub.policy.directory().recipients[RecipientId(who.recipient)]

    def _agency(self, entry: RecipientEntry) -> AgencyId:
        try:
            return AgencyId(self._engine.recipient(entry.recipient).agency)
        except UnknownInPolicyError:
            return AgencyId(entry.recipient)

    def _read_services(self) -> ReadServices:
        hub = self._hub
        return ReadServices(hub.journal, hub.keys, hub.policy, self._clock, hub.ids)

    def _child(self, side: RecipientSide, wanted: str) -> ChildId:
        secret = self._hub.keys.secret(f"delivery:{side.recipient}")
        met: set[ChildId] = set()
        for delivery_id in side.store.ids(wanted):
            status = self._hub.journal.delivery(DeliveryId(delivery_id))
            if status is None or status.delivery.child in met:
                continue
            met.add(status.delivery.child)
            known = self._hub.journal.known_child(status.delivery.child)
            if known is not None and pseudonym(secret, known.standing) == wanted:
                return known.standing
        msg = "no child of that reference is known"
        raise DeskError(msg, code="view.unknown_child", remedy="see mash children for whom you may open")

    def _theirs(
        self, known: KnownChild | None, entry: RecipientEntry, kept: Sequence[Kept], now: datetime
    ) -> Sequence[Kept]:
        """What of a recipient's records of a child is its business now; nothing, where the child is not."""
        if known is None:
            return ()
        is_hub = entry.kind is RecipientKind.MASH_CORE
        since = opens_since(
            known,
            entry,
            told=self._hub.journal.last_report(known.child) if is_hub else last_told(kept),
            has_open_question=any(task.child == known.standing for task in self._hub.journal.tasks()),
            health_visitors=self._hub.policy.directory().health_visitor_by_practice,
            now=now,
        )
        return kept if since == EVER else came_since(kept, since)

    def _title(self, event_type: str) -> str:
        return self._hub.policy.catalogue(event_type).title

    def _waiting_about(self, child: ChildId, who: SignedIn) -> Iterator[Waiting]:
        for task in self._hub.journal.tasks():
            if task.child == child:
                yield from (self._waiting(task, q, who) for q in task.questions if self._may_know(q, who))

    def _may_answer(self, question: TaskQuestion, who: SignedIn) -> bool:
        if question.owner != who.role and who.role not in self._hub.policy.deciders(question.code):
            return False
        places = {RecipientId(who.recipient)} if who.recipient else set()
        return is_theirs(question, places, self._hub.journal, self._hub.policy, now=self._clock.now())

    def _may_know(self, question: TaskQuestion, who: SignedIn) -> bool:
        audience = SEES_EVERY_LEG.get(who.role)
        may_read = audience is not None and audience not in self._hub.policy.words(question.code).hidden_from
        return may_read or self._may_answer(question, who)

    def _waiting(self, task: Task, question: TaskQuestion, who: SignedIn) -> Waiting:
        directory = self._hub.policy.directory()
        entry = directory.recipients.get(question.recipient) if question.recipient else None
        words = WORDS.get(question.code) or self._hub.policy.words(question.code).message
        about = entry.name if entry else question.detail.get("name", "") if question.code in HOLDS_NOTHING else ""
        event = self._hub.journal.event(question.event_id) if question.event_id else None
        return Waiting(
            task_id=task.task_id,
            question_id=question.question_id,
            words=f"{words} ({about})" if about else words,
            owner=question.owner,
            deadline=question.deadline,
            code=question.code,
            recipient=question.recipient or "",
            event_id=question.event_id or "",
            grade=question.grade.value,
            scope=question.scope,
            recipient_name=entry.name if entry else "",
            child=name_known(self._recipients.get(who.recipient), self._hub.keys, task.child),
            report=self._title(event.event_type) if event else "",
        )
