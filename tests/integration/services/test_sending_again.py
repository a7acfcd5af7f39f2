"""What does not arrive is sent again under the same id, then somebody is told; what arrived is left alone."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from broker.core.ladder import Escalation, OverdueKind, Step
from broker.drivers.opa.embedded import EmbeddedPolicy
from broker.runtimes.post import LocalPost, PostError
from contracts.delivery import Parcel
from contracts.words import EventId, Grade, RecipientId
from tests.integration.services.test_reask import CORE, Exchange
from tests.support.builders import EventBuilder, a_domestic_incident
from tests.support.erasing import SIRO, an_exchange, propose


def a_red_report() -> EventBuilder:
    return a_domestic_incident().graded(Grade.RED).at_level(4)


def dropping(monkeypatch: pytest.MonkeyPatch, recipient: RecipientId, *, silently: bool = True) -> list[str]:
    """Let nothing reach a recipient: lost on the way, or refused. Gives the ids of what was handed over."""
    handed: list[str] = []
    send = LocalPost.send

    def drop(post: LocalPost, parcels: Sequence[Parcel]) -> None:
        theirs = [each for each in parcels if each.recipient == recipient]
        handed.extend(each.delivery_id for each in theirs)
        if theirs and not silently:
            msg = "the recipient is away"
            raise PostError(msg, code="post.recipient_failed")
        send(post, [each for each in parcels if each.recipient != recipient])

    monkeypatch.setattr(LocalPost, "send", drop)
    return handed


def steps(exchange: Exchange) -> list[Escalation]:
    return [each for each in exchange.runtime.hub.journal.escalations() if each.kind is OverdueKind.DELIVERY]


def test_what_was_lost_on_the_way_is_sent_again_and_kept_once(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as lost:
        handed = dropping(lost, CORE)
        report = a_red_report()
        exchange.hears(report)
        assert len(handed) == 1
        exchange.later(timedelta(minutes=14))
        exchange.runtime.tick()
        assert len(handed) == 1
    assert exchange.told(CORE, report) is None

    exchange.later(timedelta(minutes=2))
    exchange.runtime.tick()

    told = exchange.told(CORE, report)
    assert told is not None
    assert (told.delivery_id, told.revises) == (handed[0], "")
    assert [(each.step, each.passed_to) for each in steps(exchange)] == [(Step.SENT_AGAIN, CORE)]
    exchange.runtime.tick()
    exchange.later(timedelta(days=2))
    exchange.runtime.tick()
    assert len(steps(exchange)) == 1


def test_what_does_not_arrive_though_sent_again_goes_to_a_deputy_and_then_to_whoever_is_on_cover(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    handed = dropping(monkeypatch, CORE)
    exchange.hears(a_red_report())
    for _ in range(4):
        exchange.later(timedelta(hours=2))
        exchange.runtime.tick()

    taken = steps(exchange)
    assert taken[0].step is Step.SENT_AGAIN
    assert taken[-1].step is Step.ON_COVER
    assert taken[-1].next_at is None
    assert len({each.number for each in taken}) == len(taken) >= 2
    assert len(handed) == 1 + len(taken)
    assert len(set(handed)) == 1


def test_it_is_sent_again_though_nobody_is_on_cover_and_passed_on_once_somebody_is(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    handed = dropping(monkeypatch, CORE)
    exchange.hears(a_red_report())
    with monkeypatch.context() as hole:
        hole.setattr(EmbeddedPolicy, "on_cover", lambda *_: None)
        for _ in range(3):
            exchange.later(timedelta(hours=2))
            exchange.runtime.tick()
        assert [each.step for each in steps(exchange)] == [Step.SENT_AGAIN]
        assert len(handed) == 2
    for _ in range(3):
        exchange.later(timedelta(hours=2))
        exchange.runtime.tick()
    assert steps(exchange)[-1].step is Step.ON_COVER


def test_what_cannot_leave_because_the_recipient_takes_nothing_is_chased_too(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as away:
        dropping(away, CORE, silently=False)
        report = a_red_report()
        exchange.hears(report)
        exchange.later(timedelta(minutes=16))
        exchange.runtime.tick()
        assert exchange.told(CORE, report) is None
        assert [each.step for each in steps(exchange)] == [Step.SENT_AGAIN]
    exchange.runtime.tick()

    assert exchange.told(CORE, report) is not None


def test_what_arrived_is_never_sent_again_whenever_it_is_opened(exchange: Exchange) -> None:
    exchange.hears(a_red_report())
    exchange.later(timedelta(days=3))
    exchange.runtime.tick()

    assert steps(exchange) == []


def test_nothing_of_a_child_who_was_erased_is_sent_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with an_exchange(tmp_path) as exchange:
        with monkeypatch.context() as lost:
            dropping(lost, CORE)
            report = a_domestic_incident()
            exchange.hears(report)
            first = {s.delivery.delivery_id for s in exchange.runtime.hub.journal.deliveries(event=EventId(report.id))}
            proposed = propose(exchange, report)
            exchange.runtime.officers.confirm_erasure(proposed, SIRO)
            exchange.runtime.tick()
        handed = dropping(monkeypatch, CORE, silently=True)
        exchange.later(timedelta(days=1))
        exchange.runtime.tick()
        assert first.isdisjoint(handed)
        monkeypatch.undo()
