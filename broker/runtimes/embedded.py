"""The embedded runtime: the whole line on one machine, in one process, over one home."""

import sqlite3
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Self

from broker.core.errors import MashError
from broker.core.findings import Verification
from broker.core.incidents import RESTORING, VIEW_LOST
from broker.core.reasking import Reask
from broker.core.reconciling import Reconciled
from broker.core.withdrawing import SignedWithdrawal, Withdrawn
from broker.ports.clock import Clock
from broker.ports.feed import AgencyFeed, FileSummary
from broker.runtimes import audit, proofs, setup
from broker.runtimes.agency_acts import NotSent, read_inbox
from broker.runtimes.agreements import load_engine
from broker.runtimes.desk import Desk
from broker.runtimes.exchange import clock_of, open_exchange
from broker.runtimes.feeds import agency_side
from broker.runtimes.forgetting import Officers
from broker.runtimes.home import Home, HomeError
from broker.runtimes.identity import IdentityDesk
from broker.runtimes.line import Line
from broker.runtimes.logs import LogEvent, log
from broker.runtimes.people import (
    SignedIn,
    add_person,
    end_person,
    known_people,
    load_person_key,
    renew_person,
    roles_of,
)
from broker.runtimes.post import FeedInbox, LocalPost, RecipientSide
from broker.runtimes.sending import SendingAgain
from broker.runtimes.settings import Settings, read_root_key
from broker.runtimes.steps import Done
from broker.runtimes.wiring import Hub
from broker.services.decide_task import SignedAnswer, sign_answer
from broker.services.export_ledger import Exported
from broker.services.reconcile import OnRecord, reconcile
from broker.services.request import Requested, WantedInformation
from broker.services.sending_anew import SendingAnew, SentAnew
from broker.services.withdraw import sign_withdrawal
from contracts.errors import ContractError
from contracts.words import (
    AgencyId,
    Because,
    DataCategory,
    DeliveryId,
    Effect,
    PersonId,
    Purpose,
    RecipientId,
    RequestedUnder,
)
from policies.engine import Engine

EFFECT_WORDS: Mapping[Effect, str] = {
    Effect.SHARE: "shared",
    Effect.WITHHOLD: "not shared",
    Effect.ASK: "decision still needed",
}


