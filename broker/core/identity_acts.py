"""What was done about which records are of one child, by numbers that agree or by people."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from contracts.words import ChildId, RecordId


@dataclass(frozen=True, slots=True)
class IdentityChange:
    """A new child, or more ways of recognising a known one. Hashes are keyed under the exchange's secret.

    ``name_hashes`` are those of ``demographics``, surname and forename each with the birth date; empty where nothing is
    told of them. ``taken``: ways that another child was recognised by until now.
    """

    child: ChildId
    is_new: bool
    is_provisional: bool
    links: tuple[tuple[str, str], ...]
    name_hashes: tuple[str, str] = ("", "")
    demographics: bytes = b""
    taken: tuple[tuple[str, str], ...] = ()


class ActKind(StrEnum):
    """What was done about which records are of one child. A link is a merge of what nobody was certain of.

    ``part``: reports of one source, taken for a child by their numbers, became a record of their own.
    """

    LINK = "link"
    UNLINK = "unlink"
    MERGE = "merge"
    UNMERGE = "unmerge"
    PART = "part"

    @property
    def joins(self) -> bool:
        """Whether it makes records mean one child; else it makes them mean two."""
        return self in {ActKind.LINK, ActKind.MERGE}


@dataclass(frozen=True, slots=True)
class IdentityAct:
    """That records of two children are found to be of one, or those of one to be of two.

    ``child`` is the one that stands or stays, ``other`` the one that joins it or leaves it; ``moved`` are the records
    that stand as ``child`` from now on, or as ``other``. ``person`` and ``role``: empty where keys that agree did it.
    ``evidence``: codes of what agrees and what does not. Whoever is parted by a person is never joined by keys again.
    """

    kind: ActKind
    child: ChildId
    other: ChildId
    moved: tuple[ChildId, ...]
    record_id: RecordId
    at: datetime
    evidence: tuple[str, ...] = ()
    person: str = ""
    role: str = ""
    sealed_reason: bytes = b""


def are_parted(acts: Sequence[IdentityAct], one: Collection[ChildId], other: Collection[ChildId]) -> bool:
    """Whether a person has said that these records and those are of two children. ``acts``: oldest first."""
    between = [act for act in acts if _is_between(act, one, other)]
    return bool(between) and not between[-1].kind.joins


def joining_of(acts: Sequence[IdentityAct], members: Collection[ChildId]) -> tuple[IdentityAct, ...]:
    """The acts that joined the records of one child and stand, oldest first."""
    found: list[IdentityAct] = []
    for act in acts:
        if act.kind.joins:
            found.append(act)
        else:
            found = [each for each in found if each.other != act.other]
    return tuple(act for act in found if act.child in members and act.other in members)


def _is_between(act: IdentityAct, one: Collection[ChildId], other: Collection[ChildId]) -> bool:
    return (act.child in one and act.other in other) or (act.child in other and act.other in one)
