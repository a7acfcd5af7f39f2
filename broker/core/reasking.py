"""That something must be asked again, and how far asking has come, as values."""

from dataclasses import dataclass
from datetime import datetime

from contracts.words import ChildId, Grade


@dataclass(frozen=True, slots=True)
class Trigger:
    """That what was decided lately must be asked again: about one child, or without one about everybody.

    ``why``: a sentence that may stand in every decision that follows. ``due``: not before then. ``epoch``: of a change
    of policy, the name of the new one.
    """

    child: ChildId | None
    why: str
    grade: Grade
    due: datetime
    epoch: str = ""


@dataclass(frozen=True, slots=True)
class Reask:
    """How far asking again has come for one trigger.

    ``cursor``: the position of the last event asked about; ``asked`` and ``changed``: events asked about, and
    decisions that came out otherwise. ``finished_at``: none while there is more to ask.
    """

    position: int
    trigger: Trigger
    cursor: int = 0
    asked: int = 0
    changed: int = 0
    finished_at: datetime | None = None

    def as_json(self) -> dict[str, str | int]:
        """As plain values; nothing in it is personal."""
        return {
            "child": self.trigger.child or "",
            "why": self.trigger.why,
            "urgency": self.trigger.grade.value,
            "due": self.trigger.due.isoformat(),
            "asked": self.asked,
            "changed": self.changed,
        }
