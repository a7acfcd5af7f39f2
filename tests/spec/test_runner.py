"""The runner notices what differs, says it in one line, and refuses what it cannot run."""

import json
from pathlib import Path
from typing import Protocol

import jsonschema
import pytest

from broker.runtimes.policy_desk import PolicyDeskError, decide_file, run_scenarios
from broker.runtimes.scenario_files import SHIPPED, ScenarioError, _documents, read_cases
from broker.runtimes.scenarios import Stage
from tests.support.tree import TOP


class Differences(Protocol):
    """Runs one case and gives what differs."""

    def __call__(self, expectations: str, *, concern: str = ...) -> tuple[str, ...]: ...


CONCERN = """
case: mine
title: A case of my own
source: Nobody
base: children-on-a-plan
steps:
  - event: school.concern.recorded
    about: Mia
    at: 2026-03-06 16:10
    level: 3
    people: [Ellie the friend]
    entries: [{kind: child_words, text: I am hungry in the mornings.}]
"""


@pytest.fixture
def differences(stage: Stage, tmp_path: Path) -> Differences:
    def run(expectations: str, *, concern: str = CONCERN) -> tuple[str, ...]:
        path = tmp_path / "case.yaml"
        path.write_text(concern + expectations, encoding="utf-8")
        [case] = read_cases(path)
        return stage.run(case).differences

    return run


@pytest.mark.parametrize(
    "expected, said",
    [
        ("expect: {mash-core: withhold}", "step 1, mash-core: effect: expected withhold, came share"),
        ("expect: {mash-core: {duty: must}}", "step 1, mash-core: duty: expected must, came may"),
        ("expect: {mash-core: {basis: {art6: c}}}", "step 1, mash-core: basis art6: expected c, came e"),
        ("expect: {police-mash: share}", "step 1, police-mash: effect: expected share, came withhold"),
        (
            "expect: {mash-core: {given: {child_voice/child: summary}}}",
            "step 1, mash-core: given child_voice/child: expected summary, came give",
        ),
        (
            "expect: {mash-core: {kept_back: [child_voice/child]}}",
            "step 1, mash-core: kept_back child_voice/child: expected nothing or a stand-in, came give",
        ),
        (
            "expect: {mash-core: {kept_back: [police.intel/adult]}}",
            "step 1, mash-core: kept_back police.intel/adult: the report holds no such part, so nothing was kept back",
        ),
        (
            "expect: {mash-core: {never_contains: [hungry]}}",
            "step 1, mash-core: never_contains 'hungry': it was sent",
        ),
        (
            "expect: {mash-core: {never_contains: [thirsty]}}",
            "step 1, mash-core: never_contains 'thirsty': the report does not hold it either, so nothing was kept back",
        ),
        ("expect: {mash-core: {contains: [Ellie]}}", "step 1, mash-core: contains Ellie: missing"),
        ("nobody_else: true\n    expect: {mash-core: share}", "step 1, csc-north-team: expected nothing"),
        ("matched: Theo", "step 1, matched: expected Theo, came Mia"),
        ("state: held", "step 1, state: expected held, came accepted"),
        ("kept_at_edge: edge.level_one", "step 1, kept at the edge: expected edge.level_one, came no"),
        ("replies: [returned]", "step 1, replies returned: missing; came accepted, accepted/"),
        ("tasks: [identity.unsure]", "step 1, task code identity.unsure: no such question is open; open are none"),
        ("not_considered: {police: unknown}", "step 1, not considered: police: expected unknown, came considered"),
    ],
)
def test_a_wrong_expectation_is_one_readable_line(expected: str, said: str, differences: Differences) -> None:
    found = differences(f"    {expected}\n")
    assert len(found) == 1
    assert found[0].startswith(said)


def test_what_is_not_named_is_not_compared(differences: Differences) -> None:
    assert differences("") == ()


def test_a_word_that_must_never_be_sent_is_looked_for_in_everything(differences: Differences) -> None:
    found = differences("never_receives: {mash-core: [hungry, Ellie, thirsty]}\n")
    assert found == (
        "mash-core: was sent 'hungry', which it must never be",
        "mash-core: never_receives 'thirsty', but no report holds it",
    )


def test_a_case_may_bring_its_own_children_and_people(differences: Differences) -> None:
    nell = "{reference: nell, forenames: Nell, surname: Ives, birth_date: 2015-01-02}"
    concern = CONCERN.replace("about: Mia", "about: Nell").replace(
        "steps:", f"cast: {{children: {{Nell: {nell}}}}}\nsteps:"
    )
    assert differences("    expect: {mash-core: {effect: share, contains: [Nell]}}\n", concern=concern) == ()


