"""The demonstration's native files: each one is read by its adapter, and comes to what the story says."""

from collections import Counter, defaultdict
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest
import yaml

from adapters.health import hl7_adt
from adapters.kit import contract_json
from adapters.kit.records import Adapter, GaveEvents, NativeRecord, Reading
from adapters.kit.snapshot import MemoryKept, ReadingSnapshot
from adapters.local_authority import case_extract, cin
from adapters.police import notices
from adapters.schools import mis, roll
from contracts.events.health import EmergencyAttendanceRecorded
from contracts.events.police import DomesticIncidentNotified
from contracts.events.school import SchoolConcernRecorded
from contracts.payload import Payload
from contracts.words import CheckResult
from tests.support.native_results import came_to
from tests.support.tree import TOP

WEEKEND = TOP / "broker/demo/weekend"
ADAPTERS: dict[str, Adapter] = {
    one.kind: one
    for one in (
        case_extract.adapter,
        cin.adapter,
        contract_json.adapter,
        hl7_adt.adapter,
        mis.adapter,
        notices.adapter,
        roll.adapter,
    )
}
COMES_TO: dict[str, dict[str, int]] = {
    "0a_council_census.xml": {"referral.received": 2, "protection_plan.started": 2},
    "0b_community_health_registrations.hl7": {"gp_registration.changed": 2},
    "0c_school_roll.csv": {"pupil.enrolled": 3},
    "0d_nursery_roll.csv": {"pupil.enrolled": 1},
    "0e_council_case_extract.csv": {
        "nothing:child_details": 2,
        "worker.allocated": 2,
        "household_link.recorded": 2,
        "adult_link.recorded": 4,
    },
    "1_school_concern.json": {"concern.recorded": 1},
    "2_hospital_attendance.hl7": {"emergency_attendance.recorded": 1},
    "3_hospital_attendance_again.hl7": {"emergency_attendance.recorded": 1},
    "4_police_notice.json": {"domestic_incident.notified": 2},
    "4b_council_section_47.csv": {"nothing:child_details": 2, "unchanged": 8, "section_47.started": 2},
    "5_community_health_changes.hl7": {"demographics.changed": 2, "gp_registration.changed": 2},
    "6_school_roll_cut_short.csv": {"unchanged": 2, "pupil.enrolled": 1, "quarantined:content.truncated": 1},
    "7_hospital_doubtful_child.hl7": {"emergency_attendance.recorded": 1},
    "8_vendor_request.json": {"information.requested": 1},
    "9_neighbouring_hospital_attendance.hl7": {"emergency_attendance.recorded": 1},
    "10_council_restriction.csv": {"unchanged": 10, "restriction.raised": 2},
    "11_police_correction.json": {"domestic_incident.notified": 1},
}
SCHOOLS = {"ashdown-primary": "999001", "acorn-nursery": "999002"}

Step = dict[str, Any]


@pytest.fixture(scope="module")
def steps() -> list[Step]:
    schedule = yaml.safe_load((WEEKEND / "schedule.yaml").read_text())
    return [step for step in (*schedule["scene"], *schedule["weekend"]) if "file" in step]


@pytest.fixture(scope="module")
def read(steps: list[Step]) -> dict[str, list[NativeRecord]]:
    """Every file read in turn, each feed remembering what it said before."""
    feeds: defaultdict[tuple[str, str], MemoryKept] = defaultdict(MemoryKept)
    found = {}
    for step in steps:
        snapshot = ReadingSnapshot(feeds[step["agency"], step["kind"]])
        observed = datetime.fromisoformat(step["at"]).replace(tzinfo=UTC)
        urn = SCHOOLS.get(step["agency"])
        reading = Reading(step["agency"], step["file"], observed, snapshot, {"establishment_urn": urn} if urn else {})
        found[step["file"]] = list(ADAPTERS[step["kind"]].read((WEEKEND / step["file"]).read_bytes(), reading))
        feeds[step["agency"], step["kind"]].keep(snapshot.proposals)
    return found


