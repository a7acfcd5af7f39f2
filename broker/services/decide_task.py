"""A person's signed answer to a question: recorded, then asked again as a fact in a new question, never a bypass."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from broker.core.ask import seconds
from broker.core.asked_again import DECIDED_BY
from broker.core.errors import MashError
from broker.core.outcome import Decision, EventState, Outcome, Record, RecordKind, TaskAnswer, TaskQuestion
from broker.core.records import RecordWriter
from broker.core.sealing import Sealer
from broker.ports.clock import Clock
from broker.ports.ids import Ids
from broker.ports.journal import Journal
from broker.ports.keys import Keys
from broker.ports.people import People, PersonEntry
from broker.ports.policy import Policy
from broker.services.answering import Answering
from broker.services.ask_again import AskAgain
from broker.services.asked_for import request_behind
from broker.services.signed import signer
from broker.services.whose_to_decide import is_theirs
from contracts.canonical import canonical
from contracts.question import Approval
from contracts.signing import sign
from contracts.words import EventId, PersonId, RecipientId


class CannotDecideError(MashError):
    """An answer to a question is not taken."""

    codes: ClassVar[Mapping[str, str]] = {
        "task.unknown": "There is no open question of that id.",
        "task.not_yours": "The person does not hold a role that may decide this question.",
        "task.signature": "The answer is not signed by the person it names, or was signed too long ago.",
        "task.no_reason": "An answer needs a reason.",
    }


@dataclass(frozen=True, slots=True)
class SignedAnswer:
    """What a person decided, in which role and why, signed with that person's own key."""

    question_id: str
    person: PersonId
    role: str
    granted: bool
    reason: str
    at: datetime
    signature: str = field(default="", repr=False)

    def content(self) -> bytes:
        """The bytes that are signed."""
        return canonical(
            {
                "question": self.question_id,
                "person": self.person,
                "role": self.role,
                "granted": self.granted,
                "reason": self.reason,
                "at": seconds(self.at),
            }
        )


def sign_answer(answer: SignedAnswer, key: Ed25519PrivateKey, *, keyid: str) -> SignedAnswer:
    """The same answer, signed."""
    return SignedAnswer(
        answer.question_id,
        answer.person,
        answer.role,
        answer.granted,
        answer.reason,
        answer.at,
        sign(answer.content(), key, keyid=keyid),
    )


