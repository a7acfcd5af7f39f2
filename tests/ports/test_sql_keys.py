"""The key store in SQLite keeps the port's promises."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from broker.core.store_errors import KeyDestroyedError, RootKeyError, StoreError
from broker.drivers.sql.keys import SqlKeys
from broker.ports.keys import Keys
from contracts.words import ChildId
from tests.ports.keys_cases import MIA, THEO, KeysCases

ROOT = b"the root key of a test, 32 bytes"


class TestSqlKeys(KeysCases):
    @pytest.fixture
    def keys(self, tmp_path: Path) -> Iterator[Keys]:
        keys = SqlKeys.in_file(tmp_path / "keys.db", ROOT)
        yield keys
        keys.close()


def bytes_of(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.iterdir()))


def wrapped_key(keys: SqlKeys) -> bytes:
    with keys._store.reading() as session:
        row = session._connection.exec_driver_sql("SELECT wrapped FROM child_keys WHERE child = 'mia'").one()
    return bytes(row[0])


def test_keys_outlive_the_process_that_made_them(tmp_path: Path) -> None:
    keys = SqlKeys.in_file(tmp_path / "keys.db", ROOT)
    keys.create([MIA])
    before = (keys.child_key(MIA), keys.secret("log"))
    keys.close()
    again = SqlKeys.in_file(tmp_path / "keys.db", ROOT)
    assert (again.child_key(MIA), again.secret("log")) == before
    again.close()


def test_another_root_key_opens_nothing(tmp_path: Path) -> None:
    SqlKeys.in_file(tmp_path / "keys.db", ROOT).close()
    for root, code in ((b"?" * 32, "keys.root_wrong"), (b"short", "keys.root_size")):
        with pytest.raises(RootKeyError) as refused:
            SqlKeys.in_file(tmp_path / "keys.db", root)
        assert refused.value.code == code


def test_no_key_stands_in_the_clear_in_any_file(tmp_path: Path) -> None:
    keys = SqlKeys.in_file(tmp_path / "keys.db", ROOT)
    keys.create([MIA, THEO])
    found = bytes_of(tmp_path)
    for key in (keys.child_key(MIA), keys.secret("log"), ROOT):
        assert key not in found
    assert wrapped_key(keys) in found
    keys.close()


def test_a_destroyed_key_is_in_no_file_any_more_not_even_wrapped(tmp_path: Path) -> None:
    keys = SqlKeys.in_file(tmp_path / "keys.db", ROOT)
    keys.create([MIA, THEO])
    wrapped = wrapped_key(keys)
    assert wrapped in bytes_of(tmp_path)
    keys.destroy([MIA])
    assert wrapped not in bytes_of(tmp_path)
    keys.close()


def test_while_somebody_reads_the_file_destroying_says_that_it_is_not_done(tmp_path: Path) -> None:
    keys = SqlKeys.in_file(tmp_path / "keys.db", ROOT, busy_seconds=0.1)
    keys.create([MIA])
    other = SqlKeys.in_file(tmp_path / "keys.db", ROOT)
    with other._store.reading() as session:
        session._connection.exec_driver_sql("SELECT * FROM child_keys").all()
        with pytest.raises(StoreError) as refused:
            keys.destroy([MIA])
        assert refused.value.code == "store.not_erased"
        with pytest.raises(KeyDestroyedError):
            keys.child_key(MIA)
    keys.destroy([MIA])
    keys.close()
    other.close()


def test_keys_made_for_a_commit_that_never_came_are_found(tmp_path: Path) -> None:
    keys = SqlKeys.in_file(tmp_path / "keys.db", ROOT)
    keys.create([MIA, THEO])
    assert keys.orphans([THEO]) == [MIA]
    assert keys.count() == 2
    keys.close()


def epochs_of(keys: SqlKeys) -> list[tuple[int, bytes]]:
    with keys._store.reading() as session:
        return [tuple(row) for row in session._connection.exec_driver_sql("SELECT epoch, wrapped FROM epochs").all()]


def test_destroying_begins_a_new_epoch_under_which_everything_else_still_opens(tmp_path: Path) -> None:
    keys = SqlKeys.in_file(tmp_path / "keys.db", ROOT)
    keys.create([MIA, THEO])
    before = (keys.child_key(THEO), keys.secret("log"))
    with keys._store.reading() as session:
        old = [bytes(row[0]) for row in session._connection.exec_driver_sql("SELECT wrapped FROM child_keys").all()]
    ((first, old_epoch),) = epochs_of(keys)

    keys.destroy([MIA])

    ((second, new_epoch),) = epochs_of(keys)
    assert second == first + 1
    assert new_epoch != old_epoch
    left = bytes_of(tmp_path)
    assert not [each for each in (*old, old_epoch) if each in left]
    assert (keys.child_key(THEO), keys.secret("log")) == before
    keys.close()
    again = SqlKeys.in_file(tmp_path / "keys.db", ROOT)
    assert (again.child_key(THEO), again.secret("log")) == before
    again.close()


def test_another_process_notices_and_goes_on_under_the_new_epoch(tmp_path: Path) -> None:
    keys, other = (SqlKeys.in_file(tmp_path / "keys.db", ROOT) for _ in range(2))
    keys.create([MIA, THEO])
    mia, theo = other.child_key(MIA), other.child_key(THEO)
    keys.destroy([MIA])
    assert other.child_key(MIA) == mia, "remembered until it looks"

    other.notice_erasures()

    with pytest.raises(KeyDestroyedError):
        other.child_key(MIA)
    assert other.child_key(THEO) == theo
    keys.destroy([])
    new = ChildId("new")
    other.create([new])
    assert keys.child_key(new) == other.child_key(new)
    assert keys.secret("late") == other.secret("late")
    keys.close()
    other.close()


def test_a_key_wrapped_anew_by_another_process_opens_without_being_told(tmp_path: Path) -> None:
    keys, other = (SqlKeys.in_file(tmp_path / "keys.db", ROOT) for _ in range(2))
    keys.create([THEO])
    keys.destroy([])
    assert other.child_key(THEO) == keys.child_key(THEO)
    keys.close()
    other.close()


NEW_ROOT = b"another root key, of 32 bytes   "


def test_a_new_root_key_opens_everything_and_the_old_one_nothing_not_even_what_is_left_in_the_files(
    tmp_path: Path,
) -> None:
    keys = SqlKeys.in_file(tmp_path / "keys.db", ROOT)
    keys.create([MIA, THEO])
    before = (keys.child_key(MIA), keys.secret("log"))
    ((_, old_epoch),) = epochs_of(keys)
    old = wrapped_key(keys)
    keys.renew_root(NEW_ROOT)
    assert keys.can_forget()
    assert (keys.child_key(MIA), keys.secret("log")) == before
    keys.close()
    assert not [each for each in (old, old_epoch) if each in bytes_of(tmp_path)]
    again = SqlKeys.in_file(tmp_path / "keys.db", NEW_ROOT)
    assert (again.child_key(MIA), again.secret("log")) == before
    again.close()
    with pytest.raises(RootKeyError) as refused:
        SqlKeys.in_file(tmp_path / "keys.db", ROOT)
    assert refused.value.code == "keys.root_wrong"


def test_whoever_has_it_open_by_the_old_root_key_opens_nothing_more_and_writes_nothing(tmp_path: Path) -> None:
    keys, other = (SqlKeys.in_file(tmp_path / "keys.db", ROOT) for _ in range(2))
    keys.create([MIA, THEO])
    other.child_key(MIA)
    keys.renew_root(NEW_ROOT)
    for act in (other.notice_erasures, lambda: other.child_key(THEO), lambda: other.create([ChildId("new")])):
        with pytest.raises(RootKeyError) as refused:
            act()
        assert refused.value.code == "keys.root_wrong"
    assert keys.count() == 2
    keys.close()
    other.close()


def test_a_new_root_key_of_another_size_changes_nothing(tmp_path: Path) -> None:
    keys = SqlKeys.in_file(tmp_path / "keys.db", ROOT)
    with pytest.raises(RootKeyError) as refused:
        keys.renew_root(b"short")
    assert refused.value.code == "keys.root_size"
    keys.close()
    SqlKeys.in_file(tmp_path / "keys.db", ROOT).close()
