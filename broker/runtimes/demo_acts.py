"""What people do in the demonstration: each act goes the way that a person's own command goes."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from broker.core.identity_acts import ActKind
from broker.runtimes.audit import LONDON
from broker.runtimes.embedded import Embedded
from broker.runtimes.people import SignedIn, choose
from broker.services.identity_joining import UNSURE
from contracts.base import Model


class Decides(Model):
    """An answer to the open question of this code about this recipient: granted or not, and why."""

    code: str
    recipient: str
    granted: bool
    reason: str


class Identifies(Model):
    """That the report of which nobody is certain is about this child, or, once it was linked, that it is not."""

    act: Literal["link", "unlink"]
    child: str
    reason: str


class Act(Model):
    """What people do at a moment: each of ``by`` (ROLE@RECIPIENT) decides, or acknowledges all that waits for it.

    With nobody in ``by``, time passes: what is overdue is passed on.
    """

    at: datetime
    caption: str
    by: tuple[str, ...] = ()
    decides: Decides | None = None
    identifies: Identifies | None = None


def perform(runtime: Embedded, act: Act) -> Sequence[str]:
    """Let everybody do their part; gives a line for each thing done. What was done before is not done again."""
    done: list[str] = []
    for role in act.by:
        who = choose(runtime.people(), role, None)
        if act.decides is not None:
            done += _decide(runtime, who, act.decides)
        elif act.identifies is not None:
            done += _identify(runtime, who, act.identifies)
        else:
            done += _acknowledge(runtime, who, by=act.at.replace(tzinfo=LONDON))
    return done


def _decide(runtime: Embedded, who: SignedIn, decides: Decides) -> Sequence[str]:
    found = [w for w in runtime.desk.tasks(who) if (w.code, w.recipient) == (decides.code, decides.recipient)]
    told = [
        runtime.decide_task(each.question_id, who, granted=decides.granted, reason=decides.reason) for each in found
    ]
    return [line for lines in told for line in lines]


def _identify(runtime: Embedded, who: SignedIn, says: Identifies) -> Sequence[str]:
    kind = ActKind(says.act)
    if kind.joins:
        doubtful = [each.task_id for each in runtime.desk.tasks(who) if each.code == UNSURE]
        records = list(dict.fromkeys(doubtful)) if not _was_said(runtime, kind) else []
    else:
        records = [each.name for each in runtime.identity.records(says.child, who) if not each.stands]
    for record in records:
        runtime.identity.say(kind, record, says.child if kind.joins else None, who, reason=says.reason)
    return [f"Recorded, decided by {who.name}: {says.reason}"] if records else []


def _was_said(runtime: Embedded, kind: ActKind) -> bool:
    journal = runtime.hub.journal
    return any(act.kind is kind for each in journal.children() for act in journal.identity_acts(each.known.child))


def _acknowledge(runtime: Embedded, who: SignedIn, *, by: datetime) -> Sequence[str]:
    """Acknowledge what had come by then, and not what came later."""
    told = [each for each in runtime.desk.corrections(who) if not each.acknowledged]
    waiting = [each for each in told if datetime.fromisoformat(each.received_at) <= by]
    for each in waiting:
        runtime.desk.acknowledge(each.notice, who)
    return [f"{who.name} has acted on it ({len(waiting)})"] if waiting else []
