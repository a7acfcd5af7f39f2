"""What waits past its time and whose next step is due."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, case, exists, func, literal, select, text

from broker.core.erasing import FORGOTTEN
from broker.core.ladder import DELIVERED_WITHIN, OverdueKind
from broker.drivers.sql import rows, schema
from broker.drivers.sql.incidents import SqlIncidents
from broker.drivers.sql.prepared import AnyRow, Prepared
from broker.drivers.sql.reading import IS_LAST_WORD
from broker.ports.journal import Overdue
from contracts.words import ChildId, EventId, RecipientId

_q, _d = schema.questions.c, schema.deliveries.c


def _step_is_due(kind: OverdueKind, about: ColumnElement[Any]) -> ColumnElement[bool]:
    """No step was taken yet, or the last of those taken said that now the next is due."""
    passed = schema.escalations.c
    rests = (passed.next_at.is_(None)) | (passed.next_at > bindparam("now"))
    return ~exists().where(passed.kind == kind.value, passed.about == about, rests)


def _taken(kind: OverdueKind, about: ColumnElement[Any]) -> ColumnElement[int]:
    passed = schema.escalations.c
    steps = select(func.count()).where(passed.kind == kind.value, passed.about == about)
    return steps.scalar_subquery().label("taken")


_questions: Select[Any] = (
    select(
        _q.question_id.label("about"),
        _q.deadline.label("due"),
        _q.urgency,
        _q.child,
        _q.event_id,
        _q.recipient,
        _q.owner,
        _q.code,
        _taken(OverdueKind.QUESTION, _q.question_id),
    )
    .where(text(schema.OPEN), _q.deadline < bindparam("now"), _step_is_due(OverdueKind.QUESTION, _q.question_id))
    .order_by(_q.deadline)
    .limit(bindparam("most"))
)


_leaves = func.coalesce(_d.released_at, _d.not_before, schema.records.c.at)
_arrives = _leaves + case(
    {place: literal(DELIVERED_WITHIN[grade] // timedelta(microseconds=1)) for grade, place in rows.URGENCY.items()},
    value=_d.urgency,
)
_undelivered: Select[Any] = (
    select(
        _d.delivery_id.label("about"),
        _arrives.label("due"),
        _d.urgency,
        _d.child,
        _d.event_id,
        _d.recipient,
        text("'' AS owner"),
        text("'' AS code"),
        _taken(OverdueKind.DELIVERY, _d.delivery_id),
    )
    .join(schema.records, schema.records.c.record_id == _d.record_id)
    .where(
        text("deliveries.superseded_by IS NULL AND deliveries.delivered_at IS NULL"),
        _d.opened_at.is_(None),
        _d.digest != FORGOTTEN,
        _arrives < bindparam("now"),
        _step_is_due(OverdueKind.DELIVERY, _d.delivery_id),
        IS_LAST_WORD,
    )
    .order_by(text("due"))
    .limit(bindparam("most"))
)


def _deliveries(kind: OverdueKind, condition: str) -> Select[Any]:
    """Deliveries that wait for a receipt past their time; none that a later revision stands in place of."""
    return (
        select(
            _d.delivery_id.label("about"),
            _d.receipt_due.label("due"),
            _d.urgency,
            _d.child,
            _d.event_id,
            _d.recipient,
            text("'' AS owner"),
            text("'' AS code"),
            _taken(kind, _d.delivery_id),
        )
        .where(text(condition), _d.receipt_due < bindparam("now"), _step_is_due(kind, _d.delivery_id), IS_LAST_WORD)
        .order_by(_d.receipt_due)
        .limit(bindparam("most"))
    )


_WAITING = {
    OverdueKind.QUESTION: Prepared(_questions),
    OverdueKind.DELIVERY: Prepared(_undelivered),
    OverdueKind.RECEIPT: Prepared(_deliveries(OverdueKind.RECEIPT, f"cause IS NULL AND {schema.UNOPENED}")),
    OverdueKind.ACKNOWLEDGEMENT: Prepared(_deliveries(OverdueKind.ACKNOWLEDGEMENT, schema.UNACKNOWLEDGED)),
}


class SqlOverdue(SqlIncidents):
    """Reads of what is overdue."""

    def overdue(self, now: datetime, limit: int) -> Sequence[Overdue]:
        """What waits past its time and whose next step is due, reds first: questions, deliveries, receipts."""
        found: list[Overdue] = []
        with self._store.reading() as session:
            for kind, query in _WAITING.items():
                waiting = session.rows(query, now=rows.micros(now), most=limit)
                found.extend(_overdue(kind, row) for row in waiting)
        return sorted(found, key=lambda each: (rows.URGENCY[each.grade], each.due))[:limit]


def _overdue(kind: OverdueKind, row: AnyRow) -> Overdue:
    return Overdue(
        kind=kind,
        about=row.about,
        due=rows.instant(row.due),
        grade=rows.GRADES[row.urgency],
        child=None if row.child is None else ChildId(row.child),
        event_id=None if row.event_id is None else EventId(row.event_id),
        recipient=None if row.recipient is None else RecipientId(row.recipient),
        owner=row.owner,
        code=row.code,
        taken=row.taken,
    )
