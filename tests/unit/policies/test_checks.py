"""Deliberately broken agreements: each fault is told with its line, its mend and what the law expects."""

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from policies.checks import Checked, Finding, check_agreement, check_agreements
from policies.checks.terms import Known
from policies.engine.files import ROOT, agreements_in, read_policy_files, read_rule_texts
from tests.support.broken_agreements import BROKEN

TODAY = date(2026, 3, 9)


@pytest.fixture(scope="module")
def known() -> Known:
    shipped = read_policy_files()
    return Known(shipped.law, shipped.catalogue, read_rule_texts())


@pytest.fixture
def wrenshire(tmp_path: Path) -> Path:
    return Path(shutil.copytree(ROOT / "agreements" / "wrenshire", tmp_path / "wrenshire"))


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_agreement_is_told_with_line_fault_and_mend(name: str, wrenshire: Path, known: Known) -> None:
    broken = BROKEN[name]
    path = wrenshire / broken.file
    text = path.read_text(encoding="utf-8")
    assert broken.old in text
    path.write_text(text.replace(broken.old, broken.new, 1), encoding="utf-8")
    found = [f for f in check_agreement(wrenshire, known, TODAY).findings if broken.what in f.what]
    assert found, [f.what for f in check_agreement(wrenshire, known, TODAY).findings]
    assert broken.mend in found[0].mend
    assert broken.law in found[0].law
    assert found[0].weight == broken.weight
    if broken.on != "(the whole)":
        mark = (broken.on or broken.new).rstrip()
        changed = path.read_text(encoding="utf-8")
        assert (found[0].file, found[0].line) == (
            broken.file,
            changed[: changed.index(mark) + len(mark)].count("\n") + 1,
        )


def test_what_is_shipped_has_no_fault_on_any_day_of_its_life(known: Known) -> None:
    for day in (date(2025, 4, 1), TODAY, date(2027, 3, 30)):
        for folder in (ROOT / "agreements", ROOT / "examples"):
            for checked in check_agreements(agreements_in(folder), known, day):
                assert checked.agreement is not None
                assert checked.faults == ()


@pytest.mark.parametrize(
    "day, told",
    [
        (date(2026, 12, 30), False),
        (date(2026, 12, 31), True),
        (date(2027, 3, 30), True),
        (date(2027, 3, 31), True),
        (date(2027, 6, 1), True),
    ],
)
def test_the_end_is_told_of_from_ninety_days_before(wrenshire: Path, known: Known, day: date, told: bool) -> None:  # noqa: FBT001
    found = [f for f in check_agreement(wrenshire, known, day).findings if f.place == "valid_to"]
    assert bool(found) is told
    assert all(f.weight == "warning" for f in found)


def test_an_agreement_in_one_file_is_read_as_one_in_many(tmp_path: Path, known: Known) -> None:
    whole = tmp_path / "ours.yml"
    parts = sorted((ROOT / "agreements" / "wrenshire").glob("*.yaml"))
    whole.write_text("\n".join(part.read_text(encoding="utf-8") for part in parts), encoding="utf-8")
    one = check_agreement(whole, known, TODAY)
    assert one.agreement == check_agreement(ROOT / "agreements" / "wrenshire", known, TODAY).agreement
    assert one.faults == ()


def _changed(folder: Path, change: Callable[[str], str]) -> None:
    for path in folder.iterdir():
        path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")


def test_two_that_stand_side_by_side_say_the_same_of_one_recipient(
    tmp_path: Path, wrenshire: Path, known: Known
) -> None:
    other = Path(shutil.copytree(wrenshire, tmp_path / "other"))
    _changed(other, lambda text: text.replace("id: wrenshire\n", "id: other\n"))
    assert _faults(check_agreements([wrenshire, other], known, TODAY)) == []
    _changed(other, lambda text: text.replace("kind: vendor", "kind: other"))
    (fault,) = _faults(check_agreements([wrenshire, other], known, TODAY))
    assert "stands in wrenshire too, and is said to be something else there" in fault.what


def test_two_with_one_id_do_not_stand_side_by_side(tmp_path: Path, wrenshire: Path, known: Known) -> None:
    other = Path(shutil.copytree(wrenshire, tmp_path / "other"))
    assert (
        "agreement wrenshire stands in wrenshire too"
        in _faults(check_agreements([wrenshire, other], known, TODAY))[0].what
    )


def _faults(checked: tuple[Checked, ...]) -> list[Finding]:
    return [fault for each in checked for fault in each.faults]
