"""Makes up HL7 v2 ADT files of an English trust about children, with what each message must come to.

Written from the published description of the messages (fields, triggers, UK identifier types, quirks of real files),
never from the adapter's code. All people are fictional; NHS numbers lie in the 999 range.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from random import Random

from tests.support.native_results import Expected, MadeFile

SURNAMES = ("Marsh", "Okafor", "Fenn", "Lacey", "Tranter", "Vale", "Quill", "Doyle")
FORENAMES = ("Mia", "Theo", "Idris", "Aoife", "Kofi", "Wren", "Noor", "Bea")
ATTENDED = "emergency_attendance.recorded"
DEMOGRAPHICS = "demographics.changed"
PRACTICE = "gp_registration.changed"
DIED = "death.notified"
NOT_DIED = "death.retracted"
WEIGHTS = (10, 9, 8, 7, 6, 5, 4, 3, 2)


def nhs_number(rng: Random, *, right: bool = True) -> str:
    """An NHS number from 999 with its modulus 11 check digit, or with another digit in its place."""
    while True:
        nine = f"999{rng.randrange(10**6):06d}"
        check = 11 - sum(int(digit) * weight for digit, weight in zip(nine, WEIGHTS, strict=True)) % 11
        if check != 10:
            check %= 11
            return nine + str(check if right else (check + 1 + rng.randrange(9)) % 10)


@dataclass(frozen=True, slots=True)
class _Child:
    local: str
    nhs: str
    surname: str
    forename: str
    born: date | None
    sex: str = "F"
    address: str = "1 Mill Lane^^Wrenford^Wrenshire^WR1 1AA^^H"
    practice: str = ""
    died: str = ""
    dead: str = ""
    flags: frozenset[str] = frozenset()

    def flagged(self, *codes: str) -> "_Child":
        return replace(self, flags=self.flags | set(codes))


@dataclass(slots=True)
class _Made:
    """Messages of one file, each with what it must come to."""

    rng: Random
    messages: list[str] = field(default_factory=list)
    expected: list[Expected] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def add(self, message: str, result: str, *events: str, child: _Child | None = None, flags: frozenset[str]) -> None:
        named = tuple((name, child.surname, child.born) for name in events) if child else ()
        self.messages.append(message)
        self.expected.append(Expected(result, named, flags))


def _segment(name: str, fields: dict[int, str]) -> str:
    return "|".join([name, *(fields.get(number, "") for number in range(1, max(fields) + 1))])


def _message(
    rng: Random,
    trigger: str,
    child: _Child,
    at: datetime,
    *,
    visit: dict[int, str] | None = None,
    extra: tuple[str, ...] = (),
    evn: str | None = None,
    control: str | None = None,
) -> str:
    stamp = at.strftime("%Y%m%d%H%M%S")
    number = f"M{rng.randrange(10**9):09d}" if control is None else control
    ids = [f"{child.local}^^^RWV^MRENTR"] if child.local else []
    if child.nhs:
        ids.insert(rng.randrange(2) if ids else 0, f"{child.nhs}^^^NHS^NHS")
    pid = {
        1: "1",
        3: "~".join(ids),
        5: f"{child.surname}^{child.forename}^^^^^L",
        7: child.born.strftime("%Y%m%d") if child.born else "",
        8: child.sex,
        11: child.address,
        29: child.died,
        30: child.dead,
    }
    segments = [
        _segment(
            "MSH", {1: "^~\\&", 2: "PAS", 3: "RWV01", 6: stamp, 8: f"ADT^{trigger}", 9: number, 10: "P", 11: "2.4"}
        ),
        _segment("EVN", {1: evn or trigger, 2: stamp}),
        _segment("PID", pid),
    ]
    if child.practice:
        segments.append(_segment("PD1", {4: f"{child.practice}^ELM STREET SURGERY"}))
    segments.append(_segment("PV1", {1: "1", 2: "N", **(visit or {})}))
    return "\r".join([*segments, *extra])


def _emergency(rng: Random, at: datetime) -> dict[int, str]:
    return {2: "E", 3: "ED^^^RWV01", 19: f"V{rng.randrange(10**8):08d}", 44: at.strftime("%Y%m%d%H%M")}


def _moment(rng: Random) -> datetime:
    """A winter's day between ten and four, when London keeps UTC and no clock changes."""
    return datetime(2025, 11, 3, 10, tzinfo=UTC) + timedelta(days=rng.randrange(100), minutes=rng.randrange(360))


