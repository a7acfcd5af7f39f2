"""The policy engine gives no verdict, or a disk is full: nothing leaves, nothing is lost, and all comes right after."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from broker.core.store_errors import StoreError
from broker.drivers.clock.scripted import ScriptedClock
from broker.ports.policy import NoVerdictError
from broker.runtimes.came_to import CameTo, came_to
from broker.runtimes.embedded import Embedded
from contracts.question import Question
from contracts.verdict import Verdict
from tests.support import homes
from tests.support.agreeing import check_everything_has_its_leaf
from tests.support.busy_week import busy_week

CHILDREN = 12


@pytest.fixture(scope="module")
def straight(tmp_path_factory: pytest.TempPathFactory) -> CameTo:
    """What the same input comes to when nothing fails."""
    settings = homes.a_home(tmp_path_factory.mktemp("straight"))
    homes.spool(settings, busy_week(children=CHILDREN))
    with homes.opened(settings) as runtime:
        runtime.tick()
        return came_to(runtime)


@contextmanager
def no_verdict(runtime: Embedded, *, after: int) -> Iterator[None]:
    """Let the engine fail once it has answered so often."""
    policy = runtime.hub.policy
    asked = policy.decide
    left = after

    def decide(question: Question) -> Verdict:
        nonlocal left
        left -= 1
        if left < 0:
            msg = "the policy engine gave no answer"
            raise NoVerdictError(msg, code="policy.no_verdict")
        return asked(question)

    policy.decide = decide  # type: ignore[method-assign]
    try:
        yield
    finally:
        policy.decide = asked  # type: ignore[method-assign]


@pytest.mark.parametrize("after", [0, 40])
def test_while_the_engine_is_down_everything_is_held_and_afterwards_all_is_decided(
    tmp_path: Path, straight: CameTo, after: int
) -> None:
    settings = homes.a_home(tmp_path)
    homes.spool(settings, busy_week(children=CHILDREN))
    with homes.opened(settings) as runtime:
        with no_verdict(runtime, after=after):
            done = runtime.tick()
            assert done.held > 20
            assert done.held + done.accepted == len(straight.answers)
            assert all(not feed.pending(1) for feed in runtime.feeds.values())
            assert {each.code for task in runtime.hub.journal.tasks() for each in task.questions} >= {
                "policy.no_verdict",
                "event.held",
            }
            assert runtime.reconcile().differences == ()
            assert runtime.tick().accepted == 0
        clock = runtime.clock
        assert isinstance(clock, ScriptedClock)
        clock.advance(timedelta(minutes=11))
        runtime.tick()
        after_all = came_to(runtime)
        assert {state for _, state, _ in after_all.answers} == {"accepted"}
        decided = {event for event, *_ in after_all.decisions}
        assert {each.event_id for each in runtime.hub.journal.events() if each.is_safeguarding} <= decided
        check_everything_has_its_leaf(runtime)
        assert runtime.reconcile().differences == ()


@contextmanager
def full_disk(path: Path) -> Iterator[None]:
    """Let a database have no room to grow, for every connection that is opened meanwhile."""
    connect = sqlite3.connect

    def small(*args: object, **kwargs: object) -> sqlite3.Connection:
        connection = connect(*args, **kwargs)  # type: ignore[call-overload]
        if Path(str(args[0])) == path:
            pages = connection.execute("PRAGMA page_count").fetchone()[0]
            connection.execute(f"PRAGMA max_page_count = {pages + 12}")
        assert isinstance(connection, sqlite3.Connection)
        return connection

    sqlite3.connect = small  # type: ignore[assignment]
    sqlite3.dbapi2.connect = small  # type: ignore[assignment]
    try:
        yield
    finally:
        sqlite3.connect = connect
        sqlite3.dbapi2.connect = connect


@pytest.mark.parametrize("database", ["journal.db", "ledger.db"])
def test_on_a_full_disk_nothing_is_half_done_and_with_room_everything_goes_on(
    tmp_path: Path, straight: CameTo, database: str
) -> None:
    settings = homes.a_home(tmp_path)
    homes.spool(settings, busy_week(children=CHILDREN))
    with full_disk(settings.home / "hub" / database):
        with homes.opened(settings) as runtime, pytest.raises(StoreError) as failed:
            runtime.tick()
        assert failed.value.code == "store.full"
    with homes.opened(settings) as runtime:
        assert runtime.reconcile().differences == ()
        runtime.tick()
        after = came_to(runtime)
        assert after.decisions == straight.decisions
        assert after.held == straight.held
        check_everything_has_its_leaf(runtime)
        assert runtime.reconcile().differences == ()
