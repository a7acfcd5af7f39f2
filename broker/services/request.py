"""A person asks for what was not shared: an event like any other, decided, recorded and answered."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from broker.core.errors import MashError
from broker.core.hashing import keyed_hash
from broker.core.outcome import Decision, EventState
from broker.core.sealing import unseal
from broker.ports.transport import Submitted
from broker.services.accept import Accept, Needs
from broker.services.answering import EVERYBODY
from broker.services.stored_event import about_event
from broker.services.taking_in import Arrival
from contracts.canonical import canonical, digest
from contracts.envelope import Envelope, SignedEvent
from contracts.events.mash import InformationRequested
from contracts.payload import Child, Payload, Times
from contracts.reading import read_payload
from contracts.words import AgencyId, ChildId, DataCategory, EventId, PersonId, Purpose, RecipientId, RequestedUnder

ADAPTER = "exchange/1"


class CannotRequestError(MashError):
    """A request cannot be made."""

    codes: ClassVar[Mapping[str, str]] = {
        "request.unknown_child": "Nothing is held about that child that could be asked for.",
        "request.unknown_agency": "The partnership has no agency of that id to ask.",
        "request.unknown_asker": "The recipient that asks is not in the partnership's directory.",
    }


@dataclass(frozen=True, slots=True)
class WantedInformation:
    """What a person asks for: at which recipient and in which role, of which agency, for what and why.

    ``what``: categories; none means whatever may be given. ``asked_of``: a source agency, or empty or ``all``.
    ``under``: the statute that makes it answer, where there is one.
    """

    child: ChildId
    by: RecipientId
    person: PersonId
    role: str
    purpose: Purpose
    what: tuple[DataCategory, ...] = ()
    grounds: str = ""
    asked_of: AgencyId = AgencyId("")  # noqa: RUF009 - a NewType over a literal
    under: RequestedUnder | None = None


@dataclass(frozen=True, slots=True)
class Requested:
    """The request's own event, the decision on it, and the decisions on what is held that followed."""

    event_id: EventId
    decision: Decision
    answers: tuple[Decision, ...]


class Request:
    """Takes requests of people who have signed in."""

    def __init__(self, needs: Needs, accept: Accept) -> None:
        """Take the ports, and the path that every event goes."""
        self._needs = needs
        self._accept = accept

    def run(self, wanted: WantedInformation) -> Requested:
        """Decide a request and answer it, in one transaction.

        Raises:
            CannotRequestError: nothing is held about the child, or who asks or is asked is unknown.
            NoVerdictError: the policy gave no verdict; nothing was stored.
        """
        now = self._needs.clock.now()
        directory = self._needs.policy.directory()
        if wanted.asked_of not in {"", EVERYBODY, *directory.agencies}:
            msg = f"the partnership has no agency {wanted.asked_of!r}; nothing was asked"
            remedy = f"choose one of {', '.join(directory.agencies)}, or {EVERYBODY}"
            raise CannotRequestError(msg, code="request.unknown_agency", remedy=remedy)
        entry = directory.recipients.get(wanted.by)
        if entry is None:
            msg = f"the directory has no recipient {wanted.by}; nothing was asked"
            raise CannotRequestError(msg, code="request.unknown_asker", remedy="ask as a recipient of the partnership")
        with self._needs.journal.transaction():
            arrival = self._arrival(wanted, self._child(wanted.child), entry.agency or wanted.by, now)
            outcomes = self._accept.take_request(arrival, wanted.child, now)
        decision, *answers = [each for outcome in outcomes for each in outcome.decisions]
        return Requested(EventId(arrival.envelope.id), decision, tuple(answers))

    def _arrival(self, wanted: WantedInformation, child: Child, agency: str, now: datetime) -> Arrival:
        moment = now.replace(microsecond=0)
        payload = InformationRequested(
            child=child,
            times=Times(occurred=moment),
            asked_by=wanted.by,
            role=wanted.role,
            asked_of=wanted.asked_of or EVERYBODY,
            purpose=wanted.purpose,
            what=wanted.what,
            grounds=wanted.grounds or None,
            under=wanted.under,
        )
        data = canonical(payload.model_dump(mode="json", exclude_none=True))
        secret = self._needs.keys.secret("partnership")
        envelope = Envelope(
            id=keyed_hash(secret, "request", self._needs.ids.new()),
            source=f"{agency}/exchange/00000000",
            type=InformationRequested.event_type,
            time=moment,
            subject=keyed_hash(secret, "child", wanted.child),
            sequence=1,
            rawhash=keyed_hash(secret, digest(data)),
            adapter=ADAPTER,
            keyid=f"{wanted.person}:session",
        )
        event = SignedEvent(envelope.attributes(), "", data)
        return Arrival(Submitted(AgencyId(agency), event, envelope.id), envelope, payload)

    def _child(self, child: ChildId) -> Child:
        """The child as last told of."""
        events = self._needs.journal.events(child=child, state=EventState.ACCEPTED)
        for event in reversed(events):
            if not event.sealed or event.child is None:
                continue
            content = unseal(self._needs.keys.child_key(event.child), event.sealed, about=about_event(event.event_id))
            payload = read_payload(event.event_type, content)
            if isinstance(payload, Payload):
                return payload.child
        msg = "nothing is held about that child; nothing was asked"
        raise CannotRequestError(msg, code="request.unknown_child", remedy="see mash children for whom you may open")
