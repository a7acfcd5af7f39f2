"""What the environment says is read once, and what cannot be used is refused."""

from pathlib import Path

import pytest

from broker.runtimes.embedded import Embedded
from broker.runtimes.settings import SettingsError, read_settings
from tests.bench.events import a_pupil, an_incident
from tests.support.homes import MONDAY, a_home, spool
from tests.support.hub import StillClock


@pytest.mark.parametrize("value", ["", "-1", "many", "1000000", "1.5"])
def test_a_number_of_remembered_verdicts_that_is_none_is_refused(value: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read_settings({"MASH_REMEMBERED_VERDICTS": value})
    assert caught.value.code == "settings.remembered_verdicts"


@pytest.mark.parametrize("value, found", [("1000", 2), ("0", 0)])
def test_the_setting_turns_the_memory_of_verdicts_on_and_off(tmp_path: Path, value: str, found: int) -> None:
    made = a_home(tmp_path)
    settings = read_settings(
        {"MASH_REMEMBERED_VERDICTS": value, "MASH_ROOT_KEY_FILE": str(made.root_key_file)}, home=made.home
    )
    spool(settings, [an_incident(a_pupil(number)) for number in range(3)])
    runtime = Embedded.open(settings, clock=StillClock(MONDAY))
    runtime.tick()
    assert runtime.hub.journal.counts()["events_accepted"] == 3
    assert runtime.engine.recalled.found == found
    runtime.close()
