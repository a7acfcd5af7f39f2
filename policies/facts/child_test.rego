package mash.facts_test

import data.mash.facts
import data.mash.testing

_triggers(more) := found if {
	found := facts.triggers with input as testing.but(more) with data.catalogue as testing.catalogue
}

test_reception_to_the_eighteenth_birthday_is_school_age if {
	every age in [5, 17] {
		"school_age" in _triggers({"child": {"age": age}})
	}
	every age in [-1, 3, 4, 18] {
		not "school_age" in _triggers({"child": {"age": age}})
	}
}

test_at_four_a_child_is_of_school_age_where_it_is_at_school if {
	"school_age" in _triggers({"child": {"age": 4}, "candidates": [{"kind": "school"}]})
	"school_age" in _triggers({"child": {"age": 4, "home_educated": {"value": true}}})
	not "school_age" in _triggers({"child": {"age": 4}, "candidates": [{"kind": "nursery"}]})
	not "school_age" in _triggers({"child": {"age": 3}, "candidates": [{"kind": "school"}]})
}

test_a_child_of_unknown_age_on_a_roll_is_of_school_age if {
	"school_age" in _triggers({"child": {"age": -1}, "candidate": {"relation": "school"}})
	not "school_age" in _triggers({"child": {"age": -1, "is_unborn": true}, "candidate": {"relation": "school"}})
}

test_domestic_abuse_is_known_from_the_kind_of_event_or_its_marker if {
	"domestic_abuse" in _triggers({"event": {"type": "uk.mash.police.domestic_incident.notified.v1"}})
	"domestic_abuse" in _triggers({"event": {"restrictions": ["domestic_abuse"]}})
	not "domestic_abuse" in _triggers({})
}

test_a_parts_confidence_follows_its_category_or_its_sender if {
	facts.has_confidential with input as testing.but({"sender": {"kind": "health"}}) with data.law as testing.law
	not facts.has_confidential with input as testing.question with data.law as testing.law
	not facts.has_confidential with input as testing.but({"sender": {"kind": "health"}, "candidate": {"kind": "analyst"}}) with data.law as testing.law
}

test_mutilation_that_is_known_opens_a_duty_and_a_fear_does_not if {
	every age in [-1, 0, 17] {
		"fgm_known" in _triggers({"event": {"fgm_known": true}, "child": {"age": age}})
	}
	not "fgm_known" in _triggers({"event": {"fgm_known": true}, "child": {"age": 18}})
	not "fgm_known" in _triggers({"event": {"crime_indicator": true}})
}

test_a_sexual_offence_that_was_told_of_opens_a_duty_and_a_sign_does_not if {
	every age in [-1, 0, 17] {
		"sexual_offence_told" in _triggers({"event": {"sexual_offence_told": true}, "child": {"age": age}})
	}
	not "sexual_offence_told" in _triggers({"event": {"sexual_offence_told": true}, "child": {"age": 18}})
	not "sexual_offence_told" in _triggers({"event": {"crime_indicator": true}})
}

test_an_absence_is_a_duty_once_it_lasted if {
	absent := {"type": "uk.mash.school.absence.returned.v1"}
	"absence_return" in _triggers({"event": absent})
	not "absence_return" in _triggers({"event": object.union(absent, {"return_due": false})})
	not "absence_return" in _triggers({})
}

test_whoever_is_asked_about_a_child_who_has_died_must_answer if {
	"child_death" in _triggers({"operation": "answer", "child": {"has_died": true}})
	not "child_death" in _triggers({"operation": "answer"})
	not "child_death" in _triggers({"child": {"has_died": true}})
}

test_what_is_only_offence_data_needs_a_condition_too if {
	law := object.union(testing.law, {"offence": {"crime.conviction": true}})
	about := testing.but({"event": {"categories": [{"category": "crime.conviction", "about": "adult"}]}})
	facts.needs_condition with input as about with data.law as law
	not facts.needs_condition with input as about with data.law as object.union(law, {"offence": {"crime.conviction": false}})
}

test_red_and_amber_are_urgent_and_the_others_are_not if {
	every grade in ["red", "amber"] {
		facts.is_urgent with input as testing.but({"event": {"grade": {"value": grade}}})
	}
	every grade in ["green", "blue"] {
		not facts.is_urgent with input as testing.but({"event": {"grade": {"value": grade}}})
	}
}

_safeguarding := {"safeguarding", "child_protection_enquiry", "encompass_notification", "child_death_review"}

test_safeguarding_is_four_purposes_and_no_other if {
	every purpose in _safeguarding {
		facts.is_safeguarding with input as testing.but({"candidate": {"purpose": purpose}})
	}
	every purpose in testing.purposes - _safeguarding {
		not facts.is_safeguarding with input as testing.but({"candidate": {"purpose": purpose}})
	}
}

test_a_return_of_absence_and_a_death_open_their_own_duties if {
	"absence_return" in _triggers({"event": {"type": "uk.mash.school.absence.returned.v1"}})
	"child_death" in _triggers({"event": {"type": "uk.mash.health.death.notified.v1"}})
	"child_death" in _triggers({"event": {"type": "uk.mash.health.death.retracted.v1"}})
	count(_triggers({}) & {"absence_return", "child_death"}) == 0
}