@pytest.mark.parametrize(
    "was, becomes, code, place",
    [
        ("about: Mia", "about: Nobody", "scenario.unknown_name", "Nobody"),
        ("base: children-on-a-plan", "base: elsewhere", "scenario.unknown_name", "elsewhere"),
        ("school.concern.recorded", "school.concern.whispered", "scenario.unknown_name", "whispered"),
        ("Ellie the friend", "A stranger", "scenario.unknown_name", "A stranger"),
        ("steps:", "never_receives: {scool-ashdown: [x]}\nsteps:", "scenario.unknown_name", "scool-ashdown"),
        ("level: 3", "level: 3\n    expect: {scool-ashdown: not_considered}", "scenario.unknown_name", "scool-ashdown"),
        ("level: 3", "level: 5", "scenario.invalid", "steps.0.event.level"),
        ("level: 3", "lvl: 3", "scenario.invalid", "steps.0.event.lvl"),
        ("event: school", "evnt: school", "scenario.invalid", "steps.0"),
        ("2026-03-06 16:10", "last Friday", "scenario.invalid", "steps.0.event.at"),
        ("level: 3", "level: 3\n    with: {concern: []}", "scenario.report_invalid", "concern"),
        ("level: 3", "level: 3\n    level: 3", "scenario.unreadable", "line"),
        ("steps:", "terms: {wrnshire: {}}\nsteps:", "scenario.unknown_name", "wrnshire"),
        ("steps:", "terms: {wrenshire: {parties: {nobody: {}}}}\nsteps:", "scenario.unknown_name", "nobody"),
        ("steps:", "terms: {wrenshire: {clcks: {}}}\nsteps:", "scenario.invalid", "clcks"),
        ("steps:", "terms: {wrenshire: {switches: {CA2004-16LB: true}}}\nsteps:", "scenario.invalid", "CA2004-16LB"),
    ],
)
def test_a_case_that_cannot_be_run_says_where_it_is_wrong(
    was: str, becomes: str, code: str, place: str, differences: Differences
) -> None:
    with pytest.raises(ScenarioError) as caught:
        differences("", concern=CONCERN.replace(was, becomes))
    assert caught.value.code == code
    assert place in str(caught.value)


def test_a_file_that_is_not_there_or_holds_no_case_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "empty.yaml").write_text("# nothing\n", encoding="utf-8")
    for path in (tmp_path / "absent.yaml", tmp_path / "empty.yaml"):
        with pytest.raises(ScenarioError) as caught:
            read_cases(path)
        assert caught.value.code == "scenario.unreadable"


def test_time_in_a_case_does_not_run_backwards(differences: Differences) -> None:
    with pytest.raises(ScenarioError) as caught:
        differences("  - wait: 2026-03-01 10:00\n")
    assert "no earlier" in str(caught.value)


def test_a_question_in_a_file_is_decided(tmp_path: Path) -> None:
    example = next((TOP / "contracts/examples/valid/question.v1").glob("*.json"))
    question = json.loads(example.read_text(encoding="utf-8"))
    path = tmp_path / "question.json"
    path.write_text(json.dumps(question), encoding="utf-8")
    verdict = decide_file(path)
    assert [d.recipient for d in verdict.decisions] == [c["recipient"] for c in question["candidates"]]


def test_a_malformed_question_is_refused_with_the_place(tmp_path: Path) -> None:
    path = tmp_path / "question.json"
    path.write_text('{"operation": "share", "now": 1}', encoding="utf-8")
    with pytest.raises(PolicyDeskError) as caught:
        decide_file(path)
    assert caught.value.code == "policy.question_invalid"
    assert "event" in caught.value.message
    path.write_text("[]", encoding="utf-8")
    with pytest.raises(PolicyDeskError) as caught:
        decide_file(path)
    assert caught.value.code == "policy.question_unreadable"


def test_the_command_runs_a_file_of_cases(tmp_path: Path) -> None:
    path = tmp_path / "cases.yaml"
    path.write_text(f"{CONCERN}    expect: {{mash-core: share}}\n---{CONCERN}    expect: {{mash-core: ask}}\n")
    right, wrong = run_scenarios(path)
    assert right.is_right
    assert wrong.differences == ("step 1, mash-core: effect: expected ask, came share",)


SCHEMAS = {
    name: jsonschema.Draft202012Validator(json.loads((TOP / f"policies/schemas/{name}.schema.json").read_text()))
    for name in ("scenario", "bases")
}


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.yaml")), ids=lambda path: path.name)
def test_editors_accept_what_the_runner_accepts(path: Path) -> None:
    schema = "bases" if path.name == "bases.yaml" else "scenario"
    for document in _documents(path):
        assert not list(SCHEMAS[schema].iter_errors(document))
    assert f"$schema=../schemas/{schema}.schema.json" in path.read_text(encoding="utf-8")


def test_editors_refuse_what_the_runner_refuses() -> None:
    [right] = _documents(SHIPPED / "S02.yaml")
    for wrong in ({"level": 5}, {"lvl": 3}, {"expect": {"mash-core": "maybe"}}):
        assert list(SCHEMAS["scenario"].iter_errors({**right, "steps": [{**right["steps"][0], **wrong}]}))
