"""For whoever writes or tests an agreement: ask the policy one question, or run cases through a whole exchange."""

from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

from pydantic import ValidationError

from broker.core.errors import MashError
from broker.runtimes.agreements import load_engine
from broker.runtimes.home import Home
from broker.runtimes.logs import configure
from broker.runtimes.scenario_files import read_cases, where
from broker.runtimes.scenarios import ScenarioResult, run_cases
from contracts.canonical import read_json_object
from contracts.errors import ContractError
from contracts.question import Question
from contracts.verdict import Verdict

__all__ = ["PolicyDeskError", "ScenarioResult", "decide_file", "run_scenarios"]


class PolicyDeskError(MashError):
    """A file holds no question, so the policy was not asked."""

    codes: ClassVar[dict[str, str]] = {
        "policy.question_unreadable": "The file of a question is missing, or holds no JSON object.",
        "policy.bundle_unwritable": "The bundle cannot be written.",
        "policy.question_invalid": "A question does not fit its contract; the message names the place.",
    }


def decide_file(path: Path, home: Home | None = None) -> Verdict:
    """Give the verdict on the question in the JSON file ``path``, by the agreements of ``home`` if it has its own.

    Raises:
        PolicyDeskError: the file cannot be read, or does not hold a question; the message names the place.
        NoVerdictError: the engine gave no verdict.
    """
    question = _question(path)
    engine = load_engine(home)
    try:
        return engine.decide(question)
    finally:
        engine.close()


def write_bundle(path: Path, home: Home | None = None) -> str:
    """Write the policy, with the agreements of ``home`` if it has its own, as a bundle for an OPA server; its digest.

    Raises:
        PolicyDeskError: the file cannot be written.
    """
    engine = load_engine(home)
    try:
        path.write_bytes(engine.bundle())
    except OSError as error:
        msg = f"{path.name} cannot be written"
        raise PolicyDeskError(msg, code="policy.bundle_unwritable", remedy="name a file you may write") from error
    finally:
        engine.close()
    return engine.policy_digest


def run_scenarios(
    path: Path | None = None, *, tell: Callable[[ScenarioResult], None] | None = None
) -> list[ScenarioResult]:
    """Run the cases in a file or folder, or those that come with the package, each through an exchange of its own.

    ``tell`` hears of each result as soon as there is one.

    Raises:
        ScenarioError: a file is no case, a case names something that is not there, or a report fits no contract.
    """
    configure("critical")  # a case in which something lapses would be an alarm; here it is a result
    return run_cases(read_cases(path), tell=tell)


def _question(path: Path) -> Question:
    try:
        content = read_json_object(path.read_bytes())
    except (OSError, ValueError, RecursionError, ContractError) as error:
        msg = f"{path.name} holds no JSON object"
        raise PolicyDeskError(
            msg, code="policy.question_unreadable", remedy="name a file with one question as JSON"
        ) from error
    try:
        return Question.model_validate(dict(content))
    except ValidationError as error:
        msg = f"{path.name} holds no question: {where(error)}"
        raise PolicyDeskError(
            msg, code="policy.question_invalid", remedy="compare with contracts/schemas/question.v1.json"
        ) from error
