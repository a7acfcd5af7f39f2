"""Makes up case extracts of children's social care, with what each must come to.

Written from the stated stand-in's columns, never from the adapter's code.
"""

import csv
import io
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from random import Random

from tests.support.native_results import OBSERVED, Expected, MadeFile

TODAY = OBSERVED.date()
COLUMNS = (
    "row", "la_child_id", "nhs_number", "nhs_trace_status", "upn", "forenames", "surname", "birth_date",
    "expected_date", "sex", "address_line_1", "address_line_2", "postcode", "restricted", "team", "team_name", "worker",
    "phone", "other_child_id", "link", "adult_id", "adult_forenames", "adult_surname", "relationship",
    "adult_birth_date", "parental_responsibility", "restriction", "from", "to",
)  # fmt: skip
SURNAMES = ("Marsh", "Okafor", "Fenn", "Lacey", "Tranter", "Vale", "Quill")
GOOD_NHS = ("9990000018", "9990000026", "9990000034", "9990000042")
BAD_NHS = ("9990000019", "9990000027")
WORKER = ("worker.allocated", "worker.ended")
HOUSEHOLD = "household_link.recorded"
ADULT = "adult_link.recorded"
RESTRICTION = ("restriction.raised", "restriction.lifted")

Cells = dict[str, str]


@dataclass(slots=True)
class _Child:
    reference: str
    surname: str
    birth_date: date | None
    flags: set[str] = field(default_factory=set)
    is_adult: bool = False