def _child(rng: Random) -> _Child:
    child = _Child(
        local=f"{rng.randrange(10**7):07d}",
        nhs=nhs_number(rng),
        surname=rng.choice(SURNAMES),
        forename=rng.choice(FORENAMES),
        born=date(2010, 1, 1) + timedelta(days=rng.randrange(5600)),
        sex=rng.choice("FMU"),
    )
    return rng.choice(_ODDITIES)(child, rng) if rng.random() < 0.35 else child


def _wrong_nhs(child: _Child, rng: Random) -> _Child:
    return replace(child, nhs=nhs_number(rng, right=False)).flagged("identifier.nhs_number.failed")


def _short_nhs(child: _Child, rng: Random) -> _Child:
    short = nhs_number(rng)[:9]
    return replace(child, nhs=short).flagged("identifier.nhs_number.failed", "nhs_number.not_ten_digits")


def _no_nhs(child: _Child, _: Random) -> _Child:
    return replace(child, nhs="").flagged("identifier.missing")


def _no_birth(child: _Child, _: Random) -> _Child:
    return replace(child, born=None).flagged("birth_date.unknown")


def _odd_sex(child: _Child, _: Random) -> _Child:
    return replace(child, sex="X").flagged("sex.unknown_code")


def _no_abode(child: _Child, _: Random) -> _Child:
    return replace(child, address="^^^^ZZ99 3VZ^^H").flagged("address.no_fixed_abode")


_ODDITIES: tuple[Callable[[_Child, Random], _Child], ...] = (
    _wrong_nhs,
    _short_nhs,
    _no_nhs,
    _no_birth,
    _odd_sex,
    _no_abode,
)


def _attends(made: _Made) -> None:
    rng, child, at = made.rng, _child(made.rng), _moment(made.rng)
    injury = "PV2|||125605004^Fracture of bone^SCT"
    made.add(
        _message(rng, "A04", child, at, visit=_emergency(rng, at), extra=(injury,)),
        "gave",
        ATTENDED,
        child=child,
        flags=child.flags,
    )


def _comes_twice(made: _Made) -> None:
    """One visit, told twice with another message id and time: the same event, named twice."""
    rng, child, at = made.rng, _child(made.rng), _moment(made.rng)
    visit = {**_emergency(rng, at), 36: "12", 45: at.strftime("%Y%m%d%H%M")}
    for minutes in (0, 3):
        message = _message(rng, "A03", child, at + timedelta(minutes=minutes), visit=visit)
        made.add(message, "gave", ATTENDED, child=child, flags=child.flags)


def _is_admitted(made: _Made) -> None:
    rng, child, at = made.rng, _child(made.rng), _moment(made.rng)
    visit = {2: "I", 19: "V1"}
    made.add(_message(rng, "A01", child, at, visit=visit), "nothing:not_emergency", flags=child.flags)


def _is_added(made: _Made) -> None:
    rng, child, at = made.rng, _child(made.rng), _moment(made.rng)
    made.add(_message(rng, "A28", child, at), "nothing:first_seen", flags=child.flags)
    registered = replace(_child(rng), practice="A81001")
    made.add(_message(rng, "A28", registered, at), "gave", PRACTICE, child=registered, flags=registered.flags)


