"""What reports name, so that two transactions that name nothing in common can take reports in beside one another.

Beside another, a transaction may look up and change only what it named beforehand, the children whom that means, and
children that nobody else has at hand. Everything else (a correction, a request, a merge of two children, something set
aside) is done alone: what it depends on is not known before it is done.
"""

from dataclasses import dataclass, fields
from typing import Final, Self

from broker.core.identity import Claim, Link
from broker.core.outcome import EventState, Outcome
from contracts.envelope import Envelope
from contracts.words import ChildId, EventId

_PARTS: Final = frozenset(
    {
        "event", "decisions", "records", "deliveries", "questions", "facts", "identity", "replies", "heard", "asked",
        "triggers",
    }
)  # fmt: skip
"""What taking in a plain report changes."""


@dataclass(frozen=True, slots=True)
class Named:
    """The reports by id, the sources that number them, every way of recognising their children, and hashes of names."""

    events: frozenset[EventId] = frozenset()
    sources: frozenset[str] = frozenset()
    links: frozenset[Link] = frozenset()
    names: frozenset[str] = frozenset()

    @classmethod
    def by(cls, envelope: Envelope, claim: Claim) -> Self:
        """What one report names."""
        return cls(
            events=frozenset({EventId(envelope.id)}),
            sources=frozenset({envelope.source}),
            links=frozenset(claim.all_links()),
            names=frozenset(each for each in claim.name_hashes if each),
        )

    def __or__(self, other: "Named") -> "Named":
        """What both name."""
        return Named(
            self.events | other.events,
            self.sources | other.sources,
            self.links | other.links,
            self.names | other.names,
        )

    def __ge__(self, other: "Named") -> bool:
        """Whether all that the other names is named here."""
        return (
            self.events >= other.events
            and self.sources >= other.sources
            and self.links >= other.links
            and self.names >= other.names
        )

    @property
    def words(self) -> list[str]:
        """Each of them in one word; no two of different kinds are the same word."""
        return sorted(
            {
                *(f"event:{each}" for each in self.events),
                *(f"source:{each}" for each in self.sources),
                *(f"link:{kind}:{value}" for kind, value in self.links),
                *(f"name:{each}" for each in self.names),
            }
        )


def named_in(outcome: Outcome) -> tuple[Named, frozenset[ChildId]] | None:
    """What an outcome changes, by what it names and by child; none where it must be made durable alone."""
    if any(getattr(outcome, each.name) for each in fields(outcome) if each.name not in _PARTS):
        return None
    event, identity, heard = outcome.event, outcome.identity, outcome.heard
    if event is not None and (event.corrects or event.corrected_by or event.state is not EventState.ACCEPTED):
        return None
    if identity is not None and identity.taken:
        return None
    whose: set[ChildId | None] = {event.child} if event is not None else set()
    whose |= {each.child for each in outcome.questions} | {each.child for each in outcome.triggers}
    whose |= {each.child for each in outcome.facts} | {each.child for each in outcome.decisions}
    whose |= {each.child for each in outcome.deliveries} | ({identity.child} if identity is not None else set())
    children = frozenset(each for each in whose if each is not None)
    if children != whose:
        return None
    return Named(
        events=frozenset({event.event_id} if event is not None else ()),
        sources=frozenset({heard.source} if heard is not None else ()),
        links=frozenset(identity.links if identity is not None else ()),
        names=frozenset(each for each in identity.name_hashes if each) if identity is not None else frozenset(),
    ), children
