"""Bad messages through the whole exchange: each is answered with its code, nothing of it is kept, the next is taken."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from adapters.kit.agency import Agency
from adapters.kit.draft import Draft
from broker.core.outcome import EventState
from broker.ports.transport import Submitted
from broker.runtimes.embedded import Embedded
from broker.runtimes.settings import Settings
from contracts.canonical import LARGEST_MESSAGE
from contracts.envelope import Envelope, SignedEvent
from contracts.question import SenderAsked
from contracts.reply import Reply
from contracts.signing import sign_event
from contracts.words import AgencyId, EventId, ReplyKind
from tests.support import homes
from tests.support.builders import EventBuilder, a_concern, an_emergency_attendance
from tests.support.event_parts import COUNCIL, HELPLINE, HOSPITAL, POLICE
from tests.support.homes import MONDAY
from tests.support.people import a_numbered_child

OTHER = {
    "specversion": "1.1",
    "id": "a" * 64,
    "source": f"{HOSPITAL}/test-2/0000000a",
    "type": "uk.mash.health.concern.raised.v1",
    "time": "2026-03-06T10:00:01Z",
    "subject": "b" * 64,
    "datacontenttype": "text/plain",
    "sequence": "999",
    "rawhash": "c" * 64,
    "incident": "d" * 64,
    "adapter": "other/2",
    "corrects": "e" * 64,
    "keyid": "nobody:1",
}
CHANGED = dict.fromkeys(OTHER, "signature.invalid") | {
    "specversion": "envelope.malformed",
    "datacontenttype": "envelope.malformed",
    "keyid": "signature.unknown_key",
}
OPTIONAL = {"incident", "corrects"}
Tamper = Callable[[SignedEvent], SignedEvent]


class Line:
    """A home whose spools take whatever a test puts there, and whose replies are kept to look at."""

    def __init__(self, settings: Settings, runtime: Embedded) -> None:
        self.settings = settings
        self.runtime = runtime
        self.replies: list[Reply] = []
        self.numbers = iter(range(1, 1000))
        handed_over = runtime.post.reply

        def reply(some: Sequence[Reply]) -> None:
            self.replies.extend(some)
            handed_over(some)

        runtime.post.reply = reply  # type: ignore[assignment, method-assign]

    def event(self) -> EventBuilder:
        """A new good event about a child of its own."""
        number = next(self.numbers)
        return an_emergency_attendance().about(a_numbered_child(number)).as_record(f"visit-{number}").of_incident("1")

    def put(self, event: EventBuilder, tamper: Tamper, *, key_of: str = "", into: str = "") -> None:
        """Spool an event in which something is wrong."""
        agency = homes.agency_of(self.settings, key_of or event.agency)

        def sign(_: Draft, incarnation: str, sequence: int) -> SignedEvent:
            source = f"{event.agency}/{event.adapter}/{incarnation}"
            update = {"keyid": agency.keyid, "sequence": sequence, "source": source}
            envelope = event.numbered(1).envelope().model_copy(update=update)
            return tamper(sign_event(envelope, event.data(), agency.key))

        spool = homes.a_spool(self.settings, into or event.agency)
        spool.spool([homes.a_draft(event)], sign, now=MONDAY)
        spool.close()

    def good(self) -> None:
        """A good event of the same agency still comes through, and everything agrees."""
        event = self.event()
        homes.spool(self.settings, [event])
        assert self.runtime.tick().accepted == 1
        assert self.replies[-1].kind in {ReplyKind.ACCEPTED, ReplyKind.RETURNED}
        assert self.runtime.hub.journal.decisions(self.stored(event))

    def stored(self, event: EventBuilder) -> EventId:
        """The event's id, where it is accepted."""
        states = {each.event_id: each.state for each in self.runtime.hub.journal.events()}
        event_id = EventId(event.id)
        assert states[event_id] is EventState.ACCEPTED
        return event_id


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Line]:
    settings = homes.a_home(tmp_path_factory.mktemp("messages"))
    with homes.opened(settings) as runtime:
        yield Line(settings, runtime)