def _moves(made: _Made) -> None:
    """Known; the same again; another address and practice."""
    rng, at = made.rng, _moment(made.rng)
    child = replace(_child(rng), practice="A81001")
    made.add(_message(rng, "A28", child, at), "gave", PRACTICE, child=child, flags=child.flags)
    made.add(_message(rng, "A31", child, at + timedelta(hours=1)), "unchanged", flags=child.flags)
    moved = replace(child, address="9 Quay St^^Harbour^^WR9 9ZZ^^H", practice="B82002")
    moved = replace(moved, flags=moved.flags - {"address.no_fixed_abode"})
    message = _message(rng, "A31", moved, at + timedelta(hours=2))
    made.add(message, "gave", DEMOGRAPHICS, PRACTICE, child=moved, flags=moved.flags)


def _is_updated_unseen(made: _Made) -> None:
    child = _child(made.rng)
    flags = child.flags | {"change.not_compared"}
    made.add(_message(made.rng, "A31", child, _moment(made.rng)), "gave", DEMOGRAPHICS, child=child, flags=flags)


def _is_merged(made: _Made) -> None:
    rng, child, at = made.rng, _child(made.rng), _moment(made.rng)
    merge = _segment("MRG", {1: f"{rng.randrange(10**7):07d}^^^RWV^MRENTR~{nhs_number(rng)}^^^NHS^NHS"})
    made.add(_message(rng, "A40", child, at, extra=(merge,)), "gave", DEMOGRAPHICS, child=child, flags=child.flags)


def _dies_by_mistake(made: _Made) -> None:
    rng, child, at = made.rng, _child(made.rng), _moment(made.rng)
    made.add(_message(rng, "A28", child, at), "nothing:first_seen", flags=child.flags)
    dead = replace(child, died=at.strftime("%Y%m%d"), dead="Y")
    made.add(_message(rng, "A31", dead, at + timedelta(hours=1)), "gave", DIED, child=child, flags=child.flags)
    alive = replace(child, died='""', dead="N")
    made.add(_message(rng, "A31", alive, at + timedelta(days=1)), "gave", NOT_DIED, child=child, flags=child.flags)


def _is_adult(made: _Made) -> None:
    rng, at = made.rng, _moment(made.rng)
    adult = replace(_child(rng), born=date(1960, 1, 1) + timedelta(days=rng.randrange(15000)))
    adult = replace(adult, flags=adult.flags - {"birth_date.unknown"})
    made.add(_message(rng, "A04", adult, at, visit=_emergency(rng, at)), "nothing:adult", flags=adult.flags)


def _is_another_trigger(made: _Made) -> None:
    trigger = made.rng.choice(("A02", "A05", "A45", "A47"))
    message = _message(made.rng, trigger, _child(made.rng), _moment(made.rng))
    made.add(message, "nothing:trigger_not_published", flags=frozenset())


def _is_another_message(made: _Made) -> None:
    message = _message(made.rng, "A04", _child(made.rng), _moment(made.rng)).replace("ADT^A04", "ORU^R01", 1)
    made.add(message, "nothing:not_adt", flags=frozenset())


def _nobody(made: _Made) -> None:
    rng, at = made.rng, _moment(made.rng)
    nobody = replace(_child(rng), local="", nhs="", flags=frozenset())
    message = _message(rng, "A04", nobody, at, visit=_emergency(rng, at))
    made.add(message, "quarantined:content.no_child_id", flags=frozenset())
    made.faults.append("no id")


def _clocks_change(made: _Made) -> None:
    rng, child = made.rng, replace(_child(made.rng), born=date(2015, 6, 1))
    child = replace(child, flags=child.flags - {"birth_date.unknown"})
    at, flag = rng.choice(
        (
            (datetime(2025, 10, 26, 1, 30, tzinfo=UTC), "time.ambiguous"),
            (datetime(2025, 3, 30, 1, 30, tzinfo=UTC), "time.nonexistent"),
        )
    )
    message = _message(rng, "A04", child, at, visit=_emergency(rng, at))
    made.add(message, "gave", ATTENDED, child=child, flags=child.flags | {flag})
    made.faults.append("clocks change")


