"""What stands of what a recipient was told, and when it came."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from broker.recipient.store import RETRACTION, Kept


def standing(kept: Iterable[Kept]) -> list[Kept]:
    """The last revision of each report."""
    last: dict[str, Kept] = {}
    for each in kept:
        before = last.get(each.delivery.report)
        if before is None or each.delivery.revision > before.delivery.revision:
            last[each.delivery.report] = each
    return list(last.values())


def last_told(kept: Iterable[Kept]) -> datetime | None:
    """When the last of the reports first came; that one comes again, corrected or as it was, is no other report."""
    first: dict[str, datetime] = {}
    for each in kept:
        came = datetime.fromisoformat(each.received_at)
        first[each.delivery.report] = min(came, first.get(each.delivery.report, came))
    return max(first.values(), default=None)


def came_since(kept: Sequence[Kept], moment: datetime) -> list[Kept]:
    """Every revision of the reports whose last word came since ``moment`` and does not take them back."""
    reports = {
        each.delivery.report
        for each in standing(kept)
        if each.delivery.kind != RETRACTION and datetime.fromisoformat(each.received_at) >= moment
    }
    return [each for each in kept if each.delivery.report in reports]