def refused(line: Line, event: EventBuilder, tamper: Tamper, **how: str) -> Reply:
    """Send it; it is refused with one reply, and leaves no event. Gives the reply.

    Where nobody can tell who signed it, the reply asks for the agency's own by its number, and settles no event there.
    """
    before = len(line.runtime.hub.journal.events())
    line.replies.clear()
    line.put(event, tamper, **how)
    done = line.runtime.tick()
    assert (done.refused, done.accepted, done.quarantined) == (1, 0, 0)
    assert len(line.runtime.hub.journal.events()) == before
    (reply,) = line.replies
    is_asked_again = reply.code.startswith("signature.") and bool(reply.first_missing)
    assert reply.kind is (ReplyKind.MISSING if is_asked_again else ReplyKind.REFUSED)
    assert not (reply.code.startswith("signature.") and reply.event_id)
    assert not {word for word in ("injury", "Alder", "Marsh") if word in reply.model_dump_json()}
    spool = homes.a_spool(line.settings, how.get("into", event.agency))
    spool.acknowledge([event.id], now=MONDAY)
    spool.close()
    return reply


def with_attributes(event: SignedEvent, attributes: Mapping[str, str]) -> SignedEvent:
    return replace(event, attributes=dict(attributes))


@pytest.mark.parametrize("name", sorted(OTHER))
def test_a_changed_attribute_is_refused(line: Line, name: str) -> None:
    def tamper(event: SignedEvent) -> SignedEvent:
        return with_attributes(event, {**event.attributes, name: OTHER[name]})

    reply = refused(line, line.event(), tamper)
    assert reply.code == CHANGED[name]
    line.good()


@pytest.mark.parametrize("name", sorted({*OTHER} - {"corrects"}))
def test_a_dropped_attribute_is_refused(line: Line, name: str) -> None:
    def tamper(event: SignedEvent) -> SignedEvent:
        return with_attributes(event, {key: value for key, value in event.attributes.items() if key != name})

    reply = refused(line, line.event(), tamper)
    assert reply.code == ("signature.invalid" if name in OPTIONAL else "envelope.malformed")
    line.good()


@pytest.mark.parametrize("name", ["corrects", "traceparent", "dataschema", "partitionkey", "signature", "Marsh"])
def test_an_added_attribute_is_refused_and_an_unknown_name_is_not_repeated(line: Line, name: str) -> None:
    def tamper(event: SignedEvent) -> SignedEvent:
        return with_attributes(event, {**event.attributes, name: OTHER.get(name, "1")})

    reply = refused(line, line.event(), tamper)
    assert reply.code == ("signature.invalid" if name in OPTIONAL else "envelope.malformed")
    assert reply.path in {"", "corrects"}
    line.good()


def test_every_attribute_of_the_envelope_is_tried() -> None:
    assert set(OTHER) == set(Envelope.model_fields)


WRONG: dict[str, tuple[Tamper, str]] = {
    "no signature": (lambda event: replace(event, signature=""), "signature.missing"),
    "another signature": (
        lambda event: replace(event, signature=event.signature[:-8] + "AAAAAAAA"),
        "signature.invalid",
    ),
    "noise for a signature": (lambda event: replace(event, signature="é\0" * 400), "signature.invalid"),
    "changed content": (lambda event: replace(event, data=event.data.replace(b"arm", b"leg")), "signature.invalid"),
    "no content": (lambda event: replace(event, data=b""), "signature.invalid"),
}


@pytest.mark.parametrize("what", sorted(WRONG))
def test_what_is_not_as_it_was_signed_is_refused(line: Line, what: str) -> None:
    tamper, code = WRONG[what]
    assert refused(line, line.event(), tamper).code == code
    line.good()


CONTENT: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "payload.not_json"),
    "cut": (b'{"child":{"forenames":"Al', "payload.not_json"),
    "nested brackets": (b"[" * 100_000 + b"]" * 100_000, "payload.not_json"),
    "nested objects": (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "payload.not_json"),
    "a list": (b"[]", "payload.not_json"),
    "another shape": (b'{"child":{},"surprise":1}', "payload.invalid"),
    "an endless number": (b'{"n":1' + b"0" * 400_000 + b"}", "payload."),
    "a key twice": (b'{"child":{},"child":{}}', "payload.not_json"),
    "too large": (b'{"a":"' + b"x" * LARGEST_MESSAGE + b'"}', "envelope.too_large"),
}