def _says_two_triggers(made: _Made) -> None:
    rng, child, at = made.rng, _child(made.rng), _moment(made.rng)
    message = _message(rng, "A04", child, at, visit=_emergency(rng, at), evn="A01", control="")
    flags = child.flags | {"trigger.differs", "message.id_missing"}
    made.add(message, "gave", ATTENDED, child=child, flags=flags)
    made.faults.append("two triggers")


def _has_no_visit_number(made: _Made) -> None:
    rng, child, at = made.rng, _child(made.rng), _moment(made.rng)
    visit = {**_emergency(rng, at), 19: ""}
    flags = child.flags | {"visit.no_number"}
    made.add(_message(rng, "A04", child, at, visit=visit), "gave", ATTENDED, child=child, flags=flags)
    made.faults.append("no visit number")


_STORIES: tuple[Callable[[_Made], None], ...] = (
    _attends,
    _attends,
    _attends,
    _comes_twice,
    _is_admitted,
    _is_added,
    _moves,
    _is_updated_unseen,
    _is_merged,
    _dies_by_mistake,
    _is_adult,
    _is_another_trigger,
    _is_another_message,
    _nobody,
    _clocks_change,
    _says_two_triggers,
    _has_no_visit_number,
)


def hl7_files(count: int, *, seed: int = 7) -> list[MadeFile]:
    """Make ``count`` files; the same seed makes the same files."""
    rng = Random(seed)
    return [_file(rng) for _ in range(count)]


def _file(rng: Random) -> MadeFile:
    made = _Made(rng)
    for _ in range(rng.randrange(1, 4)):
        rng.choice(_STORIES)(made)
    shape = rng.choice(("plain", "plain", "crlf", "lf", "batch", "no trailer", "framed", "doubled", "bom", "cut"))
    flags: set[str] = set()
    if shape == "cut":
        cut = _message(rng, "A04", _child(rng), _moment(rng))
        made.add(cut[: cut.index("PID|1") + 12], "quarantined:content.truncated", flags=frozenset())
    text = _SHAPES[shape]("\r".join(made.messages), made.messages)
    if shape == "no trailer":
        flags.add("batch.no_trailer")
    content, encoded = _encoded(text, rng)
    faults = (*made.faults, shape, *encoded)
    return MadeFile(
        content, tuple(replace(one, flags=one.flags | flags | set(encoded)) for one in made.expected), faults
    )


_SHAPES: dict[str, Callable[[str, list[str]], str]] = {
    "plain": lambda whole, _: f"{whole}\r",
    "crlf": lambda whole, _: whole.replace("\r", "\r\n") + "\r\n",
    "lf": lambda whole, _: whole.replace("\r", "\n") + "\n",
    "batch": lambda whole, all_: f"FHS|^~\\&|PAS\rBHS|^~\\&|PAS\r{whole}\rBTS|{len(all_)}\rFTS|1\r",
    "no trailer": lambda whole, _: f"BHS|^~\\&|PAS\r{whole}\r",
    "framed": lambda _, all_: "".join(f"\x0b{message}\r\x1c\r" for message in all_),
    "doubled": lambda whole, _: whole.replace("\\", "\\\\") + "\r",
    "bom": lambda whole, _: f"\ufeff{whole}\r",
    "cut": lambda whole, _: whole,
}
"""How a file's messages are put together. HL7 ends segments with CR; files come with anything."""


def _encoded(text: str, rng: Random) -> tuple[bytes, tuple[str, ...]]:
    """In one file of eight another encoding; the street then has a letter that tells."""
    choice = rng.random()
    if text.startswith("\ufeff") or choice > 0.125:
        return text.encode(), ()
    accented = text.replace("Mill Lane", "Mill Läne").replace("Quay St", "Quäy St").replace("|PAS|", "|PÄS|")
    if choice > 0.06 and "ä" in accented.lower():
        return accented.encode("cp1252"), ("encoding.cp1252",)
    return accented.encode("utf-16"), ("encoding.utf16",)
