"""The management information system's JSON: what is read, flagged, left at the school and refused."""

import json
from datetime import date
from typing import Any

import pytest

from adapters.kit.flags import FLAGS
from adapters.kit.records import GaveEvents, NativeRecord, Quarantined
from adapters.schools.mis import adapter
from contracts.events.school import ProtectionStatusNoted, SchoolConcernRecorded
from contracts.leaves import leaves
from contracts.words import About, CheckResult, DataCategory, PersonRole
from tests.support.mis_generator import STAYS_AT_SCHOOL, mis_files
from tests.support.native_results import Tally, a_reading, came_to

SCHOOL = {"establishment_urn": "999001", "establishment_name": "Ashdown Primary"}
MIA = {
    "entityType": "Student",
    "id": "1042",
    "upn": "L999100120001",
    "person": {"legalFirstName": "Mia", "legalLastName": "Marsh", "dateOfBirth": "2016-05-14", "gender": "F"},
}
NOTE: dict[str, Any] = {
    "entityType": "SafeguardingNote",
    "id": "77",
    "student": MIA,
    "dateLogged": "2026-03-06T16:10:00Z",
    "summary": "CANARY-SUMMARY",
    "content": "CANARY-CONTENT",
    "category": "Domestic abuse",
    "authorRole": "class teacher",
}


def read(content: bytes) -> list[NativeRecord]:
    return list(adapter.read(content, a_reading(settings=SCHOOL)))


def a_note(**changes: Any) -> SchoolConcernRecorded:
    (record,) = read(json.dumps([NOTE | changes]).encode())
    assert isinstance(record.result, GaveEvents)
    payload = record.result.events[0].payload
    assert isinstance(payload, SchoolConcernRecorded)
    return payload


def test_five_hundred_made_up_files_come_to_exactly_what_their_maker_says() -> None:
    files = mis_files(500)
    wanted, found = Tally(), Tally()
    for made in files:
        records = [came_to(record) for record in read(made.content)]
        assert records == list(made.expected), made.faults
        wanted.add(made.expected)
        found.add(records)
    assert found == wanted
    assert set(found.flags) <= set(FLAGS)
    assert wanted.results["gave"] > 500
    assert {fault for made in files for fault in made.faults} >= {
        "cut", "cp1252", "utf16", "odd category", "no time", "not an object", "unknown entity", "no start",
    }  # fmt: skip


def test_a_notes_own_text_stays_at_the_school() -> None:
    for made in mis_files(60):
        for record in read(made.content):
            if isinstance(record.result, GaveEvents):
                for event in record.result.events:
                    assert STAYS_AT_SCHOOL not in event.payload.model_dump_json()


def test_the_childs_words_leave_only_where_the_designated_lead_released_them() -> None:
    said = [
        {"words": "They shout at night", "releasedByDesignatedLead": True},
        {"words": "CANARY-WORDS", "releasedByDesignatedLead": False},
        {"words": "CANARY-UNSAID"},
    ]
    note = a_note(childWords=said)
    assert [entry.text for entry in note.entries] == ["They shout at night"]
    assert note.entries[0].category is DataCategory.CHILD_VOICE
    assert "child_words.not_released" not in note.quality_flags


def test_a_friend_is_a_third_party_with_role_and_name_only() -> None:
    ellie = {"upn": "A999100120002", "person": {"legalFirstName": "Ellie", "legalLastName": "Byrne"}}
    note = a_note(linkedStudents=[{"role": "friend", "student": ellie}])
    (friend,) = note.people
    assert (friend.role, friend.about, friend.category) == (
        PersonRole.FRIEND,
        About.THIRD_PARTY,
        DataCategory.THIRD_PARTY,
    )
    assert friend.birth_date is None
    assert "A999100120002" not in note.model_dump_json()


def test_believing_that_parents_must_consent_is_told_and_does_not_stop_the_concern() -> None:
    note = a_note(believesConsentNeeded=True)
    assert note.claims.service_agreement == "not_asked"
    assert note.claims.consent_not_sought is None
    assert note.claims.unsure is False
    assert "claims.consent_believed_needed" in note.quality_flags