@pytest.mark.parametrize("what", sorted(CONTENT))
def test_content_that_cannot_be_read_is_refused_though_it_is_signed(line: Line, what: str) -> None:
    content, code = CONTENT[what]
    event = line.event()
    agency = homes.agency_of(line.settings, event.agency)

    def sign_again(signed: SignedEvent) -> SignedEvent:
        return sign_event(Envelope.from_attributes(signed.attributes), content, agency.key)

    assert refused(line, event, sign_again).code.startswith(code)
    line.good()


def test_content_in_another_encoding_is_refused(line: Line) -> None:
    event = line.event()
    agency = homes.agency_of(line.settings, event.agency)
    envelope = Envelope.from_attributes(homes.signed(line.settings, event).attributes)
    message = sign_event(envelope, event.data().decode().encode("utf-16"), agency.key)
    report = line.runtime.hub.accept.run([Submitted(agency.id, message, "1")])
    assert report.refused == 1
    line.runtime.tick()
    assert line.replies[-1].code == "payload.not_json"
    line.good()


def _same(event: SignedEvent) -> SignedEvent:
    return event


def test_the_key_of_another_agency_is_refused(line: Line) -> None:
    assert refused(line, line.event(), _same, key_of=POLICE).code == "envelope.source_mismatch"
    line.good()


def test_another_agencys_event_on_this_agencys_channel_is_refused(line: Line) -> None:
    event = a_concern().from_charity().about(a_numbered_child(900))
    reply = refused(line, event, _same, into=COUNCIL)
    assert (reply.code, reply.agency) == ("envelope.source_mismatch", COUNCIL)
    line.good()


def test_an_agency_that_nobody_knows_is_refused(line: Line) -> None:
    def from_nowhere(event: SignedEvent) -> SignedEvent:
        known = homes.agency_of(line.settings, HOSPITAL)
        update = {"source": "nowhere-hospital/test-1/0000000a", "keyid": "nowhere-hospital:1"}
        return sign_event(Envelope.from_attributes(event.attributes).model_copy(update=update), event.data, known.key)

    assert refused(line, line.event(), from_nowhere).code == "signature.unknown_key"
    line.good()


def _at(moment: datetime, *, number: int) -> EventBuilder:
    event = an_emergency_attendance().about(a_numbered_child(number)).as_record(f"clock-{number}-{moment:%d%H%M}")
    return event.occurring(moment)


def test_an_event_from_tomorrow_is_refused(line: Line) -> None:
    reply = refused(line, _at(MONDAY + timedelta(days=1), number=901), _same)
    assert (reply.code, reply.path) == ("envelope.clock", "time")
    line.good()


def test_five_minutes_ahead_is_taken_and_six_are_not(line: Line) -> None:
    assert refused(line, _at(MONDAY + timedelta(minutes=6), number=902), _same).code == "envelope.clock"
    homes.spool(line.settings, [_at(MONDAY + timedelta(minutes=5), number=902)])
    assert line.runtime.tick().accepted == 1


def test_an_event_of_yesterday_is_taken_as_late_as_it_comes(line: Line) -> None:
    event = _at(MONDAY - timedelta(days=1), number=903)
    homes.spool(line.settings, [event])
    assert line.runtime.tick().accepted == 1
    line.stored(event)


def test_an_event_observed_tomorrow_is_refused(line: Line) -> None:
    event = a_concern().from_charity().about(a_numbered_child(904))
    content = event.payload().model_copy(
        update={"times": event.payload().times.model_copy(update={"observed": MONDAY + timedelta(days=1)})}  # type: ignore[attr-defined]
    )
    agency = homes.agency_of(line.settings, HELPLINE)

    def sign_again(signed: SignedEvent) -> SignedEvent:
        data = content.model_dump_json(exclude_none=True).encode()
        return sign_event(Envelope.from_attributes(signed.attributes), data, agency.key)

    reply = refused(line, event, sign_again)
    assert (reply.code, reply.path) == ("envelope.clock", "times.observed")


