"""Holds and restrictions upon children's records: written, lifted, read."""

from collections.abc import Sequence

from sqlalchemy import bindparam, select, text, update

from broker.core.marks import Lifted, Mark, MarkKind
from broker.core.store_errors import UnknownStepError
from broker.drivers.sql import rows, schema
from broker.drivers.sql.identity import of_the_same_child
from broker.drivers.sql.prepared import AnyRow, Prepared, inserting
from broker.drivers.sql.reasking import SqlReasking
from broker.drivers.sql.store import Session
from contracts.words import ChildId, PersonId, RecordId

_m = schema.marks.c
_MARK = inserting(schema.marks)
_LIFTED = Prepared(
    update(schema.marks)
    .where(_m.mark_id == bindparam("the_mark"), _m.lifted_at.is_(None))
    .values(lifted_at=bindparam("at"), lifted_record=bindparam("record"))
)
_standing = select(schema.marks).where(text(schema.STANDING)).order_by(_m.position)
_STANDING = Prepared(_standing)
_STANDING_OF = Prepared(_standing.where(of_the_same_child(_m.child)))


class SqlMarks(SqlReasking):
    """Reads of what stands upon children's records."""

    def marks(self, child: ChildId | None = None) -> Sequence[Mark]:
        """Holds and restrictions that stand, upon one child's record or upon any, oldest first."""
        with self._store.reading() as session:
            found = session.rows(_STANDING) if child is None else session.rows(_STANDING_OF, child=child)
            return [_mark_from(row) for row in found]


def write_marks(session: Session, marks: Sequence[Mark], lifted: Sequence[Lifted]) -> None:
    """Keep new marks, and note which are lifted."""
    session.run_all(_MARK, [_mark_columns(each) for each in marks])
    gone = [{"the_mark": each.mark_id, "at": rows.micros(each.at), "record": each.record_id} for each in lifted]
    if session.run_all(_LIFTED, gone) != len(gone):
        msg = "a hold or restriction is not stored or was lifted already; nothing was stored"
        raise UnknownStepError(msg, remedy="read where it stands")


def _mark_columns(mark: Mark) -> rows.Columns:
    return {
        "mark_id": mark.mark_id,
        "kind": mark.kind.value,
        "child": mark.child,
        "person": mark.person,
        "role": mark.role,
        "since": rows.micros(mark.since),
        "until": rows.micros_or_none(mark.until),
        "record_id": mark.record_id,
        "lifted_at": None,
        "lifted_record": None,
        "sealed_reason": mark.sealed_reason,
    }


def _mark_from(row: AnyRow) -> Mark:
    return Mark(
        mark_id=row.mark_id,
        kind=MarkKind(row.kind),
        child=ChildId(row.child),
        person=PersonId(row.person),
        role=row.role,
        since=rows.instant(row.since),
        until=rows.instant_or_none(row.until),
        sealed_reason=row.sealed_reason,
        record_id=RecordId(row.record_id),
        lifted_at=rows.instant_or_none(row.lifted_at),
    )
