"""Evaluates the compiled policy in process. No verdict, no share: whatever is not a whole verdict is an error."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self, TypeVar

from msgspec import ValidationError as NotOfItsShapeError
from opapywasm import UNDEFINED, OpaWasmError, OpaWasmPolicy, PolicyConfig, runtime
from pydantic import BaseModel

from contracts.canonical import canonical, digest
from contracts.lean import lean_converter
from contracts.question import Question, SenderAsked
from contracts.verdict import Verdict
from policies.engine.agreement import Agreement
from policies.engine.bundle import bundle
from policies.engine.catalogue import Catalogue
from policies.engine.document import data_document
from policies.engine.edge import EdgeVerdict
from policies.engine.errors import no_verdict, not_built, unknown
from policies.engine.explanations import RuleText, RuleTexts
from policies.engine.files import ROOT, PolicyFiles, read_policy_files, read_rule_texts
from policies.engine.remembered import Recalled, Remembered
from policies.engine.terms import Recipient
from policies.engine.times import start_of

VERDICT = "mash/verdict"
EDGE = "mash/edge"

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class EngineLimits:
    """How much one evaluation may take, and how many verdicts are remembered (none with 0).

    Memory in pages of 64 KiB for each pooled instance.
    """

    pool_size: int = 2
    timeout_seconds: float = 2.0
    memory_pages: int = 1024
    remembered: int = 0


FIRST_PAGES = 16
"""With how much memory the module begins, in 64 KiB. Its own texts need more than two pages."""

# opa-py-wasm 1.2.1 begins with two, offers no setting, and begins with more only after a trap, not where the module
# itself demands more.
runtime._DEFAULT_MEMORY_PAGES = FIRST_PAGES  # noqa: SLF001 - see above

TICK_SECONDS = 0.1
"""How often a module's time limit is looked at, so by how much an evaluation may exceed it."""

# opa-py-wasm looks 100 times a second, also while nothing is evaluated: in a process at rest, most of its work.
runtime.EpochTicker.tick_seconds = TICK_SECONDS


