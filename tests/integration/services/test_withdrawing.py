"""A report that its agency takes back: whoever was told it is told to disregard it, and it is told to nobody else."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.words import Cause, EventId, RecipientId
from tests.integration.services.test_reask import CORE, POLICE, Exchange
from tests.support.builders import a_domestic_incident, a_section_47, a_withdrawal, an_emergency_attendance
from tests.support.homes import a_home, opened


@pytest.fixture(name="exchange")
def _exchange(tmp_path: Path) -> Iterator[Exchange]:
    settings_ = a_home(tmp_path)
    with opened(settings_) as runtime:
        yield Exchange(settings_, runtime)
        assert runtime.reconcile().differences == ()


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
