"""Who a child is, said by keys that agree or by a person: all that is known of it joins, and can be parted again."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from broker.core.identity_acts import ActKind, IdentityAct
from broker.core.records import about_record, read_openings
from broker.core.sealing import unseal
from broker.runtimes.people import load_person_key
from broker.services.identity_by_people import CannotIdentifyError, Identified, SignedIdentity, sign_act
from contracts.delivery import Delivery
from contracts.words import Cause, ChildId, EventId, PersonId, RecipientId, Restriction
from tests.integration.services.test_reask import Exchange
from tests.support.builders import (
    EventBuilder,
    a_concern,
    a_demographics_change,
    a_pupil_enrolment,
    a_restriction,
    a_section_47,
    a_worker_allocation,
    an_emergency_attendance,
)
from tests.support.event_parts import MILL_LANE, at
from tests.support.homes import a_home, opened
from tests.support.people import MIA, MYA

CORE, POLICE, TEAM = (RecipientId(r) for r in ("mash-core", "police-mash", "csc-north-team"))
BY_NHS, BY_UPN = MIA.without_upn(), MIA.without_nhs_number()


@pytest.fixture(name="exchange")
def _exchange(tmp_path: Path) -> Iterator[Exchange]:
    settings = a_home(tmp_path)
    with opened(settings) as runtime:
        runtime.add_person("Sam", ("mash_practitioner@mash-core",))
        runtime.add_person("Lee", ("designated_safeguarding_lead@school-ashdown",))
        yield Exchange(settings, runtime)
        assert runtime.reconcile().differences == ()
        assert runtime.verify_ledger(against=None, tell=lambda _done, _total: None).finding is None
        assert runtime.hub.journal.reasks_due(runtime.clock.now(), 1) == []


def child_of(exchange: Exchange, event: EventBuilder) -> ChildId:
    """The identity record under which a report is kept."""
    stored = exchange.runtime.hub.journal.event(EventId(event.id))
    assert stored is not None
    assert stored.child is not None
    return stored.child


def standing(exchange: Exchange, event: EventBuilder) -> ChildId:
    known = exchange.runtime.hub.journal.known_child(child_of(exchange, event))
    assert known is not None
    return known.standing


def says(
    exchange: Exchange,
    kind: ActKind,
    other: EventBuilder,
    child: EventBuilder | None = None,
    *,
    person: str = "sam",
    role: str = "mash_practitioner",
    reason: str = "their mother was asked by telephone",
) -> Identified:
    """What a person says, signed with their own key, and all that follows."""
    runtime = exchange.runtime
    act = SignedIdentity(
        kind,
        None if child is None else child_of(exchange, child),
        child_of(exchange, other),
        PersonId(person),
        role,
        reason,
        runtime.clock.now(),
    )
    keyid, key = load_person_key(runtime.home, runtime.settings, person)
    done = runtime.hub.identify.run(sign_act(act, key, keyid=keyid))
    runtime.tick()
    return done


def told(exchange: Exchange, recipient: RecipientId, event: EventBuilder) -> Delivery:
    found = exchange.told(recipient, event)
    assert found is not None
    return found


def acts(exchange: Exchange, event: EventBuilder) -> list[IdentityAct]:
    return list(exchange.runtime.hub.journal.identity_acts(child_of(exchange, event)))


def test_two_checked_numbers_of_one_report_make_two_children_one(exchange: Exchange) -> None:
    one = an_emergency_attendance().about(BY_NHS)
    other = a_concern().from_school().about(BY_UPN)
    exchange.hears(one, other)
    assert standing(exchange, one) != standing(exchange, other)

    both = a_concern().from_police()
    exchange.hears(both)

    assert standing(exchange, one) == standing(exchange, other) == standing(exchange, both)
    [act] = acts(exchange, both)
    assert (act.kind, act.person, act.evidence) == (ActKind.MERGE, "", ("nhs_number", "upn"))
    found = exchange.runtime.hub.journal.record(act.record_id)
    assert found is not None
    record, leaf_index = found
    assert record.child is not None
    content = unseal(
        exchange.runtime.hub.keys.child_key(record.child), record.sealed, about=about_record(record.record_id)
    )
    assert read_openings(content)[1].content["moved"] == list(act.moved)
    assert leaf_index is not None
    assert len({told(exchange, CORE, each).child for each in (one, other, both)}) == 1
    assert len(exchange.runtime.recipients[CORE].store.children()) == 1
    [summary] = exchange.runtime.hub.journal.children()
    assert summary.events == 3


def test_children_whom_a_report_joins_though_they_differ_are_for_a_person(exchange: Exchange) -> None:
    one = an_emergency_attendance().about(BY_NHS)
    other = a_concern().from_school().about(replace(BY_UPN, forenames="Rosamund"))
    exchange.hears(one, other, a_concern().from_police())

    assert standing(exchange, one) != standing(exchange, other)
    [question] = [q for t in exchange.runtime.hub.journal.tasks() for q in t.questions if q.code == "identity.unsure"]
    assert set(question.detail["candidates"]) == {standing(exchange, one), standing(exchange, other)}


def test_what_is_learned_of_one_record_decides_about_the_other_once_they_are_one(exchange: Exchange) -> None:
    saturday = an_emergency_attendance().about(BY_NHS)
    exchange.hears(saturday, a_section_47().about(BY_UPN))
    assert exchange.told(POLICE, saturday) is None

    exchange.hears(a_concern().from_police())

    assert told(exchange, POLICE, saturday).kind == "share"
    last = exchange.runtime.hub.journal.decisions(EventId(saturday.id))[-1]
    assert "two records were found to be of one child" in last.asked_again


def test_a_report_linked_by_hand_goes_to_whoever_works_with_the_child(exchange: Exchange) -> None:
    doubtful = an_emergency_attendance().about(MYA)
    hers = an_emergency_attendance()
    exchange.hears(hers, a_worker_allocation(), doubtful)
    assert exchange.told(TEAM, doubtful) is None
    assert any(q.code == "identity.unsure" for t in exchange.runtime.hub.journal.tasks() for q in t.questions)

    says(exchange, ActKind.LINK, doubtful, hers)

    assert told(exchange, TEAM, doubtful).kind == "share"
    assert not told(exchange, CORE, doubtful).unmatched
    assert not any(q.code == "identity.unsure" for t in exchange.runtime.hub.journal.tasks() for q in t.questions)
    later = an_emergency_attendance().about(MYA)
    exchange.hears(later)
    assert standing(exchange, later) == standing(exchange, doubtful)


def test_an_unlinked_report_is_to_be_disregarded_by_whoever_was_told_it_of_the_other_child(exchange: Exchange) -> None:
    doubtful, hers = an_emergency_attendance().about(MYA), an_emergency_attendance()
    exchange.hears(hers, a_worker_allocation(), doubtful)
    says(exchange, ActKind.LINK, doubtful, hers)
    wrong = told(exchange, CORE, doubtful).child

    done = says(exchange, ActKind.UNLINK, doubtful)

    assert done.told >= 2
    team = told(exchange, TEAM, doubtful)
    assert (team.kind, team.cause) == ("retraction", Cause.DIFFERENT_CHILD)
    core = told(exchange, CORE, doubtful)
    assert (core.kind, core.unmatched) == ("share", False)
    assert core.child != wrong
    assert told(exchange, TEAM, hers).kind == "share"
    retracted = [k.delivery for k in exchange.runtime.recipients[CORE].store.deliveries(wrong) if k.delivery.cause]
    assert [each.cause for each in retracted] == [Cause.DIFFERENT_CHILD]
    later = an_emergency_attendance().about(MYA)
    exchange.hears(later)
    assert standing(exchange, later) == standing(exchange, doubtful) != standing(exchange, hers)


def test_whoever_knew_only_the_one_child_is_told_that_the_other_was_different(exchange: Exchange) -> None:
    mias, myas = a_concern().from_health(), a_concern().from_health().about(replace(MYA, birth_date=MIA.birth_date))
    exchange.hears(mias, myas, a_worker_allocation())
    says(exchange, ActKind.LINK, myas, mias)
    exchange.hears(a_section_47())
    assert told(exchange, TEAM, myas).kind == "share"

    says(exchange, ActKind.UNLINK, myas)

    assert told(exchange, TEAM, myas).cause is Cause.DIFFERENT_CHILD
    assert told(exchange, TEAM, mias).kind == "share"


def test_whom_a_person_has_parted_two_numbers_join_no_more(exchange: Exchange) -> None:
    one, other = an_emergency_attendance().about(BY_NHS), a_concern().from_school().about(BY_UPN)
    exchange.hears(one, other, a_concern().from_police())
    assert standing(exchange, one) == standing(exchange, other)
    says(exchange, ActKind.UNMERGE, one)
    assert standing(exchange, one) != standing(exchange, other)

    again = a_concern().from_charity()
    exchange.hears(again)

    assert standing(exchange, one) != standing(exchange, other)
    assert standing(exchange, again) not in {standing(exchange, one), standing(exchange, other)}


def test_a_doubtful_report_can_be_said_to_be_of_none_of_those_it_resembles(exchange: Exchange) -> None:
    doubtful, hers = an_emergency_attendance().about(MYA), an_emergency_attendance()
    exchange.hears(hers, doubtful)

    says(exchange, ActKind.UNLINK, doubtful)

    known = exchange.runtime.hub.journal.known_child(child_of(exchange, doubtful))
    assert known is not None
    assert not known.is_provisional
    assert not told(exchange, CORE, doubtful).unmatched
    assert not any(q.code == "identity.unsure" for t in exchange.runtime.hub.journal.tasks() for q in t.questions)


@pytest.mark.parametrize(
    "changes,code",
    [
        ({"reason": " "}, "identify.no_reason"),
        ({"role": "mash_manager"}, "identify.not_yours"),
        ({"person": "lee", "role": "designated_safeguarding_lead"}, "identify.not_yours"),
    ],
    ids=["no reason", "not their role", "a role that may not"],
)
def test_only_a_named_role_with_a_reason_says_who_a_child_is(
    exchange: Exchange, changes: dict[str, str], code: str
) -> None:
    doubtful, hers = an_emergency_attendance().about(MYA), an_emergency_attendance()
    exchange.hears(hers, doubtful)

    with pytest.raises(CannotIdentifyError) as refused:
        says(exchange, ActKind.LINK, doubtful, hers, **changes)

    assert refused.value.code == code
    assert standing(exchange, doubtful) != standing(exchange, hers)


def test_what_is_one_already_is_not_joined_and_what_nobody_joined_not_parted(exchange: Exchange) -> None:
    doubtful, hers = an_emergency_attendance().about(MYA), an_emergency_attendance()
    exchange.hears(hers, doubtful)
    with pytest.raises(CannotIdentifyError, match="one child already"):
        says(exchange, ActKind.MERGE, hers, hers)
    with pytest.raises(CannotIdentifyError, match="joined"):
        says(exchange, ActKind.UNMERGE, hers)


def test_nobody_is_joined_to_whom_an_adoption_protects(exchange: Exchange) -> None:
    doubtful, hers = an_emergency_attendance().about(MYA), an_emergency_attendance()
    exchange.hears(hers, doubtful, a_restriction(Restriction.ADOPTION))

    with pytest.raises(CannotIdentifyError) as refused:
        says(exchange, ActKind.LINK, doubtful, hers)

    assert refused.value.code == "identify.not_yours"


def test_a_known_place_is_no_new_place_to_another_record_of_the_child(exchange: Exchange) -> None:
    one = an_emergency_attendance().about(BY_NHS).living_at(MILL_LANE)
    other = a_concern().from_school().about(BY_UPN).living_at(MILL_LANE)
    exchange.hears(a_pupil_enrolment().about(BY_UPN), one, other, a_concern().from_police())

    exchange.hears(a_restriction().about(BY_NHS))
    again = a_concern().from_school().about(BY_UPN).living_at(MILL_LANE)
    exchange.hears(again)

    assert told(exchange, CORE, again).kind == "share"


NEW_NUMBER = "9990000034"


@pytest.mark.parametrize("known_by", ["the old number", "both numbers"])
def test_whoever_names_a_child_by_its_old_number_or_its_new_one_names_one_child(
    exchange: Exchange, known_by: str
) -> None:
    assert BY_NHS.nhs_number is not None
    by_old = an_emergency_attendance().about(BY_NHS)
    by_new = a_concern().from_police().about(BY_NHS.with_nhs_number(NEW_NUMBER)).occurring(at("2026-03-08", "21:00"))
    is_known_twice = known_by == "both numbers"
    exchange.hears(by_old, *((by_new,) if is_known_twice else ()))
    replaced = a_demographics_change().about(BY_NHS.with_nhs_number(NEW_NUMBER))
    exchange.hears(replaced.saying(superseded=(BY_NHS.nhs_number,)))
    later = [
        agency.about(child).occurring(at("2026-03-08", f"22:{minute}"))
        for minute, (agency, child) in enumerate(
            (
                (a_concern().from_health(), BY_NHS.with_nhs_number(NEW_NUMBER)),
                (a_concern().from_police(), BY_NHS),
                (a_concern().from_health(), BY_NHS),
                (a_concern().from_police(), BY_NHS.with_nhs_number(NEW_NUMBER)),
                (a_concern().from_school(), BY_NHS),
                (a_concern().from_school(), BY_NHS.with_nhs_number(NEW_NUMBER)),
            ),
            start=10,
        )
    ]
    exchange.hears(*later)
    assert len({standing(exchange, each) for each in (by_old, replaced, *later)}) == 1
    if is_known_twice:
        assert standing(exchange, by_new) == standing(exchange, by_old)
    assert not [
        q for task in exchange.runtime.hub.journal.tasks() for q in task.questions if q.code == "identity.unsure"
    ]
