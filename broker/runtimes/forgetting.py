"""What officers of the partnership do with a child's whole record: hold it, restrict its use, erase it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from broker.core.erasing import MAY_ERASE, Erasure, ErasureAct, SignedErasure
from broker.core.grounds import Ground
from broker.core.marks import MAY_SET, Act, Mark, MarkKind, SignedAct, about_mark
from broker.core.sealing import unseal
from broker.runtimes.desk import Desk
from broker.runtimes.home import Home
from broker.runtimes.logs import LogEvent, log
from broker.runtimes.lookup import SHORTEST_START, find_any_child
from broker.runtimes.people import SignedIn, load_person_key
from broker.runtimes.post import RecipientSide
from broker.runtimes.settings import Settings
from broker.runtimes.wiring import Hub
from broker.services.erase import CannotEraseError
from broker.services.mark_child import CannotMarkError
from contracts.signing import sign
from contracts.words import Cause, ChildId, PersonId


@dataclass(frozen=True, slots=True)
class MarkRow:
    """One hold or restriction as officers see it. ``child``: the exchange's own reference, never a name."""

    mark: str
    kind: str
    child: str
    set_by: str
    role: str
    since: datetime
    until: datetime | None
    reason: str


@dataclass(frozen=True, slots=True)
class ErasureRow:
    """One erasure as officers see it. ``child``: the exchange's own reference.

    ``told``: how many recipients were told to destroy what they hold; ``destroyed``: how many signed that they have.
    ``backups_until``: until when backups made before it may still hold the child.
    """

    erasure: str
    child: str
    ground: str
    proposed_by: str
    proposed_role: str
    proposed_at: datetime
    confirmed_by: str
    confirmed_at: datetime | None
    withdrawn_at: datetime | None
    finished_at: datetime | None
    told: int
    destroyed: int
    backups_until: datetime | None


