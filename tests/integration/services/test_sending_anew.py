"""A recipient that lost what it held gets what it may hold today, each report asked about anew, and nothing else."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from broker.core.asked_again import LOST
from broker.core.incidents import VIEW_LOST
from broker.core.reconciling import Differs
from broker.core.records import about_record, read_openings
from broker.core.sealing import unseal
from broker.runtimes.embedded import Embedded
from broker.runtimes.people import choose
from broker.runtimes.settings import Settings
from broker.services import sending_anew
from broker.services.ask_again import AskAgain
from broker.services.sending_anew import CannotSendAnewError, SendingAnew, SentAnew
from contracts.words import EventId
from tests.integration.services.test_reask import CORE, SCHOOL, Exchange
from tests.integration.services.test_what_stays_told import (
    asked_for_by_the_school,
    corrected,
    corrected_for_the_school,
    first,
)
from tests.support.builders import (
    EventBuilder,
    a_domestic_incident,
    a_pupil_enrolment,
    a_restriction,
    a_withdrawal,
)
from tests.support.event_parts import MILL_LANE
from tests.support.homes import a_home, opened

WHY = "The disk broke, says Lee Ward."


@pytest.fixture(name="settings")
def _settings(tmp_path: Path) -> Settings:
    return a_home(tmp_path)


def lose(settings: Settings) -> None:
    """Destroy the school's view; its keys are kept elsewhere."""
    for file in (settings.home / "recipients" / SCHOOL).glob("view.db*"):
        file.unlink()


@pytest.fixture(name="sound")
def _sound(settings: Settings) -> Iterator[None]:
    yield
    with opened(settings) as runtime:
        assert runtime.reconcile().differences == ()
        assert runtime.verify_ledger(against=None, tell=lambda _done, _total: None).finding is None


def send_anew(runtime: Embedded) -> SentAnew:
    return runtime.send_anew(SCHOOL, why=WHY, tell=lambda _done, _total: None)


def another(key: str) -> EventBuilder:
    report = a_domestic_incident().as_record(key)
    return report.saying(both_parties_16_or_over=True).living_at(MILL_LANE)


@pytest.mark.usefixtures("sound")
def test_it_holds_again_what_it_held_in_whatever_way_it_came_there(settings: Settings) -> None:
    with opened(settings) as runtime:
        exchange = Exchange(settings, runtime)
        reports = [corrected_for_the_school(exchange), asked_for_by_the_school(exchange), another("shared")]
        withdrawn = another("withdrawn")
        exchange.hears(reports[-1], withdrawn)
        exchange.hears(a_withdrawal(withdrawn))
        before = [exchange.told(SCHOOL, each) for each in reports]
        core = exchange.told(CORE, reports[-1])
        exchange.later(timedelta(hours=1))
    lose(settings)
    with opened(settings) as runtime:
        exchange = Exchange(settings, runtime)
        assert [exchange.told(SCHOOL, each) for each in reports] == [None, None, None]
        assert {each.what for each in runtime.reconcile().differences} == {Differs.RECIPIENT_LACKS}

        assert send_anew(runtime) == SentAnew(reports=4, sent=4)

        for was, report in zip(before, reports, strict=True):
            told = exchange.told(SCHOOL, report)
            assert was is not None
            assert told is not None
            assert (told.kind, told.cause, told.values) == (was.kind, was.cause, was.values)
            assert told.revision > was.revision
        assert exchange.told(SCHOOL, withdrawn) is None
        assert exchange.told(CORE, reports[-1]) == core
        last = [each for each in runtime.hub.journal.decisions(EventId(reports[-1].id)) if each.recipient == SCHOOL][-1]
        assert last.asked_again == LOST
        (lost,) = [each for each in runtime.hub.journal.incidents() if each.cause == VIEW_LOST]
        assert (lost.subject, lost.ended_at is None) == (SCHOOL, False)
        assert lost.question_id in {each.question_id for each in runtime.hub.journal.open_questions(None)}


@pytest.mark.usefixtures("sound")
def test_what_must_be_kept_back_today_is_not_sent(settings: Settings) -> None:
    with opened(settings) as runtime:
        exchange = Exchange(settings, runtime)
        old = first()
        exchange.hears(a_pupil_enrolment(), old)
        exchange.later(timedelta(days=60))
        exchange.hears(a_pupil_enrolment().as_record("roll-2").recorded(runtime.clock.now()))
        new = another("shared")
        exchange.hears(new)
        exchange.hears(a_restriction())
        exchange.later(timedelta(hours=1))
    lose(settings)
    with opened(settings) as runtime:
        exchange = Exchange(settings, runtime)
        done = send_anew(runtime)
        held = [told for each in (old, new) if (told := exchange.told(SCHOOL, each)) is not None]
        assert done.sent == len(held) > 0
        assert not [value for each in held for value in each.values if value.category == "id.address"]


