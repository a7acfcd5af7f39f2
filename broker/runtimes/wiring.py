"""Puts one exchange together: which driver stands behind which port."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from broker.core.incidents import Incident
from broker.core.note import Ed25519Signer
from broker.core.outcome import StagedDelivery
from broker.drivers.ids.system import SystemIds
from broker.drivers.opa.embedded import EmbeddedPolicy
from broker.drivers.sql.journal import SqlJournal
from broker.drivers.sql.keys import SqlKeys
from broker.drivers.sql.ledger_store import SqlLedger
from broker.ports.clock import Clock
from broker.ports.ids import Ids
from broker.runtimes.home import Home
from broker.runtimes.logs import LogEvent, log
from broker.runtimes.registry import KeyRegistry
from broker.runtimes.stores import Stores
from broker.services.accept import Accept, Needs
from broker.services.ask_again import AskAgain
from broker.services.decide_task import DecideTask
from broker.services.erase import EraseChild, EraseServices
from broker.services.identity_by_people import IdentityByPeople
from broker.services.left_after_all import LeftAfterAll
from broker.services.mark_child import MarkChild, MarkServices
from broker.services.missing import Missing
from broker.services.part_reports import PartReports
from broker.services.reask import AskPastAgain
from broker.services.receive_receipts import ReceiptServices
from broker.services.release import ReleaseServices
from broker.services.request import Request
from broker.services.retry_held import RetryHeld
from broker.services.sweep import SweepServices
from broker.services.watch import Watch
from broker.services.withdraw import Withdraw
from contracts.errors import SignatureError
from contracts.heartbeat import Heartbeat
from contracts.words import AgencyId, EventId, RecipientId

SEQUENCER_SECONDS = 30
FACTS_CHANGED = "what is known of the child changed before it could leave"


@dataclass(frozen=True, slots=True)
class Hub:
    """One exchange: its stores and its use cases."""

    journal: SqlJournal
    keys: SqlKeys
    ledger: SqlLedger
    policy: EmbeddedPolicy
    clock: Clock
    ids: Ids
    registry: KeyRegistry
    signer: Ed25519Signer
    accept: Accept
    retry_held: RetryHeld
    ask_again: AskAgain
    reask: AskPastAgain
    decide_task: DecideTask
    request: Request
    mark_child: MarkChild
    erase: EraseChild
    identify: IdentityByPeople
    withdraw: Withdraw
    missing: Missing
    part: PartReports
    left_after_all: LeftAfterAll
    opened_at: datetime

    def releasing(self) -> ReleaseServices:
        """What releasing needs."""
        return ReleaseServices(
            journal=self.journal,
            ledger=self.ledger,
            keys=self.keys,
            policy=self.policy,
            clock=self.clock,
            ids=self.ids,
            ask_again=self.ask_again_about,
        )

    def receiving(self) -> ReceiptServices:
        """What taking in receipts needs."""
        return ReceiptServices(
            journal=self.journal,
            keys=self.keys,
            registered=self.registry,
            clock=self.clock,
            ids=self.ids,
            left_after_all=self.left_after_all,
        )

    def watch(self) -> tuple[Incident, ...]:
        """Open an incident for each thing that goes wrong by itself, end those that are over; give the new ones."""
        return Watch(
            self.journal,
            self.keys,
            self.policy,
            self.clock,
            self.ids,
            expected=self.feeds_expected,
            listening_since=self.opened_at,
        ).run()

    def feeds_expected(self) -> Mapping[AgencyId, datetime]:
        """From when on each agency that may sign might have been heard: since then, and since the log has begun."""
        first = self.ledger.kept(limit=1)
        return {
            AgencyId(agency): max(first[0].at, min(key.valid_from for key in self.registry.of("agency", agency)))
            for agency in self.registry.owners("agency")
            if first
        }

    def sweeping(self) -> SweepServices:
        """What sweeping deadlines needs."""
        return SweepServices(self.journal, self.keys, self.policy, self.clock, self.ids)

    def ask_again_about(self, deliveries: Sequence[StagedDelivery]) -> None:
        """Decide anew about deliveries that no longer stand on what is known; each old one is superseded."""
        by_event: dict[EventId, set[RecipientId]] = {}
        for delivery in deliveries:
            by_event.setdefault(delivery.event_id, set()).add(delivery.recipient)
        self.ask_again.run(by_event, why=FACTS_CHANGED)

    def hear(self, heartbeat: Heartbeat) -> None:
        """Note that a feed lives, and ask it for what is lost here, where its heartbeat is truly its own.

        Anything else is not heard.
        """
        entry = self.registry.key(heartbeat.keyid)
        if entry is None or entry.owner != heartbeat.agency or not entry.is_valid_at(self.clock.now()):
            return
        try:
            heartbeat.check(entry.key)
        except SignatureError:
            return
        lost = self.missing.hear(heartbeat)
        if lost:
            log().error(LogEvent.ALARM, what="reports_lost", agency=heartbeat.agency, number=lost)

    def close(self) -> None:
        """Let go of the stores, and of whatever else is asked."""
        self.policy.disconnect()
        self.journal.close()
        self.keys.close()
        self.ledger.close()


def wire(home: Home, stores: Stores, policy: EmbeddedPolicy, clock: Clock, registry: KeyRegistry) -> Hub:
    """Construct every service of one exchange over one home, its stores and its policy."""
    journal, keys = stores.journal, stores.keys
    ids = SystemIds()
    needs = Needs(journal=journal, keys=keys, policy=policy, clock=clock, ids=ids, agency_keys=registry)
    accept = Accept(needs)
    return Hub(
        journal=journal,
        keys=keys,
        ledger=stores.ledger,
        policy=policy,
        clock=clock,
        ids=ids,
        registry=registry,
        signer=Ed25519Signer(_origin(home, policy.partnership), keys.secret("log-signing")),
        accept=accept,
        request=Request(needs, accept),
        retry_held=RetryHeld(needs),
        ask_again=AskAgain(journal, keys, policy, clock, ids),
        reask=AskPastAgain(journal, keys, policy, clock, ids),
        decide_task=DecideTask(journal, keys, policy, clock, ids, registry),
        mark_child=MarkChild(MarkServices(journal, keys, registry, clock, ids)),
        erase=EraseChild(EraseServices(journal, keys, policy, registry, clock, ids)),
        identify=IdentityByPeople(journal, keys, policy, clock, ids, registry),
        withdraw=Withdraw(needs, registry),
        missing=Missing(journal, keys, policy, clock, ids),
        part=PartReports(needs, registry),
        left_after_all=LeftAfterAll(journal, keys, policy, clock, ids),
        opened_at=clock.now(),
    )


def _origin(home: Home, partnership: str) -> str:
    """The ledger's name in its checkpoints: chosen once for a home, and the same for as long as it lives."""
    if not home.ledger_origin.exists():
        home.ledger_origin.write_text(f"mash.{partnership}.example/ledger\n", encoding="ascii")
    return home.ledger_origin.read_text(encoding="ascii").strip()
