"""Which child an event is about: keys that agree link, doubt goes to a person, adoption is a firewall."""

from dataclasses import replace
from datetime import date

import pytest

from broker.core.identity import (
    AGENCY,
    Alike,
    Claim,
    Demographics,
    Doubtful,
    Index,
    Joins,
    Link,
    Linked,
    New,
    claim,
    resolve,
)
from broker.core.names import first_of, normalised, within_two_edits
from contracts.payload import Payload
from contracts.words import CheckResult, ChildId, PersonRole, Sex
from tests.support.builders import EventBuilder, a_concern, a_demographics_change
from tests.support.event_parts import MILL_LANE
from tests.support.people import DANA, MIA, MYA, THEO, UNBORN, FictionalChild

SECRET = b"identity secret"
KNOWN = ChildId("child-1")
OTHER = ChildId("child-2")


def claimed(event: EventBuilder, school: str = "") -> Claim:
    payload = event.payload()
    assert isinstance(payload, Payload)
    return claim(event.envelope(), payload, secret=SECRET, school=school)


def known_by(before: Claim, child: ChildId = KNOWN) -> dict[Link, ChildId]:
    return dict.fromkeys((*before.links, before.agency_link), child)


def alike(before: Claim, child: ChildId = KNOWN) -> tuple[Alike, ...]:
    return (Alike(child, before.demographics),)


def test_a_child_nobody_has_told_of_is_new() -> None:
    found = resolve(claimed(a_concern().from_police()), Index({}))
    assert isinstance(found, New)
    assert {kind for kind, _ in found.links} == {"nhs_number", "upn", "agency", "name"}


def test_the_same_checked_nhs_number_and_birth_date_link_whatever_the_name() -> None:
    before = claimed(a_concern().from_health())
    renamed = replace(MIA, forenames="Amelia", surname="Doyle", upn=None)
    found = resolve(claimed(a_concern().from_police().about(renamed)), Index(known_by(before)))
    assert isinstance(found, Linked)
    assert found.child == KNOWN
    assert AGENCY in {kind for kind, _ in found.links}


def test_a_number_that_failed_its_check_links_nobody() -> None:
    assert "nhs_number" not in {kind for kind, _ in claimed(a_concern().from_police().about(MYA)).links}


def test_a_upn_with_another_birth_date_is_another_child() -> None:
    before = claimed(a_concern().from_school())
    sibling = replace(THEO, upn=MIA.upn, nhs_number=None)
    assert isinstance(resolve(claimed(a_concern().from_school().about(sibling)), Index(known_by(before))), New)


def test_a_similar_name_with_a_failing_number_goes_to_a_person() -> None:
    before = claimed(a_concern().from_health())
    found = resolve(claimed(a_concern().from_police().about(MYA)), Index({}, alike(before)))
    assert found == Doubtful(
        (KNOWN,), "identity.similar", (claimed(a_concern().from_police().about(MYA)).provisional_link,)
    )


def test_checked_numbers_that_differ_tell_similar_children_apart() -> None:
    before = claimed(a_concern().from_health())
    twin = MYA.with_nhs_number("9990000034").without_upn()
    found = resolve(claimed(a_concern().from_police().about(twin)), Index({}, alike(before)))
    assert isinstance(found, New)


def test_name_birth_date_and_postcode_are_enough_for_one_child() -> None:
    nameless_numbers = MIA.without_nhs_number().without_upn()
    before = claimed(a_concern().from_health().living_at(MILL_LANE))
    after = claimed(a_concern().from_police().about(nameless_numbers).living_at(MILL_LANE))
    found = resolve(after, Index(known_by(before), alike(before)))
    assert isinstance(found, Linked)
    assert found.child == KNOWN


