"""Reads a school's management information system: safeguarding notes and child protection statuses.

The shapes are Arbor's; category, the child's words, linked students and what the school believes about
consent are our stated extensions. A note's summary and content stay at the school.
"""

from collections.abc import Iterator

from adapters.kit.dates import is_adult, local_day, start_of_day
from adapters.kit.fields import Fields
from adapters.kit.flags import Flags
from adapters.kit.json_items import Item, read_items
from adapters.kit.outcome import settle
from adapters.kit.records import GaveEvents, Mapped, NativeRecord, NothingToTell, Reading, Result
from adapters.schools.errors import unusable
from adapters.schools.notes import concern
from adapters.schools.pupils import child_ref, establishment, make_child
from contracts.canonical import digest
from contracts.events.school import ProtectionStatusNoted
from contracts.payload import Child, Times
from contracts.words import AgencyKind

WRAPPERS = frozenset({"items", "data", "value", "records", "safeguardingNotes", "childProtectionStatusAssignments"})
_NOTE = "SafeguardingNote"
_STATUS = "ChildProtectionStatusAssignment"
_ENVELOPES = {"safeguardingNote": _NOTE, "childProtectionStatusAssignment": _STATUS}


class MisAdapter:
    """The management information system's JSON; see docs/how-to/native-formats.md."""

    kind = "schools.mis"
    agency_kind = AgencyKind.SCHOOL
    version = "1"

    def read(self, content: bytes, reading: Reading) -> Iterator[NativeRecord]:
        """Yield every note, status and other entity with the one thing it came to."""
        for item in read_items(content, wrappers=WRAPPERS):
            flags = Flags()
            flags.add(*item.flags)
            result = settle(lambda item=item, flags=flags: _result(item, flags, reading), item.raw)  # type: ignore[misc]  # mypy cannot type defaults that bind the loop
            yield NativeRecord(f"item {item.place}", result, flags.all())


adapter = MisAdapter()


def _result(item: Item, flags: Flags, reading: Reading) -> Result:
    item.check()
    if not isinstance(item.value, dict):
        raise unusable(code="mis.not_an_object", remedy="send notes and statuses as objects")
    entity, native = _entity(Fields(item.value, flags))
    match entity:
        case "SafeguardingNote":
            return _note(native, item, reading)
        case "ChildProtectionStatusAssignment":
            return _status(native, item, reading)
        case "":
            raise unusable(code="mis.unknown_entity", remedy="name the entity in entityType, as the system's API does")
        case _:
            return NothingToTell("entity_not_used")


def _entity(native: Fields) -> tuple[str, Fields]:
    """The entity and its name, out of its envelope; its fields tell the name where it is absent."""
    for name, entity in _ENVELOPES.items():
        if native.one(name).native:
            return entity, native.one(name)
    named = native.line("entityType", "resourceType")
    if named is not None:
        return named, native
    if "childProtectionStatus" in native.native:
        return _STATUS, native
    return (_NOTE if "dateLogged" in native.native else ""), native


def _student(native: Fields) -> tuple[Child, str]:
    """The student a record is about, and the school's id of the child."""
    student = native.one("student")
    person = student.one("person") if student.one("person").native else student
    birth_date = person.day("dateOfBirth", "birthDate", flag="birth_date.unreadable")
    child = make_child(
        forenames=person.line("legalFirstName", "preferredFirstName", "forenames", "firstName"),
        surname=person.line("legalLastName", "preferredLastName", "surname", "lastName"),
        birth_date=birth_date,
        sex=person.sex("sex", "gender", "genderIdentity"),
        upn=student.line("upn", "uniquePupilNumber"),
        flags=native.flags,
    )
    reference = child_ref(child, student.line("id", "href"))
    if not reference:
        raise unusable(code="student.not_identified", remedy="include the student with UPN, names and date of birth")
    return child, reference


def _note(native: Fields, item: Item, reading: Reading) -> Result:
    child, reference = _student(native)
    logged = native.moment("dateLogged")
    occurred = native.moment("occurredAt") or logged
    if occurred is None:
        raise unusable(code="note.no_time", remedy="include dateLogged as 2026-03-06T16:10:00Z")
    if logged is not None and logged < occurred:
        native.flags.add("date.out_of_order")
    if occurred > reading.observed:
        native.flags.add("date.in_future")
    times = Times(occurred=min(occurred, reading.observed), recorded=logged, observed=reading.observed)
    key = _key(native, _NOTE, item)
    payload = concern(native, child=child, times=times, place=establishment(reading))
    if is_adult(child.birth_date, local_day(occurred)):
        return NothingToTell("adult")
    return GaveEvents((Mapped(payload, *key, reference),))


def _status(native: Fields, item: Item, reading: Reading) -> Result:
    child, reference = _student(native)
    since, until = native.day("startDate"), native.day("endDate")
    if since is None:
        raise unusable(code="status.no_start", remedy="include startDate as 2026-02-03")
    if until is not None and until < since:
        native.flags.add("date.out_of_order")
    if is_adult(child.birth_date, since):
        return NothingToTell("adult")
    key = _key(native, _STATUS, item)
    authority = native.one("responsibleLocalAuthority")
    payload = ProtectionStatusNoted(
        child=child,
        times=Times(occurred=start_of_day(since), recorded=native.moment("dateLogged"), observed=reading.observed),
        quality_flags=native.flags.all(),
        establishment=establishment(reading),
        status=_named(native, "childProtectionStatus") or "not_stated",
        responsible_authority=authority.line("name", "localAuthorityName", "code")
        or native.line("responsibleLocalAuthority"),
        since=since,
        until=until,
    )
    return GaveEvents((Mapped(payload, *key, reference),))


def _named(native: Fields, name: str) -> str | None:
    """A referenced entity's name, or the plain text where the reference was resolved already."""
    return native.one(name).line("statusName", "name", "code") or native.line(name)


def _key(native: Fields, entity: str, item: Item) -> tuple[str, str]:
    """The native record's key and revision; one without an id is known by its bytes."""
    own = native.line("id", "href")
    if own is None:
        native.flags.add("message.id_missing")
    return f"{entity}/{own or digest(item.raw)}", native.line("revisionId", "revision") or "1"
