"""Whoever edits the ledger's file is found out, at the first bad place."""

# ruff: noqa: S608 - the statements are put together from what stands in this file

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from broker.core import tree
from broker.core.checkpoint import Checkpoint, CheckpointError, sign_checkpoint
from broker.core.commitments import Opening
from broker.core.findings import Bad, Finding
from broker.core.opened import OpenedRecord, UnreadableRecord
from broker.drivers.sql.ledger_store import SqlLedger
from broker.services.sequence import sequence
from broker.services.verify_ledger import verify
from contracts.words import RecordId
from tests.support.ledger import ORIGIN, SetClock, WaitingRecords, a_record_id, a_signer, openings

KEYS = [a_signer().verifier]
NUMBERS = {a_record_id(number): number for number in range(2000)}
SIZES = (200, 256, 300, 700)


@dataclass
class Edited:
    """A ledger of 700 leaves with four kept checkpoints, and a connection for whoever edits its file."""

    place: Path
    ledger: SqlLedger

    def edit(self, *statements: str, values: tuple[object, ...] = ()) -> None:
        with closing(sqlite3.connect(self.place, isolation_level=None)) as connection:
            for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
                connection.execute(f"DROP TRIGGER {name}")
            for statement in statements:
                connection.execute(statement, values if "?" in statement else ())

    def records(self) -> Iterator[OpenedRecord]:
        for leaf in self.ledger.leaves(0, 10_000):
            disclosed, internal = openings(NUMBERS[leaf.record_id])
            yield OpenedRecord(leaf.index, leaf.record_id, disclosed, internal)

    def finding(self, against: str | None = None) -> Finding:
        found = verify(self.ledger, KEYS, origin=ORIGIN, opened=self.records(), against=against)
        assert found.finding is not None, found
        assert not found.is_sound
        return found.finding


@pytest.fixture
def edited(tmp_path: Path) -> Iterator[Edited]:
    place = tmp_path / "ledger.db"
    ledger = SqlLedger.in_file(place)
    grown(ledger, SIZES)
    yield Edited(place, ledger)
    ledger.close()


def grown(ledger: SqlLedger, sizes: tuple[int, ...], first: int = 0) -> None:
    journal, clock, after = WaitingRecords(), SetClock(), None
    for size in sizes:
        journal.add(range(first, size))
        after = sequence(journal, ledger, a_signer(), clock, limit=size, after=after)
        clock.pass_seconds(60)
        first = size


def test_an_untouched_ledger_is_sound_and_says_what_it_cannot_see(edited: Edited) -> None:
    heard: list[tuple[int, int]] = []
    found = verify(
        edited.ledger,
        KEYS,
        origin=ORIGIN,
        opened=edited.records(),
        tell=lambda done, total: heard.append((done, total)),
    )
    assert found.is_sound
    assert (found.total, found.leaves, found.checkpoints, found.opened) == (700, 700, 4, 700)
    assert found.lines[0] == "The ledger is sound."
    assert "--against" in found.lines[2]
    assert heard == [(256, 700), (512, 700), (700, 700)]
    unopened = verify(edited.ledger, KEYS, origin=ORIGIN)
    assert any("No record was opened" in line for line in unopened.lines)


@pytest.mark.parametrize("at", [0, 199, 255, 256, 511, 512, 699])
def test_a_changed_leaf_is_named(edited: Edited, at: int) -> None:
    edited.edit(f"UPDATE leaves SET leaf = x'7b7d' WHERE leaf_index = {at}")
    assert edited.finding() == Finding(Bad.LEAF_CHANGED, at, f"log entry {at} was changed after it was sealed")


@pytest.mark.parametrize("at", [0, 255, 300, 699])
def test_a_deleted_row_is_named(edited: Edited, at: int) -> None:
    edited.edit(f"DELETE FROM leaves WHERE leaf_index = {at}")
    finding = edited.finding()
    assert (finding.bad, finding.at) == (Bad.LEAF_MISSING, at)


def test_a_deleted_row_that_the_rest_closed_up_on_is_named(edited: Edited) -> None:
    edited.edit(
        "DELETE FROM leaves WHERE leaf_index = 40",
        "UPDATE leaves SET leaf_index = -leaf_index WHERE leaf_index > 40",
        "UPDATE leaves SET leaf_index = -leaf_index - 1 WHERE leaf_index < 0",
    )
    finding = edited.finding()
    assert (finding.bad, finding.at) == (Bad.LEAF_CHANGED, 40)
    assert finding.sentence == "log entry 40 was replaced by what was sealed as entry 41"


@pytest.mark.parametrize("one, other", [(3, 4), (0, 699), (255, 256)])
def test_a_swapped_pair_is_named(edited: Edited, one: int, other: int) -> None:
    edited.edit(
        f"UPDATE leaves SET leaf_index = -1 WHERE leaf_index = {one}",
        f"UPDATE leaves SET leaf_index = {one} WHERE leaf_index = {other}",
        f"UPDATE leaves SET leaf_index = {other} WHERE leaf_index = -1",
    )
    assert edited.finding() == Finding(Bad.LEAVES_SWAPPED, one, f"log entries {one} and {other} were swapped")


