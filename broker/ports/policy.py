"""The policy: the law and the agreements, asked one question at a time."""

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar, Protocol

from broker.core.errors import MashError
from broker.core.partnership import CatalogueEntry, Directory, LapsedPaper, LapsingPapers, OnCover, RuleText
from contracts.question import Question, SenderAsked
from contracts.verdict import Verdict
from contracts.words import AgencyId, Grade, RecipientId


class NoVerdictError(MashError):
    """The policy gave no verdict, so nothing may leave; the event is held and asked again."""

    codes: ClassVar[Mapping[str, str]] = {
        "policy.no_verdict": "The policy engine is down, slow, or gave no verdict; the event is held.",
        "policy.other_digest": "The policy server decides by another policy than this exchange; the event is held.",
    }


class Policy(Protocol):
    """Gives verdicts, and what stands in the agreement and the catalogue."""

    @property
    def digest(self) -> str:
        """Names rules, law and agreements together."""
        ...

    def epoch(self, now: datetime) -> str:
        """Names the policy and which of its dates have passed: while it is the same, time alone changes no answer."""
        ...

    @property
    def reask_window_days(self) -> int:
        """For how many days back decisions are asked again when what they turned on changes."""
        ...

    def decide(self, question: Question) -> Verdict:
        """Give the verdict for every candidate, in one evaluation.

        Raises:
            NoVerdictError: the engine is down, slow, or its answer is no verdict. Nothing may leave.
        """
        ...

    def catalogue(self, event_type: str) -> CatalogueEntry:
        """How an event type is treated."""
        ...

    def directory(self) -> Directory:
        """Who is in the partnership."""
        ...

    def sender(self, agency: AgencyId) -> SenderAsked:
        """The sender's part of a question; an unknown agency is no public authority and holds no policy document."""
        ...

    def lapsed(self, agency: AgencyId, now: datetime) -> tuple[LapsedPaper, ...]:
        """What this agency's reports rest on and is not in force at ``now``; nothing of an agency unknown to it."""
        ...

    def lapsing(self, now: datetime) -> tuple[LapsingPapers, ...]:
        """What will lapse, where that is so near at ``now`` that its owners are warned; the nearest day first."""
        ...

    def deciders(self, code: str) -> tuple[str, ...]:
        """The roles that may answer a question of this code, the usual one first; empty where nobody may."""
        ...

    def words(self, code: str) -> RuleText:
        """A reason's words for people."""
        ...

    def due(self, clock: str, hours: int, start: datetime) -> datetime:
        """When what began to wait at ``start`` on ``clock`` must be done; ``hours`` is that clock's length."""
        ...

    def opens_by(self, recipient: RecipientId, after: datetime) -> datetime | None:
        """When a school must have opened what comes at ``after``: before its next day; none without such a day."""
        ...

    def passed_on_further(self, grade: Grade, moment: datetime) -> datetime:
        """When what was passed on at ``moment`` is passed on further, on the grade's own kind of hours."""
        ...

    def on_cover(self, grade: Grade, moment: datetime) -> OnCover | None:
        """Who covers what is ``grade`` at ``moment``; where nobody does, who covers what is red; none: a hole."""
        ...
