"""Which identity records mean one child: how that is read, and how it changes."""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, bindparam, func, or_, select, update

from broker.core.identity_acts import ActKind, IdentityAct
from broker.core.store_errors import UnknownStepError
from broker.drivers.sql import rows, schema
from broker.drivers.sql.prepared import AnyRow, Prepared, inserting
from broker.drivers.sql.store import Session
from contracts.words import ChildId, RecordId

_c, _a = schema.children.c, schema.identity_acts.c
_own, _member = schema.children.alias("own"), schema.children.alias("member")
_members = (
    select(_member.c.child).join(_own, _own.c.standing == _member.c.standing).where(_own.c.child == bindparam("child"))
)
_MEMBERS = Prepared(
    select(_member.c.child, _member.c.standing, _member.c.version, _member.c.events, _member.c.is_provisional)
    .join(_own, _own.c.standing == _member.c.standing)
    .where(_own.c.child == bindparam("child"))
    .order_by(_member.c.child != _member.c.standing, _member.c.child)
)
_ACT = inserting(schema.identity_acts)
_ACTS = Prepared(
    select(schema.identity_acts).where(or_(_a.child.in_(_members), _a.other.in_(_members))).order_by(_a.position)
)
_STANDS = Prepared(
    update(schema.children).where(_c.child == bindparam("the_child")).values(standing=bindparam("stands_as"))
)
_MOVED_ON = Prepared(
    update(schema.children).where(_c.child == bindparam("the_child")).values(version=bindparam("next_version"))
)
_SETTLED = Prepared(update(schema.children).where(_c.child == bindparam("the_child")).values(is_provisional=0))
_HIGHEST = Prepared(select(func.max(_member.c.version).label("version")).where(_member.c.child.in_(_members)))


def of_the_same_child(column: ColumnElement[Any]) -> ColumnElement[bool]:
    """That a column names any record of the child of which the parameter ``child`` names one."""
    return column.in_(_members)


def members_of(session: Session, child: ChildId) -> Sequence[AnyRow]:
    """Every record of a child, the standing one first; none where it is not stored."""
    return session.rows(_MEMBERS, child=child)


def acts_about(session: Session, child: ChildId) -> Sequence[IdentityAct]:
    """What was done about the identity of a child, or of a record that was once taken for it, oldest first."""
    return [_act_from(row) for row in session.rows(_ACTS, child=child)]


def write_acts(session: Session, acts: Sequence[IdentityAct]) -> None:
    """Move records from one child to another. Both children's facts have changed by that.

    Raises:
        UnknownStepError: records do not stand where the act says; nothing was stored.
    """
    for act in acts:
        before, after = (act.other, act.child) if act.kind.joins else (act.child, act.other)
        standing = {row.child: row.standing for each in (act.child, act.other) for row in members_of(session, each)}
        is_nothing = act.kind.joins and not act.moved
        if (
            is_nothing
            or any(standing.get(each) != before for each in act.moved)
            or standing.get(act.child) != act.child
        ):
            msg = "records do not stand as an identity act says; nothing was stored"
            raise UnknownStepError(msg, code="store.identity_moved", remedy="look the children up again")
        version = 1 + max(_highest(session, act.child), _highest(session, act.other))
        for each in act.moved:
            session.run(_STANDS, the_child=each, stands_as=after)
        for each in dict.fromkeys((act.child, after) if act.moved else (after,)):
            session.run(_MOVED_ON, the_child=each, next_version=version)
        if not act.kind.joins:
            session.run(_SETTLED, the_child=act.other)
        session.run(_ACT, **_columns(act))


def _highest(session: Session, child: ChildId) -> int:
    row = session.row(_HIGHEST, child=child)
    return 0 if row is None or row.version is None else int(row.version)


def _columns(act: IdentityAct) -> rows.Columns:
    return {
        "kind": act.kind.value,
        "child": act.child,
        "other": act.other,
        "moved": json.dumps(act.moved),
        "record_id": act.record_id,
        "at": rows.micros(act.at),
        "evidence": json.dumps(act.evidence),
        "person": act.person,
        "role": act.role,
        "sealed_reason": act.sealed_reason,
    }


def _act_from(row: AnyRow) -> IdentityAct:
    return IdentityAct(
        kind=ActKind(row.kind),
        child=ChildId(row.child),
        other=ChildId(row.other),
        moved=tuple(ChildId(each) for each in json.loads(row.moved)),
        record_id=RecordId(row.record_id),
        at=rows.instant(row.at),
        evidence=tuple(json.loads(row.evidence)),
        person=row.person,
        role=row.role,
        sealed_reason=row.sealed_reason,
    )
