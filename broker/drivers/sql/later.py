"""Writes what happens after a decision: releases, receipts, answers, escalations, and what was heard."""

from collections.abc import Sequence

from sqlalchemy import bindparam, case, delete, func, select, update

from broker.core.outcome import LastHeard, Outcome, QuarantinedMessage, ReceivedReceipt, TaskAnswer
from broker.core.store_errors import UnknownStepError
from broker.drivers.sql import rows, schema
from broker.drivers.sql.prepared import Prepared, inserting, upserting
from broker.drivers.sql.store import Session
from contracts.words import ReceiptKind

_d, _q, _f, _n = schema.deliveries.c, schema.questions.c, schema.feeds.c, schema.numbers.c
_RELEASED = Prepared(
    update(schema.deliveries)
    .where(_d.delivery_id == bindparam("the_delivery"), _d.released_at.is_(None), _d.superseded_by.is_(None))
    .values(released_at=bindparam("at"), release_record=bindparam("record"), checkpoint_size=bindparam("size"))
)
_FOUND_RELEASED = Prepared(
    update(schema.deliveries)
    .where(_d.delivery_id == bindparam("the_delivery"), _d.released_at.is_(None))
    .values(released_at=bindparam("at"), release_record=bindparam("record"), checkpoint_size=bindparam("size"))
)
_SUPERSEDED = Prepared(
    update(schema.deliveries)
    .where(_d.delivery_id == bindparam("the_delivery"), _d.released_at.is_(None))
    .values(superseded_by=func.coalesce(_d.superseded_by, bindparam("record")))
)
_RECEIPT = inserting(schema.receipts)
_released = (_d.delivery_id == bindparam("the_delivery")) & (_d.released_at.is_not(None))
_DELIVERED = Prepared(update(schema.deliveries).where(_released).values(delivered_at=bindparam("at")))
_OPENED = Prepared(update(schema.deliveries).where(_released).values(opened_at=bindparam("at")))
_ACKNOWLEDGED = Prepared(update(schema.deliveries).where(_released).values(acknowledged_at=bindparam("at")))
_STEPS = {
    ReceiptKind.DELIVERED: _DELIVERED,
    ReceiptKind.OPENED: _OPENED,
    ReceiptKind.ACKNOWLEDGED: _ACKNOWLEDGED,
}
_ANSWERED = Prepared(
    update(schema.questions).where(_q.question_id == bindparam("the_question"), _q.answered == 0).values(answered=1)
)
_ANSWER = inserting(schema.answers)
_QUARANTINE = inserting(schema.quarantine)
_ESCALATION = inserting(schema.escalations)
_HEARD = upserting(
    schema.feeds,
    lambda new: new.on_conflict_do_update(
        index_elements=["agency", "source"],
        set_={
            "at": case((_f.at > new.excluded["at"], _f.at), else_=new.excluded["at"]),
            "sequence": case((_f.sequence > new.excluded.sequence, _f.sequence), else_=new.excluded.sequence),
        },
    ),
    columns=["agency", "source", "at", "sequence"],
)
_RUNS_NEAR = Prepared(
    select(_n.first, _n.last)
    .where(
        _n.source == bindparam("the_source"),
        _n.first <= bindparam("number") + 1,
        _n.last >= bindparam("number") - 1,
    )
    .order_by(_n.first)
)
_DROP_RUN = Prepared(delete(schema.numbers).where(_n.source == bindparam("the_source"), _n.first == bindparam("run")))
_RUN = inserting(schema.numbers)
_RUN_TO = Prepared(
    update(schema.numbers)
    .where(_n.source == bindparam("the_source"), _n.first == bindparam("run"))
    .values(last=bindparam("up_to"))
)


def write_answers(session: Session, answers: Sequence[TaskAnswer], closed: Sequence[str]) -> None:
    """Close each question with its answer, and those that need none any more."""
    for question in closed:
        if session.run(_ANSWERED, the_question=question) != 1:
            raise _cannot_take(question=question)
    for answer in answers:
        if session.run(_ANSWERED, the_question=answer.question_id) != 1:
            raise _cannot_take(question=answer.question_id)
        session.run(
            _ANSWER,
            question_id=answer.question_id,
            answered_by=answer.answered_by,
            role=answer.role,
            granted=int(answer.granted),
            at=rows.micros(answer.at),
            sealed_reason=answer.sealed_reason,
        )


