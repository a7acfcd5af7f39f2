"""Sets and lifts a legal hold or a restriction of use upon a child's record, each as a person's signed act."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from broker.core.errors import MashError
from broker.core.facts import Fact, FactKind
from broker.core.marks import MAY_SET, Act, Lifted, Mark, MarkKind, SignedAct, about_mark
from broker.core.outcome import Outcome, Record, RecordKind
from broker.core.reasking import Trigger
from broker.core.records import RecordWriter
from broker.core.sealing import Sealer
from broker.ports.clock import Clock
from broker.ports.ids import Ids
from broker.ports.journal import Journal
from broker.ports.keys import Keys
from broker.ports.people import People
from broker.services.signed import signer
from contracts.words import AgencyId, ChildId, EventId, Grade

RESTRICTION_LIFTED = "the use of the record is restricted no longer"
_RECORDED_AS: Mapping[MarkKind, RecordKind] = {
    MarkKind.HOLD: RecordKind.HOLD,
    MarkKind.RESTRICTION: RecordKind.RESTRICTION,
}


class CannotMarkError(MashError):
    """A hold or restriction cannot be set or lifted."""

    codes: ClassVar[Mapping[str, str]] = {
        "mark.unknown_child": "Nothing is held about a child of that reference.",
        "mark.unknown": "No hold or restriction of that id stands.",
        "mark.not_yours": "The person does not hold a role that may do this.",
        "mark.signature": "The act is not signed by the person it names, or was signed too long ago.",
        "mark.no_reason": "A hold or restriction, and lifting it, needs a reason.",
        "mark.over_already": "The day on which it is to be looked at again has passed already.",
    }


@dataclass(frozen=True, slots=True)
class MarkServices:
    """What marking needs."""

    journal: Journal
    keys: Keys
    people: People
    clock: Clock
    ids: Ids


class MarkChild:
    """Takes people's signed acts."""

    def __init__(self, services: MarkServices) -> None:
        """Take the ports."""
        self._journal = services.journal
        self._keys = services.keys
        self._people = services.people
        self._clock = services.clock
        self._ids = services.ids

    def run(self, act: SignedAct) -> Mark:
        """Set a mark, or lift one that stands; give it as it stands now.

        Lifting the last restriction of a child has what waited for it asked again.

        Raises:
            CannotMarkError: no such child or mark, no reason, not this person's to do, or not signed by them.
        """
        now = self._clock.now()
        self._check(act, now)
        with self._journal.transaction():
            match act.act:
                case Act.SET:
                    return self._set(act, now)
                case Act.LIFT:
                    return self._lift(act, now)

    def _check(self, act: SignedAct, now: datetime) -> None:
        if not act.reason.strip():
            raise _refuse(act, code="mark.no_reason", remedy="say why, in a sentence")
        if act.until is not None and act.until <= now:
            raise _refuse(act, code="mark.over_already", remedy="give a day to come")
        person = signer(self._people, act.person, act.content(), signature=act.signature, at=act.at, now=now)
        if person is None:
            raise _refuse(act, code="mark.signature", remedy="sign it again with your own key")
        if act.role not in person.roles or act.role not in MAY_SET[act.kind]:
            raise _refuse(act, code="mark.not_yours", remedy=f"ask one of: {', '.join(MAY_SET[act.kind])}")

    def _set(self, act: SignedAct, now: datetime) -> Mark:
        child = ChildId(act.about)
        if self._journal.known_child(child) is None:
            raise _refuse(act, code="mark.unknown_child", remedy="see mash children, or name a report about the child")
        mark_id = self._ids.new()
        record = self._record(act, child, mark_id, now)
        reason = self._sealer(child).seal(act.reason.encode(), about=about_mark(mark_id))
        mark = Mark(mark_id, act.kind, child, act.person, act.role, now, act.until, reason, record.record_id)
        facts = (_restricted(child, now),) if act.kind is MarkKind.RESTRICTION else ()
        self._journal.commit(Outcome(records=(record,), marks=(mark,), facts=facts))
        return mark

    def _lift(self, act: SignedAct, now: datetime) -> Mark:
        standing = {mark.mark_id: mark for mark in self._journal.marks() if mark.kind is act.kind}
        mark = standing.get(act.about)
        if mark is None:
            raise _refuse(act, code="mark.unknown", remedy="list what stands: the same command without a child")
        record = self._record(act, mark.child, mark.mark_id, now)
        lifted = Lifted(mark.mark_id, record.record_id, now)
        others = [each for each in standing.values() if each.child == mark.child and each != mark]
        outcome = Outcome(records=(record,), lifted=(lifted,))
        if act.kind is MarkKind.RESTRICTION and not others:
            outcome = Outcome(
                records=(record,),
                lifted=(lifted,),
                facts=(_restricted(mark.child, mark.since, until=now),),
                triggers=(Trigger(child=mark.child, why=RESTRICTION_LIFTED, grade=Grade.AMBER, due=now),),
            )
        self._journal.commit(outcome)
        return mark

    def _record(self, act: SignedAct, child: ChildId, mark_id: str, now: datetime) -> Record:
        writer = RecordWriter(self._sealer(child), self._keys.secret("log"), self._ids.in_order, now)
        internal: dict[str, Any] = {
            "act": act.act.value,
            "child": child,
            "person": act.person,
            "role": act.role,
            "reason": act.reason,
            "until": int(act.until.timestamp()) if act.until is not None else 0,
            "signature": act.signature,
            "signed_at": int(act.at.timestamp()),
        }
        return writer.write(_RECORDED_AS[act.kind], about=mark_id, child=child, disclosed={}, internal=internal)

    def _sealer(self, child: ChildId) -> Sealer:
        return Sealer(self._keys.child_key(child), self._ids.random)


def _restricted(child: ChildId, since: datetime, until: datetime | None = None) -> Fact:
    """The fact that decisions read; it is the exchange's own, from no event."""
    as_at = since if until is None else until
    return Fact(child, FactKind.PROCESSING, "", "", as_at, EventId(""), AgencyId(""), since, until)


def _refuse(act: SignedAct, *, code: str, remedy: str) -> CannotMarkError:
    return CannotMarkError(
        f"{CannotMarkError.codes[code].rstrip('.')}; nothing was changed",
        code=code,
        remedy=remedy,
        detail={"about": act.about, "role": act.role},
    )