class DecideTask:
    """Takes people's answers."""

    def __init__(self, journal: Journal, keys: Keys, policy: Policy, clock: Clock, ids: Ids, people: People) -> None:
        """Take the ports."""
        self._journal = journal
        self._keys = keys
        self._policy = policy
        self._clock = clock
        self._ids = ids
        self._people = people
        self._again = AskAgain(journal, keys, policy, clock, ids)
        self._answering = Answering(journal, keys, policy, self._again)

    def run(self, answer: SignedAnswer) -> tuple[Decision, ...]:
        """Record the answer and ask again; give the new decisions that follow, if any.

        Raises:
            CannotDecideError: no such open question, not this person's to decide, no reason, or not signed by them.
            NoVerdictError: the policy gave no verdict; the question stays open and nothing was stored.
        """
        now = self._clock.now()
        person = self._checked(answer, now)
        with self._journal.transaction():
            question = self._open_question(answer.question_id)
            self._check_may_decide(question, answer, person, now)
            approval = self._approval(question, answer, now)
            self._journal.commit(self._answered(question, answer, approval, now))
            if approval is None or question.event_id is None:
                return ()
            return tuple(self._asked_again(question.event_id, question.recipient, answer.role, now))

    def _asked_again(
        self, event_id: EventId, recipient: RecipientId | None, role: str, now: datetime
    ) -> Iterator[Decision]:
        """The decisions that follow: what was asked for as an answer is asked as one, and a request itself answered."""
        answering = None if recipient is None else request_behind(event_id, recipient, self._journal, self._keys)
        outcome = self._again.outcome(
            event_id,
            why=f"{DECIDED_BY}{role}",
            recipients=None if recipient is None else {recipient},
            now=now,
            answering=answering,
        )
        if outcome is None:
            return
        self._journal.commit(outcome)
        yield from outcome.decisions
        for answer in () if answering is None else self._answering.once_decided(event_id, outcome, answering, now=now):
            self._journal.commit(answer)
            yield from answer.decisions

    def _checked(self, answer: SignedAnswer, now: datetime) -> PersonEntry:
        if not answer.reason.strip():
            raise _refuse(answer, code="task.no_reason", remedy="say why, in a sentence")
        content, signature = answer.content(), answer.signature
        person = signer(self._people, answer.person, content, signature=signature, at=answer.at, now=now)
        if person is None:
            raise _refuse(answer, code="task.signature", remedy="sign the answer again with your own key")
        return person

    def _open_question(self, question_id: str) -> TaskQuestion:
        for task in self._journal.tasks():
            for question in task.questions:
                if question.question_id == question_id:
                    return question
        msg = f"there is no open question {question_id}"
        raise CannotDecideError(msg, code="task.unknown", remedy="list the open questions again")

    def _check_may_decide(
        self, question: TaskQuestion, answer: SignedAnswer, person: PersonEntry, now: datetime
    ) -> None:
        may = self._policy.deciders(question.code) or (question.owner,)
        if answer.role not in person.roles or answer.role not in may:
            raise _refuse(answer, code="task.not_yours", remedy=f"ask one of: {', '.join(may)}")
        places = person.places.get(answer.role, frozenset())
        if not is_theirs(question, places, self._journal, self._policy, now=now):
            raise _refuse(answer, code="task.not_yours", remedy="ask the team that works with the child")

    def _approval(self, question: TaskQuestion, answer: SignedAnswer, now: datetime) -> Approval | None:
        """The answer as a fact for the policy; none where the question is about no accepted event."""
        if question.event_id is None or not self._policy.deciders(question.code):
            return None
        event = self._journal.event(question.event_id)
        if event is None or event.state is not EventState.ACCEPTED:
            return None
        return Approval(
            ask=question.code,
            role=answer.role,
            person=answer.person,
            at=seconds(now),
            recipient=question.recipient or "",
            scope=question.scope,
            granted=answer.granted,
        )

    def _answered(
        self, question: TaskQuestion, answer: SignedAnswer, approval: Approval | None, now: datetime
    ) -> Outcome:
        child = question.child
        key = self._keys.secret("partnership") if child is None else self._keys.child_key(child)
        sealer = Sealer(key, self._ids.random)
        about = f"answer:{question.question_id}"
        taken = TaskAnswer(
            question_id=question.question_id,
            answered_by=answer.person,
            role=answer.role,
            granted=answer.granted,
            at=now,
            sealed_reason=sealer.seal(answer.reason.encode(), about=about),
        )
        approvals = () if approval is None or question.event_id is None else ((question.event_id, approval),)
        record = self._record(question, answer, sealer, now)
        return Outcome(answers=(taken,), approvals=approvals, records=(record,))

    def _record(self, question: TaskQuestion, answer: SignedAnswer, sealer: Sealer, now: datetime) -> Record:
        writer = RecordWriter(sealer, self._keys.secret("log"), self._ids.in_order, now)
        internal: dict[str, Any] = {
            "question": question.question_id,
            "code": question.code,
            "scope": question.scope,
            "child": question.child or "",
            "event": question.event_id or "",
            "recipient": question.recipient or "",
            "person": answer.person,
            "role": answer.role,
            "granted": answer.granted,
            "reason": answer.reason,
            "signature": answer.signature,
            "signed_at": seconds(answer.at),
        }
        return writer.write(
            RecordKind.APPROVAL,
            about=question.question_id,
            event_id=question.event_id,
            child=question.child,
            disclosed={},
            internal=internal,
        )


def _refuse(answer: SignedAnswer, *, code: str, remedy: str) -> CannotDecideError:
    return CannotDecideError(
        f"{CannotDecideError.codes[code].rstrip('.')}; nothing was decided",
        code=code,
        remedy=remedy,
        detail={"question": answer.question_id, "role": answer.role},
    )
