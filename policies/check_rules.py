"""Checks the rules of a checkout as every build does: one answer for each thing that is checked."""

import json
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from contracts.errors import ContractError
from policies.build import generate, portable_capabilities
from policies.checks import check_agreements
from policies.checks.terms import Known
from policies.engine.files import ROOT, SOURCES, agreements_in, read_policy_files
from policies.keyed import OutsideKeyError, check_reads
from policies.metadata import MetadataGapError, rule_texts
from policies.opa import run_opa
from policies.reads import reads

EVERYTHING = (*SOURCES, "entry_test.rego", "basis_test.rego", "forms_test.rego", "edge_test.rego", "testing")
"""The rules with their tests, as files and folders of ROOT."""

NEEDED_COVERAGE = 100.0


@dataclass(frozen=True, slots=True)
class RuleCheck:
    """One thing that was checked; ``wrong``: what is wrong, empty where nothing is; ``mend``: what to do then."""

    what: str
    wrong: str
    mend: str

    @property
    def is_right(self) -> bool:
        """Whether nothing is wrong."""
        return not self.wrong


def check_rules(today: date) -> Iterator[RuleCheck]:
    """Check rules, law, catalogue and shipped agreements, one thing after the other, each told as soon as it is known.

    Raises:
        OpaError: the opa binary is missing.
    """
    for what, check, mend in _CHECKS:
        yield RuleCheck(what, _wrong(check), mend)
    found = _wrong(lambda: "; ".join(_faults(today)))
    yield RuleCheck("agreements", found, "see them with: mash agreement check")


def uncovered() -> dict[str, float]:
    """The files of rules whose tests do not reach every line, with how much of each they reach, in per cent."""
    report = json.loads(run_opa("test", "--coverage", "--format", "json", *EVERYTHING, cwd=ROOT))
    files = {name: float(found.get("coverage", 0)) for name, found in report["files"].items()}
    return {name: share for name, share in files.items() if share < NEEDED_COVERAGE and not name.endswith("_test.rego")}


def badly_formatted() -> str:
    """The files that `opa fmt` would write otherwise, one to a line."""
    return run_opa("fmt", "--list", *EVERYTHING, cwd=ROOT).strip()


def check_portable() -> None:
    """Check the rules against the strict, portable language.

    Raises:
        OpaError: they do not keep to it.
    """
    with tempfile.TemporaryDirectory() as folder:
        limits = Path(folder) / "capabilities.json"
        limits.write_text(json.dumps(portable_capabilities()), encoding="utf-8")
        run_opa("check", "--strict", "--capabilities", limits, "--ignore", "*_test.rego", *SOURCES, cwd=ROOT)
    run_opa("check", "--strict", *EVERYTHING, cwd=ROOT)


def _wrong(check: Callable[[], str]) -> str:
    try:
        return check()
    except (ContractError, MetadataGapError, OutsideKeyError) as error:
        if isinstance(error, ContractError) and error.code == "opa.not_found":
            raise
        return str(error)


def _strict() -> str:
    check_portable()
    return ""


def _files() -> str:
    read_policy_files()
    return ""


def _metadata() -> str:
    rule_texts(ROOT, SOURCES)
    return ""


def _key() -> str:
    check_reads(reads(ROOT, SOURCES))
    return ""


def _tests() -> str:
    run_opa("test", *EVERYTHING, cwd=ROOT)
    return ""


def _coverage() -> str:
    return "; ".join(f"{name}: {share:.1f} %" for name, share in uncovered().items())


def _fresh() -> str:
    differing = [path for path, content in generate().items() if not path.is_file() or path.read_bytes() != content]
    return ", ".join(path.relative_to(ROOT.parent).as_posix() for path in differing)


def _faults(today: date) -> Iterator[str]:
    files = read_policy_files()
    known = Known(files.law, files.catalogue, rule_texts(ROOT, SOURCES))
    for checked in check_agreements(agreements_in(ROOT / "agreements"), known, today):
        yield from (f"{fault.file}:{fault.line} {fault.what}" for fault in checked.faults)


_CHECKS: tuple[tuple[str, Callable[[], str], str], ...] = (
    ("law, catalogue and agreements are of the right form", _files, "correct the file that is named"),
    ("format", badly_formatted, "opa fmt --write policies"),
    ("strict and portable", _strict, "keep to policies/capabilities.json; see policies/README.md"),
    ("every rule is a whole document", _metadata, "complete its METADATA"),
    ("every read is in the key of remembered verdicts", _key, "add the field to policies/engine/key.py"),
    ("tests", _tests, "opa test says which"),
    ("every line is reached by a test", _coverage, "write the missing test beside the rule"),
    ("what is generated is fresh", _fresh, "python -m policies.build"),
)
