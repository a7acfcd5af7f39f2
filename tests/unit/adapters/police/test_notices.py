"""Police notices in the stated stand-in form: one event per child, and what each may carry."""

import json
from datetime import date
from typing import Any

import pytest

from adapters.kit.flags import FLAGS
from adapters.kit.records import GaveEvents, NativeRecord, Quarantined
from adapters.police.notices import adapter
from contracts.events.police import DomesticIncidentNotified, NoFurtherActionRecorded, PoliceConcernRaised
from contracts.payload import Payload
from contracts.words import About, DataCategory, EntryKind, Grade, PersonRole, Restriction
from tests.support.native_results import Tally, a_reading, came_to
from tests.support.police_generator import police_files
from tests.support.shared_material import shared

Native = dict[str, Any]

MIA: Native = {
    "person_id": "N1",
    "role": "PRESENT",
    "surname": "Marsh",
    "forenames": "Mia",
    "dob": "2016-05-14",
    "sex": "F",
    "school_name": "Ashdown Primary",
    "school_urn": "999001",
    "whereabouts": "on the stairs",
    "address": {"lines": ["14 Mill Lane"], "postcode": "WR1 4QT"},
}
THEO: Native = {"person_id": "N2", "role": "SIBLING", "surname": "Marsh", "forenames": "Theo", "dob": "2022-09-03"}
DANA: Native = {
    "person_id": "N3",
    "role": "VICTIM",
    "surname": "Marsh",
    "forenames": "Dana",
    "dob": "1993-02-11",
    "relationships": [{"to": "N1", "kind": "mother"}, {"to": "N2", "kind": "mother"}],
}
CRAIG: Native = {
    "person_id": "N4",
    "role": "SUSPECT",
    "surname": "Doyle",
    "forenames": "Craig",
    "dob": "1990-07-30",
    "relationships": [{"to": "N2", "kind": "father"}],
}
ORME: Native = {"role": "INFORMANT", "surname": "Orme", "phone": "01632 960114", "relationship": "neighbour"}
NOTICE: Native = {
    "notice_id": "PPN-1",
    "force_code": "16",
    "notice_type": "DOMESTIC",
    "grade": "RED",
    "level": 4,
    "created_at": "2026-03-08T23:40:00Z",
    "occurred_at": "2026-03-08T22:50:00Z",
    "occurrence_ref": "16/4711/26",
    "location": {"lines": ["14 Mill Lane"], "postcode": "WR1 4QT"},
    "persons": [MIA, THEO, DANA, CRAIG, ORME],
    "factors": ["DASH_ESCALATION"],
    "circumstances": "Shouting and a broken door.",
}


def read(content: bytes) -> list[NativeRecord]:
    return list(adapter.read(content, a_reading()))


def events(**changes: Any) -> list[Payload]:
    (record,) = read(json.dumps(NOTICE | changes).encode())
    assert isinstance(record.result, GaveEvents), record.result
    return [event.payload for event in record.result.events if isinstance(event.payload, Payload)]


def domestic(**changes: Any) -> list[DomesticIncidentNotified]:
    return [event for event in events(**changes) if isinstance(event, DomesticIncidentNotified)]


def test_five_hundred_made_up_files_come_to_exactly_what_their_maker_says() -> None:
    files = police_files(500)
    wanted, found = Tally(), Tally()
    for made in files:
        records = [came_to(record) for record in read(made.content)]
        assert records == list(made.expected), made.faults
        wanted.add(made.expected)
        found.add(records)
    assert found == wanted
    assert set(found.flags) <= set(FLAGS)
    assert wanted.results["gave"] > 500
    faults = {fault for made in files for fault in made.faults}
    assert faults >= {
        "cut", "broken line", "no id", "no persons", "no times", "adults only", "child suspect only", "odd grade",
        "odd type", "no occurred", "created first", "odd role", "future", "outcome", "intelligence",
    }  # fmt: skip


def test_a_domestic_notice_gives_one_event_per_child_of_one_incident() -> None:
    (record,) = read(json.dumps([NOTICE]).encode())
    assert isinstance(record.result, GaveEvents)
    mia, theo = record.result.events
    assert (mia.incident, theo.incident) == ("16/4711/26", "16/4711/26")
    assert (mia.child_ref, theo.child_ref) == ("nominal/N1", "nominal/N2")


def test_the_lines_a_school_may_have_are_there() -> None:
    mia, theo = domestic()
    assert (mia.child_present, mia.child_whereabouts) == ("yes", "on the stairs")
    assert mia.school is not None
    assert (mia.school.scheme, mia.school.code) == ("urn", "999001")
    assert theo.school is None
    assert theo.child_present == "unknown"
    assert mia.grade is not None
    assert mia.grade.value is Grade.RED
    assert mia.is_crime


