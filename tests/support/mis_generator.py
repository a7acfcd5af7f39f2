"""Makes up files of a school's management information system, with what each must come to.

Written from the published shapes of the notes and status assignments and from our stated extensions, never from the
adapter's code.
"""

import json
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any

from tests.support.native_results import Expected, MadeFile

FORENAMES = ("Mia", "Theo", "Zoë", "Idris", "Aoife", "Kofi", "Wren", "Noor")
SURNAMES = ("Marsh", "Okafor", "Fenn", "Ó Broin", "Lacey", "Tranter", "Vale", "Quill")
CATEGORIES = {
    "Domestic abuse": "domestic_abuse",
    "neglect": "neglect",
    "Physical Abuse": "physical_abuse",
    "emotional_abuse": "emotional_abuse",
}
UPN_LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"
STAYS_AT_SCHOOL = "CANARY-NARRATIVE stays at the school"
OTHER_ENTITIES = ("AttendanceMark", "BehaviouralIncident", "InCareStatusAssignment", "AttendanceRollCall")

Native = dict[str, Any]
NOTE = "concern.recorded"
STATUS = "protection_status.noted"


def upn(rng: Random, *, right: bool = True) -> str:
    """A UPN: check letter, then authority, establishment, year and serial; a wrong letter on request."""
    digits = f"{rng.randrange(10**12):012d}"
    letter = UPN_LETTERS[sum(weight * int(digit) for weight, digit in enumerate(digits, start=2)) % 23]
    if not right:
        letter = UPN_LETTERS[(UPN_LETTERS.index(letter) + 1 + rng.randrange(22)) % 23]
    return letter + digits


@dataclass(slots=True)
class _Pupil:
    surname: str
    birth_date: date | None
    native: Native
    flags: set[str] = field(default_factory=set)
    is_adult: bool = False


def mis_files(count: int, *, seed: int = 3) -> list[MadeFile]:
    """Make ``count`` files; the same seed makes the same files."""
    rng = Random(seed)
    return [_file(rng) for _ in range(count)]


def _file(rng: Random) -> MadeFile:
    made = [_record(rng) for _ in range(rng.randrange(1, 6))]
    natives = [native for native, _, _ in made]
    expected = [outcome for _, outcome, _ in made]
    faults = [fault for _, _, fault in made if fault]
    shape = rng.choice(["list", "list", "wrapped", "lines", "cut", "cp1252", "utf16"])
    match shape:
        case "wrapped":
            content = json.dumps({"page": 1, "items": natives}).encode()
        case "lines":
            content = "\n".join(json.dumps(native) for native in natives).encode()
        case "cut":
            whole = json.dumps(natives[:-1] or natives, ensure_ascii=False)
            last = json.dumps(natives[-1], ensure_ascii=False) if len(natives) > 1 else '{"entityType": "Safegu'
            at = rng.randrange(2, len(last) - 1)
            content = f"{whole[:-1]}, {last[:at]}".encode()
            kept = expected[:-1] or expected
            expected = [*kept, Expected("quarantined:content.truncated")]
            faults.append("cut")
        case "cp1252" | "utf16":
            content, expected = _other_encoding(natives, expected, shape, faults)
        case _:
            content = json.dumps(natives, ensure_ascii=rng.random() < 0.5).encode()
    return MadeFile(content, tuple(expected), tuple(faults))


def _other_encoding(
    natives: list[Native], expected: list[Expected], shape: str, faults: list[str]
) -> tuple[bytes, list[Expected]]:
    text = json.dumps([*natives, {"entityType": "AttendanceMark", "note": "Zoë"}], ensure_ascii=False)
    flag = f"encoding.{shape}"
    faults.append(shape)
    outcomes = [*expected, Expected("nothing:entity_not_used")]
    flagged = [Expected(one.result, one.events, one.flags | {flag}) for one in outcomes]
    return text.encode("cp1252" if shape == "cp1252" else "utf-16"), flagged


def _record(rng: Random) -> tuple[Native, Expected, str]:
    draw = rng.random()
    if draw < 0.08:
        name = rng.choice(OTHER_ENTITIES)
        return {"entityType": name, "id": "9"}, Expected("nothing:entity_not_used"), ""
    if draw < 0.12:
        return {"colour": "blue"}, Expected("quarantined:mis.unknown_entity"), "unknown entity"
    if draw < 0.16:
        return "not a note", Expected("quarantined:mis.not_an_object"), "not an object"  # type: ignore[return-value]
    return _status(rng) if draw < 0.4 else _note(rng)


