"""A slice of the soak: the processes of a whole partnership are killed at random while events come."""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.soak import Came, Limits, check, soak
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
    seed = int(os.environ.get("MASH_KILL_SEED", "20260309"))
    try:
        came = soak(tmp_path, Limits(EVENTS, kills=round(SECONDS / 5), seconds=SECONDS), seed=seed, tell=print)
    except RuntimeError as error:
        if "NoKafkaError" in str(error) and not os.environ.get("CI"):
            pytest.skip(f"nothing was checked: {error}")
        raise
    record_property("kills", came.told())
    assert came.wrong == {}
    assert came.events
    assert came.kills_between_accepts


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
        view = settings.home / "recipients" / recipient / "view.db"
        with closing(sqlite3.connect(view)) as store, store:
            store.execute("DELETE FROM deliveries")
        check(runtime, {"never-taken-in", *(each.id for each in events)}, wrong)
    assert wrong.wrong["lost"] == ["never-taken-in"]
    assert wrong.wrong["not reconciled"]
