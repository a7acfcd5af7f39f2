"""What becomes of a message that cannot be accepted now: refused, held or quarantined; never lost, never quoted."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import ClassVar

from broker.core.errors import MashError
from broker.core.hashing import keyed_hash
from broker.core.outcome import EventState, LastHeard, Outcome, QuarantinedMessage, StoredEvent, TaskQuestion
from broker.core.sealing import Sealer
from broker.core.tasks import FALLBACK_OWNER, owner_of
from broker.ports.ids import Ids
from broker.ports.journal import Journal
from broker.ports.keys import Keys
from broker.ports.policy import NoVerdictError, Policy
from broker.ports.transport import Submitted
from broker.services.open_questions import not_open_yet
from broker.services.stored_event import about_event, stored
from contracts.canonical import canonical, digest, read_json_object
from contracts.envelope import Envelope
from contracts.errors import ContractError
from contracts.reading import read_payload
from contracts.reply import Reply
from contracts.words import EventId, Grade, ReplyKind

REUSED_ID = "event.reused_id"
QUARANTINED = "event.quarantined"
ENGINE_DOWN = "policy.no_verdict"
SHORTEST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(minutes=10)
UNKNOWN_LEVEL = 4

_HASH = re.compile(r"[0-9a-f]{32,64}")


class NotAcceptedError(MashError):
    """Why a message was not accepted as it came. It is told in a reply and a task, not raised at anybody."""

    codes: ClassVar[Mapping[str, str]] = {
        REUSED_ID: "An event bears the id of another with other content; it is kept sealed for a person.",
        QUARANTINED: "A message could not be taken in; it is kept sealed for a person, with a clock.",
        "event.held": "An event waits undecided; a person must look at it.",
        "contract.unknown_type": "Nobody published this event type; the event is held until the exchange knows it.",
    }
    remedies: ClassVar[Mapping[str, str]] = {
        REUSED_ID: "send a correction as a new version of the record",
        QUARANTINED: "if it is urgent, ring the front door",
    }

    def __init__(self, code: str) -> None:
        """Say why, by code."""
        super().__init__(self.codes[code].rstrip("."), code=code, remedy=self.remedies.get(code, "wait"))


class SettingAside:
    """Gives the outcomes of messages that are not accepted; commits nothing itself."""

    def __init__(self, journal: Journal, keys: Keys, policy: Policy, ids: Ids) -> None:
        """Take what it reads from."""
        self._journal = journal
        self._keys = keys
        self._policy = policy
        self._ids = ids
        self._alarmed: set[tuple[str, str]] = set()

    def forget_alarms(self) -> None:
        """Look anew, for a new batch, whether an alarm is open already."""
        self._alarmed.clear()

    def refused(
        self, submitted: Submitted, error: ContractError, *, now: datetime, envelope: Envelope | None = None
    ) -> Outcome:
        """Tell the agency what was wrong and where, and nothing of the content. Nothing is stored."""
        claimed = submitted.event.attributes.get("id", "")
        reply = Reply(
            agency=submitted.channel,
            kind=ReplyKind.REFUSED,
            event_id=claimed if _HASH.fullmatch(claimed) else "",
            source=envelope.source if envelope is not None else "",
            sequence=envelope.sequence if envelope is not None else 0,
            code=error.code,
            path=error.path,
            text=error.remedy,
            at=now,
        )
        return Outcome(replies=(reply,), heard=_heard(envelope, now))

    def held(self, submitted: Submitted, envelope: Envelope, *, now: datetime, reason: str) -> Outcome:
        """Keep the event sealed and undecided until it can be decided; a red one is put to a person at once."""
        grade, level = self._gravity(submitted, envelope)
        event = stored(submitted, envelope, now=now, grade=grade, level=level)
        return self.held_again(event, submitted.event.data, now=now, reason=reason)

    def held_again(self, event: StoredEvent, data: bytes, *, now: datetime, reason: str) -> Outcome:
        """Hold an event, for the first time or anew."""
        until = now + next_wait(event, now)
        sealed = Sealer(self._keys.secret("partnership"), self._ids.random).seal(
            data, about=about_event(event.event_id)
        )
        held = _as_held(event, sealed, reason, until)
        questions = []
        if (reason, event.event_type) not in self._alarmed:
            self._alarmed.add((reason, event.event_type))
            questions.append(self._alarm(reason, event, now))
        if event.grade is Grade.RED:
            questions.append(self._task(reason, event, now, event_id=event.event_id))
        elif self._is_half_over(event, now):
            questions.append(self._task(reason, event, now, event_id=None))
        is_first = event.received_at == now
        reply = Reply(
            agency=event.agency,
            kind=ReplyKind.HELD,
            event_id=event.event_id,
            source=event.source,
            sequence=event.sequence,
            code=reason,
            until=until,
            at=now,
        )
        return Outcome(
            event=held,
            questions=not_open_yet(self._journal, questions),
            replies=(reply,) if is_first else (),
            heard=LastHeard(event.agency, event.source, now, event.sequence) if is_first else None,
        )

    def quarantined(
        self, submitted: Submitted, *, now: datetime, reason: str, envelope: Envelope | None = None
    ) -> Outcome:
        """Keep a message that cannot be taken in sealed, with an owner and a clock; tell the agency.

        ``envelope``: of an authentic message.
        """
        claimed = submitted.event.attributes.get("id", "")
        event_id = EventId(claimed) if _HASH.fullmatch(claimed) else None
        reply = Reply(
            agency=submitted.channel,
            kind=ReplyKind.HELD,
            event_id=event_id or "",
            code=QUARANTINED,
            text=str(NotAcceptedError(QUARANTINED)),
            at=now,
        )
        kept = self._set_aside(submitted, event_id, reply, now=now, reason=reason)
        return replace(kept, heard=_heard(envelope, now))

    def reused_id(self, submitted: Submitted, envelope: Envelope, *, now: datetime) -> Outcome:
        """Keep an event that bears another's id sealed, raise an alarm, and refuse it."""
        reply = Reply(
            agency=envelope.agency,
            kind=ReplyKind.REFUSED,
            event_id=envelope.id,
            source=envelope.source,
            sequence=envelope.sequence,
            code=REUSED_ID,
            path="id",
            text=str(NotAcceptedError(REUSED_ID)),
            at=now,
        )
        aside = self._set_aside(submitted, EventId(envelope.id), reply, now=now, reason=REUSED_ID)
        return replace(aside, heard=_heard(envelope, now))

    def _set_aside(
        self, submitted: Submitted, event_id: EventId | None, reply: Reply, *, now: datetime, reason: str
    ) -> Outcome:
        event = submitted.event
        secret = self._keys.secret("partnership")
        content = canonical({"attributes": dict(event.attributes), "signature": event.signature})
        claimed = (event.attributes.get("id", ""), event.attributes.get("rawhash", ""), digest(event.data))
        name = keyed_hash(secret, "quarantine", submitted.channel, *claimed)[:32]
        if any(each.quarantine_id == name for each in self._journal.quarantined()):
            return Outcome(replies=(reply,))
        deadline = self._policy.due(Grade.RED.value, 0, now)
        message = QuarantinedMessage(
            quarantine_id=name,
            channel=submitted.channel,
            event_id=event_id,
            reason=reason,
            sealed=Sealer(secret, self._ids.random).seal(
                len(content).to_bytes(4, "big") + content + event.data, about=f"quarantine:{name}"
            ),
            owner=FALLBACK_OWNER,
            deadline=deadline,
            at=now,
        )
        question = TaskQuestion(
            question_id=self._ids.new(),
            child=None,
            code=reason if reason == REUSED_ID else QUARANTINED,
            owner=FALLBACK_OWNER,
            deadline=deadline,
            grade=Grade.RED,
            detail={"quarantine": name, "agency": submitted.channel, "reason": reason},
        )
        return Outcome(quarantined=(message,), questions=(question,), replies=(reply,))

    def _gravity(self, submitted: Submitted, envelope: Envelope) -> tuple[Grade, int]:
        """Grade and level as far as they can be read; of an unknown type, what it says of its own urgency."""
        try:
            payload = read_payload(envelope.type, submitted.event.data)
            entry = self._policy.catalogue(envelope.type)
        except (ContractError, NoVerdictError):
            return _stated_grade(submitted.event.data), UNKNOWN_LEVEL
        grade, level = getattr(payload, "grade", None), getattr(payload, "level", None)
        return (grade.value if grade else entry.grade), (level.value if level else entry.level)

    def _is_half_over(self, event: StoredEvent, now: datetime) -> bool:
        whole = self._policy.due(event.grade.value, 0, event.received_at) - event.received_at
        return now - event.received_at >= whole / 2

    def _task(self, reason: str, event: StoredEvent, now: datetime, *, event_id: EventId | None) -> TaskQuestion:
        """A red event has a task of its own; all others held for one cause have one together."""
        what = {"agency": event.agency, "type": event.event_type} if event_id is not None else {}
        return TaskQuestion(
            question_id=self._ids.new(),
            child=None,
            code="event.held",
            owner=owner_of("identity.unsure", self._policy.deciders),
            deadline=self._policy.due(event.grade.value, 0, min(event.received_at, now)),
            grade=event.grade,
            event_id=event_id,
            detail={"reason": reason, **what},
        )

    def _alarm(self, reason: str, event: StoredEvent, now: datetime) -> TaskQuestion:
        """One alarm for one cause, however many events it holds."""
        detail = {} if reason == ENGINE_DOWN else {"type": event.event_type}
        return TaskQuestion(
            question_id=self._ids.new(),
            child=None,
            code=reason,
            owner=FALLBACK_OWNER,
            deadline=self._policy.due(Grade.RED.value, 0, now),
            grade=Grade.AMBER,
            detail=detail,
        )


def _stated_grade(data: bytes) -> Grade:
    """The urgency that a content of unknown type states where every content does; amber if it states none."""
    try:
        grade = read_json_object(data).get("grade")
        return Grade(grade["value"]) if isinstance(grade, dict) else Grade.AMBER
    except (ContractError, KeyError, ValueError):
        return Grade.AMBER


def next_wait(event: StoredEvent, now: datetime) -> timedelta:
    """How long until a held event is tried again: half the time it has waited, within bounds."""
    return min(max((now - event.received_at) / 2, SHORTEST_WAIT), LONGEST_WAIT)


def _as_held(event: StoredEvent, sealed: bytes, reason: str, until: datetime) -> StoredEvent:
    return replace(event, state=EventState.HELD, sealed=sealed, child=None, held_reason=reason, held_until=until)


def _heard(envelope: Envelope | None, now: datetime) -> LastHeard | None:
    return None if envelope is None else LastHeard(envelope.agency, envelope.source, now, envelope.sequence)
