"""What an agency believes sent, and the exchange has not taken, is told to the agency: whom to ring, at once."""

from datetime import timedelta
from pathlib import Path

import pytest
import structlog

from broker.cli.main import main
from broker.core.store_errors import StoreError
from broker.drivers.clock.scripted import ScriptedClock
from broker.runtimes.embedded import Embedded
from broker.runtimes.steps import Done
from contracts.words import Grade
from tests.support import homes
from tests.support.builders import a_domestic_incident
from tests.support.homes import FILES
from tests.support.tree import TOP

NOTICES = next(file for file in FILES if file.agency == "wrenshire-police")


def failing(*_: object, **__: object) -> Done:
    """The exchange takes nothing."""
    msg = "the store is held by another process"
    raise StoreError(msg, code="store.busy", remedy="try again")


def test_a_red_report_that_nobody_took_for_ten_minutes_is_said_with_whom_to_ring(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = homes.a_home(tmp_path)
    homes.spool(settings, [a_domestic_incident().graded(Grade.RED).at_level(4)])
    monkeypatch.setenv("MASH_HOME", str(settings.home))
    monkeypatch.setenv("MASH_ROOT_KEY_FILE", str(settings.root_key_file))
    ingest = [
        "ingest",
        str(TOP / "broker/demo/weekend" / NOTICES.file),
        "--agency",
        NOTICES.agency,
        "--kind",
        NOTICES.kind,
    ]

    def ingested() -> tuple[int, str]:
        with pytest.raises(SystemExit) as ended:
            main(ingest)
        return int(ended.value.code or 0), capsys.readouterr().err

    with monkeypatch.context() as down:
        down.setattr(Embedded, "tick", failing)
        assert "NOT SENT" not in ingested()[1]
        with homes.opened(settings) as runtime:
            clock = runtime.clock
            assert isinstance(clock, ScriptedClock)
            clock.set(clock.now() + timedelta(minutes=11))
        code, said = ingested()
        assert code
        assert "NOT SENT: " in said
        assert "Ring the front door about it now: Wrenshire MASH" in said
        assert "Mia" not in said
    assert "NOT SENT" not in ingested()[1]


def test_while_it_serves_the_exchange_alarms_once_for_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = homes.a_home(tmp_path)
    homes.spool(settings, [a_domestic_incident().graded(Grade.RED).at_level(4)])
    with homes.opened(settings) as runtime, structlog.testing.capture_logs() as logs:
        clock = runtime.clock
        assert isinstance(clock, ScriptedClock)
        clock.set(clock.now() + timedelta(minutes=11))
        with monkeypatch.context() as down:
            down.setattr(Embedded, "tick", failing)
            runtime._round()
            runtime._round()
        assert len([each for each in logs if each.get("what") == "not_sent"]) == 1
        runtime._round()
        assert runtime.not_sent("wrenshire-police") == ()
