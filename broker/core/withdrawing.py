"""That a person says, on the word of whoever reported it, that a report does not hold."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from contracts.canonical import canonical
from contracts.words import Because, EventId, PersonId, RecipientId

MAY_WITHDRAW = ("mash_manager", "data_protection_officer")
"""Who may withdraw a report for the agency that made it; the agency itself does so through its own system."""


WORDS: Mapping[Because, str] = {
    Because.RECORDED_IN_ERROR: "withdrawn by a person: it was recorded in error",
    Because.NOT_INVOLVED: "withdrawn by a person: the child was not involved",
}


@dataclass(frozen=True, slots=True)
class SignedWithdrawal:
    """One report withdrawn by one person, in which role and why, signed with that person's own key.

    ``reason``: whose word it is and how it came, in a sentence.
    """

    event_id: EventId
    because: Because
    person: PersonId
    role: str
    reason: str
    at: datetime
    signature: str = field(default="", repr=False)

    def content(self) -> bytes:
        """The bytes that are signed."""
        return canonical(
            {
                "withdraws": self.event_id,
                "because": self.because.value,
                "person": self.person,
                "role": self.role,
                "reason": self.reason,
                "at": int(self.at.timestamp()),
            }
        )


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """What followed. ``told``: who was told to disregard it; ``stopped``: who would have been told, had it left."""

    event_id: EventId
    told: tuple[RecipientId, ...]
    stopped: tuple[RecipientId, ...]
    questions_closed: int
