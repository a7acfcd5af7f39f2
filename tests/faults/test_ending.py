"""Whatever cannot be done now does not keep the exchange busy for ever, nor anybody else waiting."""

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

from broker.core.store_errors import StoreError
from broker.runtimes.settings import Settings
from broker.runtimes.steps import Done
from tests.support import homes
from tests.support.builders import a_protection_plan, a_worker_allocation, an_emergency_attendance
from tests.support.busy_week import busy_week


def edit(settings: Settings, database: str, *statements: str) -> None:
    """Change a database behind the exchange's back."""
    with closing(sqlite3.connect(settings.home / database, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)


def accept_only(settings: Settings) -> int:
    """Accept everything that waits, and stop before anything is sealed or sent. Gives how many deliveries wait."""
    with homes.opened(settings) as runtime:
        while batch := runtime.line._inbox.receive(100):
            runtime.line._inbox.acknowledge(runtime.hub.accept.run(batch).positions)
        return runtime.hub.journal.counts()["deliveries_waiting"]


def test_a_delivery_about_which_nothing_can_be_asked_again_waits_quietly(tmp_path: Path) -> None:
    settings = homes.a_home(tmp_path)
    homes.spool(settings, [a_worker_allocation(), a_protection_plan(), an_emergency_attendance()])
    assert accept_only(settings) > 2
    edit(
        settings,
        "hub/journal.db",
        "UPDATE children SET version = version + 1",
        "UPDATE events SET sealed = x''",
    )
    with homes.opened(settings) as runtime:
        assert runtime.tick().released == 0
        assert runtime.tick().released == 0
        assert runtime.hub.journal.counts()["deliveries_waiting"] > 2


def test_facts_that_changed_before_anything_left_are_asked_about_in_the_same_tick(tmp_path: Path) -> None:
    settings = homes.a_home(tmp_path)
    homes.spool(settings, [a_worker_allocation(), a_protection_plan(), an_emergency_attendance()])
    waiting = accept_only(settings)
    edit(settings, "hub/journal.db", "UPDATE children SET version = version + 1")
    with homes.opened(settings) as runtime:
        done = runtime.tick()
        assert done.asked_again == waiting
        assert done.released == waiting + done.changed
        assert runtime.reconcile().differences == ()


def test_a_delivery_that_does_not_open_never_leaves_and_the_others_do(tmp_path: Path) -> None:
    settings = homes.a_home(tmp_path)
    homes.spool(settings, busy_week(children=3))
    waiting = accept_only(settings)
    edit(
        settings,
        "hub/journal.db",
        "UPDATE deliveries SET sealed = CAST(substr(sealed, 1, 30) || x'00ff' || substr(sealed, 33) AS BLOB)"
        " WHERE position = (SELECT min(position) FROM deliveries)",
    )
    with homes.opened(settings) as runtime:
        done = runtime.tick()
        counts = runtime.hub.journal.counts()
        assert counts["deliveries_released"] + counts["deliveries_superseded"] >= waiting - 1
        assert counts["deliveries_waiting"] <= 1
        assert done.released > 10
        assert runtime.tick().released == 0


def test_a_recipient_whose_store_fails_keeps_nobody_else_waiting_and_is_told_later(tmp_path: Path) -> None:
    settings = homes.a_home(tmp_path)
    homes.spool(settings, busy_week(children=6))
    edit(settings, "recipients/mash-core/view.db", "ALTER TABLE deliveries RENAME TO away")
    with homes.opened(settings) as runtime:
        edit(settings, "recipients/mash-core/view.db", "DROP TABLE deliveries")
        runtime.tick()
        held = {name: len(side.store.delivered()) for name, side in runtime.recipients.items() if name != "mash-core"}
        assert held["csc-north-team"] > 3
        assert runtime.hub.journal.counts()["deliveries_waiting"] > 3
    edit(settings, "recipients/mash-core/view.db", "ALTER TABLE away RENAME TO deliveries")
    with homes.opened(settings) as runtime:
        runtime.tick()
        assert runtime.hub.journal.counts()["deliveries_waiting"] == 0
        assert len(runtime.recipients["mash-core"].store.delivered()) > 3
        assert runtime.reconcile().differences == ()


def test_children_whose_keys_were_made_for_nothing_are_not_children(tmp_path: Path) -> None:
    settings = homes.a_home(tmp_path)
    for number in range(3):
        homes.spool(settings, [an_emergency_attendance().as_record(f"visit-{number}")])
        with homes.opened(settings) as runtime:
            runtime.tick()
    with homes.opened(settings) as runtime:
        known = [summary.known.child for summary in runtime.hub.journal.children()]
        assert len(known) == 1
        unused = runtime.hub.keys.orphans(known)
        assert len(unused) == runtime.hub.keys.count() - 1
        runtime.hub.keys.destroy(unused)
        assert runtime.verify_ledger(against=None, tell=lambda _done, _total: None).finding is None
        assert runtime.reconcile().differences == ()


def test_serving_goes_on_after_a_round_that_failed(tmp_path: Path) -> None:
    settings = homes.a_home(tmp_path)
    homes.spool(settings, [a_worker_allocation(), an_emergency_attendance()])
    with homes.opened(settings) as runtime:
        tick, stop = runtime.tick, threading.Event()
        rounds: list[Exception] = [StoreError("full", code="store.full"), sqlite3.OperationalError("locked")]
        done: list[Done] = []

        def failing_first() -> Done:
            if rounds:
                raise rounds.pop()
            done.append(tick())
            stop.set()
            return done[-1]

        runtime.tick = failing_first  # type: ignore[assignment, method-assign]
        runtime.serve(stop, every=0.01)
        assert [each.accepted for each in done] == [2]