@dataclass(slots=True)
class _Draft:
    rows: list[tuple[Cells, Expected]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def case_files(count: int, *, seed: int = 6) -> list[MadeFile]:
    """Make ``count`` first-time extracts; the same seed makes the same files."""
    rng = Random(seed)
    return [_file(rng, number) for number in range(count)]


def _file(rng: Random, number: int) -> MadeFile:
    draft = _Draft()
    for place in range(rng.randrange(1, 4)):
        _add_child(rng, draft, f"{number % 900 + 100}{place}")
    fault = rng.choice(["", "", "", "cut", "no end", "wrong count", "ragged", "cp1252"])
    if fault == "cut" and draft.rows[-1][0]["row"] == "child":
        fault = ""
    text = _written(draft.rows, claimed=len(draft.rows) + (fault == "wrong count"))
    content, expected = _spoilt(fault, text, [outcome for _, outcome in draft.rows])
    return MadeFile(content, tuple(expected), (*draft.faults, *([fault] if fault else [])))


def _spoilt(fault: str, text: str, expected: list[Expected]) -> tuple[bytes, list[Expected]]:
    no_end = Expected("quarantined:extract.no_end")
    match fault:
        case "cut":
            text = text[: text.rindex("\nend")].rsplit(",", 5)[0]
            expected = [*expected[:-1], Expected("quarantined:content.truncated"), no_end]
        case "no end":
            text = text[: text.rindex("\nend")] + "\n"
            expected = [*expected, no_end]
        case "wrong count":
            expected = [*expected, Expected("quarantined:extract.count_differs")]
        case "ragged":
            head, first, rest = text.split("\n", 2)
            text = f"{head}\n{first},\n{rest}"
            expected[0] = replace(expected[0], flags=expected[0].flags | {"row.ragged"})
        case "cp1252":
            expected = [replace(one, flags=one.flags | {"encoding.cp1252"}) for one in expected]
            return text.replace("Mill", "Mïll").encode("cp1252"), expected
        case _:
            pass
    return text.encode(), expected


def _written(rows: list[tuple[Cells, Expected]], *, claimed: int) -> str:
    sink = io.StringIO()
    writer = csv.DictWriter(sink, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for cells, _ in rows:
        writer.writerow(cells)
    writer.writerow({"row": "end", "la_child_id": str(claimed)})
    return sink.getvalue()


def _add_child(rng: Random, draft: _Draft, reference: str) -> None:
    child = _Child(reference, rng.choice(SURNAMES), TODAY - timedelta(days=rng.randrange(40, 17 * 365)))
    restricted = rng.random() < 0.3
    cells = _child_cells(rng, child, draft)
    cells["restricted"] = rng.choice(["Y", "yes", "1"]) if restricted else rng.choice(["N", ""])
    outcome = (
        _gave(child, RESTRICTION[0]) if restricted else Expected("nothing:child_details", (), frozenset(child.flags))
    )
    at = len(draft.rows)
    for make in rng.sample([_worker, _household, _adult, _restriction, _odd], rng.randrange(1, 6)):
        make(rng, draft, child)
    if child.is_adult:
        outcome = Expected("nothing:adult", (), frozenset(child.flags))
    draft.rows.insert(rng.choice([at, len(draft.rows)]), (cells, outcome))


def _child_cells(rng: Random, child: _Child, draft: _Draft) -> Cells:
    born = child.birth_date or TODAY
    cells = {
        "row": "child",
        "la_child_id": child.reference,
        "nhs_number": rng.choice(GOOD_NHS),
        "nhs_trace_status": rng.choice(["traced", "01", "02", "not traced", ""]),
        "forenames": "Mia",
        "surname": child.surname,
        "birth_date": _day(rng, born),
        "sex": rng.choice(["F", "M"]),
        "address_line_1": "14 Mill Lane",
        "postcode": "WR1 4QT",
    }
    fault = rng.choice(["", "", "", "number", "unborn", "adult", "no birth date", "odd sex", "odd trace", "no number"])
    _spoil_child(rng, fault, cells, child)
    if fault:
        draft.faults.append(fault)
    return cells


def _spoil_child(rng: Random, fault: str, cells: Cells, child: _Child) -> None:
    simple = {"odd sex": ("sex", "7"), "odd trace": ("nhs_trace_status", "perhaps"), "no number": ("nhs_number", "")}
    flags = {"odd sex": "sex.unknown_code", "odd trace": "trace_status.unknown", "no number": "identifier.missing"}
    match fault:
        case "number":
            cells["nhs_number"] = rng.choice(BAD_NHS)
            child.flags.add("identifier.nhs_number.failed")
        case "unborn":
            child.birth_date = None
            cells |= {"birth_date": "", "expected_date": _day(rng, TODAY + timedelta(days=60)), "nhs_number": ""}
            child.flags.add("identifier.missing")
        case "adult":
            child.birth_date, child.is_adult = date(2005, 1, 1), True
            cells["birth_date"] = "2005-01-01"
        case "no birth date":
            child.birth_date = None
            cells["birth_date"] = "unknown"
            child.flags |= {"birth_date.unreadable", "birth_date.unknown"}
        case "odd sex" | "odd trace" | "no number":
            name, value = simple[fault]
            cells[name] = value
            child.flags.add(flags[fault])
        case _:
            pass


def _worker(rng: Random, draft: _Draft, child: _Child) -> None:
    since = TODAY - timedelta(days=rng.randrange(20, 300))
    cells = {
        "row": "worker", "la_child_id": child.reference, "team": "csc-north", "team_name": "North Team",
        "worker": "Asha Bell", "phone": "01632 960201", "from": _day(rng, since),
    }  # fmt: skip
    flags: set[str] = set()
    name = WORKER[0]
    match rng.choice(["open", "ended", "ends later", "no start", "no team", "order"]):
        case "ended":
            cells["to"] = _day(rng, TODAY - timedelta(days=3))
            name = WORKER[1]
        case "ends later":
            cells["to"] = _day(rng, TODAY + timedelta(days=30))
        case "no start":
            cells["from"] = ""
            flags.add("from.missing")
        case "no team":
            cells["team"] = ""
            draft.faults.append("no team")
            result = "nothing:adult" if child.is_adult else "quarantined:worker.no_team"
            draft.rows.append((cells, Expected(result, (), frozenset(child.flags))))
            return
        case "order":
            cells["to"] = _day(rng, since - timedelta(days=10))
            flags.add("date.out_of_order")
            name = WORKER[1]
        case _:
            pass
    draft.rows.append((cells, _gave(child, name, flags)))


def _household(rng: Random, draft: _Draft, child: _Child) -> None:
    cells = {
        "row": "household", "la_child_id": child.reference, "other_child_id": f"9{child.reference}",
        "link": rng.choice(["sibling", "same_household"]), "from": "01/09/2022",
    }  # fmt: skip
    flags: set[str] = set()
    draw = rng.random()
    if draw < 0.15:
        cells["link"] = "lodger"
        flags.add("code.unknown")
    if draw > 0.85:
        cells["other_child_id"] = ""
        draft.faults.append("no other child")
        result = "nothing:adult" if child.is_adult else "quarantined:household.no_other_child"
        draft.rows.append((cells, Expected(result, (), frozenset(child.flags))))
        return
    draft.rows.append((cells, _gave(child, HOUSEHOLD, flags)))


def _adult(rng: Random, draft: _Draft, child: _Child) -> None:
    cells = {
        "row": "adult", "la_child_id": child.reference, "adult_id": "A77", "adult_forenames": "Dana",
        "adult_surname": "Marsh", "relationship": rng.choice(["mother", "Father", "carer", "partner"]),
        "adult_birth_date": _day(rng, date(1993, 2, 11)), "parental_responsibility": rng.choice(["Y", "N", ""]),
        "from": _day(rng, date(2016, 5, 14)),
    }  # fmt: skip
    flags: set[str] = set()
    if rng.random() < 0.15:
        cells["relationship"] = "godmother"
        flags.add("code.unknown")
    if rng.random() < 0.1:
        cells["adult_birth_date"] = "11th Feb"
        flags.add("date.unreadable")
    draft.rows.append((cells, _gave(child, ADULT, flags)))


def _restriction(rng: Random, draft: _Draft, child: _Child) -> None:
    cells = {"row": "restriction", "la_child_id": child.reference, "restriction": "marac", "from": "2026-01-05"}
    flags: set[str] = set()
    name = RESTRICTION[0]
    draw = rng.random()
    if draw < 0.2:
        cells["restriction"] = "something new"
        flags.add("restriction.unknown")
    elif draw < 0.4:
        cells["to"] = "2026-02-05"
        name = RESTRICTION[1]
    draft.rows.append((cells, _gave(child, name, flags)))


def _odd(rng: Random, draft: _Draft, child: _Child) -> None:
    cells = {"row": "worker", "la_child_id": child.reference, "team": "csc-north", "from": "2026-01-01"}
    match rng.choice(["no id", "odd kind", "no child row"]):
        case "no id":
            cells["la_child_id"] = ""
            outcome = Expected("quarantined:content.no_child_id")
        case "odd kind":
            cells["row"] = "visit"
            outcome = Expected("quarantined:row.unknown_kind")
        case _:
            cells["la_child_id"] = f"7{child.reference}"
            flags = frozenset({"child.row_missing", "birth_date.unknown", "identifier.missing", "name.missing"})
            outcome = Expected("gave", ((WORKER[0], "", None),), flags)
            draft.faults.append("no child row")
    draft.rows.append((cells, outcome))


def _gave(child: _Child, name: str, flags: set[str] | None = None) -> Expected:
    every = frozenset(child.flags | (flags or set()))
    if child.is_adult:
        return Expected("nothing:adult", (), every - (flags or set()))
    return Expected("gave", ((name, child.surname, child.birth_date),), every)


def _day(rng: Random, day: date) -> str:
    return rng.choice([day.isoformat(), f"{day:%d/%m/%Y}", f"{day:%Y%m%d}"])
