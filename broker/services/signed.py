"""Who signed what: a person's own key, valid now, over exactly these bytes, lately."""

from datetime import datetime, timedelta

from broker.ports.people import People, PersonEntry
from contracts.errors import SignatureError
from contracts.signing import verify
from contracts.words import PersonId

SIGNED_LATELY = timedelta(minutes=15)


def signer(
    people: People, person: PersonId, content: bytes, *, signature: str, at: datetime, now: datetime
) -> PersonEntry | None:
    """The person who signed ``content``, stated as done ``at``; none where it was not they, or too long ago."""
    found = people.person(person)
    if found is None or not found.key.is_valid_at(now) or abs(now - at) > SIGNED_LATELY:
        return None
    try:
        verify(content, signature, found.key.key)
    except SignatureError:
        return None
    return found
