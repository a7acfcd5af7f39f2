"""A hold and a restriction stand upon a child's record until they are lifted, each a signed and recorded act."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from broker.core.marks import Act, MarkKind, SignedAct
from broker.core.outcome import RecordKind
from broker.runtimes.forgetting import MarkRow
from broker.runtimes.lookup import DeskError
from broker.runtimes.people import SignedIn, load_person_key
from broker.services.mark_child import CannotMarkError
from broker.services.read import ReadRefusedError
from contracts.signing import sign
from contracts.words import Effect, EventId, Grade, PersonId
from tests.integration.services.test_reask import CORE, Exchange
from tests.support.builders import (
    EventBuilder,
    a_concern,
    a_domestic_incident,
    a_pupil_enrolment,
    a_section_47,
    a_worker_allocation,
)
from tests.support.homes import a_home, opened, spool

DPO = SignedIn("imran-shah", "Imran Shah", "data_protection_officer", "")
MANAGER = SignedIn("tom-averill", "Tom Averill", "mash_manager", "mash-core")
PRACTITIONER = SignedIn("ruth-okafor", "Ruth Okafor", "mash_practitioner", "mash-core")
PEOPLE = (DPO, MANAGER, PRACTITIONER)


@pytest.fixture(name="exchange")
def _exchange(tmp_path: Path) -> Iterator[Exchange]:
    settings = a_home(tmp_path)
    with opened(settings) as runtime:
        for who in PEOPLE:
            held = f"{who.role}@{who.recipient}" if who.recipient else who.role
            runtime.add_person(who.name, (held,), person=who.person)
        yield Exchange(settings, runtime)
        runtime.tick()
        assert runtime.reconcile().differences == ()


def marked(exchange: Exchange, kind: MarkKind, about: EventBuilder, *, who: SignedIn = DPO) -> MarkRow:
    return exchange.runtime.officers.mark(kind, about.id, who, reason="An inquest was opened", until=None)


def effects(exchange: Exchange, event: EventBuilder) -> dict[str, Effect]:
    """The last decision for each recipient."""
    return {each.recipient: each.effect for each in exchange.runtime.hub.journal.decisions(EventId(event.id))}


@pytest.mark.parametrize("kind", MarkKind)
def test_setting_and_lifting_are_records_under_the_childs_key(exchange: Exchange, kind: MarkKind) -> None:
    event = a_concern().from_school()
    exchange.hears(event)
    row = marked(exchange, kind, event)
    assert exchange.runtime.officers.marks(kind, DPO) == [row]
    assert (row.reason, row.set_by, row.until) == ("An inquest was opened", "imran-shah", None)

    exchange.runtime.officers.lift(kind, row.mark[:6], DPO, reason="It is over")
    exchange.runtime.tick()

    assert exchange.runtime.officers.marks(kind, DPO) == []
    recorded = [(record, at) for record, at in exchange.runtime.hub.journal.records() if record.about == row.mark]
    assert [record.kind for record, _ in recorded] == [RecordKind(kind.value)] * 2
    assert all(at is not None for _, at in recorded)
    assert {record.child for record, _ in recorded} == {row.child}


def test_who_is_meant_is_found_by_name_report_or_reference_and_never_guessed(exchange: Exchange) -> None:
    event = a_concern().from_school()
    exchange.hears(event)
    officers = exchange.runtime.officers
    by_report = marked(exchange, MarkKind.HOLD, event)
    known = exchange.runtime.desk.children(PRACTITIONER)[0]
    for wanted in (known.name, known.child[:8], by_report.child):
        assert officers.mark(MarkKind.HOLD, wanted, DPO, reason="the same", until=None).child == by_report.child
    assert marked(exchange, MarkKind.HOLD, event, who=DPO).child == by_report.child
    assert officers.mark(MarkKind.HOLD, known.name, MANAGER, reason="the same", until=None).child == by_report.child
    for wanted in ("Nobody Atall", "", "zz"):
        with pytest.raises(DeskError):
            officers.mark(MarkKind.HOLD, wanted, DPO, reason="nobody", until=None)


def test_what_is_refused_changes_nothing(exchange: Exchange) -> None:
    event = a_concern().from_school()
    exchange.hears(event)
    hub, clock = exchange.runtime.hub, exchange.runtime.clock
    stored = hub.journal.event(EventId(event.id))
    assert stored is not None
    keyid, key = load_person_key(exchange.runtime.home, exchange.settings, DPO.person)
    child = stored.child or ""
    good = SignedAct(MarkKind.HOLD, Act.SET, child, PersonId(DPO.person), DPO.role, "An inquest", clock.now())

    def signed(act: SignedAct) -> SignedAct:
        return replace(act, signature=sign(act.content(), key, keyid=keyid))

    wrong = {
        "mark.no_reason": signed(replace(good, reason=" ")),
        "mark.over_already": signed(replace(good, until=clock.now())),
        "mark.not_yours": signed(replace(good, role="mash_manager")),
        "mark.unknown_child": signed(replace(good, about="nobody")),
        "mark.unknown": signed(replace(good, act=Act.LIFT)),
        "mark.signature": replace(signed(good), reason="Another reason"),
    }
    before = hub.journal.counts()
    for code, act in wrong.items():
        with pytest.raises(CannotMarkError) as refused:
            hub.mark_child.run(act)
        assert refused.value.code == code
    late = signed(replace(good, at=clock.now() - timedelta(minutes=16)))
    with pytest.raises(CannotMarkError) as refused:
        hub.mark_child.run(late)
    assert refused.value.code == "mark.signature"
    assert hub.journal.counts() == before
    assert hub.journal.marks() == []


def test_a_manager_may_hold_but_not_restrict(exchange: Exchange) -> None:
    event = a_concern().from_school()
    exchange.hears(event)
    marked(exchange, MarkKind.HOLD, event, who=DPO)
    with pytest.raises(CannotMarkError) as refused:
        marked(exchange, MarkKind.RESTRICTION, event, who=MANAGER)
    assert refused.value.code == "mark.not_yours"


def test_a_restricted_record_is_kept_and_shared_only_where_the_law_says(exchange: Exchange) -> None:
    before, after, red = (
        a_concern().from_school(),
        a_concern().from_school().as_record("second"),
        a_domestic_incident().graded(Grade.RED),
    )
    exchange.hears(a_worker_allocation(), a_pupil_enrolment(), before)
    told = exchange.told(CORE, before)
    assert told is not None
    marked(exchange, MarkKind.RESTRICTION, before)

    exchange.hears(after)
    exchange.hears(red)

    assert exchange.told(CORE, before) == told, "what was lawfully told stays told"
    assert Effect.SHARE not in effects(exchange, after).values()
    assert effects(exchange, after)[CORE] is Effect.ASK
    assert exchange.told(CORE, after) is None
    shared = exchange.told(CORE, red)
    assert shared is not None
    assert "processing.only_for_this" in {each.code for each in shared.obligations}


def test_a_section_47_enquiry_opens_a_restricted_record(exchange: Exchange) -> None:
    event = a_concern().from_school()
    exchange.hears(a_worker_allocation(), a_pupil_enrolment())
    exchange.hears(event)
    marked(exchange, MarkKind.RESTRICTION, event)
    later = a_concern().from_school().as_record("second")
    exchange.hears(later)
    assert exchange.told(CORE, later) is None
    exchange.hears(a_section_47())
    assert exchange.told(CORE, later) is not None


def test_a_restricted_view_stays_closed_and_opens_again(exchange: Exchange) -> None:
    event = a_concern().from_school()
    exchange.hears(event)
    child = exchange.runtime.desk.children(PRACTITIONER)[0].child
    assert exchange.runtime.desk.view(child, PRACTITIONER).view.timeline
    row = marked(exchange, MarkKind.RESTRICTION, event)
    with pytest.raises(ReadRefusedError) as refused:
        exchange.runtime.desk.view(child, PRACTITIONER)
    assert refused.value.code == "read.restricted"
    exchange.runtime.officers.lift(MarkKind.RESTRICTION, row.mark, DPO, reason="Checked")
    assert exchange.runtime.desk.view(child, PRACTITIONER).view.timeline


def test_what_waited_is_asked_again_once_the_last_restriction_is_lifted(exchange: Exchange) -> None:
    event, later = a_concern().from_school(), a_concern().from_school().as_record("second")
    exchange.hears(event)
    first, second = (marked(exchange, MarkKind.RESTRICTION, event) for _ in range(2))
    exchange.hears(later)
    officers = exchange.runtime.officers

    officers.lift(MarkKind.RESTRICTION, first.mark, DPO, reason="Checked")
    exchange.runtime.tick()
    assert exchange.told(CORE, later) is None

    officers.lift(MarkKind.RESTRICTION, second.mark, DPO, reason="Checked")
    exchange.runtime.tick()
    assert exchange.told(CORE, later) is not None
    last = exchange.runtime.hub.journal.decisions(EventId(later.id))[-1]
    assert last.asked_again.startswith("asked again because the use of the record is restricted no longer")


def test_what_had_not_left_when_it_was_restricted_does_not_leave(exchange: Exchange) -> None:
    first, event = a_concern().from_school(), a_concern().from_school().as_record("second")
    exchange.hears(first)
    spool(exchange.settings, [event])
    exchange.runtime.hub.accept.run(exchange.runtime.line._inbox.receive(9))
    assert effects(exchange, event)[CORE] is Effect.SHARE
    marked(exchange, MarkKind.RESTRICTION, first)
    exchange.runtime.tick()
    assert exchange.told(CORE, event) is None
    assert effects(exchange, event)[CORE] is Effect.ASK
