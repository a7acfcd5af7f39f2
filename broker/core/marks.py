"""What people set upon a child's record: a legal hold, or a restriction of its use; and what they sign to do so."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from contracts.canonical import canonical
from contracts.words import ChildId, PersonId, RecordId


class MarkKind(StrEnum):
    """What a mark does while it stands.

    A hold keeps the record from being erased. A restriction keeps it from being used but where the law says
    (UK GDPR Article 18).
    """

    HOLD = "hold"
    RESTRICTION = "restriction"


class Act(StrEnum):
    """What a person signs."""

    SET = "set"
    LIFT = "lift"


@dataclass(frozen=True, slots=True)
class SignedAct:
    """One thing that a person does to a child's record, in which role and why, signed with that person's own key.

    ``about``: the child whose record is marked, or the mark that is lifted. ``until``: when the mark is to be looked at
    again; it stands until somebody lifts it.
    """

    kind: MarkKind
    act: Act
    about: str
    person: PersonId
    role: str
    reason: str
    at: datetime
    until: datetime | None = None
    signature: str = field(default="", repr=False)

    def content(self) -> bytes:
        """The bytes that are signed."""
        return canonical(
            {
                "kind": self.kind.value,
                "act": self.act.value,
                "about": self.about,
                "person": self.person,
                "role": self.role,
                "reason": self.reason,
                "at": int(self.at.timestamp()),
                "until": int(self.until.timestamp()) if self.until is not None else 0,
            }
        )


@dataclass(frozen=True, slots=True)
class Mark:
    """A hold or restriction upon one child's record, with who set it; why is sealed under the child's key.

    ``lifted_at``: none while it stands. ``record_id``: the ledger's record of its setting.
    """

    mark_id: str
    kind: MarkKind
    child: ChildId
    person: PersonId
    role: str
    since: datetime
    until: datetime | None
    sealed_reason: bytes
    record_id: RecordId
    lifted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Lifted:
    """That a mark stands no longer, and the record that says so."""

    mark_id: str
    record_id: RecordId
    at: datetime


MAY_SET: Mapping[MarkKind, tuple[str, ...]] = {
    MarkKind.HOLD: ("data_protection_officer", "senior_information_risk_owner", "mash_manager"),
    MarkKind.RESTRICTION: ("data_protection_officer",),
}
"""Who may set and lift what."""


def about_mark(mark_id: str) -> str:
    """What a mark's sealed reason is bound to."""
    return f"mark:{mark_id}"
