"""Forgetting one child: on which ground, by which two people, and how far it has come."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from broker.core.facts import FactKind, KnownChild
from broker.core.grounds import Ground
from contracts.canonical import canonical
from contracts.words import ChildId, EventId, PersonId, RecordId


class ErasureAct(StrEnum):
    """What a person signs: that it should be done, that it shall be done, that it shall not."""

    PROPOSE = "propose"
    CONFIRM = "confirm"
    WITHDRAW = "withdraw"


@dataclass(frozen=True, slots=True)
class SignedErasure:
    """One person's word on the erasure of a child, in which role, signed with that person's own key.

    ``about``: the child where it is proposed, else the erasure's id. ``ground``: where it is proposed.
    """

    act: ErasureAct
    about: str
    person: PersonId
    role: str
    at: datetime
    ground: Ground | None = None
    signature: str = field(default="", repr=False)

    def content(self) -> bytes:
        """The bytes that are signed."""
        return canonical(
            {
                "kind": "erasure",
                "act": self.act.value,
                "about": self.about,
                "person": self.person,
                "role": self.role,
                "ground": "" if self.ground is None else self.ground.value,
                "at": int(self.at.timestamp()),
            }
        )


@dataclass(frozen=True, slots=True)
class Erasure:
    """The erasure of one child. ``record_id``: the ledger's record of its latest step.

    Confirmed, nothing of the child opens any more; ``finished_at``: from when no file holds it either.
    """

    erasure_id: str
    child: ChildId
    ground: Ground
    proposed_by: PersonId
    proposed_role: str
    proposed_at: datetime
    record_id: RecordId
    confirmed_by: str = ""
    confirmed_role: str = ""
    confirmed_at: datetime | None = None
    withdrawn_at: datetime | None = None
    finished_at: datetime | None = None

    @property
    def is_proposed(self) -> bool:
        """Whether it waits for a second person."""
        return self.confirmed_at is None and self.withdrawn_at is None

    @property
    def is_under_way(self) -> bool:
        """Whether it was confirmed and files may still hold what was erased."""
        return self.confirmed_at is not None and self.finished_at is None


FIRST = "data_protection_officer"
MAY_ERASE = (FIRST, "senior_information_risk_owner", "mash_manager")
"""Who may propose and confirm. Two different people in two of these roles, one of them the data protection officer."""

STANDS_FOR = timedelta(days=14)
"""How long a proposal waits for the second person; after that it must be made anew."""

NEEDED = (FactKind.OPEN_CASE, FactKind.SECTION_47, FactKind.PLAN)
"""While one of these stands, the record is needed to protect the child (UK GDPR Article 17(3)(b))."""

EVEN_IF_NEEDED = frozenset({Ground.PROCESSED_UNLAWFULLY, Ground.LEGAL_OBLIGATION})


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What is emptied: everything of these records of one child, and these events that were held undecided.

    ``quarantined``: messages that claim to be one of the child's events.
    """

    children: tuple[ChildId, ...]
    held: tuple[EventId, ...] = ()
    quarantined: tuple[str, ...] = ()


FORGOTTEN = ""
"""The digest of what was delivered, once it was erased: the hash of what is easily guessed would tell it."""

LEFT: Mapping[str, str] = {
    "agencies": "what the agencies keep themselves; if they report the child again, a new record begins",
    "others": "what is told of this child in reports about other children, a sibling's for instance",
    "held": "messages that could not be read yet: each is kept until it can, at most 30 days in quarantine",
    "copies": "what a recipient has printed, copied out or put into a backup",
    "database": "copies in PostgreSQL's own log and backups, where it is used: sealed, and their key is destroyed",
    "ledger": "the log entries, which say to nobody what they are about",
    "ids": "that reports came and left, by identifiers alone, so that nothing comes back when it is sent again",
}
"""What an erasure cannot reach, or leaves on purpose."""


def needed_for(known: KnownChild, ground: Ground, now: datetime) -> tuple[str, ...]:
    """The kinds of fact that stand against erasing the child now, on this ground."""
    if ground in EVEN_IF_NEEDED:
        return ()
    return tuple(sorted({fact.kind.value for fact in known.facts if fact.kind in NEEDED and fact.holds_at(now)}))


def are_two(erasure: Erasure, person: PersonId, role: str) -> bool:
    """Whether this person in this role may be the second: another person, another role, and one of the two the officer.

    (The data protection officer advises on every erasure, UK GDPR Article 39.)
    """
    is_another = person != erasure.proposed_by and role != erasure.proposed_role
    return is_another and FIRST in {role, erasure.proposed_role}
