"""Every fixture of the formats is read, every native record in it accounted for, and what it comes to is reviewed."""

from collections.abc import Callable

import pytest

from adapters.kit.run import FileReading, read_file
from tests.support.native_counters import cin_children, csv_rows, hl7_messages
from tests.support.native_results import a_reading
from tests.support.native_snapshots import FIXTURES, kept, taken
from tests.support.shared_material import shared, shared_files

COUNTERS: dict[str, Callable[[bytes], int]] = {
    "health_hl7": hl7_messages,
    "local_authority_cin": cin_children,
    "schools_roll": csv_rows,
}
FORMATS = pytest.mark.parametrize("name", sorted(FIXTURES))


@FORMATS
def test_every_fixture_comes_to_what_was_reviewed(name: str) -> None:
    shared(FIXTURES[name][1])
    assert taken(name) == kept(name)


@FORMATS
def test_every_native_record_of_every_fixture_is_accounted_for(name: str) -> None:
    adapter, folder, pattern = FIXTURES[name]
    shared(folder)
    places = shared_files(folder, pattern)
    assert places
    for place in places:
        content = place.read_bytes()
        summary = read_file(adapter, content, a_reading()).summary
        assert summary.accounted_for == summary.records == COUNTERS[name](content), place.name


@FORMATS
def test_reading_a_fixture_again_after_it_was_kept_tells_nothing_new(name: str) -> None:
    adapter, folder, pattern = FIXTURES[name]
    shared(folder)
    for place in shared_files(folder, pattern):
        reading = a_reading()
        first, again = (_ids(read_file(adapter, place.read_bytes(), reading)) for _ in range(2))
        assert again <= first


def _ids(read: FileReading) -> set[tuple[str, str]]:
    return {(event.native_key, event.native_version) for event in read.events}
