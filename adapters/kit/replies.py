"""What the exchange answers, applied to the agency's spool."""

from dataclasses import dataclass
from datetime import datetime

from adapters.kit.agency import Agency
from adapters.kit.spool import Spool
from contracts.envelope import SOURCE_PATTERN
from contracts.reply import Reply
from contracts.words import ReplyKind

_SETTLES = frozenset({ReplyKind.ACCEPTED, ReplyKind.HELD, ReplyKind.REFUSED})


@dataclass(frozen=True, slots=True)
class Applied:
    """What one reply changed. ``for_a_person``: someone at the agency should read it."""

    is_ours: bool
    settled: bool = False
    sent_again: int = 0
    for_a_person: bool = False


def apply_reply(reply: Reply, *, agency: Agency, spool: Spool, now: datetime) -> Applied:
    """Note a reply in the spool. Applying it twice changes nothing more.

    Accepted, held and refused settle an event: the exchange has it, or never will. Missing queues the named
    numbers again, as far as their content is still there. The others are for people.
    """
    if reply.agency != agency.id:
        return Applied(is_ours=False)
    if reply.kind is ReplyKind.MISSING:
        return _missing(reply, spool, now)
    known = spool.note_reply(reply.event_id, reply.kind, reply.code)
    if reply.kind in _SETTLES:
        settled = spool.acknowledge([reply.event_id], now=now) > 0
        return Applied(is_ours=known, settled=settled, for_a_person=reply.kind is not ReplyKind.ACCEPTED)
    return Applied(is_ours=True, for_a_person=True)


def _missing(reply: Reply, spool: Spool, now: datetime) -> Applied:
    source = SOURCE_PATTERN.match(reply.source)
    if source is None or source.group(3) != spool.incarnation:
        return Applied(is_ours=True, for_a_person=True)
    again = spool.send_again(source.group(2), reply.first_missing, reply.last_missing, now=now)
    asked = reply.last_missing - reply.first_missing + 1
    return Applied(is_ours=True, sent_again=again, for_a_person=again < asked)