def test_a_category_that_names_a_crime_is_one() -> None:
    crimes = {
        category: a_note(category=category).is_crime for category in ("Domestic abuse", "neglect", "sexual abuse")
    }
    assert crimes == {"Domestic abuse": True, "neglect": False, "sexual abuse": True}


def test_a_category_written_freely_is_never_passed_on() -> None:
    note = a_note(category="CANARY-CATEGORY Jones family")
    assert note.concern == "other"
    assert "CANARY" not in note.model_dump_json()


def test_a_status_is_noted_with_its_authority_and_dates() -> None:
    status = {
        "entityType": "ChildProtectionStatusAssignment",
        "id": "5",
        "student": MIA,
        "childProtectionStatus": {"statusName": "Child protection plan"},
        "responsibleLocalAuthority": {"name": "Wrenshire"},
        "startDate": "2026-02-03",
        "endDate": None,
    }
    (record,) = read(json.dumps({"childProtectionStatusAssignment": status}).encode())
    assert isinstance(record.result, GaveEvents)
    payload = record.result.events[0].payload
    assert isinstance(payload, ProtectionStatusNoted)
    assert (payload.status, payload.responsible_authority) == ("Child protection plan", "Wrenshire")
    assert (payload.since, payload.until) == (date(2026, 2, 3), None)


def test_a_wrong_check_letter_is_a_flag_and_the_note_goes_out() -> None:
    note = a_note(student=MIA | {"upn": "M999100120001"})
    assert note.child.identifiers[0].check is CheckResult.FAILED
    assert "identifier.upn.failed" in note.quality_flags


def test_one_student_has_one_reference_whatever_the_record() -> None:
    records = read(json.dumps([NOTE, NOTE | {"id": "78", "category": "neglect"}]).encode())
    references = {
        event.child_ref for record in records if isinstance(record.result, GaveEvents) for event in record.result.events
    }
    assert references == {"upn/L999100120001"}


def test_the_establishment_is_the_agencys_own() -> None:
    assert a_note().establishment.model_dump() == {"scheme": "urn", "code": "999001", "name": "Ashdown Primary"}


@pytest.mark.parametrize(
    "content, reasons",
    [
        (b"", ["quarantined:content.empty"]),
        (b"\x00\xff\x00\xfe" * 9, ["quarantined:content.encoding"]),
        (b"[" * 100_000, ["quarantined:content.nested_too_deeply"]),
        (b"[" * 100_000 + b"]" * 100_000, ["quarantined:content.nested_too_deeply"]),
        (b"<Message/>", ["quarantined:content.not_json"]),
        (b"[]", []),
        (b"[null, 3, []]", ["quarantined:mis.not_an_object"] * 3),
        (b'[{"entityType": "SafeguardingNote"}]', ["quarantined:student.not_identified"]),
    ],
)
def test_what_cannot_be_read_is_quarantined_with_its_reason(content: bytes, reasons: list[str]) -> None:
    assert [came_to(record).result for record in read(content)] == reasons


def test_nothing_of_a_record_stands_in_reasons_or_flags() -> None:
    native = NOTE | {
        "student": {"upn": "CANARY-UPN", "person": {"legalLastName": "CANARY-NAME", "dateOfBirth": "CANARY-DATE"}},
        "dateLogged": "CANARY-TIME",
        "urgency": "CANARY-GRADE",
        "consentNotSought": "CANARY-WHY",
    }
    for content in (json.dumps([native]), json.dumps([native | {"dateLogged": "2026-03-06T10:00:00"}])):
        (record,) = read(content.encode())
        assert "CANARY" not in " ".join([record.position, *record.flags])
        if isinstance(record.result, Quarantined):
            assert "CANARY" not in record.result.reason + record.result.remedy


def test_half_a_surrogate_pair_does_not_stop_the_note() -> None:
    note = a_note(childWords=[{"words": "shouting \ud83d again", "releasedByDesignatedLead": True}])
    assert [leaf.value for leaf in leaves(note) if leaf.free_text] == ["shouting \ufffd again"]
