"""Makes up rolls of schools and nurseries, with what each must come to; written from the census tables' columns."""

import csv
import io
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from tests.support.mis_generator import FORENAMES, SURNAMES, upn
from tests.support.native_results import OBSERVED, Expected, MadeFile

TODAY = OBSERVED.date()
CENSUS = ("pupilonrolltableid", "NativeId", "dob", "surname", "forename", "upn", "sex", "entrydate", "ncyearactual")
CENSUS_LEFT = (
    "pupilnolongeronrolltableid", "NativeId", "dob", "surname", "forename", "upn", "gender", "entrydate", "leavingdate",
)  # fmt: skip
NURSERY = ("Child ID", "First name", "Last name", "Date of birth", "Sex", "Start date", "Leaving date", "Room")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
ENROLLED = "pupil.enrolled"
LEFT = "pupil.left"


@dataclass(frozen=True, slots=True)
class _Row:
    cells: dict[str, str]
    expected: Expected


def roll_files(count: int, *, seed: int = 5) -> list[MadeFile]:
    """Make ``count`` first-time rolls; the same seed makes the same files."""
    rng = Random(seed)
    return [_file(rng) for _ in range(count)]


def _file(rng: Random) -> MadeFile:
    header = rng.choice([CENSUS, CENSUS_LEFT, NURSERY])
    faults: list[str] = []
    rows = [_row(rng, header, number, faults) for number in range(rng.randrange(1, 9))]
    sink = io.StringIO()
    writer = csv.DictWriter(sink, header, lineterminator=rng.choice(["\n", "\r\n"]))
    writer.writeheader()
    writer.writerows(row.cells for row in rows)
    text = sink.getvalue()
    expected = [row.expected for row in rows]
    draw = rng.random()
    if draw < 0.12:
        text = text.rstrip("\r\n").rsplit(",", 2)[0]
        expected[-1] = Expected("quarantined:content.truncated")
        faults.append("cut")
    elif draw < 0.24:
        text = text.rstrip("\r\n") + ",,"
        expected[-1] = replace(expected[-1], flags=expected[-1].flags | {"row.ragged"})
        faults.append("ragged")
    elif draw < 0.32:
        text = "\ufeff" + text
        faults.append("byte order mark")
    return MadeFile(text.encode(), tuple(expected), tuple(faults))


def _row(rng: Random, header: tuple[str, ...], number: int, faults: list[str]) -> _Row:
    surname = rng.choice(SURNAMES)
    born = TODAY - timedelta(days=365 * rng.randrange(5, 16) + rng.randrange(300))
    since = born + timedelta(days=1500)
    left = since + timedelta(days=60) if header == CENSUS_LEFT or (header == NURSERY and rng.random() < 0.2) else None
    is_adult = rng.random() < 0.06
    if is_adult:
        born, since = date(1999, 1, 1), date(2004, 9, 1)
        left = date(2025, 9, 1) if left else None
    flags: set[str] = set()
    number_text = upn(rng, right=rng.random() > 0.2) if header != NURSERY else f"N{number}{rng.randrange(10**6)}"
    if header == NURSERY:
        flags.add("identifier.missing")
    elif not _is_right(number_text):
        flags.add("identifier.upn.failed")
        faults.append("wrong check letter")
    known: date | None = born
    birth_text = _written(rng, born)
    if not is_adult and rng.random() < 0.08:
        birth_text, known = rng.choice([("", None), ("31/02/2018", None)])
        flags.add("birth_date.unknown")
        flags |= {"birth_date.unreadable"} if birth_text else set()
        faults.append("no birth date")
    since_text = _written(rng, since)
    if rng.random() < 0.08:
        since_text = ""
        flags.add("entry_date.missing")
        faults.append("no entry date")
    if left and since_text and not is_adult and rng.random() < 0.1:
        left = since - timedelta(days=5)
        flags.add("date.out_of_order")
        faults.append("left before entering")
    cells = _cells(header, rng, surname, number_text, birth_text, since_text, _written(rng, left) if left else "")
    if is_adult:
        return _Row(cells, Expected("nothing:adult", (), frozenset(flags)))
    name = LEFT if left else ENROLLED
    return _Row(cells, Expected("gave", ((name, surname, known),), frozenset(flags)))


def _is_right(number: str) -> bool:
    letters = "ABCDEFGHJKLMNPQRTUVWXYZ"
    return letters[sum(w * int(d) for w, d in zip(range(2, 14), number[1:], strict=True)) % 23] == number[0]


def _cells(
    header: tuple[str, ...], rng: Random, surname: str, number: str, born: str, since: str, left: str
) -> dict[str, str]:
    by_meaning = {
        ("pupilonrolltableid", "pupilnolongeronrolltableid"): f"{rng.randrange(16**8):08x}",
        ("NativeId",): "SCH4",
        ("dob", "Date of birth"): born,
        ("surname", "Last name"): surname,
        ("forename", "First name"): rng.choice(FORENAMES),
        ("upn", "Child ID"): number,
        ("sex", "gender", "Sex"): rng.choice(["F", "M"]),
        ("entrydate", "Start date"): since,
        ("leavingdate", "Leaving date"): left,
        ("ncyearactual", "Room"): "3",
    }
    return {name: value for names, value in by_meaning.items() for name in names if name in header}


def _written(rng: Random, day: date) -> str:
    return rng.choice(
        [
            f"{day.year}-{MONTHS[day.month - 1]}-{day.day:02d} 00:00:00",
            day.isoformat(),
            f"{day:%d/%m/%Y}",
            f"{day:%Y%m%d}",
        ]
    )
