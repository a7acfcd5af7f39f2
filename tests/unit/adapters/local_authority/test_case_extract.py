"""The case extract: who holds the case, who belongs to the child, and what stands on everything about it."""

from datetime import date
from typing import Any, TypeVar

import pytest

from adapters.kit.flags import FLAGS
from adapters.kit.records import GaveEvents, NativeRecord, Quarantined
from adapters.kit.snapshot import MemoryKept, ReadingSnapshot
from adapters.local_authority.case_extract import adapter
from contracts.events.local_authority import (
    AdultLinkRecorded,
    HouseholdLinkRecorded,
    RestrictionLifted,
    RestrictionRaised,
    WorkerAllocated,
    WorkerEnded,
)
from contracts.payload import Payload
from contracts.words import About, CheckResult, DataCategory, IdentifierKind, PersonRole, Restriction
from tests.support.case_generator import COLUMNS, case_files
from tests.support.native_results import Tally, a_reading, came_to

Cells = dict[str, str]
Event = TypeVar("Event", bound=Payload)

MIA: Cells = {
    "row": "child",
    "la_child_id": "WC100234",
    "nhs_number": "999 000 0018",
    "nhs_trace_status": "traced",
    "upn": "L999100120001",
    "forenames": "Mia",
    "surname": "Marsh",
    "birth_date": "14/05/2016",
    "sex": "F",
    "address_line_1": "14 Mill Lane",
    "postcode": "WR1 4QT",
    "restricted": "N",
}
WORKER: Cells = {
    "row": "worker",
    "la_child_id": "WC100234",
    "team": "csc-north",
    "team_name": "North Team",
    "worker": "Asha Bell",
    "phone": "01632 960201",
    "from": "20260203",
}
SIBLING: Cells = {"row": "household", "la_child_id": "WC100234", "other_child_id": "WC100235", "link": "sibling"}
DANA: Cells = {
    "row": "adult",
    "la_child_id": "WC100234",
    "adult_id": "WA200117",
    "adult_forenames": "Dana",
    "adult_surname": "Marsh",
    "relationship": "mother",
    "adult_birth_date": "1993-02-11",
    "parental_responsibility": "Y",
}
MARAC: Cells = {"row": "restriction", "la_child_id": "WC100234", "restriction": "marac", "from": "2026-01-05"}


def extract(*rows: Cells, end: bool = True, made: str = "") -> bytes:
    last = {"row": "end", "la_child_id": str(len(rows)), "from": made}
    written = (*rows, last) if end else rows
    lines = [",".join(COLUMNS), *(",".join(row.get(name, "") for name in COLUMNS) for row in written)]
    return ("\n".join(lines) + "\n").encode()


class Council:
    """A council whose last extract is remembered between readings."""

    def __init__(self) -> None:
        self.kept = MemoryKept()

    def read(self, content: bytes) -> list[NativeRecord]:
        snapshot = ReadingSnapshot(self.kept)
        records = list(adapter.read(content, a_reading(snapshot)))
        self.kept.keep(snapshot.proposals)
        return records

    def results(self, content: bytes) -> list[str]:
        return [came_to(record).result for record in self.read(content)]


def events(records: list[NativeRecord]) -> list[Any]:
    gave = (record.result for record in records if isinstance(record.result, GaveEvents))
    return [event.payload for result in gave for event in result.events]


def only(kind: type[Event], *rows: Cells) -> Event:
    (event,) = (event for event in events(Council().read(extract(*rows))) if isinstance(event, kind))
    return event


def test_five_hundred_made_up_extracts_come_to_exactly_what_their_maker_says() -> None:
    wanted, found = Tally(), Tally()
    files = case_files(500)
    for made in files:
        records = [came_to(record) for record in Council().read(made.content)]
        assert records == list(made.expected), made.faults
        wanted.add(made.expected)
        found.add(records)
    assert found == wanted
    assert set(found.flags) <= set(FLAGS)
    assert wanted.results["gave"] > 1000
    assert {fault for made in files for fault in made.faults} >= {
        "cut", "no end", "wrong count", "ragged", "cp1252", "number", "unborn", "adult", "no birth date", "no team",
        "no other child", "no child row", "odd trace", "odd sex",
    }  # fmt: skip


def test_an_extract_read_twice_tells_nothing_the_second_time() -> None:
    for made in case_files(60):
        council = Council()
        first = council.results(made.content)
        assert council.results(made.content) == ["unchanged" if result == "gave" else result for result in first]


