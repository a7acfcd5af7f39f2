"""What the journal knows of deliveries, tasks and replies under way, and its figures."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any, TypeVar

from sqlalchemy import Select, bindparam, exists, func, select, text

from broker.core.erasing import FORGOTTEN
from broker.core.incidents import RESTORING
from broker.core.ladder import Escalation, OverdueKind, Step
from broker.core.outcome import (
    RETRACTION,
    QuarantinedMessage,
    ReceivedReceipt,
    StagedDelivery,
    Task,
    TaskQuestion,
)
from broker.drivers.sql import rows, schema
from broker.drivers.sql.identity import of_the_same_child
from broker.drivers.sql.prepared import AnyRow, Prepared
from broker.drivers.sql.reading import IS_LAST_WORD, SqlReading
from broker.ports.journal import DeliveryStatus, Standing
from contracts.reply import Reply
from contracts.words import Cause, ChildId, DeliveryId, EventId, ReceiptKind, RecipientId, RecordId, TaskId

_Key = TypeVar("_Key")
PARTNERSHIP_TASK = TaskId("partnership")

_d, _r, _q, _i = schema.deliveries.c, schema.records.c, schema.questions.c, schema.incidents.c
_standing = schema.children.alias("standing_record")
_statuses = (
    select(schema.deliveries, _r.leaf_index, schema.decisions.c.asked_again)
    .join(schema.records, _d.record_id == _r.record_id)
    .join(schema.decisions, _d.decision_id == schema.decisions.c.decision_id)
    .order_by(_d.position)
)
_BY = {
    "child": _d.event_id.in_(select(schema.events.c.event_id).where(of_the_same_child(schema.events.c.child))),
    "event_id": _d.event_id == bindparam("event_id"),
    "recipient": _d.recipient == bindparam("recipient"),
    "delivery_id": _d.delivery_id == bindparam("delivery_id"),
}
_STANDING = Prepared(
    select(
        _d.delivery_id,
        schema.decisions.c.policy_digest,
        schema.decisions.c.stands_at,
        schema.decisions.c.decided_at,
        _standing.c.version,
    )
    .join(schema.decisions, schema.decisions.c.decision_id == _d.decision_id)
    .join(schema.children, schema.children.c.child == _d.child)
    .join(_standing, _standing.c.child == schema.children.c.standing)
    .where(_d.delivery_id == bindparam("delivery_id"))
)
_tasks = (
    select(schema.questions, schema.children.c.standing)
    .join(schema.children, schema.children.c.child == _q.child, isouter=True)
    .where(text(schema.OPEN))
    .order_by(schema.children.c.standing, _q.deadline, _q.position)
)
_TASKS = Prepared(_tasks)
_TASKS_OF = Prepared(_tasks.where(_q.owner == bindparam("owner")))
_open = select(schema.questions).where(text(schema.OPEN)).order_by(_q.position)
_OPEN_ABOUT = Prepared(_open.where(of_the_same_child(_q.child)))
_OPEN_ABOUT_NOBODY = Prepared(_open.where(_q.child.is_(None)))
_REPLIES = Prepared(
    select(schema.replies.c.position, schema.replies.c.reply)
    .where(text(schema.UNSENT))
    .order_by(schema.replies.c.position)
    .limit(bindparam("most"))
)
_RECEIPTS = Prepared(
    select(schema.receipts)
    .where(schema.receipts.c.delivery_id == bindparam("delivery_id"))
    .order_by(schema.receipts.c.at)
)
_QUARANTINED = Prepared(select(schema.quarantine).order_by(schema.quarantine.c.deadline))
_ESCALATIONS = Prepared(select(schema.escalations).order_by(schema.escalations.c.at, schema.escalations.c.number))
_COUNTED = (schema.children, schema.facts, schema.decisions, schema.records, schema.deliveries, schema.receipts)
_COUNTS = {table.name: Prepared(select(func.count()).select_from(table)) for table in _COUNTED}
_STATES = Prepared(select(schema.events.c.state, func.count()).group_by(schema.events.c.state))
_MORE_COUNTS = {
    "records_pending": Prepared(select(func.count()).select_from(schema.records).where(text(schema.PENDING))),
    "deliveries_waiting": Prepared(select(func.count()).select_from(schema.deliveries).where(text(schema.WAITING))),
    "deliveries_released": Prepared(
        select(func.count()).select_from(schema.deliveries).where(_d.released_at.is_not(None))
    ),
    "deliveries_superseded": Prepared(
        select(func.count()).select_from(schema.deliveries).where(_d.superseded_by.is_not(None))
    ),
    "deliveries_delivered": Prepared(
        select(func.count()).select_from(schema.deliveries).where(_d.delivered_at.is_not(None))
    ),
    "deliveries_opened": Prepared(select(func.count()).select_from(schema.deliveries).where(_d.opened_at.is_not(None))),
    "questions_open": Prepared(select(func.count()).select_from(schema.questions).where(text(schema.OPEN))),
    "replies_pending": Prepared(select(func.count()).select_from(schema.replies).where(text(schema.UNSENT))),
    "quarantined": Prepared(select(func.count()).select_from(schema.quarantine)),
}


def _chosen(names: tuple[str, ...]) -> Prepared:
    query: Select[Any] = _statuses
    for name in names:
        query = query.where(_BY[name])
    return Prepared(query)


_of_delivery = schema.children.alias("of_delivery")
_of_reask = schema.children.alias("of_reask")
_IS_ASKED_ABOUT = exists(
    select(schema.reasks.c.position)
    .join(_of_reask, _of_reask.c.child == schema.reasks.c.child)
    .join(_of_delivery, _of_delivery.c.standing == _of_reask.c.standing)
    .where(
        _of_delivery.c.child == _d.child,
        text(f"reasks.{schema.UNASKED}"),
        schema.reasks.c.due <= bindparam("now"),
    )
)
"""That something about the child of a delivery is to be asked again first, by whoever does that."""


_TAKES_BACK = (_d.kind == RETRACTION) | (_d.cause.is_not(None) & (_d.cause != Cause.CORRECTED.value))
"""That it tells nobody more than they were told: what was corrected may have become what must be kept back."""
_IS_RESTORING = exists().where(_i.cause == RESTORING, _i.ended_at.is_(None))
_TO_SEND_AGAIN = Prepared(
    select(schema.escalations.c.about, func.max(schema.escalations.c.number))
    .join(schema.deliveries, schema.deliveries.c.delivery_id == schema.escalations.c.about)
    .where(
        schema.escalations.c.kind == OverdueKind.DELIVERY.value,
        schema.deliveries.c.released_at.is_not(None),
        text("deliveries.superseded_by IS NULL AND deliveries.delivered_at IS NULL"),
        IS_LAST_WORD,
        _TAKES_BACK | ~_IS_ASKED_ABOUT,
    )
    .group_by(schema.escalations.c.about)
)

_HELD_BY = Prepared(
    select(_d.event_id)
    .join(schema.events, schema.events.c.event_id == _d.event_id)
    .where(
        _d.recipient == bindparam("recipient"),
        _d.released_at <= bindparam("before"),
        _d.kind != RETRACTION,
        _d.digest != FORGOTTEN,
        _d.superseded_by.is_(None),
        IS_LAST_WORD,
    )
    .order_by(schema.events.c.position)
)


def _releasable(without: int) -> Prepared:
    reachable = [_d.recipient != bindparam(f"without_{number}") for number in range(without)]
    return Prepared(
        select(schema.deliveries)
        .join(schema.records, _d.record_id == _r.record_id)
        .where(
            text("deliveries.released_at IS NULL AND deliveries.superseded_by IS NULL"),
            _r.leaf_index < bindparam("below"),
            (_d.not_before.is_(None)) | (_d.not_before <= bindparam("now")),
            _TAKES_BACK | (~_IS_ASKED_ABOUT & ~_IS_RESTORING),
            *reachable,
        )
        .order_by(_d.urgency, _d.position)
        .limit(bindparam("most"))
    )


def _once(made: dict[_Key, Prepared], key: _Key, make: Callable[[_Key], Prepared]) -> Prepared:
    if key not in made:
        made[key] = make(key)
    return made[key]


_RELEASABLE: dict[int, Prepared] = {}
_DELIVERIES: dict[tuple[str, ...], Prepared] = {}


class SqlProgress(SqlReading):
    """Reads of what is under way."""

    def releasable(
        self, *, below: int, now: datetime, limit: int, without: Collection[RecipientId] = ()
    ) -> Sequence[StagedDelivery]:
        """Deliveries not yet released whose record's leaf index is below ``below``, reds first.

        ``without``: recipients who cannot be reached at present.
        """
        query = _once(_RELEASABLE, len(without), _releasable)
        left_out = {f"without_{number}": recipient for number, recipient in enumerate(without)}
        with self._store.reading() as session:
            found = session.rows(query, below=below, now=rows.micros(now), most=limit, **left_out)
            return [rows.delivery_from(row) for row in found]

    def standing(self, deliveries: Sequence[DeliveryId]) -> Mapping[DeliveryId, Standing]:
        """What each delivery's decision stood on, and what the child's facts are now."""
        found = {}
        with self._store.reading() as session:
            for delivery in deliveries:
                row = session.row(_STANDING, delivery_id=delivery)
                if row is not None:
                    decided = rows.instant(row.decided_at)
                    found[delivery] = Standing(row.policy_digest, row.stands_at, row.version, decided)
        return found

    def deliveries(
        self, *, child: ChildId | None = None, event: EventId | None = None, recipient: RecipientId | None = None
    ) -> Sequence[DeliveryStatus]:
        """Deliveries with how far each has come, oldest first."""
        return self._statuses(child=child, event_id=event, recipient=recipient)

    def delivery(self, delivery_id: DeliveryId) -> DeliveryStatus | None:
        """One delivery, or none."""
        return next(iter(self._statuses(delivery_id=delivery_id)), None)

    def tasks(self, *, owner: str | None = None) -> Sequence[Task]:
        """Open tasks, by time left."""
        with self._store.reading() as session:
            found = session.rows(_TASKS) if owner is None else session.rows(_TASKS_OF, owner=owner)
        tasks = [
            Task(TaskId(child or PARTNERSHIP_TASK), child, tuple(rows.question_from(row) for row in group))
            for child, group in groupby(found, key=lambda row: row.standing)
        ]
        return sorted(tasks, key=lambda task: task.deadline)

    def open_questions(self, child: ChildId | None) -> Sequence[TaskQuestion]:
        """What waits for a person about one child, or, without one, about the partnership."""
        with self._store.reading(scoped=child is not None) as session:
            if child is not None:
                session.meets(child)
            found = session.rows(_OPEN_ABOUT_NOBODY) if child is None else session.rows(_OPEN_ABOUT, child=child)
            return [rows.question_from(row) for row in found]

    def pending_replies(self, limit: int) -> Sequence[tuple[int, Reply]]:
        """Replies not yet handed over."""
        with self._store.reading() as session:
            return [(row[0], Reply.model_validate_json(row[1])) for row in session.rows(_REPLIES, most=limit)]

    def receipts(self, delivery_id: DeliveryId) -> Sequence[ReceivedReceipt]:
        """The verified receipts of one delivery."""
        with self._store.reading() as session:
            return [_receipt_from(row) for row in session.rows(_RECEIPTS, delivery_id=delivery_id)]

    def quarantined(self) -> Sequence[QuarantinedMessage]:
        """Messages in quarantine, by deadline."""
        with self._store.reading() as session:
            return [rows.quarantined_from(row) for row in session.rows(_QUARANTINED)]

    def escalations(self) -> Sequence[Escalation]:
        """What was passed on because it was overdue, oldest first."""
        with self._store.reading() as session:
            return [
                Escalation(
                    kind=OverdueKind(row.kind),
                    about=row.about,
                    passed_to=row.passed_to,
                    record_id=RecordId(row.record_id),
                    at=rows.instant(row.at),
                    number=row.number,
                    step=Step(row.step),
                    role=row.role,
                    next_at=rows.instant_or_none(row.next_at),
                )
                for row in session.rows(_ESCALATIONS)
            ]

    def held_by(self, recipient: RecipientId, before: datetime) -> Sequence[EventId]:
        """The events of which a recipient holds what left for it up to ``before``, in order of acceptance."""
        with self._store.reading() as session:
            found = session.rows(_HELD_BY, recipient=recipient, before=rows.micros(before))
            return [EventId(row.event_id) for row in found]

    def to_send_again(self, now: datetime) -> Mapping[DeliveryId, int]:
        """Deliveries that have left and not arrived in time, and how many steps were taken about each."""
        with self._store.reading() as session:
            return {DeliveryId(row[0]): int(row[1]) for row in session.rows(_TO_SEND_AGAIN, now=rows.micros(now))}

    def counts(self) -> Mapping[str, int]:
        """Figures for reconciling: rows by table and state."""
        with self._store.reading() as session:
            figures = {f"events_{state}": count for state, count in session.rows(_STATES)}
            for name, query in (_COUNTS | _MORE_COUNTS).items():
                row = session.row(query)
                figures[name] = 0 if row is None else row[0]
        return figures

    def _statuses(self, **by: str | None) -> list[DeliveryStatus]:
        chosen = {name: value for name, value in by.items() if value is not None}
        query = _once(_DELIVERIES, tuple(chosen), _chosen)
        child = by.get("child")
        with self._store.reading(scoped=child is not None) as session:
            if child is not None:
                session.meets(ChildId(child))
            return [_status_from(row) for row in session.rows(query, **chosen)]


def _status_from(row: AnyRow) -> DeliveryStatus:
    return DeliveryStatus(
        delivery=rows.delivery_from(row),
        leaf_index=row.leaf_index,
        released_at=rows.instant_or_none(row.released_at),
        delivered_at=rows.instant_or_none(row.delivered_at),
        opened_at=rows.instant_or_none(row.opened_at),
        is_superseded=row.superseded_by is not None,
        release_record=row.release_record,
        acknowledged_at=rows.instant_or_none(row.acknowledged_at),
        is_anew=row.asked_again != "",
    )


def _receipt_from(row: AnyRow) -> ReceivedReceipt:
    return ReceivedReceipt(
        delivery_id=DeliveryId(row.delivery_id),
        recipient=RecipientId(row.recipient),
        kind=ReceiptKind(row.kind),
        digest=row.digest,
        role=row.role,
        signed_at=rows.instant(row.signed_at),
        keyid=row.keyid,
        signature=row.signature,
        record_id=RecordId(row.record_id),
        at=rows.instant(row.at),
    )
