"""Real events through the whole line: decided, sealed, released, received, reconciled; nothing in the clear."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from broker.core.outcome import EventState, StagedDelivery
from broker.drivers.memory.ledger_store import MemoryLedger
from broker.services.ask_again import AskAgain
from broker.services.left_after_all import LeftAfterAll
from broker.services.reask import AskPastAgain
from broker.services.receive_receipts import ReceiptServices, receive_receipts
from broker.services.reconcile import reconcile
from broker.services.release import ReleaseServices, release
from broker.services.sequence import sequence
from contracts.words import RecipientId
from tests.support.builders import (
    EventBuilder,
    a_concern,
    a_domestic_incident,
    a_gp_registration,
    a_protection_plan,
    a_pupil_enrolment,
    a_restriction,
    a_worker_allocation,
    an_emergency_attendance,
)
from tests.support.hub import Hub, TestKeys
from tests.support.ledger import a_signer
from tests.support.releasing import Recipients
from tests.support.signing_keys import key_registry

CANARIES = (b"Marsh", b"Dana", b"Asha Bell", b"Larch House", b"9990000018")


class Line:
    """A hub with its ledger and its recipients."""

    def __init__(self, folder: Path) -> None:
        self.hub = Hub.in_folder(folder)
        self.ledger = MemoryLedger()
        self.recipients = Recipients()
        self.everybody = tuple(self.hub.policy.directory().recipients)

    def accept(self, *events: EventBuilder) -> None:
        self.hub.submit(*events)

    def send(self) -> int:
        hub = self.hub
        past = AskPastAgain(hub.journal, hub.keys, hub.policy, hub.clock, hub.ids)
        while (turn := past.run()).asked or turn.finished:
            pass
        sequence(hub.journal, self.ledger, a_signer(), hub.clock)
        services = ReleaseServices(
            journal=hub.journal,
            ledger=self.ledger,
            keys=hub.keys,
            policy=hub.policy,
            clock=hub.clock,
            ids=hub.ids,
            ask_again=self._ask_again,
        )
        released = release(services, self.recipients)
        registered = TestKeys(key_registry(self.everybody))
        receiving = ReceiptServices(
            hub.journal,
            hub.keys,
            registered,
            hub.clock,
            hub.ids,
            left_after_all=LeftAfterAll(hub.journal, hub.keys, hub.policy, hub.clock, hub.ids),
        )
        taken = receive_receipts(receiving, self.recipients)
        assert (released.broken, released.unreachable, taken.refused) == ((), {}, ())
        return len(released.released) + len(released.asked_again)

    def _ask_again(self, stale: Sequence[StagedDelivery]) -> None:
        hub = self.hub
        again = AskAgain(hub.journal, hub.keys, hub.policy, hub.clock, hub.ids)
        for each in stale:
            again.run({each.event_id: {each.recipient}}, why="facts changed")

    def send_all(self) -> None:
        while self.send():
            pass


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    line = Line(tmp_path)
    yield line
    line.hub.journal.close()
    line.hub.keys.close()


WEEKEND: tuple[Callable[[], EventBuilder], ...] = (
    a_pupil_enrolment,
    a_gp_registration,
    a_worker_allocation,
    a_protection_plan,
    a_domestic_incident,
    an_emergency_attendance,
    a_restriction,
    lambda: a_concern().from_school(),
    lambda: a_concern().from_police(),
)


def test_whatever_is_accepted_reaches_recipients_and_every_account_agrees(line: Line) -> None:
    for number, event in enumerate(WEEKEND):
        line.accept(event().in_incarnation("00000001"))
        if number % 2:
            line.send()
    line.send_all()
    delivered = line.recipients.delivered()
    held = {recipient: delivered.get(recipient, {}) for recipient in line.everybody}
    found = reconcile(line.hub.journal, line.ledger, line.hub.keys, held, now=line.hub.clock.now())
    assert found.differences == ()
    assert found.figures["deliveries_released"] == sum(map(len, delivered.values())) > 5
    assert found.figures["deliveries_waiting"] == found.figures["deliveries_on_the_way"] == 0


def test_no_file_of_the_home_holds_anything_personal_in_the_clear(line: Line, tmp_path: Path) -> None:
    for event in WEEKEND:
        line.accept(event())
    line.send_all()
    files = sorted(path for path in tmp_path.rglob("*") if path.is_file())
    assert {path.suffix for path in files} >= {".db", ".db-wal"}
    content = b"".join(path.read_bytes() for path in files)
    assert [canary for canary in CANARIES if canary in content] == []
    events = line.hub.journal.events(state=EventState.ACCEPTED)
    assert len(events) == len(WEEKEND)
    bodies = b"".join(parcel.body for kept in line.recipients.kept.values() for parcel in kept.values())
    assert b"Marsh" in bodies
    assert RecipientId("mash-core") in line.recipients.kept


def test_a_school_must_open_what_came_on_sunday_night_before_its_monday(line: Line) -> None:
    incident = a_domestic_incident().saying(both_parties_16_or_over=True)
    line.accept(a_pupil_enrolment(), a_protection_plan(), incident)
    line.send_all()
    due = {
        each.delivery.recipient: each.delivery.receipt_due
        for event in line.hub.journal.events()
        if event.event_id == incident.id
        for each in line.hub.journal.deliveries(event=event.event_id)
    }
    school = RecipientId("school-ashdown")
    before_school = line.hub.policy.opens_by(school, line.hub.clock.now())
    assert due[school] == before_school
    assert before_school is not None
    assert due[RecipientId("mash-core")] != before_school
