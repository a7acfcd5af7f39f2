"""Finds what is taken back of what stays told, of whoever is told nothing anew."""

from collections.abc import Mapping
from datetime import datetime

from broker.core.curtail import Curtailed, curtailed
from broker.core.outcome import EventState, StoredEvent
from broker.core.sealing import unseal
from broker.ports.journal import Journal
from broker.ports.keys import Keys
from broker.services.comparing import Again, Reopened
from broker.services.deciding import Asking, Deciding, Prepared, Subject
from broker.services.recalling import Recalling
from broker.services.stored_event import about_event
from contracts.envelope import Envelope
from contracts.payload import Payload
from contracts.reading import read_payload
from contracts.verdict import CandidateVerdict
from contracts.words import Effect, RecipientId


class Curtailing:
    """Looks at whoever lawfully keeps what is shared no more, and whoever holds a report that was corrected."""

    def __init__(self, journal: Journal, keys: Keys, deciding: Deciding, recalling: Recalling) -> None:
        """Take what it reads from."""
        self._journal = journal
        self._keys = keys
        self._deciding = deciding
        self._recalling = recalling

    def less(
        self,
        reopened: Reopened,
        prepared: Prepared,
        verdicts: Mapping[RecipientId, CandidateVerdict],
        again: Again,
        asking: Asking,
    ) -> Mapping[RecipientId, Curtailed]:
        """By recipient, what still applies of its last word, where that is less.

        ``verdicts``: today's. Who loses all of it, or is told anew as what is shared with it today, is left out; so is
        whoever nothing has left for yet: that is asked about before it does.
        """
        staying = {each.delivery.recipient for each in reopened.earlier if each.released_at is not None}
        staying = {each for each in staying if asking.only is None or each in asking.only}
        staying -= {recipient for recipients in again.lost.values() for recipient in recipients}
        if not reopened.is_corrected:
            shared = {recipient for recipient, each in verdicts.items() if each.effect is Effect.SHARE}
            staying -= shared.difference(again.asked_for)
        said = self._recalling.said(reopened.event.event_id, recipients=staying) if staying else {}
        standing = self._standing(reopened, prepared, asking, again.now) if said else None
        if standing is None:
            return {}
        return curtailed(said, self._deciding.content(standing), verdicts, prepared.directory.recipients)

    def _standing(self, reopened: Reopened, prepared: Prepared, asking: Asking, now: datetime) -> Prepared | None:
        """The report itself or, where it was corrected, what stands in its place; none where nothing can."""
        if not reopened.is_corrected:
            return prepared
        last = latest(reopened.event, self._journal)
        subject = subject_of(last, self._journal, self._keys) if last is not None else None
        return None if subject is None else self._deciding.prepare(subject, now=now, asking=asking)


def latest(event: StoredEvent, journal: Journal) -> StoredEvent | None:
    """What stands in the place of an event in the end; none where that was erased or is not accepted."""
    seen = set()
    while event.corrected_by is not None and event.event_id not in seen:
        seen.add(event.event_id)
        later = journal.event(event.corrected_by)
        if later is None or later.state is not EventState.ACCEPTED:
            return None
        event = later
    return event


def subject_of(event: StoredEvent, journal: Journal, keys: Keys) -> Subject | None:
    """An accepted event opened, with what is known of its child; none where nothing of it can be asked about.

    Raises:
        KeyDestroyedError: its child is erased.
    """
    if event.child is None or not event.sealed:
        return None
    content = unseal(keys.child_key(event.child), event.sealed, about=about_event(event.event_id))
    payload, known = read_payload(event.event_type, content), journal.known_child(event.child)
    if known is None or not isinstance(payload, Payload):
        return None
    envelope = Envelope.from_attributes(event.attributes)
    return Subject(envelope, payload, known, event.received_at, is_unsure=known.is_provisional)
