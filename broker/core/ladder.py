"""The ladder that what waits past its time goes up: a deputy, then whoever is on cover."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from broker.core.partnership import OnCover
from contracts.words import RecordId


class OverdueKind(StrEnum):
    """What can wait past its time."""

    QUESTION = "question"
    HELD = "held"
    QUARANTINED = "quarantined"
    RECEIPT = "receipt"
    ACKNOWLEDGEMENT = "acknowledgement"


class Step(StrEnum):
    """To whom something was passed on."""

    DEPUTY = "deputy"
    ON_COVER = "on_cover"


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


def rungs(owner: str, deputies: Sequence[str], cover: OnCover) -> tuple[Rung, ...]:
    """The whole ladder above ``owner``: the first deputy who is somebody else, if any, then the team on cover."""
    deputy = next((role for role in deputies if role != owner), "")
    first = (Rung(Step.DEPUTY, deputy, deputy.replace("_", " ")),) if deputy else ()
    return (*first, Rung(Step.ON_COVER, cover.role, str(cover)))
