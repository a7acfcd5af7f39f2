"""Every case that comes with the package, from a signed event to every recipient's own records."""

import pytest

from broker.runtimes.scenario_files import SHIPPED, read_cases
from broker.runtimes.scenario_format import Case
from broker.runtimes.scenarios import Stage

CASES = read_cases()
NAMED = {"S01", "S02", "S04", "S06", "S09", "S10", "S16", "S19", "S22", "S36", "S46", "S47", "S56", "New address"}


def test_every_named_scenario_and_the_new_address_rule_have_a_case() -> None:
    assert {case.case for case in CASES} >= NAMED


def test_no_two_cases_have_one_name() -> None:
    names = [case.case for case in CASES]
    assert len(names) == len(set(names))


def test_every_file_in_the_folder_holds_cases_or_the_bases() -> None:
    files = {path.name for path in SHIPPED.iterdir() if path.suffix == ".yaml"}
    assert "bases.yaml" in files
    assert len(files) > len(NAMED)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.case)
def test_a_case_comes_out_as_it_says(case: Case, either_stage: Stage) -> None:
    assert either_stage.run(case).differences == ()
