"""A person's signed act on who a child is: recorded with its reason, and what it makes wrong is taken back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import ClassVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from broker.core.ask import seconds
from broker.core.errors import MashError
from broker.core.facts import FactKind, KnownChild
from broker.core.identity_acts import ActKind, joining_of
from broker.core.outcome import TaskQuestion
from broker.core.settle import pseudonym
from broker.core.store_errors import KeyDestroyedError
from broker.ports.clock import Clock
from broker.ports.ids import Ids
from broker.ports.journal import Journal
from broker.ports.keys import Keys
from broker.ports.people import People
from broker.ports.policy import Policy
from broker.services.identity_joining import UNSURE, Grounds, Joining, Move
from broker.services.recalling import Recalling
from broker.services.signed import signer
from contracts.canonical import canonical
from contracts.signing import sign
from contracts.words import Cause, ChildId, EventId, PersonId, Restriction


class CannotIdentifyError(MashError):
    """What a person says of who a child is, is not taken."""

    codes: ClassVar[Mapping[str, str]] = {
        "identify.unknown_child": "No child of that reference is known.",
        "identify.one_already": "The two are known as one child already.",
        "identify.not_joined": "Nobody has joined that record to another.",
        "identify.which": "Several records were joined to that child, so it is not certain which is meant.",
        "identify.not_yours": "The person does not hold a role that may say who these children are.",
        "identify.signature": "The act is not signed by the person it names, or was signed too long ago.",
        "identify.no_reason": "An act on who a child is needs a reason.",
    }


@dataclass(frozen=True, slots=True)
class SignedIdentity:
    """What a person says, in which role and why, signed with their own key.

    ``other`` is the record that joins ``child``, or that leaves it; to part, it alone is enough and ``child`` empty.
    """

    kind: ActKind
    child: ChildId | None
    other: ChildId
    person: PersonId
    role: str
    reason: str
    at: datetime
    signature: str = field(default="", repr=False)

    def content(self) -> bytes:
        """The bytes that are signed."""
        return canonical(
            {
                "act": self.kind.value,
                "child": self.child or "",
                "other": self.other,
                "person": self.person,
                "role": self.role,
                "reason": self.reason,
                "at": seconds(self.at),
            }
        )


def sign_act(act: SignedIdentity, key: Ed25519PrivateKey, *, keyid: str) -> SignedIdentity:
    """The same act, signed."""
    return replace(act, signature=sign(act.content(), key, keyid=keyid))


@dataclass(frozen=True, slots=True)
class Identified:
    """What followed: as which child the record is known now, and how many are told to disregard what they had."""

    child: ChildId
    told: int = 0


class IdentityByPeople:
    """Takes people's acts on who a child is."""

    def __init__(self, journal: Journal, keys: Keys, policy: Policy, clock: Clock, ids: Ids, people: People) -> None:
        """Take the ports."""
        self._journal = journal
        self._keys = keys
        self._policy = policy
        self._clock = clock
        self._ids = ids
        self._people = people
        self._joining = Joining(journal, keys, ids)
        self._recalling = Recalling(journal, keys, policy, ids)

    def run(self, act: SignedIdentity) -> Identified:
        """Join or part, in one transaction; what was decided of either is asked again afterwards.

        To part takes back, from everybody who was told it, whatever was told of the one as if of the other.

        Raises:
            CannotIdentifyError: no such children, nothing to join or part, no reason, or not this person's to decide.
        """
        now = self._clock.now()
        self._check(act, now)
        with self._journal.transaction():
            return self._joined(act, now) if act.kind.joins else self._parted(act, now)

    def _joined(self, act: SignedIdentity, now: datetime) -> Identified:
        other = self._known(act, act.other)
        child = self._known(act, act.child) if act.child is not None else other
        if child.standing == other.standing:
            raise _refuse(act, code="identify.one_already", remedy="see mash identity show")
        outcome = self._joining.joined(child, other, _grounds(act), now=now)
        self._journal.commit(outcome)
        return Identified(outcome.identity_acts[0].child)

    def _parted(self, act: SignedIdentity, now: datetime) -> Identified:
        known = self._known(act, act.other)
        moves = (self._move(act, known),) if not known.is_provisional or known.records else self._apart(known)
        answers = self._joining.answers(known, _grounds(act), now=now)
        for move in moves:
            outcome = self._joining.parted(move, _grounds(act), now=now)
            self._journal.commit(replace(outcome, answers=answers))
            answers = ()
        other = moves[0].other
        told = sum(self._taken_back(event.event_id, other, now) for event in self._journal.events(child=other))
        return Identified(other, told)

    def _move(self, act: SignedIdentity, known: KnownChild) -> Move:
        """What undoes the act that brought the record; of a child that one act alone made, that act."""
        standing = joining_of(self._journal.identity_acts(known.child), known.members)
        found = [each for each in standing if each.other == known.child] or list(standing)
        if not found:
            raise _refuse(act, code="identify.not_joined", remedy="see mash identity show")
        if known.child not in {each.other for each in standing} and len(found) > 1:
            raise _refuse(act, code="identify.which", remedy="name the record that leaves, as mash identity show does")
        moved = tuple(each for each in found[-1].moved if each in known.members and each != known.standing)
        return Move(known.standing, found[-1].other, moved)

    def _apart(self, known: KnownChild) -> tuple[Move, ...]:
        """A report that fits nobody for certain is of none of those that it may have been about."""
        about = {
            ChildId(str(each)) for question in self._unsure(known) for each in question.detail.get("candidates", ())
        }
        return tuple(Move(child, known.child, ()) for child in sorted(about)) or (Move(known.child, known.child, ()),)

    def _taken_back(self, event_id: EventId, child: ChildId, now: datetime) -> int:
        """Tell everybody who was told of the event under another child's name that it was about a different one."""
        try:
            told = self._recalling.told(event_id)
            wrong = {
                recipient
                for recipient, each in told.items()
                if each.delivery.child != pseudonym(self._keys.secret(f"delivery:{recipient}"), child)
            }
            outcome = self._recalling.outcome(event_id, cause=Cause.DIFFERENT_CHILD, now=now, recipients=wrong)
        except KeyDestroyedError:
            return 0
        if outcome is None:
            return 0
        self._journal.commit(outcome)
        return len(outcome.deliveries)

    def _unsure(self, known: KnownChild) -> Sequence[TaskQuestion]:
        return [each for each in self._journal.open_questions(known.child) if each.code == UNSURE]

    def _known(self, act: SignedIdentity, child: ChildId) -> KnownChild:
        """What is known of a child, where this role may say who it is; nobody may where an adoption protects it."""
        known = self._journal.known_child(child)
        if known is None:
            raise _refuse(act, code="identify.unknown_child", remedy="see mash children, or mash tasks list")
        protected = (fact for fact in known.facts if fact.kind is FactKind.RESTRICTION)
        if any(fact.key == Restriction.ADOPTION for fact in protected):
            raise _refuse(act, code="identify.not_yours", remedy="ask your adoption gatekeeper")
        return known

    def _check(self, act: SignedIdentity, now: datetime) -> None:
        if not act.reason.strip():
            raise _refuse(act, code="identify.no_reason", remedy="say why, in a sentence")
        person = signer(self._people, act.person, act.content(), signature=act.signature, at=act.at, now=now)
        if person is None:
            raise _refuse(act, code="identify.signature", remedy="sign it again with your own key")
        may = self._policy.deciders(UNSURE)
        if act.role not in person.roles or act.role not in may:
            raise _refuse(act, code="identify.not_yours", remedy=f"ask one of: {', '.join(may)}")


def _grounds(act: SignedIdentity) -> Grounds:
    return Grounds(
        kind=act.kind,
        person=act.person,
        role=act.role,
        reason=act.reason,
        signature=act.signature,
        signed_at=act.at,
    )


def _refuse(act: SignedIdentity, *, code: str, remedy: str) -> CannotIdentifyError:
    return CannotIdentifyError(
        f"{CannotIdentifyError.codes[code].rstrip('.')}; nothing was changed",
        code=code,
        remedy=remedy,
        detail={"act": act.kind.value, "role": act.role},
    )
