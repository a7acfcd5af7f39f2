"""Tries held events again, reds first, through the same path as new ones."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from broker.core.errors import MashError
from broker.core.incidents import ENGINE_DOWN, HOLDS_NOTHING, UNKNOWN_TYPE, Incident
from broker.core.outcome import EventState, Outcome, StoredEvent, TaskQuestion
from broker.core.sealing import unseal
from broker.core.store_errors import StoreError
from broker.ports.journal import Journal
from broker.ports.policy import NoVerdictError
from broker.ports.transport import Submitted
from broker.services.accept import CULPRITS, Accept, AcceptReport, Came, Needs, UnansweredError
from broker.services.authenticate import read_content
from broker.services.incidents import Incidents
from broker.services.setting_aside import WAITS, SettingAside, is_about_all
from broker.services.stored_event import about_event
from broker.services.taking_in import Arrival
from contracts.envelope import Envelope, SignedEvent
from contracts.errors import ContractError

AT_ONCE = 100
PROBE_EVERY = timedelta(seconds=20)
"""How often one held event is put to an engine that was down, so that its return is noticed soon."""
FEW = 5
"""After how many without a verdict the others are left until the next time."""


class RetryHeld:
    """Asks about held events anew; what still cannot be decided stays held, and in time a person is asked."""

    def __init__(self, needs: Needs) -> None:
        """Take the ports."""
        self._needs = needs
        self._accept = Accept(needs)
        self._aside = SettingAside(needs.journal, needs.keys, needs.policy, needs.ids)
        self._incidents = Incidents(needs.journal, needs.keys, needs.policy, needs.ids)
        self._probed_at: datetime | None = None

    def run(self, limit: int = AT_ONCE) -> AcceptReport:
        """Try every held event that is due, each in a transaction of its own; once the engine answers, all it held up.

        Raises:
            StoreError: the store failed; what was not tried yet stays held.
        """
        report = AcceptReport()
        for event in self._needs.journal.held_due(self._needs.clock.now(), limit):
            self._try(event, report)
        for event in self._held_up(report, limit):
            self._try(event, report)
        self._end_what_is_over()
        return report

    def _try(self, event: StoredEvent, report: AcceptReport) -> Came:
        came = self._retry(event)
        report.came[event.event_id] = came
        if came is Came.ACCEPTED:
            report.events.append(event.event_id)
        return came

    def _held_up(self, report: AcceptReport, limit: int) -> Iterator[StoredEvent]:
        """What an engine that was down held up, before its time, as soon as one event shows that it answers again."""
        if not any(each.cause == ENGINE_DOWN for each in self._needs.journal.open_incidents()):
            self._probed_at = None
            return
        waiting = [e for e in self._needs.journal.held_for(ENGINE_DOWN, limit) if e.event_id not in report.came]
        if not report.events:
            now = self._needs.clock.now()
            if not waiting or (self._probed_at is not None and now - self._probed_at < PROBE_EVERY):
                return
            self._probed_at = now
            probe = min(waiting, key=lambda event: event.held_until or now)
            waiting.remove(probe)
            yield probe
            if report.came[probe.event_id] is not Came.ACCEPTED:
                return
        failed = 0
        for event in waiting:
            yield event
            failed += report.came[event.event_id] is Came.HELD
            if failed > FEW:
                return

    def _end_what_is_over(self) -> None:
        for incident in self._needs.journal.open_incidents():
            if incident.cause not in HOLDS_NOTHING and self._may_be_over(incident):
                with self._needs.journal.transaction():
                    self._end(incident)

    def _may_be_over(self, incident: Incident) -> bool:
        return not self._needs.journal.held_for(incident.cause, 1, event_type=incident.subject)

    def _end(self, incident: Incident) -> None:
        journal = self._needs.journal
        if incident not in journal.open_incidents() or not self._may_be_over(incident):
            return
        for_all = [each for each in journal.open_questions(None) if is_about_all(each, incident.cause)]
        self._commit(self._incidents.ended(incident, now=self._needs.clock.now(), with_it=for_all))

    def _retry(self, event: StoredEvent) -> Came:
        now = self._needs.clock.now()
        data = unseal(self._needs.keys.secret("partnership"), event.sealed, about=about_event(event.event_id))
        submitted = Submitted(event.agency, SignedEvent(event.attributes, event.signature, data), event.event_id)
        envelope = Envelope.from_attributes(event.attributes)
        try:
            with self._needs.journal.transaction():
                if not _is_still_held(self._needs.journal, event):
                    return Came.DUPLICATE
                payload = read_content(submitted, now=now)
                self._accept.take_in(Arrival(submitted, envelope, payload), now)
                self._commit(self._incidents.closed(self._put_to_a_person(event), why="decided", now=now))
        except StoreError:
            raise
        except CULPRITS as error:
            with self._needs.journal.transaction():
                self._commit(self._aside.held_again(event, data, now=now, reason=_reason(error)))
            return Came.HELD
        return Came.ACCEPTED

    def _put_to_a_person(self, event: StoredEvent) -> list[TaskQuestion]:
        return [each for each in self._needs.journal.questions_about(event.event_id) if each.code == WAITS]

    def _commit(self, outcome: Outcome) -> None:
        self._needs.journal.commit(outcome)


def _is_still_held(journal: Journal, event: StoredEvent) -> bool:
    stored = journal.event(event.event_id)
    return stored is not None and stored.state is EventState.HELD


def _reason(error: BaseException) -> str:
    match error:
        case NoVerdictError() | UnansweredError():
            return ENGINE_DOWN
        case ContractError(code="payload.unknown_type"):
            return UNKNOWN_TYPE
        case ContractError() | MashError():
            return error.code
        case _:
            return WAITS
