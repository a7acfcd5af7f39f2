"""What people do in the demonstration: each act goes the way that a person's own command goes."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from broker.runtimes.embedded import Embedded
from broker.runtimes.people import SignedIn, choose
from contracts.base import Model

LONDON = ZoneInfo("Europe/London")


class Decides(Model):
    """An answer to the open question of this code about this recipient: granted or not, and why."""

    code: str
    recipient: str
    granted: bool
    reason: str


class Act(Model):
    """What people do at a moment: each of ``by`` (ROLE@RECIPIENT) decides, or acknowledges all that waits for it.

    With nobody in ``by``, time passes: what is overdue is passed on.
    """

    at: datetime
    caption: str
    by: tuple[str, ...] = ()
    decides: Decides | None = None


def perform(runtime: Embedded, act: Act) -> Sequence[str]:
    """Let everybody do their part; gives a line for each thing done. What was done before is not done again."""
    done: list[str] = []
    for role in act.by:
        who = choose(runtime.people(), role, None)
        if act.decides is None:
            done += _acknowledge(runtime, who, by=act.at.replace(tzinfo=LONDON))
        else:
            done += _decide(runtime, who, act.decides)
    return done


def _decide(runtime: Embedded, who: SignedIn, decides: Decides) -> Sequence[str]:
    found = [w for w in runtime.desk.tasks(who) if (w.code, w.recipient) == (decides.code, decides.recipient)]
    told = [
        runtime.decide_task(each.question_id, who, granted=decides.granted, reason=decides.reason) for each in found
    ]
    return [line for lines in told for line in lines]


def _acknowledge(runtime: Embedded, who: SignedIn, *, by: datetime) -> Sequence[str]:
    """Acknowledge what had come by then, and not what came later."""
    told = [each for each in runtime.desk.corrections(who) if not each.acknowledged]
    waiting = [each for each in told if datetime.fromisoformat(each.received_at) <= by]
    for each in waiting:
        runtime.desk.acknowledge(each.notice, who)
    return [f"{who.name} has acted on it ({len(waiting)})"] if waiting else []
