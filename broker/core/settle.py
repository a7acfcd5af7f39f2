"""From a verdict to what is stored: a record for every decision, a delivery for every share, a task for every doubt."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from broker.core.ask import seconds
from broker.core.asked_again import told_of
from broker.core.case import Case, Leg, Tools, cut_legs
from broker.core.hashing import keyed_hash
from broker.core.less import cause_of_less, gives_other
from broker.core.minimise import Cut, Taken, source
from broker.core.outcome import Decision, Record, RecordKind, StagedDelivery, TaskQuestion
from broker.core.records import RecordWriter
from broker.core.tasks import questions_of, screening
from broker.core.visible import obligations_shown
from contracts.canonical import canonical_fields, digest
from contracts.delivery import Delivery
from contracts.verdict import CandidateVerdict
from contracts.words import AgencyId, Cause, ChildId, DeliveryId, Effect, EventId, Form, Grade, Purpose, RecipientId

UNMATCHED = "identity.unmatched"


@dataclass(frozen=True, slots=True)
class Settled:
    """Every decision with its record; deliveries for what is shared; questions for what waits for a person.

    ``renewed``: whose last word, sent or about to be, gives other values than would be given now, be it but another
    contact or a text that gives away what is guarded since; or is of the child under another name; or takes back
    something that left, and does not say so.
    """

    decisions: tuple[Decision, ...]
    records: tuple[Record, ...]
    deliveries: tuple[StagedDelivery, ...]
    questions: tuple[TaskQuestion, ...]
    renewed: frozenset[RecipientId] = frozenset()


@dataclass(frozen=True, slots=True)
class Written:
    """A delivery as the exact bytes that leave, and their digest. ``delivery`` itself is without its values."""

    delivery: Delivery
    body: bytes
    digest: str
    taken: tuple[Taken, ...]
    gives_location: bool
    cause: Cause | None


def settle(case: Case, tools: Tools) -> Settled:
    """Record every decision; deliver only what a decision to share releases. Deterministic but for ids and chance."""
    writer = RecordWriter(tools.sealer, tools.secret("log"), tools.id_in_order, case.now)
    decisions: list[Decision] = []
    records: list[Record] = []
    deliveries: list[StagedDelivery] = []
    questions: list[TaskQuestion] = []
    renewed: set[RecipientId] = set()
    for leg in cut_legs(case):
        decision = _decision(case, leg.verdict, tools)
        written = _written(case, leg, tools)
        record = _record(case, decision, leg, written, writer)
        decisions.append(decision)
        records.append(record)
        questions.extend(questions_of(case, leg.verdict, tools))
        if written is not None:
            deliveries.append(_staged(case, decision, record, written, tools))
            if _says_other(written, case.said.get(decision.recipient)):
                renewed.add(decision.recipient)
    questions.extend(screening(case, tools))
    return Settled(tuple(decisions), tuple(records), tuple(deliveries), tuple(questions), frozenset(renewed))


def _says_other(written: Written, said: Delivery | None) -> bool:
    if said is None:
        return False
    is_renamed = said.child != written.delivery.child
    takes_back_in_silence = written.cause is not None and said.cause is None
    return is_renamed or takes_back_in_silence or gives_other(said.values, written.taken)


def _decision(case: Case, verdict: CandidateVerdict, tools: Tools) -> Decision:
    return Decision(
        decision_id=tools.id_in_order(),
        event_id=case.event_id,
        recipient=RecipientId(verdict.recipient),
        child=case.child,
        effect=verdict.effect,
        verdict=verdict,
        policy_digest=case.verdict.policy_digest,
        facts_version=case.facts_version,
        decided_at=case.now,
        asked_again=case.asked_again,
    )


def delivery_name(secret: bytes, event_id: EventId, revision: int) -> DeliveryId:
    """A delivery's id: a hash under the recipient's own secret, so that no two recipients' ids can be joined."""
    return DeliveryId(keyed_hash(secret, "delivery", event_id, str(revision))[:40])


def report_name(secret: bytes, event_id: EventId) -> str:
    """The recipient's own name for the event, the same in each of its deliveries."""
    return keyed_hash(secret, "report", event_id)[:40]


def revision_after(before: int, decided_at: datetime) -> int:
    """The number of a delivery's revision: the second of its decision, and always more than the one before it.

    So what is decided later stands, also where the exchange has forgotten what it sent, because a backup was put in,
    and also where its clock goes backwards.
    """
    return max(before + 1, seconds(decided_at))


def pseudonym(secret: bytes, child: ChildId) -> str:
    """The name under which one recipient knows a child."""
    return keyed_hash(secret, "child", child)[:40]


