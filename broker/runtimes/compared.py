"""Two children side by side, to say whether they are one: nothing but what whoever compares may know."""

from collections.abc import Iterator
from dataclasses import dataclass

from broker.core.outcome import TaskQuestion
from broker.core.settle import pseudonym
from broker.recipient.view import ChildView, build_view
from broker.runtimes.post import RecipientSide
from broker.runtimes.wiring import Hub
from broker.services.identity_evidence import said_of
from contracts.words import ChildId, RecipientId


@dataclass(frozen=True, slots=True)
class Side:
    """One child as the reader knows it. ``reference``: the reader's own; ``details``: identity as it was shared.

    ``is_reported``: whether it is the one that a report is said to be about, not one whom it may be about.
    """

    reference: str
    is_reported: bool
    details: tuple[str, ...]


def side_by_side(side: RecipientSide | None, hub: Hub, question: TaskQuestion) -> tuple[Side, ...]:
    """The child of a question of who it is, and every child that it may be, as far as the reader may know them.

    Of the other children, what was shared with the reader; of the report, what the rules would give of it.
    """
    if side is None or question.child is None:
        return ()
    secret = hub.keys.secret(f"delivery:{side.recipient}")
    candidates = [ChildId(str(each)) for each in question.detail.get("candidates", ())]
    told = set(side.store.names())
    reader = RecipientId(side.recipient)
    said = said_of(question.event_id, reader, journal=hub.journal, keys=hub.keys) if question.event_id else ()
    others = [pseudonym(secret, child) for child in candidates if child != question.child]
    return (
        Side(pseudonym(secret, question.child), is_reported=True, details=said),
        *(
            Side(
                name,
                is_reported=False,
                details=_details(build_view(name, side.store.deliveries(name))) if name in told else (),
            )
            for name in others
        ),
    )


def _details(view: ChildView) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part for part in _parts(view) if part))


def _parts(view: ChildView) -> Iterator[str]:
    yield view.name
    yield f"born {view.birth_date}" if view.birth_date else ""
    yield from view.identifiers
    yield from (place.text for place in view.address)