def write_steps(session: Session, outcome: Outcome) -> None:
    """Mark what was released, superseded, received and passed on.

    A receipt proves that its delivery left, even one that was superseded while nobody had noted that.
    """
    released = [
        {"the_delivery": r.delivery_id, "at": rows.micros(r.at), "record": r.record_id, "size": r.checkpoint_size}
        for r in outcome.released
    ]
    received = {receipt.delivery_id for receipt in outcome.received}
    found_out = [each for each in released if each["the_delivery"] in received]
    released = [each for each in released if each["the_delivery"] not in received]
    if session.run_all(_RELEASED, released) + session.run_all(_FOUND_RELEASED, found_out) != len(outcome.released):
        raise _cannot_take(delivery="")
    record_about = {record.about: record.record_id for record in outcome.records} if outcome.superseded else {}
    gone = [{"the_delivery": each, "record": record_about[each]} for each in outcome.superseded]
    if session.run_all(_SUPERSEDED, gone) != len(gone):
        raise _cannot_take(delivery="")
    for kind, step in _STEPS.items():
        _write_receipts(session, step, [each for each in outcome.received if each.kind is kind])
    session.run_all(
        _ESCALATION,
        [
            {
                "kind": each.kind.value,
                "about": each.about,
                "number": each.number,
                "step": each.step.value,
                "role": each.role,
                "passed_to": each.passed_to,
                "record_id": each.record_id,
                "at": rows.micros(each.at),
                "next_at": rows.micros_or_none(each.next_at),
            }
            for each in outcome.escalated
        ],
    )


def _write_receipts(session: Session, step: Prepared, receipts: Sequence[ReceivedReceipt]) -> None:
    taken = [{"the_delivery": each.delivery_id, "at": rows.micros(each.at)} for each in receipts]
    if session.run_all(step, taken) != len(taken):
        raise _cannot_take(delivery=receipts[0].delivery_id if len(receipts) == 1 else "")
    session.run_all(
        _RECEIPT,
        [
            {
                "delivery_id": each.delivery_id,
                "kind": each.kind.value,
                "recipient": each.recipient,
                "digest": each.digest,
                "role": each.role,
                "signed_at": rows.micros(each.signed_at),
                "keyid": each.keyid,
                "signature": each.signature,
                "record_id": each.record_id,
                "at": rows.micros(each.at),
            }
            for each in receipts
        ],
    )


def write_quarantined(session: Session, messages: Sequence[QuarantinedMessage]) -> None:
    """Keep messages in quarantine."""
    session.run_all(
        _QUARANTINE,
        [
            {
                "quarantine_id": each.quarantine_id,
                "channel": each.channel,
                "event_id": each.event_id,
                "reason": each.reason,
                "owner": each.owner,
                "deadline": rows.micros(each.deadline),
                "at": rows.micros(each.at),
                "sealed": each.sealed,
            }
            for each in messages
        ],
    )


def write_heard(session: Session, heard: LastHeard) -> None:
    """Note when a feed was heard, and widen the run of numbers that its number belongs to."""
    session.run(_HEARD, agency=heard.agency, source=heard.source, at=rows.micros(heard.at), sequence=heard.sequence)
    if heard.sequence < 1:
        return
    number = heard.sequence
    runs = session.rows(_RUNS_NEAR, the_source=heard.source, number=number)
    if not runs:
        session.run(_RUN, source=heard.source, first=number, last=number)
        return
    up_to = max(number, *(run.last for run in runs))
    first = min(number, *(run.first for run in runs))
    if len(runs) == 1 and runs[0].first == first:
        if up_to != runs[0].last:
            session.run(_RUN_TO, the_source=heard.source, run=first, up_to=up_to)
        return
    for run in runs:
        session.run(_DROP_RUN, the_source=heard.source, run=run.first)
    session.run(_RUN, source=heard.source, first=first, last=up_to)


def _cannot_take(**about: str) -> UnknownStepError:
    msg = f"a {' '.join(about)} is not stored or cannot take this step; nothing was stored"
    return UnknownStepError(msg, remedy="read where it stands", detail=about)