def test_a_leaf_changed_together_with_its_hash_is_confined_by_the_checkpoint_after_it(edited: Edited) -> None:
    tile = bytearray(edited.ledger.tile(0, 0))
    tile[32 * 210 : 32 * 211] = tree.leaf_hash(b"{}")
    edited.edit(
        "UPDATE leaves SET leaf = x'7b7d' WHERE leaf_index = 210",
        "UPDATE tiles SET hashes = ? WHERE level = 0 AND tile_index = 0",
        values=(bytes(tile),),
    )
    finding = verify(edited.ledger, KEYS, origin=ORIGIN).finding
    assert finding is not None
    assert (finding.bad, finding.at) == (Bad.CHECKPOINT_OTHER_TREE, 256)
    assert (edited.finding().bad, edited.finding().at) == (Bad.RECORD_EDITED, 210)


@pytest.mark.parametrize("level, index, at, place", [(0, 0, 7, 7), (0, 2, 100, 612), (1, 0, 1, 256)])
def test_a_changed_tile_is_named_and_the_leaves_are_not_blamed(
    edited: Edited, level: int, index: int, at: int, place: int
) -> None:
    tile = bytearray(edited.ledger.tile(level, index))
    tile[32 * at] ^= 1
    for table in ("tiles", "right_edge"):
        edited.edit(
            f"UPDATE {table} SET hashes = ? WHERE level = {level} AND tile_index = {index}",
            values=(bytes(tile),),
        )
    finding = edited.finding()
    assert (finding.bad, finding.at) == (Bad.TILE_CHANGED, place)


def test_an_edited_record_and_one_that_cannot_be_opened_are_named(edited: Edited) -> None:
    def some(change: Callable[[OpenedRecord], OpenedRecord | UnreadableRecord]) -> Finding | None:
        opened = [change(each) if each.index in {300, 400} else each for each in edited.records()]
        return verify(edited.ledger, KEYS, origin=ORIGIN, opened=opened).finding

    sentence = "the record of log entry 300 was edited after it was sealed"
    other = Opening(bytes(32), {"type": "edited"})
    assert some(lambda each: replace(each, disclosed=other)) == Finding(Bad.RECORD_EDITED, 300, sentence)
    assert some(lambda each: replace(each, internal=other)) == Finding(Bad.RECORD_EDITED, 300, sentence)
    assert some(lambda each: replace(each, record_id=RecordId("x"))) == Finding(Bad.RECORD_EDITED, 300, sentence)
    assert some(lambda each: replace(each, internal=None)) is None
    unreadable = some(lambda each: UnreadableRecord(each.index, each.record_id))
    assert unreadable is not None
    assert (unreadable.bad, unreadable.at) == (Bad.RECORD_UNREADABLE, 300)


def test_records_in_falling_order_are_a_mistake_of_the_caller(edited: Edited) -> None:
    with pytest.raises(ValueError, match="rising"):
        verify(edited.ledger, KEYS, origin=ORIGIN, opened=list(edited.records())[::-1])


def test_a_checkpoint_signed_by_another_key_is_named(edited: Edited) -> None:
    root = tree.root_of([tree.leaf_hash(leaf.leaf) for leaf in edited.ledger.leaves(0, 300)])
    forged = str(sign_checkpoint(Checkpoint(ORIGIN, 300, root), [a_signer(ORIGIN, "another key")]))
    edited.edit("UPDATE checkpoints SET note = ? WHERE size = 300", values=(forged,))
    finding = edited.finding()
    assert (finding.bad, finding.at) == (Bad.CHECKPOINT_OTHER_KEY, 300)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE checkpoints SET note = replace(note, char(10) || '300' || char(10), char(10) || '299' || char(10))",
        "UPDATE checkpoints SET note = 'nothing' WHERE size = 300",
        "UPDATE checkpoints SET size = 301 WHERE size = 300",
        "UPDATE checkpoints SET note = (SELECT note FROM checkpoints WHERE size = 256) WHERE size = 300",
    ],
)
def test_a_changed_checkpoint_is_named(edited: Edited, statement: str) -> None:
    edited.edit(statement)
    finding = edited.finding()
    assert finding.bad is Bad.CHECKPOINT_CHANGED
    assert finding.at in {300, 301}


def test_a_changed_latest_checkpoint_is_named_though_the_kept_one_is_sound(edited: Edited) -> None:
    edited.edit("UPDATE state SET note = replace(note, '700', '701')")
    assert edited.finding().bad is Bad.CHECKPOINT_CHANGED


def test_leaves_under_no_checkpoint_are_named(edited: Edited) -> None:
    edited.edit("INSERT INTO leaves SELECT 700, leaf, 'more' FROM leaves WHERE leaf_index = 1")
    finding = verify(edited.ledger, KEYS, origin=ORIGIN).finding
    assert finding is not None
    assert finding.at == 700


