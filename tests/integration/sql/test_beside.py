"""Two hubs take in reports about different children at the same time, and about one child one after the other."""

import inspect
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, closing
from dataclasses import replace
from itertools import count
from typing import Any, cast

import pytest

from broker.core.beside import Named
from broker.core.identity import Claim
from broker.core.identity import claim as claimed_by
from broker.core.store_errors import BeyondError, StoreError
from broker.drivers.sql.journal import SqlJournal
from broker.drivers.sql.postgres import Database, postgres_journal
from broker.drivers.sql.store import store_busy
from broker.ports.journal import Journal
from broker.ports.transport import Submitted
from broker.services import accept
from broker.services.accept import PORTION, Accept
from contracts.envelope import Envelope
from contracts.payload import Payload
from contracts.words import AgencyId, EventId
from tests.support.builders import (
    EventBuilder,
    a_concern,
)
from tests.support.hub import MONDAY, Hub, shipped_policy
from tests.support.hubs import SECONDS, Hubs, Watched
from tests.support.people import a_child, a_numbered_child


def together(*takings: tuple[Hub, Sequence[EventBuilder]]) -> None:
    """Each hub takes in its own at the same time."""
    with ThreadPoolExecutor(len(takings)) as threads:
        for done in [threads.submit(hub.submit, *reports) for hub, reports in takings]:
            done.result(timeout=4 * SECONDS)


def test_given_two_children_when_two_hubs_take_in_reports_about_them_then_both_do_so_at_once(hubs: Hubs) -> None:
    meeting = threading.Barrier(2)
    one, other = (hubs.one(Watched(lambda: meeting.wait(SECONDS))) for _ in range(2))
    together((one, [a_concern().from_police()]), (other, [a_concern().from_health().about(a_child("Theo"))]))
    assert one.journal.counts()["children"] == 2
    assert not meeting.broken


class Room:
    """Sees how many are in it at once; each stays a while."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside = 0
        self.most = 0

    def stay(self) -> None:
        """Be in it."""
        with self._lock:
            self._inside += 1
            self.most = max(self.most, self._inside)
        time.sleep(0.3)
        with self._lock:
            self._inside -= 1


def two_in_one_room(hubs: Hubs) -> tuple[Room, Hub, Hub]:
    """Two hubs, and whether both ask the policy at once."""
    room = Room()
    return room, hubs.one(Watched(room.stay)), hubs.one(Watched(room.stay))


def test_given_one_number_in_both_reports_when_two_hubs_take_them_in_then_they_make_one_child(hubs: Hubs) -> None:
    room, one, other = two_in_one_room(hubs)
    together((one, [a_concern().from_police()]), (other, [a_concern().from_health()]))
    assert (room.most, one.journal.counts()["children"]) == (1, 1)


def test_given_a_child_known_by_two_ways_when_each_comes_to_another_hub_then_one_waits_for_the_other(
    hubs: Hubs,
) -> None:
    room, one, other = two_in_one_room(hubs)
    nameless = replace(a_child(), forenames=None, surname=None, birth_date=None)
    one.submit(a_concern().from_police())
    one.submit(a_concern().from_health())
    again = a_concern().from_police().about(nameless.without_nhs_number().without_upn())
    also = a_concern().from_health().about(nameless.without_nhs_number().without_upn())
    together((one, [again]), (other, [also]))
    assert (room.most, one.journal.counts()["children"]) == (1, 1)
    assert one.journal.counts()["events_accepted"] == 4


def test_given_namesakes_who_may_be_one_when_two_hubs_meet_them_then_one_waits_for_the_other(hubs: Hubs) -> None:
    room, one, other = two_in_one_room(hubs)
    mia = a_child().without_nhs_number().without_upn()
    almost = replace(mia, reference="another", forenames="Mya")
    together((one, [a_concern().from_police().about(mia)]), (other, [a_concern().from_health().about(almost)]))
    assert room.most == 1
    codes = {each.code for task in one.journal.tasks() for each in task.questions}
    assert "identity.unsure" in codes


def test_given_a_correction_when_another_hub_takes_in_a_report_then_it_is_taken_in_alone(hubs: Hubs) -> None:
    room, one, other = two_in_one_room(hubs)
    report = a_concern().from_police()
    one.submit(report)
    corrected = report.as_record("again").saying(**dict(report.specifics)).correcting(report.id)
    together((one, [corrected]), (other, [a_concern().from_health().about(a_child("Theo"))]))
    assert room.most == 1
    assert one.journal.counts()["events_accepted"] == 3


@pytest.fixture
def transactions(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Of every transaction, whether it runs beside others."""
    seen: list[bool] = []
    whole = SqlJournal.transaction

    def transaction(journal: SqlJournal, named: Named | None = None) -> AbstractContextManager[None]:
        seen.append(named is not None)
        return whole(journal, named)

    monkeypatch.setattr(SqlJournal, "transaction", transaction)
    return seen


