"""What each recipient gets of a whole event: the weekend's cases, from a signed event to the bytes that leave."""

from pathlib import Path

import pytest

from contracts.delivery import Delivery
from contracts.words import Form, Grade, RecipientKind, Restriction
from tests.support.builders import (
    EventBuilder,
    a_concern,
    a_domestic_incident,
    a_gp_registration,
    a_restriction,
    a_section_47,
    an_attendance_at_otherby,
    an_emergency_attendance,
)
from tests.support.event_parts import LARCH_HOUSE, MILL_LANE, an_allegation, at, child_words, released_to
from tests.support.hub import Hub
from tests.support.people import ASHA_BELL, CRAIG, DANA, MR_ORME, THE_FRIEND, THEO
from tests.support.settled_children import HARBOUR_PRACTICE, settled


@pytest.fixture
def hub(tmp_path: Path) -> Hub:
    return Hub.in_folder(tmp_path)


def told(delivery: Delivery) -> set[str]:
    return {str(value.value) for value in delivery.values}


def incident() -> EventBuilder:
    return (
        a_domestic_incident()
        .graded(Grade.RED)
        .occurring(at("2026-03-08", "22:50"))
        .living_at(MILL_LANE)
        .with_people(DANA, CRAIG, MR_ORME)
        .with_entries(an_allegation("Mr Orme heard Craig shout and a child cry", code="assault"))
        .saying(both_parties_16_or_over=True)
    )


def test_an_academys_concern_is_shared_without_the_parents_and_without_the_friends_name(hub: Hub) -> None:
    settled(hub)
    words = child_words("Mum was crying. I told Ellie and she said tell Miss Nair.", code="disclosure")
    concern = a_concern().from_school().graded(Grade.AMBER).with_people(THE_FRIEND).with_entries(words)
    hub.submit(concern)
    assert hub.effects(concern)["mash-core"] == "share"
    given = told(hub.body(concern, "mash-core"))
    assert "disclosure" in given
    assert not any("Ellie" in value for value in given)
    assert "Byrne" not in given


def test_the_childs_words_reach_a_school_only_as_the_sender_wrote_them_for_it(hub: Hub) -> None:
    settled(hub)
    words = released_to(child_words("Craig hit mum", code="disclosure"), RecipientKind.SCHOOL, "She is frightened")
    event = a_domestic_incident().with_entries(words).saying(both_parties_16_or_over=True)
    hub.submit(event)
    school = told(hub.body(event, "school-ashdown"))
    assert "She is frightened" in school
    assert "Craig hit mum" not in school
    assert "Craig hit mum" in told(hub.body(event, "mash-core"))
    assert "Craig hit mum" not in told(hub.body(event, "gp-elm-street"))


def test_after_an_incident_the_own_school_hears_key_facts_and_the_neighbours_name_stays_with_police(hub: Hub) -> None:
    settled(hub)
    event = incident()
    hub.submit(event)
    bodies = hub.bodies(event)
    assert "Orme" in told(bodies["police-mash"])
    for recipient, body in bodies.items():
        if recipient != "police-mash":
            assert not any("Orme" in value for value in told(body)), recipient
    school = bodies["school-ashdown"]
    assert {value.form for value in school.values if value.category == "police.incident"} == {Form.SUMMARY}
    assert "Doyle" not in told(school)
    assert {o.code for o in school.obligations} >= {"encompass.do_not_question", "encompass.do_not_contact_home"}


def test_a_private_nursery_waits_for_a_managers_decision(hub: Hub) -> None:
    settled(hub, THEO)
    event = a_domestic_incident().about(THEO).saying(both_parties_16_or_over=True)
    hub.submit(event)
    assert hub.effects(event)["nursery-acorn"] == "ask"
    assert "nursery.manager_decides" in {q.code for t in hub.journal.tasks() for q in t.questions}


def test_an_arm_injury_reaches_duty_team_worker_practice_and_health_visitor_but_not_police(hub: Hub) -> None:
    settled(hub, THEO)
    event = an_emergency_attendance().about(THEO).saying(left_before_seen=True)
    hub.submit(event)
    effects = hub.effects(event)
    assert {name for name, effect in effects.items() if effect == "share"} == {
        "mash-core",
        "csc-north-team",
        "gp-elm-street",
        "hv-wrenshire",
    }
    assert effects["police-mash"] == "withhold"


