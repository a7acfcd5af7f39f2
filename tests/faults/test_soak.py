"""A slice of the soak: the processes of a whole partnership are killed at random while events come."""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from contracts.delivery import Delivery
from tests.soak import Came, Limits, check, soak, told_twice
from tests.support import homes
from tests.support.busy_week import busy_week

pytestmark = pytest.mark.slow
SECONDS = float(os.environ.get("MASH_SOAK_SECONDS") or (600 if os.environ.get("CI") else 60))
"""Ten minutes in CI; elsewhere one, so that `make test` stays short."""
EVENTS = 20_000
"""More than can be taken in while processes are killed all the time."""


def test_whatever_is_killed_nothing_is_lost_or_doubled(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    seed, kills = int(os.environ.get("MASH_KILL_SEED", "20260309")), round(SECONDS / 5)
    came = soak(tmp_path, Limits(EVENTS, kills, SECONDS), seed=seed, tell=print)
    record_property("kills", came.told())
    assert came.wrong == {}
    assert came.deliveries > came.events / 10
    assert came.kills_between_accepts >= 0.8 * kills


def test_the_check_finds_what_is_lost_and_what_a_recipient_does_not_have(tmp_path: Path) -> None:
    settings = homes.a_home(tmp_path)
    events = busy_week(children=1)
    homes.spool(settings, events)
    with homes.opened(settings) as runtime:
        while any(runtime.tick().as_json().values()):
            pass
        right, wrong = Came(0), Came(0)
        check(runtime, {each.id for each in events}, right)
        assert right.wrong == {}
        assert right.deliveries
        recipient = next(name for name, side in runtime.recipients.items() if side.store.children())
        store = runtime.recipients[recipient].store
        told = [each.delivery for child in store.children() for each in store.deliveries(child)]
        view = settings.home / "recipients" / recipient / "view.db"
        with closing(sqlite3.connect(view)) as opened, opened:
            opened.execute("DELETE FROM deliveries")
        with closing(sqlite3.connect(settings.home / "hub" / "journal.db")) as opened, opened:
            opened.execute("DELETE FROM decisions WHERE recipient = ?", (recipient,))
        check(runtime, {"never-taken-in", *(each.id for each in events)}, wrong)
    assert wrong.wrong["lost"] == ["never-taken-in"]
    assert wrong.wrong["not reconciled"]
    assert wrong.wrong["would come out otherwise"]
    last = max(told, key=lambda each: each.revision)
    again = {"delivery_id": "another", "revision": last.revision + 1, "revises": last.delivery_id}
    assert told_twice(told) == []
    twice = [*told, Delivery.model_validate({**last.model_dump(mode="json"), **again})]
    assert len(told_twice(twice)) == 1
    assert told_twice(twice, not_known={last.delivery_id}) == []
