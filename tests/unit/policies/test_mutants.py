"""A fault put into any rule makes one of the rules' own tests fail.

A seeded slice of them here; all of them by ``make long``, which takes about five minutes.
"""

import hashlib
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from policies.check_rules import EVERYTHING
from policies.engine.files import ROOT
from policies.opa import find_opa
from tests.support.mutants import Mutant, mutants

pytestmark = pytest.mark.needs_opa

HOW_MANY = int(os.environ.get("MASH_MUTANTS", "200"))
SEED = os.environ.get("MASH_MUTANTS_SEED", "1")
SECONDS = 60

_NEVER_WRITTEN = "an agreement's files say only draft, proposed, signed, active, suspended, terminated"
EQUIVALENT: Mapping[tuple[str, str], str] = {
    ("facts/pair.rego", '"terminated", "review_overdue"}'): _NEVER_WRITTEN,
    ("facts/pair.rego", '"terminated", "expired"}'): _NEVER_WRITTEN,
    ("facts/pair.rego", '"terminated", "missing"}'): _NEVER_WRITTEN,
    (
        "facts/confidence.rego",
        '"emergency_department", "analyst"}',
    ): "what an analyst is given breaches no confidence in any case",
    (
        "forms.rego",
        '{"token", "summary", "give", "ask"}',
    ): "the most that is left is what stands after asking, never ask",
}
"""Mutants that change no answer, by file and the words that stand there now, and why."""


def _chosen() -> list[Mutant]:
    files = sorted([*ROOT.glob("*.rego"), *(ROOT / "facts").glob("*.rego"), *(ROOT / "rules").glob("*.rego")])
    found = [each for file in files if not file.name.endswith("_test.rego") for each in mutants(ROOT, file)]
    wanted = [each for each in found if not _is_equivalent(each)]
    wanted.sort(key=lambda each: hashlib.sha256(f"{SEED} {each.name} {each.now}".encode()).digest())
    return wanted[:HOW_MANY]


def _is_equivalent(mutant: Mutant) -> bool:
    return any(mutant.file == file and words in mutant.now for file, words in EQUIVALENT)


def _passes(folder: Path, opa: Path) -> bool:
    ran = subprocess.run(
        [opa, "test", *EVERYTHING],
        cwd=folder,
        check=False,
        capture_output=True,
        timeout=SECONDS,
        stdin=subprocess.DEVNULL,
    )
    return ran.returncode == 0


@pytest.mark.usefixtures("compiler")
def test_no_fault_in_a_rule_goes_unnoticed(tmp_path: Path) -> None:
    opa = find_opa()
    for each in EVERYTHING:
        source = ROOT / each
        (shutil.copytree if source.is_dir() else shutil.copy)(source, tmp_path / each)
    assert _passes(tmp_path, opa)
    chosen, survivors = _chosen(), []
    assert len(chosen) >= min(HOW_MANY, 800)
    for mutant in chosen:
        file = tmp_path / mutant.file
        was = file.read_text(encoding="utf-8")
        file.write_text(mutant.text, encoding="utf-8")
        if _passes(tmp_path, opa):
            survivors.append(f"{mutant.file}:{mutant.line} {mutant.mutator}: {mutant.was} -> {mutant.now or 'nothing'}")
        file.write_text(was, encoding="utf-8")
    assert survivors == []


def test_what_is_said_to_change_nothing_is_still_there() -> None:
    files = [ROOT / file for file, _ in EQUIVALENT]
    found = [each for file in {*files} for each in mutants(ROOT, file)]
    assert [key for key in EQUIVALENT if not any(m.file == key[0] and key[1] in m.now for m in found)] == []
