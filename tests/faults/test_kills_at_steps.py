"""Killed before and after every step of everything that is done, the exchange comes to the same as if nobody had."""

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from broker.core.erasing import Erasure
from broker.core.store_errors import KeyDestroyedError
from broker.runtimes.came_to import CameTo, came_to
from broker.runtimes.embedded import Embedded
from broker.runtimes.settings import Settings
from tests.support import homes
from tests.support.agreeing import check_checkpoints, check_everything_has_its_leaf
from tests.support.killing import Report
from tests.support.killing_acts import act_killed, act_straight, days, prepare

pytestmark = pytest.mark.slow

MUST_BE_KILLED = {
    "accept": ("keys.create", "journal.commit", "journal.transaction"),
    "correct": ("journal.commit (corrected)", "journal.transaction (corrected)"),
    "sequence": ("ledger.take_lease", "ledger.append", "journal.mark_sequenced"),
    "release": ("journal.commit", "journal.transaction", "post.send"),
    "receipts": ("journal.commit", "journal.transaction", "post.acknowledge_receipts"),
    "reask": ("journal.commit (asked again)", "journal.commit (how far)", "journal.transaction (how far)"),
    "sweep": ("journal.commit", "journal.transaction"),
    "decide": ("journal.commit", "journal.transaction (asked again)"),
    "identity": ("journal.commit", "journal.transaction"),
    "withdraw": ("journal.commit (corrected)", "journal.transaction (corrected)"),
    "erase": (
        "journal.commit (proposed)",
        "journal.commit (emptied)",
        "keys.destroy",
        "journal.compact",
        "journal.commit (finished)",
    ),
    "line": ("inbox.receive", "journal.mark_replied", "post.reply"),
}
"""The steps at which each becomes durable. A step that a straight life comes to and that is not here is killed too."""


@pytest.fixture(params=["files", "postgres"])
def waiting(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """A home in which everything waits, with its journal and ledger in files, or in PostgreSQL."""
    settings = homes.a_home(tmp_path)
    if request.param == "postgres":
        settings = homes.moved_to_postgres(settings, request.getfixturevalue("postgres"))
    with homes.opened(settings) as runtime:
        prepare(runtime)
    homes.spool(settings, days())
    return settings


def erased(runtime: Embedded) -> Erasure:
    """The one erasure, which is finished."""
    [erasure] = runtime.hub.journal.erasures()
    assert erasure.finished_at is not None
    with pytest.raises(KeyDestroyedError):
        runtime.hub.keys.child_key(erasure.child)
    return erasure


def check_came_to(settings: Settings, report: Report, straight: CameTo) -> None:
    with homes.opened(settings) as runtime:
        after = came_to(runtime)
        assert after.decisions == straight.decisions
        assert after.held == straight.held
        assert after.questions == straight.questions
        assert after.answers == straight.answers
        assert after.decided == straight.decided
        assert after.escalated == straight.escalated
        erased(runtime)
        check_everything_has_its_leaf(runtime)
        check_checkpoints(runtime, report.checkpoints)
        assert runtime.verify_ledger(against=None, tell=lambda _done, _total: None).finding is None
        assert runtime.reconcile().differences == ()


def told(kills: Sequence[tuple[str, int]]) -> str:
    """The list, activity by activity."""
    lines = []
    for activity in dict.fromkeys(place.partition(": ")[0] for place, _ in kills):
        mine = [(place.partition(": ")[2], count) for place, count in kills if place.startswith(f"{activity}: ")]
        lines.append(f"{activity}: " + ", ".join(f"{place} ({count})" for place, count in mine))
    return "\n".join(lines)


def test_after_a_kill_at_every_step_of_everything_all_comes_to_the_same(
    waiting: Settings, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    (tmp_path / "straight").mkdir()
    undisturbed = homes.copy_home(waiting, tmp_path / "straight")
    report, places = act_straight(undisturbed)
    wanted = {f"{activity}: {step}" for activity, steps in MUST_BE_KILLED.items() for step in steps}
    assert wanted <= {place.replace(": before ", ": ") for place in places}
    with homes.opened(undisturbed) as runtime:
        straight = came_to(runtime)
        erased(runtime)
        assert runtime.reconcile().differences == ()
    check_came_to(undisturbed, report, straight)

    killed: Counter[str] = Counter()
    left, number = list(places), 0
    while left:
        folder = tmp_path / f"killed-{number}"
        folder.mkdir()
        home = homes.copy_home(waiting, folder)
        report = act_killed(home, left)
        died = [life.asked for life in report.lives if life.was_killed]
        killed.update(died)
        check_came_to(home, report, straight)
        assert died, f"no life came to {left}"
        left, number = [place for place in left if place not in killed], number + 1
    record_property("kills", told([(place, killed[place]) for place in places]))
    assert set(killed) == set(places)
