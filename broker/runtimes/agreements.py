"""A partnership's own agreements: checked as they are written, put into its home, and read from there."""

import shutil
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import ClassVar

from broker.core.errors import MashError
from broker.runtimes.home import Home
from policies.checks import Checked, check_agreements
from policies.checks.terms import Known
from policies.engine import Engine, EngineLimits
from policies.engine.files import ROOT, agreements_in, files_of, read_policy_files, read_rule_texts

EXAMPLES: Mapping[str, Path] = {
    "county": ROOT / "agreements" / "wrenshire",
    "london": ROOT / "examples" / "london",
    "border": ROOT / "agreements" / "border",
}
"""The fictional agreements to begin with: a county, a London borough, two councils across a border."""
_LIKE = "county"
_COPYING, _COMING = ".copying-", ".coming-"
"""How the folder of an agreement begins that is copied into a home, and once it is decided that it comes."""


class AgreementError(MashError):
    """An agreement cannot be used."""

    codes: ClassVar[Mapping[str, str]] = {
        "agreement.not_found": "There is no agreement at that place.",
        "agreement.faulty": "An agreement has faults, so it was not put into the home.",
        "agreement.exists": "Something is already where the example was to be written.",
        "agreement.no_example": "There is no such example to begin with.",
        "agreement.unfinished": "An agreement was being put into the home, and that was cut short.",
        "agreement.of_the_demo": "A demonstration's home keeps the agreements that its story is about.",
    }


def load_engine(home: Home | None, limits: EngineLimits | None = None) -> Engine:
    """The policy with the agreements of the home; with those that come with the package, where it has none.

    Raises:
        AgreementError: one was being put into the home, and that was cut short.
        PolicyFileError: a file is missing or does not fit its schema.
    """
    if home is not None and any(home.root.glob(f"{_COMING}*")):
        what = "an agreement was being put into this home, and that was cut short"
        raise AgreementError(what, code="agreement.unfinished", remedy="do it again: mash agreement use PATH")
    own = home.agreements if home is not None and home.agreements.is_dir() else None
    return Engine.load(limits=limits, agreements=own)


def check(paths: Sequence[Path], today: date) -> tuple[Checked, ...]:
    """Check agreements, each a file, a folder of files, or a folder of agreements, as they stand on ``today``.

    Raises:
        AgreementError: there is nothing at a place.
    """
    return check_agreements(_each(paths), _known(), today)


def use(home: Home, paths: Sequence[Path], now: datetime) -> tuple[Checked, ...]:
    """Put agreements into the home; each takes the place of the one with its id, which is kept beside.

    What was checked is what will stand there together: the given ones, and those that stay.

    Raises:
        AgreementError: there is nothing at a place, or one of them has a fault; then nothing was changed.
    """
    if home.scripted_clock.exists():
        what = "this is a demonstration's home"
        raise AgreementError(what, code="agreement.of_the_demo", remedy="make one of your own with: mash init")
    _finish(home, now)
    given, known = _each(paths), _known()
    coming = {path: _id(path, known, now.date()) for path in given}
    there = {path: _id(path, known, now.date()) for path in agreements_in(home.agreements)}
    staying = [path for path, name in there.items() if name not in coming.values()]
    checked = check_agreements([*given, *staying], known, now.date())
    if any(each.faults for each in checked):
        what = f"{', '.join(each.name for each in checked if each.faults)}: faults were found, nothing was changed"
        raise AgreementError(what, code="agreement.faulty", remedy="see them with: mash agreement check")
    _put(home, coming, [path for path in there if path not in staying], now)
    return checked[: len(given)]


def write_example(folder: Path, like: str = _LIKE) -> Path:
    """Write one of the fictional agreements into a new folder, to be made one's own.

    Raises:
        AgreementError: something is already there, or there is no such example.
    """
    if like not in EXAMPLES:
        what = f"there is no example {like}"
        raise AgreementError(what, code="agreement.no_example", remedy=f"choose one of {', '.join(EXAMPLES)}")
    if folder.exists():
        what = f"{folder.name} is already there"
        raise AgreementError(what, code="agreement.exists", remedy="name a folder that does not exist yet")
    shutil.copytree(EXAMPLES[like], folder)
    return folder


def of_home(home: Home, today: date) -> tuple[Checked, ...]:
    """The agreements that the home works by, with what is found in each today."""
    own = agreements_in(home.agreements)
    return check_agreements(own or agreements_in(ROOT / "agreements"), _known(), today)


def formers(home: Home) -> Path:
    """Where agreements lie that another took the place of."""
    return home.root / "agreements-before"


def _put(home: Home, coming: Mapping[Path, str], going: Sequence[Path], now: datetime) -> None:
    """Put agreements into the home: copied whole first, then decided on, then moved into their places.

    From the moment at which they are decided on until the last is in its place nothing runs by any of them.
    """
    for path, name in coming.items():
        copied = home.root / f"{_COPYING}{name}"
        shutil.rmtree(copied, ignore_errors=True)
        copied.mkdir(parents=True, mode=0o700)
        for file in files_of(path):
            shutil.copyfile(file, copied / file.name)
    for name in coming.values():
        (home.root / f"{_COPYING}{name}").rename(home.root / f"{_COMING}{name}")
    for path in going:
        _set_aside(home, path, now)
    _finish(home, now)


def _finish(home: Home, now: datetime) -> None:
    """Move what was decided on into its place, also what was left when that was cut short."""
    for folder in sorted(home.root.glob(f"{_COMING}*")):
        place = home.agreements / folder.name.removeprefix(_COMING)
        home.agreements.mkdir(mode=0o700, exist_ok=True)
        if place.exists():
            _set_aside(home, place, now)
        folder.rename(place)


def _set_aside(home: Home, path: Path, now: datetime) -> None:
    formers(home).mkdir(mode=0o700, exist_ok=True)
    name = f"{path.stem}-until-{now:%Y%m%dT%H%M%S}"
    times = sum(1 for each in formers(home).iterdir() if each.name.startswith(name))
    path.rename(formers(home) / f"{name}{f'-{times}' if times else ''}{path.suffix}")


def _id(path: Path, known: Known, today: date) -> str:
    """The id of the agreement at ``path``; its own name where it has none that can be read."""
    (checked,) = check_agreements([path], known, today)
    return path.stem if checked.agreement is None else checked.agreement.id


def _each(paths: Sequence[Path]) -> list[Path]:
    found: list[Path] = []
    for path in paths:
        inside = agreements_in(path) if path.is_dir() and not files_of(path) else ()
        if not path.exists() or (path.is_dir() and not inside and not files_of(path)):
            what = f"there is no agreement at {path.name}"
            raise AgreementError(what, code="agreement.not_found", remedy="name a YAML file, or a folder with some")
        found.extend(inside or (path,))
    return found


def _known() -> Known:
    shipped = read_policy_files()
    return Known(shipped.law, shipped.catalogue, read_rule_texts())
