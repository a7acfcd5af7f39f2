"""SQLite as the journal uses it: every connection set up, nothing lost, nothing half done, nothing in the clear."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import MetaData, select

from broker.core.outcome import Outcome
from broker.core.store_errors import StoreError
from broker.drivers.sql import schema
from broker.drivers.sql.journal import SqlJournal
from broker.drivers.sql.prepared import Prepared
from broker.drivers.sql.sqlite import open_sqlite
from contracts.words import ChildId
from tests.support.outcomes import Told, a_fact, a_new_child
from tests.support.tree import TOP

WRITER = """
import sys
from pathlib import Path
from broker.drivers.sql.journal import SqlJournal
from contracts.words import ChildId
from tests.support.outcomes import Told
journal = SqlJournal.in_file(Path(sys.argv[1]))
first, last = int(sys.argv[2]), int(sys.argv[3])
print("ready", flush=True)
for number in range(first, last):
    journal.commit(Told(number, child=ChildId(f"child {number}")).outcome(is_new=True))
    print(number, flush=True)
journal.close()
"""
PER_EVENT = {"children": 1, "decisions": 4, "records": 4, "deliveries": 2, "replies_pending": 1}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


@pytest.fixture
def journal(place: Path) -> Iterator[SqlJournal]:
    journal = SqlJournal.in_file(place, busy_seconds=1)
    yield journal
    journal.close()


def writer(place: Path, first: int, last: int) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": str(TOP)}
    command = [sys.executable, "-c", WRITER, str(place), str(first), str(last)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)


def store_until_full(journal: SqlJournal) -> None:
    for number in range(1, 1000):
        journal.commit(Told(number, child=ChildId(f"child {number}")).outcome(is_new=True))


def check_whole(journal: SqlJournal, events: int) -> None:
    counts = journal.counts()
    assert counts.get("events_accepted", 0) == events
    assert {name: counts[name] for name in PER_EVENT} == {name: each * events for name, each in PER_EVENT.items()}


def test_every_connection_is_durable_and_checks_foreign_keys(journal: SqlJournal) -> None:
    wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 1000}
    connections = [journal._store.engine.connect() for _ in range(20)]
    for connection in connections:
        found = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in wanted}
        assert found == wanted
    for connection in connections:
        connection.close()


def test_only_the_owner_may_read_the_files(journal: SqlJournal, place: Path) -> None:
    journal.commit(Told().outcome(is_new=True))
    files = sorted(place.parent.iterdir())
    assert len(files) == 3
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}


def test_a_store_of_a_newer_version_is_refused_and_left_as_it_is(place: Path) -> None:
    open_sqlite(place, MetaData(), revision="9999").close()
    before = place.read_bytes()
    with pytest.raises(StoreError) as refused:
        SqlJournal.in_file(place)
    assert refused.value.code == "store.newer"
    assert place.read_bytes() == before


def test_a_file_that_is_no_store_is_refused(place: Path) -> None:
    place.write_bytes(b"a letter to the council" * 100)
    with pytest.raises(StoreError) as refused:
        SqlJournal.in_file(place)
    assert refused.value.code == "store.not_ours"


def test_a_full_store_refuses_whole_outcomes_and_takes_them_once_there_is_room(place: Path) -> None:
    journal = SqlJournal.in_file(place, max_pages=120)
    with pytest.raises(StoreError) as refused:
        store_until_full(journal)
    stored = journal.counts()["events_accepted"]
    assert refused.value.code == "store.full"
    assert stored > 3
    check_whole(journal, stored)
    journal.close()
    roomy = SqlJournal.in_file(place)
    roomy.commit(Told(stored + 1, child=ChildId("one more")).outcome(is_new=True))
    check_whole(roomy, stored + 1)
    roomy.close()


@pytest.mark.parametrize("after", [0, 3, 11])
def test_a_killed_writer_leaves_every_acknowledged_outcome_and_no_part_of_another(place: Path, after: int) -> None:
    process = writer(place, 1, 100_000)
    assert process.stdout is not None
    acknowledged = 0
    for line in process.stdout:
        acknowledged = 0 if line.startswith("ready") else int(line)
        if acknowledged >= after:
            break
    process.send_signal(signal.SIGKILL)
    rest = process.stdout.read().split()
    process.wait()
    process.stdout.close()
    acknowledged = int(rest[-1]) if rest else acknowledged
    journal = SqlJournal.in_file(place)
    events = journal.counts().get("events_accepted", 0)
    assert acknowledged <= events <= acknowledged + 1
    check_whole(journal, events)
    journal.close()


def test_two_processes_write_one_home_without_losing_or_mixing_anything(place: Path) -> None:
    SqlJournal.in_file(place).close()
    writers = [writer(place, 1, 40), writer(place, 1000, 1039)]
    for process in writers:
        output, _ = process.communicate(timeout=60)
        assert process.returncode == 0
        assert len(output.split()) == 40
    journal = SqlJournal.in_file(place)
    check_whole(journal, 78)
    journal.close()


def test_a_writer_that_waits_too_long_says_so(journal: SqlJournal, place: Path) -> None:
    other = SqlJournal.in_file(place, busy_seconds=0.05)
    with journal.transaction():
        journal.commit(Told(1).outcome(is_new=True))
        with pytest.raises(StoreError) as refused:
            other.commit(Outcome(identity=a_new_child(ChildId("theo"))))
    assert refused.value.code == "store.busy"
    check_whole(other, 1)
    other.close()


def test_threads_take_turns_and_do_not_see_what_is_not_durable(journal: SqlJournal) -> None:
    seen = []
    inside, looked = threading.Event(), threading.Event()

    def look() -> None:
        inside.wait()
        seen.append(journal.counts().get("events_accepted", 0))
        looked.set()

    thread = threading.Thread(target=look)
    thread.start()
    with journal.transaction():
        journal.commit(Told(1).outcome(is_new=True))
        inside.set()
        looked.wait()
    thread.join()
    assert seen == [0]
    check_whole(journal, 1)


def test_what_is_sealed_is_the_only_place_for_what_is_personal(journal: SqlJournal) -> None:
    """Values that only sealed columns may hold are planted; every other column must not show them."""
    told = Told()
    canary = b"Mia Marsh"
    fact = replace(a_fact(), sealed=canary)
    event = told.event(sealed=canary)
    deliveries = tuple(replace(each, sealed=canary) for each in told.outcome().deliveries)
    journal.commit(told.outcome(is_new=True, facts=(fact,), event=event, deliveries=deliveries, asked=canary))
    with journal._store.reading() as session:
        for table in schema.metadata.sorted_tables:
            shown = select(*(column for column in table.columns if not column.name.startswith("sealed")))
            rows = session.rows(Prepared(shown))
            assert canary not in repr(rows).encode()
