"""The ladder that what waits past its time goes up: sent again where it was sent, a deputy, whoever is on cover."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from broker.core.partnership import OnCover
from contracts.words import Grade, RecordId


class OverdueKind(StrEnum):
    """What can wait past its time."""

    QUESTION = "question"
    HELD = "held"
    QUARANTINED = "quarantined"
    DELIVERY = "delivery"
    """That the recipient's system says it has what was shared."""
    RECEIPT = "receipt"
    """That somebody there has opened it."""
    ACKNOWLEDGEMENT = "acknowledgement"


class Step(StrEnum):
    """What was done: sent again, or to whom it was passed on."""

    SENT_AGAIN = "sent_again"
    DEPUTY = "deputy"
    ON_COVER = "on_cover"


DELIVERED_WITHIN: Mapping[Grade, timedelta] = {
    Grade.RED: timedelta(minutes=15),
    Grade.AMBER: timedelta(hours=1),
    Grade.GREEN: timedelta(hours=4),
    Grade.BLUE: timedelta(hours=4),
}
"""How long after it was to leave a recipient's system must have what was shared: systems answer in seconds."""


@dataclass(frozen=True, slots=True)
class Escalation:
    """That an overdue thing was passed on. ``about`` is its id; each step is taken once.

    ``number``: which step it was, from 1. ``next_at``: when it is passed on further; none after the last.
    """

    kind: OverdueKind
    about: str
    passed_to: str
    record_id: RecordId
    at: datetime
    number: int = 1
    step: Step = Step.ON_COVER
    role: str = ""
    next_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Rung:
    """One step: the role it is passed to, and how people say that."""

    step: Step
    role: str
    passed_to: str


def rungs(owner: str, deputies: Sequence[str], cover: OnCover | None, *, to: str = "") -> tuple[Rung, ...]:
    """The whole ladder above ``owner``: the first deputy who is somebody else, if any, then the team on cover.

    ``cover``: none where the roster has a hole; then the ladder has no end yet. ``to``: the recipient to whom it is
    sent again first, where it has not arrived.
    """
    again = (Rung(Step.SENT_AGAIN, owner, to),) if to else ()
    deputy = next((role for role in deputies if role != owner), "")
    first = (Rung(Step.DEPUTY, deputy, deputy.replace("_", " ")),) if deputy else ()
    last = () if cover is None else (Rung(Step.ON_COVER, cover.role, str(cover)),)
    return (*again, *first, *last)