def _note(rng: Random) -> tuple[Native, Expected, str]:
    logged = date(2026, 1, 5) + timedelta(days=rng.randrange(60))
    pupil = _pupil(rng, logged)
    flags = pupil.flags
    of_the_pupil = frozenset(flags)
    native: Native = {
        "entityType": "SafeguardingNote",
        "id": str(rng.randrange(10**6)),
        "student": pupil.native,
        "dateLogged": f"{logged}T{rng.randrange(8, 18):02d}:30:00Z",
        "summary": STAYS_AT_SCHOOL,
        "content": STAYS_AT_SCHOOL,
        "authorRole": "class teacher",
    }
    fault = _note_fault(rng, native, flags)
    _words(rng, native, flags)
    if rng.random() < 0.2:
        native["believesConsentNeeded"] = True
        flags.add("claims.consent_believed_needed")
    if rng.random() < 0.3:
        native["linkedStudents"] = [{"role": "friend", "student": _pupil(rng, logged).native}]
    if fault == "no time":
        return native, Expected("quarantined:note.no_time", (), of_the_pupil), fault
    return native, _outcome(pupil, NOTE, flags), fault


def _note_fault(rng: Random, native: Native, flags: set[str]) -> str:
    native["category"] = rng.choice(list(CATEGORIES))
    match rng.choice(["", "", "", "no category", "odd category", "no time", "bad time", "date only"]):
        case "no category":
            native.pop("category")
            flags.add("category.missing")
            return "no category"
        case "odd category":
            native["category"] = "Jumper too small"
            flags.add("category.unknown")
            return "odd category"
        case "no time":
            native.pop("dateLogged")
            return "no time"
        case "bad time":
            native["dateLogged"] = "last Tuesday"
            native["occurredAt"] = "2026-02-02T10:00:00Z"
            flags.add("time.unreadable")
            return "bad time"
        case "date only":
            native["dateLogged"] = native["dateLogged"][:10]
            flags.add("time.date_only")
            return "date only"
        case _:
            return ""


def _words(rng: Random, native: Native, flags: set[str]) -> None:
    if rng.random() < 0.5:
        released = rng.random() < 0.6
        native["childWords"] = [{"words": "I do not like it when they shout", "releasedByDesignatedLead": released}]
        if not released:
            flags.add("child_words.not_released")


def _status(rng: Random) -> tuple[Native, Expected, str]:
    start = date(2025, 6, 1) + timedelta(days=rng.randrange(200))
    pupil = _pupil(rng, start)
    native: Native = {
        "entityType": "ChildProtectionStatusAssignment",
        "id": str(rng.randrange(10**6)),
        "student": pupil.native,
        "childProtectionStatus": rng.choice(["Child protection plan", {"statusName": "Child protection plan"}]),
        "responsibleLocalAuthority": {"name": "Wrenshire"},
        "startDate": start.isoformat(),
        "notes": STAYS_AT_SCHOOL,
    }
    draw = rng.random()
    if draw < 0.15:
        native["endDate"] = (start - timedelta(days=3)).isoformat()
        pupil.flags.add("date.out_of_order")
        return native, _outcome(pupil, STATUS, pupil.flags), "ends before it starts"
    if draw < 0.3:
        native["startDate"] = rng.choice(["", None])
        return native, Expected("quarantined:status.no_start", (), frozenset(pupil.flags)), "no start"
    if draw < 0.5:
        native["endDate"] = (start + timedelta(days=20)).isoformat()
    return native, _outcome(pupil, STATUS, pupil.flags), ""


def _outcome(pupil: _Pupil, event: str, flags: set[str]) -> Expected:
    if pupil.is_adult:
        return Expected("nothing:adult", (), frozenset(flags))
    return Expected("gave", ((event, pupil.surname, pupil.birth_date),), frozenset(flags))


def _pupil(rng: Random, on: date) -> _Pupil:
    surname = rng.choice(SURNAMES)
    born = date(on.year - rng.randrange(4, 17), rng.randrange(1, 13), rng.randrange(1, 29))
    person: Native = {
        "legalFirstName": rng.choice(FORENAMES),
        "legalLastName": surname,
        "dateOfBirth": born.isoformat(),
        "gender": rng.choice(["M", "F", "MALE", "female"]),
    }
    native: Native = {"entityType": "Student", "id": str(rng.randrange(10**5)), "upn": upn(rng), "person": person}
    pupil = _Pupil(surname, born, native)
    match rng.choice(
        ["", "", "", "", "bad upn", "no upn", "no birth date", "bad birth date", "odd sex", "adult", "slash"]
    ):
        case "bad upn":
            native["upn"] = upn(rng, right=False)
            pupil.flags.add("identifier.upn.failed")
        case "no upn":
            native.pop("upn")
            pupil.flags.add("identifier.missing")
        case "no birth date":
            person.pop("dateOfBirth")
            pupil.birth_date = None
            pupil.flags.add("birth_date.unknown")
        case "bad birth date":
            person["dateOfBirth"] = "2016-13-45"
            pupil.birth_date = None
            pupil.flags |= {"birth_date.unreadable", "birth_date.unknown"}
        case "odd sex":
            person["gender"] = "Q7"
            pupil.flags.add("sex.unknown_code")
        case "adult":
            pupil.birth_date = date(on.year - 19, 1, 1)
            person["dateOfBirth"] = pupil.birth_date.isoformat()
            pupil.is_adult = True
        case "slash":
            person["dateOfBirth"] = f"{born:%d/%m/%Y}"
        case _:
            pass
    return pupil
