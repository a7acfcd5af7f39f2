"""Asks again about what was decided lately, where what it turned on has changed; bounded, resumable, visible."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from broker.core.outcome import Outcome
from broker.core.reasking import Reask, Trigger
from broker.core.store_errors import KeyDestroyedError
from broker.core.triggers import POLICY_CHANGED
from broker.ports.clock import Clock
from broker.ports.ids import Ids
from broker.ports.journal import Journal, PastEvent
from broker.ports.keys import Keys
from broker.ports.policy import NoVerdictError, Policy
from broker.services.ask_again import AskAgain
from contracts.words import Grade

EVENTS_A_TURN = 100
BECAUSE = "asked again because"


@dataclass(frozen=True, slots=True)
class Reasked:
    """What one turn did: events asked about, decisions that came out otherwise, notices to past recipients.

    ``is_undecided``: the policy gives no verdict, so that all of it waits.
    """

    asked: int = 0
    changed: int = 0
    notices: int = 0
    finished: int = 0
    is_undecided: bool = False

    def __add__(self, other: "Reasked") -> "Reasked":
        """The two turns together."""
        return Reasked(
            self.asked + other.asked,
            self.changed + other.changed,
            self.notices + other.notices,
            self.finished + other.finished,
            self.is_undecided or other.is_undecided,
        )


class AskPastAgain:
    """Works through what must be asked again, most pressing first."""

    def __init__(self, journal: Journal, keys: Keys, policy: Policy, clock: Clock, ids: Ids) -> None:
        """Take the ports."""
        self._journal = journal
        self._policy = policy
        self._clock = clock
        self._again = AskAgain(journal, keys, policy, clock, ids)

    def run(self, limit: int = EVENTS_A_TURN) -> Reasked:
        """Ask again about up to ``limit`` past events, most pressing first, in one transaction with its progress.

        All triggers that are due about one child are met by one pass: every question is put on what is known now.
        Where nothing is due nobody's lock is waited for.
        """
        now, done = self._clock.now(), Reasked()
        if not self._is_anything_due(now):
            return done
        try:
            with self._journal.transaction():
                self._note_policy(now)
                while done.asked + done.finished < limit and (found := self._journal.reasks_due(now, 1)):
                    done = done + self._turn(found[0], now, limit - done.asked)
        except NoVerdictError:
            return Reasked(is_undecided=True)
        return done

    def _is_anything_due(self, now: datetime) -> bool:
        return self._policy.epoch(now) != self._journal.last_epoch() or bool(self._journal.reasks_due(now, 1))

    def _note_policy(self, now: datetime) -> None:
        """Where rules, law or agreements differ from those of the last time, everybody is asked again.

        The first policy of a home is only noted: nothing was decided under another.
        """
        epoch, last = self._policy.epoch(now), self._journal.last_epoch()
        if epoch == last:
            return
        trigger = Trigger(child=None, why=POLICY_CHANGED, grade=Grade.AMBER, due=now, epoch=epoch)
        self._journal.commit(Outcome(triggers=(trigger,)))
        if not last:
            noted = [each for each in self._journal.reasks_waiting() if each.trigger.epoch == epoch]
            self._journal.commit(Outcome(reasked=tuple(replace(each, finished_at=now) for each in noted)))

    def _turn(self, reask: Reask, now: datetime, limit: int) -> Reasked:
        reask, covered = self._together(reask, now)
        since = now - timedelta(days=self._policy.reask_window_days)
        events = self._journal.past_events(child=reask.trigger.child, since=since, after=reask.cursor, limit=limit)
        done = Reasked(asked=len(events))
        for event in events:
            done = self._one(event, reask.trigger, now, done)
        is_over = len(events) < limit
        progress = replace(
            reask,
            cursor=events[-1].position if events else reask.cursor,
            asked=reask.asked + done.asked,
            changed=reask.changed + done.changed,
            finished_at=now if is_over else None,
        )
        self._journal.commit(Outcome(reasked=(progress, *covered)))
        return replace(done, finished=len(covered) + is_over)

    def _together(self, reask: Reask, now: datetime) -> tuple[Reask, Sequence[Reask]]:
        """One pass for all that is due about a child and not begun; the others are finished with it."""
        if reask.trigger.child is None or reask.cursor:
            return reask, ()
        others = [
            each
            for each in self._journal.reasks_of(reask.trigger.child, now)
            if each.position != reask.position and not each.cursor
        ]
        reasons = dict.fromkeys("; ".join(each.trigger.why for each in (reask, *others)).split("; "))
        trigger = replace(reask.trigger, why="; ".join(reasons))
        return replace(reask, trigger=trigger), [replace(each, finished_at=now) for each in others]

    def _one(self, event: PastEvent, trigger: Trigger, now: datetime, done: Reasked) -> Reasked:
        try:
            outcome = self._again.outcome(
                event.event_id,
                why=f"{BECAUSE} {trigger.why}",
                now=now,
            )
        except KeyDestroyedError:
            return done
        if outcome is None:
            return done
        self._journal.commit(outcome)
        notices = sum(1 for each in outcome.deliveries if each.is_notice)
        return replace(done, changed=done.changed + len(outcome.decisions), notices=done.notices + notices)
