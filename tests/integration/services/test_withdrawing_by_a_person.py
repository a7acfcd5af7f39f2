"""A manager withdraws a report on its agency's word: whoever was told disregards it, and nothing about it waits."""

from dataclasses import replace

import pytest

from broker.core.outcome import RecordKind
from broker.core.records import about_record, read_openings
from broker.core.sealing import unseal
from broker.core.withdrawing import SignedWithdrawal
from broker.runtimes.embedded import Embedded
from broker.runtimes.people import SignedIn, load_person_key
from broker.services.withdraw import CannotWithdrawError, sign_withdrawal
from contracts.words import Because, Cause, EventId, PersonId
from tests.integration.services.test_reask import CORE, POLICE, Exchange
from tests.support.builders import (
    EventBuilder,
    a_domestic_incident,
    a_section_47,
    a_withdrawal,
    an_attendance_at_otherby,
    an_emergency_attendance,
)
from tests.support.event_parts import at

RANG = "PC Lowe rang: the boy was at his aunt's that night"


@pytest.fixture(name="manager")
def _manager(exchange: Exchange) -> SignedIn:
    person = exchange.runtime.add_person("Tom", ("mash_manager@mash-core",))
    return SignedIn(person, "Tom", "mash_manager", "mash-core")


def withdraws(exchange: Exchange, who: SignedIn, report: EventBuilder, *, reason: str = RANG) -> None:
    exchange.runtime.withdraw_report(report.id, who, because=Because.NOT_INVOLVED, reason=reason)


def test_whoever_was_told_is_told_to_disregard_it_once(exchange: Exchange, manager: SignedIn) -> None:
    report = a_domestic_incident()
    exchange.hears(report)

    done = exchange.runtime.withdraw_report(report.id[:12], manager, because=Because.NOT_INVOLVED, reason=RANG)

    assert set(done.told) >= {CORE, POLICE}
    for recipient in done.told:
        last = exchange.told(recipient, report)
        assert last is not None
        assert (last.kind, last.cause, last.values) == ("retraction", Cause.WITHDRAWN, ())
    with pytest.raises(CannotWithdrawError, match=r"withdraw\.over_already"):
        withdraws(exchange, manager, report)


def test_what_was_not_told_at_first_is_told_to_nobody_later(exchange: Exchange, manager: SignedIn) -> None:
    report = an_emergency_attendance()
    exchange.hears(report)
    withdraws(exchange, manager, report)
    exchange.hears(a_section_47())

    assert exchange.told(POLICE, report) is None


def test_what_waited_for_a_person_about_the_report_alone_waits_no_more(exchange: Exchange, manager: SignedIn) -> None:
    report, other = an_attendance_at_otherby(), an_attendance_at_otherby().occurring(at("2026-03-07", "11:00"))
    exchange.hears(report, other)
    before = _waiting(exchange.runtime)
    assert {EventId(report.id), EventId(other.id)} <= before.keys()

    done = exchange.runtime.withdraw_report(report.id, manager, because=Because.RECORDED_IN_ERROR, reason=RANG)

    assert done.questions_closed == before[EventId(report.id)]
    after = _waiting(exchange.runtime)
    assert EventId(report.id) not in after
    assert after[EventId(other.id)] == before[EventId(other.id)]


def test_so_it_is_when_the_agency_itself_withdraws(exchange: Exchange) -> None:
    report = an_attendance_at_otherby()
    exchange.hears(report)
    assert EventId(report.id) in _waiting(exchange.runtime)

    exchange.hears(a_withdrawal(report))

    assert EventId(report.id) not in _waiting(exchange.runtime)


def test_who_did_it_and_on_whose_word_is_in_the_ledger_for_auditors_alone(
    exchange: Exchange, manager: SignedIn
) -> None:
    report = a_domestic_incident()
    exchange.hears(report)
    withdraws(exchange, manager, report)

    hub = exchange.runtime.hub
    [record] = [each for each, _ in hub.journal.records(event=EventId(report.id)) if each.about == report.id]
    assert record.kind is RecordKind.CORRECTION
    assert record.child is not None
    key = hub.keys.child_key(record.child)
    shown, kept = read_openings(unseal(key, record.sealed, about=about_record(record.record_id)))
    assert (kept.content["person"], kept.content["reason"]) == (manager.person, RANG)
    assert shown.content == {"kind": "correction"}


@pytest.mark.parametrize(
    "change, code",
    [
        ({"role": "mash_practitioner"}, "withdraw.not_yours"),
        ({"reason": " "}, "withdraw.no_reason"),
        ({"event_id": EventId("0" * 64)}, "withdraw.unknown"),
    ],
)
def test_nobody_else_and_not_without_a_reason(
    exchange: Exchange, manager: SignedIn, change: dict[str, str], code: str
) -> None:
    report = a_domestic_incident()
    exchange.hears(report)
    act = replace(_act(exchange, manager, report), **change)  # type: ignore[arg-type]  # one field at a time
    keyid, key = load_person_key(exchange.runtime.home, exchange.settings, manager.person)

    with pytest.raises(CannotWithdrawError, match=code.replace(".", r"\.")):
        exchange.runtime.hub.withdraw.run(sign_withdrawal(act, key, keyid=keyid))
    exchange.runtime.tick()
    told = exchange.told(CORE, report)
    assert told is not None
    assert told.kind == "share"


def test_an_act_that_was_changed_after_it_was_signed_is_refused(exchange: Exchange, manager: SignedIn) -> None:
    report = a_domestic_incident()
    exchange.hears(report)
    keyid, key = load_person_key(exchange.runtime.home, exchange.settings, manager.person)
    signed = sign_withdrawal(_act(exchange, manager, report), key, keyid=keyid)

    with pytest.raises(CannotWithdrawError, match=r"withdraw\.signature"):
        exchange.runtime.hub.withdraw.run(replace(signed, reason="another"))


def _act(exchange: Exchange, who: SignedIn, report: EventBuilder) -> SignedWithdrawal:
    now = exchange.runtime.clock.now()
    return SignedWithdrawal(EventId(report.id), Because.NOT_INVOLVED, PersonId(who.person), who.role, RANG, now)


def _waiting(runtime: Embedded) -> dict[EventId, int]:
    """How many questions wait about each report."""
    found: dict[EventId, int] = {}
    for task in runtime.hub.journal.tasks():
        for question in task.questions:
            if question.event_id is not None:
                found[question.event_id] = found.get(question.event_id, 0) + 1
    return found
