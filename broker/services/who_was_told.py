"""Who was told of the reports that police take no further action on."""

from broker.core.learn import keyed_reference
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
    reports = {
        event.event_id
        for event in journal.events(child=child, state=EventState.ACCEPTED)
        if event.agency == envelope.agency and event.event_type in _TYPES and _is_meant(event, envelope, payload, keys)
    }
    if not reports:
        return frozenset()
    return frozenset(
        each.delivery.recipient
        for each in journal.deliveries(child=child)
        if each.delivery.event_id in reports and (each.released_at is not None or not each.is_superseded)
    )


def reference_of(envelope: Envelope, payload: Payload, keys: Keys) -> str:
    """A police report's own number, as a fact may bear it; empty for any other event."""
    if not isinstance(payload, _REPORTS):
        return ""
    return keyed_reference(keys.secret("identity"), envelope.agency, payload.reference)


def _is_meant(event: StoredEvent, envelope: Envelope, outcome: NoFurtherActionRecorded, keys: Keys) -> bool:
    if envelope.incident and event.incident == envelope.incident:
        return True
    if event.child is None:
        return False
    content = unseal(keys.child_key(event.child), event.sealed, about=about_event(EventId(event.event_id)))
    payload = read_payload(event.event_type, content)
    return isinstance(payload, _REPORTS) and payload.reference == outcome.reference
