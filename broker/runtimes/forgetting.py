"""What officers of the partnership do with a child's whole record: hold it, restrict its use."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from broker.core.marks import MAY_SET, Act, Mark, MarkKind, SignedAct, about_mark
from broker.core.sealing import unseal
from broker.runtimes.desk import Desk
from broker.runtimes.home import Home
from broker.runtimes.lookup import SHORTEST_START, find_any_child
from broker.runtimes.people import SignedIn, load_person_key
from broker.runtimes.post import RecipientSide
from broker.runtimes.settings import Settings
from broker.runtimes.wiring import Hub
from broker.services.mark_child import CannotMarkError
from contracts.signing import sign
from contracts.words import ChildId, PersonId


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

    def _act(
        self, kind: MarkKind, act: Act, about: str, who: SignedIn, *, reason: str, until: datetime | None = None
    ) -> MarkRow:
        keyid, key = load_person_key(Home(self._settings.home), self._settings, who.person)
        unsigned = SignedAct(kind, act, about, PersonId(who.person), who.role, reason, self._hub.clock.now(), until)
        signed = replace(unsigned, signature=sign(unsigned.content(), key, keyid=keyid))
        return self._row(self._hub.mark_child.run(signed))

    def _child(self, kind: MarkKind, wanted: str, who: SignedIn) -> ChildId:
        self._check_role(kind, who)
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