def test_a_tail_cut_off_with_its_checkpoints_is_seen_only_with_a_checkpoint_kept_elsewhere(edited: Edited) -> None:
    latest = edited.ledger.head().latest
    assert latest is not None
    edited.edit(
        "DELETE FROM leaves WHERE leaf_index >= 300",
        "DELETE FROM checkpoints WHERE size > 300",
        "UPDATE state SET size = 300, note = (SELECT note FROM checkpoints WHERE size = 300)",
    )
    alone = verify(edited.ledger, KEYS, origin=ORIGIN)
    assert alone.is_sound
    assert any("cut off" in line for line in alone.unseen)
    finding = edited.finding(against=latest.note)
    assert (finding.bad, finding.at) == (Bad.CUT_OFF, 300)


def test_a_ledger_rewritten_with_the_true_key_is_seen_with_a_checkpoint_kept_elsewhere(
    edited: Edited, tmp_path: Path
) -> None:
    earlier = edited.ledger.kept()[1].note
    with closing(SqlLedger.in_file(tmp_path / "rewritten.db")) as rewritten:
        grown(rewritten, (1300,), first=600)
        assert verify(rewritten, KEYS, origin=ORIGIN).is_sound
        found = verify(rewritten, KEYS, origin=ORIGIN, against=earlier).finding
    assert found is not None
    assert (found.bad, found.at) == (Bad.REWRITTEN, 256)
    assert verify(edited.ledger, KEYS, origin=ORIGIN, against=earlier).is_sound


def test_a_record_beyond_the_end_betrays_a_tail_that_was_cut_off(edited: Edited) -> None:
    records = list(edited.records())
    edited.edit(
        "DELETE FROM leaves WHERE leaf_index >= 300",
        "DELETE FROM checkpoints WHERE size > 300",
        "UPDATE state SET size = 300, note = (SELECT note FROM checkpoints WHERE size = 300)",
    )
    found = verify(edited.ledger, KEYS, origin=ORIGIN, opened=records).finding
    assert found == Finding(Bad.CUT_OFF, 300, "a record stands as log entry 300, but the ledger ends before it")


def test_comparing_with_another_logs_checkpoint_is_refused(edited: Edited) -> None:
    other = str(sign_checkpoint(Checkpoint("other.example", 1, bytes(32)), [a_signer("other.example")]))
    keys = [*KEYS, a_signer("other.example").verifier]
    with pytest.raises(CheckpointError):
        verify(edited.ledger, keys, origin=ORIGIN, against=other)


@pytest.mark.parametrize("most", [1, 300, 512])
def test_a_verification_goes_on_where_it_stopped(edited: Edited, most: int) -> None:
    found = verify(edited.ledger, KEYS, origin=ORIGIN, most=most)
    rounds = 1
    while found.position.size < found.total:
        assert found.is_sound
        assert "Nothing bad in the first" in found.lines[0]
        found = verify(edited.ledger, KEYS, origin=ORIGIN, start=found.position, most=most, opened=edited.records())
        rounds += 1
    assert found.is_sound
    assert rounds == (3 if most == 1 else 2)
    again = verify(edited.ledger, KEYS, origin=ORIGIN, start=found.position)
    assert again.is_sound
    moved = replace(found.position, root=bytes(32))
    assert verify(edited.ledger, KEYS, origin=ORIGIN, start=moved).finding is not None


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_any_changed_byte_of_any_leaf_tile_or_checkpoint_is_found(edited: Edited, data: st.DataObject) -> None:
    table, key, column = data.draw(
        st.sampled_from(
            [
                ("leaves", "leaf_index", "leaf"),
                ("tiles", "tile_index", "hashes"),
                ("right_edge", "level", "hashes"),
                ("checkpoints", "size", "note"),
                ("state", "id", "note"),
            ]
        )
    )
    with closing(sqlite3.connect(edited.place)) as connection:
        rows = connection.execute(f"SELECT {key}, {column} FROM {table}").fetchall()
    place, was = data.draw(st.sampled_from(rows))
    content = was.encode() if isinstance(was, str) else was
    at = data.draw(st.integers(0, len(content) - 1))
    changed = content[:at] + bytes([content[at] ^ data.draw(st.integers(1, 127))]) + content[at + 1 :]
    now: object = changed.decode("utf-8", "replace") if isinstance(was, str) else changed
    statement = f"UPDATE {table} SET {column} = ? WHERE {key} = {place}"
    edited.edit(statement, values=(now,))
    try:
        assert not verify(edited.ledger, KEYS, origin=ORIGIN).is_sound
    finally:
        edited.edit(statement, values=(was,))
    assert verify(edited.ledger, KEYS, origin=ORIGIN).is_sound


@given(number=st.integers(0, 700), at=st.integers(0, 9))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_edit_of_any_record_is_found(edited: Edited, number: int, at: int) -> None:
    opened = list(edited.records())
    index = number % len(opened)
    part = opened[index].disclosed
    assert part is not None
    content = {**part.content, "type": "x" * at}
    opened[index] = replace(opened[index], disclosed=Opening(part.salt, content))
    found = verify(edited.ledger, KEYS, origin=ORIGIN, opened=opened).finding
    assert found is not None
    assert (found.bad, found.at) == (Bad.RECORD_EDITED, index)
