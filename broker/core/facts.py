"""What is known about a child: dated, with its source and the version at which it was learned."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from contracts.words import AgencyId, ChildId, EventId


class FactKind(StrEnum):
    """The sorts of fact a decision may read."""

    RELATION = "relation"
    OPEN_CASE = "open_case"
    SECTION_47 = "section_47"
    PLAN = "plan"
    RESTRICTION = "restriction"
    LOCATION = "location"
    HOUSEHOLD = "household"
    ADULT = "adult"
    DEATH = "death"
    LEVEL = "level"
    GUARDED = "guarded"
    NO_FURTHER_ACTION = "no_further_action"
    """That a report came to nothing, by a keyed hash of its reference."""
    PROCESSING = "processing"
    """That the use of the record is restricted (UK GDPR Article 18)."""


PROTECTING = frozenset({FactKind.RESTRICTION, FactKind.GUARDED, FactKind.LOCATION, FactKind.PROCESSING})
"""What keeps something back stands until somebody ends it, also where the report that taught it does not hold."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing known about a child. (child, kind, key) names it; a later one replaces it.

    ``key``: for a relation ``<relation kind>:<organisation code>`` (``school:urn:999001``), for a
    restriction its word, for a location a keyed hash; otherwise empty or a reference.
    ``value``: a code that says nothing personal (organisation, team, category of abuse).
    ``sealed``: what is personal (a worker's name and telephone), under the child's key.
    ``as_at``: the moment its source last vouched for it. ``until``: when it ended, if it did.
    ``version``: the child's fact version at which the journal took it in; 0 before.
    """

    child: ChildId
    kind: FactKind
    key: str
    value: str
    as_at: datetime
    source_event: EventId
    agency: AgencyId
    since: datetime | None = None
    until: datetime | None = None
    sealed: bytes = b""
    version: int = 0

    def holds_at(self, moment: datetime) -> bool:
        """Whether the fact had begun and not ended at ``moment``."""
        return (self.since is None or self.since <= moment) and (self.until is None or moment < self.until)


@dataclass(frozen=True, slots=True)
class KnownChild:
    """What the journal holds about one child when a question is asked.

    ``child`` is the identity record that was asked for; ``records`` are all that mean the same child, the standing one
    first, empty where it is the only one. ``facts`` are those of all of them, the latest of each.
    ``version`` counts every change of the child's facts; a decision keeps the version it read.
    ``has_safeguarding_event``: false while only relations are known; then nobody is a candidate.
    ``demographics``: those of the record itself.
    """

    child: ChildId
    version: int
    facts: tuple[Fact, ...]
    has_safeguarding_event: bool
    is_provisional: bool = False
    demographics: bytes = b""
    records: tuple[ChildId, ...] = ()

    @property
    def standing(self) -> ChildId:
        """The one name of the child, whichever of its records was asked for."""
        return self.records[0] if self.records else self.child

    @property
    def members(self) -> tuple[ChildId, ...]:
        """Every record that means this child."""
        return self.records or (self.child,)


def joined(facts: Iterable[Fact]) -> tuple[Fact, ...]:
    """The facts of several records of one child as those of one: of the same fact, what was vouched for last.

    A restriction of processing stands for all of them while it stands for one.
    """

    def weight(fact: Fact) -> tuple[bool, datetime, int]:
        return (fact.kind is FactKind.PROCESSING and fact.until is None, fact.as_at, fact.version)

    latest: dict[tuple[FactKind, str], Fact] = {}
    for fact in facts:
        known = latest.get((fact.kind, fact.key))
        if known is None or weight(known) <= weight(fact):
            latest[fact.kind, fact.key] = fact
    return tuple(latest[name] for name in sorted(latest))
