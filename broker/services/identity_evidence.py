"""Whom a report says it is about, for whoever must say who that is, as far as the rules allow."""

from collections.abc import Iterator

from broker.core.sealing import unseal
from broker.core.store_errors import KeyDestroyedError
from broker.ports.journal import Journal
from broker.ports.keys import Keys
from broker.services.stored_event import about_event
from contracts.payload import Child, Payload
from contracts.reading import read_payload
from contracts.words import About, CheckResult, DataCategory, EventId, Form, RecipientId

_CHECKED = frozenset({CheckResult.PASSED, CheckResult.TRACED})


def said_of(event_id: EventId, recipient: RecipientId, *, journal: Journal, keys: Keys) -> tuple[str, ...]:
    """Name, birth date and identifiers that a report gives of its child; nothing where the recipient may not have them.

    What counts is the last decision for that recipient: a question of who the child is keeps the whole report back,
    but the rules have said which of its categories the recipient could be given.
    """
    event = journal.event(event_id)
    last = next((each for each in reversed(journal.decisions(event_id)) if each.recipient == recipient), None)
    if event is None or event.child is None or not event.sealed or last is None:
        return ()
    gives = any(
        cell.category is DataCategory.ID_CORE and cell.about is About.CHILD and cell.form is Form.GIVE
        for cell in last.verdict.categories
    )
    try:
        content = unseal(keys.child_key(event.child), event.sealed, about=about_event(event_id)) if gives else b""
    except KeyDestroyedError:
        return ()
    payload = read_payload(event.event_type, content) if content else None
    return tuple(_parts(payload.child)) if isinstance(payload, Payload) else ()


def _parts(child: Child) -> Iterator[str]:
    name = " ".join(part for part in (child.forenames, child.surname) if part)
    if name:
        yield name
    if child.birth_date is not None:
        yield f"born {child.birth_date.isoformat()}"
    for each in child.identifiers:
        check = "" if each.check in _CHECKED else f" ({each.check.value})"
        yield f"{each.kind.value} {each.value}{check}".replace("_", " ")
