"""HL7 v2 ADT: what each trigger event tells, what it leaves out, and what comes twice."""

from typing import Any

import pytest

from adapters.health.hl7_adt import adapter
from adapters.kit.records import GaveEvents, Mapped, NativeRecord, NothingToTell, Quarantined, Unchanged
from adapters.kit.snapshot import ReadingSnapshot
from contracts.events.health import (
    DeathNotified,
    DeathRetracted,
    DemographicsChanged,
    EmergencyAttendanceRecorded,
    GpRegistrationChanged,
)
from contracts.payload import Payload
from contracts.words import About, CheckResult, DataCategory, IdentifierKind, PersonRole, Restriction
from tests.support.native_results import a_reading

PID = "PID|1||0045^^^RWV^MRENTR~9990000026^^^NHS^NHS||MARSH^THEO^JAMES||20220903|M|||1 Mill Lane^^Wrenford^^wr1 1aa^^H"


def pv1(*, left: str = "", gone: str = "", number: str = "V77", kind: str = "E") -> str:
    fields = {2: kind, 3: "ED^^^RWV01", 19: number, 36: left, 44: "202603072110", 45: gone}
    return "|".join(["PV1", *(fields.get(number, "") for number in range(1, 46))])


def message(trigger: str, *segments: str, at: str = "202603072115", pid: str = PID, control: str = "1") -> str:
    head = f"MSH|^~\\&|PAS|RWV01|||{at}||ADT^{trigger}|{control}|P|2.4\rEVN|{trigger}|{at}\r{pid}"
    return "\r".join([head, *segments, ""])


def read(*messages: str, snapshot: ReadingSnapshot | None = None, **settings: str) -> list[NativeRecord]:
    return list(adapter.read("".join(messages).encode(), a_reading(snapshot, settings)))


def events(*messages: str, snapshot: ReadingSnapshot | None = None) -> list[Mapped]:
    results = [record.result for record in read(*messages, snapshot=snapshot)]
    return [event for result in results if isinstance(result, GaveEvents) for event in result.events]


def payloads(*messages: str) -> list[Any]:
    return [event.payload for event in events(*messages)]


def attendance(*segments: str, trigger: str = "A03") -> EmergencyAttendanceRecorded:
    (payload,) = payloads(message(trigger, *segments))
    assert isinstance(payload, EmergencyAttendanceRecorded)
    return payload


def test_an_attendance_carries_child_visit_place_and_what_was_complained_of() -> None:
    found = attendance(pv1(left="12", gone="202603072140"), "PV2|||125605004^Fracture of bone^SCT")
    child = found.child
    assert (child.forenames, child.surname, str(child.birth_date)) == ("THEO JAMES", "MARSH", "2022-09-03")
    assert [(one.kind, one.value, one.check) for one in child.identifiers] == [
        (IdentifierKind.NHS_NUMBER, "9990000026", CheckResult.PASSED),
        (IdentifierKind.LOCAL, "0045", CheckResult.NOT_CHECKED),
    ]
    assert found.address is not None
    assert (found.address.lines, found.address.postcode) == (("1 Mill Lane", "Wrenford"), "WR1 1AA")
    assert (found.site_code, found.visit, found.complaint) == ("RWV01", "V77", "Fracture of bone")
    assert (found.is_injury, found.left_before_seen, found.discharged) == (True, True, True)
    assert found.times.occurred.isoformat() == "2026-03-07T21:10:00+00:00"
    assert found.times.recorded is not None
    assert found.times.recorded.isoformat() == "2026-03-07T21:15:00+00:00"


def test_one_visit_told_twice_is_one_event_and_more_about_it_corrects_it() -> None:
    arrived = message("A04", pv1())
    again = message("A04", pv1(), at="202603072118", control="2")
    left = message("A03", pv1(left="12", gone="202603072140"), at="202603072141", control="3")
    first, second, third = events(arrived, again, left)
    assert (first.native_key, first.native_version) == (second.native_key, second.native_version)
    assert first.corrects is second.corrects is None
    assert third.native_key == first.native_key
    assert third.corrects == (first.native_key, first.native_version)


def test_a_discharge_cancelled_and_made_again_are_three_revisions() -> None:
    gone = pv1(left="1", gone="202603072140")
    told = events(
        message("A04", pv1()),
        message("A03", gone, at="202603072141"),
        message("A13", pv1(left="1"), at="202603072150"),
        message("A03", gone, at="202603072200"),
    )
    assert len({event.native_version for event in told}) == 4
    assert [event.payload.discharged for event in told if isinstance(event.payload, EmergencyAttendanceRecorded)] == [
        False,
        True,
        False,
        True,
    ]


