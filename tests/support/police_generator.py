"""Makes up police notices in the stated stand-in form, with what each must come to; knows nothing of the adapter."""

import json
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from tests.support.native_results import Expected, MadeFile

FORENAMES = ("Mia", "Theo", "Zoë", "Idris", "Aoife", "Kofi", "Wren", "Noor")
SURNAMES = ("Marsh", "Okafor", "Fenn", "Ó Broin", "Lacey", "Tranter", "Vale", "Quill")
FACTORS = ("DASH_STRANGULATION", "DASH_ESCALATION", "3B", "2C", "4A")
DOMESTIC = "domestic_incident.notified"
CONCERN = "concern.raised"
NO_ACTION = "no_further_action.recorded"

Native = dict[str, Any]


@dataclass(slots=True)
class _Made:
    """A notice in the making: the native object, the children it must give, and its flags."""

    native: Native
    occurred: datetime
    children: list[tuple[str, date | None]] = field(default_factory=list)
    flags: set[str] = field(default_factory=set)
    fault: str = ""
    result: str = "gave"


def police_files(count: int, *, seed: int = 4) -> list[MadeFile]:
    """Make ``count`` files; the same seed makes the same files."""
    rng = Random(seed)
    return [_file(rng) for _ in range(count)]


def _file(rng: Random) -> MadeFile:
    made = [_notice(rng) for _ in range(rng.randrange(1, 5))]
    natives = [one.native for one in made]
    expected = [_expected(one) for one in made]
    faults = [one.fault for one in made if one.fault]
    shape = rng.choice(["list", "list", "lines", "broken line", "wrapped", "cut", "mark"])
    match shape:
        case "lines":
            content = "\n".join(json.dumps(native) for native in natives)
        case "broken line":
            lines = [json.dumps(native) for native in natives]
            content = "\n".join([lines[0], '{"notice_id": "X1", "persons": [', *lines[1:]])
            broken = "content.not_json" if lines[1:] else "content.truncated"
            expected.insert(1, Expected(f"quarantined:{broken}"))
            faults.append(shape)
        case "wrapped":
            content = json.dumps({"force": "16", "notices": natives}, ensure_ascii=False)
        case "cut":
            whole = json.dumps(natives, indent=1)
            at = whole.rindex('"notice_id"') + rng.randrange(2, 12)
            content = whole[:at]
            expected[-1] = Expected("quarantined:content.truncated")
            faults.append(shape)
        case "mark":
            content = "\ufeff" + json.dumps(natives, ensure_ascii=False)
        case _:
            content = json.dumps(natives)
    return MadeFile(content.encode(), tuple(expected), tuple(faults))


def _expected(made: _Made) -> Expected:
    flags = frozenset(made.flags)
    if made.result != "gave":
        return Expected(made.result, (), flags)
    kind = made.native.get("notice_type")
    powers = made.native.get("police_powers", {}).get("s46") == "y"
    names = [NO_ACTION] if made.native.get("outcome") else [DOMESTIC if kind == "DOMESTIC" else CONCERN]
    if kind == "DOMESTIC" and powers and names == [DOMESTIC]:
        names.append(CONCERN)
    events = tuple((name, surname, born) for surname, born in made.children for name in names)
    return Expected("gave", events, flags)


def _notice(rng: Random) -> _Made:
    occurred = datetime(2026, 1, 5, 22, 50) + timedelta(days=rng.randrange(60))  # noqa: DTZ001 - written with a Z below
    kind = rng.choice(["DOMESTIC", "DOMESTIC", "CHILD", "MISSING"])
    native: Native = {
        "notice_id": f"PPN-{rng.randrange(10**8):08d}",
        "force_code": "16",
        "notice_type": kind,
        "grade": rng.choice(["RED", "AMBER", "green", "Blue"]),
        "level": rng.choice([1, 2, 3, 4]),
        "occurred_at": f"{occurred:%Y-%m-%dT%H:%M:%S}Z",
        "created_at": f"{occurred + timedelta(hours=2):%Y-%m-%dT%H:%M:%S}Z",
        "occurrence_ref": f"16/{rng.randrange(10**5)}/26",
        "location": {"uprn": 200001234567, "postcode": "WR1 4QT"},
        "factors": rng.sample(FACTORS, rng.randrange(3)),
        "police_powers": {"s46": rng.choice(["n", "n", "n", "y"])},
        "circumstances": "Officers attended after a call.",
        "officer": {"role": "Response officer", "name": "PC 1234 Hale"},
        "hub_reviewed_at": None,
        "share_with": ["LA", "HEALTH"],
    }
    made = _Made(native, occurred)
    native["persons"] = _persons(rng, made, kind)
    _fault(rng, made)
    return made


def _persons(rng: Random, made: _Made, kind: str) -> list[Native]:
    roles = {"DOMESTIC": ["PRESENT", "SIBLING", "SUBJECT"], "CHILD": ["SUBJECT", "VICTIM"], "MISSING": ["SUBJECT"]}[
        kind
    ]
    persons = [_child(rng, made, rng.choice(roles), number) for number in range(rng.randrange(1, 4))]
    if kind == "DOMESTIC":
        persons += [_adult(rng, "VICTIM", 11), _adult(rng, "SUSPECT", 12)]
    if rng.random() < 0.3:
        persons.append({"role": "INFORMANT", "surname": "Orme", "relationship": "neighbour"})
    if rng.random() < 0.2:
        persons.append(_adult(rng, "PARENT", 13))
    rng.shuffle(persons)
    by_id = {person.get("person_id"): person for person in persons}
    order = [key for key in by_id if key in {f"N{number}" for number in range(4)}]
    made.children = [_as_child(by_id[key]) for key in order]
    return persons