def test_another_child_is_a_reference_and_adults_are_roles_to_this_child() -> None:
    mia, theo = domestic()
    roles = {(person.role, person.about, person.status) for person in mia.people}
    assert roles == {
        (PersonRole.SIBLING, About.OTHER_CHILD, None),
        (PersonRole.MOTHER, About.ADULT, "victim"),
        (PersonRole.SUSPECT, About.ADULT, "suspect"),
        (PersonRole.INFORMANT, About.INFORMANT, "neighbour"),
    }
    (sibling,) = (person for person in mia.people if person.about is About.OTHER_CHILD)
    assert (sibling.surname, sibling.birth_date, sibling.child_reference) == (None, None, "N2")
    (father,) = (person for person in theo.people if person.surname == "Doyle")
    assert (father.role, father.category) == (PersonRole.FATHER, DataCategory.CRIME_ALLEGATION)
    assert father.status_as_at == date(2026, 3, 8)


def test_an_informant_is_never_anything_else() -> None:
    (informant,) = (person for person in domestic()[0].people if person.about is About.INFORMANT)
    assert (informant.role, informant.category) == (PersonRole.INFORMANT, DataCategory.INFORMANT)


@pytest.mark.parametrize(
    "victims, suspects, grown",
    [
        (["1993-02-11"], ["1990-07-30"], True),
        (["1993-02-11"], ["2011-07-30"], False),
        (["2012-02-11"], ["1990-07-30"], False),
        (["1993-02-11"], [None], None),
        ([None], ["1990-07-30"], None),
        ([], ["1990-07-30"], None),
        (["1993-02-11"], [], None),
        (["1993-02-11", "2016-05-14"], ["1990-07-30"], True),
    ],
)
def test_whether_both_parties_were_sixteen_is_computed(
    victims: list[str | None], suspects: list[str | None], *, grown: bool | None
) -> None:
    persons = [MIA, *(DANA | {"dob": dob} for dob in victims), *(CRAIG | {"dob": dob} for dob in suspects)]
    assert domestic(persons=persons)[0].both_parties_16_or_over is grown


def test_a_partys_workplace_and_a_suspects_other_household_are_claims() -> None:
    suspect = CRAIG | {"works_at": ["999001"], "children_elsewhere": True}
    mia = domestic(persons=[MIA, DANA, suspect])[0]
    assert mia.party_works_at == ("999001",)
    assert mia.suspects_child_elsewhere


def test_powers_of_protection_beside_a_domestic_incident_are_a_concern_of_their_own() -> None:
    found = events(police_powers={"s46": "y", "from": "2026-03-08T23:00:00Z"}, persons=[MIA, DANA, CRAIG])
    assert [type(event) for event in found] == [DomesticIncidentNotified, PoliceConcernRaised]
    assert isinstance(found[1], PoliceConcernRaised)
    assert found[1].police_protection


@pytest.mark.parametrize("graded", [{}, {"grade": "blue", "level": "1"}, {"grade": "amber", "level": "2"}])
def test_a_child_taken_into_police_protection_is_red_and_level_4_whatever_the_force_graded(
    graded: dict[str, str],
) -> None:
    """Children Act 1989 section 46(3)(a): the council is told as soon as can be, not kept waiting at the force."""
    found = events(police_powers={"s46": "y"}, notice_type="CHILD", persons=[MIA | {"role": "SUBJECT"}], **graded)
    (event,) = (each for each in found if isinstance(each, PoliceConcernRaised))
    assert event.level is not None
    assert event.grade is not None
    assert (event.level.value, event.grade.value) == (4, Grade.RED)


def test_no_further_action_names_the_same_occurrence() -> None:
    found = events(outcome="NFA")
    assert [type(event) for event in found] == [NoFurtherActionRecorded, NoFurtherActionRecorded]
    assert isinstance(found[0], NoFurtherActionRecorded)
    assert (found[0].reference, found[0].outcome) == ("16/4711/26", "no_further_action")


def test_a_missing_child_is_a_concern_of_that_kind() -> None:
    (event,) = events(notice_type="MISSING", persons=[MIA | {"role": "SUBJECT"}])
    assert isinstance(event, PoliceConcernRaised)
    assert event.concern == "missing"


def test_a_low_report_is_mapped_like_any_other_for_the_edge_to_keep() -> None:
    (event,) = events(notice_type="CHILD", grade="BLUE", level=1, persons=[MIA | {"role": "SUBJECT"}])
    assert event.grade is not None
    assert event.level is not None
    assert (event.grade.value, event.level.value) == (Grade.BLUE, 1)


