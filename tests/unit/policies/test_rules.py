"""The rules pass their own tests, in their own language, under the real opa."""

import json
import re
import shutil
from datetime import date
from pathlib import Path

import pytest

from contracts.words import DataCategory, Purpose, RecipientKind
from policies.build import generate, portable_capabilities
from policies.check_rules import EVERYTHING, badly_formatted, check_portable, check_rules, uncovered
from policies.engine.files import ROOT, SOURCES, read_policy_files
from policies.metadata import MetadataGapError, annotations, rule_texts
from policies.opa import run_opa
from tests.support.shared_material import shared

pytestmark = pytest.mark.needs_opa

RULE_FILES = sorted(path for path in (ROOT / "rules").glob("*.rego") if not path.name.endswith("_test.rego"))
RULES_AND_FACTS = [
    path
    for path in sorted([*ROOT.glob("*.rego"), *(ROOT / "facts").glob("*.rego"), *RULE_FILES])
    if not path.name.endswith("_test.rego")
]
LONGEST_FILE = 120


@pytest.mark.usefixtures("compiler")
def test_every_rule_passes_its_tests_and_each_of_its_lines_is_reached_by_them() -> None:
    run_opa("test", *EVERYTHING, cwd=ROOT)
    assert uncovered() == {}


@pytest.mark.usefixtures("compiler")
def test_the_rules_are_tried_on_every_word_of_the_contract() -> None:
    for name, words in (("recipient_kinds", RecipientKind), ("purposes", Purpose), ("data_categories", DataCategory)):
        asked = f"sort(data.mash.testing.{name})"
        found = json.loads(run_opa("eval", "--format=values", "--data", "testing", asked, cwd=ROOT))
        assert found == [sorted(words)]


@pytest.mark.usefixtures("compiler")
def test_every_rule_keeps_to_the_portable_language_and_its_format() -> None:
    check_portable()
    assert badly_formatted() == ""


@pytest.mark.usefixtures("compiler")
def test_the_check_finds_nothing_wrong_in_what_ships() -> None:
    found = list(check_rules(date(2026, 3, 9)))
    assert len(found) == 9
    assert [each for each in found if not each.is_right] == []


@pytest.mark.usefixtures("compiler")
@pytest.mark.parametrize(
    "file, old, new, what",
    [
        ("rules/timing.rego", "input.now < input", "input.now<input", "format"),
        ("rules/timing.rego", "input.now < input", "input.now <= input", "every read is in the key"),
        ("rules/timing.rego", "input.now < input.event", "to_number(input.now) < input.event", "strict and portable"),
        ("rules/timing.rego", "#   owner: police-mash\n", "", "every rule is a whole document"),
        ("rules/timing.rego", '"police_mash", "mash_core"', '"police_mash", "gp"', "tests"),
        ("rules/timing_test.rego", "test_", "not_a_", "every line is reached by a test"),
        ("law/gateways.yaml", "effect: requires", "effect: demands", "of the right form"),
        ("agreements/wrenshire/approvals.yaml", "hold.stands", "hold.stays", "agreements"),
    ],
)
def test_the_check_names_what_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str, old: str, new: str, what: str
) -> None:
    copied = Path(shutil.copytree(ROOT, tmp_path / "policies", ignore=shutil.ignore_patterns("__pycache__")))
    text = (copied / file).read_text(encoding="utf-8")
    assert old in text
    (copied / file).write_text(text.replace(old, new), encoding="utf-8")
    monkeypatch.setattr("policies.check_rules.ROOT", copied)
    monkeypatch.setattr("policies.check_rules.read_policy_files", lambda: read_policy_files(copied))
    wrong = [each for each in check_rules(date(2026, 3, 9)) if not each.is_right]
    assert any(what in each.what for each in wrong), wrong
    assert all(each.mend for each in wrong)


@pytest.mark.usefixtures("compiler")
def test_the_portable_language_is_the_one_the_reference_names() -> None:
    reference = json.loads((shared("policy") / "portable-capabilities.json").read_text(encoding="utf-8"))
    ours = portable_capabilities()
    assert sorted(b["name"] for b in ours["builtins"]) == sorted(b["name"] for b in reference["builtins"])
    assert ours["features"] == reference["features"]
    assert ours["allow_net"] == reference["allow_net"]


@pytest.mark.parametrize("path", RULE_FILES, ids=lambda path: path.stem)
def test_every_rule_stands_in_a_short_file_beside_its_tests(path: Path) -> None:
    assert path.with_name(f"{path.stem}_test.rego").is_file()
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_FILE
    assert f"package mash.rules.{path.stem}\n" in path.read_text(encoding="utf-8")


@pytest.mark.usefixtures("compiler")
def test_every_rule_is_a_whole_document() -> None:
    documented = {str(found["location"]["file"]).rpartition("/")[2] for found in annotations(ROOT, SOURCES)}
    assert {path.name for path in RULE_FILES} <= documented
    texts = rule_texts(ROOT, SOURCES)
    assert len(texts.codes) >= len(RULE_FILES)
    places = [*RULE_FILES, ROOT / "edge.rego", ROOT / "decide.rego", *(ROOT / "law").glob("*.yaml")]
    places += (ROOT / "agreements").rglob("*.yaml")
    written = "".join(path.read_text(encoding="utf-8") for path in places)
    body = "\n".join(line for line in written.splitlines() if not line.startswith("#"))
    unused = [text.code for text in texts.codes if text.code not in body]
    assert unused == []


@pytest.mark.usefixtures("compiler")
@pytest.mark.parametrize("missing", ["title", "description", "owner", "effective_from", "message", "would_allow"])
def test_a_rule_that_lacks_a_part_of_its_document_is_refused(missing: str, tmp_path: Path) -> None:
    whole = (ROOT / "rules" / "nursery.rego").read_text(encoding="utf-8")
    lines = [line for line in whole.splitlines(keepends=True) if not line.lstrip("# ").startswith(f"{missing}:")]
    assert len(lines) < len(whole.splitlines())
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "nursery.rego").write_text("".join(lines), encoding="utf-8")
    with pytest.raises(MetadataGapError):
        rule_texts(tmp_path, ("rules",))


@pytest.mark.usefixtures("compiler")
def test_a_code_explained_twice_is_refused(tmp_path: Path) -> None:
    whole = (ROOT / "rules" / "nursery.rego").read_text(encoding="utf-8")
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "nursery.rego").write_text(whole, encoding="utf-8")
    again = whole.replace("package mash.rules.nursery", "package mash.rules.nursery_again")
    (tmp_path / "rules" / "nursery_again.rego").write_text(again, encoding="utf-8")
    with pytest.raises(MetadataGapError):
        rule_texts(tmp_path, ("rules",))


@pytest.mark.usefixtures("compiler")
def test_what_is_generated_is_what_is_committed() -> None:
    wanted = generate()
    differing = [path.name for path, content in wanted.items() if not path.is_file() or path.read_bytes() != content]
    assert differing == []


@pytest.mark.parametrize("path", RULES_AND_FACTS, ids=lambda path: path.stem)
def test_a_rule_reads_named_fields_and_negates_only_what_it_names(path: Path) -> None:
    """A whole object hides what a rule reads; a negated comparison lets an absent field slip through."""
    body = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.lstrip().startswith("#")]
    whole = [line for line in body if re.search(r"\binput(\.(event|candidate|child|sender|actor))?(?![.\w])", line)]
    assert [line for line in whole if "with input" not in line] == []
    assert [line for line in body if re.search(r"\bnot \S+ (==|!=|<|>)", line)] == []
