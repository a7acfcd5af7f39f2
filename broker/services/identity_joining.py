"""Makes records of two children one child's, or parts them again: what that changes, and what must be asked again."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from broker.core.ask import seconds
from broker.core.facts import KnownChild
from broker.core.identity_acts import ActKind, IdentityAct
from broker.core.outcome import Outcome, RecordKind, TaskAnswer
from broker.core.reasking import Trigger
from broker.core.records import RecordWriter
from broker.core.sealing import Sealer
from broker.core.triggers import CHILDREN_MERGED, CHILDREN_UNMERGED
from broker.ports.ids import Ids
from broker.ports.journal import Journal
from broker.ports.keys import Keys
from contracts.words import ChildId, EventId, Grade

UNSURE = "identity.unsure"
FIREWALL = "link.adoption_firewall"
"""What the gatekeeper is asked where an adoption stands between a report and a child: nobody else is told that."""
"""The question of who a child is; its deciders may say that of any child."""


@dataclass(frozen=True, slots=True)
class Grounds:
    """Who does it and why. Keys that agree do it without a person; then the evidence is all there is.

    ``evidence``: codes of what agrees. ``reports``: those that are parted. ``signature``: of a person over what they
    decided, at ``signed_at``.
    """

    kind: ActKind
    evidence: tuple[str, ...] = ()
    reports: tuple[EventId, ...] = ()
    person: str = ""
    role: str = ""
    reason: str = ""
    signature: str = field(default="", repr=False)
    signed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Move:
    """Which records go where. ``child`` stands or stays; ``moved`` join it, or leave it to stand as ``other``."""

    child: ChildId
    other: ChildId
    moved: tuple[ChildId, ...]


class Joining:
    """Gives the outcomes of merging and parting; commits nothing. The caller holds the transaction."""

    def __init__(self, journal: Journal, keys: Keys, ids: Ids) -> None:
        """Take what it reads from and seals with."""
        self._journal = journal
        self._keys = keys
        self._ids = ids

    def joined(self, one: KnownChild, other: KnownChild, grounds: Grounds, *, now: datetime) -> Outcome:
        """All records of both mean one child from now on; nothing is sealed anew, and the past is asked again."""
        standing, joins = (one, other) if _stands_before(one, other) else (other, one)
        move = Move(standing.standing, joins.standing, joins.members)
        trigger = Trigger(standing.standing, CHILDREN_MERGED, Grade.AMBER, now)
        return replace(self._outcome(move, grounds, (trigger,), now), answers=self.answers(joins, grounds, now=now))

    def parted(self, move: Move, grounds: Grounds, *, now: datetime) -> Outcome:
        """``move.moved`` mean another child from now on; what was decided of either is asked again, urgently."""
        children = (move.child, move.other) if move.moved else (move.other,)
        triggers = tuple(Trigger(child, CHILDREN_UNMERGED, Grade.RED, now) for child in dict.fromkeys(children))
        return self._outcome(move, grounds, triggers, now)

    def answers(self, known: KnownChild, grounds: Grounds, *, now: datetime) -> tuple[TaskAnswer, ...]:
        """What was asked of who a child is, is answered by the act; no person is named where numbers answer it."""
        if not known.is_provisional:
            return ()
        asked = [each for each in self._journal.open_questions(known.child) if each.code == UNSURE]
        return tuple(
            TaskAnswer(
                question_id=question.question_id,
                answered_by=grounds.person,
                role=grounds.role,
                granted=grounds.kind.joins,
                at=now,
                sealed_reason=self._sealed(question.child or known.child, grounds, question.question_id),
            )
            for question in asked
        )

    def _sealed(self, record: ChildId, grounds: Grounds, question_id: str) -> bytes:
        sealer = Sealer(self._keys.child_key(record), self._ids.random)
        return sealer.seal(grounds.reason.encode(), about=f"answer:{question_id}")

    def _outcome(self, move: Move, grounds: Grounds, triggers: Sequence[Trigger], now: datetime) -> Outcome:
        sealer = Sealer(self._keys.child_key(move.child), self._ids.random)
        writer = RecordWriter(sealer, self._keys.secret("log"), self._ids.in_order, now)
        record = writer.write(
            RecordKind.IDENTITY,
            about=f"identity:{move.other}",
            child=move.child,
            disclosed={},
            internal={
                "act": grounds.kind.value,
                "child": move.child,
                "other": move.other,
                "moved": list(move.moved),
                "evidence": list(grounds.evidence),
                "reports": list(grounds.reports),
                "person": grounds.person,
                "role": grounds.role,
                "reason": grounds.reason,
                "signature": grounds.signature,
                "signed_at": seconds(grounds.signed_at) if grounds.signed_at else 0,
            },
        )
        act = IdentityAct(
            kind=grounds.kind,
            child=move.child,
            other=move.other,
            moved=move.moved,
            record_id=record.record_id,
            at=now,
            evidence=grounds.evidence,
            person=grounds.person,
            role=grounds.role,
            sealed_reason=sealer.seal(grounds.reason.encode(), about=about_reason(move.other)),
        )
        return Outcome(records=(record,), identity_acts=(act,), triggers=tuple(triggers))


def about_reason(other: ChildId) -> str:
    """What the sealed reason of an act is bound to."""
    return f"identity reason:{other}"


def _stands_before(one: KnownChild, other: KnownChild) -> bool:
    """A child of whom somebody is certain stands before one of whom nobody is; else whoever was told of as at risk."""

    def rank(known: KnownChild) -> tuple[bool, bool, str]:
        return (known.is_provisional, not known.has_safeguarding_event, known.standing)

    return rank(one) < rank(other)
