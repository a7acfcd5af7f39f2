"""What people's acts on identity say: whom they have parted, and what an act that joined two can be undone to."""

from collections.abc import Collection, Sequence

from broker.core.outcome import IdentityAct
from contracts.words import ChildId


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