def payloads(records: list[NativeRecord]) -> list[Payload]:
    gave = (record.result for record in records if isinstance(record.result, GaveEvents))
    return [event.payload for result in gave for event in result.events if isinstance(event.payload, Payload)]


def test_every_file_stands_in_the_schedule_once_and_in_order(steps: list[Step]) -> None:
    named = [step["file"] for step in steps]
    assert sorted(named) == sorted(
        place.name for place in WEEKEND.iterdir() if place.name not in {"README.md", "schedule.yaml", "__init__.py"}
    )
    assert all(before["at"] < after["at"] for before, after in pairwise(steps))
    assert all(step["caption"] for step in steps)


def test_every_file_comes_to_what_the_story_says(read: dict[str, list[NativeRecord]]) -> None:
    for name, records in read.items():
        found: Counter[str] = Counter()
        for record in records:
            said = came_to(record)
            found.update([event for event, _, _ in said.events] or [said.result])
        assert found == COMES_TO[name], name


def test_every_child_told_of_is_one_of_ours(read: dict[str, list[NativeRecord]]) -> None:
    born = {payload.child.birth_date.isoformat() for records in read.values() for payload in payloads(records)
            if payload.child.birth_date}  # fmt: skip
    assert {"2016-05-14", "2022-09-03"} <= born
    numbers = {
        (identifier.value, identifier.check)
        for records in read.values()
        for payload in payloads(records)
        for identifier in payload.child.identifiers
        if identifier.kind == "nhs_number"
    }
    assert {value[:3] for value, _ in numbers} == {"999"}
    assert {value for value, check in numbers if check is CheckResult.FAILED} == {"9990000019"}


def test_the_same_attendance_sent_twice_is_one_event(read: dict[str, list[NativeRecord]]) -> None:
    ids: set[tuple[str, str, str]] = set()
    for name in ("2_hospital_attendance.hl7", "3_hospital_attendance_again.hl7"):
        for record in read[name]:
            assert isinstance(record.result, GaveEvents)
            ids.update((one.native_key, one.native_version, one.child_ref) for one in record.result.events)
    assert len(ids) == 1
    (attendance,) = payloads(read["2_hospital_attendance.hl7"])
    assert isinstance(attendance, EmergencyAttendanceRecorded)
    assert attendance.is_injury
    assert attendance.left_before_seen


def test_the_schools_own_text_and_the_friends_words_are_not_in_the_concern(read: dict[str, list[NativeRecord]]) -> None:
    (concern,) = payloads(read["1_school_concern.json"])
    assert isinstance(concern, SchoolConcernRecorded)
    assert "sleeps in her clothes" not in concern.model_dump_json()
    assert "claims.consent_believed_needed" in concern.quality_flags


def test_the_notice_is_red_and_names_the_neighbour_as_informant_only(read: dict[str, list[NativeRecord]]) -> None:
    for incident in payloads(read["4_police_notice.json"]):
        assert isinstance(incident, DomesticIncidentNotified)
        assert incident.grade is not None
        assert incident.grade.value == "red"
        assert incident.both_parties_16_or_over is True
        assert [person.category for person in incident.people if person.surname == "Orme"] == ["informant"]


def test_the_new_address_is_new_and_nothing_says_that_it_is_guarded(read: dict[str, list[NativeRecord]]) -> None:
    moved = [payload for payload in payloads(read["5_community_health_changes.hl7"]) if payload.address]
    assert {payload.address.postcode for payload in moved if payload.address} == {"WR9 8AB"}
    assert {payload.restrictions for payload in moved} == {()}
    assert any(payload.address.is_new for payload in moved if payload.address)


def test_the_readme_lists_every_file_with_its_agency_and_its_time(steps: list[Step]) -> None:
    readme = (WEEKEND / "README.md").read_text()
    listed = [line for line in readme.splitlines() if line.startswith("| `")]
    assert [line.split(" | ")[:3] for line in listed] == [
        [f"| `{step['file']}`", step["agency"], step["at"]] for step in steps
    ]
