"""The rules cannot read what the key of remembered verdicts leaves out."""

import json
from pathlib import Path
from shutil import copytree, ignore_patterns

import pytest

from policies import build
from policies.engine.files import ROOT, SOURCES
from policies.engine.key import EXACT, OTHERWISE
from policies.keyed import WORDS, OutsideKeyError, check_reads
from policies.opa import run_opa
from policies.reads import Read, reads

pytestmark = [pytest.mark.needs_opa, pytest.mark.usefixtures("compiler")]

HEAD = "package mash.rules.timing\n\nimport data.mash.facts\n\n"


def with_a_rule(folder: Path, rule: str) -> tuple[Read, ...]:
    """What the rules read with one more among them."""
    root = folder / "policies"
    copytree(ROOT, root, ignore=ignore_patterns("*.wasm", "*_test.rego", "__pycache__"))
    (root / "rules" / "another.rego").write_text(HEAD + rule + "\n", encoding="utf-8")
    return reads(root, SOURCES)


def test_nothing_that_opa_says_the_rules_read_escapes_the_walk() -> None:
    """The compiler's own list is coarser: it does not tell which fields of a list's elements are read."""
    sources = [argument for source in SOURCES for argument in ("--data", source)]
    listing = json.loads(
        run_opa("deps", *sources, "--ignore", "*_test.rego", "--format", "json", "data.mash.verdict", cwd=ROOT)
    )
    named = {".".join(str(term["value"]) for term in path) for path in listing["base"]}
    of_question = {name.removeprefix("input.") for name in named if name.startswith("input.")}
    ours = {read.path.replace("candidates[]", "candidate") for read in reads(ROOT, SOURCES)}
    assert len(of_question) > 40
    missed = {path for path in of_question if not any(f"{each}.".startswith(f"{path}.") for each in ours)}
    assert missed == set()


@pytest.mark.parametrize(
    "condition, said",
    [
        ('input.event.agency == "met"', "reads event.agency, which is outside the key"),
        ("input.child.open_case.as_at < input.now", "reads child.open_case.as_at"),
        ("input.now > 1700000000", "reads now in another way"),
        ("input.now <= input.event.not_before", "reads event.not_before in another way"),
        ("input.child.age < 16", "reads child.age in another way"),
        ('{"to": input.candidate.recipient}', "reads candidates[].recipient in another way"),
        ('{"by": input.request.by}', "reads request.by in another way"),
        ("facts.moments.sharing > 5", "reads data.mash.facts.moments.sharing"),
        ('{"of": facts.recipient.agency}', "reads data.mash.facts.recipient.agency in another way"),
        ("facts.recipient", "reads data.mash.facts.recipient, which is outside the key"),
        ("{\n\tc := input.candidate\n\tc.relation_as_at > 3\n}", "reads candidates[].relation_as_at"),
        ("{\n\tsome c in input.candidates\n\tc.relation_as_at > 3\n}", "reads candidates[].relation_as_at"),
        ("{\n\tsome m in input.child.restrictions\n\t_old(m)\n}", "reads child.restrictions[].as_at"),
        ("{[row.week | some row in input.history]}", "reads history[].week in another way"),
        ("count(input.child.schools) > 1", "reads child.schools[].as_at"),
        ("input == 3", "reads input, which no question holds"),
        ("{\n\tsome name in data.mash.facts\n\tname\n}", "data.mash.facts"),
    ],
)
def test_a_rule_that_reads_outside_the_key_does_not_build(tmp_path: Path, condition: str, said: str) -> None:
    rule = f'asks contains {{"code": "x", "detail": {{}}}} if {condition}\n\n_old(m) if m.as_at < 7'
    with pytest.raises(OutsideKeyError) as caught:
        check_reads(with_a_rule(tmp_path, rule))
    assert said in str(caught.value)


def test_the_build_itself_holds_the_rules_to_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "reads", lambda *_: (Read("event.agency", "rules.another: input.event.agency"),))
    with pytest.raises(OutsideKeyError):
        build.generate()


def test_the_key_holds_nothing_that_no_rule_reads() -> None:
    with pytest.raises(OutsideKeyError) as caught:
        check_reads(read for read in reads(ROOT, SOURCES) if read.path != "event.crime_indicator")
    assert "no rule reads event.crime_indicator" in str(caught.value)


def test_what_enters_otherwise_than_as_it_stands_says_how_and_where() -> None:
    assert not set(EXACT) & set(OTHERWISE)
    listed = {path for path in WORDS if not path.startswith("data.")}
    assert {path for path in listed if not any(other.startswith(f"{path}[]") for other in OTHERWISE)} <= set(OTHERWISE)
    assert set(OTHERWISE) <= listed