class Officers:
    """Serves officers who have signed in; everything they do is signed with their own key and recorded."""

    def __init__(self, settings: Settings, hub: Hub, desk: Desk, recipients: Mapping[str, RecipientSide]) -> None:
        """Serve from these."""
        self._settings = settings
        self._hub = hub
        self._desk = desk
        self._recipients = recipients

    def mark(self, kind: MarkKind, child: str, who: SignedIn, *, reason: str, until: datetime | None) -> MarkRow:
        """Set a hold or restriction upon a child's record; it stands until it is lifted.

        Raises:
            DeskError: nobody, or more than one child, fits.
            CannotMarkError: this person may not, or gave no reason, or a day that has passed.
        """
        return self._act(kind, Act.SET, self._child(kind, child, who), who, reason=reason, until=until)

    def lift(self, kind: MarkKind, mark: str, who: SignedIn, *, reason: str) -> MarkRow:
        """Lift the one hold or restriction whose id begins so.

        Raises:
            CannotMarkError: none that stands does, or more than one, or this person may not, or gave no reason.
        """
        found = [row.mark for row in self.marks(kind, who) if len(mark) >= SHORTEST_START and row.mark.startswith(mark)]
        return self._act(kind, Act.LIFT, found[0] if len(found) == 1 else mark, who, reason=reason)

    def marks(self, kind: MarkKind, who: SignedIn) -> Sequence[MarkRow]:
        """The holds or restrictions that stand, oldest first.

        Raises:
            CannotMarkError: this person's role may not set one.
        """
        self._check_role(kind, who)
        return [self._row(mark) for mark in self._hub.journal.marks() if mark.kind is kind]

    def propose_erasure(self, child: str, who: SignedIn, *, ground: Ground) -> ErasureRow:
        """Propose that everything held of a child be destroyed; a second person must confirm it.

        Raises:
            DeskError: nobody, or more than one child, fits.
            CannotEraseError: this person may not, or a hold or a need stands against it.
        """
        self._may_erase(who)
        found = self._any_child(child, who)
        return self._erase(ErasureAct.PROPOSE, found, who, ground=ground)

    def confirm_erasure(self, erasure: str, who: SignedIn) -> ErasureRow:
        """Confirm the one proposal whose id begins so, as the second person; it is carried out at once.

        Raises:
            CannotEraseError: it is not this person's to confirm, something stands against it, or a store is being read.
        """
        return self._erase(ErasureAct.CONFIRM, self._proposal(erasure, who), who)

    def withdraw_erasure(self, erasure: str, who: SignedIn) -> ErasureRow:
        """Withdraw the one proposal whose id begins so.

        Raises:
            CannotEraseError: none waits, or this person may not.
        """
        return self._erase(ErasureAct.WITHDRAW, self._proposal(erasure, who), who)

    def erasures(self, who: SignedIn) -> Sequence[ErasureRow]:
        """Every erasure, oldest first.

        Raises:
            CannotEraseError: this person's role may not erase.
        """
        self._may_erase(who)
        return [self._erasure_row(each) for each in self._hub.journal.erasures()]

    def finish_erasures(self) -> None:
        """Carry on with every erasure that was confirmed and not finished; what cannot be yet is said in the log."""
        try:
            self._hub.erase.finish()
        except CannotEraseError as error:
            log().error(LogEvent.ALARM, what=error.code)

    def _erase(self, act: ErasureAct, about: str, who: SignedIn, *, ground: Ground | None = None) -> ErasureRow:
        keyid, key = load_person_key(Home(self._settings.home), self._settings, who.person)
        unsigned = SignedErasure(act, about, PersonId(who.person), who.role, self._hub.clock.now(), ground)
        return self._erasure_row(
            self._hub.erase.run(replace(unsigned, signature=sign(unsigned.content(), key, keyid=keyid)))
        )

    def _proposal(self, wanted: str, who: SignedIn) -> str:
        self._may_erase(who)
        found = [each.erasure_id for each in self._hub.journal.erasures() if each.erasure_id.startswith(wanted)]
        return found[0] if len(found) == 1 and len(wanted) >= SHORTEST_START else wanted

    def _may_erase(self, who: SignedIn) -> None:
        if who.role not in MAY_ERASE:
            msg = f"the role {who.role} may not do this; nothing was changed"
            raise CannotEraseError(msg, code="erase.not_yours", remedy=f"ask one of: {', '.join(MAY_ERASE)}")

    def _erasure_row(self, erasure: Erasure) -> ErasureRow:
        """The erasure with how many recipients have destroyed what they hold."""
        journal = self._hub.journal
        told = [
            s
            for s in journal.deliveries(child=erasure.child)
            if s.delivery.cause in {Cause.ERASED, Cause.REPORT_ERASED}
        ]
        gone = erasure.confirmed_at
        return ErasureRow(
            erasure=erasure.erasure_id,
            child=erasure.child,
            ground=erasure.ground.value,
            proposed_by=erasure.proposed_by,
            proposed_role=erasure.proposed_role,
            proposed_at=erasure.proposed_at,
            confirmed_by=erasure.confirmed_by,
            confirmed_at=erasure.confirmed_at,
            withdrawn_at=erasure.withdrawn_at,
            finished_at=erasure.finished_at,
            told=len({status.delivery.recipient for status in told}),
            destroyed=len({s.delivery.recipient for s in told})
            - len({s.delivery.recipient for s in told if s.delivered_at is None}),
            backups_until=gone + timedelta(days=self._settings.backup_days) if gone is not None else None,
        )

    def _act(
        self, kind: MarkKind, act: Act, about: str, who: SignedIn, *, reason: str, until: datetime | None = None
    ) -> MarkRow:
        keyid, key = load_person_key(Home(self._settings.home), self._settings, who.person)
        unsigned = SignedAct(kind, act, about, PersonId(who.person), who.role, reason, self._hub.clock.now(), until)
        signed = replace(unsigned, signature=sign(unsigned.content(), key, keyid=keyid))
        return self._row(self._hub.mark_child.run(signed))

    def _child(self, kind: MarkKind, wanted: str, who: SignedIn) -> ChildId:
        self._check_role(kind, who)
        return self._any_child(wanted, who)

    def _any_child(self, wanted: str, who: SignedIn) -> ChildId:
        if who.recipient in self._recipients:
            return self._desk.find_child(wanted, who)
        return find_any_child(self._hub.journal, self._hub.keys, tuple(self._recipients), wanted)

    def _check_role(self, kind: MarkKind, who: SignedIn) -> None:
        if who.role not in MAY_SET[kind]:
            msg = f"the role {who.role} may not do this; nothing was changed"
            raise CannotMarkError(msg, code="mark.not_yours", remedy=f"ask one of: {', '.join(MAY_SET[kind])}")

    def _row(self, mark: Mark) -> MarkRow:
        key = self._hub.keys.child_key(mark.child)
        reason = unseal(key, mark.sealed_reason, about=about_mark(mark.mark_id)).decode()
        return MarkRow(
            mark=mark.mark_id,
            kind=mark.kind.value,
            child=mark.child,
            set_by=mark.person,
            role=mark.role,
            since=mark.since,
            until=mark.until,
            reason=reason,
        )