def _written(case: Case, leg: Leg, tools: Tools) -> Written | None:
    if leg.cut is None:
        return None
    recipient, verdict = leg.candidate.recipient, leg.verdict
    secret = tools.secret(f"delivery:{recipient}")
    earlier = case.earlier.get(recipient)
    revision = revision_after(earlier.revision if earlier else 0, case.now)
    envelope = case.gathered.envelope
    sender = case.gathered.sender.kind
    agency, occurred_at = source(AgencyId(envelope.agency), sender, envelope.time, leg.candidate.entry.kind)
    cause = cause_of_less(case.given.get(recipient, ()), leg.cut.taken)
    delivery = Delivery.model_construct(
        delivery_id=delivery_name(secret, case.event_id, revision),
        report=report_name(secret, case.event_id),
        revision=revision,
        kind="share",
        recipient=recipient,
        child=pseudonym(secret, case.known_as),
        event_type=envelope.type,
        agency=agency,
        incident=keyed_hash(secret, "incident", envelope.incident)[:40] if envelope.incident else "",
        occurred_at=occurred_at,
        decided_at=case.now.replace(microsecond=0),
        purpose=leg.candidate.purpose,
        duty=verdict.duty,
        basis=verdict.basis,
        agreement=verdict.agreement.id,
        necessity=verdict.necessity,
        asked_again=told_of(case.asked_again),
        cause=cause,
        revises=earlier.delivery_id if earlier else "",
        unmatched=case.gathered.is_unsure or any(each.code == UNMATCHED for each in verdict.obligations),
        obligations=obligations_shown(verdict, "recipient"),
        values=(),
        notices=leg.cut.notices,
    )
    body = _body(delivery, leg.cut)
    return Written(delivery, body, digest(body), leg.cut.taken, leg.cut.gives_location, cause)


def _body(delivery: Delivery, cut: Cut) -> bytes:
    """The same bytes as ``Delivery.body`` gives with the values in it; each value is written once only."""
    return canonical_fields({**delivery.__dict__, "values": cut.taken})


def _staged(case: Case, decision: Decision, record: Record, written: Written, tools: Tools) -> StagedDelivery:
    delivery_id = DeliveryId(written.delivery.delivery_id)
    return StagedDelivery(
        delivery_id=delivery_id,
        revision=written.delivery.revision,
        kind=written.delivery.kind,
        event_id=case.event_id,
        child=case.child,
        recipient=decision.recipient,
        decision_id=decision.decision_id,
        record_id=record.record_id,
        digest=written.digest,
        sealed=tools.sealer.seal(written.body, about=about_delivery(delivery_id)),
        grade=case.grade if written.cause is None else Grade.RED,
        gives_location=written.gives_location,
        receipt_due=_receipt_due(case, decision, written, tools),
        cause=written.cause,
    )


def about_delivery(delivery_id: DeliveryId) -> str:
    """What a delivery's sealed body is bound to."""
    return f"delivery:{delivery_id}"


def _receipt_due(case: Case, decision: Decision, written: Written, tools: Tools) -> datetime | None:
    """Until when it must be opened: before the school's next day for Operation Encompass, else by the clock.

    What takes something back is as urgent as can be.
    """
    if written.cause is not None:
        return tools.due(Grade.RED.value, 0, case.now)
    if written.delivery.purpose is Purpose.ENCOMPASS_NOTIFICATION:
        before_school = tools.opens_by(decision.recipient, case.now)
        if before_school is not None:
            return before_school
    for obligation in decision.verdict.obligations:
        if obligation.code == "receipt.opened":
            return tools.due(str(obligation.detail["clock"]), int(obligation.detail["hours"]), case.now)
    return None


def _record(case: Case, decision: Decision, leg: Leg, written: Written | None, writer: RecordWriter) -> Record:
    return writer.write(
        RecordKind.DECISION,
        about=decision.decision_id,
        event_id=case.event_id,
        child=case.child,
        recipient=decision.recipient,
        disclosed={} if written is None else _disclosed(written),
        internal=_internal(case, decision, leg),
    )


def _disclosed(written: Written) -> dict[str, Any]:
    """What the recipient can show of a share: what it was given, on which basis, and the digest of the exact bytes."""
    delivery = written.delivery
    forms = sorted({(each.category, each.about, each.form) for each in written.taken})
    return {
        "effect": Effect.SHARE,
        "recipient": delivery.recipient,
        "delivery": delivery.delivery_id,
        "digest": written.digest,
        "event_type": delivery.event_type,
        "purpose": delivery.purpose,
        "duty": delivery.duty,
        "basis": delivery.basis,
        "categories": forms,
        "obligations": [obligation.code for obligation in delivery.obligations],
        "decided_at": seconds(delivery.decided_at),
    }


def _internal(case: Case, decision: Decision, leg: Leg) -> dict[str, Any]:
    """All the rest: the child, every reason, what was kept back, who approved, and what the decision read."""
    verdict = leg.verdict
    return {
        "event": case.event_id,
        "child": case.child,
        "recipient": decision.recipient,
        "effect": verdict.effect,
        "duty": verdict.duty,
        "relation": leg.candidate.relation,
        "purpose": leg.candidate.purpose,
        "grounds": [reason.code for reason in verdict.grounds],
        "bars": [reason.code for reason in verdict.bars],
        "asks": [reason.code for reason in verdict.asks],
        "obligations": [obligation.code for obligation in verdict.obligations],
        "category_asks": [(reason.code, str(reason.detail.get("category", ""))) for reason in verdict.category_asks],
        "withheld": [
            (each.category, each.about, each.form)
            for each in verdict.categories
            if each.form in {Form.WITHHOLD, Form.ASK, Form.TOKEN}
        ],
        "basis": {name: value for name, value in verdict.basis if value},
        "agreement": f"{verdict.agreement.id} {verdict.agreement.version}".strip(),
        "approvals": [(each.ask, each.role, each.person) for each in case.question.approvals],
        "policy_digest": case.verdict.policy_digest,
        "facts_version": case.facts_version,
        "asked_again": case.asked_again,
    }
