"""Reads HL7 v2 ADT messages of hospital and community patient systems."""

from collections.abc import Iterator

from pydantic import ValidationError

from adapters.health.hl7_changes import death, demographics, merges, practice
from adapters.health.hl7_codes import PUBLISHED, VISITS
from adapters.health.hl7_message import Message, Raw, split
from adapters.health.hl7_patient import Patient, read_patient
from adapters.health.hl7_visit import attendance, is_emergency, read_times, told_at, visit_key
from adapters.kit.dates import is_adult, local_day
from adapters.kit.errors import ContentError
from adapters.kit.flags import Flags
from adapters.kit.records import (
    GaveEvents,
    Mapped,
    NativeRecord,
    NothingToTell,
    Quarantined,
    Reading,
    Result,
    Unchanged,
)
from adapters.kit.versions import content_digest, revise
from contracts.payload import Times
from contracts.words import AgencyKind

_REMEDY = "send the message again, whole"
_PID_FIELDS = 8
"""Fields up to PID-8, the sex; a PID that ends before is cut, or says nothing of whose it is."""

_PV1_FIELDS = 19
"""Fields up to PV1-19, the visit number."""

MERGE = "A40"
CANCEL = "A11"
ADD = "A28"
UPDATE = "A31"
NO_VISIT = frozenset({"", "N"})
"""PV1-2 of a message about the person alone."""


class Hl7Adt:
    """HL7 version 2 admission, discharge and transfer messages. One message is one native record.

    Published: attendances at an emergency department (A01, A03, A04, A08, A11, A13 with class E), changes
    of demographics and practice, merges (A40), death and its withdrawal. Adults, other classes and other
    messages have nothing to tell. A visit told twice gives the same event.
    """

    kind = "health.hl7_adt"
    agency_kind = AgencyKind.HEALTH
    version = "1"

    def read(self, content: bytes, reading: Reading) -> Iterator[NativeRecord]:
        """Yield every message of ``content`` with the one thing it came to."""
        try:
            messages = tuple(split(content))
        except ContentError as error:
            yield NativeRecord("file", Quarantined(error.code, error.remedy, content))
            return
        for raw in messages:
            flags = Flags()
            flags.add(*raw.flags)
            yield NativeRecord(raw.position, _result(raw, reading, flags), flags.all())


def _result(raw: Raw, reading: Reading, flags: Flags) -> Result:
    try:
        message = Message(raw)
        header = message.first("MSH")
        if header.get(9).upper() != "ADT":
            return NothingToTell("not_adt")
        trigger = _trigger(message, flags)
        if trigger not in PUBLISHED:
            return NothingToTell("trigger_not_published")
        _check_whole(message, trigger, raw)
        return _read(message, trigger, reading, flags)
    except ContentError as error:
        return Quarantined(error.code, error.remedy, raw.bytes)
    except ValidationError:
        return Quarantined("content.not_contract", "report this: a value was taken for one of another kind", raw.bytes)


def _trigger(message: Message, flags: Flags) -> str:
    named, event = message.first("MSH").get(9, 2).upper(), message.first("EVN").get(1).upper()
    if named and event and named != event:
        flags.add("trigger.differs")
    if not message.first("MSH").get(10):
        flags.add("message.id_missing")
    return named or event


def _check_whole(message: Message, trigger: str, raw: Raw) -> None:
    """Refuse a message that lacks what its trigger event needs: at a file's end it was cut short."""
    pid = message.first("PID")
    is_whole = len(pid) >= _PID_FIELDS
    if trigger == MERGE:
        is_whole = is_whole and bool(message.first("MRG"))
    if trigger in VISITS:
        is_whole = is_whole and bool(message.first("PV1"))
        is_whole = is_whole and not _may_be_cut(message, raw)
    if not is_whole:
        msg = "the message lacks segments that its trigger event needs"
        code = "content.truncated" if raw.is_last else "content.incomplete"
        raise ContentError(msg, code=code, path=raw.position, remedy=_REMEDY)


def _may_be_cut(message: Message, raw: Raw) -> bool:
    """Whether a file ends, without a line end, inside the visit segment before the visit's number."""
    ends_in_visit = raw.is_last and not raw.has_end and message.names()[-1] == "PV1"
    return ends_in_visit and len(message.first("PV1")) < _PV1_FIELDS


def _read(message: Message, trigger: str, reading: Reading, flags: Flags) -> Result:
    is_visit = trigger in VISITS and is_emergency(message)
    times = read_times(message, reading, flags, arrival=is_visit)
    if trigger == MERGE:
        return _read_merges(message, times, flags)
    pid = message.first("PID")
    patient = read_patient(message, pid, flags)
    if is_adult(patient.birth_date, local_day(times.occurred)):
        return NothingToTell("adult")
    snapshot = reading.snapshot
    is_known = snapshot.last(f"person/{patient.ref}") is not None
    updates = is_person_update(message, trigger)
    visit = _visit(message, patient, times, trigger=trigger, reading=reading, flags=flags) if is_visit else None
    events = (
        *(visit.events if isinstance(visit, GaveEvents) else ()),
        *death(patient, pid, times, snapshot=snapshot, flags=flags),
        *demographics(patient, times, tells_anew=updates and trigger != ADD, snapshot=snapshot, flags=flags),
        *practice(patient, times, tells_anew=updates, snapshot=snapshot, flags=flags),
    )
    if events:
        return GaveEvents(events)
    if visit is not None:
        return visit
    if not updates:
        return NothingToTell("not_emergency")
    return Unchanged() if is_known else NothingToTell("first_seen")


def is_person_update(message: Message, trigger: str) -> bool:
    """Whether a message is about the person alone, and not about a visit."""
    return trigger in {ADD, UPDATE} or (trigger == "A08" and message.first("PV1").get(2).upper() in NO_VISIT)


def _visit(message: Message, patient: Patient, times: Times, *, trigger: str, reading: Reading, flags: Flags) -> Result:
    key = visit_key(message, patient, flags)
    snapshot_key = f"visit/{patient.ref}/{key}"
    if trigger == CANCEL and reading.snapshot.last(snapshot_key) is None:
        return NothingToTell("cancelled")
    payload = attendance(message, patient, times, trigger=trigger, reading=reading, flags=flags)
    revision = revise(reading.snapshot, snapshot_key, content_digest(payload), told_at(times))
    if revision.is_older:
        return NothingToTell("older_than_known")
    corrects = (key, revision.previous) if revision.previous else None
    return GaveEvents((Mapped(payload, key, revision.version, patient.ref, corrects=corrects),))


def _read_merges(message: Message, times: Times, flags: Flags) -> Result:
    """Every pair of PID and MRG: the child who stays, and the number that now means the same child."""
    events: list[Mapped] = []
    adults = 0
    pairs = tuple(zip(message.segments("PID"), message.segments("MRG"), strict=False))
    for pid, pair in pairs:
        patient = read_patient(message, pid, flags)
        if is_adult(patient.birth_date, local_day(times.occurred)):
            adults += 1
            continue
        events.extend(merges(patient, pair, times, flags=flags))
    if events:
        return GaveEvents(tuple(events))
    return NothingToTell("adult" if adults else "no_superseded_number")


adapter = Hl7Adt()
