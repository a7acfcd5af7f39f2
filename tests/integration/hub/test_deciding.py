"""People decide: a signed answer becomes a fact in a new question; asking again is quiet where nothing changed."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from broker.core.outcome import RecordKind, TaskQuestion
from broker.drivers.opa.embedded import EmbeddedPolicy
from broker.ports.people import PersonEntry
from broker.ports.policy import NoVerdictError
from broker.services.accept import Accept
from broker.services.ask_again import AskAgain, CannotAskAgainError
from broker.services.decide_task import CannotDecideError, DecideTask, SignedAnswer, sign_answer
from broker.services.reask import AskPastAgain
from broker.services.request import CannotRequestError, Request, WantedInformation
from contracts.signing import PublicKeyEntry
from contracts.words import (
    AgencyId,
    ChildId,
    DataCategory,
    EventId,
    Form,
    Grade,
    PersonId,
    Purpose,
    RecipientId,
    RequestedUnder,
)
from tests.support.builders import (
    EventBuilder,
    a_concern,
    a_domestic_incident,
    a_section_47,
    an_emergency_attendance,
    an_information_request,
)
from tests.support.event_parts import LARCH_HOUSE_GUARDED, VENDOR, a_fact
from tests.support.hub import MONDAY, Hub, SilentPolicy, shipped_policy
from tests.support.people import MIA, THEO
from tests.support.settled_children import settled
from tests.support.signing_keys import KEYS_VALID_FROM

MANAGER = PersonId("ruth-kaye")
KEY = Ed25519PrivateKey.from_private_bytes(b"m" * 32)
OTHER_KEY = Ed25519PrivateKey.from_private_bytes(b"o" * 32)
ROLES = frozenset({"mash_manager", "mash_practitioner"})


class Registered:
    """One person who is registered, and nobody else."""

    def person(self, person: PersonId) -> PersonEntry | None:
        """Ruth Kaye, a MASH manager."""
        if person != MANAGER:
            return None
        return PersonEntry(person, ROLES, PublicKeyEntry("ruth:decisions", person, KEY.public_key(), KEYS_VALID_FROM))


@pytest.fixture
def hub(tmp_path: Path) -> Hub:
    policy = shipped_policy()
    assert isinstance(policy, EmbeddedPolicy)
    return Hub.in_folder(tmp_path, policy=SilentPolicy(policy))


def deciding(hub: Hub) -> DecideTask:
    return DecideTask(hub.journal, hub.keys, hub.policy, hub.clock, hub.ids, Registered())


def asking(hub: Hub) -> AskAgain:
    return AskAgain(hub.journal, hub.keys, hub.policy, hub.clock, hub.ids)


def questions(hub: Hub, code: str) -> list[TaskQuestion]:
    return [q for task in hub.journal.tasks() for q in task.questions if q.code == code]


def answer(hub: Hub, question: TaskQuestion, *, granted: bool = True, role: str = "mash_manager") -> SignedAnswer:
    unsigned = SignedAnswer(question.question_id, MANAGER, role, granted, "The nursery needs to know", hub.clock.now())
    return sign_answer(unsigned, KEY, keyid="ruth:decisions")


@pytest.fixture
def nursery(hub: Hub) -> tuple[EventBuilder, TaskQuestion]:
    settled(hub, THEO)
    event = a_domestic_incident().about(THEO).graded(Grade.RED).saying(both_parties_16_or_over=True)
    hub.submit(event)
    (question,) = questions(hub, "nursery.manager_decides")
    return event, question


def test_a_managers_yes_is_a_new_decision_to_share_with_its_own_record(
    hub: Hub, nursery: tuple[EventBuilder, TaskQuestion]
) -> None:
    event, question = nursery
    decisions = deciding(hub).run(answer(hub, question))
    assert [(d.recipient, d.effect.value, d.asked_again) for d in decisions] == [
        ("nursery-acorn", "share", "decided by mash_manager")
    ]
    assert hub.body(event, "nursery-acorn").asked_again == "decided by a person", "who it was may be the secret"
    assert questions(hub, "nursery.manager_decides") == []
    kinds = [record.kind for record, _ in hub.journal.records(event=EventId(event.id))]
    assert RecordKind.APPROVAL in kinds
    assert hub.effects(event)["school-ashdown" if "school-ashdown" in hub.effects(event) else "mash-core"] == "share"


def test_a_managers_no_withholds_and_is_recorded(hub: Hub, nursery: tuple[EventBuilder, TaskQuestion]) -> None:
    event, question = nursery
    deciding(hub).run(answer(hub, question, granted=False))
    assert hub.effects(event)["nursery-acorn"] == "withhold"
    assert "nursery-acorn" not in hub.bodies(event)


def test_deciding_a_part_sends_a_second_revision_with_that_part(hub: Hub) -> None:
    settled(hub)
    event = a_section_47().living_at(LARCH_HOUSE_GUARDED)
    hub.submit(event)
    assert "Larch House" not in hub.body(event, "csc-north-team").model_dump_json()
    (question,) = [q for q in questions(hub, "minimise.restricted_address") if q.recipient == "csc-north-team"]
    assert question.scope == DataCategory.ID_RESTRICTED_ADDRESS
    first = hub.body(event, "csc-north-team")
    deciding(hub).run(answer(hub, question))
    second = hub.body(event, "csc-north-team")
    assert second.revision > first.revision
    assert second.revises == first.delivery_id
    assert "Larch House" in {value.value for value in second.values if value.form is Form.GIVE}
    assert "Larch House" not in hub.body(event, "police-mash").model_dump_json()


@pytest.mark.parametrize(
    "change,code",
    [
        ({"role": "duty_manager"}, "task.not_yours"),
        ({"role": "mash_practitioner"}, "task.not_yours"),
        ({"reason": "  "}, "task.no_reason"),
        ({"question_id": "0" * 32}, "task.unknown"),
        ({"person": PersonId("somebody-else")}, "task.signature"),
        ({"at": MONDAY - timedelta(days=1)}, "task.signature"),
    ],
)
def test_an_answer_that_is_not_this_persons_to_give_is_not_taken(
    hub: Hub, nursery: tuple[EventBuilder, TaskQuestion], change: dict[str, object], code: str
) -> None:
    event, question = nursery
    unsigned = replace(answer(hub, question), **change)  # type: ignore[arg-type]
    with pytest.raises(CannotDecideError) as caught:
        deciding(hub).run(sign_answer(unsigned, KEY, keyid="ruth:decisions"))
    assert caught.value.code == code
    assert hub.effects(event)["nursery-acorn"] == "ask"
    assert questions(hub, "nursery.manager_decides") == [question]


def test_an_answer_changed_after_signing_or_signed_by_another_is_not_taken(
    hub: Hub, nursery: tuple[EventBuilder, TaskQuestion]
) -> None:
    _, question = nursery
    signed = answer(hub, question, granted=False)
    for forged in (replace(signed, granted=True), sign_answer(signed, OTHER_KEY, keyid="ruth:decisions")):
        with pytest.raises(CannotDecideError) as caught:
            deciding(hub).run(forged)
        assert caught.value.code == "task.signature"


def test_a_question_is_answered_once(hub: Hub, nursery: tuple[EventBuilder, TaskQuestion]) -> None:
    _, question = nursery
    deciding(hub).run(answer(hub, question))
    with pytest.raises(CannotDecideError):
        deciding(hub).run(answer(hub, question))


def test_with_the_engine_down_an_answer_leaves_no_trace(hub: Hub, nursery: tuple[EventBuilder, TaskQuestion]) -> None:
    _, question = nursery
    assert isinstance(hub.policy, SilentPolicy)
    hub.policy.is_down = True
    with pytest.raises(NoVerdictError):
        deciding(hub).run(answer(hub, question))
    assert questions(hub, "nursery.manager_decides") == [question]


def recipients(names: Iterable[str]) -> set[RecipientId]:
    return {RecipientId(each) for each in names}


def test_asking_again_is_quiet_where_nothing_changed(hub: Hub) -> None:
    settled(hub)
    event = a_concern().from_school().graded(Grade.AMBER)
    hub.submit(event)
    before = dict(hub.journal.counts())
    asking(hub).run({EventId(event.id): recipients(hub.effects(event))}, why="the worker changed")
    assert dict(hub.journal.counts()) == before


def test_what_police_were_not_told_reaches_them_once_section_47_starts(hub: Hub) -> None:
    settled(hub, THEO)
    attendance = an_emergency_attendance().about(THEO)
    hub.submit(attendance)
    assert hub.effects(attendance)["police-mash"] == "withhold"
    hub.submit(a_section_47().about(THEO))
    asking(hub).run({EventId(attendance.id): recipients(hub.effects(attendance))}, why="section 47 started")
    assert hub.effects(attendance)["police-mash"] == "share"
    assert hub.journal.decisions(EventId(attendance.id))[-1].asked_again == "section 47 started"
    assert hub.body(attendance, "police-mash").asked_again == "what is known has changed", "that may be the secret"


def test_an_event_that_is_not_there_cannot_be_asked_again(hub: Hub) -> None:
    with pytest.raises(CannotAskAgainError):
        asking(hub).run({EventId("0" * 32): {RecipientId("police-mash")}}, why="test")


def test_of_several_the_one_that_cannot_be_asked_about_keeps_none_waiting(hub: Hub) -> None:
    settled(hub, THEO)
    attendance = an_emergency_attendance().about(THEO)
    hub.submit(attendance)
    hub.submit(a_section_47().about(THEO))
    police = {RecipientId("police-mash")}
    with pytest.raises(CannotAskAgainError):
        asking(hub).run({EventId("0" * 32): police, EventId(attendance.id): police}, why="section 47 started")
    assert hub.effects(attendance)["police-mash"] == "share"


def test_a_delivery_that_had_not_left_is_superseded_by_the_new_decision(hub: Hub) -> None:
    settled(hub)
    event = a_section_47().living_at(LARCH_HOUSE_GUARDED)
    hub.submit(event)
    (question,) = [q for q in questions(hub, "minimise.restricted_address") if q.recipient == "csc-north-team"]
    deciding(hub).run(answer(hub, question))
    assert RecordKind.CORRECTION in {record.kind for record, _ in hub.journal.records(event=EventId(event.id))}
    past = AskPastAgain(hub.journal, hub.keys, hub.policy, hub.clock, hub.ids)
    while (turn := past.run()).asked or turn.finished:
        pass
    placed = [(pending.record_id, index) for index, pending in enumerate(hub.journal.pending_records(1000))]
    hub.journal.mark_sequenced(placed)
    waiting = hub.journal.releasable(below=len(placed), now=hub.clock.now(), limit=1000)
    revisions = [each.revision for each in waiting if each.recipient == "csc-north-team" and each.event_id == event.id]
    assert len(revisions) == 1


def test_a_vendor_that_asks_for_marketing_is_refused_and_the_data_protection_officer_told(hub: Hub) -> None:
    settled(hub)
    request = (
        an_information_request()
        .by(VENDOR)
        .about(MIA)
        .saying(asked_by=VENDOR, role="supplier", asked_of="wrenshire-mash", purpose="marketing")
    )
    hub.submit(request)
    assert hub.effects(request) == {"pennine-app": "withhold"}
    assert {q.owner for q in questions(hub, "tell.dpo")} == {"data_protection_officer"}
    assert hub.journal.deliveries(recipient=RecipientId("pennine-app")) == []
    told = len(questions(hub, "tell.dpo"))
    hub.submit(request.as_record("again"))
    assert len(questions(hub, "tell.dpo")) == told


def test_a_vendors_request_teaches_nothing_about_a_child(hub: Hub) -> None:
    settled(hub)
    before = hub.journal.counts()
    hub.submit(an_information_request().by(VENDOR).saying(asked_by=VENDOR, purpose="marketing"))
    after = hub.journal.counts()
    assert {name: after[name] for name in after if "fact" in name or "link" in name} == {
        name: before[name] for name in before if "fact" in name or "link" in name
    }


def wanted(hub: Hub, **changes: object) -> WantedInformation:
    child = next(iter(hub.journal.children())).known.child
    asked = WantedInformation(
        child=child,
        by=RecipientId("police-mash"),
        person=MANAGER,
        role="police_mash_practitioner",
        purpose=Purpose.CHILD_PROTECTION_ENQUIRY,
        grounds="Strategy discussion under section 47",
    )
    return replace(asked, **changes)  # type: ignore[arg-type]


def test_what_was_not_shared_is_given_to_who_asks_with_a_ground(hub: Hub) -> None:
    settled(hub)
    concern = a_concern().from_school().with_entries(a_fact(DataCategory.EDU_CONCERN, "neglect"))
    hub.submit(concern)
    hub.submit(a_section_47())
    assert "gp-elm-street" not in hub.effects(concern)
    practice = wanted(hub, by=RecipientId("gp-elm-street"), role="practice_safeguarding_lead")
    requested = Request(hub.needs, Accept(hub.needs)).run(practice)
    assert requested.decision.effect.value == "share"
    assert concern.id in {d.event_id for d in requested.answers}
    body = hub.body(concern, "gp-elm-street")
    assert body.asked_again == "requested by gp-elm-street"
    assert body.purpose is Purpose.CHILD_PROTECTION_ENQUIRY


@pytest.mark.parametrize("under, duty", [(None, "may"), ("CA2004-16H", "must")])
def test_who_asks_under_a_statute_is_answered_as_a_duty(hub: Hub, under: RequestedUnder | None, duty: str) -> None:
    settled(hub)
    team = wanted(hub, by=RecipientId("csc-north-team"), role="allocated_worker", purpose=Purpose.SAFEGUARDING)
    requested = Request(hub.needs, Accept(hub.needs)).run(replace(team, under=under))
    assert {each.verdict.duty for each in requested.answers if each.effect.value == "share"} == {duty}
    named = {each.verdict.basis.gateway for each in requested.answers}
    assert (named == {"CA2004-16H"}) is (under == "CA2004-16H")


def test_a_request_without_a_ground_waits_for_a_manager(hub: Hub) -> None:
    settled(hub, THEO)
    requested = Request(hub.needs, Accept(hub.needs)).run(wanted(hub, grounds=""))
    assert requested.decision.effect.value == "ask"
    assert requested.answers == ()
    assert len(questions(hub, "answer.no_grounds")) == 1


def test_nobody_can_ask_about_an_unknown_child_or_as_nobody(hub: Hub) -> None:
    settled(hub)
    request = Request(hub.needs, Accept(hub.needs))
    with pytest.raises(CannotRequestError):
        request.run(wanted(hub, child=ChildId("0" * 32)))
    with pytest.raises(CannotRequestError):
        request.run(wanted(hub, by=RecipientId("nobody")))
    assert request.run(wanted(hub, asked_of=AgencyId("wrenshire-council"))).event_id
