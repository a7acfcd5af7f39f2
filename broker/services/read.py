"""Opening a child's view: asked of the policy like a share, and recorded whether or not it is allowed."""

from dataclasses import dataclass
from typing import ClassVar

from broker.core.ask import child_read
from broker.core.errors import MashError
from broker.core.outcome import Outcome, Record, RecordKind, TaskQuestion
from broker.core.partnership import RecipientEntry
from broker.core.records import RecordWriter
from broker.core.sealing import Sealer
from broker.core.tasks import DPO, TELL_DPO
from broker.ports.clock import Clock
from broker.ports.ids import Ids
from broker.ports.journal import Journal
from broker.ports.keys import Keys
from broker.ports.policy import Policy
from broker.services.open_questions import not_open_yet
from contracts.question import (
    ActorAsked,
    CandidateAsked,
    ChildAsked,
    EventAsked,
    GradeAsked,
    LevelAsked,
    Question,
    SenderAsked,
)
from contracts.verdict import CandidateVerdict
from contracts.words import (
    AgencyId,
    ChildId,
    Effect,
    GivenBy,
    Grade,
    Operation,
    Purpose,
    RecipientKind,
    RelationKind,
)

OFFICERS = {TELL_DPO: DPO, "tell.siro": "senior_information_risk_owner"}
"""Who must hear of an attempt, by the obligation that says so."""

RESTRICTED = "processing.restricted"
OPENED_TYPE = "uk.mash.mash.record.opened.v1"


class ReadRefusedError(MashError):
    """The view stays closed; the attempt is recorded."""

    codes: ClassVar[dict[str, str]] = {
        "read.not_assigned": "The case is not assigned to the person: the view stays closed, the try is recorded.",
        "read.restricted": "The use of the record is restricted: the view stays closed, the attempt is recorded.",
    }


@dataclass(frozen=True, slots=True)
class Reader:
    """Who wants to open a view, at which recipient of which agency. ``is_assigned``: the case is theirs."""

    person: str
    role: str
    recipient: RecipientEntry
    agency: AgencyId
    is_assigned: bool


@dataclass(frozen=True, slots=True)
class ReadServices:
    """What opening a view needs."""

    journal: Journal
    keys: Keys
    policy: Policy
    clock: Clock
    ids: Ids


def read(child: ChildId, reader: Reader, services: ReadServices) -> CandidateVerdict:
    """Ask whether ``reader`` may open the view of ``child``, and record the answer.

    Raises:
        ReadRefusedError: they may not; the attempt is recorded, and put to those who must hear of it.
        NoVerdictError: the policy cannot be asked; the view stays closed.
    """
    now = services.clock.now()
    known = services.journal.known_child(child)
    about = child_read(known.facts if known is not None else (), now=now)
    sender = services.policy.sender(reader.agency)
    verdict = services.policy.decide(_question(reader, sender, about, int(now.timestamp())))
    decision = verdict.decisions[0]
    writer = RecordWriter(
        sealer=Sealer(services.keys.child_key(child), services.ids.random),
        log_secret=services.keys.secret("log"),
        id_in_order=services.ids.in_order,
        at=now,
    )
    records = _records(child, reader, decision, verdict.policy_digest, writer)
    alarms = not_open_yet(services.journal, _alarms(reader, decision, services))
    services.journal.commit(Outcome(records=records, questions=alarms))
    if decision.effect is not Effect.SHARE:
        raise _refused(decision, reader)
    return decision


def _refused(decision: CandidateVerdict, reader: Reader) -> ReadRefusedError:
    code = decision.bars[0].code if decision.bars else "read.not_assigned"
    if not decision.bars and any(ask.code == RESTRICTED for ask in decision.asks):
        return ReadRefusedError(
            "the view stays closed: the use of this child's record is restricted; the attempt is recorded",
            code="read.restricted",
            remedy="ask the data protection officer; if the child is in danger, report that anew",
            detail={"reason": RESTRICTED, "person": reader.person, "role": reader.role},
        )
    return ReadRefusedError(
        "the view stays closed: this child's case is not assigned to you; the attempt is recorded",
        code="read.not_assigned",
        remedy="ask for what you need with mash request, saying why; what you are given opens",
        detail={"reason": code, "person": reader.person, "role": reader.role},
    )


def _question(reader: Reader, sender: SenderAsked, child: ChildAsked, now: int) -> Question:
    return Question(
        operation=Operation.READ,
        now=now,
        event=EventAsked(
            type=OPENED_TYPE,
            agency=reader.agency,
            occurred_at=now,
            level=LevelAsked(value=1, given_by=GivenBy.CATALOGUE),
            grade=GradeAsked(value=Grade.GREEN, given_by=GivenBy.CATALOGUE),
        ),
        actor=ActorAsked(person=reader.person, role=reader.role, assigned=reader.is_assigned),
        child=child,
        sender=sender,
        candidates=(
            CandidateAsked(
                recipient=reader.recipient.recipient,
                kind=reader.recipient.kind,
                role=reader.role,
                purpose=Purpose.CASE_WORK,
                relation=RelationKind.FRONT_DOOR
                if reader.recipient.kind is RecipientKind.MASH_CORE
                else RelationKind.REQUESTED,
                relation_as_at=now,
            ),
        ),
    )


def _alarms(reader: Reader, decision: CandidateVerdict, services: ReadServices) -> tuple[TaskQuestion, ...]:
    """One question for each officer who must hear of the attempt: who tried, in which role, and never about whom."""
    deadline = services.policy.due(Grade.RED.value, 0, services.clock.now())
    return tuple(
        TaskQuestion(
            question_id=services.ids.new(),
            child=None,
            code=obligation.code,
            owner=OFFICERS[obligation.code],
            deadline=deadline,
            grade=Grade.RED,
            detail={**obligation.detail, "agency": reader.agency, "person": reader.person, "role": reader.role},
        )
        for obligation in decision.obligations
        if obligation.code in OFFICERS
    )


def _records(
    child: ChildId, reader: Reader, decision: CandidateVerdict, policy_digest: str, writer: RecordWriter
) -> tuple[Record, ...]:
    told = {
        "effect": decision.effect.value,
        "recipient": reader.recipient.recipient,
        "role": reader.role,
        "basis": decision.basis.model_dump(mode="json"),
    }
    kept = {
        "child": child,
        "person": reader.person,
        "assigned": reader.is_assigned,
        "bars": [bar.code for bar in decision.bars],
        "obligations": [obligation.code for obligation in decision.obligations],
        "policy_digest": policy_digest,
    }
    return (
        writer.write(
            RecordKind.READ,
            about=f"read:{writer.id_in_order()}",
            disclosed=told,
            internal=kept,
            child=child,
            recipient=reader.recipient.recipient,
        ),
    )
