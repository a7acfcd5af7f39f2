"""Opens one incident for a common cause, with a record and a task, and ends it when the cause is over."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from broker.core.incidents import Incident, IncidentEnded, who_sees_to_it
from broker.core.outcome import Outcome, Record, RecordKind, TaskQuestion
from broker.core.records import RecordWriter
from broker.core.sealing import Sealer
from broker.core.tasks import FALLBACK_OWNER
from broker.ports.ids import Ids
from broker.ports.journal import Journal
from broker.ports.keys import Keys
from broker.ports.policy import Policy
from broker.services.open_questions import closing
from contracts.words import Grade

SEES_TO_IT = (FALLBACK_OWNER, "duty_manager")
"""Who sees to an incident for which the agreement names nobody."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A new incident with all that belongs to it."""

    incident: Incident
    question: TaskQuestion
    record: Record


class Incidents:
    """Gives what opening and ending incidents changes; commits nothing itself. The caller holds the transaction."""

    def __init__(self, journal: Journal, keys: Keys, policy: Policy, ids: Ids) -> None:
        """Take what it reads from."""
        self._journal = journal
        self._keys = keys
        self._policy = policy
        self._ids = ids

    def opened(
        self,
        cause: str,
        subject: str,
        *,
        now: datetime,
        detail: Mapping[str, Any],
        grade: Grade = Grade.RED,
        why: str = "",
    ) -> Opened | None:
        """A new incident; none where one of this cause and subject is open already.

        Whoever is on duty sees to it; what is green waits for the partnership's manager.
        ``why``: in somebody's own words, so that it stands sealed in the record and nowhere else.
        """
        if any((each.cause, each.subject) == (cause, subject) for each in self._journal.open_incidents()):
            return None
        incident_id, question_id = self._ids.new(), self._ids.new()
        question = TaskQuestion(
            question_id=question_id,
            child=None,
            code=cause,
            owner=FALLBACK_OWNER if grade is Grade.GREEN else self.who(cause, grade, now),
            deadline=self._policy.due(grade.value, 0, now),
            grade=grade,
            detail=dict(detail),
        )
        record = self._record(
            RecordKind.INCIDENT,
            incident_id,
            {"incident": "opened", "cause": cause, "subject": subject, "owner": question.owner}
            | ({"why": why} if why else {}),
            now,
        )
        return Opened(Incident(incident_id, cause, subject, question_id, record.record_id, now), question, record)

    def who(self, code: str, grade: Grade, now: datetime) -> str:
        """The role that is asked at this moment: of those who may answer the code, whoever is on duty."""
        may = self._policy.deciders(code) or SEES_TO_IT
        return who_sees_to_it(may, self._policy.on_cover(grade, now), otherwise=FALLBACK_OWNER)

    def ended(
        self, incident: Incident, *, now: datetime, with_it: Iterable[TaskQuestion] = (), is_seen_to: bool = True
    ) -> Outcome:
        """That the incident is over. Its question is closed if nobody has answered it, and so are those ``with_it``.

        ``is_seen_to``: whether nobody need see to anything any more; if not, its question stays.
        """
        told = {
            "incident": "ended",
            "cause": incident.cause,
            "subject": incident.subject,
            "minutes": int((now - incident.opened_at).total_seconds() // 60),
        }
        record = self._record(RecordKind.INCIDENT, incident.incident_id, told, now)
        own = [each for each in self._journal.open_questions(None) if each.question_id == incident.question_id]
        closed = self.closed((*(own if is_seen_to else ()), *with_it), why="the cause is over", now=now)
        over = IncidentEnded(incident.incident_id, record.record_id, now)
        return Outcome(records=(record, *closed.records), closed=closed.closed, ended=(over,))

    def closed(self, questions: Iterable[TaskQuestion], *, why: str, now: datetime) -> Outcome:
        """That questions need no answer any more; a record says of each why."""
        ids, records = closing(questions, self._writer(now), why=why)
        return Outcome(records=tuple(records), closed=tuple(ids))

    def _record(self, kind: RecordKind, about: str, internal: Mapping[str, Any], now: datetime) -> Record:
        return self._writer(now).write(kind, about=about, disclosed={}, internal=internal)

    def _writer(self, now: datetime) -> RecordWriter:
        sealer = Sealer(self._keys.secret("partnership"), self._ids.random)
        return RecordWriter(sealer, self._keys.secret("log"), self._ids.in_order, now)