def test_intelligence_under_conditions_stays_at_the_force_without_a_trace() -> None:
    intelligence = [
        {"grading": "B2", "handling_code": "C", "text": "CANARY-CONDITIONS"},
        {"grading": "A1", "handling_code": "P", "text": "seen at the house"},
    ]
    mia = domestic(intelligence=intelligence)[0]
    given = [entry for entry in mia.entries if entry.kind is EntryKind.INTELLIGENCE]
    assert [(entry.reliability, entry.handling_code) for entry in given] == [("A1", "P")]
    assert "CANARY" not in mia.model_dump_json()
    assert "intelligence" not in " ".join(mia.quality_flags)


def test_a_notice_under_conditions_as_a_whole_says_so_to_the_edge() -> None:
    assert events(handling_code="C", markers=["PROTECTED PERSON"])[0].restrictions == (
        Restriction.PROTECTED_PERSON,
        Restriction.INTELLIGENCE_CONDITIONS,
    )


def test_circumstances_are_an_allegation_with_a_text_per_audience_where_one_was_written() -> None:
    told = {"school": "Police attended an incident at home.", "nobody": "CANARY"}
    (entry,) = domestic(persons=[MIA, DANA, CRAIG], share_texts=told)[0].entries
    assert (entry.kind, entry.category) == (EntryKind.ALLEGATION, DataCategory.POLICE_INCIDENT)
    assert [(text.audience.value, text.text) for text in entry.released] == [
        ("school", "Police attended an incident at home.")
    ]


def test_a_text_about_one_child_is_never_released_about_another() -> None:
    mia, theo = domestic(
        persons=[MIA | {"share_texts": {"school": "Mia was on the stairs."}}, THEO, DANA, CRAIG],
        share_texts={"school": "Mia and Theo were at home."},
    )
    assert [text.text for text in mia.entries[0].released] == ["Mia was on the stairs."]
    assert theo.entries[0].released == ()


def test_not_knowing_whether_a_child_was_present_is_no_flag() -> None:
    theo = domestic(persons=[THEO | {"present": "unknown"}, DANA, CRAIG])[0]
    assert theo.child_present == "unknown"
    assert theo.quality_flags == ()


def test_a_childs_words_stay_with_that_child() -> None:
    mia, theo = domestic(child_words=[{"person_id": "N1", "words": "I hid"}])
    assert [entry.text for entry in mia.entries if entry.kind is EntryKind.CHILD_WORDS] == ["I hid"]
    assert [entry for entry in theo.entries if entry.kind is EntryKind.CHILD_WORDS] == []


def test_someone_present_of_unknown_age_is_told_of_and_flagged() -> None:
    mia = domestic(persons=[MIA | {"dob": None}, DANA, CRAIG])[0]
    assert {"birth_date.unknown", "child.may_be_adult"} <= set(mia.quality_flags)


def test_a_notice_that_replaces_another_says_which() -> None:
    (record,) = read(json.dumps(NOTICE | {"revision": 2, "replaces": {"notice_id": "PPN-1", "revision": 1}}).encode())
    assert isinstance(record.result, GaveEvents)
    assert {event.corrects for event in record.result.events} == {("PPN-1", "1")}
    assert {event.native_version for event in record.result.events} == {"2"}


@pytest.mark.parametrize(
    "content, reasons",
    [
        (b"", ["quarantined:content.empty"]),
        (b"\x00\xff\x00\xfe" * 9, ["quarantined:content.encoding"]),
        (b"[" * 100_000, ["quarantined:content.nested_too_deeply"]),
        (b"not json", ["quarantined:content.not_json"]),
        (b'{"notice_id": "1", "persons": [{"role": "SUBJ', ["quarantined:content.truncated"]),
        (b'["CHILD"]', ["quarantined:notice.not_an_object"]),
    ],
)
def test_what_cannot_be_read_is_quarantined_with_its_reason(content: bytes, reasons: list[str]) -> None:
    assert [came_to(record).result for record in read(content)] == reasons


def test_a_foreign_json_format_is_refused_and_never_raises() -> None:
    place = shared("fixtures/police/CrashDriverSample.json")
    results = {came_to(record).result for record in read(place.read_bytes())}
    assert results
    assert all(result.startswith("quarantined:") for result in results)


def test_nothing_of_a_record_stands_in_reasons_or_flags() -> None:
    canary = {
        name: f"CANARY-{name}" for name in ("grade", "notice_type", "occurred_at", "created_at", "outcome", "level")
    }
    persons = [{name: f"CANARY-{name}" for name in ("role", "dob", "sex", "surname")}]
    for changes in (canary, {"persons": persons}, {"markers": ["CANARY"]}):
        for record in read(json.dumps(NOTICE | changes).encode()):
            assert "CANARY" not in " ".join([record.position, *record.flags])
            if isinstance(record.result, Quarantined):
                assert "CANARY" not in record.result.reason + record.result.remedy
