"""Everything the journal holds, a page at a time, without content or reasons."""

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, Final

from sqlalchemy import Table, bindparam, exists, select, text, union

from broker.core.outcome import EventState
from broker.drivers.sql import rows, schema
from broker.drivers.sql.prepared import AnyRow, Prepared
from broker.drivers.sql.progress import SqlProgress
from broker.drivers.sql.store import Session
from broker.ports.accounts import DecisionAccount, DeliveryAccount, EventAccount, RecordAccount
from contracts.words import Cause, DeliveryId, Effect, EventId, ReceiptKind, RecipientId, RecordId

_PAGE: Final = 200
_e, _x, _d, _r, _q = (
    schema.events.c,
    schema.decisions.c,
    schema.deliveries.c,
    schema.records.c,
    schema.questions.c,
)
_EVENTS = Prepared(
    select(_e.position, _e.event_id, _e.state, _e.held_reason, _e.held_until, _e.considered)
    .where(_e.position > bindparam("after"))
    .order_by(_e.position)
    .limit(_PAGE)
)
_named = union(
    *(
        select(table.c.event_id).where(
            table.c.event_id.is_not(None), ~exists().where(schema.events.c.event_id == table.c.event_id)
        )
        for table in (schema.decisions, schema.deliveries, schema.records)
    )
)
_STRAYS = Prepared(_named)
"""By ``exists``: PostgreSQL looks through a list for each row once the list is too long for its working memory."""


def _of_event(table: Table, *columns: Any) -> Prepared:
    chosen = columns or (table,)
    return Prepared(select(*chosen).where(table.c.event_id == bindparam("event_id")).order_by(table.c.position))


_DECISIONS = _of_event(schema.decisions, _x.decision_id, _x.event_id, _x.recipient, _x.effect)
_DELIVERIES = _of_event(schema.deliveries, *(c for c in schema.deliveries.c if c.name != "sealed"))
_RECORDS = _of_event(schema.records)
_RECEIPTS = Prepared(
    select(schema.receipts)
    .join(schema.deliveries, _d.delivery_id == schema.receipts.c.delivery_id)
    .where(_d.event_id == bindparam("event_id"))
)
_PLACED = Prepared(
    select(_r.leaf_index, _r.record_id, _r.leaf)
    .where(text(schema.PLACED), _r.leaf_index >= bindparam("start"), _r.leaf_index < bindparam("stop"))
    .order_by(_r.leaf_index)
)
_OPEN = Prepared(select(_q.code, _q.event_id).where(text(schema.OPEN)).distinct())
_INCIDENTS = Prepared(select(schema.incidents.c.cause).where(text(schema.NOT_OVER)).distinct())


class SqlAccounts(SqlProgress):
    """Reads that go through everything."""

    def event_accounts(self) -> Iterator[EventAccount]:
        """Every event in order of acceptance, then every event that only decisions, deliveries or records name."""
        after = 0
        while True:
            with self._store.reading() as session:
                page = [_account(session, row) for row in session.rows(_EVENTS, after=after)]
            if not page:
                break
            for position, account in page:
                after = position
                yield account
        with self._store.reading() as session:
            strays = [_stray(session, row.event_id) for row in session.rows(_STRAYS)]
        yield from strays

    def placed_records(self, start: int, end: int) -> Sequence[tuple[int, RecordId, bytes]]:
        """(leaf index, record id, leaf) of every record whose leaf index lies from ``start`` up to ``end``."""
        with self._store.reading() as session:
            return [(row[0], RecordId(row[1]), row[2]) for row in session.rows(_PLACED, start=start, stop=end)]

    def records_pending(self) -> int:
        """How many records are not yet leaves."""
        return self.counts()["records_pending"]

    def open_matters(self) -> frozenset[tuple[str, EventId | None]]:
        """(code, event, if it is about one) of every question that waits for a person, and of every open incident."""
        with self._store.reading() as session:
            waiting = {(row[0], row[1]) for row in session.rows(_OPEN)}
            return frozenset(waiting | {(row[0], None) for row in session.rows(_INCIDENTS)})


def _account(session: Session, row: AnyRow) -> tuple[int, EventAccount]:
    event_id = EventId(row.event_id)
    return row.position, EventAccount(
        event_id=event_id,
        state=EventState(row.state),
        held_reason=row.held_reason,
        held_until=rows.instant_or_none(row.held_until),
        considered=tuple(json.loads(row.considered)),
        decisions=_decisions(session, event_id),
        deliveries=_deliveries(session, event_id),
        records=_records(session, event_id),
    )


def _stray(session: Session, event: str) -> EventAccount:
    event_id = EventId(event)
    found = (_decisions(session, event_id), _deliveries(session, event_id), _records(session, event_id))
    return EventAccount(event_id, None, "", None, (), *found)


def _decisions(session: Session, event_id: EventId) -> tuple[DecisionAccount, ...]:
    return tuple(
        DecisionAccount(row.decision_id, EventId(row.event_id), RecipientId(row.recipient), Effect(row.effect))
        for row in session.rows(_DECISIONS, event_id=event_id)
    )


def _deliveries(session: Session, event_id: EventId) -> tuple[DeliveryAccount, ...]:
    found = session.rows(_DELIVERIES, event_id=event_id)
    if not found:
        return ()
    receipts: dict[str, dict[ReceiptKind, tuple[str, RecordId]]] = defaultdict(dict)
    for row in session.rows(_RECEIPTS, event_id=event_id):
        receipts[row.delivery_id][ReceiptKind(row.kind)] = (row.digest, RecordId(row.record_id))
    return tuple(
        DeliveryAccount(
            delivery_id=DeliveryId(row.delivery_id),
            event_id=EventId(row.event_id),
            recipient=RecipientId(row.recipient),
            revision=row.revision,
            kind=row.kind,
            decision_id=row.decision_id,
            record_id=RecordId(row.record_id),
            digest=row.digest,
            released_at=rows.instant_or_none(row.released_at),
            release_record=row.release_record,
            checkpoint_size=row.checkpoint_size,
            superseded_by=row.superseded_by,
            cause=None if row.cause is None else Cause(row.cause),
            receipts=receipts[row.delivery_id],
        )
        for row in found
    )


def _records(session: Session, event_id: EventId) -> tuple[RecordAccount, ...]:
    return tuple(RecordAccount(*rows.record_from(row)) for row in session.rows(_RECORDS, event_id=event_id))
