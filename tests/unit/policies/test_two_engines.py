"""The compiled module and opa itself mean the same."""

import json
import os
from pathlib import Path

import pytest

from contracts.canonical import canonical
from contracts.verdict import Verdict
from policies.build import document
from policies.engine import EdgeVerdict, Engine
from policies.engine.files import ROOT, SOURCES
from policies.opa import run_opa
from tests.support.random_questions import the_same_questions

pytestmark = pytest.mark.needs_opa

HOW_MANY = int(os.environ.get("MASH_QUESTIONS", "300"))

ENGINE = Engine.load()


@pytest.mark.usefixtures("compiler")
def test_the_compiled_module_gives_what_opa_gives(tmp_path: Path) -> None:
    asked = the_same_questions(ENGINE, HOW_MANY)
    assert len(asked) >= HOW_MANY // 2
    (tmp_path / "input.json").write_text(
        json.dumps({"questions": [question.model_dump(mode="json") for question in asked]}), encoding="utf-8"
    )
    (tmp_path / "data.json").write_text(json.dumps(document()), encoding="utf-8")
    sources = [argument for source in SOURCES for argument in ("--data", source)]
    query = (
        "[[v, e] | some q in input.questions; v := data.mash.verdict with input as q; "
        "e := data.mash.edge with input as q]"
    )
    given = ("--data", tmp_path / "data.json", "--input", tmp_path / "input.json")
    said = run_opa("eval", "--format", "json", "--ignore", "*_test.rego", *sources, *given, query, cwd=ROOT)
    answers = json.loads(said)["result"][0]["expressions"][0]["value"]
    assert len(answers) == len(asked)
    for question, (verdict, edge) in zip(asked, answers, strict=True):
        ours = ENGINE.decide(question).model_dump(mode="json")
        theirs = Verdict.model_validate({**verdict, "policy_digest": ENGINE.policy_digest}).model_dump(mode="json")
        assert canonical(ours) == canonical(theirs)
        at_the_edge = EdgeVerdict.model_validate({**edge, "policy_digest": ENGINE.policy_digest})
        assert ENGINE.edge(question).model_dump(mode="json") == at_the_edge.model_dump(mode="json")
