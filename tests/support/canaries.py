"""Words of the fictional people that must never stand in a log line, an error or a file: checked after every test.

`tests/conftest.py` takes the two hooks from here. Standard output may show them: a view does.
"""

import logging
import re
import subprocess
from collections.abc import Callable, Generator, Iterable
from functools import cache, wraps
from pathlib import Path
from typing import Any

import pytest

from broker.core.errors import MashError
from contracts.errors import ContractError
from tests.support.people import CHILDREN, CRAIG, DANA, MR_ORME
from tests.support.tree import TOP

WEEKEND = TOP / "broker/demo/weekend"
NAMES = ("Marsh", "Theo", "Dana", "Doyle", "Orme", "Ellie Byrne", "Mia")
PLACES = ("Mill Lane", "Larch House", "Quarry Road", "ZZ99 4WR", "ZZ99 9LH", "WR1 4QT")
TOLD = (
    "He shouts at Mum",
    "sleeps in her clothes",
    "Mia stayed behind",
    "Craig Doyle is said to have",
    "Left before being seen",
    "asleep upstairs",
)
"""Pieces of what is said in the weekend's files and in the builders' events."""


NAMING_THE_CAST = {"ScenarioError"}
"""Errors about a written case, for whoever is writing it: they list the cast that ships with the cases."""


@cache
def canaries() -> tuple[str, ...]:
    """Names, numbers, places and pieces of narrative."""
    numbers = {
        number
        for child in CHILDREN.values()
        for number in (child.nhs_number, child.upn, child.la_child_id)
        if number is not None
    }
    phones = {person.phone for person in (DANA, CRAIG, MR_ORME) if person.phone}
    return tuple(sorted({*NAMES, *PLACES, *TOLD, *numbers, *phones}))


@cache
def _pattern() -> re.Pattern[str]:
    words = "|".join(re.escape(canary) for canary in canaries())
    return re.compile(rf"(?<![\w-])(?:{words})(?![\w-])")


def canaries_in(text: str) -> set[str]:
    """Every canary that stands in a text as a word of its own."""
    return set(_pattern().findall(text))


def canaries_in_files(files: Iterable[Path]) -> set[tuple[str, str]]:
    """Every canary whose bytes stand in one of these files in the clear, with the file's name."""
    wanted = [(canary, canary.encode()) for canary in canaries() if len(canary) > len("Marsh")]
    found = set()
    for file in files:
        content = file.read_bytes()
        found |= {(canary, file.name) for canary, plain in wanted if plain in content}
        found |= {(canary, file.name) for canary in ("Marsh", "Doyle") if canary.encode() in content}
    return found


def weekend_canaries() -> set[str]:
    """Those of the canaries that really stand in the weekend's files."""
    said = "".join(file.read_text(encoding="utf-8") for file in WEEKEND.iterdir() if file.suffix != ".md")
    return {canary for canary in canaries() if canary in said}


class Said:
    """What errors and log lines of this process said, and programs that it started, since the last look."""

    def __init__(self) -> None:
        self.where: list[str] = []

    def hear(self, where: str, text: str) -> None:
        """Remember where a canary was said; never what was said."""
        if found := canaries_in(text):
            self.where.append(f"{where} holds {len(found)} of the canaries: {sorted(found)}")

    def take(self) -> list[str]:
        """What was heard, once."""
        heard, self.where = self.where, []
        return heard


SAID = Said()


class Listening(logging.Handler):
    """Hears every log line."""

    def emit(self, record: logging.LogRecord) -> None:
        """Hear one."""
        SAID.hear(f"a log line of {record.name}", record.getMessage())


def _heard(initialise: Callable[..., None]) -> Callable[..., None]:
    """Listen to every error of ours as it is made, whoever catches it."""

    @wraps(initialise)
    def listened(self: Any, *args: Any, **kwargs: Any) -> None:
        initialise(self, *args, **kwargs)
        if type(self).__name__ in NAMING_THE_CAST:
            return
        said = self.diagnostics() if isinstance(self, MashError) else str(self)
        SAID.hear(f"an error {type(self).__name__}", said)

    return listened


def _overheard(run: Callable[..., Any]) -> Callable[..., Any]:
    """Listen to the standard error of every program that a test runs."""

    @wraps(run)
    def listened(*args: Any, **kwargs: Any) -> Any:
        done = run(*args, **kwargs)
        said = done.stderr.decode(errors="replace") if isinstance(done.stderr, bytes) else done.stderr or ""
        SAID.hear("standard error of a program", said)
        return done

    return listened


def pytest_sessionstart() -> None:
    """Begin to listen."""
    MashError.__init__ = _heard(MashError.__init__)  # type: ignore[method-assign]
    ContractError.__init__ = _heard(ContractError.__init__)  # type: ignore[method-assign]
    subprocess.run = _overheard(subprocess.run)
    logging.getLogger().addHandler(Listening())


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let a test fail, however green, during which a canary was heard where none may be."""
    report = yield
    for name, text in report.sections:
        if "stderr" in name or "log" in name:
            SAID.hear(name, text)
    heard = SAID.take()
    if heard and report.when == "call" and report.passed:
        report.outcome = "failed"
        report.longrepr = "A canary was heard:\n" + "\n".join(heard)
    return report
