"""What an agency was told that the exchange has, and which is not here, is asked for: once a day, of that feed."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from broker.core.incidents import RESTORING
from broker.core.outcome import LastHeard, Outcome
from broker.runtimes.embedded import Embedded
from contracts.heartbeat import Heartbeat
from contracts.reply import Reply
from contracts.words import AgencyId, ReplyKind
from tests.integration.services.test_reask import Exchange
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


@pytest.fixture(name="exchange")
def _exchange(tmp_path: Path) -> Iterator[Exchange]:
    settings = homes.a_home(tmp_path)
    with homes.opened(settings) as runtime:
        exchange = Exchange(settings, runtime)
        exchange.hears(*incidents(0, 3))
        yield exchange


def saying(runtime: Embedded, answered: int | None = None) -> tuple[Heartbeat, str]:
    """What the force's feed says now, of so many answered, and its source."""
    said = runtime.feeds[POLICE].heartbeat(runtime.clock.now())
    (adapter,) = said.answered
    if answered is not None:
        said = said.model_copy(update={"answered": {adapter: answered}})
    return said, f"{POLICE}/{adapter}/{said.incarnation}"


def causes(runtime: Embedded) -> list[str]:
    return [each.cause for each in runtime.hub.journal.open_incidents()]


def test_what_is_missing_below_what_was_answered_is_asked_for_once_a_day(exchange: Exchange) -> None:
    runtime = exchange.runtime
    said, source = saying(runtime)
    assert list(said.answered.values()) == [3]
    assert asked(runtime, said) == []
    (reply,) = asked(runtime, saying(runtime, 5)[0])
    assert (reply.source, reply.first_missing, reply.last_missing) == (source, 4, 5)
    assert asked(runtime, saying(runtime, 5)[0]) == []
    exchange.later(timedelta(days=1))
    assert len(asked(runtime, saying(runtime, 5)[0])) == 1


def test_while_what_was_lost_is_yet_to_come_no_share_leaves(exchange: Exchange) -> None:
    runtime = exchange.runtime
    runtime.hub.hear(saying(runtime)[0])
    assert causes(runtime) == []
    runtime.hub.missing.hear(saying(runtime, 9)[0])
    assert causes(runtime) == [RESTORING]
    before = runtime.hub.journal.counts()["deliveries_released"]
    exchange.hears(*incidents(3, 2))
    counts = runtime.hub.journal.counts()
    assert counts["events_accepted"] == 5
    assert counts["deliveries_released"] == before
    assert counts["deliveries_waiting"] > 0
    tasks = [q.code for task in runtime.hub.journal.tasks() for q in task.questions]
    assert tasks.count(RESTORING) == 1
    exchange.later(timedelta(minutes=5))
    runtime.tick()
    runtime.tick()
    assert RESTORING not in causes(runtime)
    assert runtime.hub.journal.counts()["deliveries_waiting"] == 0
    assert runtime.hub.journal.counts()["deliveries_released"] > before


def test_a_gap_amid_others_holds_nothing_back(exchange: Exchange) -> None:
    runtime = exchange.runtime
    said, source = saying(runtime, 9)
    with runtime.hub.journal.transaction():
        heard = LastHeard(AgencyId(POLICE), source, runtime.clock.now(), 9)
        runtime.hub.journal.commit(Outcome(heard=heard))
    (gap,) = asked(runtime, said)
    assert (gap.first_missing, gap.last_missing) == (4, 8)
    assert causes(runtime) == []


def test_no_agency_holds_everybody_back_again_and_again(exchange: Exchange) -> None:
    runtime = exchange.runtime
    said, held = 0, 0
    for number in range(60):
        said += len(asked(runtime, saying(runtime, 9 + number)[0]))
        held += RESTORING in causes(runtime)
        exchange.later(timedelta(minutes=10))
        runtime.tick()
        runtime.tick()
    assert (said, held) == (1, 1)


def test_the_five_minutes_begin_when_somebody_listens(exchange: Exchange) -> None:
    exchange.runtime.hub.missing.begin()
    exchange.later(timedelta(hours=2))
    homes.spool(exchange.settings, incidents(3, 1))
    with homes.opened(exchange.settings) as started:
        started.tick()
        assert RESTORING in causes(started)
        assert started.hub.journal.counts()["deliveries_waiting"] > 0
        exchange.later(timedelta(minutes=5))
        started.tick()
        started.tick()
        assert RESTORING not in causes(started)
        assert started.hub.journal.counts()["deliveries_waiting"] == 0
