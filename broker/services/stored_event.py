"""An event as the journal keeps it: its envelope in the open, its content sealed."""

from datetime import datetime
from typing import Final

from broker.core.outcome import EventState, StoredEvent
from broker.ports.transport import Submitted
from contracts.envelope import Envelope
from contracts.words import AgencyId, EventId, Grade, PersonId

_EXCHANGE: Final = "exchange"


def stored(submitted: Submitted, envelope: Envelope, *, now: datetime, grade: Grade, level: int) -> StoredEvent:
    """The event as accepted, without child or content."""
    return StoredEvent(
        event_id=EventId(envelope.id),
        event_type=envelope.type,
        agency=AgencyId(envelope.agency),
        source=envelope.source,
        sequence=envelope.sequence,
        rawhash=envelope.rawhash,
        subject=envelope.subject,
        incident=envelope.incident or "",
        occurred_at=envelope.time,
        received_at=now,
        state=EventState.ACCEPTED,
        grade=grade,
        level=level,
        attributes=dict(submitted.event.attributes),
        signature=submitted.event.signature,
        sealed=b"",
        corrects=EventId(envelope.corrects) if envelope.corrects else None,
    )


def by_the_exchange(envelope: Envelope, *, event_id: str, person: PersonId) -> Envelope:
    """The envelope of what the exchange itself puts in the place of a report, on a person's signed word.

    It bears no number of the agency's feed and no signature of the agency.
    """
    return envelope.model_copy(
        update={
            "id": event_id,
            "source": f"{envelope.agency}/{_EXCHANGE}/00000000",
            "sequence": 1,
            "adapter": f"{_EXCHANGE}/1",
            "keyid": f"{person}:session",
            "corrects": envelope.id,
        }
    )


def about_event(event_id: EventId) -> str:
    """What an event's sealed content is bound to."""
    return f"event:{event_id}"