def test_a_message_that_comes_late_does_not_undo_what_is_known() -> None:
    left = message("A03", pv1(left="12", gone="202603072140"), at="202603072141")
    late = message("A04", pv1(), at="202603072115")
    assert [type(record.result) for record in read(left, late)] == [GaveEvents, NothingToTell]


def test_a_cancelled_visit_is_told_where_the_visit_was_and_nowhere_else() -> None:
    (unknown,) = read(message("A11", pv1()))
    assert unknown.result == NothingToTell("cancelled")
    first, cancelled = events(message("A04", pv1()), message("A11", pv1(), at="202603072130"))
    assert cancelled.corrects == (first.native_key, first.native_version)
    assert isinstance(cancelled.payload, EmergencyAttendanceRecorded)
    assert [entry.code for entry in cancelled.payload.entries] == ["attendance_cancelled"]
    assert "visit.cancelled" in cancelled.payload.quality_flags


def test_codes_become_entries_of_their_own_category_and_words_stay_words() -> None:
    found = attendance(
        pv1(),
        "PV2|||^Says he fell from the sofa",
        "DG1|1||S52.5^Fracture of radius^I10",
        "DG1|2||X61^Self-harm by medicine^I10",
        "OBX|1|CWE|ARRIVAL||248062006^Drunk on arrival^SCT",
        "OBX|2|TX|NOTE||CANARY words of the nurse \\T\\ doctor",
        "OBX|3|NM|8867-4||120",
        "OBX|4|ST|ACCOMPANIED_BY||mother",
        "OBX|5|IS|SAFEGUARDING_CONCERN||Y",
    )
    assert [(entry.category, entry.code) for entry in found.entries if entry.code] == [
        (DataCategory.HEALTH_PHYSICAL, "S52.5 Fracture of radius"),
        (DataCategory.HEALTH_MENTAL, "X61 Self-harm by medicine"),
        (DataCategory.HEALTH_SUBSTANCE, "248062006 Drunk on arrival"),
    ]
    assert [entry.text for entry in found.entries if entry.text] == [
        "Says he fell from the sofa",
        "CANARY words of the nurse & doctor",
    ]
    assert found.complaint is None
    assert (found.is_injury, found.accompanied_by, found.safeguarding_flag) == (True, "mother", True)


def test_no_flag_is_made_out_of_free_text() -> None:
    found = attendance(pv1(), "PV2|||^no safeguarding concern, no injury, left before tea")
    assert (found.is_injury, found.left_before_seen, found.safeguarding_flag) == (False, False, False)


def test_parents_are_named_siblings_are_roles_and_other_kin_are_left_out() -> None:
    found = attendance(
        "NK1|1|MARSH^DANA|MTH^Mother|1 Mill Lane|01632960000|||||||||||19930211",
        "NK1|2|MARSH^MIA|SIB",
        "NK1|3|ORME^FRED|NBR^Neighbour",
        pv1(),
    )
    mother, sibling = found.people
    assert (mother.role, mother.forenames, mother.surname, str(mother.birth_date)) == (
        PersonRole.MOTHER,
        "DANA",
        "MARSH",
        "1993-02-11",
    )
    assert (sibling.role, sibling.about, sibling.surname) == (PersonRole.SIBLING, About.OTHER_CHILD, None)
    assert mother.phone is None


def test_other_visits_adults_and_other_messages_have_nothing_to_tell() -> None:
    adult = PID.replace("20220903", "19900903")
    reasons = [
        record.result
        for record in read(
            message("A01", pv1(kind="I")),
            message("A04", pv1(), pid=adult),
            message("A05", pv1()),
            message("A04", pv1()).replace("ADT^A04", "ORU^R01", 1),
        )
    ]
    assert reasons == [
        NothingToTell("not_emergency"),
        NothingToTell("adult"),
        NothingToTell("trigger_not_published"),
        NothingToTell("not_adt"),
    ]


def test_a_move_is_told_once_with_what_changed_and_the_practice_left() -> None:
    here = ("PD1||||A81001^ELM STREET", "PV1|1|N")
    moved = PID.replace("1 Mill Lane^^Wrenford^^wr1 1aa", "9 Quay St^^Harbour^^WR9 9ZZ")
    there = ("PD1||||B82002^HARBOUR", "PV1|1|N")
    known, moved_away, again = read(
        message("A28", *here),
        message("A31", *there, pid=moved, at="202603090640"),
        message("A31", *there, pid=moved, at="202603090700"),
    )
    assert isinstance(known.result, GaveEvents)
    assert isinstance(moved_away.result, GaveEvents)
    assert isinstance(again.result, Unchanged)
    changed, practice = (event.payload for event in moved_away.result.events)
    assert isinstance(changed, DemographicsChanged)
    assert changed.changed == ("address",)
    assert changed.address is not None
    assert changed.address.is_new
    assert isinstance(practice, GpRegistrationChanged)
    assert (practice.practice_code, practice.previous_practice_code) == ("B82002", "A81001")
    assert practice.practice.scheme == "ods"


