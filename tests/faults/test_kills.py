"""The exchange is killed hundreds of times while it works, and comes to the same as if nobody had."""

import json
import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from broker.runtimes.came_to import CameTo, came_to
from broker.runtimes.settings import Settings
from tests.support import homes
from tests.support.agreeing import check_checkpoints, check_everything_has_its_leaf
from tests.support.busy_week import a_week_with_corrections
from tests.support.killing import Report, kill_at_steps
from tests.support.killing_acts import prepare, week_killed, week_straight
from tests.support.tree import TOP

pytestmark = pytest.mark.slow

KILLS = int(os.environ.get("MASH_KILLS", "300"))
SEED = int(os.environ.get("MASH_KILL_SEED", "20260309"))
BATCH = 2


@pytest.fixture(scope="module")
def spooled(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home in whose spools everything waits."""
    settings = homes.a_home(tmp_path_factory.mktemp("spooled"))
    with homes.opened(settings) as runtime:
        prepare(runtime)
    homes.spool(settings, a_week_with_corrections())
    return settings


@pytest.fixture(scope="module")
def straight(spooled: Settings, tmp_path_factory: pytest.TempPathFactory) -> CameTo:
    """What one life comes to that nobody disturbs."""
    settings = homes.copy_home(spooled, tmp_path_factory.mktemp("straight"))
    report = week_straight(settings, batch=BATCH)
    assert [life.accepted for life in report.lives] == [report.events]
    with homes.opened(settings) as runtime:
        assert runtime.reconcile().differences == ()
        return came_to(runtime)


def check_same(settings: Settings, report: Report, straight: CameTo) -> None:
    with homes.opened(settings) as runtime:
        after = came_to(runtime)
        assert after.decisions == straight.decisions
        assert after.held == straight.held
        assert after.questions == straight.questions
        assert after.answers == straight.answers
        assert after.decided == straight.decided
        assert after.escalated == straight.escalated
        firsts = Counter((event, recipient) for event, recipient, *_, again in after.decisions.elements() if not again)
        assert set(firsts.values()) == {1}
        check_everything_has_its_leaf(runtime)
        assert check_checkpoints(runtime, report.checkpoints) >= 10
        assert runtime.verify_ledger(against=None, tell=lambda _done, _total: None).finding is None
        assert runtime.reconcile().differences == ()


def test_the_input_holds_what_can_go_wrong(straight: CameTo) -> None:
    effects = Counter(decision[2] for decision in straight.decisions.elements())
    assert len(straight.answers) >= 350
    assert min(effects["share"], effects["withhold"], effects["ask"]) > 50
    assert any(decision[-1] for decision in straight.decisions), "nothing was asked again"
    assert len({recipient for recipient, *_ in straight.held}) >= 4
    assert {code for code, *_ in straight.questions} >= {"identity.unsure"}
    assert {"corrected", "withdrawn"} <= {json.loads(body)["cause"] for *_, body in straight.held}
    assert straight.escalated


def test_after_hundreds_of_kills_everybody_was_told_the_same_once(
    spooled: Settings, straight: CameTo, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    settings = homes.copy_home(spooled, tmp_path)
    report = week_killed(settings, kills=KILLS, seed=SEED, batch=BATCH)
    where = Counter(life.place for life in report.landed)
    record_property(
        "kills",
        f"seed {SEED}: {len(report.landed)} kills between the first and the last accept, of {len(report.lives)} lives, "
        f"in {report.seconds:.0f} s: " + ", ".join(f"{place} ({count})" for place, count in where.most_common()),
    )
    assert len(report.landed) == KILLS
    assert len(report.landed) >= 0.8 * len(report.lives)
    assert len(where) >= 6
    check_same(settings, report, straight)


def _lay_into_inboxes(settings: Settings) -> None:
    """The weekend's files, each in its agency's inbox."""
    for number, step in enumerate(homes.FILES):
        folder = settings.home / "agencies" / step.agency / "inbox" / step.kind
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / f"{number:02}"
        file.write_bytes((TOP / "broker/demo/weekend" / step.file).read_bytes())
        os.utime(file, (number, number))


def test_after_a_kill_around_every_file_that_is_read_nothing_is_lost_or_told_twice(tmp_path: Path) -> None:
    files = tmp_path / "files"
    files.mkdir()
    settings = homes.a_home(files)
    _lay_into_inboxes(settings)
    undisturbed = homes.copy_home(settings, tmp_path)
    with homes.opened(undisturbed) as runtime:
        assert runtime.tick().files_read == len(homes.FILES)
        straight = came_to(runtime)
    steps = [("before reading.put_away", 1), ("after reading.put_away", 1)]
    steps += [(f"{side} reading.archive_file", times) for times in (1, 2) for side in ("before", "after")]
    report = kill_at_steps(settings, steps=steps, batch=100)
    assert [life.place for life in report.lives[:-1]] == [place for place, _ in steps]
    with homes.opened(settings) as runtime:
        after = came_to(runtime)
        assert after.answers == straight.answers
        assert after.decisions == straight.decisions
        assert after.held == straight.held
        assert not list(settings.home.glob("agencies/*/inbox/*/*"))
        assert runtime.reconcile().differences == ()
    assert _set_aside(settings) == _set_aside(undisturbed)


def _set_aside(settings: Settings) -> list[tuple[str, int]]:
    """How many files and parts of files each agency has put aside."""
    return sorted((each.name, len(list((each / "quarantine").iterdir()))) for each in settings.home.glob("agencies/*"))
