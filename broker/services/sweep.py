"""Pass on what waits past its time to whoever is on cover, once, with a record."""

from dataclasses import dataclass
from datetime import datetime

from broker.core.outcome import Escalation, Outcome, Record, RecordKind
from broker.core.records import RecordWriter
from broker.core.sealing import Sealer
from broker.core.store_errors import KeyDestroyedError
from broker.ports.clock import Clock
from broker.ports.ids import Ids
from broker.ports.journal import Journal, Overdue
from broker.ports.keys import Keys
from broker.ports.policy import Policy


@dataclass(frozen=True, slots=True)
class SweepServices:
    """What sweeping needs."""

    journal: Journal
    keys: Keys
    policy: Policy
    clock: Clock
    ids: Ids


@dataclass(frozen=True, slots=True)
class Swept:
    """What was passed on; and what nobody covers, which is an alarm: the roster has a hole."""

    passed_on: tuple[Escalation, ...]
    uncovered: tuple[Overdue, ...]


def sweep(services: SweepServices, *, limit: int = 500) -> Swept:
    """Pass on every question, and delivery not opened or correction not acknowledged, whose time has run out.

    Reds first; each at most once.
    """
    now = services.clock.now()
    passed_on: list[Escalation] = []
    uncovered: list[Overdue] = []
    with services.journal.transaction():
        records: list[Record] = []
        for overdue in services.journal.overdue(now, limit):
            cover = services.policy.on_cover(overdue.grade, now)
            if cover is None:
                uncovered.append(overdue)
                continue
            to = str(cover)
            record = _record(services, overdue, to, now)
            records.append(record)
            passed_on.append(Escalation(overdue.kind, overdue.about, to, record.record_id, now))
        if passed_on:
            services.journal.commit(Outcome(records=tuple(records), escalated=tuple(passed_on)))
    return Swept(tuple(passed_on), tuple(uncovered))


def _record(services: SweepServices, overdue: Overdue, to: str, now: datetime) -> Record:
    return _writer(services, overdue, now).write(
        RecordKind.ESCALATION,
        about=overdue.about,
        event_id=overdue.event_id,
        child=overdue.child,
        disclosed={},
        internal={
            "waiting": overdue.kind.value,
            "due": int(overdue.due.timestamp()),
            "owner": overdue.owner,
            "recipient": overdue.recipient or "",
            "passed_to": to,
        },
    )


def _writer(services: SweepServices, overdue: Overdue, now: datetime) -> RecordWriter:
    key = services.keys.secret("partnership")
    if overdue.child is not None:
        try:
            key = services.keys.child_key(overdue.child)
        except KeyDestroyedError:
            key = services.keys.secret("partnership")
    return RecordWriter(Sealer(key, services.ids.random), services.keys.secret("log"), services.ids.new, now)
