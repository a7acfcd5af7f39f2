"""How far each erasure has come; and the file, rewritten so that nothing deleted is left in it."""

from collections.abc import Sequence

from sqlalchemy import Column, ForeignKey, Index, Table, Text, select

from broker.core.erasing import Erasure
from broker.core.grounds import Ground
from broker.core.store_errors import StoreError
from broker.drivers.sql import rows, schema
from broker.drivers.sql.marks import SqlMarks
from broker.drivers.sql.prepared import AnyRow, Prepared, upserting
from broker.drivers.sql.store import Session
from contracts.words import ChildId, PersonId, RecordId

erasures = Table(
    "erasures",
    schema.metadata,
    Column("erasure_id", Text, primary_key=True),
    Column("child", Text, ForeignKey(schema.children.c.child), nullable=False),
    Column("ground", Text, nullable=False),
    Column("proposed_by", Text, nullable=False),
    Column("proposed_role", Text, nullable=False),
    Column("proposed_at", schema.NUMBER, nullable=False),
    Column("confirmed_by", Text, nullable=False),
    Column("confirmed_role", Text, nullable=False),
    Column("confirmed_at", schema.NUMBER),
    Column("withdrawn_at", schema.NUMBER),
    Column("finished_at", schema.NUMBER),
    Column("record_id", Text, ForeignKey(schema.records.c.record_id), nullable=False),
    Index("erasures_of", "child"),
)
"""Who proposed and confirmed the erasure of which child, and when it was done."""

_ERASURE = upserting(
    erasures,
    lambda new: new.on_conflict_do_update(
        index_elements=["erasure_id"],
        set_={c.name: new.excluded[c.name] for c in erasures.columns if not c.primary_key},
    ),
)
_ERASURES = Prepared(select(erasures).order_by(erasures.c.proposed_at, erasures.c.erasure_id))


class SqlErasures(SqlMarks):
    """Reads of erasures, and what ends one."""

    def erasures(self) -> Sequence[Erasure]:
        """Every erasure that was ever proposed, oldest first."""
        with self._store.reading() as session:
            return [_erasure_from(row) for row in session.rows(_ERASURES)]

    def can_forget(self) -> bool:
        """Whether nobody reads the file now; waits a while for whoever does."""
        return self._store.empty_log()

    def compact(self) -> None:
        """Rewrite the file so that nothing deleted is left in it or in its log.

        Raises:
            StoreError: somebody reads the file (code ``store.not_erased``), or there is no room for a second copy.
        """
        if not self._store.compact():
            msg = "what was deleted may still stand in the journal's log, which somebody reads"
            raise StoreError(msg, code="store.not_erased", remedy="close whatever reads the home, and try again")


def write_erasures(session: Session, changed: Sequence[Erasure]) -> None:
    """Keep how far these have come."""
    for each in changed:
        session.run(
            _ERASURE,
            erasure_id=each.erasure_id,
            child=each.child,
            ground=each.ground.value,
            proposed_by=each.proposed_by,
            proposed_role=each.proposed_role,
            proposed_at=rows.micros(each.proposed_at),
            confirmed_by=each.confirmed_by,
            confirmed_role=each.confirmed_role,
            confirmed_at=rows.micros_or_none(each.confirmed_at),
            withdrawn_at=rows.micros_or_none(each.withdrawn_at),
            finished_at=rows.micros_or_none(each.finished_at),
            record_id=each.record_id,
        )


def _erasure_from(row: AnyRow) -> Erasure:
    return Erasure(
        erasure_id=row.erasure_id,
        child=ChildId(row.child),
        ground=Ground(row.ground),
        proposed_by=PersonId(row.proposed_by),
        proposed_role=row.proposed_role,
        proposed_at=rows.instant(row.proposed_at),
        record_id=RecordId(row.record_id),
        confirmed_by=row.confirmed_by,
        confirmed_role=row.confirmed_role,
        confirmed_at=rows.instant_or_none(row.confirmed_at),
        withdrawn_at=rows.instant_or_none(row.withdrawn_at),
        finished_at=rows.instant_or_none(row.finished_at),
    )
