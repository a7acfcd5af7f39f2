"""Outcomes to make durable: a decided event with its records and deliveries, and what comes after."""

import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from broker.core.commitments import Opening, make_leaf, order_key
from broker.core.facts import Fact, FactKind
from broker.core.identity_acts import IdentityChange
from broker.core.outcome import (
    Decision,
    EventState,
    LastHeard,
    Outcome,
    Record,
    RecordKind,
    StagedDelivery,
    StoredEvent,
    TaskQuestion,
)
from contracts.lean import lean_converter
from contracts.question import Approval
from contracts.reply import Reply
from contracts.verdict import Basis, CandidateVerdict, CategoryForm, Reason
from contracts.words import (
    About,
    AgencyId,
    ChildId,
    DataCategory,
    DeliveryId,
    Duty,
    Effect,
    EventId,
    Form,
    Grade,
    RecipientId,
    RecordId,
    ReplyKind,
)

FRIDAY = datetime(2026, 3, 6, 18, tzinfo=UTC)
MIA = ChildId("mia")
THEO = ChildId("theo")
POLICE = AgencyId("wrenshire-police")
SOURCE = "wrenshire-police/notices/00000001"
RECIPIENTS = tuple(RecipientId(r) for r in ("mash-core", "csc-north-team", "school-ashdown", "gp-elm-street"))
SHARED_WITH = 2


def some_id(*names: object) -> str:
    return hashlib.sha256("/".join(str(name) for name in names).encode()).hexdigest()[:32]


def a_record(kind: RecordKind, about: str, *, event: EventId | None = None, child: ChildId | None = MIA) -> Record:
    record_id = RecordId(some_id("record", kind, about))
    salts = [hashlib.sha256(f"{part} {record_id}".encode()).digest() for part in ("disclosed", "internal")]
    leaf = make_leaf(Opening(salts[0], {"about": about}), Opening(salts[1], {"kind": kind}), at=FRIDAY)
    key = order_key(b"log secret", record_id)
    return Record(record_id, kind, about, event, child, None, FRIDAY, leaf, key, b"sealed record")


def a_verdict(recipient: RecipientId, effect: Effect) -> CandidateVerdict:
    verdict = CandidateVerdict(
        recipient=recipient,
        effect=effect,
        duty=Duty.MAY,
        basis=Basis(art6="e", art9="g"),
        grounds=(Reason(code="ground.statutory", detail={"gateway": "children_act_10", "tier": 1, "formal": True}),),
        categories=(CategoryForm(category=DataCategory.ID_CORE, about=About.CHILD, form=Form.GIVE),),
        clock="working_hours",
        clock_hours=4,
    )
    return lean_converter(CandidateVerdict)(verdict.model_dump(mode="json"))


@dataclass(frozen=True, slots=True)
class Told:
    """One event about a child on its way into the journal."""

    number: int = 1
    child: ChildId = MIA
    version: int = 0
    grade: Grade = Grade.AMBER

    @property
    def event_id(self) -> EventId:
        return EventId(some_id("event", self.number))

    def event(self, **changes: object) -> StoredEvent:
        event = StoredEvent(
            event_id=self.event_id,
            event_type="uk.mash.police.concern.raised.v1",
            agency=POLICE,
            source=SOURCE,
            sequence=self.number,
            rawhash=some_id("raw", self.number),
            subject=some_id("subject", self.child),
            incident="",
            occurred_at=FRIDAY + timedelta(minutes=self.number),
            received_at=FRIDAY + timedelta(minutes=self.number, seconds=5),
            state=EventState.ACCEPTED,
            grade=self.grade,
            level=3,
            attributes={"id": self.event_id, "sequence": str(self.number)},
            signature="signature",
            sealed=b"sealed content",
            child=self.child,
            considered=RECIPIENTS,
            not_considered=(("health_visitor", "nobody known"),),
        )
        return replace(event, **changes)  # type: ignore[arg-type]

    def decision(self, recipient: RecipientId) -> Decision:
        effect = Effect.SHARE if recipient in RECIPIENTS[:SHARED_WITH] else Effect.WITHHOLD
        return Decision(
            decision_id=some_id("decision", self.number, recipient),
            event_id=self.event_id,
            recipient=recipient,
            child=self.child,
            effect=effect,
            verdict=a_verdict(recipient, effect),
            policy_digest="digest of the policy",
            facts_version=self.version,
            decided_at=FRIDAY,
        )

    def delivery(self, recipient: RecipientId) -> StagedDelivery:
        decision_id = some_id("decision", self.number, recipient)
        return StagedDelivery(
            delivery_id=DeliveryId(some_id("delivery", self.number, recipient)),
            revision=1,
            kind="share",
            event_id=self.event_id,
            child=self.child,
            recipient=recipient,
            decision_id=decision_id,
            record_id=RecordId(some_id("record", RecordKind.DECISION, decision_id)),
            digest=some_id("digest", self.number, recipient),
            sealed=b"sealed body",
            grade=self.grade,
            gives_location=False,
            receipt_due=FRIDAY + timedelta(hours=4),
        )

    def outcome(self, *, is_new: bool = False, **changes: object) -> Outcome:
        decisions = tuple(self.decision(recipient) for recipient in RECIPIENTS)
        outcome = Outcome(
            event=self.event(),
            decisions=decisions,
            records=tuple(
                a_record(RecordKind.DECISION, d.decision_id, event=self.event_id, child=self.child) for d in decisions
            ),
            deliveries=tuple(self.delivery(recipient) for recipient in RECIPIENTS[:SHARED_WITH]),
            identity=a_new_child(self.child) if is_new else None,
            replies=(Reply(agency=POLICE, kind=ReplyKind.ACCEPTED, event_id=self.event_id, at=FRIDAY),),
            heard=LastHeard(POLICE, SOURCE, FRIDAY + timedelta(minutes=self.number), self.number),
            asked=b"sealed question",
        )
        return replace(outcome, **changes)  # type: ignore[arg-type]


def a_new_child(child: ChildId = MIA) -> IdentityChange:
    links = (("nhs_number", some_id("nhs", child)), ("local:wrenshire-police", some_id("local", child)))
    return IdentityChange(
        child,
        is_new=True,
        is_provisional=False,
        links=links,
        name_hashes=(some_id("surname", child), some_id("forename", child)),
        demographics=b"sealed demographics",
    )


def a_fact(key: str = "school:urn:999001", *, child: ChildId = MIA, value: str = "urn:999001", hours: int = 0) -> Fact:
    as_at = FRIDAY + timedelta(hours=hours)
    event = EventId(some_id("fact event", key, hours))
    return Fact(child, FactKind.RELATION, key, value, as_at, event, POLICE, since=FRIDAY, sealed=b"sealed worker")


def a_question(number: int = 1, *, child: ChildId | None = MIA, hours: int = 1) -> TaskQuestion:
    return TaskQuestion(
        question_id=some_id("question", number),
        child=child,
        code="ask.restricted_address",
        owner="mash_manager",
        deadline=FRIDAY + timedelta(hours=hours),
        grade=Grade.RED,
        recipient=RECIPIENTS[2],
        scope="id.restricted_address",
        detail={"category": "id.restricted_address"},
    )


def an_approval() -> Approval:
    return Approval(ask="ask.restricted_address", role="mash_manager", person="asha", at=1_772_820_000)
