"""Records and deliveries: what is sealed opens the leaf, names the exact bytes, and shows each side its own part."""

from pathlib import Path

import pytest

from broker.core.commitments import Opening, check_opens, read_leaf
from broker.core.outcome import Record, RecordKind
from broker.core.records import about_record, read_openings
from broker.core.sealing import unseal
from broker.core.settle import about_delivery
from broker.services.deciding import about_question
from contracts.canonical import canonical, digest, read_json_object
from contracts.delivery import Delivery
from contracts.question import Question
from contracts.words import EventId
from tests.support.builders import EventBuilder, a_domestic_incident
from tests.support.event_parts import MILL_LANE, an_allegation
from tests.support.hub import Hub
from tests.support.people import CRAIG, DANA, MR_ORME
from tests.support.settled_children import settled


@pytest.fixture
def hub(tmp_path: Path) -> Hub:
    return Hub.in_folder(tmp_path)


@pytest.fixture
def event(hub: Hub) -> EventBuilder:
    incident = (
        a_domestic_incident()
        .living_at(MILL_LANE)
        .with_people(DANA, CRAIG, MR_ORME)
        .with_entries(an_allegation("Craig shouted", code="assault"))
        .saying(both_parties_16_or_over=True)
    )
    settled(hub).submit(incident)
    return incident


def opened(hub: Hub, record: Record) -> tuple[Opening, Opening]:
    assert record.child is not None
    return read_openings(unseal(hub.keys.child_key(record.child), record.sealed, about=about_record(record.record_id)))


def test_every_record_opens_its_leaf(hub: Hub, event: EventBuilder) -> None:
    records = [record for record, _ in hub.journal.records(event=EventId(event.id))]
    assert len(records) == 6
    for record in records:
        leaf = read_leaf(record.leaf)
        disclosed, internal = opened(hub, record)
        check_opens(leaf.disclosed, disclosed)
        check_opens(leaf.internal, internal)
        assert internal.content["about"] == record.about
        assert disclosed.content["kind"] == RecordKind.DECISION


def test_a_delivery_is_the_exact_bytes_that_its_record_names(hub: Hub, event: EventBuilder) -> None:
    records = {record.record_id: record for record, _ in hub.journal.records(event=EventId(event.id))}
    statuses = hub.journal.deliveries(event=EventId(event.id))
    assert statuses
    for status in statuses:
        staged = status.delivery
        body = unseal(hub.keys.child_key(staged.child), staged.sealed, about=about_delivery(staged.delivery_id))
        assert digest(body) == staged.digest
        disclosed, _ = opened(hub, records[staged.record_id])
        assert disclosed.content["digest"] == staged.digest
        assert disclosed.content["delivery"] == staged.delivery_id
        delivery = Delivery.model_validate(dict(read_json_object(body)))
        assert delivery.body() == body
        assert staged.receipt_due is not None


def test_what_a_recipient_may_see_of_a_record_names_no_child_and_nobody_else(hub: Hub, event: EventBuilder) -> None:
    recipients = {decision.recipient for decision in hub.journal.decisions(EventId(event.id))}
    for record, _ in hub.journal.records(event=EventId(event.id)):
        disclosed, internal = opened(hub, record)
        shown = canonical(disclosed.content).decode()
        assert str(record.child) not in shown
        assert event.id not in shown
        for other in recipients - {record.recipient}:
            assert other not in shown
        if internal.content["effect"] != "share":
            assert disclosed.content == {"kind": "decision"}


def test_the_question_is_kept_sealed_and_can_be_put_again(hub: Hub, event: EventBuilder) -> None:
    first, *_ = hub.journal.decisions(EventId(event.id))
    sealed = hub.journal.asked(first.decision_id)
    assert sealed is not None
    content = unseal(hub.keys.child_key(first.child), sealed, about=about_question(first.decision_id))
    question = Question.model_validate_json(content)
    assert hub.policy.decide(question).policy_digest == first.policy_digest


def test_a_question_holds_no_name_number_address_or_text(hub: Hub, event: EventBuilder) -> None:
    first, *_ = hub.journal.decisions(EventId(event.id))
    sealed = hub.journal.asked(first.decision_id)
    assert sealed is not None
    content = unseal(hub.keys.child_key(first.child), sealed, about=about_question(first.decision_id)).decode()
    for canary in ("Marsh", "Mia", "Doyle", "Orme", "9990000018", "2016-05-14", "Mill Lane", "ZZ99", "shouted"):
        assert canary not in content
