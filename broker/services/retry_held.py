"""Tries held events again, reds first, through the same path as new ones."""

from broker.core.errors import MashError
from broker.core.outcome import EventState, Outcome, StoredEvent
from broker.core.sealing import unseal
from broker.core.store_errors import StoreError
from broker.ports.journal import Journal
from broker.ports.policy import NoVerdictError
from broker.ports.transport import Submitted
from broker.services.accept import CULPRITS, Accept, AcceptReport, Came, Needs, UnansweredError
from broker.services.authenticate import read_content
from broker.services.setting_aside import SettingAside
from broker.services.stored_event import about_event
from broker.services.taking_in import Arrival
from contracts.envelope import Envelope, SignedEvent
from contracts.errors import ContractError

AT_ONCE = 100


class RetryHeld:
    """Asks about held events anew; what still cannot be decided stays held, and in time a person is asked."""

    def __init__(self, needs: Needs) -> None:
        """Take the ports."""
        self._needs = needs
        self._accept = Accept(needs)
        self._aside = SettingAside(needs.journal, needs.keys, needs.policy, needs.ids)

    def run(self, limit: int = AT_ONCE) -> AcceptReport:
        """Try every held event that is due, each in a transaction of its own.

        Raises:
            StoreError: the store failed; what was not tried yet stays held.
        """
        report = AcceptReport()
        self._aside.forget_alarms()
        for event in self._needs.journal.held_due(self._needs.clock.now(), limit):
            came = self._retry(event)
            report.came[event.event_id] = came
            if came is Came.ACCEPTED:
                report.events.append(event.event_id)
        return report

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
        except StoreError:
            raise
        except CULPRITS as error:
            with self._needs.journal.transaction():
                self._commit(self._aside.held_again(event, data, now=now, reason=_reason(error)))
            return Came.HELD
        return Came.ACCEPTED

    def _commit(self, outcome: Outcome) -> None:
        self._needs.journal.commit(outcome)


def _is_still_held(journal: Journal, event: StoredEvent) -> bool:
    stored = journal.event(event.event_id)
    return stored is not None and stored.state is EventState.HELD


def _reason(error: BaseException) -> str:
    match error:
        case NoVerdictError() | UnansweredError():
            return "policy.no_verdict"
        case ContractError(code="payload.unknown_type"):
            return "contract.unknown_type"
        case ContractError() | MashError():
            return error.code
        case _:
            return "event.held"
