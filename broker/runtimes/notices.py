"""What a recipient was told to correct or to disregard, and whether somebody there has said that it is done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from broker.core.errors import MashError
from broker.recipient.receive import acknowledge
from broker.recipient.store import Kept
from broker.runtimes.lookup import SHORTEST_START
from broker.runtimes.post import RecipientSide


class NoticeError(MashError):
    """What was to be acknowledged does not fit one correction."""

    codes: ClassVar[Mapping[str, str]] = {
        "notice.unknown": "No correction that was sent to you begins like that.",
        "notice.several": "More than one correction begins like that.",
    }


@dataclass(frozen=True, slots=True)
class TakenBack:
    """One thing that was told before and is corrected, retracted or given no longer. Nothing of the content.

    ``cause``: why. ``acknowledged``: who said that they acted on it, and when; empty while it waits.
    """

    notice: str
    event_type: str
    agency: str
    occurred_at: datetime
    received_at: str
    cause: str
    acknowledged: str


def taken_back(side: RecipientSide) -> Sequence[TakenBack]:
    """Everything of that kind, what waits to be acknowledged first, then the latest first."""
    rows = [_row(kept) for kept in _standing(side)]
    return sorted(rows, key=lambda row: bool(row.acknowledged))


def acknowledge_notice(side: RecipientSide, wanted: str, *, role: str, now: datetime) -> TakenBack:
    """Say, signed, that this role has acted on the one correction whose id begins so; saying it again changes nothing.

    Raises:
        NoticeError: none, or more than one, does.
    """
    found = [k for k in _standing(side) if len(wanted) >= SHORTEST_START and k.delivery.delivery_id.startswith(wanted)]
    if len(found) > 1:
        msg = f"{len(found)} corrections begin with {wanted!r}; nothing was acknowledged"
        raise NoticeError(msg, code="notice.several", remedy="give more of the id")
    if not found:
        msg = f"no correction that was sent to you begins with {wanted!r}; nothing was acknowledged"
        raise NoticeError(msg, code="notice.unknown", remedy="see mash corrections")
    if found[0].acknowledged_at is None:
        acknowledge(side.store, side.keys, side.recipient, found[0], role=role, now=now)
    name = found[0].delivery.delivery_id
    return next(_row(kept) for kept in side.store.taking_back() if kept.delivery.delivery_id == name)


def _standing(side: RecipientSide) -> list[Kept]:
    """The last word about each report, where that takes something back."""
    found = side.store.taking_back()
    last: dict[str, int] = {}
    for child in {kept.delivery.child for kept in found}:
        for kept in side.store.deliveries(child):
            last[kept.delivery.report] = max(last.get(kept.delivery.report, 0), kept.delivery.revision)
    return [kept for kept in found if kept.delivery.revision == last[kept.delivery.report]]


def _row(kept: Kept) -> TakenBack:
    delivery = kept.delivery
    return TakenBack(
        notice=delivery.delivery_id,
        event_type=delivery.event_type,
        agency=delivery.agency,
        occurred_at=delivery.occurred_at,
        received_at=kept.received_at,
        cause=delivery.cause.value if delivery.cause is not None else "",
        acknowledged=f"{kept.acknowledged_by} {kept.acknowledged_at}" if kept.acknowledged_at else "",
    )
