"""A visit to an emergency department as an event."""

from collections.abc import Iterator
from datetime import datetime

from adapters.health.hl7_codes import (
    CODED,
    FREE_TEXT,
    LEFT_BEFORE_SEEN,
    LEFT_WORDS,
    ODS_SITE,
    YES,
    category,
    is_injury,
)
from adapters.health.hl7_message import Message, Segment
from adapters.health.hl7_patient import Patient
from adapters.kit.dates import read_time
from adapters.kit.flags import Flags
from adapters.kit.records import Reading
from adapters.kit.text import free_text, line
from contracts.events.health import EmergencyAttendanceRecorded
from contracts.payload import Entry, Times
from contracts.words import DataCategory, EntryKind

EMERGENCY = "E"
"""PV1-2, HL7 table 0004."""

CANCELLED = "attendance_cancelled"
_ACCOMPANIED = frozenset({"ACCOMPANIED_BY", "ACCOMPANYING"})
_SAFEGUARDING = frozenset({"SAFEGUARDING", "SAFEGUARDING_CONCERN"})
_INJURY = frozenset({"INJURY"})
_OWN_OBX = _ACCOMPANIED | _SAFEGUARDING | _INJURY


def is_emergency(message: Message) -> bool:
    """Whether the visit's class is emergency."""
    return message.first("PV1").get(2).upper() == EMERGENCY


def visit_key(message: Message, patient: Patient, flags: Flags) -> str:
    """Names the visit; without a number, patient and start time stand for it."""
    pv1 = message.first("PV1")
    number = pv1.get(19)
    if number:
        return f"visit:{number}"
    flags.add("visit.no_number")
    return f"visit:{patient.ref}@{pv1.get(44)}"


def read_times(message: Message, reading: Reading, flags: Flags, *, arrival: bool) -> Times:
    """When it happened (for a visit: the arrival), when it was recorded, when it is read."""
    evn, header, pv1 = message.first("EVN"), message.first("MSH"), message.first("PV1")
    recorded = read_time(evn.get(2), flags) or read_time(header.get(7), flags)
    occurred = (read_time(pv1.get(44), flags) if arrival else None) or read_time(evn.get(6), flags) or recorded
    if occurred is None:
        flags.add("time.missing")
        occurred = reading.observed
    return Times(occurred=occurred, recorded=recorded, observed=reading.observed)


def told_at(times: Times) -> datetime:
    """The moment whose state the message tells."""
    return times.recorded or times.occurred


def attendance(
    message: Message, patient: Patient, times: Times, *, trigger: str, reading: Reading, flags: Flags
) -> EmergencyAttendanceRecorded:
    """The attendance as this message tells it."""
    pv1, pv2 = message.first("PV1"), message.first("PV2")
    is_cancelled = trigger == "A11"
    if is_cancelled:
        flags.add("visit.cancelled")
    return EmergencyAttendanceRecorded(
        child=patient.child,
        times=times,
        people=patient.people,
        address=patient.address,
        restrictions=patient.restrictions,
        site_code=_site(message, reading, flags),
        site_name=line(reading.settings.get("site_name"), flags),
        visit=line(pv1.get(19), flags),
        complaint=_complaint(pv2, flags),
        is_injury=_is_injury(message),
        accompanied_by=_observed(message, _ACCOMPANIED, flags),
        left_before_seen=_left(pv1),
        discharged=trigger == "A03" or (bool(pv1.get(45)) and trigger != "A13"),
        safeguarding_flag=(_observed(message, _SAFEGUARDING, flags) or "").upper() in YES,
        entries=_entries(message, flags, is_cancelled=is_cancelled),
        quality_flags=flags.all(),
    )


def _site(message: Message, reading: Reading, flags: Flags) -> str:
    """The site's code: PV1-3's facility where it is a code, else the sending facility, else the setting."""
    here = message.first("PV1").get(3, 4)
    facility = here if ODS_SITE.fullmatch(here) else message.first("MSH").get(4)
    return line(facility, flags) or reading.settings.get("site_code") or reading.agency


def _complaint(pv2: Segment, flags: Flags) -> str | None:
    """PV2-3 where it is coded and of physical health; otherwise it is an entry."""
    code, display, system = pv2.get(3, 1), pv2.get(3, 2), pv2.get(3, 3)
    if not code or not system or category(code, display, system) is not DataCategory.HEALTH_PHYSICAL:
        return None
    return line(display or code, flags)


def _is_injury(message: Message) -> bool:
    if message.segments("ACC"):
        return True
    if any(obx.get(3).upper() in _INJURY and obx.get(5).upper() in YES for obx in message.segments("OBX")):
        return True
    coded = [message.first("PV2"), *message.segments("DG1")]
    return any(is_injury(one.get(3, 1), one.get(3, 2), one.get(3, 3)) for one in coded if one.get(3, 3))


def _left(pv1: Segment) -> bool:
    return pv1.get(36).upper() in LEFT_BEFORE_SEEN or bool(LEFT_WORDS.search(pv1.get(36, 2)))


def _observed(message: Message, codes: frozenset[str], flags: Flags) -> str | None:
    for obx in message.segments("OBX"):
        if obx.get(3).upper() in codes:
            return line(obx.get(5, 2) or obx.get(5), flags)
    return None


def _entries(message: Message, flags: Flags, *, is_cancelled: bool) -> tuple[Entry, ...]:
    found = [*_complaint_entries(message.first("PV2"), flags)]
    for diagnosis in message.segments("DG1"):
        found.extend(_coded(diagnosis, 3, flags))
        found.extend(_free(diagnosis.get(4) if not diagnosis.get(3, 1) else "", flags))
    for obx in message.segments("OBX"):
        found.extend(_observation(obx, flags))
    for note in message.segments("NTE"):
        found.extend(_free(note.get(3), flags))
    if is_cancelled:
        found.append(Entry(kind=EntryKind.FACT, category=DataCategory.HEALTH_PHYSICAL, code=CANCELLED))
    return tuple(dict.fromkeys(found))


def _complaint_entries(pv2: Segment, flags: Flags) -> Iterator[Entry]:
    """What was complained of, where it is no physical code: a guarded code, or free text."""
    code, display, system = pv2.get(3, 1), pv2.get(3, 2), pv2.get(3, 3)
    if code and system:
        if category(code, display, system) is not DataCategory.HEALTH_PHYSICAL:
            yield from _coded(pv2, 3, flags)
        return
    yield from _free(display or code, flags)


def _observation(obx: Segment, flags: Flags) -> Iterator[Entry]:
    if obx.get(3).upper() in _OWN_OBX:
        return
    kind = obx.get(2).upper()
    if kind in CODED and obx.get(5, 3):
        yield from _coded(obx, 5, flags)
    elif kind in FREE_TEXT or kind in CODED:
        yield from _free(obx.get(5, 2) or obx.get(5), flags)


def _coded(segment: Segment, field: int, flags: Flags) -> Iterator[Entry]:
    code, display, system = segment.get(field, 1), segment.get(field, 2), segment.get(field, 3)
    text = line(f"{code} {display}".strip(), flags)
    if text:
        yield Entry(kind=EntryKind.FACT, category=category(code, display, system), code=text)


def _free(text: str, flags: Flags) -> Iterator[Entry]:
    found = free_text(text, flags)
    if found:
        yield Entry(kind=EntryKind.FACT, category=DataCategory.HEALTH_PHYSICAL, text=found)
