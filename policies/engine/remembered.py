"""Verdicts that were given before, a bounded number of them, under the key of what they turned on."""

from collections.abc import Hashable, Iterator
from dataclasses import dataclass

from contracts.question import Question
from contracts.verdict import Reason, Verdict
from policies.engine.key import Json, VerdictKey, names_recipients


@dataclass(frozen=True, slots=True)
class Recalled:
    """How often a verdict was looked for, how often it was found, and how many are remembered now."""

    asked: int
    found: int
    held: int


class Remembered:
    """At most ``most`` verdicts of one policy; those not asked for lately are forgotten first.

    Safe to share between threads: at worst a verdict is forgotten early.
    """

    def __init__(self, document: Json, most: int) -> None:
        """Take the rules' data document; ``most`` is at least 2."""
        self._key = VerdictKey(document)
        self._half = most // 2
        self._young: dict[Hashable, Verdict] = {}
        self._old: dict[Hashable, Verdict] = {}
        self._asked = self._found = 0

    @property
    def recalled(self) -> Recalled:
        """How it went so far."""
        return Recalled(self._asked, self._found, len(self._young) + len(self._old))

    def key(self, question: Question) -> Hashable:
        """What the verdict on ``question`` turns on."""
        return self._key.of(question)

    def get(self, key: Hashable, question: Question) -> Verdict | None:
        """The verdict, with the recipients of ``question``; none where it is not remembered."""
        self._asked += 1
        found = self._young.get(key)
        if found is None:
            found = self._old.get(key)
            if found is None:
                return None
            self._keep(key, found)
        self._found += 1
        return _for_recipients(found, question)

    def put(self, key: Hashable, question: Question, verdict: Verdict) -> None:
        """Remember a verdict, unless its reasons name somebody whose place another may take under this key."""
        if names_recipients(question) or not _names_any(verdict, question):
            self._keep(key, verdict)

    def _keep(self, key: Hashable, verdict: Verdict) -> None:
        if len(self._young) >= self._half:
            self._old, self._young = self._young, {}
        self._young[key] = verdict


def _for_recipients(verdict: Verdict, question: Question) -> Verdict:
    """The same verdict for these recipients."""
    pairs = list(zip(verdict.decisions, question.candidates, strict=True))
    if all(decision.recipient == candidate.recipient for decision, candidate in pairs):
        return verdict
    decisions = [
        decision
        if decision.recipient == candidate.recipient
        else decision.model_copy(update={"recipient": candidate.recipient})
        for decision, candidate in pairs
    ]
    return verdict.model_copy(update={"decisions": tuple(decisions)})


def _names_any(verdict: Verdict, question: Question) -> bool:
    parties = {question.sender.id, *(candidate.recipient for candidate in question.candidates)}
    return any(parties.intersection(map(str, detail.values())) for detail in _details(verdict))


def _details(verdict: Verdict) -> Iterator[dict[str, str | int | bool]]:
    reasons: list[Reason] = [*verdict.warnings, *verdict.patterns]
    for each in verdict.decisions:
        reasons += (*each.grounds, *each.bars, *each.asks, *each.category_asks)
        yield from (obligation.detail for obligation in each.obligations)
    yield from (reason.detail for reason in reasons)
