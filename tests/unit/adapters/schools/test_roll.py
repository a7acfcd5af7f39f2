"""The roll: who entered and who left, from the census's own tables and from a nursery's list."""

import csv
from collections import Counter
from datetime import date, datetime
from pathlib import Path

import pytest

from adapters.kit.flags import FLAGS
from adapters.kit.records import GaveEvents, NativeRecord, Quarantined
from adapters.kit.snapshot import MemoryKept, ReadingSnapshot
from adapters.schools.roll import adapter
from contracts.events.school import PupilEnrolled, PupilLeft
from contracts.words import CheckResult
from tests.support.native_results import Expected, Tally, a_reading, came_to
from tests.support.roll_generator import roll_files
from tests.support.shared_material import shared, shared_files

ASHDOWN = {"establishment_urn": "999001", "establishment_name": "Ashdown Primary"}
HEADER = "upn,surname,forename,dob,sex,entrydate,leavingdate,ncyearactual\n"
MIA = "L999100120001,Marsh,Mia,2016-May-14 00:00:00,F,2020-Sep-07 00:00:00,,4\n"
ELLIE = "A999100120002,Byrne,Ellie,02/08/2016,F,07/09/2020,,4\n"
FIRST_LINES = {
    "2024_autumn_pupilnolongeronroll.csv": ("pupil.left", "SUR9125", date(2012, 1, 21)),
    "2025_spring_pupilnolongeronroll.csv": ("pupil.left", "SUR3858", date(2020, 4, 19)),
    "2025_spring_pupilonroll.csv": ("pupil.enrolled", "SUR6864", date(2020, 4, 25)),
}


class School:
    """A school whose last roll is remembered between readings."""

    def __init__(self) -> None:
        self.kept = MemoryKept()

    def read(self, text: str | bytes, *, keep: bool = True) -> list[NativeRecord]:
        snapshot = ReadingSnapshot(self.kept)
        content = text.encode() if isinstance(text, str) else text
        records = list(adapter.read(content, a_reading(snapshot, ASHDOWN)))
        if keep:
            self.kept.keep(snapshot.proposals)
        return records

    def results(self, text: str) -> list[str]:
        return [came_to(record).result for record in self.read(text)]


def events(records: list[NativeRecord]) -> list[PupilEnrolled | PupilLeft]:
    found = [
        event.payload for record in records if isinstance(record.result, GaveEvents) for event in record.result.events
    ]
    return [event for event in found if isinstance(event, PupilEnrolled | PupilLeft)]


def test_five_hundred_made_up_rolls_come_to_exactly_what_their_maker_says() -> None:
    wanted, found = Tally(), Tally()
    files = roll_files(500)
    for made in files:
        records = [came_to(record) for record in School().read(made.content)]
        assert records == list(made.expected), made.faults
        wanted.add(made.expected)
        found.add(records)
    assert found == wanted
    assert set(found.flags) <= set(FLAGS)
    assert wanted.results["gave"] > 1000
    assert {fault for made in files for fault in made.faults} >= {
        "cut", "ragged", "byte order mark", "wrong check letter", "no birth date", "no entry date",
        "left before entering",
    }  # fmt: skip


def test_a_roll_read_twice_tells_nothing_the_second_time() -> None:
    for made in roll_files(40):
        school = School()
        first = [came_to(record).result for record in school.read(made.content)]
        second = [came_to(record).result for record in school.read(made.content)]
        assert second == ["unchanged" if result == "gave" else result for result in first]


def test_reading_alone_changes_nothing() -> None:
    school = School()
    once = school.read(HEADER + MIA, keep=False)
    again = school.read(HEADER + MIA, keep=False)
    assert [record.result for record in once] == [record.result for record in again]