def _as_child(person: Native) -> tuple[str, date | None]:
    born = person.get("dob")
    if not born or "99" in born[5:]:
        return person["surname"], None
    day = datetime.strptime(born, "%d/%m/%Y" if "/" in born else "%Y-%m-%d").date()  # noqa: DTZ007 - a day
    return person["surname"], day


def _child(rng: Random, made: _Made, role: str, number: int) -> Native:
    born = made.occurred.date() - timedelta(days=rng.randrange(30, 17 * 365))
    person: Native = {
        "person_id": f"N{number}",
        "role": role,
        "surname": rng.choice(SURNAMES),
        "forenames": rng.choice(FORENAMES),
        "dob": born.isoformat(),
        "sex": rng.choice(["F", "M", "1", "2"]),
        "ethnicity": "W1",
        "address": {"lines": ["14 Mill Lane"], "postcode": "WR1 4QT"},
    }
    match rng.choice(["", "", "", "", "no dob", "bad dob", "slash", "odd sex", "school", "no school code"]):
        case "no dob" if role == "SIBLING" or made.native["notice_type"] != "DOMESTIC":
            person["dob"] = None
            made.flags.add("birth_date.unknown")
        case "bad dob" if role == "SIBLING" or made.native["notice_type"] != "DOMESTIC":
            person["dob"] = "2016-99-99"
            made.flags |= {"birth_date.unreadable", "birth_date.unknown"}
        case "slash":
            person["dob"] = f"{born:%d/%m/%Y}"
        case "odd sex":
            person["sex"] = "Z"
            made.flags.add("sex.unknown_code")
        case "school":
            person |= {"school_name": "Ashdown Primary", "school_urn": "999001"}
        case "no school code" if made.native["notice_type"] == "DOMESTIC":
            person["school_name"] = "Ashdown Primary"
            made.flags.add("school.name_only")
        case _:
            pass
    return person


def _adult(rng: Random, role: str, number: int) -> Native:
    return {
        "person_id": f"A{number}",
        "role": role,
        "surname": rng.choice(SURNAMES),
        "forenames": "Dana" if role == "VICTIM" else "Craig",
        "dob": f"19{rng.randrange(60, 99)}-07-30",
        "sex": "F" if role == "VICTIM" else "M",
        "relationships": [{"to": "N0", "kind": "mother" if role == "VICTIM" else "father"}],
    }


def _fault(rng: Random, made: _Made) -> None:
    draw = rng.randrange(26)
    if draw < 14:
        made.fault = (_refused, _flagged, _intelligence)[draw % 3](made, rng)


def _refused(made: _Made, rng: Random) -> str:
    native = made.native
    fault = rng.choice(["no id", "no persons", "no times", "adults only", "child suspect only"])
    made.flags = set()
    match fault:
        case "no id":
            native["notice_id"] = ""
            made.result = "quarantined:notice.no_id"
        case "no persons":
            native["persons"] = []
            made.result = "quarantined:notice.no_person"
        case "no times":
            native |= {"occurred_at": None, "created_at": ""}
            made.result = "quarantined:notice.no_time"
        case "adults only":
            native["persons"] = [_adult(rng, "VICTIM", 11), _adult(rng, "SUSPECT", 12)]
            made.result = "nothing:adult_only"
        case _:
            young = {"person_id": "N0", "role": "SUSPECT", "surname": "Vale", "dob": "2011-02-02", "sex": "M"}
            native["persons"] = [_adult(rng, "VICTIM", 11), young]
            made.result = "quarantined:notice.child_only_as_suspect"
    return fault


def _flagged(made: _Made, rng: Random) -> str:
    native = made.native
    fault = rng.choice(["odd grade", "odd type", "no occurred", "created first", "odd role", "future", "outcome"])
    earlier = f"{made.occurred - timedelta(days=2):%Y-%m-%dT%H:%M:%S}Z"
    changes: dict[str, tuple[Native, str]] = {
        "odd grade": ({"grade": "PURPLE"}, "grade.unknown"),
        "odd type": ({"notice_type": "PPN9"}, "notice_type.unknown"),
        "no occurred": ({"occurred_at": None}, "time.missing"),
        "created first": ({"created_at": earlier}, "date.out_of_order"),
        "future": ({"occurred_at": "2026-03-20T10:00:00Z", "created_at": "2026-03-20T11:00:00Z"}, "date.in_future"),
        "odd role": ({"persons": [*native["persons"], {"role": "PASSER_BY", "surname": "Quill"}]}, "role.unknown"),
        "outcome": ({"outcome": rng.choice(["NFA", "UNFOUNDED", "ACQUITTED"])}, ""),
    }
    if fault == "odd type" and native["notice_type"] == "DOMESTIC":
        return ""
    if fault == "outcome":
        made.flags.discard("school.name_only")
    change, flag = changes[fault]
    made.native = native | change
    made.flags |= {flag} - {""}
    return fault


def _intelligence(made: _Made, rng: Random) -> str:
    conditions = rng.random() < 0.5
    made.flags.add("intelligence.kept_at_force")
    if not conditions:
        made.flags.add("handling_code.unknown")
    kept = {"grading": "B2", "handling_code": "C" if conditions else "Q", "text": "CANARY-INTEL"}
    given = {"grading": "A1", "handling_code": "P", "text": "seen at the house"}
    made.native["intelligence"] = [kept, given]
    return "intelligence"
