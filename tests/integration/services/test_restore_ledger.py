"""Taking in what partners hold of the log: only of this log, in its place, and with its record where that is here."""

import shutil
from pathlib import Path

import pytest

from broker.core.reconciling import Differs
from broker.ports.ledger import WITHOUT_RECORD
from broker.runtimes.embedded import Embedded
from broker.services.restore_ledger import OtherLogError, Restored, restore_ledger
from tests.support import homes
from tests.support.busy_week import busy_week


def published(runtime: Embedded) -> list[bytes]:
    return [each.leaf for each in runtime.hub.ledger.leaves(0, 2**31)]


def restored(runtime: Embedded, leaves: list[bytes]) -> Restored:
    hub = runtime.hub
    return restore_ledger(hub.journal, hub.ledger, hub.signer, hub.clock, leaves)


def test_what_the_backup_lacks_is_added_in_its_place_and_another_log_is_not(tmp_path: Path) -> None:
    settings = homes.a_home(tmp_path)
    week = busy_week(4)
    homes.spool(settings, week[:12])
    with homes.opened(settings) as runtime:
        runtime.tick()
        before = published(runtime)
    shutil.copytree(settings.home / "hub", tmp_path / "backup")
    homes.spool(settings, week[12:])
    with homes.opened(settings) as runtime:
        runtime.tick()
        leaves = published(runtime)
        root = runtime.hub.ledger.head().latest
        assert restored(runtime, before) == Restored(0, 0, len(leaves)), "sealed, and not published yet"
    shutil.rmtree(settings.home / "hub")
    shutil.copytree(tmp_path / "backup", settings.home / "hub")
    with homes.opened(settings) as runtime:
        for others in ([*before[:-1], leaves[-1]], [*before[1:], *leaves], [b"another", *leaves[1:]]):
            with pytest.raises(OtherLogError, match=r"ledger\.restored_other"):
                restored(runtime, others)
            assert published(runtime) == before
        assert restored(runtime, leaves) == Restored(len(leaves) - len(before), 0, len(leaves))
        assert published(runtime) == leaves
        sealed = runtime.hub.ledger.head().latest
        assert root is not None
        assert sealed is not None
        assert sealed.read() == root.read()
        lost = {each.record_id for each in runtime.hub.ledger.leaves(len(before), len(leaves))}
        assert lost == {WITHOUT_RECORD}
        assert restored(runtime, leaves) == Restored(0, 0, len(leaves))
        assert {each.what for each in runtime.reconcile().differences} >= {Differs.LEDGER_WITHOUT_RECORD}
        runtime.hub.missing.begin()
        reconciled = runtime.reconcile()
        assert Differs.LEDGER_WITHOUT_RECORD not in {each.what for each in reconciled.differences}
        assert reconciled.figures["log_entries_lost_before_a_restore"] == len(leaves) - len(before)
        runtime.tick()
        assert runtime.verify_ledger(against=root.note, tell=lambda *_: None).is_sound
