"""What a person says of who a child is: found by the names that they know, signed with their own key."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from broker.core.identity_acts import ActKind, IdentityAct, joining_of
from broker.core.outcome import EventState
from broker.core.sealing import unseal
from broker.core.settle import pseudonym
from broker.runtimes.desk import Desk
from broker.runtimes.home import Home
from broker.runtimes.lookup import SHORTEST_START, DeskError, find_child, the_one
from broker.runtimes.people import SignedIn, load_person_key
from broker.runtimes.post import RecipientSide
from broker.runtimes.settings import Settings
from broker.runtimes.wiring import Hub
from broker.services.identity_by_people import CannotIdentifyError, SignedIdentity, sign_act
from broker.services.identity_joining import UNSURE, about_reason
from broker.services.part_reports import SignedParting, sign_parting
from contracts.words import ChildId, PersonId


@dataclass(frozen=True, slots=True)
class IdentityRecord:
    """One record that is taken for the child. ``name``: by which the reader's organisation knows it, or knew it.

    ``agencies``: who reported under it, and ``reports`` how often. ``joined``: how, by whom, when and why it came to be
    the child's; empty for the one that it joined.
    """

    name: str
    agencies: tuple[str, ...]
    reports: int
    stands: bool
    joined: str = ""
    why: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """What followed. ``child``: the reader's reference of the child that the record is of now. ``told``: notices."""

    act: str
    child: str
    told: int


@dataclass(frozen=True, slots=True)
class Parted:
    """What followed. ``child``: the reader's reference of the new child; ``told``: notices; ``not_kept``: see there."""

    child: str
    reports: int
    told: int
    not_kept: int


def records_of(hub: Hub, side: RecipientSide, child: ChildId) -> Sequence[IdentityRecord]:
    """Every record that is taken for one child, the standing one first."""
    known = hub.journal.known_child(child)
    if known is None:
        return ()
    joins = {each.other: each for each in joining_of(hub.journal.identity_acts(child), known.members)}
    names = hub.policy.directory().agencies
    secret = hub.keys.secret(f"delivery:{side.recipient}")
    events = [event for event in hub.journal.events(child=child, state=EventState.ACCEPTED) if event.is_safeguarding]
    found = []
    for record in known.members:
        theirs = [event for event in events if event.child == record]
        agencies = dict.fromkeys(names[e.agency].name if e.agency in names else e.agency for e in theirs)
        act = joins.get(record)
        found.append(
            IdentityRecord(
                name=pseudonym(secret, record),
                agencies=tuple(agencies),
                reports=len(theirs),
                stands=record == known.standing,
                joined=_by_whom(act),
                why=_why(hub, act),
                at=act.at if act is not None else None,
            )
        )
    return tuple(found)


class IdentityDesk:
    """Serves people who say who a child is; what they say is signed with their own key and recorded."""

    def __init__(self, settings: Settings, hub: Hub, desk: Desk, recipients: Mapping[str, RecipientSide]) -> None:
        """Serve from these."""
        self._settings = settings
        self._hub = hub
        self._desk = desk
        self._recipients = recipients

    def records(self, wanted: str, who: SignedIn) -> Sequence[IdentityRecord]:
        """Every record that is taken for the child that this person means, the standing one first.

        Raises:
            DeskError: nobody, or more than one child, fits, or the role has no records of its own.
            CannotIdentifyError: the role may not say who a child is.
        """
        self._check_role(who)
        return records_of(self._hub, self._side(who), self._record(wanted, who))

    def say(self, kind: ActKind, other: str, child: str | None, who: SignedIn, *, reason: str) -> Said:
        """Join ``other`` to ``child``, or part ``other`` from what it was joined to.

        Raises:
            DeskError: nobody, or more than one child, fits, or the role has no records of its own.
            CannotIdentifyError: it is not taken; nothing was changed.
        """
        self._check_role(who)
        joined = None if child is None else self._record(child, who)
        return self.say_of(kind, self._record(other, who), joined, who, reason=reason)

    def say_of(self, kind: ActKind, other: ChildId, child: ChildId | None, who: SignedIn, *, reason: str) -> Said:
        """The same of records that are known for certain.

        Raises:
            CannotIdentifyError: it is not taken; nothing was changed.
        """
        act = SignedIdentity(
            kind,
            child,
            other,
            PersonId(who.person),
            who.role,
            reason,
            self._hub.clock.now(),
        )
        keyid, key = load_person_key(Home(self._settings.home), self._settings, who.person)
        done = self._hub.identify.run(sign_act(act, key, keyid=keyid))
        secret = self._hub.keys.secret(f"delivery:{who.recipient}")
        return Said(kind.value, pseudonym(secret, done.child), done.told)

    def part(self, report: str, who: SignedIn, *, reason: str) -> Parted:
        """Part what the agency of the report whose id begins so said under that record of its own from the child.

        Raises:
            DeskError: more than one report begins like that.
            CannotPartError: it is not taken; nothing was changed.
        """
        event = self._desk.find_report(report, who)
        act = SignedParting(event, PersonId(who.person), who.role, reason, self._hub.clock.now())
        keyid, key = load_person_key(Home(self._settings.home), self._settings, who.person)
        done = self._hub.part.run(sign_parting(act, key, keyid=keyid))
        secret = self._hub.keys.secret(f"delivery:{who.recipient}")
        return Parted(pseudonym(secret, done.child), done.reports, done.told, done.not_kept)

    def _record(self, wanted: str, who: SignedIn) -> ChildId:
        """The record that a person means: an open task's, one that their organisation knows by name, or a child's."""
        is_enough = len(wanted) >= SHORTEST_START
        waiting = {w.task_id for w in self._desk.tasks(who) if w.code == UNSURE and w.task_id.startswith(wanted)}
        if waiting and is_enough:
            return ChildId(the_one(sorted(waiting), wanted))
        side = self._side(who)
        secret = self._hub.keys.secret(f"delivery:{side.recipient}")
        told = set(side.store.names())
        records: dict[str, ChildId] = {}
        for each in self._hub.journal.children():
            names = {pseudonym(secret, record): record for record in each.known.members}
            records.update(names if told & names.keys() else {})
        found = [name for name in records if is_enough and name.startswith(wanted)]
        if len(found) > 1:
            msg = f"{len(found)} children fit"
            raise DeskError(msg, code="view.several_children", remedy="give more of the reference")
        return records[found[0] if found else find_child(side, wanted)]

    def _side(self, who: SignedIn) -> RecipientSide:
        side = self._recipients.get(who.recipient)
        if side is None:
            msg = f"the role {who.role} has no records of its own to open"
            raise DeskError(msg, code="view.no_records", remedy="use a role at a recipient")
        return side

    def _check_role(self, who: SignedIn) -> None:
        may = self._hub.policy.deciders(UNSURE)
        if who.role not in may:
            msg = f"the role {who.role} may not say who a child is; nothing was changed"
            raise CannotIdentifyError(msg, code="identify.not_yours", remedy=f"ask one of: {', '.join(may)}")


def _by_whom(act: IdentityAct | None) -> str:
    if act is None:
        return ""
    return f"{act.person}, {act.role}" if act.person else f"two checked numbers: {', '.join(act.evidence)}"


def _why(hub: Hub, act: IdentityAct | None) -> str:
    if act is None or not act.sealed_reason:
        return ""
    return unseal(hub.keys.child_key(act.child), act.sealed_reason, about=about_reason(act.other)).decode()
