"""What waits past its time goes up step by step: the deputy, then whoever is on cover; never in silence."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from broker.core.ladder import OverdueKind, Step
from broker.core.outcome import Outcome, RecordKind
from broker.core.partnership import Directory, OnCover, RecipientEntry
from broker.ports.policy import Policy
from broker.services.sweep import SweepServices, Swept, sweep, sweep_all
from contracts.words import Grade, ReceiptKind, RecipientId, RecipientKind
from tests.support.outcomes import FRIDAY, MIA, RECIPIENTS, SHARED_WITH, Told, a_question
from tests.support.releasing import Releasing, a_receipt_for


@dataclass
class PolicyWithCover:
    """A roster with one team on it, or nobody."""

    on_duty: str = "emergency duty team"

    def on_cover(self, grade: Grade, moment: datetime) -> OnCover | None:
        assert grade
        assert moment.tzinfo is not None
        return OnCover(self.on_duty, "duty_manager", ("mash_manager",), "01632 960101") if self.on_duty else None

    def directory(self) -> Directory:
        entries = {
            each: RecipientEntry(each, each, RecipientKind.OTHER, "team_manager", deputies=("senior_worker",))
            for each in RECIPIENTS
        }
        return Directory(entries, {}, RecipientId("mash-core"))

    def deciders(self, code: str) -> tuple[str, ...]:
        assert code
        return ("mash_manager", "duty_manager")

    def passed_on_further(self, grade: Grade, moment: datetime) -> datetime:
        assert grade
        return moment + timedelta(hours=1)


@pytest.fixture
def exchange(tmp_path: Path) -> Iterator[Releasing]:
    exchange = Releasing(tmp_path)
    exchange.decide(Told(1), is_new=True, questions=(a_question(1, hours=2), a_question(2, hours=9)))
    exchange.journal.commit(Outcome(questions=(a_question(3, child=None, hours=3),)))
    exchange.sequence()
    exchange.release()
    exchange.take_receipts()
    yield exchange
    exchange.close()


def swept(exchange: Releasing, cover: PolicyWithCover | None = None) -> Swept:
    policy: Policy = cover or PolicyWithCover()  # type: ignore[assignment]
    return sweep(SweepServices(exchange.journal, exchange.keys, policy, exchange.clock, exchange.ids))


def test_nothing_is_passed_on_before_its_time(exchange: Releasing) -> None:
    assert swept(exchange) == Swept((), ())


def test_what_is_overdue_goes_to_the_deputy_then_to_the_team_on_cover_each_once_with_a_record(
    exchange: Releasing,
) -> None:
    exchange.clock.at = FRIDAY + timedelta(hours=5)
    found = swept(exchange)
    assert [each.kind for each in found.passed_on] == [OverdueKind.QUESTION] * 2 + [OverdueKind.RECEIPT] * SHARED_WITH
    assert [each.about for each in found.passed_on][:2] == [a_question(1).question_id, a_question(3).question_id]
    assert {each.step for each in found.passed_on} == {Step.DEPUTY}
    assert [each.role for each in found.passed_on] == ["duty_manager"] * 2 + ["senior_worker"] * SHARED_WITH
    assert swept(exchange) == Swept((), ())
    exchange.clock.at += timedelta(hours=1)
    last = swept(exchange)
    assert [each.about for each in last.passed_on] == [each.about for each in found.passed_on]
    assert {(each.step, each.passed_to, each.number) for each in last.passed_on} == {
        (Step.ON_COVER, "emergency duty team, 01632 960101", 2)
    }
    assert {each.next_at for each in last.passed_on} == {None}
    exchange.clock.at += timedelta(hours=2)
    assert swept(exchange) == Swept((), ())
    assert list(exchange.journal.escalations()) == [*found.passed_on, *last.passed_on]
    named = [record.about for record, _ in exchange.journal.records(child=MIA) if record.kind is RecordKind.ESCALATION]
    assert len(named) == 2 * (1 + SHARED_WITH)


def test_what_is_answered_after_the_first_step_goes_no_further(exchange: Releasing) -> None:
    exchange.clock.at = FRIDAY + timedelta(hours=5)
    swept(exchange)
    parcels = [parcel for kept in exchange.recipients.kept.values() for parcel in kept.values()]
    exchange.recipients.waiting = [a_receipt_for(parcel, ReceiptKind.OPENED) for parcel in parcels]
    exchange.take_receipts()
    exchange.clock.at += timedelta(hours=1)
    assert {each.kind for each in swept(exchange).passed_on} == {OverdueKind.QUESTION}


def test_what_was_answered_or_opened_in_time_is_not_passed_on(exchange: Releasing) -> None:
    parcels = [parcel for kept in exchange.recipients.kept.values() for parcel in kept.values()]
    exchange.recipients.waiting = [a_receipt_for(parcel, ReceiptKind.OPENED) for parcel in parcels]
    exchange.take_receipts()
    exchange.clock.at = FRIDAY + timedelta(hours=5)
    assert {each.kind for each in swept(exchange).passed_on} == {OverdueKind.QUESTION}


def test_a_hole_in_the_roster_is_told_and_the_thing_is_passed_on_when_somebody_is_there(exchange: Releasing) -> None:
    exchange.clock.at = FRIDAY + timedelta(hours=5)
    found = swept(exchange, PolicyWithCover(on_duty=""))
    assert found.passed_on == ()
    assert len(found.uncovered) == 2 + SHARED_WITH
    assert len(swept(exchange).passed_on) == 2 + SHARED_WITH


def test_everything_that_is_due_is_swept_however_little_is_taken_at_a_time(exchange: Releasing) -> None:
    exchange.clock.at = FRIDAY + timedelta(hours=5)
    policy: Policy = PolicyWithCover()  # type: ignore[assignment]
    services = SweepServices(exchange.journal, exchange.keys, policy, exchange.clock, exchange.ids)

    found = sweep_all(services, limit=1)

    assert len(found.passed_on) == len({each.about for each in found.passed_on}) == 2 + SHARED_WITH
    assert sweep_all(services, limit=1).passed_on == ()
