"""What an agency was told that the exchange has, and which is not here, is asked for: once a day, of that feed."""

from datetime import timedelta
from pathlib import Path

from broker.core.incidents import RESTORING
from broker.core.outcome import LastHeard, Outcome
from broker.drivers.clock.scripted import ScriptedClock
from broker.runtimes.embedded import Embedded
from contracts.heartbeat import Heartbeat
from contracts.reply import Reply
from contracts.words import AgencyId, ReplyKind
from tests.support import homes
from tests.support.builders import EventBuilder, a_domestic_incident
from tests.support.people import a_numbered_child

POLICE = "wrenshire-police"


def incidents(first: int, count: int) -> list[EventBuilder]:
    return [
        a_domestic_incident().about(a_numbered_child(number)).as_record(f"incident-{number}")
        for number in range(first, first + count)
    ]


def asked(runtime: Embedded, heartbeat: Heartbeat) -> list[Reply]:
    """What the exchange asks for after hearing this; the replies are taken off."""
    runtime.hub.missing.hear(heartbeat)
    found = runtime.hub.journal.pending_replies(100)
    runtime.hub.journal.mark_replied([position for position, _ in found])
    return [reply for _, reply in found if reply.kind is ReplyKind.MISSING]


def test_what_is_missing_below_what_was_answered_is_asked_for_once_a_day(tmp_path: Path) -> None:
    settings = homes.a_home(tmp_path)
    homes.spool(settings, incidents(0, 3))
    with homes.opened(settings) as runtime:
        clock = runtime.clock
        assert isinstance(clock, ScriptedClock)
        runtime.tick()
        said = runtime.feeds[POLICE].heartbeat(clock.now())
        (adapter,) = said.answered
        assert said.answered == {adapter: 3}
        assert asked(runtime, said) == []
        source = f"{POLICE}/{adapter}/{said.incarnation}"

        says_more = said.model_copy(update={"answered": {adapter: 5}})
        (reply,) = asked(runtime, says_more)
        assert (reply.source, reply.first_missing, reply.last_missing) == (source, 4, 5)
        assert asked(runtime, says_more) == []
        assert [each.last_missing for each in asked(runtime, said.model_copy(update={"answered": {adapter: 6}}))] == [6]
        clock.advance(timedelta(days=1))
        assert len(asked(runtime, says_more)) == 1


def test_while_what_was_lost_is_yet_to_come_no_share_leaves_and_a_gap_amid_others_stops_nothing(
    tmp_path: Path,
) -> None:
    settings = homes.a_home(tmp_path)
    homes.spool(settings, incidents(0, 2))
    with homes.opened(settings) as runtime:
        clock = runtime.clock
        assert isinstance(clock, ScriptedClock)
        runtime.tick()
        said = runtime.feeds[POLICE].heartbeat(clock.now())
        (adapter,) = said.answered
        runtime.hub.hear(said)
        assert runtime.hub.journal.open_incidents() == []
        runtime.hub.missing.hear(said.model_copy(update={"answered": {adapter: 9}}))
        assert [each.cause for each in runtime.hub.journal.open_incidents()] == [RESTORING]
        before = runtime.hub.journal.counts()["deliveries_released"]
        homes.spool(settings, incidents(2, 2))
        runtime.tick()
        counts = runtime.hub.journal.counts()
        assert counts["events_accepted"] == 4
        assert counts["deliveries_released"] == before
        assert counts["deliveries_waiting"] > 0
        tasks = [q.code for task in runtime.hub.journal.tasks() for q in task.questions]
        assert tasks.count(RESTORING) == 1
        clock.advance(timedelta(minutes=5))
        runtime.tick()
        runtime.tick()
        assert RESTORING not in {each.cause for each in runtime.hub.journal.open_incidents()}
        assert runtime.hub.journal.counts()["deliveries_waiting"] == 0
        assert runtime.hub.journal.counts()["deliveries_released"] > before

        journal = runtime.hub.journal
        with journal.transaction():
            source = f"{POLICE}/{adapter}/{said.incarnation}"
            journal.commit(Outcome(heard=LastHeard(AgencyId(POLICE), source, clock.now(), 9)))
        (gap,) = asked(runtime, said.model_copy(update={"answered": {adapter: 9}}))
        assert (gap.first_missing, gap.last_missing) == (5, 8)
        assert runtime.hub.journal.open_incidents() == []
