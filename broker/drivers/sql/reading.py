"""What the journal holds about children and events."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import cache

from sqlalchemy import ColumnElement, bindparam, exists, func, literal_column, or_, select, text

from broker.core.beside import Named
from broker.core.facts import Fact, KnownChild, joined
from broker.core.feeds import missing_numbers
from broker.core.identity_acts import IdentityAct
from broker.core.outcome import Decision, EventState, LastHeard, Record, StoredEvent
from broker.drivers.sql import rows, schema
from broker.drivers.sql.identity import acts_about, members_of, of_the_same_child
from broker.drivers.sql.prepared import AnyRow, Prepared
from broker.drivers.sql.store import Session, SqlStore
from broker.drivers.sql.taught import without
from broker.ports.journal import ChildSummary, PendingRecord
from contracts.events.police import NoticeKept
from contracts.question import Approval, HistoryCount
from contracts.words import AgencyKind, ChildId, EventId, RecordId

_c, _e, _f, _l, _r = (
    schema.children.c,
    schema.events.c,
    schema.facts.c,
    schema.identity_links.c,
    schema.records.c,
)
_CHILD = Prepared(select(schema.children).where(_c.child == bindparam("child")))
_own, _member = schema.children.alias("own"), schema.children.alias("member")
_CHILDREN = Prepared(
    select(_own.c.child, func.sum(_member.c.events).label("events"), func.max(_member.c.last_event_at).label("last"))
    .join(_member, _member.c.standing == _own.c.child)
    .where(_own.c.child == _own.c.standing)
    .group_by(_own.c.child)
    .having(func.sum(_member.c.events) > 0)
    .order_by(text("last DESC"), _own.c.child)
)
_FACTS = Prepared(select(schema.facts).where(_f.child == bindparam("child")).order_by(_f.kind, _f.key))
_OPEN_ABOUT = Prepared(
    select(func.count())
    .select_from(schema.questions)
    .where(of_the_same_child(schema.questions.c.child), text(schema.OPEN))
)
_LINK = Prepared(select(_l.child).where(_l.kind == bindparam("kind"), _l.hash == bindparam("hash")))
_kept_names = select(_c.child, _c.sealed_demographics)
_NAMESAKES = Prepared(
    _kept_names.where(or_(_c.surname_hash == bindparam("surname"), _c.forename_hash == bindparam("forename")))
)
_NAMES = Prepared(_kept_names.where(_c.child == bindparam("child")))
_LAST_REPORT = Prepared(
    select(func.max(_e.received_at).label("last")).where(of_the_same_child(_e.child), _e.is_safeguarding == 1)
)
_later = schema.deliveries.alias("later")
IS_LAST_WORD = ~exists().where(
    _later.c.event_id == schema.deliveries.c.event_id,
    _later.c.recipient == schema.deliveries.c.recipient,
    _later.c.revision > schema.deliveries.c.revision,
    _later.c.superseded_by.is_(None),
)
"""That no later revision of a delivery stands in its place, on its way or there."""
_EVENT = Prepared(select(schema.events).where(_e.event_id == bindparam("event_id")))
_ordered_events = select(schema.events).order_by(_e.position)
_EVENTS = {
    (False, False): Prepared(_ordered_events),
    (True, False): Prepared(_ordered_events.where(of_the_same_child(_e.child))),
    (False, True): Prepared(_ordered_events.where(_e.state == bindparam("state"))),
    (True, True): Prepared(_ordered_events.where(of_the_same_child(_e.child), _e.state == bindparam("state"))),
}
_CORRECTING = Prepared(
    select(_e.event_id)
    .where(text("corrects IS NOT NULL"), _e.corrects == bindparam("event_id"), text("state = 'accepted'"))
    .order_by(_e.position)
    .limit(1)
)
_HELD_DUE = Prepared(
    select(schema.events)
    .where(text(schema.HELD), (_e.held_until.is_(None)) | (_e.held_until <= bindparam("now")))
    .order_by(_e.urgency, _e.held_until, _e.position)
    .limit(bindparam("most"))
)
_week_number: ColumnElement[int] = literal_column("(occurred_at / 86400000000 + 3) / 7")
_HISTORY = Prepared(
    select(_e.event_type, _e.urgency, _week_number.label("week"), func.count())
    .where(
        of_the_same_child(_e.child),
        _e.occurred_at >= bindparam("since"),
        text(f"state = 'accepted' AND (is_safeguarding = 1 OR event_type = '{NoticeKept.event_type}')"),
        _e.corrected_by.is_(None),
    )
    .group_by(_e.event_type, _e.urgency, text("week"))
    .order_by(_e.event_type, _e.urgency, text("week"))
)
_APPROVALS = Prepared(
    select(schema.approvals.c.approval)
    .where(schema.approvals.c.event_id == bindparam("event_id"))
    .order_by(schema.approvals.c.position)
)
_DECISIONS = Prepared(
    select(schema.decisions)
    .where(schema.decisions.c.event_id == bindparam("event_id"))
    .order_by(schema.decisions.c.position)
)
_ASKED = Prepared(
    select(schema.asked.c.sealed)
    .join(schema.decisions, schema.decisions.c.asked_id == schema.asked.c.asked_id)
    .where(schema.decisions.c.decision_id == bindparam("decision_id"))
)
_ordered_records = select(schema.records).order_by(_r.position)
_of_child = or_(
    _r.event_id.in_(select(_e.event_id).where(of_the_same_child(_e.child))),
    text(schema.ALONE) & of_the_same_child(_r.child),
)
_RECORDS = {
    (False, False): Prepared(_ordered_records),
    (True, False): Prepared(_ordered_records.where(_of_child)),
    (False, True): Prepared(_ordered_records.where(_r.event_id == bindparam("event_id"))),
    (True, True): Prepared(_ordered_records.where(of_the_same_child(_r.child), _r.event_id == bindparam("event_id"))),
}
_RECORD = Prepared(select(schema.records).where(_r.record_id == bindparam("record_id")))
_PENDING = Prepared(
    select(_r.record_id, _r.leaf, _r.order_key)
    .where(text(schema.PENDING))
    .order_by(_r.position)
    .limit(bindparam("most"))
)
_FEEDS = Prepared(select(schema.feeds).order_by(schema.feeds.c.agency, schema.feeds.c.source))
_RUNS = Prepared(select(schema.numbers).order_by(schema.numbers.c.source, schema.numbers.c.first))
_RUNS_OF = Prepared(
    select(schema.numbers).where(schema.numbers.c.source == bindparam("the_source")).order_by(schema.numbers.c.first)
)


class SqlReading:
    """Reads of children, events, decisions and records; inside a transaction they see what it wrote."""

    def __init__(self, store: SqlStore) -> None:
        """Read from ``store``."""
        self._store = store

    def known_child(self, child: ChildId) -> KnownChild | None:
        """What is known of one child; the demographics come sealed."""
        with self._store.reading(scoped=True) as session:
            session.meets(child)
            row = session.row(_CHILD, child=child)
            return None if row is None else _known(session, row)

    def children(self) -> Iterator[ChildSummary]:
        """Every child with a safeguarding event, latest event first."""
        with self._store.reading() as session:
            for row in session.rows(_CHILDREN):
                waiting = session.row(_OPEN_ABOUT, child=row.child)
                known = _known(session, session.row(_CHILD, child=row.child))
                yield ChildSummary(known, row.events, rows.instant_or_none(row.last), waiting[0] if waiting else 0)

    def linked_children(self, links: Sequence[tuple[str, str]]) -> Mapping[tuple[str, str], ChildId]:
        """For each (kind, keyed hash) that is known, the identity record it means."""
        found = {}
        with self._store.reading(scoped=True) as session:
            session.names(Named(links=frozenset(links)))
            for kind, value in links:
                row = session.row(_LINK, kind=kind, hash=value)
                if row is not None:
                    found[kind, value] = ChildId(row.child)
        return found

    def namesakes(
        self, surname_hash: str, forename_hash: str, *, among: Sequence[ChildId] = ()
    ) -> Sequence[tuple[ChildId, bytes]]:
        """Identity records with either keyed name, and those ``among`` whatever their names: sealed demographics."""
        with self._store.reading(scoped=True) as session:
            session.names(Named(names=frozenset(each for each in (surname_hash, forename_hash) if each)))
            hashes = {"surname": surname_hash, "forename": forename_hash}
            for row in session.rows(_NAMESAKES, **hashes) if session.scope is not None else ():
                session.meets(ChildId(row[0]))  # before it is read what it is called: another may be changing that
            for child in among:
                session.meets(child)
            found = [row for child in among for row in session.rows(_NAMES, child=child)]
            found += session.rows(_NAMESAKES, **hashes)
            return sorted({ChildId(row[0]): row[1] for row in found}.items())

    def facts_without(self, child: ChildId, event: EventId) -> Sequence[Fact]:
        """What would be known of a child, all its records together, had a report about it taught nothing."""
        with self._store.reading() as session:
            found: list[Fact] = []
            for each in members_of(session, child):
                instead = without(session, ChildId(each.child), event)
                for row in session.rows(_FACTS, child=each.child):
                    fact = instead.get((row.kind, row.key), rows.fact_from(row))
                    found.extend([fact] if fact is not None else [])
            return joined(found)

    def last_report(self, child: ChildId) -> datetime | None:
        """When a safeguarding event about a child was received last; none before the first."""
        with self._store.reading() as session:
            row = session.row(_LAST_REPORT, child=child)
            return None if row is None else rows.instant_or_none(row.last)

    def identity_acts(self, child: ChildId) -> Sequence[IdentityAct]:
        """What was done about who a child is, its records joined and parted, oldest first."""
        with self._store.reading(scoped=True) as session:
            session.meets(child)
            return acts_about(session, child)

    def event(self, event_id: EventId) -> StoredEvent | None:
        """One event, accepted or held, or none."""
        with self._store.reading(scoped=True) as session:
            session.names(Named(events=frozenset({event_id})))
            row = session.row(_EVENT, event_id=event_id)
            return None if row is None else rows.event_from(row)

    def correction_of(self, event_id: EventId) -> EventId | None:
        """The accepted report that says it stands in place of this one, whether or not this one has come."""
        with self._store.reading(scoped=True) as session:
            session.names(Named(events=frozenset({event_id})))
            row = session.row(_CORRECTING, event_id=event_id)
            return None if row is None else EventId(row.event_id)

    def events(self, *, child: ChildId | None = None, state: EventState | None = None) -> Sequence[StoredEvent]:
        """Events by child and state, in order of acceptance."""
        given = {"child": child, "state": None if state is None else state.value}
        chosen = {name: value for name, value in given.items() if value is not None}
        with self._store.reading() as session:
            found = session.rows(_EVENTS[child is not None, state is not None], **chosen)
            return [rows.event_from(row) for row in found]

    def held_due(self, now: datetime, limit: int) -> Sequence[StoredEvent]:
        """Held events, reds first, that may be tried again at ``now``."""
        with self._store.reading() as session:
            return [rows.event_from(row) for row in session.rows(_HELD_DUE, now=rows.micros(now), most=limit)]

    def history(self, child: ChildId, since: datetime) -> Sequence[HistoryCount]:
        """Counts of accepted events about the child by type, kind of agency, grade and week."""
        with self._store.reading(scoped=True) as session:
            session.meets(child)
            found = session.rows(_HISTORY, child=child, since=rows.micros(since))
        return [_history_count(*row) for row in found]

    def approvals(self, event_id: EventId) -> Sequence[Approval]:
        """What people have decided about one event."""
        with self._store.reading() as session:
            return [Approval.model_validate_json(row[0]) for row in session.rows(_APPROVALS, event_id=event_id)]

    def decisions(self, event_id: EventId) -> Sequence[Decision]:
        """Every decision about one event, oldest first."""
        with self._store.reading() as session:
            return [rows.decision_from(row) for row in session.rows(_DECISIONS, event_id=event_id)]

    def asked(self, decision_id: str) -> bytes | None:
        """The question that a decision answered, sealed under the child's key, for replay."""
        with self._store.reading() as session:
            row = session.row(_ASKED, decision_id=decision_id)
            return None if row is None else row.sealed

    def records(
        self, *, child: ChildId | None = None, event: EventId | None = None
    ) -> Sequence[tuple[Record, int | None]]:
        """Records with their leaf index (none while not sequenced)."""
        chosen = {name: value for name, value in {"child": child, "event_id": event}.items() if value is not None}
        with self._store.reading() as session:
            found = session.rows(_RECORDS[child is not None, event is not None], **chosen)
            return [rows.record_from(row) for row in found]

    def record(self, record_id: RecordId) -> tuple[Record, int | None] | None:
        """One record with its leaf index."""
        with self._store.reading() as session:
            row = session.row(_RECORD, record_id=record_id)
            return None if row is None else rows.record_from(row)

    def pending_records(self, limit: int) -> Sequence[PendingRecord]:
        """Records without a leaf, found by presence, oldest first."""
        with self._store.reading() as session:
            found = session.rows(_PENDING, most=limit)
            return [PendingRecord(RecordId(row[0]), row[1], row[2]) for row in found]

    def feeds(self) -> Sequence[LastHeard]:
        """When each agency's feed was last heard."""
        with self._store.reading() as session:
            return [rows.heard_from(row) for row in session.rows(_FEEDS)]

    def sequence_gaps(self) -> Sequence[tuple[str, int, int]]:
        """(source, first missing, last missing) for every gap in a source's numbers."""
        heard: dict[str, list[tuple[int, int]]] = {}
        with self._store.reading() as session:
            for run in session.rows(_RUNS):
                heard.setdefault(run.source, []).append((run.first, run.last))
        return [
            (source, first, last)
            for source, runs in heard.items()
            for first, last in missing_numbers(runs, runs[-1][1])
        ]

    def numbers_missing(self, source: str, up_to: int) -> Sequence[tuple[int, int]]:
        """(first missing, last missing) for every gap in one source's numbers from 1 to ``up_to``."""
        with self._store.reading() as session:
            runs = [(run.first, run.last) for run in session.rows(_RUNS_OF, the_source=source)]
        return missing_numbers(runs, up_to)


def _known(session: Session, row: AnyRow) -> KnownChild:
    members = members_of(session, row.child)
    standing = members[0]
    facts = [rows.fact_from(fact) for each in members for fact in session.rows(_FACTS, child=each.child)]
    return KnownChild(
        child=ChildId(row.child),
        version=standing.version,
        facts=joined(facts) if len(members) > 1 else tuple(facts),
        has_safeguarding_event=any(each.events > 0 for each in members),
        is_provisional=bool(standing.is_provisional),
        demographics=row.sealed_demographics,
        records=tuple(ChildId(each.child) for each in members) if len(members) > 1 else (),
    )


def _history_count(event_type: str, urgency: int, week: int, count: int) -> HistoryCount:
    kind = AgencyKind(event_type.split(".")[2])
    return HistoryCount(
        kind=event_type, agency_kind=kind, grade=rows.GRADES[urgency], week=_week_name(week), count=count
    )


@cache
def _week_name(week: int) -> str:
    """The ISO name of a week; weeks are counted from Monday 29 December 1969."""
    year, number, _ = (date(1969, 12, 29) + timedelta(weeks=week)).isocalendar()
    return f"{year}-W{number:02d}"
