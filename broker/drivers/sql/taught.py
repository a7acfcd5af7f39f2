"""Which report taught which fact, so that what a report taught goes with it when it is found not to hold.

What keeps something back stays.
"""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import bindparam, delete, select, text, update

from broker.core.facts import PROTECTING, Fact
from broker.drivers.sql import rows, schema
from broker.drivers.sql.prepared import AnyRow, Prepared, upserting
from broker.drivers.sql.store import Session
from contracts.words import ChildId, EventId

_t, _f = schema.taught.c, schema.facts.c
_names = ("child", "kind", "key", "source_event")
_TAUGHT = upserting(
    schema.taught,
    lambda new: new.on_conflict_do_update(
        index_elements=_names,
        set_={c.name: new.excluded[c.name] for c in schema.taught.columns if not c.primary_key},
    ),
)
_GOES = text(f"kind NOT IN ({', '.join(repr(kind.value) for kind in sorted(PROTECTING))})")
"""Our own words only."""
_FROM = Prepared(
    select(schema.facts).where(_f.source_event == bindparam("event"), _f.child == bindparam("child"), _GOES)
)
_OTHERS = Prepared(
    select(schema.taught)
    .where(
        _t.child == bindparam("child"),
        _t.kind == bindparam("kind"),
        _t.key == bindparam("key"),
        _t.source_event != bindparam("event"),
    )
    .order_by(_t.as_at.desc(), _t.version.desc())
    .limit(1)
)
_FORGET = Prepared(
    delete(schema.taught).where(_t.child == bindparam("child"), _t.source_event == bindparam("event"), _GOES)
)
_row = (_f.child == bindparam("the_child")) & (_f.kind == bindparam("the_kind")) & (_f.key == bindparam("the_key"))
_DROP = Prepared(delete(schema.facts).where(_row))
_BACK = Prepared(
    update(schema.facts)
    .where(_row)
    .values({c.name: bindparam(f"old_{c.name}") for c in schema.facts.columns if not c.primary_key})
)


def note_taught(session: Session, taught: Iterable[Mapping[str, object]]) -> None:
    """Keep what each report taught, whether or not it is the latest word."""
    session.run_all(_TAUGHT, list(taught))


def without(session: Session, child: ChildId, event: EventId) -> Mapping[tuple[str, str], Fact | None]:
    """By kind and key, what would be known instead of each fact that ``event`` taught; none where nothing would."""
    return {
        (row.kind, row.key): None if before is None else rows.fact_from(before)
        for row, before in _replaced(session, child, event)
    }


def unlearn(session: Session, child: ChildId, event: EventId, *, version: int) -> bool:
    """Put back, at this version, what was known before ``event`` taught otherwise; whether anything changed."""
    replaced = _replaced(session, child, event)
    session.run(_FORGET, child=child, event=event)
    for row, before in replaced:
        name = {"the_child": row.child, "the_kind": row.kind, "the_key": row.key}
        if before is None:
            session.run(_DROP, **name)
        else:
            columns = rows.fact_columns(rows.fact_from(before), version=version)
            old = {f"old_{column}": columns[column] for column in columns if column not in _names[:3]}
            session.run(_BACK, **name, **old)
    return bool(replaced)


def _replaced(session: Session, child: ChildId, event: EventId) -> Sequence[tuple[AnyRow, AnyRow | None]]:
    return [
        (row, session.row(_OTHERS, child=row.child, kind=row.kind, key=row.key, event=event))
        for row in session.rows(_FROM, child=child, event=event)
    ]
