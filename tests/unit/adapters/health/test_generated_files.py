"""Five hundred made-up trust files: what is read, flagged, left out and refused is exactly what their maker says."""

from collections import Counter

from adapters.health.hl7_adt import adapter
from adapters.kit.records import NativeRecord
from adapters.kit.summary import summarise
from tests.support.hl7_generator import hl7_files
from tests.support.native_counters import hl7_messages
from tests.support.native_results import Tally, a_reading, came_to


def read(content: bytes) -> list[NativeRecord]:
    return list(adapter.read(content, a_reading()))


def test_five_hundred_made_up_files_come_to_exactly_what_their_maker_says() -> None:
    files = hl7_files(500)
    wanted, found = Tally(), Tally()
    for made in files:
        records = read(made.content)
        assert [came_to(record) for record in records] == list(made.expected), made.faults
        wanted.add(made.expected)
        found.add(came_to(record) for record in records)
    assert found == wanted
    assert wanted.results["gave"] > 500
    assert set(wanted.events) == {
        "emergency_attendance.recorded",
        "demographics.changed",
        "gp_registration.changed",
        "death.notified",
        "death.retracted",
    }
    faults = Counter(fault for made in files for fault in made.faults)
    assert set(faults) >= {
        "no id", "clocks change", "two triggers", "no visit number", "crlf", "lf", "batch", "no trailer", "framed",
        "doubled", "bom", "cut", "encoding.cp1252", "encoding.utf16",
    }  # fmt: skip


def test_every_message_of_every_made_up_file_is_accounted_for() -> None:
    for made in hl7_files(500):
        summary = summarise(adapter.kind, read(made.content))
        summary.check()
        assert summary.records == hl7_messages(made.content)


def test_reading_the_same_file_again_gives_the_same_events() -> None:
    for made in hl7_files(60):
        assert read(made.content) == read(made.content)