def test_name_and_birth_date_alone_go_to_a_person() -> None:
    before = claimed(a_concern().from_health().living_at(MILL_LANE))
    after = claimed(a_concern().from_police().about(MIA.without_nhs_number().without_upn()))
    found = resolve(after, Index({link: KNOWN for link in before.links if link in after.links}))
    assert isinstance(found, Doubtful)
    assert found.candidates == (KNOWN,)


@pytest.mark.parametrize("corroborated_by", ["school", "parent"])
def test_a_school_or_a_parent_with_birth_date_corroborates_too(corroborated_by: str) -> None:
    child = MIA.without_nhs_number().without_upn()
    one, two = a_concern().from_health().about(child), a_concern().from_police().about(child)
    if corroborated_by == "parent":
        one, two = one.with_people(DANA), two.with_people(DANA)
    school = "urn:999001" if corroborated_by == "school" else ""
    before, after = claimed(one, school), claimed(two, school)
    assert resolve(after, Index(known_by(before), alike(before))) == Linked(KNOWN, (after.agency_link,))


def test_a_corroborated_name_does_not_link_against_a_checked_number() -> None:
    before = claimed(a_concern().from_health().living_at(MILL_LANE))
    other = MIA.with_nhs_number("9990000034").without_upn()
    after = claimed(a_concern().from_police().about(other).living_at(MILL_LANE))
    assert isinstance(resolve(after, Index(known_by(before), alike(before))), New)


def two_children(one: FictionalChild, other: FictionalChild) -> tuple[Claim, Index]:
    """A report with Mia's two checked numbers, where each number is known as another child's."""
    report = claimed(a_concern().from_police())
    nhs, upn = report.links[0], report.links[1]
    known = alike(claimed(a_concern().from_health().about(one))) + alike(
        claimed(a_concern().from_school().about(other)), OTHER
    )
    return report, Index({nhs: KNOWN, upn: OTHER}, known)


def test_two_checked_numbers_join_the_children_that_they_name() -> None:
    report, index = two_children(MIA.without_upn(), MIA.without_nhs_number())
    assert resolve(report, index) == Joins((KNOWN, OTHER))


@pytest.mark.parametrize(
    "other",
    [
        replace(MIA, sex=Sex.MALE),
        replace(MIA, forenames="Rosamund"),
        MIA.with_nhs_number("9990000034"),
    ],
    ids=["sex", "forename", "number"],
)
def test_two_children_whom_something_tells_apart_go_to_a_person(other: FictionalChild) -> None:
    report, index = two_children(MIA.without_upn(), other)
    found = resolve(report, index)
    assert isinstance(found, Doubtful)
    assert set(found.candidates) == {KNOWN, OTHER}
    assert found.why == "identity.links_disagree"


def test_two_children_of_whom_only_one_number_is_checked_go_to_a_person() -> None:
    report = claimed(a_concern().from_police())
    found = resolve(report, Index({report.links[0]: KNOWN, report.agency_link: OTHER}))
    assert isinstance(found, Doubtful)


def test_whom_a_person_has_parted_no_number_joins() -> None:
    report, index = two_children(MIA.without_upn(), MIA.without_nhs_number())
    found = resolve(report, replace(index, parted=frozenset({frozenset({KNOWN, OTHER})})))
    assert isinstance(found, Doubtful)


def test_nobody_behind_the_adoption_firewall_is_joined_or_named() -> None:
    report, index = two_children(MIA.without_upn(), MIA.without_nhs_number())
    found = resolve(report, replace(index, firewalled=frozenset({OTHER})))
    assert isinstance(found, Doubtful)
    assert (found.candidates, found.why) == ((), "identity.firewall")


def test_what_a_person_has_decided_of_an_agencys_record_holds_for_its_later_reports() -> None:
    before = claimed(a_concern().from_health())
    mya = claimed(a_concern().from_police().about(MYA))
    found = resolve(mya, Index({mya.provisional_link: OTHER}, alike(before)))
    assert isinstance(found, Linked)
    assert found.child == OTHER
    number = claimed(a_concern().from_police().about(replace(MYA, nhs_number_check=CheckResult.PASSED)))
    found = resolve(number, Index({number.provisional_link: OTHER, number.links[0]: KNOWN}))
    assert isinstance(found, Doubtful)
    assert (set(found.candidates), found.child) == ({KNOWN, OTHER}, None)


