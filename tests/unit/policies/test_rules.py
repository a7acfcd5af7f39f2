"""The rules pass their own tests, in their own language, under the real opa."""

import json
import re
from pathlib import Path

import pytest

from policies.build import generate, portable_capabilities
from policies.engine.files import ROOT, SOURCES
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
EVERYTHING = (*SOURCES, "entry_test.rego", "basis_test.rego", "forms_test.rego", "edge_test.rego", "testing")
LEAST_COVERAGE = 100.0
LONGEST_FILE = 120


@pytest.mark.usefixtures("compiler")
def test_every_rule_passes_its_tests_and_is_covered_by_them() -> None:
    run_opa("test", *EVERYTHING, cwd=ROOT)
    report = json.loads(run_opa("test", "--coverage", "--format", "json", *EVERYTHING, cwd=ROOT))
    assert report["coverage"] >= LEAST_COVERAGE
    files = {name: found["coverage"] for name, found in report["files"].items() if not name.endswith("_test.rego")}
    assert len(files) >= len(RULE_FILES)
    assert {name: share for name, share in files.items() if share < LEAST_COVERAGE} == {}


@pytest.mark.usefixtures("compiler")
def test_every_rule_keeps_to_the_portable_language_and_its_format(tmp_path: Path) -> None:
    limits = tmp_path / "capabilities.json"
    limits.write_text(json.dumps(portable_capabilities()), encoding="utf-8")
    run_opa("check", "--strict", "--capabilities", limits, "--ignore", "*_test.rego", *SOURCES, cwd=ROOT)
    run_opa("check", "--strict", *EVERYTHING, cwd=ROOT)
    assert run_opa("fmt", "--list", *EVERYTHING, cwd=ROOT) == ""


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
