"""Files that were damaged on the way: no adapter raises, and every record it yields has one result."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.kit.limits import LARGEST_FILE
from adapters.kit.records import Adapter, GaveEvents, NativeRecord, Quarantined
from adapters.local_authority import case_extract
from adapters.police import notices
from adapters.schools import mis, roll
from contracts.reading import read_payload, write_payload
from tests.support.case_generator import case_files
from tests.support.mis_generator import mis_files
from tests.support.native_results import MadeFile, a_reading
from tests.support.police_generator import police_files
from tests.support.roll_generator import roll_files

MADE: dict[str, tuple[Adapter, list[MadeFile]]] = {
    "mis": (mis.adapter, mis_files(40, seed=11)),
    "roll": (roll.adapter, roll_files(40, seed=12)),
    "notices": (notices.adapter, police_files(40, seed=13)),
    "case_extract": (case_extract.adapter, case_files(40, seed=14)),
}
FORMATS = pytest.mark.parametrize("name", sorted(MADE))


def damaged(content: bytes, rng: Random) -> bytes:
    """Cut, overwrite, repeat or drop a stretch of the file."""
    out = bytearray(content)
    for _ in range(rng.randrange(1, 4)):
        at = rng.randrange(len(out) + 1)
        end = min(len(out), at + rng.randrange(1, 20))
        match rng.randrange(4):
            case 0:
                del out[at:]
            case 1:
                out[at:end] = bytes(rng.randrange(256) for _ in range(end - at))
            case 2:
                out[at:at] = out[at:end]
            case _:
                del out[at:end]
    return bytes(out)


def check(records: list[NativeRecord]) -> None:
    for record in records:
        assert record.position
        match record.result:
            case Quarantined(reason, remedy, _):
                assert reason
                assert remedy
            case GaveEvents(events):
                assert events
                for event in events:
                    event_type = getattr(event.payload, "event_type", "")
                    assert read_payload(event_type, write_payload(event.payload)) == event.payload
                    assert event.native_key
                    assert event.native_version
                    assert event.child_ref
            case _:
                pass


@FORMATS
@settings(max_examples=60)
@given(seed=st.integers(0, 2**32))
def test_a_damaged_file_is_read_as_far_as_it_goes(name: str, seed: int) -> None:
    adapter, files = MADE[name]
    rng = Random(seed)
    check(list(adapter.read(damaged(rng.choice(files).content, rng), a_reading())))


@FORMATS
@given(content=st.binary(max_size=200))
def test_any_bytes_at_all_are_read_without_raising(name: str, content: bytes) -> None:
    adapter, _ = MADE[name]
    check(list(adapter.read(content, a_reading())))


@FORMATS
def test_a_file_larger_than_any_real_one_is_refused_unread(name: str) -> None:
    adapter, _ = MADE[name]
    (record,) = adapter.read(bytes(LARGEST_FILE + 1), a_reading())
    assert isinstance(record.result, Quarantined)
    assert record.result.reason == "content.too_large"


@FORMATS
def test_a_whole_files_events_keep_to_the_published_language(name: str) -> None:
    adapter, files = MADE[name]
    for made in files:
        check(list(adapter.read(made.content, a_reading())))