@pytest.mark.usefixtures("sound")
def test_what_is_not_shared_with_it_today_is_not_sent(settings: Settings) -> None:
    with opened(settings) as runtime:
        exchange = Exchange(settings, runtime)
        report = first()
        exchange.hears(a_pupil_enrolment(), report)
        exchange.later(timedelta(days=60))
    lose(settings)
    with opened(settings) as runtime:
        assert send_anew(runtime) == SentAnew(reports=1)
        assert Exchange(settings, runtime).told(SCHOOL, report) is None


@pytest.mark.usefixtures("sound")
def test_stopped_half_way_it_goes_on_where_it_was(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending_anew, "_TOGETHER", 1)
    reports = [another(f"shared-{number}") for number in range(4)]
    with opened(settings) as runtime:
        exchange = Exchange(settings, runtime)
        exchange.hears(a_pupil_enrolment(), *reports)
        exchange.later(timedelta(hours=1))
    lose(settings)
    with opened(settings) as runtime:
        exchange = Exchange(settings, runtime)
        anew, asked = AskAgain.anew, []

        def stop(again: AskAgain, event_id: EventId, *given: object, **named: object) -> object:
            asked.append(event_id)
            if len(asked) == 3:
                raise KeyboardInterrupt
            return anew(again, event_id, *given, **named)  # type: ignore[arg-type]

        with monkeypatch.context() as still:
            still.setattr(AskAgain, "anew", stop)
            with pytest.raises(KeyboardInterrupt):
                send_anew(runtime)
        exchange.later(timedelta(minutes=1))
        runtime.tick()
        assert len([each for each in runtime.hub.journal.open_incidents() if each.cause == VIEW_LOST]) == 1

        assert send_anew(runtime) == SentAnew(reports=2, sent=2)

        assert all(exchange.told(SCHOOL, each) is not None for each in reports)
        sent = [runtime.hub.journal.deliveries(event=EventId(each.id), recipient=SCHOOL) for each in reports]
        assert [len(each) for each in sent] == [2, 2, 2, 2]


def test_what_was_opened_before_need_not_be_opened_again(settings: Settings) -> None:
    with opened(settings) as runtime:
        exchange = Exchange(settings, runtime)
        read, unread = another("read"), another("unread")
        exchange.hears(a_pupil_enrolment(), read)
        runtime.add_person("Lee", ("designated_safeguarding_lead@school-ashdown",))
        [child] = runtime.recipients[SCHOOL].store.children()
        runtime.desk.view(child, choose(runtime.people(), "designated_safeguarding_lead", None))
        runtime.tick()
        exchange.hears(unread)
        exchange.later(timedelta(hours=1))
    lose(settings)
    with opened(settings) as runtime:
        send_anew(runtime)
        last = [runtime.hub.journal.deliveries(event=EventId(each.id), recipient=SCHOOL)[-1] for each in (read, unread)]
        assert [each.delivery.receipt_due is None for each in last] == [True, False]


def test_why_stands_sealed_in_the_record_and_nowhere_else(settings: Settings) -> None:
    with opened(settings) as runtime:
        exchange = Exchange(settings, runtime)
        exchange.hears(a_pupil_enrolment(), first())
        send_anew(runtime)
        (lost,) = [each for each in runtime.hub.journal.incidents() if each.cause == VIEW_LOST]
        record = next(r for r, _ in runtime.hub.journal.records() if r.record_id == lost.record_id)
        secret = runtime.hub.keys.secret("partnership")
        _, kept = read_openings(unseal(secret, record.sealed, about=about_record(record.record_id)))
        assert kept.content["why"] == WHY
    files = [file for file in settings.home.rglob("*") if file.is_file()]
    assert not [file.name for file in files if WHY.encode() in file.read_bytes()]


def test_two_at_the_same_work_send_each_report_once(settings: Settings) -> None:
    report = another("shared")
    with opened(settings) as runtime:
        exchange = Exchange(settings, runtime)
        exchange.hears(a_pupil_enrolment(), report)
        exchange.later(timedelta(hours=1))
        held_by = runtime.hub.journal.held_by(SCHOOL, runtime.clock.now())
        assert send_anew(runtime) == SentAnew(reports=1, sent=1)
        other = SendingAnew(runtime.hub.journal, runtime.hub.keys, runtime.hub.policy, runtime.clock, runtime.hub.ids)
        assert other._together(held_by, SCHOOL, runtime.clock.now() - timedelta(minutes=1)) == SentAnew()


@pytest.mark.parametrize(
    "recipient, why, code", [("nobody", WHY, "recipient.unknown"), (SCHOOL, " ", "recipient.no_reason")]
)
def test_nothing_is_sent_to_nobody_or_for_no_reason(settings: Settings, recipient: str, why: str, code: str) -> None:
    with opened(settings) as runtime:
        with pytest.raises(CannotSendAnewError) as refused:
            runtime.send_anew(recipient, why=why, tell=lambda _done, _total: None)
        assert refused.value.code == code
        assert runtime.hub.journal.incidents() == []


def test_who_held_nothing_is_sent_nothing(settings: Settings) -> None:
    with opened(settings) as runtime:
        exchange = Exchange(settings, runtime)
        report = first()
        exchange.hears(report)
        exchange.hears(corrected(report))
        assert send_anew(runtime) == SentAnew()
