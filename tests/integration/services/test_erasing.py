"""Two people have one child forgotten: nothing of it is readable any more, anywhere, and all else stays as it was."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from broker.core.grounds import Ground
from broker.core.identity_acts import ActKind
from broker.core.outcome import EventState
from broker.core.public_keys import parse_public_keys
from broker.core.share_proof import verify_share_proof
from broker.core.store_errors import KeyDestroyedError
from broker.drivers.sql import forgetting, schema
from broker.runtimes.lookup import DeskError
from broker.services.accept import Came
from broker.services.explain import UnknownEventError
from contracts.words import Cause, EventId, RecipientId
from tests.integration.services.test_reask import CORE, Exchange
from tests.support.builders import (
    a_concern,
    a_domestic_incident,
    a_pupil_enrolment,
    a_worker_allocation,
    an_emergency_attendance,
)
from tests.support.erasing import (
    DPO,
    PRACTITIONER,
    an_exchange,
    erase,
    every_file,
    every_key,
    names,
    names_shown,
    opens,
    recipients_hold,
    reply_about,
    sealed_of,
    sent_again,
    the_child,
    wrapped_keys,
)
from tests.support.hub import SilentPolicy
from tests.support.people import MIA, MYA, THEO


@pytest.fixture(name="exchange")
def _exchange(tmp_path: Path) -> Iterator[Exchange]:
    with an_exchange(tmp_path) as exchange:
        yield exchange


def test_before_it_is_readable_and_after_it_is_nowhere(exchange: Exchange) -> None:
    runtime = exchange.runtime
    hers, later, his = a_concern().from_school(), an_emergency_attendance(), a_domestic_incident().about(THEO)
    exchange.hears(a_pupil_enrolment(), hers, later, a_worker_allocation(), his)
    child = the_child(runtime, hers)
    assert {"Mia Marsh", "Theo Marsh"} & names_shown(runtime) >= {"Mia Marsh"}
    view = runtime.desk.view("Mia Marsh", PRACTITIONER)
    assert view.view.name == "Mia Marsh"
    share = exchange.told(CORE, hers)
    assert share is not None
    proof = runtime.prove_delivery(share.delivery_id, DPO)
    proved = verify_share_proof(proof, parse_public_keys(runtime.public_keys()))
    hub_sealed, hub_keys = sealed_of(runtime, child), wrapped_keys(runtime, child)
    assert len(hub_sealed) > 10
    at_recipients = recipients_hold(runtime, child)
    assert len(at_recipients) >= 2
    his_before = {r: exchange.told(RecipientId(r), his) for r in runtime.recipients}

    row = erase(exchange, hers, Ground.LEGAL_OBLIGATION)

    assert row.finished_at is not None
    assert row.told == row.destroyed >= 2
    assert "Mia Marsh" not in names_shown(runtime)
    with pytest.raises(DeskError):
        runtime.desk.view("Mia Marsh", PRACTITIONER)
    with pytest.raises(KeyDestroyedError):
        runtime.hub.keys.child_key(child)
    with pytest.raises(UnknownEventError) as refused:
        runtime.desk.explain(hers.id, PRACTITIONER)
    assert refused.value.code in {"explain.erased", "explain.unknown_event"}
    for name, content in every_file(runtime).items():
        for blob in (*hub_sealed, *hub_keys, *at_recipients):
            assert blob not in content, name
        assert MIA.surname is not None
        assert MIA.nhs_number is not None
        for plain in (MIA.nhs_number, f"Mia {MIA.surname}"):
            assert plain.encode() not in content, name
    for key in every_key(runtime):
        assert not any(opens(key, blob, about) for blob in hub_sealed for about in names(runtime))
    assert {r: exchange.told(RecipientId(r), his) for r in runtime.recipients} == his_before
    assert verify_share_proof(proof, parse_public_keys(runtime.public_keys())) == proved


def test_what_is_sent_again_brings_nothing_back(exchange: Exchange) -> None:
    runtime = exchange.runtime
    hers, worker = an_emergency_attendance(), a_worker_allocation()
    exchange.hears(hers, worker)
    erase(exchange, hers, Ground.LEGAL_OBLIGATION)
    counts = runtime.hub.journal.counts()

    came = sent_again(exchange, hers, worker)

    assert came == [Came.DUPLICATE, Came.DUPLICATE]
    assert names_shown(runtime) == set()
    after = runtime.hub.journal.counts()
    assert {name: after[name] for name in ("children", "decisions", "deliveries", "facts")} == {
        name: counts[name] for name in ("children", "decisions", "deliveries", "facts")
    }
    stored = runtime.hub.journal.event(EventId(hers.id))
    assert stored is not None
    assert (stored.state, stored.sealed, dict(stored.attributes)) == (EventState.ERASED, b"", {})


def test_a_correction_of_what_was_erased_is_refused_and_its_sender_is_told(exchange: Exchange) -> None:
    runtime = exchange.runtime
    hers = an_emergency_attendance()
    exchange.hears(hers)
    erase(exchange, hers)

    late = an_emergency_attendance().as_record("late", "2").correcting(hers.id)
    exchange.hears(late)

    assert runtime.hub.journal.event(EventId(late.id)) is None
    assert names_shown(runtime) == set()
    assert reply_about(exchange, late) == ("refused", "envelope.corrects_erased")


def test_a_new_report_of_the_child_begins_a_new_record(exchange: Exchange) -> None:
    runtime = exchange.runtime
    hers, anew = an_emergency_attendance(), a_domestic_incident()
    exchange.hears(hers)
    erase(exchange, hers)

    exchange.hears(anew)

    assert names_shown(runtime) == {"Mia Marsh"}
    assert the_child(runtime, anew) != the_child(runtime, hers)


def test_a_recipient_who_was_told_acknowledges_it(exchange: Exchange) -> None:
    hers = an_emergency_attendance()
    exchange.hears(hers)
    erase(exchange, hers)
    runtime = exchange.runtime

    (notice,) = runtime.desk.corrections(PRACTITIONER)
    assert (notice.cause, notice.event_type, notice.acknowledged) == (Cause.ERASED.value, "", "")
    runtime.desk.acknowledge(notice.notice[:8], PRACTITIONER)
    runtime.tick()

    (notice,) = runtime.desk.corrections(PRACTITIONER)
    assert notice.acknowledged.startswith("mash_practitioner")
    status = next(s for s in runtime.hub.journal.deliveries() if s.delivery.delivery_id == notice.notice)
    assert status.acknowledged_at is not None


def test_every_column_in_which_something_personal_may_stand_is_emptied() -> None:
    sealed = {
        f"{table.name}.{column.name}"
        for table in schema.metadata.sorted_tables
        for column in table.columns
        if column.name.startswith("sealed")
    }
    assert set(forgetting.EMPTIED_BY) == sealed


def test_of_a_report_told_once_under_another_childs_name_only_that_report_goes(exchange: Exchange) -> None:
    runtime = exchange.runtime
    hers, doubtful = an_emergency_attendance(), an_emergency_attendance().about(MYA)
    exchange.hears(hers, doubtful)
    for kind in (ActKind.LINK, ActKind.UNLINK):
        joined = the_child(runtime, hers) if kind.joins else None
        runtime.identity.say_of(kind, the_child(runtime, doubtful), joined, PRACTITIONER, reason="asked by telephone")
        runtime.tick()
    before = exchange.told(CORE, hers)

    erase(exchange, doubtful)

    assert exchange.told(CORE, hers) == before
    assert names_shown(runtime) == {"Mia Marsh"}
    causes = {status.delivery.cause for status in runtime.hub.journal.deliveries(event=EventId(doubtful.id))}
    assert causes == {None, Cause.ERASED, Cause.REPORT_ERASED}
    [name] = [n for n in runtime.recipients[CORE].store.children() if n == (before and before.child)]
    values = [kept.delivery.values for kept in runtime.recipients[CORE].store.deliveries(name)]
    assert len([each for each in values if each]) == 1


def test_records_that_are_one_child_go_together(exchange: Exchange) -> None:
    runtime = exchange.runtime
    hers, doubtful = an_emergency_attendance(), an_emergency_attendance().about(MYA)
    exchange.hears(hers, doubtful)
    runtime.identity.say_of(
        ActKind.LINK, the_child(runtime, doubtful), the_child(runtime, hers), PRACTITIONER, reason="asked by telephone"
    )
    runtime.tick()
    both = (the_child(runtime, hers), the_child(runtime, doubtful))

    erase(exchange, doubtful)

    assert names_shown(runtime) == set()
    for child in both:
        with pytest.raises(KeyDestroyedError):
            runtime.hub.keys.child_key(child)


def test_what_waited_undecided_about_the_child_is_forgotten_too_and_what_waits_about_others_is_not(
    exchange: Exchange,
) -> None:
    runtime = exchange.runtime
    hers, his = an_emergency_attendance(), a_domestic_incident().about(THEO)
    exchange.hears(hers)
    policy = SilentPolicy(runtime.hub.policy)
    asked, runtime.hub.policy.decide = runtime.hub.policy.decide, policy.decide  # type: ignore[method-assign]
    policy.is_down = True
    waiting = a_domestic_incident().saying(both_parties_16_or_over=True)
    exchange.hears(waiting, his)
    assert len(runtime.hub.journal.events(state=EventState.HELD)) == 2

    erase(exchange, hers)
    runtime.hub.policy.decide = asked  # type: ignore[method-assign]
    exchange.later(timedelta(hours=1))
    runtime.tick()

    stored = runtime.hub.journal.event(EventId(waiting.id))
    assert stored is not None
    assert (stored.state, stored.sealed) == (EventState.ERASED, b"")
    assert names_shown(runtime) == {"Theo Marsh"}