def test_given_numbers_of_two_children_in_one_report_when_it_is_taken_in_then_that_is_done_alone_and_no_key_is_lost(
    hubs: Hubs, transactions: list[bool]
) -> None:
    hub = hubs.one(shipped_policy())
    one, other = a_child().without_upn(), replace(a_child().without_nhs_number(), reference="of-the-school")
    hub.submit(a_concern().from_health().about(one))
    hub.submit(a_concern().from_school().about(other))
    made = keys_made(hub)
    fresh = a_concern().from_police().about(a_numbered_child(1))
    hub.submit(fresh, a_concern().from_police().about(replace(a_child(), reference="of-the-police")))
    assert transactions == [True, True, True, False]
    assert len(list(hub.journal.children())) == 2
    assert keys_made(hub) == made + 2


def test_given_a_report_of_which_nobody_can_say_whom_it_names_when_it_comes_then_it_alone_is_set_aside(
    hubs: Hubs, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = hubs.one(shipped_policy())
    good, bad = a_concern().from_police(), a_concern().from_police().about(a_child("Theo"))

    def claim(envelope: Envelope, payload: Payload, **more: Any) -> Claim:
        if envelope.id == bad.id:
            raise ValueError
        return claimed_by(envelope, payload, **more)

    monkeypatch.setattr("broker.services.taking_in.claim", claim)
    report = hub.submit(good, bad)
    assert (report.accepted, report.quarantined) == (1, 1)


def test_given_more_messages_than_a_portion_when_they_are_taken_in_then_it_is_done_in_portions(
    hubs: Hubs, transactions: list[bool]
) -> None:
    hub = hubs.one(shipped_policy())
    report = hub.submit(*(a_concern().from_police().about(a_numbered_child(number)) for number in range(PORTION + 5)))
    assert (report.accepted, transactions) == (PORTION + 5, [True, True])


def test_given_what_could_not_be_taken_in_beside_others_when_more_comes_then_the_next_portions_are_taken_in_alone(
    hubs: Hubs, transactions: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accept, "ALONE_AFTER", 2)
    hub = hubs.one(shipped_policy())
    hub.submit(a_concern().from_health().about(a_child().without_upn()))
    hub.submit(a_concern().from_school().about(replace(a_child().without_nhs_number(), reference="of-the-school")))
    transactions.clear()
    taking = Accept(hub.needs)
    both = replace(a_child(), reference="of-the-police")
    for child in (both, *(a_numbered_child(number) for number in range(3))):
        taking.run(
            [Submitted(AgencyId("wrenshire-police"), a_concern().from_police().about(child).signed(), "0")], beside=True
        )
    assert transactions == [True, False, False, False, True]


def test_given_a_store_that_fails_after_a_portion_when_the_batch_is_run_again_then_the_rest_is_taken_in(
    hubs: Hubs, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = hubs.one(shipped_policy())
    batch = [a_concern().from_police().about(a_numbered_child(number)) for number in range(PORTION + 5)]
    whole, begun = SqlJournal.transaction, count(1)

    def failing(journal: SqlJournal, named: Named | None = None) -> AbstractContextManager[None]:
        if next(begun) == 2:
            raise store_busy()
        return whole(journal, named)

    monkeypatch.setattr(SqlJournal, "transaction", failing)
    with pytest.raises(StoreError):
        hub.submit(*batch)
    again = hub.submit(*batch)
    assert (again.accepted, again.duplicates) == (5, PORTION)
    assert hub.journal.counts()["children"] == PORTION + 5


def test_given_a_store_that_fails_at_once_when_a_batch_is_taken_in_then_that_is_said(
    hubs: Hubs, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = hubs.one(shipped_policy())

    def failing(_journal: SqlJournal, _named: Named | None = None) -> AbstractContextManager[None]:
        raise store_busy()

    monkeypatch.setattr(SqlJournal, "transaction", failing)
    with pytest.raises(StoreError):
        hub.submit(a_concern().from_police())


def test_given_somebody_who_holds_many_locks_for_long_when_they_are_waited_for_then_it_is_called_busy(
    hubs: Hubs, database: Database
) -> None:
    one = hubs.one(shipped_policy())
    impatient = postgres_journal(database, busy_seconds=1)
    named = Named(names=frozenset({"a", "b"}))
    with closing(impatient), one.journal.transaction(named):
        with pytest.raises(StoreError) as caught, impatient.transaction(named):
            pass
        assert caught.value.code == "store.busy"
        assert impatient.counts()["children"] == 0, "and it works on"


def keys_made(hub: Hub) -> int:
    """How many keys there are of children."""
    with hub.keys._store.reading() as session:
        return int(session.connection.exec_driver_sql("SELECT count(*) FROM child_keys").scalar_one())


def test_given_a_message_to_set_aside_when_it_comes_among_reports_then_all_are_taken_in(hubs: Hubs) -> None:
    hub = hubs.one(shipped_policy())
    good, other = a_concern().from_police(), a_concern().from_police().about(a_child("Theo"))
    forged = replace(a_concern().from_police().signed(), signature=other.signed().signature)
    report = hub.submit(good, forged, other)
    assert (report.accepted, report.refused) == (2, 1)


BESIDE = {
    "commit", "correction_of", "deliveries", "event", "history", "identity_acts", "known_child", "lets_beside",
    "linked_children", "namesakes", "open_questions", "transaction",
}  # fmt: skip
"""What can be done in a transaction beside others, within what was named; whatever else there is cannot."""
NEVER_INSIDE = {"can_forget", "compact"}
"""What is about the store's files, and done in no transaction at all."""
ANYTHING: Mapping[str, Any] = {
    "links": [("upn", "x")], "deliveries": ["x"], "records": [], "replies": [1], "placed": [("x", 1)], "limit": 1,
    "now": MONDAY, "since": MONDAY, "before": MONDAY, "below": 1, "after": 0, "up_to": 1, "state": None,
}  # fmt: skip


def as_list(found: object) -> object:
    """What was found; what is found bit by bit is all found."""
    return list(found) if isinstance(found, Iterator) else found


@pytest.mark.parametrize(
    "name", sorted({name for name in vars(Journal) if not name.startswith("_")} - BESIDE - NEVER_INSIDE)
)
def test_given_a_transaction_beside_others_when_anything_else_is_read_then_it_is_refused(hubs: Hubs, name: str) -> None:
    journal = hubs.one(shipped_policy()).journal
    wanted = inspect.signature(getattr(Journal, name)).parameters
    values = {each: ANYTHING.get(each, "x") for each in wanted if each != "self"}
    with journal.transaction(Named()), pytest.raises(BeyondError):
        as_list(getattr(journal, name)(**values))


@pytest.mark.parametrize(
    "reads",
    [
        lambda journal: journal.event(EventId("another")),
        lambda journal: journal.correction_of(EventId("another")),
        lambda journal: journal.linked_children([("upn", "another")]),
        lambda journal: journal.namesakes("another", ""),
        lambda journal: journal.open_questions(None),
        lambda journal: journal.deliveries(event=EventId("named")),
        lambda journal: journal.deliveries(recipient="front-door"),
    ],
)
def test_given_a_transaction_beside_others_when_what_was_not_named_is_read_then_it_is_refused(
    hubs: Hubs, reads: Callable[[Journal], object]
) -> None:
    journal = hubs.one(shipped_policy()).journal
    named = Named(events=frozenset({EventId("named")}), links=frozenset({("upn", "named")}), names=frozenset({"named"}))
    with journal.transaction(named), pytest.raises(BeyondError):
        reads(journal)


def test_given_a_child_that_another_has_when_it_is_met_then_that_is_refused(hubs: Hubs) -> None:
    one, other = hubs.one(shipped_policy()), hubs.one(shipped_policy())
    one.submit(a_concern().from_police())
    child = next(iter(one.journal.children())).known.child
    report = a_concern().from_police()
    said = cast("Payload", report.payload())
    called = claimed_by(report.envelope(), said, secret=one.keys.secret("identity")).name_hashes
    with one.journal.transaction(Named()):
        assert one.journal.known_child(child) is not None
        with other.journal.transaction(Named()), pytest.raises(BeyondError):
            other.journal.known_child(child)
        with other.journal.transaction(Named(names=frozenset(called))), pytest.raises(BeyondError):
            other.journal.namesakes(*called)
    with other.journal.transaction(Named()):
        assert other.journal.known_child(child) is not None