class Embedded:
    """One home, opened. For one thread; close it when done."""

    def __init__(self, settings: Settings, hub: Hub, engine: Engine, clock: Clock) -> None:
        """Use :meth:`open`."""
        self.settings = settings
        self.home = Home(settings.home)
        self.hub = hub
        self.engine = engine
        self.clock = clock
        side = agency_side()
        root = self.home.root / "agencies"
        self.feeds: Mapping[str, AgencyFeed] = {a: side.open(root, a, engine) for a in self.home.agencies()}
        self.recipients: Mapping[str, RecipientSide] = {
            each: RecipientSide(each, self.home.recipient(each)) for each in self.home.recipients()
        }
        self.post = LocalPost(self.recipients, self.feeds, clock.now)
        self.line = Line(hub, FeedInbox(self.feeds), self.post)
        self._sending_again = SendingAgain(hub, self.post)
        self.registry = hub.registry
        self.desk = Desk(hub, engine, self.recipients, clock)
        self.officers = Officers(settings, hub, self.desk, self.recipients)
        self.identity = IdentityDesk(settings, hub, self.desk, self.recipients)
        self._not_sent = NotSent()

    @classmethod
    def make(cls, settings: Settings, *, clock: Clock | None = None) -> Self:
        """Make a home for the partnership of its agreements, or of those that come with the package, and open it.

        Raises:
            SettingsError: no root key, or one inside the home.
        """
        read_root_key(settings)
        home = Home(settings.home)
        home.make()
        engine = load_engine(home)
        setup.make_home(home, engine, now=(clock or clock_of(home)).now())
        engine.close()
        return cls.open(settings, clock=clock)

    @classmethod
    def open(cls, settings: Settings, *, clock: Clock | None = None) -> Self:
        """Open the home that the settings name; what was not finished when it was made is made now.

        Raises:
            HomeError: there is none.
            SettingsError: no root key, or one inside the home.
        """
        exchange = open_exchange(settings, clock=clock)
        return cls(settings, exchange.hub, exchange.engine, exchange.clock)

    def close(self) -> None:
        """Let go of every file."""
        for feed in self.feeds.values():
            feed.close()
        for side in self.recipients.values():
            side.store.close()
        self.hub.close()
        self.engine.close()

    def ingest(self, path: Path, *, agency: str, kind: str) -> FileSummary:
        """Read one of an agency's native files into its spool.

        Raises:
            HomeError: the home knows no such agency.
        """
        return self._feed(agency).ingest(path, kind=kind, now=self.clock.now())

    def tick(self, *, tell: Callable[[Done], None] | None = None) -> Done:
        """Do everything that is waiting, until nothing is; then sweep deadlines and what is kept no longer, once."""
        self.officers.finish_erasures()
        done = self._read_inboxes()
        done = done + self.line.run(tell=lambda so_far: tell(done + so_far) if tell is not None else None)
        for feed in self.feeds.values():
            feed.tidy(self.clock.now())
        passed_on, is_new = self.line.steps.watch_and_sweep()
        self._sending_again.turn()
        if not passed_on and not is_new:
            return done
        return done + Done(escalated=passed_on) + self.line.finish()

    def follow_up(self) -> Done | None:
        """Do what follows of what a person did; none where others do it."""
        return self.tick()

    def serve(self, stop: threading.Event, *, every: float) -> None:
        """Run until ``stop`` is set: watch the agencies' inboxes, share, record, deliver, send heartbeats.

        What fails, a full disk or a busy store, is logged and tried again: nothing is lost in the meantime.
        """
        log().info(LogEvent.STARTED, agencies=len(self.feeds), recipients=len(self.recipients))
        while not stop.is_set():
            done = self._round()
            if done != Done():
                log().info(LogEvent.ACCEPTED, **done.as_json())
            stop.wait(every)
        log().info(LogEvent.STOPPED)

    def not_sent(self, agency: str) -> Sequence[str]:
        """Ids of an agency's red events that have waited ten minutes in its spool: it must ring the front door.

        Raises:
            HomeError: the home knows no such agency.
        """
        return self._feed(agency).not_sent(self.clock.now())

    def front_door(self) -> str:
        """Name and telephone of whom an agency rings when something cannot be sent."""
        directory = self.hub.policy.directory()
        door = directory.recipients[directory.front_door]
        return ", ".join(part for part in (door.name, door.phone) if part)

    def _round(self) -> Done:
        try:
            return self._whole_round()
        finally:
            self._not_sent.tell(self.feeds.values(), self.clock.now())

    def _whole_round(self) -> Done:
        try:
            self.beat()  # first: what a feed says was answered and is not here shows that a backup was put in
            done = self.tick()
        except (ContractError, MashError) as error:
            log().error(LogEvent.STEP_FAILED, code=error.code)
        except sqlite3.Error as error:
            log().error(LogEvent.STEP_FAILED, code="store.failed", why=type(error).__name__)
        else:
            return done
        return Done()

    def beat(self) -> None:
        """Let every feed say that it lives."""
        now = self.clock.now()
        for feed in self.feeds.values():
            self.hub.hear(feed.heartbeat(now))

    def people(self) -> Mapping[str, Mapping[str, object]]:
        """Every registered person with name and roles; ``ended``: since when they may do nothing more."""
        return known_people(self.registry, self.clock.now())

    def add_person(self, name: str, roles: Sequence[str], *, person: str | None = None) -> str:
        """Register a person with a signing key of their own, kept in ``people/ID/key``; gives their id.

        Raises:
            PeopleError: a role is not one of the partnership's, or the id is taken.
        """
        return add_person(self.home, self.registry, self.desk.roles(), name, roles, person=person, now=self.clock.now())

    def renew_person(self, person: str, roles: Sequence[str] = ()) -> None:
        """Give a person a new signing key, and these roles, or those they had; the one before signs nothing more.

        Raises:
            PeopleError: nobody of that id is registered, or a role is not one of the partnership's.
        """
        renew_person(self.home, self.registry, self.desk.roles(), person, roles, now=self.clock.now())

    def end_person(self, person: str) -> Sequence[str]:
        """Let a person do nothing more; gives the roles that nobody holds now.

        Raises:
            PeopleError: nobody of that id is registered.
        """
        end_person(self.registry, person, now=self.clock.now())
        people = self.people()
        held = {role for details in people.values() if not details.get("ended") for role in roles_of(details)}
        return [role for role in roles_of(people[person]) if role not in held]

    def decide_task(self, question: str, who: SignedIn, *, granted: bool, reason: str) -> Sequence[str]:
        """Answer one open question, signed with the person's own key; says what followed.

        Raises:
            DeskError: no single question of that id waits for this role.
            CannotDecideError: the answer is not taken.
        """
        wanted = self.desk.find_question(question, who)
        keyid, key = load_person_key(self.home, self.settings, who.person)
        answer = SignedAnswer(wanted.question_id, PersonId(who.person), who.role, granted, reason, self.clock.now())
        decisions = self.hub.decide_task.run(sign_answer(answer, key, keyid=keyid))
        names = self.hub.policy.directory().recipients
        told = [f"Recorded: {'yes' if granted else 'no'}, decided by {who.name}."]
        told += [f"{names[d.recipient].name}: {EFFECT_WORDS[d.effect]}" for d in decisions]
        return told

    def withdraw_report(self, report: str, who: SignedIn, *, because: Because, reason: str) -> Withdrawn:
        """Withdraw the one report whose id begins so, for the agency that made it; signed with the person's own key.

        Raises:
            DeskError: more than one report begins like that.
            CannotWithdrawError: it is not taken; nothing was changed.
        """
        keyid, key = load_person_key(self.home, self.settings, who.person)
        event = self.desk.find_report(report, who)
        act = SignedWithdrawal(event, because, PersonId(who.person), who.role, reason, self.clock.now())
        done = self.hub.withdraw.run(sign_withdrawal(act, key, keyid=keyid))
        self.follow_up()
        return done

    def reconcile(self) -> Reconciled:
        """Compare journal, ledger and recipients; what is on record as lost, here or there, is excused."""
        held = {
            RecipientId(recipient): {DeliveryId(d): digest for d, digest in side.store.delivered().items()}
            for recipient, side in self.recipients.items()
        }
        hub, replaced, incidents = self.hub, None, self.hub.journal.incidents()
        if any(each.cause == RESTORING for each in incidents):
            replaced = {
                RecipientId(recipient): {DeliveryId(d): DeliveryId(by) for d, by in side.store.replaced().items()}
                for recipient, side in self.recipients.items()
            }
        lost = {RecipientId(each.subject): each.opened_at for each in incidents if each.cause == VIEW_LOST}
        on_record = OnRecord(replaced, lost)
        return reconcile(hub.journal, hub.ledger, hub.keys, held, now=self.clock.now(), on_record=on_record)

    def send_anew(self, recipient: str, *, why: str, tell: Callable[[int, int], None]) -> SentAnew:
        """Share again what a recipient held and has lost, as far as it may hold it today.

        Raises:
            CannotSendAnewError: there is no such recipient, or no reason.
            NoVerdictError: the policy gave no verdict; begun again, it goes on.
        """
        hub = self.hub
        sending = SendingAnew(hub.journal, hub.keys, hub.policy, self.clock, hub.ids)
        done = sending.run(RecipientId(recipient), why=why, tell=tell)
        self.follow_up()
        return done

    def request(
        self,
        child: str,
        who: SignedIn,
        *,
        purpose: Purpose,
        what: tuple[DataCategory, ...],
        grounds: str,
        asked_of: str,
        under: RequestedUnder | None = None,
    ) -> Requested:
        """Ask for information about a child; decided, recorded and answered like a share.

        ``under``: the statute that makes whoever is asked answer, where there is one.

        Raises:
            DeskError: nobody, or more than one child, fits.
            CannotRequestError: nothing is held that could be asked for, or the asker is unknown.
        """
        wanted = WantedInformation(
            child=self.desk.find_child(child, who),
            by=RecipientId(who.recipient),
            person=PersonId(who.person),
            role=who.role,
            purpose=purpose,
            what=what,
            grounds=grounds,
            asked_of=AgencyId(asked_of),
            under=under,
        )
        made = self.hub.request.run(wanted)
        self.follow_up()
        return made

    def reasks(self) -> Sequence[Reask]:
        """What waits to be asked again, most pressing first, and how far it has come."""
        return self.hub.journal.reasks_waiting()

    def doctor(self) -> Sequence[audit.Finding]:
        """Check what keeps the exchange safe."""
        return audit.examine(self.hub, self.engine, self.clock, self.feeds, self.desk.feeds())

    def verify_ledger(self, *, against: str | None, tell: Callable[[int, int], None]) -> Verification:
        """Check the ledger; name the first bad place."""
        return audit.verify_ledger(self.hub, against=against, tell=tell)

    def prove(self, entry: int) -> str:
        """Prove that one entry is in the ledger."""
        return audit.prove_entry(self.hub, entry)

    def prove_delivery(self, delivery: str, who: SignedIn) -> bytes:
        """Prove one share, in a file that is checked offline."""
        return proofs.prove_delivery(self.hub, delivery, who)

    def export_ledger(self, into: Path, *, tell: Callable[[int, int], None]) -> Exported:
        """Put the published ledger into a folder as static files."""
        return proofs.export(self.hub, into, tell)

    def public_keys(self) -> str:
        """The public keys that proofs are checked with."""
        return proofs.public_keys(self.hub)

    def checkpoint(self) -> str:
        """The latest signed checkpoint."""
        return audit.latest_checkpoint(self.hub)

    def _read_inboxes(self) -> Done:
        done = Done()
        for feed in self.feeds.values():
            read, refused = read_inbox(feed, self.clock.now())
            done = done + Done(files_read=read, files_refused=refused)
        return done

    def _feed(self, agency: str) -> AgencyFeed:
        feed = self.feeds.get(agency)
        if feed is None:
            msg = f"the home knows no agency {agency!r}"
            known = ", ".join(self.feeds)
            raise HomeError(msg, code="home.unknown_agency", remedy=f"choose one of {known}")
        return feed