def test_an_entry_has_the_schools_urn_the_day_and_the_year_group() -> None:
    (event,) = events(School().read(HEADER + MIA))
    assert isinstance(event, PupilEnrolled)
    assert event.establishment.model_dump() == {"scheme": "urn", "code": "999001", "name": "Ashdown Primary"}
    assert (event.since, event.year_group) == (date(2020, 9, 7), "4")
    assert event.child.identifiers[0].check is CheckResult.PASSED


def test_a_leaving_date_is_a_leaving() -> None:
    school = School()
    school.read(HEADER + MIA + ELLIE)
    left = school.read(HEADER + MIA + ELLIE.replace(",,4", ",06/03/2026,4"))
    assert [came_to(record).result for record in left] == ["unchanged", "gave"]
    (event,) = events(left)
    assert isinstance(event, PupilLeft)
    assert event.left_on == date(2026, 3, 6)


def test_a_leaving_date_still_to_come_leaves_the_child_on_the_roll() -> None:
    (event,) = events(School().read(HEADER + MIA.replace(",,4", ",2026-07-20,4")))
    assert isinstance(event, PupilEnrolled)


def test_who_is_no_longer_in_a_whole_roll_has_left() -> None:
    school = School()
    school.read(HEADER + MIA + ELLIE)
    records = school.read(HEADER + MIA)
    assert [(record.position, came_to(record).result) for record in records] == [
        ("line 2", "unchanged"),
        ("absent 1", "gave"),
    ]
    (event,) = events(records)
    assert isinstance(event, PupilLeft)
    assert (event.child.forenames, event.left_on) == ("Ellie", date(2026, 3, 9))
    assert event.quality_flags == ("pupil.gone_from_roll",)
    assert school.results(HEADER + MIA) == ["unchanged"]


def test_a_roll_of_an_earlier_day_tells_nothing_and_takes_nobody_off() -> None:
    header = HEADER.replace("\n", ",as_at\n")
    school = School()
    school.read(header + _as_at(MIA, "09/03/2026") + _as_at(ELLIE, "09/03/2026"))
    assert school.results(header + _as_at(MIA, "23/02/2026")) == ["nothing:older_than_last_roll"]
    assert school.results(header + _as_at(MIA, "09/03/2026") + _as_at(ELLIE, "09/03/2026")) == ["unchanged"] * 2


def _as_at(row: str, day: str) -> str:
    return row.rstrip("\n") + f",{day}\n"


def test_who_comes_back_is_told_again_under_another_revision() -> None:
    school = School()
    ids = []
    for text in (HEADER + MIA + ELLIE, HEADER + MIA, HEADER + MIA + ELLIE):
        for record in school.read(text):
            if isinstance(record.result, GaveEvents):
                event = record.result.events[0]
                ids.append((type(event.payload), event.native_key, event.native_version, event.child_ref))
    assert [kind.__name__ for kind, *_ in ids] == ["PupilEnrolled", "PupilEnrolled", "PupilLeft", "PupilEnrolled"]
    assert len(set(ids)) == len(ids)


def test_nobody_is_gone_because_a_file_was_cut() -> None:
    school = School()
    school.read(HEADER + MIA + ELLIE)
    assert school.results(HEADER + MIA + ELLIE[:20]) == ["unchanged", "quarantined:content.truncated"]


def test_a_roll_that_loses_far_too_many_at_once_is_not_believed() -> None:
    school = School()
    many = [f"{number},Fenn,Kit,01/02/2016,M,07/09/2020,,4\n" for number in range(40)]
    school.read(HEADER.replace("upn", "pupil_id") + "".join(many))
    results = Counter(school.results(HEADER.replace("upn", "pupil_id") + "".join(many[:20])))
    assert results == {"unchanged": 20, "quarantined:roll.too_many_gone": 1}


def test_a_corrected_entry_date_is_not_a_leaving() -> None:
    school = School()
    school.read(HEADER + MIA)
    records = school.read(HEADER + MIA.replace("2020-Sep-07", "2020-Sep-14"))
    assert [type(event) for event in events(records)] == [PupilEnrolled]


