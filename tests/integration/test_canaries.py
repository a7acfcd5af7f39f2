"""Nothing personal lies in the clear in any file of a home, nor stands in a log line; the tests notice if it does."""

import logging
from pathlib import Path

import pytest

from broker.core.errors import MashError
from broker.runtimes.logs import LogRuleError, only_known_scalars
from contracts.errors import ContractError
from tests.support import homes
from tests.support.builders import an_emergency_attendance
from tests.support.busy_week import busy_week
from tests.support.canaries import SAID, Listening, canaries, canaries_in, canaries_in_files, weekend_canaries
from tests.support.tree import TOP

WEEKEND = TOP / "broker/demo/weekend"
PLAIN = {"agency.json", "registry.json", "clock.json"}


def files_of(home: Path) -> list[Path]:
    return [path for path in home.rglob("*") if path.is_file()]


def test_the_canaries_are_in_what_the_tests_send_in() -> None:
    assert len(weekend_canaries()) >= 10
    assert len(canaries()) >= 20
    assert canaries_in_files(WEEKEND.iterdir())


def test_no_file_of_a_home_holds_anything_personal_in_the_clear_while_it_works_and_after(tmp_path: Path) -> None:
    settings = homes.a_home(tmp_path)
    with homes.opened(settings) as runtime:
        for step in homes.FILES:
            runtime.ingest(WEEKEND / step.file, agency=step.agency, kind=step.kind)
        homes.spool(settings, [*busy_week(children=4), an_emergency_attendance()])
        runtime.tick()
        files = files_of(settings.home)
        assert {"journal.db", "journal.db-wal", "keys.db", "ledger.db", "spool.db", "view.db"} <= {
            f.name for f in files
        }
        assert any(path.parent.name == "archive" for path in files)
        assert any(path.parent.name == "quarantine" for path in files)
        assert canaries_in_files(files) == set()
        assert runtime.hub.journal.counts()["events_accepted"] > 30
    assert canaries_in_files(files_of(settings.home)) == set()


def test_what_waits_in_an_inbox_is_the_only_thing_in_the_clear(tmp_path: Path) -> None:
    settings = homes.a_home(tmp_path)
    inbox = settings.home / "agencies/ashdown-primary/inbox/schools.mis"
    inbox.mkdir(parents=True)
    (inbox / "note.json").write_bytes((WEEKEND / "1_school_concern.json").read_bytes())
    assert {name for _, name in canaries_in_files(files_of(settings.home))} == {"note.json"}
    with homes.opened(settings) as runtime:
        assert runtime.tick().files_read == 1
        assert canaries_in_files(files_of(settings.home)) == set()


def test_files_are_readable_by_their_owner_only(tmp_path: Path) -> None:
    settings = homes.a_played_home(tmp_path)
    others = [path for path in files_of(settings.home) if path.stat().st_mode & 0o077 and path.name not in PLAIN]
    assert [path.name for path in others if path.suffix in {".db", ".db-wal"} or path.name in {"key", "secret"}] == []


@pytest.mark.parametrize("value", [["a list"], {"a": "table"}, b"bytes", "x" * 200, "two\nlines", ("Mia", "Marsh")])
def test_a_log_line_takes_short_scalars_only(value: object) -> None:
    with pytest.raises(LogRuleError) as refused:
        only_known_scalars(None, "info", {"event": "accepted", "value": value})
    assert refused.value.code == "log.not_scalar"


def test_a_log_line_whose_event_nobody_listed_is_refused() -> None:
    with pytest.raises(LogRuleError) as refused:
        only_known_scalars(None, "info", {"event": "Mia Marsh came in"})
    assert refused.value.code == "log.unknown_event"


def test_a_canary_in_a_log_line_or_an_error_is_heard() -> None:
    Listening().handle(logging.makeLogRecord({"name": "anything", "msg": "the child is %s", "args": ("Mia Marsh",)}))
    MashError("Larch House", code="x")
    ContractError("9990000018", code="x")
    heard = SAID.take()
    assert len(heard) == 3
    assert all("canaries" in each for each in heard)


def test_part_of_a_longer_word_is_no_canary() -> None:
    assert canaries_in("the theory of Mianus, and Marshall-Orme") == set()
    assert canaries_in("child=Theo;") == {"Theo"}