def test_a_reused_id_with_other_content_is_set_aside_and_the_first_stands(tmp_path: Path) -> None:
    settings = homes.a_home(tmp_path)
    with homes.opened(settings) as runtime:
        first = an_emergency_attendance().as_record("visit")
        homes.spool(settings, [first])
        assert runtime.tick().accepted == 1
        decided = runtime.hub.journal.decisions(EventId(first.id))
    _start_the_spool_anew(homes.agency_of(settings, HOSPITAL))
    with homes.opened(settings) as runtime:
        line = Line(settings, runtime)
        line.put(first.saying(complaint="injury of leg"), _same)
        done = runtime.tick()
        assert (done.accepted, done.quarantined, done.repeated) == (0, 1, 0)
        assert [(each.kind, each.code) for each in line.replies] == [(ReplyKind.REFUSED, "event.reused_id")]
        (kept,) = runtime.hub.journal.quarantined()
        assert (kept.reason, kept.channel, kept.event_id) == ("event.reused_id", HOSPITAL, first.id)
        assert b"injury" not in kept.sealed
        assert "event.reused_id" in {each.code for task in runtime.hub.journal.tasks() for each in task.questions}
        assert runtime.hub.journal.decisions(EventId(first.id)) == decided
        line.good()
        assert [each.code for each in runtime.reconcile().differences] == []


def test_the_same_event_in_another_life_of_the_spool_is_a_repeat(tmp_path: Path) -> None:
    settings = homes.a_home(tmp_path)
    event = an_emergency_attendance().as_record("visit")
    homes.spool(settings, [event])
    with homes.opened(settings) as runtime:
        assert runtime.tick().accepted == 1
    _start_the_spool_anew(homes.agency_of(settings, HOSPITAL))
    homes.spool(settings, [event])
    with homes.opened(settings) as runtime:
        done = runtime.tick()
        assert (done.accepted, done.repeated, done.released, done.log_entries) == (0, 1, 0, 0)


def _stumble_over(line: Line, agency: str) -> None:
    """Let whatever is asked about one agency's events fail, as a defect would."""
    policy = line.runtime.hub.policy
    asked = policy.sender

    def sender(of: AgencyId) -> SenderAsked:
        if of == agency:
            raise LookupError(of)
        return asked(of)

    policy.sender = sender  # type: ignore[assignment, method-assign]


def test_a_message_that_the_exchange_stumbles_over_is_set_aside_alone_and_the_rest_of_its_batch_is_taken(
    tmp_path: Path,
) -> None:
    settings = homes.a_home(tmp_path)
    with homes.opened(settings) as runtime:
        line = Line(settings, runtime)
        _stumble_over(line, HELPLINE)
        homes.spool(settings, [*(line.event() for _ in range(7)), a_concern().from_charity()])
        done = runtime.tick()
        assert (done.accepted, done.quarantined) == (7, 1)
        (kept,) = runtime.hub.journal.quarantined()
        assert (kept.reason, bool(kept.owner)) == ("event.quarantined", True)
        assert not runtime.feeds[HELPLINE].pending(9)
        line.good()


def test_what_is_held_beside_a_culprit_still_has_its_alarm(tmp_path: Path) -> None:
    settings = homes.a_home(tmp_path)
    with homes.opened(settings) as runtime:
        line = Line(settings, runtime)
        event = line.event()
        agency = homes.agency_of(settings, event.agency)

        def of_a_new_type(signed: SignedEvent) -> SignedEvent:
            update = {"type": "uk.mash.health.moon_landing.recorded.v9"}
            envelope = Envelope.from_attributes(signed.attributes).model_copy(update=update)
            return sign_event(envelope, signed.data, agency.key)

        line.put(event, of_a_new_type)
        _stumble_over(line, HELPLINE)
        homes.spool(settings, [a_concern().from_charity()])
        done = runtime.tick()
        assert (done.held, done.quarantined) == (1, 1)
        codes = {each.code for task in runtime.hub.journal.tasks() for each in task.questions}
        assert codes >= {"contract.unknown_type", "event.quarantined"}
        assert runtime.reconcile().differences == ()
        line.good()


def test_replies_without_a_usable_id_do_not_keep_the_exchange_busy_for_ever(line: Line) -> None:
    def unnamed(event: SignedEvent) -> SignedEvent:
        return with_attributes(event, {**event.attributes, "id": "nobody can name this"})

    for _ in range(3):
        line.put(line.event(), unnamed)
    assert line.runtime.tick().refused == 3
    homes.spool(line.settings, [line.event()])
    done = line.runtime.tick()
    assert (done.accepted, done.refused) == (1, 3)


def _start_the_spool_anew(agency: Agency) -> None:
    for file in agency.folder.glob("spool.db*"):
        file.unlink()