def test_a_nursery_needs_no_upn() -> None:
    text = "Child ID,First name,Last name,Date of birth,Sex,Start date\nN17,Theo,Marsh,03/09/2022,M,04/09/2025\n"
    (record,) = School().read(text)
    assert came_to(record) == Expected(
        "gave", (("pupil.enrolled", "Marsh", date(2022, 9, 3)),), frozenset({"identifier.missing"})
    )
    assert isinstance(record.result, GaveEvents)
    assert record.result.events[0].child_ref == "local/N17"


def grown_up(place: Path) -> int:
    """Count who is 18 by the day of leaving, or today, without the adapter's help."""
    with place.open(newline="") as rows:
        return sum(
            is_eighteen(row["dob"], row.get("leavingdate") or "2026-Mar-09 00:00:00") for row in csv.DictReader(rows)
        )


def is_eighteen(born: str, on: str) -> bool:
    birth, day = (datetime.strptime(text, "%Y-%b-%d %H:%M:%S") for text in (born, on))  # noqa: DTZ007 - days
    return (day.year - 18, day.month, day.day) >= (birth.year, birth.month, birth.day)


@pytest.mark.parametrize("place", shared_files("fixtures/schools", "*roll.csv"), ids=lambda place: place.name)
def test_every_row_of_the_census_tables_is_accounted_for(place: Path) -> None:
    shared("fixtures/schools")
    records = School().read(place.read_bytes())
    rows = sum(1 for line in place.read_bytes().split(b"\n") if line.strip()) - 1
    assert len(records) == rows
    results = Counter(came_to(record).result for record in records)
    if place.name in FIRST_LINES:
        grown = grown_up(place)
        assert results == {"gave": rows - grown} | ({"nothing:adult": grown} if grown else {})
        first = came_to(records[0])
        assert first.events == (FIRST_LINES[place.name],)
        assert "identifier.upn.failed" in first.flags
    else:
        assert results == {"nothing:census_table_not_used": rows}


def test_a_census_roll_read_twice_is_unchanged() -> None:
    content = shared("fixtures/schools/2024_autumn_pupilnolongeronroll.csv").read_bytes()
    school = School()
    school.read(content)
    assert {came_to(record).result for record in school.read(content)} == {"unchanged"}


def test_a_rows_own_school_stands_where_the_table_names_one() -> None:
    content = shared("fixtures/schools/2025_spring_pupilonroll.csv").read_bytes()
    places = Counter(event.establishment.code for event in events(School().read(content)))
    assert set(places) == {f"SCH{number}" for number in range(1, 9)}


@pytest.mark.parametrize(
    "content, reasons",
    [
        (b"", ["quarantined:content.empty"]),
        (b"\x00\xff\x00\xfe" * 9, ["quarantined:content.encoding"]),
        (b"[" * 100_000, ["quarantined:content.wrong_format"]),
        (b"colour,size\nred,3\n", ["quarantined:content.wrong_format"]),
        (HEADER.encode() + b",,,,,,,4\n", ["quarantined:pupil.not_identified"]),
        (HEADER.encode() + b'"L999100120001,Marsh', ["quarantined:content.truncated"]),
    ],
)
def test_what_cannot_be_read_is_quarantined_with_its_reason(content: bytes, reasons: list[str]) -> None:
    assert [came_to(record).result for record in School().read(content)] == reasons


def test_nothing_of_a_record_stands_in_reasons_or_flags() -> None:
    row = "CANARY-UPN,CANARY-NAME,CANARY,CANARY-DATE,CANARY-SEX,CANARY-DAY,CANARY-DAY,CANARY\n"
    for record in School().read(HEADER + row + ",,,CANARY-DATE,,,,\n"):
        assert "CANARY" not in " ".join([record.position, *record.flags])
        if isinstance(record.result, Quarantined):
            assert "CANARY" not in record.result.reason + record.result.remedy