def test_an_extract_that_was_made_before_the_last_one_tells_nothing() -> None:
    council = Council()
    council.read(extract(MIA, WORKER, SIBLING, made="2026-03-09T08:45:00Z"))
    older = council.read(extract(MIA, WORKER, made="2026-03-08T23:25:00Z"))
    assert {came_to(record).result for record in older} == {"nothing:older_than_last_extract"}
    newer = council.read(extract(MIA, WORKER, made="2026-03-09T09:00:00Z"))
    assert [type(event).__name__ for event in events(newer)] == ["HouseholdLinkRecorded"]


def test_an_extract_dated_in_the_future_does_not_silence_those_that_follow() -> None:
    council = Council()
    council.read(extract(MIA, WORKER, SIBLING, made="2062-03-09T08:45:00Z"))
    assert council.results(extract(MIA, WORKER, SIBLING, made="2026-03-09T09:00:00Z"))[-1] == "unchanged"


def test_a_worker_is_allocated_with_team_phone_and_day() -> None:
    event = only(WorkerAllocated, MIA, WORKER)
    assert (event.team.code, event.worker_name, event.worker_phone) == ("csc-north", "Asha Bell", "01632 960201")
    assert event.since == date(2026, 2, 3)


def test_a_traced_number_says_so_and_the_authoritys_own_id_goes_with_it() -> None:
    found = {identifier.kind: identifier.check for identifier in only(WorkerAllocated, MIA, WORKER).child.identifiers}
    assert found == {
        IdentifierKind.NHS_NUMBER: CheckResult.TRACED,
        IdentifierKind.UPN: CheckResult.PASSED,
        IdentifierKind.LA_CHILD_ID: CheckResult.NOT_CHECKED,
    }


def test_household_and_adult_links_say_who_and_how() -> None:
    link = only(HouseholdLinkRecorded, MIA, SIBLING)
    assert (link.other_child, link.link) == ("WC100235", "sibling")
    adult = only(AdultLinkRecorded, MIA, DANA)
    assert (adult.relationship, adult.has_parental_responsibility) == ("mother", True)
    (dana,) = adult.people
    assert (dana.role, dana.about, dana.birth_date) == (PersonRole.MOTHER, About.ADULT, date(1993, 2, 11))


def test_a_restriction_stands_on_every_event_about_the_child() -> None:
    worker = only(WorkerAllocated, MIA | {"restricted": "Y"}, WORKER, MARAC)
    assert worker.restrictions == (Restriction.RESTRICTED_ADDRESS, Restriction.MARAC)
    assert worker.address is not None
    assert worker.address.category is DataCategory.ID_RESTRICTED_ADDRESS


def test_a_restricted_address_is_raised_and_lifted_with_the_childs_row() -> None:
    council = Council()
    steps = [MIA, MIA | {"restricted": "Y"}, MIA | {"restricted": ""}, MIA | {"restricted": "N"}, MIA]
    results = [council.read(extract(step)) for step in steps]
    assert [came_to(records[0]).result for records in results] == [
        "nothing:child_details", "gave", "unchanged", "gave", "nothing:child_details",
    ]  # fmt: skip
    kinds = [type(event).__name__ for records in results for event in events(records)]
    assert kinds == ["RestrictionRaised", "RestrictionLifted"]


def test_a_worker_whose_row_gets_an_end_is_ended_once() -> None:
    council = Council()
    council.read(extract(MIA, WORKER))
    ended = extract(MIA, WORKER | {"to": "06/03/2026"})
    (event,) = events(council.read(ended))
    assert isinstance(event, WorkerEnded)
    assert event.ended_on == date(2026, 3, 6)
    assert council.results(ended) == ["nothing:child_details", "unchanged"]


def test_what_a_whole_extract_no_longer_holds_has_ended() -> None:
    council = Council()
    council.read(extract(MIA, WORKER, DANA))
    records = council.read(extract(MIA, DANA))
    assert [(record.position, came_to(record).result) for record in records] == [
        ("line 2", "nothing:child_details"),
        ("line 3", "unchanged"),
        ("absent 1", "gave"),
    ]
    (event,) = events(records)
    assert isinstance(event, WorkerEnded)
    assert event.quality_flags == ("row.gone",)
    assert council.results(extract(MIA, DANA)) == ["nothing:child_details", "unchanged"]


