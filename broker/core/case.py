"""One event about one child with its verdict, cut for every candidate."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from broker.core.ask import Gathered
from broker.core.candidates import Candidate
from broker.core.content import Content
from broker.core.minimise import SILENCING, Cut, Reader, minimise
from broker.core.sealing import Sealer
from contracts.delivery import Delivery, Value
from contracts.events.mash import InformationRequested
from contracts.question import Question
from contracts.verdict import CandidateVerdict, Reason, Verdict
from contracts.words import ChildId, DeliveryId, Effect, EventId, Grade, Operation, RecipientId

NOTHING_LEFT = "minimise.nothing_left"


@dataclass(frozen=True, slots=True)
class Tools:
    """What settling needs from outside, as plain callables: chance, identifiers, secrets and the agreement's clocks.

    ``sealer``: under the child's key. ``secret``: the exchange's secret for one purpose. ``due``: clock code, hours
    and start give the deadline. ``deciders``: the roles that may answer a code. ``opens_by``: until when a school
    must have opened what comes at a moment; none where it has no such day.
    """

    sealer: Sealer
    new_id: Callable[[], str]
    id_in_order: Callable[[], str]
    secret: Callable[[str], bytes]
    due: Callable[[str, int, datetime], datetime]
    deciders: Callable[[str], tuple[str, ...]]
    opens_by: Callable[[RecipientId, datetime], datetime | None]


@dataclass(frozen=True, slots=True)
class Earlier:
    """The last delivery of an event that was made for one recipient, whether or not it left."""

    delivery_id: DeliveryId
    revision: int


@dataclass(frozen=True, slots=True)
class Case:
    """One event about one child, the verdict on it, and what went before.

    ``contact``: whom to ask for what is kept back. ``earlier``: the last delivery of this event that was made for each
    recipient; ``given``: the values of the last that left and still stands; ``said``: the last word, sent or about to
    be. ``child``: the identity record of the event; ``known_as``: the one under which the child is known.
    """

    gathered: Gathered
    question: Question
    verdict: Verdict
    content: Content
    child: ChildId
    known_as: ChildId
    facts_version: int
    contact: str
    now: datetime
    asked_again: str = ""
    earlier: Mapping[RecipientId, Earlier] = field(default_factory=dict)
    given: Mapping[RecipientId, Sequence[Value]] = field(default_factory=dict)
    said: Mapping[RecipientId, Delivery] = field(default_factory=dict)

    @property
    def event_id(self) -> EventId:
        """The event."""
        return EventId(self.gathered.envelope.id)

    @property
    def grade(self) -> Grade:
        """The urgency that was asked about."""
        return self.question.event.grade.value


@dataclass(frozen=True, slots=True)
class Leg:
    """One candidate's part: its verdict as it stands once the event is cut, and what is left for it."""

    candidate: Candidate
    verdict: CandidateVerdict
    cut: Cut | None


def cut_legs(case: Case) -> tuple[Leg, ...]:
    """Cut the event for every share; where nothing is left, the decision is to withhold."""
    told = [
        candidate.entry.name
        for candidate, verdict in zip(case.gathered.candidates, case.verdict.decisions, strict=True)
        if verdict.effect is Effect.SHARE
    ]
    return tuple(
        _leg(case, candidate, verdict, told)
        for candidate, verdict in zip(case.gathered.candidates, case.verdict.decisions, strict=True)
    )


def _leg(case: Case, candidate: Candidate, verdict: CandidateVerdict, told: Sequence[str]) -> Leg:
    if verdict.effect is not Effect.SHARE:
        return Leg(candidate, verdict, None)
    others = tuple(name for name in told if name != candidate.entry.name)
    reader = Reader(candidate.entry.kind, case.contact, others, is_silenced=_is_silenced(case))
    cut = minimise(case.content, verdict, reader)
    if not cut.is_empty or _is_asking(case):
        return Leg(candidate, verdict, cut)
    bars = (*verdict.bars, Reason(code=NOTHING_LEFT))
    changes = {"effect": Effect.WITHHOLD, "bars": bars, "obligations": (), "free_text": False}
    return Leg(candidate, verdict.model_copy(update=changes), None)


def _is_asking(case: Case) -> bool:
    """Whether this is a request itself, which need tell nothing to whoever made it."""
    is_request = case.question.event.type == InformationRequested.event_type
    return is_request and case.question.operation is Operation.ANSWER


def _is_silenced(case: Case) -> bool:
    standing = {each.restriction for each in case.question.child.restrictions} | set(case.question.event.restrictions)
    return not SILENCING.isdisjoint(standing)
