"""A paper that runs out under what is reported is one incident, however much rests on it, until it is renewed."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from broker.core.incidents import AGREEMENT_LAPSED, DOCUMENT_LAPSED, PAPERS_LAPSE_SOON
from broker.core.outcome import RecordKind
from broker.core.partnership import LapsedPaper
from broker.drivers.clock.scripted import ScriptedClock
from broker.drivers.opa.embedded import EmbeddedPolicy
from broker.runtimes.embedded import Embedded
from broker.runtimes.people import SignedIn
from contracts.words import AgencyId
from policies.engine import Engine
from policies.engine.agreement import Agreement
from policies.engine.terms import Party
from policies.engine.times import start_of
from tests.support import homes
from tests.support.builders import a_concern, an_attendance_at_otherby, an_emergency_attendance
from tests.support.homes import MONDAY
from tests.support.people import MIA, THEO
from tests.support.questions import EMERGENCY_ATTENDANCE, Case, answer, codes, pairs

MANAGER = SignedIn("amir", "Amir Khan", "mash_manager", "mash-core")
OTHERBY, HOSPITAL, SURGE = "otherby", "otherby-hospital", "wren-valley-hospital"


def renewed(agreement: Agreement) -> Agreement:
    later = {"valid_to": date(2030, 1, 1), "review_due": date(2029, 1, 1)}
    return agreement.model_copy(update=later) if agreement.id == OTHERBY else agreement


def past_its_review(agreement: Agreement) -> Agreement:
    def aged(party: Party) -> Party:
        documents = tuple(each.model_copy(update={"review_due": date(2026, 3, 1)}) for each in party.documents[:1])
        return (
            party.model_copy(update={"documents": (*documents, *party.documents[1:])}) if party.id == SURGE else party
        )

    return agreement.model_copy(update={"parties": tuple(aged(each) for each in agreement.parties)})


def laid_before(monkeypatch: pytest.MonkeyPatch, agreements: tuple[Agreement, ...]) -> None:
    monkeypatch.setattr(type(homes.engine()), "agreements", property(lambda _: agreements))


def test_a_lapsed_agreement_is_one_incident_whatever_rests_on_it_and_ends_when_it_is_renewed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = homes.a_home(tmp_path)
    homes.spool(settings, [an_attendance_at_otherby().about(MIA), an_attendance_at_otherby().about(THEO)])
    with homes.opened(settings) as runtime:
        runtime.tick()
        homes.spool(settings, [an_attendance_at_otherby().about(THEO).occurring(MONDAY)])
        runtime.tick()
        (incident,) = runtime.hub.journal.open_incidents()
        assert (incident.cause, incident.subject) == (AGREEMENT_LAPSED, OTHERBY)
        waiting = runtime.desk.tasks(MANAGER)
        (asked,) = [each for each in waiting if each.code == AGREEMENT_LAPSED]
        assert "Otherby and Wrenshire cross-border safeguarding agreement" in asked.words
        assert [each for each in waiting if each.code == "agreement.lapsed"], "the reports wait for a person too"
        assert "agreement that is not in force" in next(e for e in runtime.doctor() if e.check == "incident").finding
        laid_before(monkeypatch, tuple(renewed(each) for each in homes.engine().agreements))
        runtime.tick()
        assert not runtime.hub.journal.open_incidents()
        assert AGREEMENT_LAPSED not in {each.code for each in runtime.desk.tasks(MANAGER)}
        told = [r for r, _ in runtime.hub.journal.records() if r.kind is RecordKind.INCIDENT]
        assert [record.about for record in told] == [incident.incident_id] * 2
        assert runtime.reconcile().differences == ()


def test_a_policy_document_past_its_review_is_one_incident_of_its_agency(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = homes.a_home(tmp_path)
    laid_before(monkeypatch, tuple(past_its_review(each) for each in homes.engine().agreements))
    homes.spool(settings, [an_emergency_attendance().about(MIA), an_emergency_attendance().about(THEO)])
    with homes.opened(settings) as runtime:
        runtime.tick()
        (incident,) = runtime.hub.journal.open_incidents()
        assert (incident.cause, incident.subject) == (DOCUMENT_LAPSED, SURGE)
        (asked,) = [each for each in runtime.desk.tasks(MANAGER) if each.code == DOCUMENT_LAPSED]
        assert "Schedule 1 paragraph 6)" in asked.words


def test_papers_in_force_and_papers_under_which_nobody_reports_are_no_incident(tmp_path: Path) -> None:
    settings = homes.a_home(tmp_path)
    homes.spool(settings, [an_emergency_attendance().about(MIA), a_concern().from_police().about(THEO)])
    with homes.opened(settings) as runtime:
        runtime.beat()
        runtime.tick()
        assert not runtime.hub.journal.incidents()


def days_before(day: date, number: int) -> datetime:
    """Midday, so many days before."""
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC) - timedelta(days=number)


def set_to(runtime: Embedded, now: datetime) -> None:
    """What time it is in the home."""
    ScriptedClock(runtime.home.scripted_clock).set(now)


def all_lapsing_on(day: date, agreement: Agreement) -> Agreement:
    """An agreement that itself lapses a year later, and whose policy documents hold until the day before."""

    def aged(party: Party) -> Party:
        due = {"review_due": day - timedelta(days=1)}
        return party.model_copy(update={"documents": tuple(each.model_copy(update=due) for each in party.documents)})

    later = {"valid_to": day + timedelta(days=365), "review_due": day + timedelta(days=365)}
    return agreement.model_copy(update={**later, "parties": tuple(aged(each) for each in agreement.parties)})


def test_owners_are_warned_90_30_and_7_days_before_papers_lapse_once_each_time_however_many_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    day = date(2026, 9, 1)
    laid_before(monkeypatch, tuple(all_lapsing_on(day, each) for each in homes.engine().agreements))
    settings = homes.a_home(tmp_path, now=days_before(day, 100))
    warned: dict[int, tuple[str, ...]] = {}
    with homes.opened(settings) as runtime:
        for left in (100, 91, 90, 89, 31, 30, 29, 8, 7, 1, 0, -1):
            set_to(runtime, days_before(day, left))
            runtime.beat()
            runtime.tick()
            open_now = [each for each in runtime.hub.journal.open_incidents() if each.cause == PAPERS_LAPSE_SOON]
            asked = [each for each in runtime.desk.tasks(MANAGER) if each.code == PAPERS_LAPSE_SOON]
            assert len(asked) == len(open_now), "each warning is one task"
            assert all("Wren Valley Hospital" in each.words for each in asked)
            warned[left] = tuple(each.subject for each in open_now)
        told = [each for each in runtime.hub.journal.incidents() if each.cause == PAPERS_LAPSE_SOON]
        assert runtime.reconcile().differences == ()
    assert [each.subject for each in told] == [f"{day}, {days} days before" for days in (90, 30, 7)]
    assert warned == {
        **dict.fromkeys((100, 91, 0, -1), ()),
        **dict.fromkeys((90, 89, 31), (f"{day}, 90 days before",)),
        **dict.fromkeys((30, 29, 8), (f"{day}, 30 days before",)),
        **dict.fromkeys((7, 1), (f"{day}, 7 days before",)),
    }


def test_a_warning_that_was_seen_to_asks_nobody_again_before_its_next_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    day = date(2026, 9, 1)
    laid_before(monkeypatch, tuple(all_lapsing_on(day, each) for each in homes.engine().agreements))
    settings = homes.a_home(tmp_path, now=days_before(day, 90))
    with homes.opened(settings) as runtime:
        runtime.tick()
        runtime.add_person("Amir", ("mash_manager@mash-core",))
        (asked,) = [each for each in runtime.desk.tasks(MANAGER) if each.code == PAPERS_LAPSE_SOON]
        runtime.decide_task(asked.question_id, MANAGER, granted=True, reason="their owners were told")
        for left, waiting in ((60, 0), (31, 0), (30, 1)):
            set_to(runtime, days_before(day, left))
            runtime.tick()
            assert [each.code for each in runtime.desk.tasks(MANAGER)].count(PAPERS_LAPSE_SOON) == waiting
        laid_before(monkeypatch, tuple(all_lapsing_on(date(2029, 9, 1), each) for each in homes.engine().agreements))
        runtime.tick()
        assert not runtime.desk.tasks(MANAGER)
        assert not [each for each in runtime.hub.journal.open_incidents() if each.cause == PAPERS_LAPSE_SOON]


def boundaries() -> list[tuple[str, int]]:
    """Each agency with each moment, in UTC seconds, at which one of its papers begins or runs out."""
    return [
        (party.id, start_of(day) + by)
        for agreement in homes.engine().agreements
        for party in agreement.parties
        if party.kind == "health"
        for day in sorted({agreement.valid_from, agreement.valid_to, *(d.lapses for d in party.documents)})
        for by in (-1, 0, 1)
    ]


def test_the_watch_and_the_rules_call_the_same_papers_lapsed_to_the_second() -> None:
    engine: Engine = homes.engine()
    sensitive = {"categories": pairs("event.meta/child", "health.physical/child")}
    seen = set()
    for agency, moment in boundaries():
        now = datetime.fromtimestamp(moment, UTC)
        lapsed = {each.cause for each in EmbeddedPolicy(engine).lapsed(AgencyId(agency), now)}
        case = Case(engine, agency, EMERGENCY_ATTENDANCE, now.isoformat())
        decided = answer(case.decide("mash-core", event=sensitive), "mash-core")
        assert ("agreement.covers" in codes(decided.grounds)) == (AGREEMENT_LAPSED not in lapsed), (agency, now)
        if "schedule1.document_lapsed" in codes((*decided.asks, *decided.bars)):
            assert DOCUMENT_LAPSED in lapsed, (agency, now)
        seen |= lapsed
    assert seen == {AGREEMENT_LAPSED, DOCUMENT_LAPSED}


def test_of_a_stranger_nothing_is_lapsed() -> None:
    stranger: tuple[LapsedPaper, ...] = EmbeddedPolicy(homes.engine()).lapsed(AgencyId("nobody"), MONDAY)
    assert stranger == ()
    assert EmbeddedPolicy(homes.engine()).lapsed(AgencyId(HOSPITAL), MONDAY + timedelta(days=1))
