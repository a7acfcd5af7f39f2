"""Two children side by side, to say whether they are one: nothing but what whoever compares may know."""

from collections.abc import Callable, Iterator
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


CLOSED = "closed to you; that you asked is recorded"


def side_by_side(
    side: RecipientSide, hub: Hub, question: TaskQuestion, may_open: Callable[[ChildId], bool]
) -> tuple[Side, ...]:
    """The child of a question of who it is, and every child that it may be, as far as the reader may know them.

    Of the other children, what was shared with the reader; of the report, what the rules would give of it. ``may_open``
    is asked of each child of whom anything would be shown, and has recorded it.
    """
    if question.child is None:
        return ()
    secret = hub.keys.secret(f"delivery:{side.recipient}")
    candidates = [ChildId(str(each)) for each in question.detail.get("candidates", ())]
    told = set(side.store.names())
    reader = RecipientId(side.recipient)
    said = said_of(question.event_id, reader, journal=hub.journal, keys=hub.keys) if question.event_id else ()

    def shown(child: ChildId, details: tuple[str, ...]) -> tuple[str, ...]:
        return details if not details or may_open(child) else (CLOSED,)

    def known(name: str) -> tuple[str, ...]:
        return _details(build_view(name, side.store.deliveries(name))) if name in told else ()

    return (
        Side(pseudonym(secret, question.child), is_reported=True, details=shown(question.child, said)),
        *(
            Side(name, is_reported=False, details=shown(child, known(name)))
            for child in candidates
            if child != question.child
            for name in (pseudonym(secret, child),)
        ),
    )


def _details(view: ChildView) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part for part in _parts(view) if part))


def _parts(view: ChildView) -> Iterator[str]:
    yield view.name
    yield f"born {view.birth_date}" if view.birth_date else ""
    yield from view.identifiers
    yield from (place.text for place in view.address)
