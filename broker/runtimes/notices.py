"""What a recipient was told to correct or to disregard, and whether somebody there has said that it is done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from broker.core.errors import MashError
from broker.recipient.receive import acknowledge
from broker.recipient.store import ErasedNotice, Kept
from broker.runtimes.lookup import SHORTEST_START
from broker.runtimes.post import RecipientSide
from contracts.words import Cause


class NoticeError(MashError):
    """What was to be acknowledged does not fit one correction."""

    codes: ClassVar[Mapping[str, str]] = {
        "notice.unknown": "No correction that was sent to you begins like that.",
        "notice.several": "More than one correction begins like that.",
    }


@dataclass(frozen=True, slots=True)
class TakenBack:
    """One thing that was told before and is corrected, retracted or given no longer. Nothing of the content.

    ``cause``: why. ``acknowledged``: who said that they acted on it, and when; empty while it waits. Of what was
    erased, neither type nor agency nor time is known any more.
    """

    notice: str
    event_type: str
    agency: str
    occurred_at: datetime | None
    received_at: str
    cause: str
    acknowledged: str


def taken_back(side: RecipientSide) -> Sequence[TakenBack]:
    """Everything of that kind, what waits to be acknowledged first, then the latest first."""
    rows = [_row(each) for each in _every(side)]
    return sorted(rows, key=lambda row: bool(row.acknowledged))


def acknowledge_notice(side: RecipientSide, wanted: str, *, role: str, now: datetime) -> TakenBack:
    """Say, signed, that this role has acted on the one correction whose id begins so; saying it again changes nothing.

    Raises:
        NoticeError: none, or more than one, does.
    """
    found = [each for each in _every(side) if len(wanted) >= SHORTEST_START and _name(each).startswith(wanted)]
    if len(found) > 1:
        msg = f"{len(found)} corrections begin with {wanted!r}; nothing was acknowledged"
        raise NoticeError(msg, code="notice.several", remedy="give more of the id")
    if not found:
        msg = f"no correction that was sent to you begins with {wanted!r}; nothing was acknowledged"
        raise NoticeError(msg, code="notice.unknown", remedy="see mash corrections")
    if found[0].acknowledged_at is None:
        acknowledge(side.store, side.keys, side.recipient, found[0], role=role, now=now)
    name = _name(found[0])
    return next(_row(each) for each in _every(side) if _name(each) == name)


def _every(side: RecipientSide) -> list[Kept | ErasedNotice]:
    return [*_standing(side), *side.store.erased()]


def _standing(side: RecipientSide) -> list[Kept]:
    """The last word about each report, where that takes something back."""
    found = side.store.taking_back()
    last: dict[str, int] = {}
    for child in {kept.delivery.child for kept in found}:
        for kept in side.store.deliveries(child):
            last[kept.delivery.report] = max(last.get(kept.delivery.report, 0), kept.delivery.revision)
    return [kept for kept in found if kept.delivery.revision == last[kept.delivery.report]]


def _name(each: Kept | ErasedNotice) -> str:
    return each.delivery_id if isinstance(each, ErasedNotice) else each.delivery.delivery_id


def _row(kept: Kept | ErasedNotice) -> TakenBack:
    acknowledged = f"{kept.acknowledged_by} {kept.acknowledged_at}" if kept.acknowledged_at else ""
    if isinstance(kept, ErasedNotice):
        return TakenBack(kept.delivery_id, "", "", None, kept.received_at, Cause.ERASED.value, acknowledged)
    delivery = kept.delivery
    return TakenBack(
        notice=delivery.delivery_id,
        event_type=delivery.event_type,
        agency=delivery.agency,
        occurred_at=delivery.occurred_at,
        received_at=kept.received_at,
        cause=delivery.cause.value if delivery.cause is not None else "",
        acknowledged=acknowledged,
    )
