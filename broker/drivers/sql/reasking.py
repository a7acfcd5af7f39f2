"""What must be asked again, and how far that has come."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, exists, func, select, text, update

from broker.core.outcome import CORRECTION, EventState
from broker.core.reasking import Reask, Trigger
from broker.core.store_errors import UnknownStepError
from broker.drivers.sql import rows, schema
from broker.drivers.sql.identity import of_the_same_child
from broker.drivers.sql.overdue import SqlOverdue
from broker.drivers.sql.prepared import AnyRow, Prepared, inserting
from broker.drivers.sql.store import Session
from broker.ports.journal import PastEvent
from contracts.events.mash import InformationRequested
from contracts.words import ChildId, EventId

_a, _e = schema.reasks.c, schema.events.c
_TRIGGER = inserting(schema.reasks)
_PROGRESS = Prepared(
    update(schema.reasks)
    .where(_a.position == bindparam("the_reask"), _a.finished_at.is_(None))
    .values(
        cursor=bindparam("now_at"),
        asked=bindparam("now_asked"),
        changed=bindparam("now_changed"),
        finished_at=bindparam("ended"),
    )
)
_DUE = Prepared(
    select(schema.reasks)
    .where(text(schema.UNASKED), _a.due <= bindparam("now"))
    .order_by(_a.urgency, _a.due, _a.position)
    .limit(bindparam("most"))
)
_WAITING = Prepared(select(schema.reasks).where(text(schema.UNASKED)).order_by(_a.urgency, _a.due, _a.position))
_OF_CHILD = Prepared(
    select(schema.reasks)
    .where(text(schema.UNASKED), of_the_same_child(_a.child), _a.due <= bindparam("now"))
    .order_by(_a.position)
)
_LAST_EPOCH = Prepared(select(_a.epoch).where(_a.epoch != "").order_by(_a.position.desc()).limit(1))
_correction = schema.deliveries.alias("correction")
_is_held = exists(
    select(_correction.c.position).where(
        _correction.c.event_id == _e.event_id, _correction.c.kind == CORRECTION, _correction.c.superseded_by.is_(None)
    )
)
"""That somebody was told what applies in the place of a report, and not that nothing of it does."""
_past = (
    select(_e.position, _e.event_id)
    .where(
        _e.position > bindparam("after"),
        _e.occurred_at >= bindparam("since"),
        _e.state == EventState.ACCEPTED.value,
        _e.child.is_not(None),
        func.length(_e.sealed) > 0,
        _e.corrected_by.is_(None) | _is_held,
        _e.event_type != InformationRequested.event_type,
    )
    .order_by(_e.position)
    .limit(bindparam("most"))
)
_PAST = Prepared(_past)
_PAST_OF_CHILD = Prepared(_past.where(of_the_same_child(_e.child)))


class SqlReasking(SqlOverdue):
    """Reads of what must be asked again."""

    def reasks_due(self, now: datetime, limit: int) -> Sequence[Reask]:
        """What is to be asked again now and is not finished, most pressing first."""
        with self._store.reading() as session:
            return [_reask_from(row) for row in session.rows(_DUE, now=rows.micros(now), most=limit)]

    def reasks_waiting(self) -> Sequence[Reask]:
        """Everything that is not finished, due or not, most pressing first."""
        with self._store.reading() as session:
            return [_reask_from(row) for row in session.rows(_WAITING)]

    def reasks_of(self, child: ChildId, now: datetime) -> Sequence[Reask]:
        """What is due and not finished about one child, oldest first."""
        with self._store.reading() as session:
            return [_reask_from(row) for row in session.rows(_OF_CHILD, child=child, now=rows.micros(now))]

    def last_epoch(self) -> str:
        """The name of the policy about whose coming into force everybody was last asked again; empty before any."""
        with self._store.reading() as session:
            row = session.row(_LAST_EPOCH)
            return "" if row is None else str(row.epoch)

    def past_events(self, *, child: ChildId | None, since: datetime, after: int, limit: int) -> Sequence[PastEvent]:
        """Accepted events with content about a child, or about any, that occurred from ``since`` on, but requests."""
        given = {"after": after, "since": rows.micros(since), "most": limit}
        with self._store.reading() as session:
            found = (
                session.rows(_PAST, **given) if child is None else session.rows(_PAST_OF_CHILD, **given, child=child)
            )
            return [PastEvent(row.position, EventId(row.event_id)) for row in found]


def write_reasking(session: Session, triggers: Sequence[Trigger], reasked: Sequence[Reask]) -> None:
    """Keep what must be asked again, and how far what was begun has come."""
    session.run_all(_TRIGGER, [_trigger_columns(each) for each in triggers])
    progress = [
        {
            "the_reask": each.position,
            "now_at": each.cursor,
            "now_asked": each.asked,
            "now_changed": each.changed,
            "ended": rows.micros_or_none(each.finished_at),
        }
        for each in reasked
    ]
    if session.run_all(_PROGRESS, progress) != len(progress):
        msg = "what is asked again is not there or was finished meanwhile; nothing was stored"
        raise UnknownStepError(msg, remedy="read where it stands")


def _trigger_columns(trigger: Trigger) -> rows.Columns:
    return {
        "child": trigger.child,
        "why": trigger.why,
        "urgency": rows.URGENCY[trigger.grade],
        "due": rows.micros(trigger.due),
        "epoch": trigger.epoch,
        "cursor": 0,
        "asked": 0,
        "changed": 0,
        "finished_at": None,
    }


def _reask_from(row: AnyRow) -> Reask:
    trigger = Trigger(
        child=None if row.child is None else ChildId(row.child),
        why=row.why,
        grade=rows.GRADES[row.urgency],
        due=rows.instant(row.due),
        epoch=row.epoch,
    )
    return Reask(row.position, trigger, row.cursor, row.asked, row.changed, rows.instant_or_none(row.finished_at))