class Engine:
    """The policy, ready to be asked. Safe to share between threads; load once."""

    def __init__(self, wasm: bytes, files: PolicyFiles, texts: RuleTexts, limits: EngineLimits) -> None:
        """Compile the module and give it its data; see ``load``."""
        self._files = files
        self._texts = {text.code: text for text in texts.codes}
        self._document = data_document(files, texts)
        self._remembered = Remembered(self._document, limits.remembered) if limits.remembered > 1 else None
        self._digest = policy_digest(wasm, files, texts)
        self._policy = OpaWasmPolicy.from_wasm_bytes(
            wasm,
            PolicyConfig(
                pool_size=limits.pool_size,
                eval_timeout_seconds=limits.timeout_seconds,
                max_memory_pages=limits.memory_pages,
                parse_raw_json_input=False,  # every question is written by its own model
            ),
        )
        self._policy.set_data(self._document)

    @classmethod
    def load(cls, root: Path = ROOT, limits: EngineLimits | None = None, *, agreements: Path | None = None) -> Self:
        """Load the compiled policy, the agreements, the law and the catalogue that stand under ``root``.

        ``agreements``: the folder of a partnership's own agreements, instead of those that come with the package.

        Raises:
            PolicyFileError: a file is missing or does not fit its schema.
        """
        try:
            wasm = (root / "wasm" / "policy.wasm").read_bytes()
        except OSError as error:
            raise not_built() from error
        texts = read_rule_texts(root)
        return cls(wasm, read_policy_files(root, agreements), texts, limits or EngineLimits())

    @property
    def policy_digest(self) -> str:
        """SHA-256 over rules, law, agreements and catalogue: 64 hexadecimal digits. Stands in every decision."""
        return self._digest

    @property
    def catalogue(self) -> Catalogue:
        """The event catalogue."""
        return self._files.catalogue

    @property
    def agreements(self) -> tuple[Agreement, ...]:
        """Every agreement, in force or not."""
        return self._files.agreements

    @property
    def turning_moments(self) -> tuple[int, ...]:
        """UTC seconds, sorted, at which law or agreements may begin to decide otherwise."""
        days = self._files.law.turning_days.union(*(each.turning_days for each in self.agreements))
        return tuple(sorted(start_of(day) for day in days))

    @property
    def recalled(self) -> Recalled:
        """How often a verdict was looked for among those remembered, and found."""
        return self._remembered.recalled if self._remembered is not None else Recalled(0, 0, 0)

    def agreement(self, agreement_id: str) -> Agreement:
        """The agreement of that id.

        Raises:
            UnknownInPolicyError: there is none (code ``policy.unknown_agency``).
        """
        found = next((a for a in self.agreements if a.id == agreement_id), None)
        if found is None:
            what = f"there is no agreement {agreement_id!r}"
            raise unknown(what, code="policy.unknown_agency")
        return found

    def agreement_of(self, agency: str) -> Agreement:
        """The agreement that lasts longest among those ``agency`` has signed.

        Raises:
            UnknownInPolicyError: it has signed none (code ``policy.unknown_agency``).
        """
        signed = [a for a in self.agreements if any(p.id == agency for p in a.parties)]
        if not signed:
            what = f"no agreement names {agency!r} as a party"
            raise unknown(what, code="policy.unknown_agency")
        return max(signed, key=lambda a: a.valid_to)

    def sender(self, agency: str) -> SenderAsked:
        """The sender's part of a question, from the directory.

        Raises:
            UnknownInPolicyError: no agreement names it (code ``policy.unknown_agency``).
        """
        return self.agreement_of(agency).sender(agency)

    def recipient(self, recipient: str) -> Recipient:
        """The directory's entry for ``recipient``, from the agreement that lasts longest.

        Raises:
            UnknownInPolicyError: no directory has it (code ``policy.unknown_recipient``).
        """
        for agreement in sorted(self.agreements, key=lambda a: a.valid_to, reverse=True):
            for entry in agreement.recipients:
                if entry.id == recipient:
                    return entry
        what = f"no agreement's directory has {recipient!r}"
        raise unknown(what, code="policy.unknown_recipient")

    def explanation(self, code: str) -> RuleText:
        """What ``code`` means in plain words, with its references and what would allow a refused share.

        Raises:
            UnknownInPolicyError: no rule explains it (code ``policy.unknown_code``).
        """
        found = self._texts.get(code)
        if found is None:
            what = f"no rule explains {code!r}"
            raise unknown(what, code="policy.unknown_code")
        return found

    def decide(self, question: Question, *, by: Callable[[Question], Verdict] | None = None) -> Verdict:
        """The verdict on ``question``: one decision per candidate, in the order they were asked.

        Where the same was asked before under this policy, in all that the rules turn on, the same is answered.
        ``by``: who evaluates what was not asked before, in place of the engine in process.

        Raises:
            NoVerdictError: the engine failed, ran out of time or memory, or gave anything but a whole verdict.
        """
        verdict = by or self.decide_here
        if self._remembered is None:
            return verdict(question)
        key = self._remembered.key(question)
        found = self._remembered.get(key, question)
        if found is None:
            found = verdict(question)
            self._remembered.put(key, question, found)
        return found

    def edge(self, question: Question) -> EdgeVerdict:
        """Whether the report in ``question`` may leave its agency at all.

        Raises:
            NoVerdictError: the engine failed, ran out of time or memory, or gave anything but a whole verdict.
        """
        return self._evaluate(EdgeVerdict, question, EDGE)

    def close(self) -> None:
        """Give back the pooled instances; the engine can be asked no more."""
        self._policy.close()

    def bundle(self) -> bytes:
        """This policy for an OPA server, as a ``.tar.gz``."""
        return bundle(ROOT, self._document, self._digest)

    def read_verdict(self, answer: object, question: Question) -> Verdict:
        """An engine's answer to ``question``, wherever that engine runs, as a verdict of this policy.

        Raises:
            NoVerdictError: it is no whole verdict on these candidates.
        """
        return self._whole(self._read(Verdict, answer), question)

    def decide_here(self, question: Question) -> Verdict:
        """The verdict on ``question``, evaluated now by the engine in process.

        Raises:
            NoVerdictError: as ``decide``.
        """
        return self._whole(self._evaluate(Verdict, question, VERDICT), question)

    def _whole(self, verdict: Verdict, question: Question) -> Verdict:
        asked = [candidate.recipient for candidate in question.candidates]
        if [decision.recipient for decision in verdict.decisions] != asked:
            what = "the policy engine answered for other candidates"
            raise no_verdict(what, code="engine.candidates_differ")
        return verdict

    def _evaluate(self, model: type[M], question: Question, entry_point: str) -> M:
        try:
            answer: Any = self._policy.evaluate(question.model_dump_json(), entry_point)
        except OpaWasmError as error:
            what = f"the policy engine failed ({type(error).__name__})"
            is_late = "time limit" in str(error)
            raise no_verdict(what, code="engine.timeout" if is_late else "engine.no_verdict") from error
        return self._read(model, answer)

    def _read(self, model: type[M], answer: object) -> M:
        if answer is UNDEFINED or not isinstance(answer, dict):
            what = "the policy engine gave no answer"
            raise no_verdict(what)
        try:
            return lean_converter(model)({**answer, "policy_digest": self._digest})
        except NotOfItsShapeError as error:
            what = "the policy engine gave an answer that is no verdict"
            raise no_verdict(what) from error


def policy_digest(wasm: bytes, files: PolicyFiles, texts: RuleTexts) -> str:
    """SHA-256 over the compiled rules, their words, every agreement, the law and the catalogue, as 64 digits.

    It covers every word of them, also what no rule reads: a telephone number in the roster, a citation.
    """
    whole = {
        "module": digest(wasm),
        "rules": texts.model_dump(mode="json"),
        "agreements": [agreement.model_dump(mode="json", by_alias=True) for agreement in files.agreements],
        "law": files.law.model_dump(mode="json"),
        "catalogue": files.catalogue.model_dump(mode="json"),
    }
    return digest(canonical(whole))
