"""What makes past decisions worth asking again: a fact that they may have turned on has changed."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from broker.core.facts import Fact, FactKind
from broker.core.outcome import Decision
from broker.core.places import PARENTS
from broker.core.reasking import Trigger
from contracts.words import ChildId, Effect, Grade, RelationKind

WHY_BY_KIND: Mapping[FactKind, str] = {
    FactKind.OPEN_CASE: "the child's case was opened or closed",
    FactKind.SECTION_47: "a section 47 enquiry started or ended",
    FactKind.PLAN: "a protection plan started, changed or ended",
    FactKind.RESTRICTION: "what protects the child changed",
    FactKind.LOCATION: "since when a place is known is known better",
    FactKind.GUARDED: "what must be kept back is known better",
    FactKind.DEATH: "the child was reported to have died, or not to have",
    FactKind.LEVEL: "a person set another urgency or level of need",
}
WHY_BY_RELATION: Mapping[RelationKind, str] = {
    RelationKind.ALLOCATED_WORKER: "who works with the child changed",
    RelationKind.SCHOOL: "the child's school changed",
    RelationKind.NURSERY: "the child's nursery changed",
    RelationKind.GP: "the child's practice changed",
    RelationKind.HOME_AUTHORITY: "the child's home authority changed",
    RelationKind.RECEIVING_AUTHORITY: "another authority is to take over",
    RelationKind.HOME_EDUCATION: "where the child is educated changed",
}
PARENT_LEFT = "whether an adult lives with the child is known better"
CAME_TO_NOTHING = "others were told of what police took no further action on"
POLICY_CHANGED = "an agreement, a rule or a law came into force or ended"
PLANNED_ARREST = "the time of a planned arrest has passed"
CHILDREN_MERGED = "two records were found to be of one child"
CHILDREN_UNMERGED = "two records were found to be of different children"
"""Sentences that name no secret: each may stand in a decision, after "asked again because"."""

_PRESSING = frozenset({FactKind.SECTION_47, FactKind.RESTRICTION, FactKind.DEATH})


def triggers_of(
    child: ChildId, before: Sequence[Fact], learned: Sequence[Fact], *, now: datetime
) -> tuple[Trigger, ...]:
    """What must be asked again about a child once ``learned`` is taken in; one trigger a moment, at most.

    A fact that begins or ends later is asked about when it does. One that merely was vouched for anew changes nothing.
    """
    known = {(fact.kind, fact.key): fact for fact in before}
    learned_anew = [(fact, known.get((fact.kind, fact.key))) for fact in learned]
    changed = {fact: why for fact, last in learned_anew if (why := _why(fact, last)) and _differs(fact, last)}
    found: list[Trigger] = []
    if changed:
        grade = Grade.RED if any(fact.kind in _PRESSING for fact in changed) else Grade.AMBER
        found.append(Trigger(child=child, why="; ".join(dict.fromkeys(changed.values())), grade=grade, due=now))
    found.extend(
        Trigger(child=child, why=why, grade=Grade.AMBER, due=moment)
        for fact, why in changed.items()
        for moment in _later(fact, now)
    )
    return tuple(found)


def _why(fact: Fact, known: Fact | None) -> str:
    if fact.kind is FactKind.ADULT:
        has_left = fact.until is not None or (known is not None and known.until is not None)
        return PARENT_LEFT if fact.value in PARENTS and has_left else ""
    if fact.kind is FactKind.RELATION:
        return WHY_BY_RELATION.get(RelationKind(fact.key.partition(":")[0]), "")
    return WHY_BY_KIND.get(fact.kind, "")


def _differs(fact: Fact, known: Fact | None) -> bool:
    if known is None:
        return fact.kind is not FactKind.LOCATION
    return (fact.value, fact.since, fact.until) != (known.value, known.since, known.until)


def _later(fact: Fact, now: datetime) -> Iterator[datetime]:
    for moment in (fact.since, fact.until):
        if moment is not None and moment > now:
            yield moment


def told_of_what_came_to_nothing(
    child: ChildId, facts: Sequence[Fact], references: frozenset[str], decisions: Sequence[Decision], *, now: datetime
) -> tuple[Trigger, ...]:
    """What follows where a report is shared of which police have said already that they take no further action.

    ``references``: the report's own, as facts bear them. Whoever is told of the one must hear of the other.
    """
    is_shared = any(each.effect is Effect.SHARE for each in decisions)
    is_over = any(each.kind is FactKind.NO_FURTHER_ACTION and each.key in references for each in facts)
    return (Trigger(child=child, why=CAME_TO_NOTHING, grade=Grade.AMBER, due=now),) if is_shared and is_over else ()
