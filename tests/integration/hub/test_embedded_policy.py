"""The shipped policy behind the exchange's own port: directory, catalogue, clocks, words."""

from datetime import timedelta

import pytest

from broker.core.partnership import Condition
from broker.ports.policy import NoVerdictError
from contracts.words import AgencyId, AgencyKind, Grade, Purpose, RecipientId, RecipientKind, RelationKind
from tests.support.builders import a_domestic_incident, a_pupil_enrolment, a_section_47
from tests.support.event_parts import at
from tests.support.hub import shipped_policy

POLICY = shipped_policy()


def test_the_directory_names_recipients_by_their_organisations() -> None:
    directory = POLICY.directory()
    school = directory.by_organisation("urn:999001")
    assert school is not None
    assert (school.recipient, school.kind, school.agency) == ("school-ashdown", RecipientKind.SCHOOL, "ashdown-primary")
    assert directory.front_door == "mash-core"
    assert directory.police == "police-mash"
    assert directory.education == "la-education"
    assert directory.health_visitor_by_practice["ods:Y90001"] == "hv-wrenshire"
    assert directory.greatest_age_days["school"] == 30


def test_agencies_are_known_with_their_own_codes_and_neighbours_too() -> None:
    agencies = POLICY.directory().agencies
    assert agencies[AgencyId("ashdown-primary")].organisation == "urn:999001"
    assert agencies[AgencyId("otherby-hospital")].kind is AgencyKind.HEALTH


def test_the_catalogue_tells_relations_purposes_and_conditions() -> None:
    entry = POLICY.catalogue(a_domestic_incident().event_type)
    assert entry.purpose_by_relation[RelationKind.SCHOOL] is Purpose.ENCOMPASS_NOTIFICATION
    assert entry.when[RelationKind.HEALTH_VISITOR] == (Condition.UNDER_FIVE,)
    assert entry.is_safeguarding
    assert not POLICY.catalogue(a_pupil_enrolment().event_type).is_safeguarding
    assert POLICY.catalogue(a_section_47().event_type).is_safeguarding


def test_about_an_event_type_that_the_catalogue_lacks_nothing_can_be_decided() -> None:
    with pytest.raises(NoVerdictError):
        POLICY.catalogue("uk.mash.police.drone.flown.v1")


def test_an_unknown_sender_is_no_public_authority() -> None:
    sender = POLICY.sender(AgencyId("nobody"))
    assert (sender.public_authority, sender.competent_authority, sender.policy_documents) == (False, False, ())
    assert POLICY.sender(AgencyId("wrenshire-police")).competent_authority


def test_clocks_run_by_the_agreement() -> None:
    sunday_night = at("2026-03-08", "22:50")
    assert POLICY.due("red", 0, sunday_night) == sunday_night + timedelta(hours=4)
    assert POLICY.due("red", 2, sunday_night) == sunday_night + timedelta(hours=2)
    assert POLICY.due("amber", 1, sunday_night) == at("2026-03-09", "09:30")


def test_questions_have_deciders_and_codes_have_words() -> None:
    assert "mash_manager" in POLICY.deciders("nursery.manager_decides")
    assert POLICY.deciders("nobody.decides") == ()
    assert POLICY.words("encompass.do_not_question").message
    assert POLICY.words("event.quarantined").message == "event: quarantined"


def test_somebody_covers_every_hour() -> None:
    assert str(POLICY.on_cover(Grade.RED, at("2026-03-09", "10:00"))) == "front door, 01632 960100"
    assert str(POLICY.on_cover(Grade.GREEN, at("2026-03-08", "22:50"))) == "emergency duty team, 01632 960101"
    assert POLICY.directory().recipients[RecipientId("mash-core")].phone
