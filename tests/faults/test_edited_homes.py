"""Somebody with the files of a home edits them: verifying the ledger and reconciling name the place."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from broker.core.checkpoint import sign_checkpoint
from broker.core.findings import Bad, Finding
from broker.core.note import Ed25519Signer
from broker.core.reconciling import Differs, Reconciled
from broker.core.records import about_record
from broker.core.sealing import Sealer, unseal
from broker.runtimes.settings import Settings
from tests.support import homes


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    """A copy of the home to which the weekend has come."""
    return homes.a_played_home(tmp_path)


def edit(settings: Settings, database: str, *statements: str, values: tuple[object, ...] = ()) -> None:
    """Change a database as somebody with the file could, guards and all."""
    with closing(sqlite3.connect(settings.home / database, isolation_level=None)) as connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f'DROP TRIGGER "{name}"')
        for statement in statements:
            changed = connection.execute(statement, values if "?" in statement else ())
            assert changed.rowcount != 0, statement


def first_bad(settings: Settings, against: str | None = None) -> Finding:
    with homes.opened(settings) as runtime:
        found = runtime.verify_ledger(against=against, tell=lambda _done, _total: None)
        assert found.finding is not None
        return found.finding


def reconciled(settings: Settings) -> Reconciled:
    with homes.opened(settings) as runtime:
        return runtime.reconcile()


def whats(found: Reconciled) -> set[Differs]:
    return {each.what for each in found.differences}


def test_an_untouched_home_is_sound_and_agrees(home: Settings) -> None:
    with homes.opened(home) as runtime:
        found = runtime.verify_ledger(against=runtime.checkpoint(), tell=lambda _done, _total: None)
        assert found.finding is None
        assert found.total == found.opened > 50
        assert runtime.reconcile().differences == ()


@pytest.mark.parametrize("entry", [0, 17, 40])
def test_a_changed_leaf_is_named(home: Settings, entry: int) -> None:
    edit(home, "hub/ledger.db", f"UPDATE leaves SET leaf = leaf || x'20' WHERE leaf_index = {entry}")  # noqa: S608
    found = first_bad(home)
    assert (found.bad, found.at) == (Bad.LEAF_CHANGED, entry)
    assert Differs.RECORD_CHANGED in whats(reconciled(home))


def test_a_deleted_row_is_named(home: Settings) -> None:
    edit(home, "hub/ledger.db", "DELETE FROM leaves WHERE leaf_index = 23")
    found = first_bad(home)
    assert (found.bad, found.at) == (Bad.LEAF_MISSING, 23)
    assert Differs.RECORD_NOT_IN_LEDGER in whats(reconciled(home))


def test_a_swapped_pair_is_named(home: Settings) -> None:
    edit(
        home,
        "hub/ledger.db",
        "UPDATE leaves SET leaf_index = -1 WHERE leaf_index = 11",
        "UPDATE leaves SET leaf_index = 11 WHERE leaf_index = 31",
        "UPDATE leaves SET leaf_index = 31 WHERE leaf_index = -1",
    )
    found = first_bad(home)
    assert (found.bad, found.at) == (Bad.LEAVES_SWAPPED, 11)
    assert "31" in found.sentence


@pytest.mark.parametrize(
    "written",
    [
        "CAST(substr(sealed, 1, 40) || x'00ff' || substr(sealed, 43) AS BLOB)",
        "'gone'",
        "x''",
        "substr(sealed, 1, 40) || x'00ff' || substr(sealed, 43)",
    ],
)
def test_a_record_that_was_overwritten_is_named(home: Settings, written: str) -> None:
    edit(home, "hub/journal.db", f"UPDATE records SET sealed = {written} WHERE leaf_index = 12")  # noqa: S608
    found = first_bad(home)
    assert (found.bad, found.at) == (Bad.RECORD_UNREADABLE, 12)


def test_a_record_rewritten_by_somebody_who_holds_every_key_is_named(home: Settings) -> None:
    with homes.opened(home) as runtime:
        record, at = next(
            (record, at) for record, at in runtime.hub.journal.records() if at is not None and record.child is not None
        )
        assert record.child is not None
        key = runtime.hub.keys.child_key(record.child)
        about = about_record(record.record_id)
        content = unseal(key, record.sealed, about=about)
        assert b"recipient" in content
        forged = content.replace(b'"recipient":"', b'"recipient":"x', 1)
        sealed = Sealer(key, runtime.hub.ids.random).seal(forged, about=about)
    edit(home, "hub/journal.db", "UPDATE records SET sealed = ? WHERE record_id = ?", values=(sealed, record.record_id))
    found = first_bad(home)
    assert (found.bad, found.at) == (Bad.RECORD_EDITED, at)


def test_a_checkpoint_signed_by_another_key_is_named(home: Settings) -> None:
    with homes.opened(home) as runtime:
        latest = runtime.hub.ledger.head().latest
        assert latest is not None
        note = str(
            sign_checkpoint(latest.read(), [Ed25519Signer(latest.read().origin, b"another key of 32 bytes, but not")])
        )
        before = runtime.hub.journal.counts()
    edit(home, "hub/ledger.db", "UPDATE state SET note = ?", values=(note,))
    found = first_bad(home)
    assert (found.bad, found.at) == (Bad.CHECKPOINT_OTHER_KEY, latest.size)
    with homes.opened(home) as runtime:
        assert runtime.hub.journal.counts() == before


def test_a_tail_cut_off_with_its_checkpoints_is_found_against_a_checkpoint_kept_elsewhere(home: Settings) -> None:
    with homes.opened(home) as runtime:
        elsewhere = runtime.checkpoint()
    edit(home, "hub/ledger.db", "DELETE FROM leaves WHERE leaf_index >= 50")
    assert first_bad(home, elsewhere).bad in {Bad.CUT_OFF, Bad.LEAF_MISSING}


def test_a_delivery_put_by_hand_into_a_recipients_store_is_named(home: Settings) -> None:
    with homes.opened(home) as runtime:
        recipient, side = next((name, side) for name, side in runtime.recipients.items() if side.store.delivered())
    edit(
        home,
        f"recipients/{recipient}/view.db",
        "INSERT INTO deliveries (delivery_id, child, digest, occurred_at, received_at, report, revision, retracts,"
        " takes_back, sealed) SELECT 'by-hand', child, digest, occurred_at, received_at, 'by-hand', 1, 0, 0, sealed"
        " FROM deliveries LIMIT 1",
    )
    (found,) = reconciled(home).differences
    assert (found.what, found.about["delivery"]) == (Differs.RECIPIENT_HOLDS_MORE, "by-hand")
    assert found.about["recipient"] == recipient
    assert side.recipient == recipient


def _columns(settings: Settings, table: str) -> Iterator[str]:
    with closing(sqlite3.connect(settings.home / "hub/journal.db")) as connection:
        for row in connection.execute(f"PRAGMA table_info({table})"):
            yield str(row[1])


def test_a_delivery_put_by_hand_into_the_journal_is_named_and_never_leaves(home: Settings) -> None:
    columns = [name for name in _columns(home, "deliveries") if name not in {"position", "delivery_id"}]
    empty = {"released_at", "release_record", "checkpoint_size", "superseded_by", "delivered_at", "opened_at"}
    chosen = ", ".join("NULL" if name in empty else name for name in columns)
    edit(
        home,
        "hub/journal.db",
        f"INSERT INTO deliveries (delivery_id, {', '.join(columns)}) SELECT 'by-hand', {chosen} FROM deliveries"  # noqa: S608
        " WHERE released_at IS NOT NULL LIMIT 1",
    )
    assert whats(reconciled(home)) >= {Differs.DELIVERY_NOT_IN_RECORD}
    with homes.opened(home) as runtime:
        held = {name: side.store.delivered() for name, side in runtime.recipients.items()}
        done = runtime.tick()
        assert done.released == 0
        assert {name: side.store.delivered() for name, side in runtime.recipients.items()} == held
        assert any(each.about.get("delivery") == "by-hand" for each in runtime.reconcile().differences)


def test_a_delivery_taken_from_a_recipients_store_is_named(home: Settings) -> None:
    edit(
        home,
        "recipients/mash-core/view.db",
        "DELETE FROM deliveries WHERE delivery_id = (SELECT min(delivery_id) FROM deliveries)",
    )
    (found,) = reconciled(home).differences
    assert found.what is Differs.RECIPIENT_LACKS


def test_a_decision_taken_from_the_journal_is_named(home: Settings) -> None:
    edit(
        home,
        "hub/journal.db",
        "PRAGMA foreign_keys = OFF",
        "DELETE FROM decisions WHERE position = (SELECT min(position) FROM decisions)",
    )
    assert whats(reconciled(home)) & {Differs.RECORD_WITHOUT_DECISION, Differs.EVENT_UNDECIDED}
