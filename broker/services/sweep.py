"""Pass on what waits past its time, step by step: to a deputy, then to whoever is on cover; each with a record."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from broker.core.ladder import Escalation, OverdueKind, Rung, rungs
from broker.core.outcome import Outcome, Record, RecordKind
from broker.core.partnership import OnCover
from broker.core.records import RecordWriter
from broker.core.sealing import Sealer
from broker.ports.clock import Clock
from broker.ports.ids import Ids
from broker.ports.journal import Journal, Overdue
from broker.ports.keys import Keys
from broker.ports.policy import Policy
from broker.services.key_for import key_for


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


def sweep_all(services: SweepServices, *, limit: int = 500) -> Swept:
    """Sweep, ``limit`` at a time in a transaction each, until nothing more is due at this moment."""
    done = sweep(services, limit=limit)
    last = done
    while len(last.passed_on) >= limit:
        last = sweep(services, limit=limit)
        done = Swept((*done.passed_on, *last.passed_on), last.uncovered)
    return done


def sweep(services: SweepServices, *, limit: int = 500) -> Swept:
    """Pass on every question, and delivery not opened or correction not acknowledged, whose time has run out.

    Reds first. What has not arrived is sent again by whoever carries it. One step at a time, each taken once: the
    deputy of the role whose turn it is, then, a quarter of the clock later, the team that the roster names for this
    hour.
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
                if not _is_to_be_sent_again(overdue):
                    continue
            record, escalation = _step(services, overdue, cover, now)
            records.append(record)
            passed_on.append(escalation)
        if passed_on:
            services.journal.commit(Outcome(records=tuple(records), escalated=tuple(passed_on)))
    return Swept(tuple(passed_on), tuple(uncovered))


def _is_to_be_sent_again(overdue: Overdue) -> bool:
    """Whether the first step is to send it again, for which nobody need be on cover."""
    return overdue.kind is OverdueKind.DELIVERY and not overdue.taken


def _step(services: SweepServices, overdue: Overdue, cover: OnCover | None, now: datetime) -> tuple[Record, Escalation]:
    to = overdue.recipient or "" if overdue.kind is OverdueKind.DELIVERY else ""
    ladder = rungs(*_whose(overdue, services.policy), cover, to=to)
    place = min(overdue.taken, len(ladder) - 1)
    rung = ladder[place]
    is_last = cover is not None and place == len(ladder) - 1
    record = _record(services, overdue, rung, now)
    return record, Escalation(
        kind=overdue.kind,
        about=overdue.about,
        passed_to=rung.passed_to,
        record_id=record.record_id,
        at=now,
        number=overdue.taken + 1,
        step=rung.step,
        role=rung.role,
        next_at=None if is_last else services.policy.passed_on_further(overdue.grade, now),
    )


def _whose(overdue: Overdue, policy: Policy) -> tuple[str, Sequence[str]]:
    """The role whose turn it was, and who stands in for it."""
    match overdue.kind:
        case OverdueKind.DELIVERY | OverdueKind.RECEIPT | OverdueKind.ACKNOWLEDGEMENT:
            entry = policy.directory().recipients.get(overdue.recipient) if overdue.recipient is not None else None
            return ("", ()) if entry is None else (entry.role, entry.deputies)
        case OverdueKind.QUESTION | OverdueKind.HELD | OverdueKind.QUARANTINED:
            return overdue.owner, policy.deciders(overdue.code)


def _record(services: SweepServices, overdue: Overdue, rung: Rung, now: datetime) -> Record:
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
            "step": rung.step.value,
            "role": rung.role,
            "passed_to": rung.passed_to,
        },
    )


def _writer(services: SweepServices, overdue: Overdue, now: datetime) -> RecordWriter:
    key = key_for(services.keys, overdue.child)
    return RecordWriter(Sealer(key, services.ids.random), services.keys.secret("log"), services.ids.in_order, now)