def test_nothing_ends_because_an_extract_is_not_whole() -> None:
    council = Council()
    council.read(extract(MIA, WORKER, DANA))
    assert council.results(extract(MIA, end=False)) == ["nothing:child_details", "quarantined:extract.no_end"]
    assert council.results(extract(MIA, WORKER, DANA)) == ["nothing:child_details", "unchanged", "unchanged"]


def test_a_restriction_never_falls_because_its_row_is_gone() -> None:
    council = Council()
    council.read(extract(MIA, MARAC))
    assert council.results(extract(MIA)) == ["nothing:child_details", "quarantined:restriction.gone"]
    assert council.results(extract(MIA)) == ["nothing:child_details"]
    (event,) = events(council.read(extract(MIA, MARAC | {"to": "2026-03-01"})))
    assert isinstance(event, RestrictionLifted)


def test_an_extract_that_loses_far_too_much_at_once_is_not_believed() -> None:
    council = Council()
    rows = [WORKER | {"la_child_id": f"WC{number}"} for number in range(30)]
    council.read(extract(*rows))
    assert council.results(extract(*rows[:10])) == ["unchanged"] * 10 + ["quarantined:extract.too_many_gone"]


def test_a_restriction_that_nobody_knows_guards_the_address() -> None:
    event = only(RestrictionRaised, MIA, MARAC | {"restriction": "CANARY refuge"})
    assert event.restriction is Restriction.RESTRICTED_ADDRESS
    assert "restriction.unknown" in event.quality_flags
    assert "CANARY" not in event.model_dump_json()


def test_an_unborn_child_has_its_expected_date_and_its_mother() -> None:
    unborn = MIA | {"birth_date": "", "expected_date": "2026-06-01", "forenames": ""}
    event = only(WorkerAllocated, unborn, WORKER, DANA)
    assert (event.child.birth_date, event.child.expected_date) == (None, date(2026, 6, 1))
    assert "birth_date.unknown" not in event.quality_flags
    assert [(person.role, person.surname) for person in event.people] == [(PersonRole.MOTHER, "Marsh")]


def test_one_id_on_two_children_is_about_neither() -> None:
    twin = MIA | {"forenames": "Theo", "birth_date": "03/09/2022"}
    assert Council().results(extract(MIA, twin, WORKER)) == ["quarantined:child.two_rows_differ"] * 3
    assert Council().results(extract(MIA, MIA, WORKER)) == ["nothing:child_details", "nothing:child_details", "gave"]


@pytest.mark.parametrize("written", ["2016-05-14", "14/05/2016", "20160514"])
def test_birth_dates_come_in_three_forms(written: str) -> None:
    assert only(WorkerAllocated, MIA | {"birth_date": written}, WORKER).child.birth_date == date(2016, 5, 14)


@pytest.mark.parametrize(
    "content, reasons",
    [
        (b"", ["quarantined:content.empty"]),
        (b"\x00\xff\x00\xfe" * 9, ["quarantined:content.encoding"]),
        (b"[" * 100_000, ["quarantined:content.wrong_format"]),
        (b"colour,size\nred,3\n", ["quarantined:content.wrong_format"]),
        (extract(WORKER | {"la_child_id": ""}), ["quarantined:content.no_child_id"]),
        (extract(MARAC | {"restriction": ""}), ["quarantined:restriction.not_named"]),
        (extract(DANA | {"adult_forenames": "", "adult_surname": ""}), ["quarantined:adult.no_name"]),
    ],
)
def test_what_cannot_be_read_is_quarantined_with_its_reason(content: bytes, reasons: list[str]) -> None:
    assert Council().results(content) == reasons


def test_nothing_of_a_record_stands_in_reasons_or_flags() -> None:
    names = [name for name in COLUMNS if name not in {"row", "la_child_id"}]
    canaries = {name: f"CANARY {name}" for name in names}
    rows = [{"row": kind, "la_child_id": "WC1"} | canaries for kind in ("child", "worker", "household", "adult")]
    for record in Council().read(extract(*rows, {"row": "CANARY", "la_child_id": "CANARY"})):
        assert "CANARY" not in " ".join([record.position, *record.flags])
        if isinstance(record.result, Quarantined):
            assert "CANARY" not in record.result.reason + record.result.remedy
