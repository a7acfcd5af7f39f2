"""A report that its agency takes back: whoever was told it is told to disregard it, and it is told to nobody else."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broker.core.facts import Fact, FactKind
from contracts.words import Cause, EventId, RecipientId, RelationKind, Restriction
from tests.integration.services.test_reask import CORE, POLICE, Exchange
from tests.support.builders import (
    a_domestic_incident,
    a_restriction,
    a_section_47,
    a_withdrawal,
    a_worker_allocation,
    an_emergency_attendance,
)
from tests.support.event_parts import at
from tests.support.homes import a_home, opened


@pytest.fixture(name="exchange")
def _exchange(tmp_path: Path) -> Iterator[Exchange]:
    settings_ = a_home(tmp_path)
    with opened(settings_) as runtime:
        yield Exchange(settings_, runtime)
        assert runtime.reconcile().differences == ()
        assert runtime.verify_ledger(against=None, tell=lambda _done, _total: None).finding is None


def test_whoever_was_told_a_report_is_told_that_it_was_withdrawn(exchange: Exchange) -> None:
    report = a_domestic_incident()
    exchange.hears(report)
    exchange.hears(a_withdrawal(report))

    for recipient in (CORE, POLICE):
        last = exchange.told(recipient, report)
        assert last is not None
        assert (last.kind, last.cause, last.values) == ("retraction", Cause.WITHDRAWN, ())


def test_a_report_that_was_withdrawn_is_not_told_when_it_would_be_asked_again(exchange: Exchange) -> None:
    report = an_emergency_attendance()
    exchange.hears(report)
    exchange.hears(a_withdrawal(report))
    exchange.hears(a_section_47())

    assert exchange.told(POLICE, report) is None


def test_a_report_that_comes_after_its_withdrawal_is_told_to_nobody(exchange: Exchange) -> None:
    report = a_domestic_incident()
    exchange.hears(a_withdrawal(report))
    exchange.hears(report)

    assert exchange.told(CORE, report) is None
    stored = exchange.runtime.hub.journal.event(EventId(report.id))
    assert stored is not None
    assert stored.corrected_by is not None


def test_nobody_withdraws_another_agencys_report(exchange: Exchange) -> None:
    report = a_domestic_incident()
    exchange.hears(report)
    exchange.hears(a_withdrawal(report).by(an_emergency_attendance().agency))

    told = exchange.told(CORE, report)
    assert told is not None
    assert told.kind == "share"


@settings(max_examples=8, deadline=None, derandomize=True)
@given(again=st.lists(st.booleans(), max_size=3))
def test_a_withdrawal_reaches_each_past_recipient_once(
    tmp_path_factory: pytest.TempPathFactory, again: list[bool]
) -> None:
    report = a_domestic_incident()
    withdrawal = a_withdrawal(report)
    settings_ = a_home(tmp_path_factory.mktemp("home"))
    for event in (report, withdrawal, *(withdrawal if each else report for each in again)):
        with opened(settings_) as runtime:
            Exchange(settings_, runtime).hears(event)
    with opened(settings_) as runtime:
        statuses = runtime.hub.journal.deliveries(event=EventId(report.id))
        notices = [RecipientId(each.delivery.recipient) for each in statuses if each.delivery.is_notice]
        told = [RecipientId(each.delivery.recipient) for each in statuses if not each.delivery.is_notice]
        assert sorted(notices) == sorted(told)
        assert CORE in told


def test_what_a_withdrawn_report_taught_is_known_no_longer(exchange: Exchange) -> None:
    enquiry, attendance = a_section_47(), an_emergency_attendance()
    exchange.hears(enquiry, attendance)
    assert exchange.told(POLICE, attendance) is not None

    exchange.hears(a_withdrawal(enquiry))

    later = an_emergency_attendance().occurring(at("2026-03-09", "03:00"))
    exchange.hears(later)
    assert exchange.told(POLICE, later) is None
    back = exchange.told(POLICE, attendance)
    assert back is not None
    assert (back.kind, back.cause) == ("retraction", Cause.RELATION_ENDED)


def test_it_comes_to_the_same_whether_the_withdrawal_or_the_report_comes_first(tmp_path: Path) -> None:
    told = []
    for number in range(2):
        enquiry, attendance = a_section_47(), an_emergency_attendance()
        both = (enquiry, a_withdrawal(enquiry)) if number else (a_withdrawal(enquiry), enquiry)
        settings_ = a_home(tmp_path / str(number))
        with opened(settings_) as runtime:
            exchange = Exchange(settings_, runtime)
            for event in (*both, attendance):
                exchange.hears(event)
            told.append({r: exchange.told(RecipientId(r), attendance) is not None for r in runtime.recipients})
            [child] = [summary.known for summary in runtime.hub.journal.children()]
            assert not any(fact.kind is FactKind.SECTION_47 for fact in child.facts)
    assert told[0] == told[1]


def test_what_an_earlier_report_taught_is_known_again(exchange: Exchange) -> None:
    first = a_worker_allocation().occurring(at("2026-03-02"))
    second = a_worker_allocation().occurring(at("2026-03-06")).saying(worker_name="Robin Reed")
    exchange.hears(an_emergency_attendance(), first, second)
    before = _worker(exchange)
    exchange.hears(a_withdrawal(second))

    after = _worker(exchange)
    assert (before.source_event, after.source_event) == (second.id, first.id)
    assert after.as_at < before.as_at


def test_what_a_later_report_vouched_for_stays_known(exchange: Exchange) -> None:
    first = a_worker_allocation().occurring(at("2026-03-02"))
    second = a_worker_allocation().occurring(at("2026-03-06"))
    exchange.hears(an_emergency_attendance(), first, second, a_withdrawal(first))

    assert _worker(exchange).source_event == second.id


def _worker(exchange: Exchange) -> Fact:
    [child] = [summary.known for summary in exchange.runtime.hub.journal.children()]
    return next(fact for fact in child.facts if fact.key.startswith(RelationKind.ALLOCATED_WORKER))


@pytest.mark.parametrize("comes_first", ["report", "withdrawal"])
def test_what_protects_the_child_stands_although_the_report_does_not(tmp_path: Path, comes_first: str) -> None:
    raised = a_restriction(Restriction.RESTRICTED_ADDRESS)
    both = (raised, a_withdrawal(raised)) if comes_first == "report" else (a_withdrawal(raised), raised)
    settings_ = a_home(tmp_path)
    with opened(settings_) as runtime:
        exchange = Exchange(settings_, runtime)
        exchange.hears(an_emergency_attendance())
        for event in both:
            exchange.hears(event)
        [child] = [summary.known for summary in runtime.hub.journal.children()]
        assert any(fact.kind is FactKind.RESTRICTION and fact.until is None for fact in child.facts)
