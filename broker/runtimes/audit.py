"""What auditors do at the exchange: verify the ledger, prove an entry, check that all is in order."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from zoneinfo import ZoneInfo

from broker.core.erasing import STANDS_FOR
from broker.core.errors import MashError
from broker.core.findings import Verification
from broker.core.incidents import WORDS
from broker.core.outcome import Record
from broker.core.records import about_record, read_openings
from broker.core.sealing import SealBrokenError, unseal
from broker.core.store_errors import KeyDestroyedError
from broker.ports.clock import Clock
from broker.ports.feed import AgencyFeed
from broker.ports.keys import Keys
from broker.runtimes.views import FeedHeard
from broker.runtimes.wiring import Hub
from broker.services.prove import prove
from broker.services.verify_ledger import OpenedRecord, UnreadableRecord, verify
from contracts.errors import ContractError
from policies.engine import Engine
from policies.engine.papers import papers, warned_within
from policies.engine.roster import holes_in_cover
from policies.engine.times import day_of

LONDON = ZoneInfo("Europe/London")


class AuditError(MashError):
    """There is nothing to audit yet."""

    codes: ClassVar[Mapping[str, str]] = {"ledger.empty": "Nothing has been sealed yet."}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that keeps the exchange safe, and how it stands."""

    check: str
    is_fine: bool
    finding: str
    remedy: str = ""


def verify_ledger(hub: Hub, *, against: str | None, tell: Callable[[int, int], None]) -> Verification:
    """Check the tree, every kept checkpoint, every signature and every record that opens; name the first bad place.

    Raises:
        NoteError, CheckpointError: ``against`` is no checkpoint signed by this log.
    """
    return verify(hub.ledger, [hub.signer], origin=hub.signer.name, opened=_openings(hub), against=against, tell=tell)


def prove_entry(hub: Hub, entry: int) -> str:
    """A C2SP tlog-proof that one entry is under the latest checkpoint."""
    return prove(hub.ledger, entry).text()


def latest_checkpoint(hub: Hub) -> str:
    """The latest signed checkpoint.

    Raises:
        AuditError: nothing has been sealed yet.
    """
    latest = hub.ledger.head().latest
    if latest is None:
        msg = "nothing has been sealed yet"
        raise AuditError(msg, code="ledger.empty", remedy="send something in first: mash ingest")
    return latest.note


def examine(
    hub: Hub, engine: Engine, clock: Clock, feeds: Mapping[str, AgencyFeed], heard: Sequence[FeedHeard]
) -> Sequence[Finding]:
    """Check cover, feeds, spools, agreements, policy documents and overdue work."""
    now = clock.now()
    return [
        *_cover(engine, now),
        *_feeds(heard, now),
        *_spools(feeds, now),
        *_lapses(engine, now),
        _overdue(hub, now),
        _held(hub),
        *_incidents(hub),
        _reasks(hub, now),
        _marks(hub, now),
        _erasures(hub, now),
        _gaps(hub),
        _policy(hub),
    ]


def _reasks(hub: Hub, now: datetime) -> Finding:
    due = [each for each in hub.journal.reasks_waiting() if each.trigger.due <= now]
    if not due:
        return Finding("asking again", is_fine=True, finding="nothing waits to be asked again")
    finding = f"{len(due)} changes wait for past decisions to be asked again"
    return Finding("asking again", is_fine=False, finding=finding, remedy="mash reask; mash serve works through it")


def _marks(hub: Hub, now: datetime) -> Finding:
    due = [mark for mark in hub.journal.marks() if mark.until is not None and mark.until <= now]
    return Finding(
        "holds and restrictions",
        is_fine=not due,
        finding=f"{len(due)} to be looked at again; each stands until it is lifted" if due else "none to be looked at",
        remedy="see mash hold and mash restrict, and lift what is over",
    )


def _erasures(hub: Hub, now: datetime) -> Finding:
    found = hub.journal.erasures()
    under_way = sum(each.is_under_way for each in found)
    waiting = sum(each.is_proposed and now < each.proposed_at + STANDS_FOR for each in found)
    finding = f"{under_way} not finished, so files may still hold what was erased" if under_way else "none unfinished"
    return Finding(
        "erasures",
        is_fine=not under_way,
        finding=f"{finding}; {waiting} waiting for a second person" if waiting else finding,
        remedy="close whatever reads the home, then: mash erase",
    )


def _openings(hub: Hub) -> Iterator[OpenedRecord | UnreadableRecord]:
    placed = [(index, record) for record, index in hub.journal.records() if index is not None]
    for index, record in sorted(placed, key=lambda each: each[0]):
        opened = _open(hub.keys, record, index)
        if opened is not None:
            yield opened


