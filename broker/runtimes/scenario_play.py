"""Plays a case: sends its reports, lets people answer and open, and sees what came of each step."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from broker.core.errors import MashError
from broker.core.outcome import Decision, StoredEvent, TaskQuestion
from broker.runtimes.as_json import plain
from broker.runtimes.scenario_events import Writer
from broker.runtimes.scenario_files import find
from broker.runtimes.scenario_format import (
    AboutChild,
    DecideStep,
    EventStep,
    OpenStep,
    RequestStep,
    Told,
    WaitStep,
)
from broker.runtimes.scenario_world import World
from broker.services.read import ReadRefusedError
from contracts.canonical import canonical
from contracts.delivery import Delivery
from contracts.reply import Reply
from contracts.words import ChildId, EventId

AnyStep = EventStep | DecideStep | OpenStep | RequestStep | WaitStep


@dataclass(frozen=True, slots=True)
class Sent:
    """One report as it was sent: its event id (empty where it never left), who sent what, and what the edge kept."""

    event_id: str
    text: str
    kept_at_edge: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Seen:
    """What came of one step.

    ``decisions`` and ``held``: the latest for each recipient; ``held`` is what stands in its own records.
    """

    event: StoredEvent | None
    sent: Sent | None
    decisions: Mapping[str, Decision]
    held: Mapping[str, Delivery]
    questions: tuple[TaskQuestion, ...]
    replies: tuple[Reply, ...]
    children: Mapping[str, ChildId]
    refused: str = ""
    shown: str = ""


@dataclass(slots=True)
class Past:
    """What was told so far: by step name, by agency's record, whose records each child's name means, every text."""

    sent: dict[str, Sent] = field(default_factory=dict)
    records: dict[tuple[str, ...], str] = field(default_factory=dict)
    children: dict[str, ChildId] = field(default_factory=dict)
    texts: list[str] = field(default_factory=list)

    def copy(self) -> "Past":
        """The same, to go on from."""
        return Past(dict(self.sent), dict(self.records), dict(self.children), list(self.texts))


@dataclass(slots=True)
class Play:
    """One case under way."""

    world: World
    writer: Writer
    past: Past = field(default_factory=Past)

    def tell(self, told: Told) -> Sent:
        """Send one report and do everything that follows."""
        name = told.name or f"record-{len(self.past.texts) + 1}"
        self.world.clock.moment = told.at
        self.world.runtime.beat()
        report = self.writer.write(told, record=name)
        summary = self.world.send(report).as_json()
        self.world.settle(told.at)
        found = [str(each) for each in cast("list[Any]", summary.get("event_ids", []))]
        kept = cast("Mapping[str, Any]", summary.get("kept_at_edge") or summary.get("kept") or {})
        record = (report.agency, *(str(report.content[part]) for part in ("type", "native_key", "native_version")))
        event_id = self.past.records.setdefault((*record, report.child_reference), found[0] if found else "")
        text = f"{report.agency} {canonical(dict(report.content)).decode()}"
        sent = Sent(event_id, text, tuple(str(code) for code in kept))
        self.past.texts.append(sent.text)
        self.past.sent[name] = sent
        self._remember_child(told, event_id)
        return sent

    def step(self, step: AnyStep) -> Seen:
        """Play one step and see what came of it.

        Raises:
            ScenarioError: the step names something that is not there.
        """
        heard = len(self.world.post.heard)
        refused, shown, sent = "", "", None
        match step:
            case EventStep():
                sent = self.tell(step)
            case DecideStep():
                sent, refused = self._decide(step)
            case OpenStep():
                refused, shown = self._open(step)
            case RequestStep():
                sent, refused = self._request(step)
            case WaitStep():
                self.world.settle(step.wait)
        if step.of is not None:
            sent = self._named(step.of)
        return self._seen(sent, heard, refused, shown)

    def _decide(self, step: DecideStep) -> tuple[Sent, str]:
        self.world.clock.moment = step.at
        self.world.runtime.beat()
        question = self._question(step)
        refused = ""
        try:
            self.world.answer(question.question_id, role=step.by, granted=step.granted, reason=step.reason)
        except MashError as error:
            refused = error.code
        self.world.settle(step.at)
        text = next((each.text for each in self.past.sent.values() if each.event_id == question.event_id), "")
        return Sent(question.event_id or "", text), refused

    def _question(self, step: DecideStep) -> TaskQuestion:
        event_id = self._named(step.of).event_id if step.of else None
        open_now = self._open_questions()
        for question in open_now:
            fits = question.code == step.decide and step.recipient in {None, question.recipient}
            if fits and step.scope in {None, question.scope} and event_id in {None, question.event_id}:
                return question
        return find({f"{q.code} for {q.recipient}": q for q in open_now}, step.decide, what="open question")

    def _open(self, step: OpenStep) -> tuple[str, str]:
        self.world.settle(step.at)
        try:
            view = self.world.runtime.desk.view(self._full_name(step.open), self.world.signed_in(step.by))
        except ReadRefusedError as error:
            return str(error.detail.get("reason", error.code)), ""
        except MashError as error:
            return error.code, ""
        finally:
            self.world.settle(step.at)
        return "", canonical(plain(view)).decode()

    def _request(self, step: RequestStep) -> tuple[Sent, str]:
        self.world.settle(step.at)
        who = self.world.signed_in(step.by)
        self.past.texts.append(step.grounds)
        try:
            made = self.world.runtime.request(
                self._full_name(step.request),
                who,
                purpose=step.purpose,
                what=step.what,
                grounds=step.grounds,
                asked_of=step.asked_of,
                under=step.under,
            )
        except MashError as error:
            return Sent("", step.grounds), error.code
        sent = Sent(str(made.event_id), step.grounds)
        self.past.sent[step.name or f"record-{len(self.past.texts)}"] = sent
        return sent, ""

    def _seen(self, sent: Sent | None, heard: int, refused: str, shown: str) -> Seen:
        journal = self.world.runtime.hub.journal
        event_id = EventId(sent.event_id) if sent else EventId("")
        decisions = {str(each.recipient): each for each in journal.decisions(event_id)} if sent else {}
        return Seen(
            event=journal.event(event_id) if event_id else None,
            sent=sent,
            decisions=decisions,
            held=self._held(event_id) if event_id else {},
            questions=self._open_questions(),
            replies=tuple(self.world.post.heard[heard:]),
            children=dict(self.past.children),
            refused=refused,
            shown=shown,
        )

    def _held(self, event_id: EventId) -> dict[str, Delivery]:
        """The latest of this event in each recipient's own records."""
        found = {}
        for status in self.world.runtime.hub.journal.deliveries(event=event_id):
            recipient = str(status.delivery.recipient)
            for kept in self.world.kept_by(recipient):
                if kept.delivery.delivery_id == status.delivery.delivery_id:
                    found[recipient] = kept.delivery
        return found

    def _open_questions(self) -> tuple[TaskQuestion, ...]:
        return tuple(q for task in self.world.runtime.hub.journal.tasks() for q in task.questions)

    def _full_name(self, name: str) -> str:
        """The child as people ask for it."""
        child = find(self.writer.cast.children, name, what="child")
        return " ".join(part for part in (child.forenames, child.surname) if part)

    def _named(self, name: str) -> Sent:
        return find(self.past.sent, name, what="step")

    def _remember_child(self, told: Told, event_id: str) -> None:
        name = told.about.child if isinstance(told.about, AboutChild) else told.about
        event = self.world.runtime.hub.journal.event(EventId(event_id)) if event_id else None
        if event is not None and event.child is not None:
            self.past.children.setdefault(name, event.child)
