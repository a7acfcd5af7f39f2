"""What was told is told anew to whoever was told it: over a whole home, to the view and the acknowledgement."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from broker.core.outcome import CORRECTION, RETRACTION, Outcome
from broker.recipient.receive import acknowledge
from broker.recipient.view import build_view
from broker.runtimes.embedded import Embedded
from broker.services.recalling import Recalling
from contracts.delivery import Delivery
from contracts.words import Cause, EventId, RecipientId
from tests.support.builders import EventBuilder, a_domestic_incident
from tests.support.homes import a_home, opened, spool

CORE = RecipientId("mash-core")


@pytest.fixture(name="incident")
def _incident() -> EventBuilder:
    return a_domestic_incident()


@pytest.fixture(name="told")
def _told(tmp_path: Path, incident: EventBuilder) -> Iterator[Embedded]:
    """A home in which the incident has been told to whoever may have it."""
    settings = a_home(tmp_path)
    spool(settings, [incident])
    with opened(settings) as runtime:
        runtime.tick()
        yield runtime


def recall(runtime: Embedded, incident: EventBuilder, **changes: object) -> Outcome | None:
    hub = runtime.hub
    recalling = Recalling(hub.journal, hub.keys, hub.policy, hub.ids)
    with hub.journal.transaction():
        outcome = recalling.outcome(
            EventId(incident.id),
            cause=Cause.DIFFERENT_CHILD,
            now=runtime.clock.now(),
            **changes,  # type: ignore[arg-type]
        )
        if outcome is not None:
            hub.journal.commit(outcome)
    runtime.tick()
    return outcome


def held(runtime: Embedded, recipient: RecipientId = CORE) -> list[Delivery]:
    store = runtime.recipients[recipient].store
    return [kept.delivery for child in store.children() for kept in store.deliveries(child)]


def test_a_retraction_reaches_every_past_recipient_once(told: Embedded, incident: EventBuilder) -> None:
    informed = {recipient for recipient in told.recipients if held(told, RecipientId(recipient))}

    first, second = recall(told, incident), recall(told, incident)

    assert informed
    assert first is not None
    assert {notice.recipient for notice in first.deliveries} == informed
    assert second is None
    for recipient in informed:
        before, notice = sorted(held(told, RecipientId(recipient)), key=lambda d: d.revision)
        assert (notice.kind, notice.cause, notice.values) == (RETRACTION, Cause.DIFFERENT_CHILD, ())
        assert (notice.revises, notice.report) == (before.delivery_id, before.report)
    assert told.reconcile().agrees


def test_a_retraction_strikes_the_report_out_of_the_view(told: Embedded, incident: EventBuilder) -> None:
    recall(told, incident)

    store = told.recipients[CORE].store
    view = build_view(store.children()[0], store.deliveries(store.children()[0]))
    assert (view.name, view.people, view.child_words) == ("", (), ())
    assert [moment.cause for moment in view.timeline] == [Cause.DIFFERENT_CHILD]


def test_a_correction_gives_no_value_but_those_that_apply(told: Embedded, incident: EventBuilder) -> None:
    given = held(told)[0]
    applies = {CORE: given.values[:1]}

    recall(told, incident, applies=applies, recipients={CORE})

    notice = max(held(told), key=lambda d: d.revision)
    assert (notice.kind, notice.values) == (CORRECTION, given.values[:1])


def test_what_has_not_left_is_stopped_and_nobody_is_told_of_it(tmp_path: Path, incident: EventBuilder) -> None:
    settings = a_home(tmp_path)
    spool(settings, [incident])
    with opened(settings) as runtime:
        batch = runtime.line._inbox.receive(10)
        runtime.hub.accept.run(batch)

        outcome = recall(runtime, incident)

        assert outcome is not None
        assert outcome.superseded
        assert outcome.deliveries == ()
        assert held(runtime) == []
        assert runtime.reconcile().agrees


def test_a_named_role_acknowledges_and_the_exchange_records_it(told: Embedded, incident: EventBuilder) -> None:
    recall(told, incident)
    side = told.recipients[CORE]
    notice = max(held(told), key=lambda d: d.revision)

    kept = next(k for k in side.store.taking_back() if k.delivery == notice)
    acknowledge(side.store, side.keys, CORE, kept, role="mash_practitioner", now=told.clock.now())
    told.tick()

    status = next(s for s in told.hub.journal.deliveries(recipient=CORE) if s.delivery.is_notice)
    assert status.acknowledged_at is not None
    assert told.reconcile().agrees
