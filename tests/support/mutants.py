"""Rules with one fault put in: by named mutators, over the rules' text, statement by statement."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from contracts.words import (
    AgencyKind,
    DataCategory,
    Effect,
    EntryKind,
    Form,
    Grade,
    Operation,
    Purpose,
    RecipientKind,
    Restriction,
)

_LISTS = (
    AgencyKind, RecipientKind, Purpose, Grade, DataCategory, Restriction, EntryKind, Operation, Effect, Form,
)  # fmt: skip
_STATES = ("draft", "proposed", "signed", "suspended", "terminated", "active", "review_overdue", "expired", "missing")
VOCABULARIES = (*(tuple(str(word) for word in words) for words in _LISTS), _STATES)
"""A set is widened by each word of the list that all its words are of; a word from nowhere would change nothing."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """One file with one fault: which mutator put it in, on which line, and what stands there now."""

    file: str
    line: int
    mutator: str
    was: str
    now: str
    text: str

    @property
    def name(self) -> str:
        """What it is called in the list of those that change nothing."""
        return f"{self.file}: {self.mutator}: {self.was}"


@dataclass(frozen=True, slots=True)
class _Statement:
    """Lines first to last, from 0, of one statement at the top of a file."""

    first: int
    last: int


def mutants(root: Path, file: Path) -> Iterator[Mutant]:
    """Every mutant of one file; ``root``: what its name is told from."""
    lines = file.read_text(encoding="utf-8").splitlines()
    name = file.relative_to(root).as_posix()
    for statement in _statements(lines):
        yield _dropped(name, lines, statement)
    for number, line in enumerate(lines):
        if line.lstrip().startswith("#") or not line.strip() or line.startswith(("package ", "import ")):
            continue
        for mutator, change in MUTATORS.items():
            for changed in change(line):
                text = "\n".join([*lines[:number], changed, *lines[number + 1 :]]) + "\n"
                yield Mutant(name, number + 1, mutator, line.strip(), changed.strip(), text)


def _statements(lines: list[str]) -> Iterator[_Statement]:
    """Each statement: from a line that begins at the margin to where its brackets close."""
    first, depth = None, 0
    for number, line in enumerate(lines):
        code = line.split("#")[0]
        if first is None and code and not code[0].isspace() and not code.startswith(("package ", "import ")):
            first, depth = number, 0
        if first is not None:
            depth += sum(map(code.count, "{[(")) - sum(map(code.count, "}])"))
            if depth <= 0:
                yield _Statement(first, number)
                first = None


def _dropped(name: str, lines: list[str], statement: _Statement) -> Mutant:
    kept = [*lines[: statement.first], *lines[statement.last + 1 :]]
    was = lines[statement.first].strip()
    return Mutant(name, statement.first + 1, "drop a rule", was, "", "\n".join(kept) + "\n")


def _negated(line: str) -> Iterator[str]:
    for operator, other in (("==", "!="), ("!=", "=="), (" >= ", " < "), (" > 0", " == 0"), (" < ", " >= ")):
        if operator in line and ":=" not in line.split(operator, maxsplit=1)[0].rsplit(" if ", 1)[-1]:
            yield line.replace(operator, other, 1)
            break
    condition = re.match(r"^(?P<before>\s+|.* if )not (?P<what>.+)$", line)
    if condition:
        yield f"{condition['before']}{condition['what']}"
    called = re.match(r"^(?P<before>\t+|[^{]* if )(?P<what>_?[a-z_]+(\.[a-z_]+)*(\([^)]*\))?)$", line)
    if called and not called["what"].startswith("some "):
        yield f"{called['before']}not {called['what']}"


def _shifted(line: str) -> Iterator[str]:
    """A moment a second off: whole seconds are compared, so that is the sign beside it."""
    for operator, other in ((" < ", " <= "), (" >= ", " > "), (" <= ", " < ")):
        if operator in line and re.search(r"now|moments|review_due|valid_|not_before|until", line):
            yield line.replace(operator, other, 1)
            return


def _swapped(line: str) -> Iterator[str]:
    code = re.search(r'"code": "(?P<code>[a-z_0-9.]+)"', line)
    if code:
        yield line.replace(code["code"], "another.code", 1)


def _widened(line: str) -> Iterator[str]:
    found = re.search(r'in \{(?P<words>"[^}]+")\}', line)
    if found:
        words = re.findall(r'"([^"]+)"', found["words"])
        vocabulary = next((each for each in VOCABULARIES if set(words) <= set(each)), ())
        for new in (each for each in vocabulary if each not in words):
            yield line.replace(found["words"], f'{found["words"]}, "{new}"', 1)


MUTATORS: dict[str, Callable[[str], Iterator[str]]] = {
    "negate a condition": _negated,
    "shift a date by a second": _shifted,
    "swap a code": _swapped,
    "widen a set": _widened,
}
"""By name, besides "drop a rule", which works on whole statements."""
