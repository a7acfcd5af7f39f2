"""What every driver of the Journal port promises of what is under way: leaves, deliveries, tasks, replies."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from broker.core.incidents import Incident, IncidentEnded
from broker.core.incomplete import IncompleteOutcomeError
from broker.core.ladder import Escalation, OverdueKind, Step
from broker.core.outcome import (
    EventState,
    Outcome,
    QuarantinedMessage,
    Reaffirmed,
    ReceivedReceipt,
    RecordKind,
    TaskAnswer,
)
from broker.core.reasking import Trigger
from broker.core.store_errors import AlreadyStoredError, StaleFactsError, UnknownStepError
from broker.ports.journal import Journal, Overdue
from contracts.words import AgencyKind, Cause, DeliveryId, EventId, Grade, ReceiptKind, RecipientId
from tests.ports.journal_cases import a_release
from tests.support.outcomes import (
    FRIDAY,
    MIA,
    RECIPIENTS,
    THEO,
    Told,
    a_fact,
    a_question,
    a_record,
    an_approval,
    some_id,
)


def a_receipt(
    delivery: DeliveryId, kind: ReceiptKind = ReceiptKind.DELIVERED, recipient: RecipientId = RECIPIENTS[0]
) -> Outcome:
    record = a_record(RecordKind.RECEIPT, f"{delivery}:{kind}")
    receipt = ReceivedReceipt(
        delivery_id=delivery,
        recipient=recipient,
        kind=kind,
        digest=some_id("digest"),
        role="duty social worker",
        signed_at=FRIDAY,
        keyid="key",
        signature="signature",
        record_id=record.record_id,
        at=FRIDAY + timedelta(minutes=1),
    )
    return Outcome(records=(record,), received=(receipt,))


class ProgressCases:
    """Subclassed once for each driver, with a ``journal`` fixture."""

    def test_records_wait_until_each_has_its_leaf(self, journal: Journal) -> None:
        journal.commit(Told().outcome(is_new=True))
        pending = journal.pending_records(9)
        assert [each.record_id for each in pending] == [record.record_id for record, _ in journal.records()]
        placed = [(each.record_id, index) for index, each in enumerate(pending[:3])]
        journal.mark_sequenced(placed)
        journal.mark_sequenced(placed)
        assert [index for _, index in journal.records()] == [0, 1, 2, None]
        assert [each.record_id for each in journal.pending_records(9)] == [pending[3].record_id]
        found = journal.record(pending[1].record_id)
        assert found is not None
        assert found[1] == 1

    def test_a_delivery_may_leave_once_its_leaf_is_sealed_reds_first(self, journal: Journal) -> None:
        journal.commit(Told(1).outcome(is_new=True))
        journal.commit(Told(2, grade=Grade.RED).outcome())
        assert journal.releasable(below=100, now=FRIDAY, limit=9) == []
        journal.mark_sequenced([(each.record_id, index) for index, each in enumerate(journal.pending_records(9))])
        found = journal.releasable(below=8, now=FRIDAY, limit=9)
        assert [each.grade for each in found] == [Grade.RED, Grade.RED, Grade.AMBER, Grade.AMBER]
        assert [each.grade for each in journal.releasable(below=1, now=FRIDAY, limit=9)] == [Grade.AMBER]
        journal.commit(a_release(found[0].delivery_id))
        assert list(journal.releasable(below=8, now=FRIDAY, limit=9)) == list(found[1:])

    def test_a_delivery_does_not_leave_before_its_time(self, journal: Journal) -> None:
        told = Told()
        delivery = told.delivery(RECIPIENTS[0])
        late = replace(delivery, not_before=FRIDAY + timedelta(hours=1))
        journal.commit(told.outcome(is_new=True, deliveries=(late,)))
        journal.mark_sequenced([(each.record_id, index) for index, each in enumerate(journal.pending_records(9))])
        assert journal.releasable(below=9, now=FRIDAY, limit=9) == []
        assert journal.releasable(below=9, now=FRIDAY + timedelta(hours=1), limit=9) == [late]

    def test_a_decision_stands_on_the_facts_that_its_own_event_left(self, journal: Journal) -> None:
        journal.commit(Told(1).outcome(is_new=True, facts=(a_fact(),)))
        delivery = journal.deliveries()[0].delivery.delivery_id
        standing = journal.standing([delivery])[delivery]
        assert (standing.stands_at, standing.facts_now) == (1, 1)
        journal.commit(Told(2, version=1).outcome(facts=(a_fact(hours=1),)))
        standing = journal.standing([delivery])[delivery]
        assert (standing.stands_at, standing.facts_now) == (1, 2)
        assert standing.policy_digest == "digest of the policy"

    def test_a_decision_with_the_same_answer_on_newer_facts_stands_on_those(self, journal: Journal) -> None:
        journal.commit(Told(1).outcome(is_new=True))
        status = journal.deliveries()[0]
        journal.commit(Outcome(facts=(a_fact(),)))
        stale = Reaffirmed(status.delivery.decision_id, MIA, 0)
        with pytest.raises(StaleFactsError):
            journal.commit(Outcome(reaffirmed=(stale,)))
        journal.commit(Outcome(reaffirmed=(replace(stale, facts_version=1),)))
        standing = journal.standing([status.delivery.delivery_id])[status.delivery.delivery_id]
        assert (standing.stands_at, standing.facts_now) == (1, 1)

    def test_what_waits_about_one_child_or_about_the_partnership_is_found_alone(self, journal: Journal) -> None:
        questions = (a_question(1), a_question(2, child=THEO), a_question(3, child=None))
        journal.commit(Told(1, child=THEO).outcome(is_new=True))
        journal.commit(Told(2).outcome(is_new=True, questions=questions))
        assert [list(journal.open_questions(child)) for child in (MIA, THEO, None)] == [[each] for each in questions]

    def test_receipts_are_kept_once_of_a_kind_and_only_for_what_was_released(self, journal: Journal) -> None:
        journal.commit(Told().outcome(is_new=True))
        delivery = journal.deliveries()[0].delivery.delivery_id
        with pytest.raises(UnknownStepError):
            journal.commit(a_receipt(delivery))
        journal.commit(a_release(delivery))
        journal.commit(a_receipt(delivery))
        with pytest.raises(AlreadyStoredError):
            journal.commit(a_receipt(delivery))
        journal.commit(a_receipt(delivery, ReceiptKind.OPENED))
        status = journal.delivery(delivery)
        assert status is not None
        assert status.delivered_at == status.opened_at == FRIDAY + timedelta(minutes=1)
        assert [receipt.kind for receipt in journal.receipts(delivery)] == [ReceiptKind.DELIVERED, ReceiptKind.OPENED]

    def test_open_questions_about_a_child_stand_in_one_task(self, journal: Journal) -> None:
        journal.commit(Told(1).outcome(is_new=True, questions=(a_question(1, hours=5), a_question(2, hours=2))))
        journal.commit(Outcome(questions=(a_question(3, child=None, hours=1),)))
        tasks = journal.tasks()
        assert [(task.child, len(task.questions)) for task in tasks] == [(None, 1), (MIA, 2)]
        assert tasks[1].deadline == FRIDAY + timedelta(hours=2)
        assert [len(task.questions) for task in journal.tasks(owner="mash_manager")] == [1, 2]
        assert journal.tasks(owner="nobody") == []
        assert next(iter(journal.children())).open_questions == 2

    def test_a_question_is_answered_once(self, journal: Journal) -> None:
        journal.commit(Told().outcome(is_new=True, questions=(a_question(),)))
        answer = TaskAnswer(a_question().question_id, "asha", "mash_manager", True, FRIDAY, b"sealed")  # noqa: FBT003
        journal.commit(Outcome(answers=(answer,), approvals=((Told().event_id, an_approval()),)))
        assert journal.tasks() == []
        assert list(journal.approvals(Told().event_id)) == [an_approval()]
        with pytest.raises(UnknownStepError):
            journal.commit(Outcome(answers=(answer,)))

    def test_replies_wait_until_they_were_handed_over(self, journal: Journal) -> None:
        journal.commit(Told(1).outcome(is_new=True))
        journal.commit(Told(2).outcome())
        (first, reply), (second, _) = journal.pending_replies(9)
        assert reply.event_id == Told(1).event_id
        journal.mark_replied([first])
        assert [position for position, _ in journal.pending_replies(9)] == [second]

    def test_history_counts_by_type_grade_and_week(self, journal: Journal) -> None:
        journal.commit(Told(1).outcome(is_new=True))
        journal.commit(Told(2).outcome())
        journal.commit(Told(3, grade=Grade.RED).outcome())
        told = Told(4)
        journal.commit(told.outcome(event=told.event(occurred_at=datetime(2027, 1, 3, 23, 59, tzinfo=UTC))))
        told = Told(5)
        journal.commit(told.outcome(event=told.event(occurred_at=datetime(2027, 1, 4, tzinfo=UTC))))
        found = journal.history(MIA, FRIDAY - timedelta(days=1))
        assert {each.kind for each in found} == {"uk.mash.police.concern.raised.v1"}
        assert {each.agency_kind for each in found} == {AgencyKind.POLICE}
        assert [(each.grade, each.week, each.count) for each in found] == [
            (Grade.RED, "2026-W10", 1),
            (Grade.AMBER, "2026-W10", 2),
            (Grade.AMBER, "2026-W53", 1),
            (Grade.AMBER, "2027-W01", 1),
        ]
        assert journal.history(MIA, datetime(2028, 1, 1, tzinfo=UTC)) == []

    def test_children_with_a_safeguarding_event_are_listed_latest_first(self, journal: Journal) -> None:
        journal.commit(Told(1, child=MIA).outcome(is_new=True))
        journal.commit(Told(2, child=THEO).outcome(is_new=True))
        found = [(summary.known.child, summary.events, summary.last_event_at) for summary in journal.children()]
        assert found == [(THEO, 1, FRIDAY + timedelta(minutes=2)), (MIA, 1, FRIDAY + timedelta(minutes=1))]

    def test_one_incident_at_most_is_open_of_a_cause_until_it_is_over(self, journal: Journal) -> None:
        records = [a_record(RecordKind.INCIDENT, f"i{n}", child=None) for n in range(3)]
        incidents = [
            Incident(f"i{n}", "feed.silent", subject, "q", record.record_id, FRIDAY)
            for n, (subject, record) in enumerate(zip(("police", "police", "school"), records, strict=True))
        ]
        journal.commit(Outcome(records=(records[0],), incidents=(incidents[0],)))
        with pytest.raises(AlreadyStoredError):
            journal.commit(Outcome(records=(records[1],), incidents=(incidents[1],)))
        journal.commit(Outcome(records=(records[2],), incidents=(incidents[2],)))
        assert list(journal.open_incidents()) == [incidents[0], incidents[2]]
        over = a_record(RecordKind.INCIDENT, "over", child=None)
        ended = IncidentEnded("i0", over.record_id, FRIDAY + timedelta(hours=1))
        journal.commit(Outcome(records=(over,), ended=(ended,)))
        assert list(journal.open_incidents()) == [incidents[2]]
        assert [each.ended_at for each in journal.incidents()] == [ended.at, None]
        journal.commit(Outcome(records=(records[1],), incidents=(incidents[1],)))
        again = a_record(RecordKind.INCIDENT, "again", child=None)
        with pytest.raises(UnknownStepError):
            journal.commit(Outcome(records=(again,), ended=(replace(ended, record_id=again.record_id),)))

    def test_a_share_waits_until_what_is_due_to_be_asked_again_about_its_child_is_asked(self, journal: Journal) -> None:
        journal.commit(Told(1).outcome(is_new=True))
        journal.commit(Told(2, child=THEO).outcome(is_new=True))
        pending = journal.pending_records(99)
        journal.mark_sequenced([(each.record_id, index) for index, each in enumerate(pending)])
        trigger = Trigger(MIA, "a worker was allocated", Grade.GREEN, FRIDAY)
        journal.commit(Outcome(triggers=(trigger,)))

        def children(hours: int) -> set[str | None]:
            now = FRIDAY + timedelta(hours=hours)
            return {each.child for each in journal.releasable(below=len(pending), now=now, limit=99)}

        assert children(-1) == {MIA, THEO}, "it is not due"
        assert children(0) == {THEO}
        (reask,) = journal.reasks_waiting()
        journal.commit(Outcome(reasked=(replace(reask, finished_at=FRIDAY),)))
        assert children(0) == {MIA, THEO}

    def test_what_left_and_did_not_arrive_in_time_is_named_with_the_steps_taken(self, journal: Journal) -> None:
        told = Told()
        journal.commit(told.outcome(is_new=True))
        delivery = told.delivery(RECIPIENTS[0]).delivery_id
        assert journal.to_send_again(FRIDAY) == {}
        for number in (1, 2):
            record = a_record(RecordKind.ESCALATION, f"step {number}")
            step = Escalation(OverdueKind.DELIVERY, delivery, "school", record.record_id, FRIDAY, number)
            journal.commit(Outcome(records=(record,), escalated=(step,)))
        assert journal.to_send_again(FRIDAY) == {}, "it has not left"
        journal.commit(a_release(delivery))
        assert journal.to_send_again(FRIDAY) == {delivery: 2}
        journal.commit(Outcome(triggers=(Trigger(child=MIA, why="", grade=Grade.RED, due=FRIDAY),)))
        assert journal.to_send_again(FRIDAY) == {}, "something about its child is to be asked again first"
        (reask,) = journal.reasks_waiting()
        journal.commit(Outcome(reasked=(replace(reask, finished_at=FRIDAY),)))
        assert journal.to_send_again(FRIDAY) == {delivery: 2}
        journal.commit(a_receipt(delivery))
        assert journal.to_send_again(FRIDAY) == {}

    def test_what_a_recipient_holds_is_what_left_for_it_and_is_the_last_word(self, journal: Journal) -> None:
        first, second, third = Told(1), Told(2, version=1), Told(3, version=2)
        journal.commit(first.outcome(is_new=True))
        for each in (second, third):
            journal.commit(replace(each, version=journal.known_child(MIA).version).outcome())  # type: ignore[union-attr]
        holder = RECIPIENTS[0]
        assert journal.held_by(holder, FRIDAY) == []
        for each in (third, first, second):
            journal.commit(a_release(each.delivery(holder).delivery_id))
        assert journal.held_by(holder, FRIDAY) == [each.event_id for each in (first, second, third)]
        assert journal.held_by(holder, FRIDAY - timedelta(seconds=1)) == []
        assert journal.held_by(RECIPIENTS[1], FRIDAY) == []
        for number, kind in ((first.number, "correction"), (second.number, "retraction")):
            earlier = Told(number).delivery(holder)
            record = a_record(RecordKind.CORRECTION, some_id("later", number), event=earlier.event_id, child=MIA)
            later = replace(
                earlier,
                delivery_id=DeliveryId(some_id("later", number)),
                revision=2,
                kind=kind,
                record_id=record.record_id,
                cause=Cause.CORRECTED,
            )
            journal.commit(Outcome(records=(record,), deliveries=(later,)))
        assert journal.held_by(holder, FRIDAY) == [third.event_id]
        journal.commit(a_release(DeliveryId(some_id("later", 1))))
        journal.commit(a_release(DeliveryId(some_id("later", 2))))
        assert journal.held_by(holder, FRIDAY) == [first.event_id, third.event_id]

    def test_a_question_that_needs_no_answer_any_more_is_closed_once_with_a_record(self, journal: Journal) -> None:
        journal.commit(Told().outcome(is_new=True, questions=(a_question(),)))
        gone = a_question().question_id
        with pytest.raises(IncompleteOutcomeError):
            journal.commit(Outcome(closed=(gone,)))
        journal.commit(Outcome(closed=(gone,), records=(a_record(RecordKind.TASK_OUTCOME, gone),)))
        assert journal.tasks() == []
        with pytest.raises(UnknownStepError):
            journal.commit(Outcome(closed=(gone,), records=(a_record(RecordKind.APPROVAL, gone),)))

    def test_what_is_held_for_one_reason_is_found_due_or_not(self, journal: Journal) -> None:
        late = FRIDAY + timedelta(hours=1)
        for n, reason in enumerate(("policy.no_verdict", "policy.no_verdict", "contract.unknown_type")):
            told = Told(n, grade=Grade.RED if n else Grade.GREEN)
            held = told.event(state=EventState.HELD, held_reason=reason, held_until=late, child=None)
            journal.commit(Outcome(event=held))
        found = journal.held_for("policy.no_verdict", 9)
        assert [each.event_id for each in found] == [Told(1).event_id, Told(0).event_id]
        assert journal.held_for("policy.no_verdict", 9, event_type="another") == []
        assert len(journal.held_for("policy.no_verdict", 1, event_type=found[0].event_type)) == 1

    def test_quarantine_and_escalations_are_kept_with_owner_and_deadline(self, journal: Journal) -> None:
        message = QuarantinedMessage(
            "q1", "police", EventId("e"), "signature.invalid", b"x", "operator", FRIDAY, FRIDAY
        )
        journal.commit(Outcome(quarantined=(message,)))
        assert list(journal.quarantined()) == [message]
        record = a_record(RecordKind.ESCALATION, "q1", child=None)
        passed = Escalation(OverdueKind.QUARANTINED, "q1", "emergency duty team", record.record_id, FRIDAY)
        journal.commit(Outcome(records=(record,), escalated=(passed,)))
        assert list(journal.escalations()) == [passed]

    def test_the_next_step_is_due_when_the_last_one_says_and_each_is_taken_once(self, journal: Journal) -> None:
        journal.commit(Told().outcome(is_new=True, questions=(a_question(hours=1),)))
        late, later = FRIDAY + timedelta(hours=2), FRIDAY + timedelta(hours=3)
        (waiting,) = _questions_overdue(journal, late)
        assert (waiting.taken, waiting.code) == (0, a_question().code)
        first = a_record(RecordKind.ESCALATION, "first")
        step = Escalation(
            OverdueKind.QUESTION, waiting.about, "deputy", first.record_id, late, 1, Step.DEPUTY, "duty_manager", later
        )
        journal.commit(Outcome(records=(first,), escalated=(step,)))
        assert _questions_overdue(journal, late) == []
        (waiting,) = _questions_overdue(journal, later)
        assert waiting.taken == 1
        again = a_record(RecordKind.ESCALATION, "again")
        with pytest.raises(AlreadyStoredError):
            journal.commit(Outcome(records=(again,), escalated=(replace(step, record_id=again.record_id),)))
        last = a_record(RecordKind.ESCALATION, "last")
        over = replace(step, record_id=last.record_id, at=later, number=2, step=Step.ON_COVER, next_at=None)
        journal.commit(Outcome(records=(last,), escalated=(over,)))
        assert _questions_overdue(journal, later + timedelta(days=9)) == []
        assert list(journal.escalations()) == [step, over]


def _questions_overdue(journal: Journal, now: datetime) -> list[Overdue]:
    return [each for each in journal.overdue(now, 9) if each.kind is OverdueKind.QUESTION]
