"""A feed that says nothing and an hour that nobody covers are named before they can hurt."""

from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from rich.console import Console

from broker.cli.view_page import view_page
from broker.core.incidents import FEED_SILENT
from broker.core.outcome import LastHeard, Outcome, RecordKind
from broker.drivers.clock.scripted import ScriptedClock
from broker.runtimes.audit import examine
from broker.runtimes.embedded import Embedded
from broker.runtimes.people import SignedIn
from contracts.words import AgencyId
from policies.engine.agreement import Agreement
from policies.engine.roster import holes_in_cover
from policies.engine.terms import Cover
from tests.support import homes
from tests.support.builders import a_concern, a_section_47
from tests.support.homes import MONDAY
from tests.support.people import MIA

LONDON = ZoneInfo("Europe/London")
ASKED = SignedIn("asha", "Asha Bell", "mash_practitioner", "mash-core")


def advanced(runtime: Embedded, by: timedelta, *, beating: bool) -> None:
    clock = runtime.clock
    assert isinstance(clock, ScriptedClock)
    clock.advance(by)
    if beating:
        runtime.beat()
    runtime.tick()


def shown(runtime: Embedded) -> str:
    page = Console(width=200, file=StringIO())
    child = runtime.desk.children(ASKED)[0].child
    with page.capture() as printed:
        page.print(view_page(runtime.desk.view(child, ASKED)))
    return printed.get()


def test_a_silent_feed_is_named_on_every_view_and_by_the_doctor_and_is_one_incident_until_it_is_heard(
    tmp_path: Path,
) -> None:
    settings = homes.a_home(tmp_path)
    homes.spool(settings, [a_section_47().about(MIA), a_concern().from_police().about(MIA)])
    with homes.opened(settings) as runtime:
        runtime.beat()
        runtime.tick()
        assert "SILENT" not in shown(runtime)
        assert runtime.hub.journal.incidents() == []
        advanced(runtime, timedelta(hours=25), beating=False)
        runtime.tick()
        opened = runtime.hub.journal.open_incidents()
        named = {each.subject for each in opened}
        assert {each.cause for each in opened} == {FEED_SILENT}
        assert {"wrenshire-police", "wrenshire-council"} <= named
        assert len(opened) == len(named)
        assert "SILENT TOO LONG: Wrenshire Police, last heard Mon 9 Mar 2026 09:00" in shown(runtime)
        doctor = {each.check: each for each in runtime.doctor()}
        assert not doctor["feed wrenshire-police"].is_fine
        asked = [q for task in runtime.hub.journal.tasks() for q in task.questions if q.code == FEED_SILENT]
        assert {q.owner for q in asked} == {"mash_manager"}
        assert len(asked) == len(named)
        police = LastHeard(AgencyId("wrenshire-police"), "wrenshire-police/heartbeat/1", runtime.clock.now())
        runtime.hub.journal.commit(Outcome(heard=police))
        runtime.tick()
        assert {each.subject for each in runtime.hub.journal.open_incidents()} == named - {"wrenshire-police"}
        records = [r.kind for r, _ in runtime.hub.journal.records() if r.kind is RecordKind.INCIDENT]
        assert len(records) == len(named) + 1
        assert runtime.reconcile().differences == ()


def test_a_feed_that_was_never_heard_is_silent_since_others_were(tmp_path: Path) -> None:
    settings = homes.a_home(tmp_path)
    homes.spool(settings, [a_concern().from_police().about(MIA)])
    with homes.opened(settings) as runtime:
        assert {each.finding for each in runtime.doctor() if each.check.startswith("feed ")} == {
            "never heard; nothing has begun yet"
        }
        runtime.tick()
        advanced(runtime, timedelta(hours=23), beating=False)
        assert runtime.hub.journal.incidents() == []
        doctor = {each.check: each for each in runtime.doctor()}
        assert doctor["feed wrenshire-council"].is_fine
        assert "never heard" in doctor["feed wrenshire-council"].finding
        advanced(runtime, timedelta(hours=2), beating=False)
        silent = {each.subject for each in runtime.hub.journal.open_incidents() if each.cause == FEED_SILENT}
        assert silent == set(runtime.hub.policy.directory().agencies)
        doctor = {each.check: each for each in runtime.doctor()}
        assert not doctor["feed wrenshire-council"].is_fine
        assert "it might have been since Mon 09 Mar 2026 09:00" in doctor["feed wrenshire-council"].finding
        runtime.beat()
        runtime.tick()
        assert runtime.hub.journal.open_incidents() == []


def test_a_feed_that_beats_is_no_incident(tmp_path: Path) -> None:
    settings = homes.a_home(tmp_path)
    with homes.opened(settings) as runtime:
        runtime.beat()
        for _ in range(3):
            advanced(runtime, timedelta(hours=20), beating=True)
        assert runtime.hub.journal.incidents() == []


def without(agreement: Agreement, *names: str) -> Agreement:
    kept: tuple[Cover, ...] = tuple(each for each in agreement.cover if each.name not in names)
    return agreement.model_copy(update={"cover": kept})


def test_every_hour_of_the_shipped_roster_is_covered() -> None:
    assert holes_in_cover(homes.engine().agreement("wrenshire"), MONDAY) == []


def test_every_stretch_without_red_cover_is_named_from_when_until_when() -> None:
    nights_off = without(homes.engine().agreement("wrenshire"), "emergency_duty_team")
    holes = holes_in_cover(nights_off, MONDAY)
    first = datetime(2026, 3, 9, 17, tzinfo=LONDON), datetime(2026, 3, 10, 8, 30, tzinfo=LONDON)
    assert holes[0] == tuple(each.astimezone(UTC) for each in first)
    weekend = datetime(2026, 3, 13, 16, 30, tzinfo=LONDON), datetime(2026, 3, 16, 8, 30, tzinfo=LONDON)
    assert tuple(each.astimezone(UTC) for each in weekend) in holes


def test_a_bank_holiday_that_only_the_front_door_would_cover_is_a_hole() -> None:
    agreement = homes.engine().agreement("wrenshire")
    team = next(each for each in agreement.cover if each.name == "emergency_duty_team")
    off = without(agreement, team.name).model_copy(
        update={"cover": (*without(agreement, team.name).cover, team.model_copy(update={"closed_days": False}))}
    )
    good_friday = datetime(2026, 4, 3, tzinfo=LONDON)
    holes = holes_in_cover(off, datetime(2026, 4, 1, 9, tzinfo=UTC))
    assert holes[0] == (good_friday.astimezone(UTC), datetime(2026, 4, 4, tzinfo=LONDON).astimezone(UTC))


def test_the_doctor_fails_for_a_hole_and_says_which_hours_and_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = homes.engine()
    holed = tuple(without(each, "emergency_duty_team") for each in engine.agreements)
    monkeypatch.setattr(type(engine), "agreements", property(lambda _: holed))
    with homes.opened(homes.a_home(tmp_path)) as runtime:
        findings = examine(runtime.hub, engine, runtime.clock, runtime.feeds, runtime.desk.feeds())
    (cover,) = [each for each in findings if each.check == "red cover (wrenshire)"]
    assert not cover.is_fine
    assert "nobody from Mon 09 Mar 17:00 to Tue 10 Mar 08:30; Tue 10 Mar 17:00" in cover.finding
    assert "put a team on the cover roster" in cover.remedy