def _open(keys: Keys, record: Record, index: int) -> OpenedRecord | UnreadableRecord | None:
    """The record opened; none where its child was erased."""
    if record.child is not None:
        try:
            key = keys.child_key(record.child)
        except KeyDestroyedError:
            return None
    else:
        key = keys.secret("partnership")
    try:
        content = unseal(key, record.sealed, about=about_record(record.record_id))
        disclosed, internal = read_openings(content)
    except (SealBrokenError, ContractError, KeyError, MashError):
        return UnreadableRecord(index, record.record_id)
    return OpenedRecord(index, record.record_id, disclosed, internal)


def _policy(hub: Hub) -> Finding:
    trouble = hub.policy.trouble()
    return Finding(
        "policy",
        is_fine=not trouble,
        finding=trouble or f"digest {hub.policy.digest[:16]}",
        remedy="see that the OPA server runs, with the bundle that mash policy bundle writes",
    )


def _cover(engine: Engine, now: datetime) -> Iterator[Finding]:
    for agreement in engine.agreements:
        if not agreement.valid_from <= now.date() <= agreement.valid_to:
            continue
        holes = holes_in_cover(agreement, now)
        yield Finding(
            f"red cover ({agreement.id})",
            is_fine=not holes,
            finding=f"nobody from {'; '.join(map(_span, holes))}" if holes else "every hour of the coming two weeks",
            remedy="put a team on the cover roster of the agreement (cover, grades: [red]) for these hours",
        )


def _span(hole: tuple[datetime, datetime]) -> str:
    start, end = (moment.astimezone(LONDON) for moment in hole)
    until = f"{end:%H:%M}" if end.date() == start.date() else f"{end:%a %d %b %H:%M}"
    return f"{start:%a %d %b %H:%M} to {until}"


def _feeds(heard: Sequence[FeedHeard], now: datetime) -> Iterator[Finding]:
    for feed in heard:
        last, since = feed.last_heard, feed.expected_from
        never = (
            f"never heard; it might have been since {_told(since)}" if since else "never heard; nothing has begun yet"
        )
        yield Finding(
            f"feed {feed.agency}",
            is_fine=not feed.is_silent(now),
            finding=f"last heard {_told(last)}" if last else never,
            remedy=f"ring {feed.name}: its feed is silent for more than {feed.silent_after_hours} hours",
        )


def _spools(feeds: Mapping[str, AgencyFeed], now: datetime) -> Iterator[Finding]:
    for agency, feed in feeds.items():
        waiting = feed.not_sent(now)
        if waiting:
            yield Finding(
                f"spool {agency}",
                is_fine=False,
                finding=f"NOT SENT: {len(waiting)} red reports have waited ten minutes",
                remedy="ring the front door about them now, then find out why the exchange does not answer",
            )


def _lapses(engine: Engine, now: datetime) -> Iterator[Finding]:
    today = day_of(now)
    for agreement in engine.agreements:
        for paper in papers(agreement):
            left = paper.days_left(today)
            is_fine = warned_within(left) is None
            if is_fine and paper.party:
                continue
            yield Finding(
                f"agreement {agreement.id}",
                is_fine=is_fine,
                finding=f"{f'runs for {left} more days' if left > 0 else f'lapsed on {paper.lapses}'}: {paper.name}",
                remedy=f"have {paper.party or 'the partners'} review and sign it",
            )


def _overdue(hub: Hub, now: datetime) -> Finding:
    late = [q for task in hub.journal.tasks() for q in task.questions if q.deadline < now]
    return Finding(
        "questions to people",
        is_fine=not late,
        finding=f"{len(late)} overdue, for {', '.join(sorted({q.owner for q in late}))}" if late else "none overdue",
        remedy="see mash tasks list --as that role; ring whoever covers it",
    )


def _held(hub: Hub) -> Finding:
    held = hub.journal.counts().get("events_held", 0)
    return Finding("held reports", is_fine=held == 0, finding=f"{held} waiting", remedy="see why with mash explain")


def _incidents(hub: Hub) -> Iterator[Finding]:
    owners = {each.question_id: each.owner for each in hub.journal.open_questions(None)}
    for incident in hub.journal.open_incidents():
        subject = f" ({incident.subject})" if incident.subject else ""
        owner = owners.get(incident.question_id)
        yield Finding(
            "incident",
            is_fine=False,
            finding=f"{WORDS.get(incident.cause, incident.cause)}{subject}, since {_told(incident.opened_at)}",
            remedy=f"mash tasks list --as {owner}" if owner else "somebody has taken it up; see that it ends",
        )


def _told(moment: datetime) -> str:
    return f"{moment.astimezone(LONDON):%a %d %b %Y %H:%M}"


def _gaps(hub: Hub) -> Finding:
    gaps = hub.journal.sequence_gaps()
    return Finding(
        "numbers of the feeds",
        is_fine=not gaps,
        finding=f"{len(gaps)} gaps" if gaps else "no gaps",
        remedy="ask the agencies to send the missing numbers again",
    )
