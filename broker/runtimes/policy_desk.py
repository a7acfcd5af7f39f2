"""For whoever writes or tests an agreement: ask the policy one question, or run cases through a whole exchange."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from pydantic import ValidationError

from broker.core.errors import MashError
from broker.drivers.clock.system import SystemClock
from broker.runtimes.agreements import load_engine
from broker.runtimes.home import Home
from broker.runtimes.logs import configure
from broker.runtimes.scenario_files import read_cases, where
from broker.runtimes.scenarios import ScenarioResult, run_cases
from contracts.canonical import read_json_object
from contracts.errors import ContractError
from contracts.question import Question
from contracts.verdict import Verdict
from policies.check_rules import RuleCheck, check_rules
from policies.engine.explanations import RuleTexts
from policies.engine.files import ROOT, PolicyFiles, read_policy_files, read_rule_texts
from policies.reference import law_rows

__all__ = [
    "CatalogueEntry", "PolicyDeskError", "RuleCheck", "ScenarioResult", "catalogue", "check_policy", "decide_file",
    "run_scenarios",
]  # fmt: skip


class PolicyDeskError(MashError):
    """A file holds no question, so the policy was not asked."""

    codes: ClassVar[dict[str, str]] = {
        "policy.question_unreadable": "The file of a question is missing, or holds no JSON object.",
        "policy.no_tests_here": "The rules' tests are not part of what is installed.",
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


def check_policy() -> Iterator[RuleCheck]:
    """Check rules, law, catalogue and shipped agreements as every build does; each answer as soon as it is known.

    Raises:
        PolicyDeskError: the rules' tests are not here.
        OpaError: the opa binary is missing.
    """
    if not (ROOT / "entry_test.rego").exists():
        msg = "the rules' tests are not here, only what was compiled from the rules"
        raise PolicyDeskError(msg, code="policy.no_tests_here", remedy="run it in a checkout of the source")
    return check_rules(SystemClock().now().date())


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """One rule's code, one row of law or one event type, in words; ``confirmed`` is none where it is no law."""

    sort: str
    name: str
    text: str
    source: str
    detail: str = ""
    confirmed: bool | None = None

    def has(self, words: Sequence[str]) -> bool:
        """Whether every word stands somewhere in it."""
        everything = f"{self.sort} {self.name} {self.text} {self.source} {self.detail}".casefold()
        return all(word.casefold() in everything for word in words)


def catalogue(words: Sequence[str] = (), *, unconfirmed: bool = False) -> list[CatalogueEntry]:
    """What the policy knows that has every one of ``words``; with ``unconfirmed`` only law that nobody confirmed."""
    files = read_policy_files()
    found = [*_rules(read_rule_texts()), *_law(files), *_events(files)]
    return [each for each in found if each.has(words) and (not unconfirmed or each.confirmed is False)]


def _rules(texts: RuleTexts) -> Iterator[CatalogueEntry]:
    for text in texts.codes:
        sources = "; ".join(reference.description for reference in text.references)
        allows = f"what would allow it: {text.would_allow}" if text.would_allow else ""
        yield CatalogueEntry(f"rule, {' or '.join(text.kind)}", text.code, text.message, sources, allows)


def _law(files: PolicyFiles) -> Iterator[CatalogueEntry]:
    for sort, name, row in law_rows(files.law):
        until = f" until {row.in_force_to}" if row.in_force_to else ""
        holds = f"in force from {row.in_force_from}{until}; judged at {row.judged_at}; {row.jurisdiction}"
        yield CatalogueEntry(f"law, {sort}", name, row.citation, row.ref, holds, row.confirmed)


def _events(files: PolicyFiles) -> Iterator[CatalogueEntry]:
    for event in files.catalogue.events:
        considered = ", ".join(each.relation.value for each in event.candidates) or "nobody by itself"
        yield CatalogueEntry(
            "event", event.type, event.title, f"level {event.level}, {event.grade}", f"considered: {considered}"
        )


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
