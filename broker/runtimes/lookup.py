"""Finds the child or the report that a person means, within what was shared with them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar

from broker.core.errors import MashError
from broker.core.facts import KnownChild
from broker.core.identity import Demographics
from broker.core.names import normalised
from broker.core.outcome import EventState
from broker.core.sealing import unseal
from broker.core.settle import pseudonym
from broker.ports.journal import Journal
from broker.ports.keys import Keys
from broker.recipient.view import build_view, names_told
from broker.runtimes.post import RecipientSide
from broker.services.identify import about_demographics
from contracts.words import ChildId, DeliveryId, EventId

SHORTEST_START = 4
"""Letters of a reference that may stand for the whole."""


class DeskError(MashError):
    """What was asked for does not fit one child, one report or one question."""

    codes: ClassVar[Mapping[str, str]] = {
        "view.unknown_child": "No child of that name or reference has been shared with you.",
        "view.several_children": "More than one child fits.",
        "view.no_records": "This role has no records of its own to open.",
        "explain.name_a_report": "Only some roles may see a list of every report.",
        "explain.several_events": "More than one report begins like that.",
        "task.not_waiting": "No open question of that id waits for your role.",
        "task.several": "More than one open question begins like that.",
    }


def find_child(side: RecipientSide, wanted: str) -> str:
    """The recipient's own pseudonym of the child that ``wanted`` names: a reference, its start, or a name's start.

    Raises:
        DeskError: nobody, or more than one child, fits.
    """
    children = side.store.children()
    if wanted in children:
        return wanted
    by_start = [child for child in children if len(wanted) >= SHORTEST_START and child.startswith(wanted)]
    words = wanted.casefold().split()
    found = by_start or [child for child in children if words and _is_told_as(side, child, words)]
    if len(found) == 1:
        return found[0]
    if not found:
        msg = "no child of that name or reference has been shared with you"
        raise DeskError(msg, code="view.unknown_child", remedy="see mash children for whom you may open")
    msg = f"{len(found)} children fit"
    raise DeskError(msg, code="view.several_children", remedy="give the reference from mash children")


def _is_told_as(side: RecipientSide, child: str, words: list[str]) -> bool:
    """Whether any name under which the child is told of begins with these words, not the latest alone."""
    told = names_told(side.store.deliveries(child))
    return any(name.casefold().split()[: len(words)] == words for name in told)


def child_name(side: RecipientSide, child: str) -> str:
    """The child's name as it was shared with this recipient; empty where it was not."""
    return build_view(child, side.store.deliveries(child)).name


def name_known(side: RecipientSide | None, keys: Keys, child: ChildId | None) -> str:
    """The same, by the exchange's own reference."""
    if side is None or child is None:
        return ""
    own = pseudonym(keys.secret(f"delivery:{side.recipient}"), child)
    return child_name(side, own) if own in side.store.children() else ""


def find_event(journal: Journal, side: RecipientSide | None, start: str) -> EventId:
    """The report whose id begins like that, or whose entry on this recipient's timeline does.

    One that begins like none is given back as it is, for the caller to say that there is none.

    Raises:
        DeskError: more than one does.
    """
    if journal.event(EventId(start)) is not None or len(start) < SHORTEST_START:
        return EventId(start)
    found = {event.event_id for event in journal.events() if event.event_id.startswith(start)}
    found |= {event for entry, event in _entries(journal, side) if entry.startswith(start)}
    if len(found) > 1:
        msg = f"{len(found)} reports begin with {start}"
        raise DeskError(msg, code="explain.several_events", remedy="give more of the id")
    return found.pop() if found else EventId(start)


def _entries(journal: Journal, side: RecipientSide | None) -> Iterator[tuple[str, EventId]]:
    if side is None:
        return
    for child in side.store.children():
        for kept in side.store.deliveries(child):
            status = journal.delivery(DeliveryId(kept.delivery.delivery_id))
            if status is not None:
                yield kept.delivery.delivery_id, status.delivery.event_id


def the_one(found: Sequence[str], wanted: str) -> str:
    """The one open question that was found for ``wanted``.

    Raises:
        DeskError: none, or more than one, was.
    """
    if len(found) == 1:
        return found[0]
    if found:
        msg = f"{len(found)} open questions begin with {wanted!r}"
        raise DeskError(msg, code="task.several", remedy="give more of the id")
    msg = f"no open question {wanted!r} waits for your role; it may be decided already"
    raise DeskError(msg, code="task.not_waiting", remedy="see what waits with mash tasks list")


def find_any_child(journal: Journal, keys: Keys, recipients: Sequence[str], wanted: str) -> ChildId:
    """The child that an officer of the partnership means, who has no records of their own.

    By whole name, or by the start of the exchange's own reference, of any recipient's, or of a report about the child.

    Raises:
        DeskError: nobody, or more than one child, fits.
    """
    known = [summary.known for summary in journal.children()]
    found = {each.child for each in known if _is_named(keys, each, wanted)}
    if len(wanted) >= SHORTEST_START:
        secrets = [keys.secret(f"delivery:{recipient}") for recipient in recipients]
        found |= {
            each.child
            for each in known
            if any(name.startswith(wanted) for name in (each.child, *(pseudonym(s, each.child) for s in secrets)))
        }
        reports = (event for event in journal.events(state=EventState.ACCEPTED) if event.event_id.startswith(wanted))
        found |= {event.child for event in reports if event.child is not None}
    if len(found) == 1:
        return found.pop()
    if not found:
        msg = "no child of that name or reference is known, nor a report about one"
        raise DeskError(
            msg, code="view.unknown_child", remedy="give the whole name, or a report's id from mash explain"
        )
    msg = f"{len(found)} children fit"
    raise DeskError(msg, code="view.several_children", remedy="give the id of a report about the one you mean")


def _is_named(keys: Keys, known: KnownChild, wanted: str) -> bool:
    if not known.demographics or not wanted.strip():
        return False
    content = unseal(keys.child_key(known.child), known.demographics, about=about_demographics(known.child))
    told = Demographics.read(content)
    return normalised(wanted) == told.forename + told.surname
