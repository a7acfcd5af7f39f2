"""Empties what is kept of one child. Ids stay, so that what is sent again is known and everything still adds up."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Delete, Table, Update, bindparam, delete, null, select, text, update

from broker.core.erasing import FORGOTTEN, Forgotten
from broker.core.outcome import EventState
from broker.drivers.sql import schema
from broker.drivers.sql.prepared import Prepared
from broker.drivers.sql.store import Session
from contracts.words import ChildId, EventId

_child: ColumnElement[Any] = bindparam("the_child")
_d = schema.deliveries.c
_events_of = select(schema.events.c.event_id).where(schema.events.c.child == _child)
_deliveries_of = select(_d.delivery_id).where((_d.child == _child) | _d.event_id.in_(_events_of))
_decisions = schema.decisions.c
_asked_of = select(_decisions.asked_id).where(_decisions.child == _child)
_questions_of = select(schema.questions.c.question_id).where(schema.questions.c.child == _child)
_BLANK: Final[Mapping[str, Any]] = {
    "event_type": "",
    "source": "",
    "sequence": 0,
    "rawhash": "",
    "subject": "",
    "incident": "",
    "occurred_at": 0,
    "state": EventState.ERASED.value,
    "urgency": 0,
    "level": 0,
    "attributes": "{}",
    "signature": "",
    "is_safeguarding": 0,
    "held_reason": "",
    "held_until": null(),
    "considered": "[]",
    "not_considered": "[]",
    "sealed": b"",
}


def _emptied(table: Table, whose: ColumnElement[bool], **columns: Any) -> Update:
    return update(table).where(whose).values(columns)


_EMPTYING: Final[Sequence[Delete | Update]] = (
    delete(schema.identity_links).where(schema.identity_links.c.child == _child),
    delete(schema.facts).where(schema.facts.c.child == _child),
    delete(schema.taught).where(schema.taught.c.child == _child),
    delete(schema.asked).where(schema.asked.c.asked_id.in_(_asked_of)),
    delete(schema.approvals).where(schema.approvals.c.event_id.in_(_events_of)),
    _emptied(schema.answers, schema.answers.c.question_id.in_(_questions_of), sealed_reason=b""),
    _emptied(schema.questions, schema.questions.c.child == _child, scope="", detail="{}"),
    _emptied(schema.marks, schema.marks.c.child == _child, sealed_reason=b""),
    _emptied(schema.identity_acts, schema.identity_acts.c.child == _child, evidence="[]", sealed_reason=b""),
    _emptied(schema.identity_acts, schema.identity_acts.c.other == _child, evidence="[]", sealed_reason=b""),
    _emptied(
        schema.decisions,
        _decisions.child == _child,
        asked_again="",
        asked_id="",
        verdict=text("'{\"recipient\":\"' || recipient || '\",\"effect\":\"' || effect || '\",\"duty\":\"may\"}'"),
    ),
    _emptied(
        schema.receipts, schema.receipts.c.delivery_id.in_(_deliveries_of), digest=FORGOTTEN, role="", signature=""
    ),
    _emptied(
        schema.deliveries, _d.delivery_id.in_(_deliveries_of), digest=FORGOTTEN, receipt_due=null(), not_before=null(),
        cause=null(), sealed=b"",
    ),
    _emptied(schema.records, schema.records.c.child == _child, sealed=b""),
    _emptied(schema.records, schema.records.c.event_id.in_(_events_of), sealed=b""),
    _emptied(schema.events, schema.events.c.child == _child, **_BLANK),
    _emptied(
        schema.children, schema.children.c.child == _child, surname_hash="", forename_hash="", events=0,
        last_event_at=null(), is_provisional=0, sealed_demographics=b"",
    ),
)  # fmt: skip
_MOVE_ON = Prepared(
    update(schema.children).where(schema.children.c.child == _child).values(version=schema.children.c.version + 1)
)
_NOT_ASKED_AGAIN = Prepared(
    update(schema.reasks)
    .where(schema.reasks.c.child == _child)
    .values(why="", finished_at=text("coalesce(finished_at, due)"))
)
_STATEMENTS: Final = tuple(Prepared(statement) for statement in _EMPTYING)
_HELD = Prepared(update(schema.events).where(schema.events.c.event_id == bindparam("the_event")).values(_BLANK))
_QUARANTINED = Prepared(delete(schema.quarantine).where(schema.quarantine.c.quarantine_id == bindparam("the_message")))
_EVENTS = Prepared(_events_of)
_REPLIES = Prepared(select(schema.replies.c.position, schema.replies.c.reply))
_DROP_REPLY = Prepared(delete(schema.replies).where(schema.replies.c.position == bindparam("the_reply")))

EMPTIED_BY: Final[Mapping[str, str]] = {
    "answers.sealed_reason": "overwritten with nothing",
    "asked.sealed": "the row is deleted",
    "children.sealed_demographics": "overwritten with nothing",
    "deliveries.sealed": "overwritten with nothing",
    "events.sealed": "overwritten with nothing",
    "facts.sealed": "the row is deleted",
    "identity_acts.sealed_reason": "overwritten with nothing",
    "marks.sealed_reason": "overwritten with nothing",
    "quarantine.sealed": "the row is deleted",
    "records.sealed": "overwritten with nothing",
    "taught.sealed": "the row is deleted",
}
"""How each column in which something personal may stand is emptied of one child."""


def forget(session: Session, forgotten: Forgotten) -> None:
    """Empty everything that is kept of these records; files hold it until they are made compact."""
    events = {EventId(row[0]) for child in forgotten.children for row in session.rows(_EVENTS, the_child=child)}
    _drop_replies(session, events | set(forgotten.held))
    for child in forgotten.children:
        _forget_one(session, child)
    session.run_all(_HELD, [{"the_event": event} for event in forgotten.held])
    session.run_all(_QUARANTINED, [{"the_message": message} for message in forgotten.quarantined])


def _forget_one(session: Session, child: ChildId) -> None:
    for statement in (*_STATEMENTS, _MOVE_ON, _NOT_ASKED_AGAIN):
        session.run(statement, the_child=child)


def _drop_replies(session: Session, events: set[EventId]) -> None:
    gone = [row.position for row in session.rows(_REPLIES) if json.loads(row.reply).get("event_id") in events]
    session.run_all(_DROP_REPLY, [{"the_reply": position} for position in gone])
