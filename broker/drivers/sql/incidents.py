"""Incidents, and what waits because of one."""

from collections.abc import Sequence

from sqlalchemy import bindparam, select, text, update

from broker.core.incidents import Incident
from broker.core.outcome import Outcome, StoredEvent, TaskQuestion
from broker.core.store_errors import UnknownStepError
from broker.drivers.sql import rows, schema
from broker.drivers.sql.accounts import SqlAccounts
from broker.drivers.sql.prepared import AnyRow, Prepared, inserting
from broker.drivers.sql.store import Session
from contracts.words import EventId, RecordId

_i, _e, _q = schema.incidents.c, schema.events.c, schema.questions.c
_INCIDENT = inserting(schema.incidents)
_ENDED = Prepared(
    update(schema.incidents)
    .where(_i.incident_id == bindparam("the_incident"), _i.ended_at.is_(None))
    .values(ended_at=bindparam("at"), ended_record=bindparam("record"))
)
_OPEN = Prepared(select(schema.incidents).where(text(schema.NOT_OVER)).order_by(_i.position))
_ALL = Prepared(select(schema.incidents).order_by(_i.position))
_held_for = (
    select(schema.events)
    .where(text(schema.HELD), _e.held_reason == bindparam("reason"))
    .order_by(_e.urgency, _e.held_until, _e.position)
    .limit(bindparam("most"))
)
_HELD_FOR = Prepared(_held_for)
_HELD_FOR_OF_TYPE = Prepared(_held_for.where(_e.event_type == bindparam("event_type")))
_OPEN_OF_EVENT = Prepared(
    select(schema.questions)
    .where(text(schema.OPEN), _q.child.is_(None), _q.event_id == bindparam("event_id"))
    .order_by(_q.position)
)


class SqlIncidents(SqlAccounts):
    """Reads of incidents and of what waits because of one."""

    def open_incidents(self) -> Sequence[Incident]:
        """Incidents that are not over, oldest first."""
        with self._store.reading() as session:
            return [_incident_from(row) for row in session.rows(_OPEN)]

    def incidents(self) -> Sequence[Incident]:
        """Every incident, oldest first."""
        with self._store.reading() as session:
            return [_incident_from(row) for row in session.rows(_ALL)]

    def held_for(self, reason: str, limit: int, *, event_type: str = "") -> Sequence[StoredEvent]:
        """Events held for one reason, due or not, of one type or of any; reds first, those tried longest ago first."""
        by_type = {"event_type": event_type} if event_type else {}
        query = _HELD_FOR_OF_TYPE if event_type else _HELD_FOR
        with self._store.reading() as session:
            return [rows.event_from(row) for row in session.rows(query, reason=reason, most=limit, **by_type)]

    def questions_about(self, event_id: EventId) -> Sequence[TaskQuestion]:
        """What waits for a person about an event of which no child is known yet."""
        with self._store.reading() as session:
            return [rows.question_from(row) for row in session.rows(_OPEN_OF_EVENT, event_id=event_id)]


def write_incidents(session: Session, outcome: Outcome) -> None:
    """Keep incidents, and note those that are over."""
    session.run_all(_INCIDENT, [_columns(each) for each in outcome.incidents])
    ended = [
        {"the_incident": each.incident_id, "at": rows.micros(each.at), "record": each.record_id}
        for each in outcome.ended
    ]
    if session.run_all(_ENDED, ended) != len(ended):
        msg = "an incident is not there or was over already; nothing was stored"
        raise UnknownStepError(msg, remedy="read where it stands")


def _columns(incident: Incident) -> rows.Columns:
    return {
        "incident_id": incident.incident_id,
        "cause": incident.cause,
        "subject": incident.subject,
        "question_id": incident.question_id,
        "record_id": incident.record_id,
        "opened_at": rows.micros(incident.opened_at),
        "ended_at": None,
        "ended_record": None,
    }


def _incident_from(row: AnyRow) -> Incident:
    return Incident(
        incident_id=row.incident_id,
        cause=row.cause,
        subject=row.subject,
        question_id=row.question_id,
        record_id=RecordId(row.record_id),
        opened_at=rows.instant(row.opened_at),
        ended_at=rows.instant_or_none(row.ended_at),
    )