def test_an_update_of_someone_never_seen_treats_the_address_as_new_and_says_so() -> None:
    (changed,) = payloads(message("A31", "PV1|1|N"))
    assert changed.changed == ("address",)
    assert changed.address.is_new
    assert "change.not_compared" in changed.quality_flags


def test_moving_away_and_back_is_two_moves() -> None:
    away = PID.replace("1 Mill Lane", "9 Quay St")
    told = events(
        message("A28", "PV1|1|N"),
        message("A31", "PV1|1|N", pid=away, at="202603080000"),
        message("A31", "PV1|1|N", at="202603090000"),
        message("A31", "PV1|1|N", pid=away, at="202603100000"),
    )
    assert len({event.native_version for event in told}) == len(told) == 3


def test_a_protected_address_never_leaves_the_trust() -> None:
    for guard in ("PD1||||||||||||Y", "ARV|1|A|LOC|PHY"):
        found = attendance(guard, pv1())
        assert found.address is None
        assert found.restrictions == (Restriction.RESTRICTED_ADDRESS,)


def test_a_merge_tells_each_number_that_now_means_the_child() -> None:
    other = PID.replace("0045", "0046")
    text = message("A40", "MRG|0099^^^RWV^MRENTR~9990000018^^^NHS^NHS", other, "MRG|0098^^^RWV^MRENTR")
    first, second = payloads(text)
    assert (first.superseded, first.changed) == (("0099", "9990000018"), ("nhs_number",))
    assert (second.superseded, second.changed) == (("0098",), ("other",))


def test_a_death_is_told_once_and_its_withdrawal_once() -> None:
    dead = f"{PID}||||||||||||||||||20260301|Y"
    alive = f'{PID}||||||||||||||||||""|N'
    told = payloads(
        message("A28", "PV1|1|N"),
        message("A31", "PV1|1|N", pid=dead, at="202603020900"),
        message("A31", "PV1|1|N", pid=dead, at="202603021000"),
        message("A31", "PV1|1|N", pid=alive, at="202603030900"),
        message("A31", "PV1|1|N", pid=alive, at="202603031000"),
    )
    notified, retracted = told
    assert isinstance(notified, DeathNotified)
    assert (str(notified.died_on), notified.formal) == ("2026-03-01", False)
    assert isinstance(retracted, DeathRetracted)


def test_an_unknown_birth_date_is_flagged_and_told() -> None:
    (payload,) = payloads(message("A04", pv1(), pid=PID.replace("20220903", "")))
    assert isinstance(payload, Payload)
    assert payload.child.birth_date is None
    assert "birth_date.unknown" in payload.quality_flags


@pytest.mark.parametrize(
    "text, reason",
    [
        (message("A04", pv1())[:95], "content.truncated"),
        (message("A04"), "content.truncated"),
        (message("A40", "PV1|1|N"), "content.truncated"),
        (message("A04", "PV1|1|E|ED").rstrip("\r"), "content.truncated"),
        (message("A04") + message("A04", pv1()), "content.incomplete"),
        (message("A04", pv1(), pid="PID|1||^^^RWV^MRENTR||MARSH^THEO||20220903|M"), "content.no_child_id"),
        ("MSH|", "content.not_hl7"),
        ("EVN|A04\rPID|1", "content.not_hl7"),
    ],
)
def test_what_cannot_be_an_event_is_quarantined_whole(text: str, reason: str) -> None:
    first = read(text)[0].result
    assert isinstance(first, Quarantined)
    assert first.reason == reason
    assert first.raw
    assert first.remedy


def test_a_cut_file_gives_what_stands_before_the_cut() -> None:
    whole = message("A04", pv1()) + message("A04", pv1(number="V78"), control="2")
    records = read(whole[: whole.rindex("PID|1") + 20])
    assert [type(record.result) for record in records] == [GaveEvents, Quarantined]


def test_the_site_is_the_facility_where_it_is_a_code_else_the_sender_else_the_setting() -> None:
    named = pv1().replace("RWV01", "WREN VALLEY GENERAL")
    (record,) = read(message("A04", named))
    assert isinstance(record.result, GaveEvents)
    assert record.result.events[0].payload.site_code == "RWV01"  # type: ignore[attr-defined]
    (record,) = read(message("A04", named).replace("|PAS|RWV01|", "|PAS||"), site_code="RWV02", site_name="Wren Valley")
    assert isinstance(record.result, GaveEvents)
    assert record.result.events[0].payload.site_code == "RWV02"  # type: ignore[attr-defined]