def moved() -> EventBuilder:
    return (
        a_gp_registration()
        .saying(practice=HARBOUR_PRACTICE, practice_code=HARBOUR_PRACTICE["code"])
        .occurring(at("2026-03-09", "06:40"))
        .living_at(LARCH_HOUSE)
    )


def test_a_hidden_move_reaches_the_front_door_and_others_hear_whom_to_ask(hub: Hub) -> None:
    settled(hub)
    hub.submit(incident())
    event = moved()
    hub.submit(event)
    bodies = hub.bodies(event)
    assert {"Larch House", "Y90002"} <= told(bodies["mash-core"])
    for recipient, body in bodies.items():
        if recipient == "mash-core":
            continue
        text = body.model_dump_json()
        for secret in ("Larch House", "Quarry Road", "ZZ99 9LH", "Y90002", "Harbour"):
            assert secret not in text, recipient
        tokens = [value for value in body.values if value.form is Form.TOKEN]
        assert tokens, recipient
        assert "contact through Asha Bell" in str(tokens[0].value)
    assert "gp-harbour" not in bodies
    assert {"csc-north-team", "school-ashdown", "gp-elm-street"} <= set(bodies)


def test_once_guarded_the_new_address_stays_guarded_in_the_next_event(hub: Hub) -> None:
    settled(hub)
    hub.submit(incident())
    hub.submit(moved())
    event = (
        a_section_47().living_at(LARCH_HOUSE.model_copy(update={"is_new": False})).recorded(at("2026-03-09", "07:10"))
    )
    hub.submit(event)
    for recipient, body in hub.bodies(event).items():
        if recipient != "mash-core":
            assert "Larch House" not in body.model_dump_json(), recipient


def test_a_restricted_address_is_kept_back_even_where_it_was_known(hub: Hub) -> None:
    settled(hub)
    hub.submit(a_restriction(Restriction.RESTRICTED_ADDRESS))
    event = a_section_47().living_at(MILL_LANE)
    hub.submit(event)
    assert "4 Mill Lane" not in hub.body(event, "school-ashdown").model_dump_json()


def test_text_that_gives_a_guarded_address_away_is_kept_back_with_it(hub: Hub) -> None:
    settled(hub)
    hub.submit(incident())
    hub.submit(moved())
    words = child_words("We live at Larch House now and I like it", code="settled")
    event = a_concern().from_health().with_entries(words)
    hub.submit(event)
    assert "Larch House" not in hub.body(event, "csc-north-team").model_dump_json()
    assert "settled" in told(hub.body(event, "csc-north-team"))
    assert "We live at Larch House now and I like it" in told(hub.body(event, "mash-core"))


def test_a_lapsed_agreement_parks_a_green_event_and_asks_about_a_red_one(hub: Hub) -> None:
    settled(hub)
    green = an_attendance_at_otherby().graded(Grade.GREEN)
    hub.submit(green)
    assert set(hub.effects(green).values()) == {"withhold"}
    red = an_attendance_at_otherby().as_record("red").graded(Grade.RED)
    hub.submit(red)
    assert hub.effects(red)["mash-core"] == "ask"


def test_a_worker_named_in_an_event_is_told_to_all_who_may_know_professionals(hub: Hub) -> None:
    settled(hub)
    event = a_section_47().with_people(ASHA_BELL)
    hub.submit(event)
    assert "Bell" in told(hub.body(event, "school-ashdown"))


def test_list_places_show_no_gap(hub: Hub) -> None:
    settled(hub)
    event = incident()
    hub.submit(event)
    for body in hub.bodies(event).values():
        for field in ("people", "entries"):
            places = {int(v.path.split(".")[1]) for v in body.values if v.path.startswith(f"{field}.")}
            assert places == set(range(len(places)))


def test_small_things_add_up_to_one_question_for_a_person(hub: Hub) -> None:
    settled(hub)
    concerns = [a_concern().from_school().as_record(f"g{n}").graded(Grade.GREEN) for n in range(4)]
    for concern in concerns[:2]:
        hub.submit(concern)
    codes = [q.code for t in hub.journal.tasks() for q in t.questions]
    assert "pattern.three_greens" not in codes
    for concern in concerns[2:]:
        hub.submit(concern)
    codes = [q.code for t in hub.journal.tasks() for q in t.questions]
    assert codes.count("pattern.three_greens") == 1
