"""Accepting: each event is stored once, decided and recorded; what cannot be is refused, held or quarantined."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from broker.core.outcome import EventState
from broker.drivers.opa.embedded import EmbeddedPolicy
from broker.services.accept import Came
from broker.services.retry_held import RetryHeld
from contracts.canonical import LARGEST_DELIVERY, LARGEST_MESSAGE, MOST_VALUES, canonical
from contracts.envelope import SignedEvent
from contracts.events.police import NoticeKept
from contracts.leaves import leaves
from contracts.reply import Reply
from contracts.signing import sign_event
from contracts.words import EventId, Grade, IdentifierKind, ReplyKind
from tests.support.builders import (
    a_concern,
    a_domestic_incident,
    a_pupil_enrolment,
    a_section_47,
    a_worker_allocation,
    an_emergency_attendance,
    an_event,
    an_information_request,
)
from tests.support.event_parts import MILL_LANE, POLICE, at
from tests.support.hub import MONDAY, Hub, SilentPolicy, shipped_policy
from tests.support.people import JONAS, MIA, MR_ORME, MYA, a_numbered_child
from tests.support.settled_children import NORTH, settled
from tests.support.signing_keys import key_of


@pytest.fixture
def hub(tmp_path: Path) -> Hub:
    return Hub.in_folder(tmp_path)


@pytest.fixture
def silent(tmp_path: Path) -> Hub:
    policy = shipped_policy()
    assert isinstance(policy, EmbeddedPolicy)
    return Hub.in_folder(tmp_path, policy=SilentPolicy(policy))


def replies(hub: Hub) -> list[Reply]:
    return [reply for _, reply in hub.journal.pending_replies(1000)]


def test_an_event_is_stored_once_with_a_decision_and_a_record_for_every_candidate(hub: Hub) -> None:
    settled(hub)
    concern = a_concern().from_school().graded(Grade.AMBER)
    assert hub.submit(concern).accepted == 1
    stored = hub.journal.event(EventId(concern.id))
    assert stored is not None
    assert stored.state is EventState.ACCEPTED
    assert set(stored.considered) == {"mash-core", "csc-north-team", "police-mash"}
    decisions = hub.journal.decisions(EventId(concern.id))
    assert {d.recipient for d in decisions} == set(stored.considered)
    records = {record.about for record, _ in hub.journal.records(event=EventId(concern.id))}
    assert {d.decision_id for d in decisions} <= records
    assert (replies(hub)[-1].kind, replies(hub)[-1].event_id) == (ReplyKind.ACCEPTED, concern.id)


def test_content_is_sealed_in_the_journal(hub: Hub, tmp_path: Path) -> None:
    hub.submit(a_concern().from_police().with_people(MR_ORME).living_at(MILL_LANE))
    hub.journal.close()
    hub.keys.close()
    content = b"".join(each.read_bytes() for each in tmp_path.iterdir())
    for canary in (b"Marsh", b"9990000018", b"Mill Lane", b"ZZ99 4WR", b"Orme", b"2016-05-14"):
        assert canary not in content


def test_the_same_event_again_changes_nothing_and_is_answered_again(hub: Hub) -> None:
    settled(hub)
    concern = a_concern().from_police().signed()
    hub.submit(concern)
    before = dict(hub.journal.counts())
    report = hub.submit(concern, concern)
    assert report.duplicates == 2
    after = dict(hub.journal.counts())
    changed = {name for name in after if after[name] != before[name]}
    assert all("repl" in name for name in changed), changed
    assert [reply.kind for reply in replies(hub)[-2:]] == [ReplyKind.ACCEPTED, ReplyKind.ACCEPTED]


def test_a_batch_may_hold_the_same_event_twice(hub: Hub) -> None:
    concern = a_concern().from_police().signed()
    report = hub.submit(concern, concern)
    assert (report.accepted, report.duplicates) == (1, 1)


def test_a_reused_id_with_other_content_is_set_aside_alarmed_and_refused(hub: Hub) -> None:
    concern = a_concern().from_police().in_incarnation("0000beef")
    hub.submit(concern)
    forged = concern.saying(reference="WP/2026/99999")
    report = hub.submit(forged.signed())
    assert report.quarantined == 1
    assert (replies(hub)[-1].kind, replies(hub)[-1].code) == (ReplyKind.REFUSED, "event.reused_id")
    assert [each.reason for each in hub.journal.quarantined()] == ["event.reused_id"]
    assert "event.reused_id" in {q.code for task in hub.journal.tasks() for q in task.questions}
    hub.submit(forged.signed())
    assert len(hub.journal.quarantined()) == 1
    assert list(hub.journal.sequence_gaps()) == []


def signed_by(other: str) -> SignedEvent:
    return a_concern().from_police().signed(key_of(other))


def changed(**attributes: str) -> SignedEvent:
    event = a_concern().from_police().signed()
    return replace(event, attributes={**event.attributes, **attributes})


REFUSED = {
    "signature.invalid": signed_by("bramble-helpline"),
    "signature.unknown_key": changed(keyid="nobody-2026"),
    "signature.missing": replace(a_concern().from_police().signed(), signature=""),
    "envelope.source_mismatch": changed(source="bramble-helpline/test-1/0000000a"),
    "envelope.malformed": changed(time="yesterday"),
    "envelope.clock": a_concern().from_police().occurring(MONDAY + timedelta(days=1)).signed(),
    "envelope.too_large": replace(a_concern().from_police().signed(), data=b" " * 1_000_001),
}


def test_an_event_of_more_values_than_can_be_told_of_is_refused_and_one_of_as_many_is_carried(hub: Hub) -> None:
    """Each risk factor is one value; the longest that fit make an event of a million bytes."""
    several = a_domestic_incident().saying(both_parties_16_or_over=True)
    others = len(leaves(several.payload()))
    for number, came in ((MOST_VALUES - others, Came.ACCEPTED), (MOST_VALUES - others + 1, Came.REFUSED)):
        length = (LARGEST_MESSAGE - 4_000) // number - 3
        event = several.as_record(f"record-{number}").saying(risk_factors=("x" * length,) * number)
        assert LARGEST_MESSAGE * 0.97 < len(event.data()) <= LARGEST_MESSAGE
        assert list(hub.submit(event).came.values()) == [came]
        bodies = [len(canonical(each.model_dump(mode="json"))) for each in hub.bodies(event).values()]
        assert all(size < LARGEST_DELIVERY for size in bodies)
        assert not bodies or max(bodies) > LARGEST_MESSAGE
    assert [each.code for each in replies(hub)][-1] == "payload.too_many_values"


@pytest.mark.parametrize("code", sorted(REFUSED))
def test_a_message_that_cannot_be_trusted_is_refused_with_code_and_place_alone(hub: Hub, code: str) -> None:
    report = hub.submit(REFUSED[code], channel=POLICE)
    assert list(report.came.values()) == [Came.REFUSED]
    (reply,) = replies(hub)
    kind = ReplyKind.MISSING if code.startswith("signature.") else ReplyKind.REFUSED
    assert (reply.kind, reply.code, reply.agency) == (kind, code, POLICE)
    assert not (kind is ReplyKind.MISSING and reply.event_id), "whoever wrote it, the agency's own report still waits"
    assert "Marsh" not in reply.model_dump_json()
    assert list(hub.journal.events()) == []


@pytest.mark.parametrize("attribute", sorted(a_concern().from_police().signed().attributes))
def test_each_attribute_changed_or_dropped_is_refused(hub: Hub, attribute: str) -> None:
    event = a_concern().from_police().signed()
    without = {name: value for name, value in event.attributes.items() if name != attribute}
    other = {**event.attributes, attribute: event.attributes[attribute] + "0"}
    report = hub.submit(replace(event, attributes=without), replace(event, attributes=other), channel=POLICE)
    assert report.refused == 2


def test_an_added_attribute_is_refused(hub: Hub) -> None:
    assert hub.submit(changed(extra="1"), channel=POLICE).refused == 1


def test_content_that_does_not_fit_is_refused_and_the_rest_goes_on(hub: Hub) -> None:
    concern = a_concern().from_police()
    envelope = concern.envelope()
    torn = sign_event(envelope, b'{"child":', key_of(POLICE))
    report = hub.submit(torn, a_section_47())
    assert (report.refused, report.accepted) == (1, 1)
    assert replies(hub)[0].code == "payload.not_json"


def test_a_request_to_an_agency_that_is_not_there_is_refused_and_says_so(hub: Hub) -> None:
    """It would be granted, and answered with nothing: whoever asked would think that nothing is held."""
    settled(hub)
    before = len(list(hub.journal.events()))
    request = an_information_request().about(MIA)
    misspelt = request.as_record("misspelt").saying(asked_of="wrenshire-polise")
    assert list(hub.submit(misspelt).came.values()) == [Came.REFUSED]
    assert (replies(hub)[-1].kind, replies(hub)[-1].code) == (ReplyKind.REFUSED, "payload.unknown_agency")
    assert (replies(hub)[-1].path, replies(hub)[-1].event_id) == ("asked_of", misspelt.id)
    assert len(list(hub.journal.events())) == before
    for number, asked_of in enumerate((POLICE, "all", "wrenshire-mash")):
        assert hub.submit(request.as_record(f"record-{number}").saying(asked_of=asked_of)).accepted == 1


def test_an_unknown_type_is_held_with_one_alarm_and_its_agency_told(hub: Hub) -> None:
    concern = a_concern().from_police()
    unknown = [
        sign_event(
            concern.as_record(f"r{n}").envelope().model_copy(update={"type": "uk.mash.police.drone.flown.v1"}),
            concern.data(),
            key_of(POLICE),
        )
        for n in range(3)
    ]
    assert hub.submit(*unknown).held == 3
    assert {reply.code for reply in replies(hub)} == {"contract.unknown_type"}
    codes = [q.code for task in hub.journal.tasks() for q in task.questions]
    assert codes.count("contract.unknown_type") == 1
    assert "event.held" not in codes


def test_a_red_event_of_an_unknown_type_is_put_to_a_person_at_once(hub: Hub) -> None:
    concern = a_concern().from_police().graded(Grade.RED)
    envelope = concern.envelope().model_copy(update={"type": "uk.mash.police.drone.flown.v1"})
    hub.submit(sign_event(envelope, concern.data(), key_of(POLICE)))
    assert [q.event_id for t in hub.journal.tasks() for q in t.questions if q.code == "event.held"] == [concern.id]


def test_with_the_engine_down_events_are_held_once_alarmed_and_a_red_one_is_put_to_a_person(silent: Hub) -> None:
    assert isinstance(silent.policy, SilentPolicy)
    settled(silent)
    silent.policy.is_down = True
    greens = [a_concern().from_school().about(a_numbered_child(n)).as_record(f"g{n}") for n in range(5)]
    red = a_domestic_incident().graded(Grade.RED)
    assert silent.submit(*greens, red).held == 6
    questions = [q for task in silent.journal.tasks() for q in task.questions]
    assert [q.code for q in questions].count("policy.no_verdict") == 1
    assert [q.event_id for q in questions if q.code == "event.held"] == [red.id]
    assert silent.journal.decisions(EventId(red.id)) == []

    silent.clock.moment += timedelta(minutes=1)
    assert RetryHeld(silent.needs).run().held == 6
    silent.policy.is_down = False
    silent.clock.moment += timedelta(minutes=11)
    assert RetryHeld(silent.needs).run().accepted == 6
    assert silent.effects(red)["mash-core"] == "share"
    assert silent.submit(red.signed()).duplicates == 1


def test_a_green_event_held_for_half_its_clock_is_put_to_a_person(silent: Hub) -> None:
    assert isinstance(silent.policy, SilentPolicy)
    silent.policy.is_down = True
    green = a_concern().from_school().graded(Grade.GREEN)
    silent.submit(green)
    assert "event.held" not in {q.code for task in silent.journal.tasks() for q in task.questions}
    silent.clock.moment += timedelta(days=7)
    RetryHeld(silent.needs).run()
    RetryHeld(silent.needs).run()
    held = [q for task in silent.journal.tasks() for q in task.questions if q.code == "event.held"]
    assert len(held) == 1


class Stumbling(SilentPolicy):
    """A policy that fails in a way nobody foresaw for one kind of event."""

    def decide(self, question):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201 - as its parent
        if question.event.type.endswith("emergency_attendance.recorded.v1"):
            raise ZeroDivisionError
        return super().decide(question)


def test_one_event_that_fails_is_quarantined_alone_and_the_others_are_accepted(tmp_path: Path) -> None:
    hub = Hub.in_folder(tmp_path, policy=Stumbling(shipped_policy()))
    concern = a_concern().from_police().in_incarnation("0000bead")
    good = [concern.about(a_numbered_child(n)).as_record(f"c{n}") for n in range(9)]
    bad = an_emergency_attendance().in_incarnation("0000bead")
    report = hub.submit(*good[:4], bad, *good[4:])
    assert (report.accepted, report.quarantined) == (9, 1)
    (kept,) = hub.journal.quarantined()
    assert kept.event_id == bad.id
    assert list(hub.journal.sequence_gaps()) == []
    assert hub.journal.event(EventId(bad.id)) is None


def test_of_a_child_known_by_relations_alone_no_content_is_kept_and_nobody_is_told(hub: Hub) -> None:
    enrolled = a_pupil_enrolment().about(JONAS)
    hub.submit(enrolled, a_worker_allocation().about(JONAS).saying(team=NORTH))
    stored = hub.journal.event(EventId(enrolled.id))
    assert stored is not None
    assert (stored.sealed, stored.considered) == (b"", ())
    assert ("front_door", "no_safeguarding_event") in stored.not_considered
    assert list(hub.journal.children()) == []
    concern = a_concern().from_police().about(JONAS)
    hub.submit(concern)
    assert "csc-north-team" in hub.effects(concern)


def test_a_doubtful_match_waits_for_a_person_and_a_red_one_reaches_the_front_door_alone(hub: Hub) -> None:
    settled(hub)
    amber = a_concern().from_charity().about(MYA).graded(Grade.AMBER)
    hub.submit(amber)
    assert hub.effects(amber) == {"mash-core": "ask"}
    (question,) = [q for t in hub.journal.tasks() for q in t.questions if q.code == "identity.unsure"]
    assert len(question.detail["candidates"]) == 1
    assert question.child not in question.detail["candidates"]

    red = a_domestic_incident().about(MYA).graded(Grade.RED)
    hub.submit(red)
    assert hub.effects(red) == {"mash-core": "share"}
    assert hub.body(red, "mash-core").unmatched
    assert "identity.unmatched" in {each.code for each in hub.body(red, "mash-core").obligations}


def test_a_kept_notice_counts_in_the_childs_history_and_tells_nobody(hub: Hub) -> None:
    settled(hub)
    hub.submit(a_concern().from_police())
    notice = an_event(NoticeKept).occurring(at("2026-03-07"))
    hub.submit(notice)
    stored = hub.journal.event(EventId(notice.id))
    assert stored is not None
    assert stored.child is not None
    assert stored.considered == ()
    assert NoticeKept.event_type in {row.kind for row in hub.journal.history(stored.child, at("2026-01-01"))}


def test_a_kept_notice_about_nobody_known_waits_uncounted(hub: Hub) -> None:
    notice = an_event(NoticeKept)
    assert hub.submit(notice).accepted == 1
    stored = hub.journal.event(EventId(notice.id))
    assert stored is not None
    assert (stored.child, list(hub.journal.children())) == (None, [])


def test_two_deliveries_of_one_event_share_no_identifier(hub: Hub) -> None:
    settled(hub)
    concern = a_concern().from_health().of_incident("i-1").saying(is_crime=True)
    hub.submit(concern)
    bodies = list(hub.bodies(concern).values())
    assert len(bodies) > 1
    for name in ("delivery_id", "child", "incident"):
        assert len({getattr(body, name) for body in bodies}) == len(bodies)
    stored = hub.journal.event(EventId(concern.id))
    assert stored is not None
    for body in bodies:
        text = body.model_dump_json()
        assert not any(secret in text for secret in (concern.id, stored.rawhash, stored.subject, stored.incident))


def test_a_first_report_of_many_children_makes_as_many(hub: Hub) -> None:
    events = [a_concern().from_police().about(a_numbered_child(n)).as_record(f"n{n}") for n in range(20)]
    hub.submit(*events)
    assert len(list(hub.journal.children())) == 20


def test_identifiers_that_failed_go_along_as_told(hub: Hub) -> None:
    concern = a_concern().from_health().about(replace(MIA, nhs_number="9990000019"))
    hub.submit(concern)
    values = {each.value for each in hub.body(concern, "mash-core").values}
    assert {"9990000019", IdentifierKind.NHS_NUMBER.value} <= values


def test_occurring_long_ago_is_no_reason_to_refuse(hub: Hub) -> None:
    assert hub.submit(a_concern().from_health().occurring(at("2019-01-05"))).accepted == 1
