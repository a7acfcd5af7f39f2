"""What becomes of a message that cannot be accepted now: refused, held or quarantined; never lost, never quoted."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import ClassVar

from broker.core.errors import MashError
from broker.core.hashing import keyed_hash
from broker.core.incidents import ENGINE_DOWN
from broker.core.outcome import EventState, LastHeard, Outcome, QuarantinedMessage, StoredEvent, TaskQuestion
from broker.core.sealing import Sealer
from broker.core.tasks import FALLBACK_OWNER
from broker.ports.ids import Ids
from broker.ports.journal import Journal
from broker.ports.keys import Keys
from broker.ports.policy import NoVerdictError, Policy
from broker.ports.transport import Submitted
from broker.services.incidents import Incidents, Opened
from broker.services.stored_event import about_event, stored
from contracts.canonical import canonical, digest, read_json_object
from contracts.envelope import SOURCE_PATTERN, Envelope
from contracts.errors import ContractError
from contracts.reading import read_payload
from contracts.reply import Reply
from contracts.words import EventId, Grade, ReplyKind

REUSED_ID = "event.reused_id"
QUARANTINED = "event.quarantined"
WAITS = "event.held"
SHORTEST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(minutes=10)
UNKNOWN_LEVEL = 4

_HASH = re.compile(r"[0-9a-f]{32,64}")
_NUMBER = re.compile(r"[1-9][0-9]{0,15}")


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
        self._incidents = Incidents(journal, keys, policy, ids)

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

    def unread(self, submitted: Submitted, error: ContractError, *, now: datetime) -> Outcome:
        """Ask an agency again, by its number, for a message that could not be opened or is signed by nobody known.

        Nothing of it is authentic, so nothing is stored, and the event whose id it bears stays with the agency: whoever
        else wrote it cannot make the agency take its own report for answered. Where it has no number, only tell it.
        """
        attributes = submitted.event.attributes
        number, source = attributes.get("sequence", ""), SOURCE_PATTERN.match(attributes.get("source", ""))
        is_own = source is not None and source.group(1) == submitted.channel
        is_numbered = is_own and bool(_NUMBER.fullmatch(number))
        reply = Reply(
            agency=submitted.channel,
            kind=ReplyKind.MISSING if is_numbered else ReplyKind.REFUSED,
            source=attributes["source"] if is_numbered else "",
            first_missing=int(number) if is_numbered else 0,
            last_missing=int(number) if is_numbered else 0,
            code=error.code,
            path=error.path,
            text=error.remedy,
            at=now,
        )
        return Outcome(replies=(reply,))

    def held(self, submitted: Submitted, envelope: Envelope, *, now: datetime, reason: str) -> Outcome:
        """Keep the event sealed and undecided until it can be decided; a red one is put to a person at once."""
        grade, level = self._gravity(submitted, envelope)
        event = stored(submitted, envelope, now=now, grade=grade, level=level)
        outcome = self.held_again(event, submitted.event.data, now=now, reason=reason)
        at_once = (self._task(reason, event, now, event_id=event.event_id),) if grade is Grade.RED else ()
        reply = Reply(
            agency=event.agency,
            kind=ReplyKind.HELD,
            event_id=event.event_id,
            source=event.source,
            sequence=event.sequence,
            code=reason,
            until=now + next_wait(event, now),
            at=now,
        )
        return replace(outcome, questions=(*outcome.questions, *at_once), replies=(reply,), heard=_heard(envelope, now))

    def held_again(self, event: StoredEvent, data: bytes, *, now: datetime, reason: str) -> Outcome:
        """Hold an event anew: one incident for the cause, and one task for all whose clock is half over."""
        sealed = Sealer(self._keys.secret("partnership"), self._ids.random).seal(
            data, about=about_event(event.event_id)
        )
        opened = self._incident(reason, event, now)
        is_late = event.grade is not Grade.RED and self._is_half_over(event, now)
        for_all = (self._task(reason, event, now, event_id=None),) if is_late and not self._is_put(reason) else ()
        return Outcome(
            event=_as_held(event, sealed, reason, now + next_wait(event, now)),
            questions=(*(each.question for each in opened), *for_all),
            records=tuple(each.record for each in opened),
            incidents=tuple(each.incident for each in opened),
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

    def _is_put(self, reason: str) -> bool:
        """Whether a person has been asked about all that is held for this reason."""
        return any(is_about_all(each, reason) for each in self._journal.open_questions(None))

    def _task(self, reason: str, event: StoredEvent, now: datetime, *, event_id: EventId | None) -> TaskQuestion:
        """A red event has a task of its own; all others held for one cause have one together."""
        what = {"agency": event.agency, "type": event.event_type} if event_id is not None else {}
        return TaskQuestion(
            question_id=self._ids.new(),
            child=None,
            code=WAITS,
            owner=self._incidents.who("identity.unsure", event.grade, now),
            deadline=self._policy.due(event.grade.value, 0, min(event.received_at, now)),
            grade=event.grade,
            event_id=event_id,
            detail={"reason": reason, **what},
        )

    def _incident(self, reason: str, event: StoredEvent, now: datetime) -> tuple[Opened, ...]:
        """One incident for one cause, however many events it holds."""
        subject = "" if reason == ENGINE_DOWN else event.event_type
        opened = self._incidents.opened(reason, subject, now=now, detail={"type": subject} if subject else {})
        return () if opened is None else (opened,)


def is_about_all(question: TaskQuestion, reason: str) -> bool:
    """Whether it asks about everything together that is held for one reason."""
    return question.code == WAITS and question.event_id is None and question.detail.get("reason") == reason


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
