"""Checks an agreement as its author wrote it: form, law, practice, and what is about to lapse."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Self

from pydantic import ValidationError, model_validator

from policies.checks.directory import points_of_directory
from policies.checks.finding import Finding, Location, Point
from policies.checks.lines import Written
from policies.checks.shape import points_of_shape
from policies.checks.terms import Known, points_of_terms
from policies.engine import Agreement
from policies.engine.files import UnreadableFileError, files_of, read_parts


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check of one agreement found; ``agreement`` is none where its form is wrong."""

    name: str
    agreement: Agreement | None
    findings: tuple[Finding, ...]

    @property
    def faults(self) -> tuple[Finding, ...]:
        """What keeps it from starting."""
        return tuple(each for each in self.findings if each.weight == "fault")


class _Written(Agreement):
    """An agreement of the right form whose loose ends are told with their lines instead of refused."""

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        return self


def check_agreement(path: Path, known: Known, today: date) -> Checked:
    """Check the agreement in the file or folder ``path``, as it stands on ``today``."""
    files = files_of(path)
    if not files:
        return Checked(path.name, None, (_whole(path.name, "there is no YAML file here", "name a file or a folder"),))
    try:
        parts = read_parts(path)
    except UnreadableFileError as error:
        unreadable = Finding(error.file, error.line, "", error.why, "correct the file here", "", "fault")
        return Checked(path.name, None, (unreadable,))
    written = Written.read(files, path.name)
    try:
        agreement = _Written.model_validate(parts)
    except ValidationError as error:
        return Checked(path.name, None, tuple(_lined(points_of_shape(error), written)))
    points = [*points_of_directory(agreement, today), *points_of_terms(agreement, known, today)]
    return Checked(path.name, agreement, tuple(_lined(points, written)))


def check_agreements(paths: Iterable[Path], known: Known, today: date) -> tuple[Checked, ...]:
    """Check several that are to stand side by side; what two of them say of one recipient or party must agree."""
    checked = [check_agreement(path, known, today) for path in paths]
    seen: dict[tuple[str, str], tuple[str, object]] = {}
    found = []
    for each in checked:
        clashes = tuple(_clashes(each.agreement, seen)) if each.agreement is not None else ()
        found.append(Checked(each.name, each.agreement, (*each.findings, *clashes)))
    return tuple(found)


def _clashes(agreement: Agreement, seen: dict[tuple[str, str], tuple[str, object]]) -> Iterator[Finding]:
    said: list[tuple[tuple[str, str], object]] = [(("agreement", agreement.id), object())]
    said += [(("party", party.id), (party.kind, party.public_authority)) for party in agreement.parties]
    said += [(("recipient", entry.id), (entry.agency, entry.kind)) for entry in agreement.recipients]
    for name, what in said:
        other, before = seen.setdefault(name, (agreement.id, what))
        if before != what:
            told = f"{name[0]} {name[1]} stands in {other} too, and is said to be something else there"
            yield _whole(agreement.id, told, "correct one of the two")


def _lined(points: Iterable[Point], written: Written) -> Iterator[Finding]:
    for point in points:
        file, line = written.place(point.at)
        yield Finding(file, line, _told(point.at), point.what, point.mend, point.law, point.weight)


def _told(at: Location) -> str:
    """The place as people count: ``parties, 3rd of the list`` would be long, so ``parties[3].kind``, from 1."""
    said = ""
    for part in at:
        said += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if said else part
    return said


def _whole(name: str, what: str, mend: str) -> Finding:
    return Finding(name, 0, "", what, mend, "", "fault")
