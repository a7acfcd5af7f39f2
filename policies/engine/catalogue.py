"""The event catalogue: how grave each kind of event is, and who is considered for it."""

from typing import Annotated, Literal

from pydantic import Field

from contracts.base import Model
from contracts.words import Grade, Purpose, RelationKind
from policies.engine.errors import unknown

Condition = Literal[
    "newborn",
    "under_five",
    "school_age",
    "open_case",
    "section_47",
    "crime_indicator",
    "domestic_abuse",
    "no_worker",
    "of_concern",
]
"""What may have to hold before whoever stands in a relation is considered."""


class CandidateRule(Model):
    """A relation whose holder is considered. ``purpose`` empty: the event's own. All of ``when`` must hold."""

    relation: RelationKind
    purpose: Purpose | None = None
    when: tuple[Condition, ...] = ()


class EventEntry(Model):
    """One event type.

    ``gated``: the level gate applies. ``relation_event``: kept as a fact, told to nobody while the child has no
    safeguarding event. ``relocates``: it can tell where the child now lives; ``is_move``: it always does.
    ``is_news``: that it happened is worth telling, whatever else is kept back. ``goes_to_those_told``: it ends what an
    earlier report said, and goes to whoever was told of that, and to no school or practice that was not.
    """

    type: Annotated[str, Field(pattern=r"^uk\.mash\.[a-z_]+\.[a-z0-9_]+\.[a-z_]+\.v[0-9]+$")]
    title: str
    level: Annotated[int, Field(ge=1, le=4)]
    grade: Grade
    purpose: Purpose = Purpose.SAFEGUARDING
    gated: bool = True
    domestic_abuse: bool = False
    relocates: bool = False
    is_move: bool = False
    is_news: bool = False
    goes_to_those_told: bool = False
    relation_event: bool = False
    has_candidates: bool = True
    candidates: tuple[CandidateRule, ...] = ()


class Catalogue(Model):
    """Every event type the policy knows."""

    events: tuple[EventEntry, ...]

    def entry(self, event_type: str) -> EventEntry:
        """The entry for ``event_type``.

        Raises:
            UnknownInPolicyError: there is none (code ``policy.unknown_event_type``).
        """
        found = next((e for e in self.events if e.type == event_type), None)
        if found is None:
            what = f"the event catalogue has no entry for {event_type!r}"
            raise unknown(what, code="policy.unknown_event_type")
        return found