def test_the_agencys_own_id_links_unless_a_checked_number_contradicts() -> None:
    before = claimed(a_concern().from_police())
    plain = claimed(a_concern().from_police().about(MIA.without_nhs_number().without_upn()))
    assert isinstance(resolve(plain, Index({plain.agency_link: KNOWN}, alike(before))), Linked)
    other = claimed(a_concern().from_police().about(MIA.with_nhs_number("9990000034").without_upn()))
    found = resolve(other, Index({other.agency_link: KNOWN}, alike(before)))
    assert isinstance(found, Doubtful)
    assert found.why == "identity.number_contradicts"


def test_behind_the_adoption_firewall_only_the_own_agency_finds_the_child() -> None:
    before = claimed(a_concern().from_health())
    index = Index(known_by(before), alike(before), firewalled=frozenset({KNOWN}))
    found = resolve(claimed(a_concern().from_police()), index)
    assert isinstance(found, Doubtful)
    assert found.candidates == ()
    assert isinstance(resolve(claimed(a_concern().from_health()), index), Linked)


def test_an_unborn_child_is_known_by_expected_date_and_mother() -> None:
    mother = DANA.model_copy(update={"role": PersonRole.MOTHER})
    before = claimed(a_concern().from_health().about(UNBORN).with_people(mother))
    after = claimed(a_concern().from_police().about(UNBORN).with_people(mother))
    assert resolve(after, Index(known_by(before))) == Linked(KNOWN, (after.agency_link,))
    later = replace(UNBORN, expected_date=date(2026, 9, 1))
    assert isinstance(
        resolve(claimed(a_concern().from_police().about(later).with_people(mother)), Index(known_by(before))), New
    )


def test_without_any_date_a_person_decides() -> None:
    nobody = FictionalChild("unknown", "Mia", "Marsh")
    found = resolve(claimed(a_concern().from_police().about(nobody)), Index({}))
    assert isinstance(found, Doubtful)
    assert found.why == "identity.no_birth_date"


def test_an_earlier_doubt_keeps_its_provisional_child() -> None:
    before = claimed(a_concern().from_health())
    mya = claimed(a_concern().from_police().about(MYA))
    found = resolve(mya, Index({mya.provisional_link: OTHER}, alike(before), provisional=frozenset({OTHER})))
    assert isinstance(found, Doubtful)
    assert (found.child, found.links) == (OTHER, ())


def test_a_superseded_number_still_means_the_child() -> None:
    before = claimed(a_concern().from_health().about(MIA.without_upn()))
    merged = MIA.with_nhs_number("9990000034").without_upn()
    after = claimed(a_demographics_change().about(merged).saying(superseded=("999 000 0018",)))
    found = resolve(after, Index({before.links[0]: KNOWN}, alike(before)))
    assert isinstance(found, Linked)


def test_demographics_are_read_back_as_written() -> None:
    demographics = claimed(a_concern().from_police()).demographics
    assert Demographics.read(demographics.content()) == demographics


def test_names_are_compared_without_case_accents_and_signs() -> None:
    assert normalised("O'Brien-Şahin") == normalised("obrien sahin")
    assert first_of("Mia Rose") == "mia"
    assert first_of(None) == ""


@pytest.mark.parametrize(
    "one,other,near",
    [
        ("mia", "mya", True),
        ("mia", "mia", True),
        ("thoe", "theo", True),
        ("jonas", "jo", False),
        ("craig", "dana", False),
    ],
)
def test_two_edits_are_a_change_a_drop_a_new_letter_or_a_swap(one: str, other: str, *, near: bool) -> None:
    assert within_two_edits(one, other) is near
