"""No verdict, no share: whatever is not a whole verdict is an error."""

from pathlib import Path

import pytest

from contracts.events import EVENT_TYPES
from contracts.words import Grade
from policies.engine import Engine, EngineLimits, NoVerdictError, PolicyFileError
from policies.engine.document import data_document
from policies.engine.explanations import RuleTexts
from policies.engine.files import ROOT, read_policy_files
from tests.support.questions import SCHOOL_CONCERN, Case, pairs


def test_every_published_event_type_has_an_entry_and_no_entry_lacks_its_type(engine: Engine) -> None:
    assert {entry.type for entry in engine.catalogue.events} == set(EVENT_TYPES)


def test_every_entry_that_tells_somebody_says_whom(engine: Engine) -> None:
    for entry in engine.catalogue.events:
        assert bool(entry.candidates) == entry.has_candidates


def test_the_same_question_always_has_the_same_verdict(engine: Engine) -> None:
    question = Case(engine, "ashdown-primary", SCHOOL_CONCERN).question("mash-core", "police-mash")
    assert engine.decide(question) == engine.decide(question)


def test_an_evaluation_that_takes_too_long_gives_no_verdict(engine: Engine) -> None:
    cells = tuple({"category": c, "about": "child"} for c in ("event.meta", "sc.status")) * 4000
    slow = Engine.load(limits=EngineLimits(timeout_seconds=0.01))
    question = Case(engine, "ashdown-primary", SCHOOL_CONCERN).question(
        *["mash-core"] * 50, event={"categories": cells}
    )
    with pytest.raises(NoVerdictError) as caught:
        slow.decide(question)
    assert caught.value.code == "engine.timeout"
    slow.close()


def test_an_engine_without_memory_gives_no_verdict_and_recovers(engine: Engine) -> None:
    cells = tuple({"category": c, "about": "child"} for c in ("event.meta", "sc.status")) * 40_000
    small = Engine.load(limits=EngineLimits(memory_pages=96))
    case = Case(engine, "ashdown-primary", SCHOOL_CONCERN)
    with pytest.raises(NoVerdictError):
        small.decide(case.question("mash-core", event={"categories": cells}))
    question = case.question("mash-core", event={"categories": pairs("event.meta/child", "sc.status/child")})
    assert small.decide(question) == engine.decide(question)
    small.close()


def test_an_engine_that_is_closed_gives_no_verdict(engine: Engine) -> None:
    closed = Engine.load()
    closed.close()
    with pytest.raises(NoVerdictError):
        closed.decide(Case(engine, "ashdown-primary", SCHOOL_CONCERN).question("mash-core"))


def test_a_policy_that_was_not_built_does_not_load(tmp_path: Path) -> None:
    with pytest.raises(PolicyFileError) as caught:
        Engine.load(tmp_path)
    assert caught.value.code == "policy.not_built"


def test_dates_become_whole_seconds_and_the_document_is_the_same_each_time() -> None:
    texts = RuleTexts.model_validate_json((ROOT / "generated" / "catalogue.json").read_bytes())
    one, other = data_document(read_policy_files(), texts), data_document(read_policy_files(), texts)
    assert one == other
    assert isinstance(one["agreements"]["wrenshire"]["valid_to"], int)
    assert set(one["agreements"]["wrenshire"]["clocks"]) == set(Grade)


def test_a_law_not_known_to_be_commenced_is_off_in_every_agreement(engine: Engine) -> None:
    for agreement in engine.agreements:
        assert not any(agreement.switches.values())
