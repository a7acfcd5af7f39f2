"""Questions that differ from another only in what may not matter, or by which side of a date they stand on."""

from collections.abc import Callable, Sequence
from random import Random
from typing import Any, TypeVar

from contracts.base import Model
from contracts.question import CandidateAsked, Question
from policies.engine import Engine

M = TypeVar("M", bound=Model)

_QUARTER, _YEAR = 91 * 86_400, 366 * 86_400


class Twins:
    """Changes questions at random; the same seed always gives the same changes."""

    def __init__(self, engine: Engine, seed: int) -> None:
        """Take the dates, parties and recipients of ``engine``."""
        self._chance = Random(seed)
        self._moments = engine.turning_moments
        self._parties = [engine.sender(party.id) for each in engine.agreements for party in each.parties]
        self._recipients = [entry for each in engine.agreements for entry in each.recipients]

    def of(self, question: Question) -> Question:
        """The question with one to three things changed."""
        changes: Sequence[Callable[[Question], Question]] = (
            self._later,
            self._around_a_date,
            self._occurred_otherwise,
            self._arrest_otherwise,
            self._heard_otherwise,
            self._of_another_age,
            self._by_somebody_else,
            self._of_other_weeks,
            self._flagged_otherwise,
            self._to_others,
            self._from_another,
        )
        for change in self._chance.sample(changes, self._chance.randint(1, 3)):
            question = change(question)
        return question

    def _later(self, question: Question) -> Question:
        return _with(question, now=max(0, question.now + self._chance.choice([-1, 1, 60, _QUARTER, -_QUARTER])))

    def _around_a_date(self, question: Question) -> Question:
        until = [each.review_due for each in question.sender.policy_documents]
        moment = self._chance.choice([*self._moments, *until, question.event.not_before])
        return _with(question, now=max(0, moment + self._chance.choice([-1, 0, 1])))

    def _occurred_otherwise(self, question: Question) -> Question:
        moment = self._chance.choice([question.event.occurred_at, *self._moments])
        return _with(
            question, event=_with(question.event, occurred_at=max(0, moment + self._chance.choice([-1, 0, 1])))
        )

    def _arrest_otherwise(self, question: Question) -> Question:
        moment = question.now + self._chance.choice([-1, 0, 1, _QUARTER])
        return _with(question, event=_with(question.event, not_before=max(0, moment)))

    def _heard_otherwise(self, question: Question) -> Question:
        """Only the moments at which facts were last known to be so."""
        at, child = self._chance.randint(0, 2**40), question.child
        flags = {name: _with(getattr(child, name), as_at=at) for name in ("open_case", "section_47", "on_plan")}
        marked = tuple(_with(marker, as_at=at) for marker in child.restrictions)
        to = tuple(_with(each, relation_as_at=at) for each in question.candidates)
        return _with(question, child=_with(child, restrictions=marked, **flags), candidates=to)

    def _of_another_age(self, question: Question) -> Question:
        age = max(-1, question.child.age + self._chance.choice([-1, 1, 4]))
        return _with(question, child=_with(question.child, age=age))

    def _by_somebody_else(self, question: Question) -> Question:
        changed: dict[str, Any] = {}
        if question.request is not None:
            grounds = self._chance.choice(["", "section 17", question.request.grounds])
            changed["request"] = _with(question.request, by=str(self._chance.random()), grounds=grounds)
        if question.actor is not None:
            changed["actor"] = _with(question.actor, person=str(self._chance.random()))
        return _with(question, **changed)

    def _of_other_weeks(self, question: Question) -> Question:
        weeks = ["2026-W01", "2026-W05", "2026-W09", "2026-W10", "no week"]
        rows = [_with(row, week=self._chance.choice(weeks)) for row in question.history]
        self._chance.shuffle(rows)
        return _with(question, history=tuple(rows))

    def _flagged_otherwise(self, question: Question) -> Question:
        flags = self._chance.choice([(), ("claims.consent_believed_needed",), (str(self._chance.random()),)])
        return _with(question, event=_with(question.event, quality_flags=flags))

    def _to_others(self, question: Question) -> Question:
        """The same candidates but for their names: mostly others of their kind, sometimes anybody."""
        return _with(question, candidates=tuple(self._renamed(each) for each in question.candidates))

    def _renamed(self, candidate: CandidateAsked) -> CandidateAsked:
        alike = [entry.id for entry in self._recipients if entry.kind == candidate.kind]
        anybody = [entry.id for entry in self._recipients]
        names = (alike, alike, anybody, ["football-club", "chess-club"])
        return _with(candidate, recipient=self._chance.choice(self._chance.choice(names) or anybody))

    def _from_another(self, question: Question) -> Question:
        alike = [party for party in self._parties if party.kind == question.sender.kind]
        return _with(question, sender=self._chance.choice(alike or self._parties))


def _with(model: M, **changes: Any) -> M:
    return model.model_copy(update=changes)
