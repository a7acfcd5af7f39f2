"""Who was told of the reports that police take no further action on."""

from collections.abc import Collection, Sequence

from broker.core.learn import keyed_references
from broker.core.outcome import EventState, StoredEvent
from broker.core.sealing import unseal
from broker.ports.journal import Journal
from broker.ports.keys import Keys
from broker.services.stored_event import about_event
from contracts.envelope import Envelope
from contracts.events.police import DomesticIncidentNotified, NoFurtherActionRecorded, PoliceConcernRaised
from contracts.payload import Payload
from contracts.reading import read_payload
from contracts.words import ChildId, EventId, RecipientId

_REPORTS = (DomesticIncidentNotified, PoliceConcernRaised)
_TYPES = frozenset(each.event_type for each in _REPORTS)


def who_was_told(
    child: ChildId, envelope: Envelope, payload: Payload, journal: Journal, keys: Keys
) -> frozenset[RecipientId]:
    """Who was given, or is about to be given, a report of the same agency under the same reference or incident."""
    if not isinstance(payload, NoFurtherActionRecorded):
        return frozenset()
    of_the_agency = [
        event
        for event in journal.events(child=child, state=EventState.ACCEPTED)
        if event.agency == envelope.agency and event.event_type in _TYPES
    ]
    reports = {event.event_id for event in of_the_agency if _is_meant(event, envelope, payload, keys)}
    reports |= _line_of_corrections(of_the_agency, reports)
    if not reports:
        return frozenset()
    return frozenset(
        each.delivery.recipient
        for each in journal.deliveries(child=child)
        if each.delivery.event_id in reports and (each.released_at is not None or not each.is_superseded)
    )


def _line_of_corrections(events: Sequence[StoredEvent], meant: Collection[EventId]) -> set[EventId]:
    """What a meant report corrects, or is corrected by, however often: who was told of one holds its correction."""
    found, before = {*meant}, -1
    while len(found) != before:
        before = len(found)
        found |= {each.event_id for each in events if each.corrects in found or each.corrected_by in found}
        found |= {each.corrects for each in events if each.event_id in found and each.corrects is not None}
    return found


def references_of(envelope: Envelope, payload: Payload, keys: Keys) -> frozenset[str]:
    """A police report's own numbers, as facts may bear them; none for any other event."""
    if not isinstance(payload, _REPORTS):
        return frozenset()
    secret, incident = keys.secret("identity"), envelope.incident or ""
    return keyed_references(secret, envelope.agency, payload.reference, incident)


def _is_meant(event: StoredEvent, envelope: Envelope, outcome: NoFurtherActionRecorded, keys: Keys) -> bool:
    if envelope.incident and event.incident == envelope.incident:
        return True
    if event.child is None or not event.sealed:  # what was erased says nothing any more
        return False
    content = unseal(keys.child_key(event.child), event.sealed, about=about_event(EventId(event.event_id)))
    payload = read_payload(event.event_type, content)
    return isinstance(payload, _REPORTS) and payload.reference == outcome.reference
